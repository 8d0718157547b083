/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script: the beginnings of lines, no more: a parser of Python is not needed
 * to tell it from prose.
 *
 * Reference: docs.python.org/3/reference/grammar.html.
 */
#include "format/script.h"

#include <string.h>

/* Where the rest of the line must go on with. */
static const struct {
	const char *begin;
	const char *more; /* anywhere in the line; NULL: nothing */
} lines[] = {
	{ "import ", NULL },
	{ "from ", " import " },
	{ "def ", "(" },
	{ "class ", ":" },
	{ "exec(", NULL },
	{ "__import__", "(" },
	{ "#!", "python" },
};

static bool
is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* "import os, sys as s": names, and nothing that is a sentence. */
static bool
is_import(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && is_name(s[i]))
		i++;
	if (i == 0)
		return false;
	if (n - i > 4 && memcmp(s + i, " as ", 4) == 0)
		return true;
	return i == n || memchr(",;#\r", s[i], 4) != NULL;
}

static bool
line_is_python(const char *s, size_t n)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		size_t begin = strlen(lines[i].begin);
		const char *more = lines[i].more;

		if (n <= begin || memcmp(s, lines[i].begin, begin) != 0)
			continue;
		if (i == 0)
			return is_import(s + begin, n - begin);
		return more == NULL ||
		    memmem(s + begin, n - begin, more, strlen(more)) != NULL;
	}
	return false;
}

/* What honest modules call while they are imported, by the first names. */
static const char *const setups[] = { "gc.", "log.", "logger.", "logging.",
	"matplotlib.", "mx.", "np.", "numpy.", "pd.", "plt.", "random.",
	"sys.path.", "tf.", "torch.", "warnings.", "_logger.", "LOGGER.",
	"LOG." };

/* "name.name(" at the start of a line, and no word of the language. */
static bool
line_acts(const char *s, size_t n)
{
	static const char *const words[] = { "if", "elif", "while", "for",
		"with", "assert", "return", "print", "del", "raise", "except" };
	size_t i = 0;

	while (i < n && is_name(s[i]))
		i++;
	if (i == 0 || i == n || s[i] != '(')
		return false;
	for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++)
		if (strlen(words[w]) == i && memcmp(s, words[w], i) == 0)
			return false;
	for (size_t w = 0; w < sizeof(setups) / sizeof(setups[0]); w++)
		if (strlen(setups[w]) <= i + 1 &&
		    memcmp(s, setups[w], strlen(setups[w])) == 0)
			return false;
	return true;
}

/* A line changes whether what follows is the text of a docstring. */
static bool
line_quotes(const char *s, size_t n)
{
	bool odd = false;

	for (size_t i = 0; i + 2 < n; i++)
		if ((s[i] == '"' || s[i] == '\'') && s[i + 1] == s[i] &&
		    s[i + 2] == s[i]) {
			odd = !odd;
			i += 2;
		}
	return odd;
}

const char *
script_acts(const char *s, size_t n, size_t *size)
{
	const char *end = s + n;
	bool quoted = false;

	while (s < end) {
		const char *line = memchr(s, '\n', (size_t)(end - s));
		size_t length = (size_t)((line == NULL ? end : line) - s);

		if (!quoted && line_acts(s, length)) {
			*size = length;
			return s;
		}
		quoted ^= line_quotes(s, length);
		if (line == NULL)
			break;
		s = line + 1;
	}
	return NULL;
}

bool
script_is_python(const char *s, size_t n)
{
	const char *end = s + n;

	while (s < end) {
		const char *line = memchr(s, '\n', (size_t)(end - s));
		size_t size = (size_t)((line == NULL ? end : line) - s);

		if (line_is_python(s, size))
			return true;
		if (line == NULL)
			return false;
		s = line + 1;
	}
	return false;
}
