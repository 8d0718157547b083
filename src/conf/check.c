/* SPDX-License-Identifier: Apache-2.0 */
/* check: numbers and words. */
#include "conf/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What begins the description of texts that are paths. */
#define PATHS "an absolute path"

enum { DIGITS_MAX = 19 }; /* of a number that always fits */

static bool
number_of(const char *text, uint64_t *out)
{
	size_t n = strspn(text, "0123456789");

	if (n == 0 || n > DIGITS_MAX || text[n] != '\0')
		return false;
	*out = strtoull(text, NULL, 10);
	return true;
}

static bool
word_of(const char *choices, const char *text, uint64_t *out)
{
	uint64_t i = 0;

	for (const char *at = choices; *at != '\0'; i++) {
		size_t n = strcspn(at, "|");

		if (strlen(text) == n && memcmp(text, at, n) == 0) {
			*out = i;
			return true;
		}
		at += n + (at[n] == '|');
	}
	return false;
}

/* Paths, and names of users and groups: nothing that could not be one. */
static bool
text_is(const struct conf_option *o, const char *text)
{
	size_t n = strlen(text);

	if (n == 0 || n > o->max)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	return strncmp(o->choices, PATHS, sizeof(PATHS) - 1) != 0 ||
	    text[0] == '/';
}

bool
conf_check_value(const struct conf_option *o, const char *text, uint64_t *out)
{
	uint64_t n;

	if (o->kind == CONF_CHOICE)
		return word_of(o->choices, text, out);
	if (o->kind != CONF_NUMBER)
		return text_is(o, text);
	if (!number_of(text, &n) || n < o->min || n > o->max)
		return false;
	*out = n;
	return true;
}

void
conf_check_want(const struct conf_option *o, char *out, size_t n)
{
	size_t at = 0;

	if (o->kind == CONF_TEXT || o->kind == CONF_LIST) {
		(void)snprintf(out, n, "%s, of at most %llu bytes", o->choices,
		    (unsigned long long)o->max);
		return;
	}
	if (o->kind == CONF_NUMBER) {
		(void)snprintf(out, n, "a whole number of %s from %llu to %llu",
		    o->choices, (unsigned long long)o->min,
		    (unsigned long long)o->max);
		return;
	}
	for (const char *w = o->choices; *w != '\0' && at < n;) {
		size_t size = strcspn(w, "|");
		const char *before = w == o->choices ? ""
		    : w[size] == '\0'                ? " or "
						     : ", ";
		int wrote =
		    snprintf(out + at, n - at, "%s%.*s", before, (int)size, w);

		at += wrote < 0 ? 0 : (size_t)wrote;
		w += size + (w[size] == '|');
	}
}
