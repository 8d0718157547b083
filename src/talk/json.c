/* SPDX-License-Identifier: Apache-2.0 */
/* json: a reader with a stack of its own. */
#include "talk/json.h"

#include <string.h>

#include "base/text.h"

enum {
	DIGITS_MAX = 19, /* of a number that always fits */
	HEX = 16
};

struct reader {
	const char *text;
	size_t at, n;
	struct json_value *values;
	uint32_t count, room;
	uint32_t open[JSON_DEPTH]; /* lists and objects that are not closed */
	unsigned depth;
};

static void
skip_blanks(struct reader *r)
{
	while (r->at < r->n && strchr(" \t\r\n", r->text[r->at]) != NULL &&
	    r->text[r->at] != '\0')
		r->at++;
}

/* The next byte that is no blank; '\0' at the end. */
static char
peek(struct reader *r)
{
	skip_blanks(r);
	return r->at < r->n ? r->text[r->at] : '\0';
}

static bool
take(struct reader *r, char c)
{
	if (peek(r) != c || r->at == r->n)
		return false;
	r->at++;
	return true;
}

/* A new value of size bytes from at on. */
static enum err
put(struct reader *r, enum json_type type, size_t at, size_t size)
{
	if (r->count == r->room)
		return ERR_LIMIT;
	r->values[r->count] = (struct json_value){ .type = type,
		.at = (uint32_t)at,
		.size = (uint32_t)size,
		.after = r->count + 1 };
	r->count++;
	return ERR_OK;
}

static bool
is_hex(const char *s, size_t left)
{
	static const char digits[] = "0123456789abcdefABCDEF";

	if (left < 4)
		return false;
	for (size_t i = 0; i < 4; i++)
		if (s[i] == '\0' || strchr(digits, s[i]) == NULL)
			return false;
	return true;
}

/* What stands behind a backslash: its bytes, 0 if it is nothing. */
static size_t
escape_size(const char *s, size_t left)
{
	if (left == 0 || s[0] == '\0')
		return 0;
	if (strchr("\"\\/bfnrt", s[0]) != NULL)
		return 1;
	return s[0] == 'u' && is_hex(s + 1, left - 1) ? 5 : 0;
}

static enum err
read_string(struct reader *r)
{
	size_t from;

	if (!take(r, '"'))
		return ERR_MALFORMED;
	from = r->at;
	while (r->at < r->n && r->text[r->at] != '"') {
		const char *s = r->text + r->at;
		size_t left = r->n - r->at, step;
		unsigned point;

		if ((unsigned char)s[0] < ' ')
			return ERR_MALFORMED;
		if (s[0] == '\\')
			step = escape_size(s + 1, left - 1);
		else
			step = text_utf8(s, left, &point);
		if (step == 0)
			return ERR_MALFORMED;
		r->at += step + (s[0] == '\\');
	}
	if (r->at == r->n)
		return ERR_MALFORMED;
	r->at++;
	return put(r, JSON_STRING, from, r->at - 1 - from);
}

static size_t
digits(const struct reader *r)
{
	size_t n = 0;

	while (r->at + n < r->n && r->text[r->at + n] >= '0' &&
	    r->text[r->at + n] <= '9')
		n++;
	return n;
}

/* Is the next byte one of these?  Then it's taken. */
static bool
take_of(struct reader *r, const char *these)
{
	if (r->at == r->n || r->text[r->at] == '\0' ||
	    strchr(these, r->text[r->at]) == NULL)
		return false;
	r->at++;
	return true;
}

static enum err
read_number(struct reader *r)
{
	size_t from = r->at, n;

	(void)take_of(r, "-");
	n = digits(r);
	if (n == 0 || (n > 1 && r->text[r->at] == '0'))
		return ERR_MALFORMED;
	r->at += n;
	if (take_of(r, ".")) {
		if ((n = digits(r)) == 0)
			return ERR_MALFORMED;
		r->at += n;
	}
	if (take_of(r, "eE")) {
		(void)take_of(r, "+-");
		if ((n = digits(r)) == 0)
			return ERR_MALFORMED;
		r->at += n;
	}
	return put(r, JSON_NUMBER, from, r->at - from);
}

static enum err
read_word(struct reader *r)
{
	static const char *const words[] = { "null", "false", "true" };

	for (size_t i = 0; i < 3; i++) {
		size_t n = strlen(words[i]);

		if (r->n - r->at < n ||
		    memcmp(r->text + r->at, words[i], n) != 0)
			continue;
		r->at += n;
		return put(r, (enum json_type)i, r->at - n, n);
	}
	return ERR_MALFORMED;
}

static enum err
open_value(struct reader *r, enum json_type type)
{
	if (r->depth == JSON_DEPTH)
		return ERR_LIMIT;
	r->open[r->depth++] = r->count;
	r->at++;
	return put(r, type, r->at - 1, 0);
}

/* A value, or the beginning of one. */
static enum err
read_value(struct reader *r)
{
	char c = peek(r);

	if (c == '{')
		return open_value(r, JSON_OBJECT);
	if (c == '[')
		return open_value(r, JSON_LIST);
	if (c == '"')
		return read_string(r);
	if (c == '-' || (c >= '0' && c <= '9'))
		return read_number(r);
	return read_word(r);
}

/* The innermost list or object ends here, if it does. */
static bool
closes(struct reader *r)
{
	struct json_value *v = &r->values[r->open[r->depth - 1]];

	if (!take(r, v->type == JSON_OBJECT ? '}' : ']'))
		return false;
	v->size = (uint32_t)(r->at - v->at);
	v->after = r->count;
	r->depth--;
	return true;
}

