/* SPDX-License-Identifier: Apache-2.0 */
/* argument: numbers and strings in text. */
#include "pickle/argument.h"

#include <string.h>

#include "byte/cursor.h"

enum { UTF8_MAX = 4 };

static bool
space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static unsigned
digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - (unsigned)'0';
	c |= 0x20;
	return c >= 'a' && c <= 'z' ? c - (unsigned)'a' + 10 : 99;
}

/* Everything behind a NUL is unseen by C. */
static size_t
c_length(const uint8_t *s, size_t n)
{
	const uint8_t *nul = n == 0 ? NULL : memchr(s, 0, n);

	return nul == NULL ? n : (size_t)(nul - s);
}

/* The prefix 0x, 0o, 0b; a lone 0 before digits is octal to strtol and
 * nothing to int(). */
static unsigned
base_of(const uint8_t *s, size_t n)
{
	if (n < 2 || s[0] != '0')
		return 10;
	switch (s[1] | 0x20) {
	case 'x':
		return 16;
	case 'o':
		return 8;
	case 'b':
		return 2;
	default:
		return 0;
	}
}

/* Digits of a base, with single underscores between them. */
static bool
digits(const uint8_t *s, size_t n, unsigned base, struct number *out)
{
	bool score = true; /* an underscore may not come first */
	uint64_t value = 0;

	if (n == 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '_' && !score) {
			score = out->odd = true;
			continue;
		}
		if (digit(s[i]) >= base)
			return false;
		score = false;
		if (value > ((uint64_t)INT64_MAX - base) / base)
			out->big = true;
		else
			value = value * base + digit(s[i]);
	}
	if (score)
		return false;
	out->value = (int64_t)value;
	return true;
}

/* What int(s, 0), int(s) or strtol(s, 0) takes. */
static bool
number_read(const uint8_t *s, size_t n, bool bases, struct number *out)
{
	size_t whole = n;
	unsigned base = 10;
	bool minus = false;

	n = c_length(s, n);
	out->odd = n != whole;
	out->big = false;
	while (n > 0 && space(*s)) {
		s++;
		n--;
		out->odd = true;
	}
	while (n > 0 && space(s[n - 1])) {
		n--;
		out->odd = true;
	}
	if (n > 0 && (*s == '-' || *s == '+')) {
		minus = *s == '-';
		out->odd = out->odd || !minus;
		s++;
		n--;
	}
	if (bases)
		base = base_of(s, n);
	if (base != 10 && base != 0) {
		s += 2;
		n -= 2;
		/* int("0x_1", 0) is 1. */
		if (n > 0 && *s == '_') {
			s++;
			n--;
		}
		out->odd = true;
	}
	if (base == 0) {
		out->odd = true;
		/* Octal to C; decimal to Python 2, if it is no octal. */
		if (!digits(s, n, 8, out) && !digits(s, n, 10, out))
			return false;
	} else if (!digits(s, n, base, out)) {
		return false;
	}
	if (minus)
		out->value = -out->value;
	return true;
}

bool
argument_int(const uint8_t *s, size_t n, struct number *out)
{
	if (n == 2 && s[0] == '0' && (s[1] == '0' || s[1] == '1')) {
		*out = (struct number){ .value = s[1] - '0' };
		return true; /* False and True */
	}
	/* strtol makes 0 of nothing at all, if a NUL ends it. */
	if (n > 0 && s[0] == 0) {
		*out = (struct number){ .odd = true };
		return true;
	}
	if (n > 0 && s[n - 1] == 'L')
		n--; /* Python 2 wrote long integers so too */
	return number_read(s, n, true, out);
}

bool
argument_long(const uint8_t *s, size_t n, struct number *out)
{
	if (n > 0 && s[n - 1] == 'L')
		n--;
	return number_read(s, n, true, out);
}

bool
argument_key(const uint8_t *s, size_t n, struct number *out)
{
	if (!number_read(s, n, false, out))
		return false;
	if (n > 1 && s[0] == '0')
		out->odd = true;
	return true;
}

static bool
word(const uint8_t *s, size_t n, const char *text)
{
	if (n != strlen(text))
		return false;
	for (size_t i = 0; i < n; i++)
		if ((s[i] | 0x20) != (uint8_t)text[i])
			return false;
	return true;
}

bool
argument_float(const uint8_t *s, size_t n, bool *odd)
{
	size_t whole = n, figures = 0;

	n = c_length(s, n);
	*odd = n != whole;
	for (; n > 0 && space(*s); s++, n--)
		*odd = true;
	for (; n > 0 && space(s[n - 1]); n--)
		*odd = true;
	if (n > 0 && (*s == '-' || *s == '+')) {
		s++;
		n--;
	}
	if (word(s, n, "nan") || word(s, n, "inf") || word(s, n, "infinity"))
		return true;
	for (size_t i = 0; i < n; i++) {
		if (s[i] >= '0' && s[i] <= '9')
			figures++;
		else if (s[i] == '_')
			*odd = true;
		else if (strchr(".eE+-", s[i]) == NULL || s[i] == 0)
			return false;
	}
	return figures > 0;
}

