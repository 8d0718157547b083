/* SPDX-License-Identifier: Apache-2.0 */
/* text: escapes for terminals and JSON. */
#include "base/text.h"

#include <stdint.h>
#include <string.h>

enum {
	POINT_MAX = 0x10ffff,
	SURROGATE_FIRST = 0xd800,
	SURROGATE_LAST = 0xdfff,
};

/* Length by lead byte and the smallest point that needs that many bytes. */
static size_t
utf8_lead(uint8_t b, unsigned *bits, unsigned *least)
{
	if (b < 0x80)
		return *bits = b, *least = 0, 1;
	if (b >= 0xc2 && b <= 0xdf)
		return *bits = b & 0x1fu, *least = 0x80, 2;
	if (b >= 0xe0 && b <= 0xef)
		return *bits = b & 0x0fu, *least = 0x800, 3;
	if (b >= 0xf0 && b <= 0xf4)
		return *bits = b & 0x07u, *least = 0x10000, 4;
	return 0;
}

size_t
text_utf8(const char *s, size_t n, unsigned *point)
{
	unsigned bits = 0, least = 0;
	size_t len = n == 0 ? 0 : utf8_lead((uint8_t)s[0], &bits, &least);

	if (len == 0 || len > n)
		return 0;
	for (size_t i = 1; i < len; i++) {
		uint8_t b = (uint8_t)s[i];

		if ((b & 0xc0) != 0x80)
			return 0;
		bits = bits << 6 | (b & 0x3fu);
	}
	if (bits < least || bits > POINT_MAX ||
	    (bits >= SURROGATE_FIRST && bits <= SURROGATE_LAST))
		return 0;
	*point = bits;
	return len;
}

/* Characters that act on a terminal or reorder the text around them. */
static bool
point_acts(unsigned p)
{
	return p < 0x20 || (p >= 0x7f && p <= 0x9f) || p == 0x061c ||
	    (p >= 0x200b && p <= 0x200f) || (p >= 0x2028 && p <= 0x202e) ||
	    (p >= 0x2060 && p <= 0x206f) || p == 0xfeff ||
	    (p >= 0xe0000 && p <= 0xe007f);
}

static enum err
escape(struct buf *out, const char *s, size_t n, const char *backslash)
{
	enum err e = ERR_OK;

	for (size_t at = 0; at < n && e == ERR_OK;) {
		unsigned p = 0;
		size_t len = text_utf8(s + at, n - at, &p);

		if (len == 0)
			e = buf_printf(out, "\\x%02x", (uint8_t)s[at]);
		else if (p == '\\')
			e = buf_puts(out, backslash);
		else if (point_acts(p) && p < 0x80)
			e = buf_printf(out, "\\x%02x", p);
		else if (point_acts(p))
			e = buf_printf(out, "\\u{%04x}", p);
		else
			e = buf_add(out, s + at, len);
		at += len == 0 ? 1 : len;
	}
	return e;
}

enum err
text_escape(struct buf *out, const char *s, size_t n)
{
	return escape(out, s, n, "\\\\");
}

enum err
text_escape_again(struct buf *out, const char *s, size_t n)
{
	return escape(out, s, n, "\\");
}

/* What a literal writes in two characters, or NULL. */
static const char *
literal_short(char c)
{
	switch (c) {
	case '\'':
		return "\\'";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	default:
		return NULL;
	}
}

enum err
text_quote(struct buf *out, const char *s, size_t n, bool raw)
{
	enum err e = buf_puts(out, "'");
	size_t from = 0;

	for (size_t at = 0; at < n && e == ERR_OK; at++) {
		const char *two = literal_short(s[at]);
		bool byte = raw && ((uint8_t)s[at] & 0x80) != 0;

		if (two == NULL && !byte)
			continue;
		e = text_escape(out, s + from, at - from);
		from = at + 1;
		if (e == ERR_OK && byte)
			e = buf_printf(out, "\\x%02x", (uint8_t)s[at]);
		else if (e == ERR_OK)
			e = buf_puts(out, two);
	}
	if (e == ERR_OK)
		e = text_escape(out, s + from, n - from);
	return e == ERR_OK ? buf_puts(out, "'") : e;
}

enum err
text_json(struct buf *out, const char *s, size_t n)
{
	enum err e = ERR_OK;

	for (size_t at = 0; at < n && e == ERR_OK;) {
		unsigned p = 0;
		size_t len = text_utf8(s + at, n - at, &p);

		if (len == 0)
			e = buf_printf(out, "\\udc%02x", (uint8_t)s[at]);
		else if (p == '"' || p == '\\')
			e = buf_printf(out, "\\%c", (char)p);
		else if (point_acts(p) && p > 0xffff)
			e = buf_printf(out, "\\u%04x\\u%04x",
			    SURROGATE_FIRST + ((p - 0x10000) >> 10),
			    0xdc00 + ((p - 0x10000) & 0x3ff));
		else if (point_acts(p))
			e = buf_printf(out, "\\u%04x", p);
		else
			e = buf_add(out, s + at, len);
		at += len == 0 ? 1 : len;
	}
	return e;
}

enum err
text_json_member(struct buf *out, const char *name, const char *text)
{
	enum err e;

	if ((e = buf_printf(out, ",\"%s\":\"", name)) != ERR_OK ||
	    (e = text_json(out, text, strlen(text))) != ERR_OK)
		return e;
	return buf_puts(out, "\"");
}

bool
text_identifier(const char *s, size_t n)
{
	if (n == 0 || (s[0] >= '0' && s[0] <= '9'))
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (!(c == '_' || (c >= 'a' && c <= 'z') ||
			(c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')))
			return false;
	}
	return true;
}

bool
text_is_in(const char *const *list, size_t count, const char *s, size_t n)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(list[i]) == n && memcmp(list[i], s, n) == 0)
			return true;
	return false;
}