/* One step inside of the innermost list or object. */
static enum err
step(struct reader *r)
{
	uint32_t in = r->open[r->depth - 1];
	enum err e;

	if (closes(r))
		return ERR_OK;
	if (r->count != in + 1 && !take(r, ','))
		return ERR_MALFORMED;
	if (r->values[in].type == JSON_OBJECT) {
		if ((e = read_string(r)) != ERR_OK)
			return e;
		if (!take(r, ':'))
			return ERR_MALFORMED;
	}
	return read_value(r);
}

enum err
json_read(const char *text, size_t n, struct json_value *values, uint32_t room,
    struct json *out)
{
	struct reader r = {
		.text = text, .n = n, .values = values, .room = room
	};
	enum err e;

	if (n > UINT32_MAX)
		return ERR_LIMIT;
	e = read_value(&r);
	while (e == ERR_OK && r.depth > 0)
		e = step(&r);
	if (e != ERR_OK)
		return e;
	skip_blanks(&r);
	if (r.at != n)
		return ERR_MALFORMED;
	*out = (struct json){ text, values, r.count };
	return ERR_OK;
}

const struct json_value *
json_first(const struct json *j, const struct json_value *list)
{
	if (list == NULL || list->type < JSON_LIST)
		return NULL;
	return json_next(j, list, list);
}

const struct json_value *
json_next(const struct json *j, const struct json_value *list,
    const struct json_value *v)
{
	uint32_t i = v == list ? (uint32_t)(list - j->values) + 1 : v->after;

	return i < list->after ? &j->values[i] : NULL;
}

const struct json_value *
json_member(const struct json *j, const struct json_value *of, const char *key)
{
	const struct json_value *k;
	size_t n = strlen(key);

	if (of == NULL || of->type != JSON_OBJECT)
		return NULL;
	for (k = json_first(j, of); k != NULL;) {
		const struct json_value *v = json_next(j, of, k);

		if (v == NULL)
			return NULL;
		if (k->size == n && memcmp(j->text + k->at, key, n) == 0)
			return v;
		k = json_next(j, of, v);
	}
	return NULL;
}

static unsigned
hex4(const char *s)
{
	unsigned v = 0;

	for (size_t i = 0; i < 4; i++) {
		char c = s[i];
		unsigned digit = c <= '9' ? (unsigned)(c - '0')
					  : (unsigned)((c | 0x20) - 'a') + 10;

		v = v * HEX + digit;
	}
	return v;
}

/* UTF-8 of a character. Returns its bytes. */
static size_t
utf8_put(unsigned p, char out[4])
{
	if (p < 0x80) {
		out[0] = (char)p;
		return 1;
	}
	if (p < 0x800) {
		out[0] = (char)(0xc0 | p >> 6);
		out[1] = (char)(0x80 | (p & 0x3f));
		return 2;
	}
	if (p < 0x10000) {
		out[0] = (char)(0xe0 | p >> 12);
		out[1] = (char)(0x80 | (p >> 6 & 0x3f));
		out[2] = (char)(0x80 | (p & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | p >> 18);
	out[1] = (char)(0x80 | (p >> 12 & 0x3f));
	out[2] = (char)(0x80 | (p >> 6 & 0x3f));
	out[3] = (char)(0x80 | (p & 0x3f));
	return 4;
}

/* \uXXXX, or two of them that are one character, or a byte in disguise.
 * Returns what was put into out, and moves s on; 0: it is no character. */
static size_t
unicode(const char **s, const char *end, char out[4])
{
	unsigned p = hex4(*s + 1), low;

	*s += 5;
	if (p >= 0xdc80 && p <= 0xdcff) {
		out[0] = (char)(p & 0xff);
		return 1;
	}
	if (p < 0xd800 || p > 0xdfff)
		return p == 0 ? 0 : utf8_put(p, out);
	if (p >= 0xdc00 || end - *s < 6 || (*s)[0] != '\\' || (*s)[1] != 'u')
		return 0;
	low = hex4(*s + 2);
	if (low < 0xdc00 || low > 0xdfff)
		return 0;
	*s += 6;
	return utf8_put(0x10000 + ((p & 0x3ff) << 10) + (low & 0x3ff), out);
}

/* One character of a string that was read before: well-formed. */
static size_t
character(const char **s, const char *end, char out[4])
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *at;

	if (**s != '\\') {
		out[0] = *(*s)++;
		return 1;
	}
	(*s)++;
	if (**s == 'u')
		return unicode(s, end, out);
	at = strchr(from, **s);
	out[0] = at == NULL ? **s : to[at - from];
	(*s)++;
	return 1;
}

enum err
json_string(
    const struct json *j, const struct json_value *v, char *out, size_t room)
{
	const char *end;
	size_t used = 0;

	if (v == NULL || v->type != JSON_STRING)
		return ERR_MALFORMED;
	end = j->text + v->at + v->size;
	/* The first pass looks whether it can be done. */
	for (int pass = 0; pass < 2; pass++) {
		used = 0;
		for (const char *s = j->text + v->at; s < end;) {
			char c[4];
			size_t n = character(&s, end, c);

			if (n == 0)
				return ERR_MALFORMED;
			if (n >= room - used)
				return ERR_LIMIT;
			if (pass == 1)
				memcpy(out + used, c, n);
			used += n;
		}
	}
	if (room == 0)
		return ERR_LIMIT;
	out[used] = '\0';
	return ERR_OK;
}

bool
json_number(const struct json *j, const struct json_value *v, uint64_t *out)
{
	uint64_t n = 0;

	if (v == NULL || v->type != JSON_NUMBER || v->size > DIGITS_MAX)
		return false;
	for (uint32_t i = 0; i < v->size; i++) {
		char c = j->text[v->at + i];

		if (c < '0' || c > '9')
			return false;
		n = n * 10 + (uint64_t)(c - '0');
	}
	*out = n;
	return true;
}