bool
argument_quoted(
    const uint8_t *s, size_t n, const uint8_t **inside, size_t *inside_size)
{
	/* The C unpickler of Python 2 trims what follows the quote. */
	while (n > 0 && s[n - 1] <= ' ')
		n--;
	if (n < 2 || s[0] != s[n - 1] || (s[0] != '\'' && s[0] != '"'))
		return false;
	*inside = s + 1;
	*inside_size = n - 2;
	return true;
}

/* One character as UTF-8, surrogates included. */
static enum err
put_utf8(struct buf *out, uint32_t c)
{
	uint8_t b[UTF8_MAX];
	size_t n = 0;

	if (c < 0x80) {
		b[n++] = (uint8_t)c;
	} else if (c < 0x800) {
		b[n++] = (uint8_t)(0xc0 | c >> 6);
	} else if (c < 0x10000) {
		b[n++] = (uint8_t)(0xe0 | c >> 12);
		b[n++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	} else {
		b[n++] = (uint8_t)(0xf0 | c >> 18);
		b[n++] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
		b[n++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	}
	if (c >= 0x80)
		b[n++] = (uint8_t)(0x80 | (c & 0x3f));
	return buf_add(out, b, n);
}

static enum err
put_byte(struct buf *out, uint8_t c, bool raw)
{
	return raw ? buf_add(out, &c, 1) : put_utf8(out, c);
}

enum err
argument_latin1(struct buf *out, const uint8_t *s, size_t n)
{
	enum err e = ERR_OK;

	for (size_t i = 0; e == ERR_OK && i < n; i++)
		e = put_utf8(out, s[i]);
	return e;
}

/* count hexadecimal digits at the cursor. */
static bool
hex(struct cursor *c, size_t count, uint32_t *out)
{
	const uint8_t *s = cursor_take(c, count);

	*out = 0;
	for (size_t i = 0; s != NULL && i < count; i++) {
		if (digit(s[i]) >= 16)
			return false;
		*out = *out << 4 | digit(s[i]);
	}
	return s != NULL;
}

/* What a backslash and the byte c stand for; false: itself and the byte. */
static bool
unescape_one(struct cursor *in, uint8_t c, uint32_t *out)
{
	static const char from[] = "\\'\"abfnrtv", to[] = "\\'\"\a\b\f\n\r\t\v";
	const char *hit = c == 0 ? NULL : strchr(from, c);

	if (hit != NULL) {
		*out = (uint8_t)to[hit - from];
		return true;
	}
	if (c < '0' || c > '7')
		return false;
	*out = c - (uint32_t)'0';
	for (size_t i = 0;
	     i < 2 && cursor_left(in) > 0 && *in->at >= '0' && *in->at <= '7';
	     i++)
		*out = *out << 3 | (cursor_u8(in) - (uint32_t)'0');
	*out &= 0xff;
	return true;
}

enum err
argument_unescape(struct buf *out, const uint8_t *s, size_t n, bool raw)
{
	struct cursor in = cursor_over(s, n);
	enum err e = ERR_OK;

	while (e == ERR_OK && cursor_left(&in) > 0) {
		uint8_t c = cursor_u8(&in);
		uint32_t code = c;

		if (c != '\\') {
			e = put_byte(out, c, raw);
			continue;
		}
		if (cursor_left(&in) == 0)
			return ERR_MALFORMED;
		c = cursor_u8(&in);
		if (c == 'x') {
			if (!hex(&in, 2, &code))
				return ERR_MALFORMED;
		} else if (!unescape_one(&in, c, &code)) {
			e = buf_add(out, "\\", 1);
			code = c;
		}
		if (e == ERR_OK)
			e = put_byte(out, (uint8_t)code, raw);
	}
	return e;
}

/* The characters from a run of backslashes on: an odd run before u or U starts
 * an escape, whose backslash is the last of the run. */
static enum err
unicode_run(struct buf *out, struct cursor *in)
{
	size_t run = 1;
	uint32_t code;
	bool escape, wide;
	enum err e = ERR_OK;

	for (; cursor_left(in) > 0 && *in->at == '\\'; run++)
		(void)cursor_u8(in);
	wide = cursor_left(in) > 0 && *in->at == 'U';
	escape =
	    run % 2 == 1 && (wide || (cursor_left(in) > 0 && *in->at == 'u'));
	for (size_t i = escape ? 1 : 0; e == ERR_OK && i < run; i++)
		e = buf_add(out, "\\", 1);
	if (e != ERR_OK || !escape)
		return e;
	(void)cursor_u8(in);
	if (!hex(in, wide ? 8 : 4, &code) || code > 0x10ffff)
		return ERR_MALFORMED;
	return put_utf8(out, code);
}

enum err
argument_unicode(struct buf *out, const uint8_t *s, size_t n)
{
	struct cursor in = cursor_over(s, n);
	enum err e = ERR_OK;

	while (e == ERR_OK && cursor_left(&in) > 0) {
		uint8_t c = cursor_u8(&in);

		e = c == '\\' ? unicode_run(out, &in) : put_utf8(out, c);
	}
	return e;
}
