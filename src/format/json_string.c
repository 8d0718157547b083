/* SPDX-License-Identifier: Apache-2.0 */
/* json_string: escapes and surrogates, to UTF-8. */
#include <string.h>

#include "base/text.h"
#include "format/json_inside.h"

enum {
	HEX_DIGITS = 4,
	SURROGATE_HIGH = 0xd800,
	SURROGATE_LOW = 0xdc00,
	SURROGATE_END = 0xe000,
	UTF8_MAX = 4,
};

void
json_text_begin(struct json_pull *j)
{
	buf_clear(&j->text);
	j->cut = false;
}

enum err
json_text_add(struct json_pull *j, const void *data, size_t n)
{
	enum err e;

	if (j->cut || n > j->text.max - j->text.size) {
		j->cut = true;
		return ERR_OK;
	}
	e = buf_add(&j->text, data, n);
	return e;
}

/* A code point as UTF-8; halves of surrogates as such, which no UTF-8 has. */
static enum err
text_add_point(struct json_pull *j, unsigned point)
{
	uint8_t b[UTF8_MAX];
	size_t n;

	if (point < 0x80) {
		b[0] = (uint8_t)point;
		n = 1;
	} else if (point < 0x800) {
		b[0] = (uint8_t)(0xc0 | point >> 6);
		n = 2;
	} else if (point < 0x10000) {
		b[0] = (uint8_t)(0xe0 | point >> 12);
		n = 3;
	} else {
		b[0] = (uint8_t)(0xf0 | point >> 18);
		n = 4;
	}
	for (size_t i = 1; i < n; i++)
		b[i] = (uint8_t)(0x80 | (point >> 6 * (n - 1 - i) & 0x3f));
	return json_text_add(j, b, n);
}

static int
hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum err
json_hex(struct json_pull *j, unsigned *out)
{
	unsigned value = 0;
	uint8_t c;
	enum err e;

	for (int i = 0; i < HEX_DIGITS; i++) {
		if ((e = json_byte(j, &c)) != ERR_OK)
			return e;
		if (hex_value(c) < 0)
			return ERR_MALFORMED;
		value = value << 4 | (unsigned)hex_value(c);
	}
	*out = value;
	return ERR_OK;
}

/* The escapes of one letter. */
static enum err
json_escape(struct json_pull *j, uint8_t c)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char means[] = "\"\\/\b\f\n\r\t";
	const char *found = c == '\0' ? NULL : strchr(letters, c);

	if (found == NULL)
		return ERR_MALFORMED;
	return json_text_add(j, means + (found - letters), 1);
}

static bool
is_low(unsigned unit)
{
	return unit >= SURROGATE_LOW && unit < SURROGATE_END;
}

/* Behind \u.  A high half waits for "\u" and a low one; what comes instead is
 * read for itself, as CPython does. */
static enum err
json_unicode(struct json_pull *j)
{
	unsigned unit, low;
	uint8_t c;
	int ahead;
	enum err e;

	if ((e = json_hex(j, &unit)) != ERR_OK)
		return e;
	while (unit >= SURROGATE_HIGH && unit < SURROGATE_LOW) {
		if ((e = json_peek(j, &ahead)) != ERR_OK)
			return e;
		if (ahead != '\\')
			break;
		j->at++;
		if ((e = json_byte(j, &c)) != ERR_OK)
			return e;
		if (c != 'u') {
			j->odd |= JSON_ODD_SURROGATE;
			if ((e = text_add_point(j, unit)) != ERR_OK)
				return e;
			return json_escape(j, c);
		}
		if ((e = json_hex(j, &low)) != ERR_OK)
			return e;
		if (is_low(low))
			return text_add_point(j,
			    0x10000 + ((unit - SURROGATE_HIGH) << 10) +
				(low - SURROGATE_LOW));
		j->odd |= JSON_ODD_SURROGATE;
		if ((e = text_add_point(j, unit)) != ERR_OK)
			return e;
		unit = low;
	}
	if (unit >= SURROGATE_HIGH && unit < SURROGATE_END)
		j->odd |= JSON_ODD_SURROGATE;
	return text_add_point(j, unit);
}

/* Bytes of the block that stand for themselves. */
static enum err
json_run(struct json_pull *j)
{
	size_t from = j->at;

	while (j->at < j->fill && j->block[j->at] != '"' &&
	    j->block[j->at] != '\\') {
		if (j->block[j->at] < ' ')
			j->odd |= JSON_ODD_CONTROL;
		j->at++;
	}
	return json_text_add(j, j->block + from, j->at - from);
}

/* A surrogate that came as an escape is odd already; as bytes it is no
 * UTF-8 either. */
static void
json_check_utf8(struct json_pull *j)
{
	const char *s = buf_text(&j->text);
	size_t left = j->text.size, n;
	unsigned point;

	while (left > 0) {
		n = (uint8_t)*s < 0x80 ? 1 : text_utf8(s, left, &point);
		if (n == 0 && (j->odd & JSON_ODD_SURROGATE) == 0 && !j->cut)
			j->odd |= JSON_ODD_UTF8;
		n += n == 0;
		s += n;
		left -= n;
	}
}

enum err
json_string(struct json_pull *j)
{
	uint8_t c;
	enum err e;

	json_text_begin(j);
	for (;;) {
		if ((e = json_byte(j, &c)) != ERR_OK)
			return e;
		if (c == '"')
			break;
		if (c != '\\') {
			j->at--;
			e = json_run(j);
		} else if ((e = json_byte(j, &c)) == ERR_OK) {
			e = c == 'u' ? json_unicode(j) : json_escape(j, c);
		}
		if (e != ERR_OK)
			return e;
	}
	json_check_utf8(j);
	return ERR_OK;
}
