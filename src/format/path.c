/* SPDX-License-Identifier: Apache-2.0 */
#include "format/path.h"

#include <string.h>

static bool
is_slash(char c)
{
	return c == '/' || c == '\\';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool
path_climbs(const char *s, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++)
		if (s[i] == '.' && s[i + 1] == '.' &&
		    (i == 0 || is_slash(s[i - 1])) &&
		    (i + 2 == n || is_slash(s[i + 2])))
			return true;
	return false;
}

bool
path_is_absolute(const char *s, size_t n)
{
	if (n > 0 && (is_slash(s[0]) || s[0] == '~'))
		return true;
	return n > 1 && is_letter(s[0]) && s[1] == ':';
}

bool
path_is_url(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && (is_letter(s[i]) || (i > 0 && s[i] == '+')))
		i++;
	if (i < 2 || i + 1 >= n || s[i] != ':')
		return false;
	return is_slash(s[i + 1]) ||
	    (i == strlen("file") && memcmp(s, "file", i) == 0) ||
	    (i == strlen("data") && memcmp(s, "data", i) == 0);
}

bool
path_has_control(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			return true;
	return false;
}

bool
path_is_hostile(const char *s, size_t n)
{
	return path_climbs(s, n) || path_has_control(s, n);
}
