/* SPDX-License-Identifier: Apache-2.0 */
/* json_pull: a block, a token, a bit for each level. */
#include "format/json_pull.h"

#include <string.h>

#include "format/json_inside.h"

void
json_pull_begin(
    struct json_pull *j, const struct source *bytes, size_t text_max)
{
	*j = (struct json_pull){ .bytes = *bytes, .text = buf_new(text_max) };
}

void
json_pull_free(struct json_pull *j)
{
	if (j != NULL)
		buf_free(&j->text);
}

uint64_t
json_pull_at(const struct json_pull *j)
{
	return j->next - (j->fill - j->at);
}

static enum err
json_fill(struct json_pull *j)
{
	enum err e;

	if ((e = budget_check(j->bytes.budget)) != ERR_OK ||
	    (e = source_read_some(&j->bytes, j->next, j->block,
		 sizeof(j->block), &j->fill)) != ERR_OK) {
		j->fill = 0;
		j->at = 0;
		return e;
	}
	j->next += j->fill;
	j->at = 0;
	return ERR_OK;
}

enum err
json_peek(struct json_pull *j, int *out)
{
	enum err e;

	if (j->at == j->fill && (e = json_fill(j)) != ERR_OK)
		return e;
	*out = j->at < j->fill ? j->block[j->at] : JSON_NOTHING;
	return ERR_OK;
}

enum err
json_byte(struct json_pull *j, uint8_t *out)
{
	int c;
	enum err e;

	if ((e = json_peek(j, &c)) != ERR_OK)
		return e;
	if (c == JSON_NOTHING)
		return ERR_SHORT;
	j->at++;
	*out = (uint8_t)c;
	return ERR_OK;
}

static bool
is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The first byte that is no blank, not used; or JSON_NOTHING. */
static enum err
json_peek_token(struct json_pull *j, int *out)
{
	enum err e;

	while ((e = json_peek(j, out)) == ERR_OK && is_blank(*out))
		j->at++;
	return e;
}

/* Letters, digits and signs up to what can not be in a number or word. */
static enum err
json_word(struct json_pull *j)
{
	int c;
	enum err e;

	json_text_begin(j);
	for (;;) {
		uint8_t b;

		if ((e = json_peek(j, &c)) != ERR_OK)
			return e;
		if (c == JSON_NOTHING || is_blank(c) ||
		    strchr(",]}:\"[{", c) != NULL)
			return ERR_OK;
		b = (uint8_t)c;
		j->at++;
		if ((e = json_text_add(j, &b, 1)) != ERR_OK)
			return e;
	}
}

/* -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)? */
static bool
is_number(const char *s)
{
	const char *from;

	s += *s == '-';
	from = s;
	s += strspn(s, "0123456789");
	if (s == from || (*from == '0' && s - from > 1))
		return false;
	if (*s == '.') {
		from = ++s;
		s += strspn(s, "0123456789");
		if (s == from)
			return false;
	}
	if (*s == 'e' || *s == 'E') {
		s++;
		s += *s == '+' || *s == '-';
		from = s;
		s += strspn(s, "0123456789");
		if (s == from)
			return false;
	}
	return *s == '\0';
}

static enum err
json_scalar(struct json_pull *j, enum json_kind *out)
{
	enum err e;

	if ((e = json_word(j)) != ERR_OK)
		return e;
	if (memchr(buf_text(&j->text), '\0', j->text.size) != NULL)
		return ERR_MALFORMED;
	if (json_pull_is(j, "true")) {
		*out = JSON_TRUE;
	} else if (json_pull_is(j, "false")) {
		*out = JSON_FALSE;
	} else if (json_pull_is(j, "null")) {
		*out = JSON_NULL;
	} else if (json_pull_is(j, "NaN") || json_pull_is(j, "Infinity") ||
	    json_pull_is(j, "-Infinity")) {
		j->odd |= JSON_ODD_NONFINITE;
		*out = JSON_NUMBER;
	} else if (j->cut || is_number(buf_text(&j->text))) {
		*out = JSON_NUMBER;
	} else {
		return ERR_MALFORMED;
	}
	return ERR_OK;
}

static bool
in_object(const struct json_pull *j)
{
	unsigned level = j->depth - 1;

	return j->depth > 0 && (j->nest[level / 8] >> level % 8 & 1) != 0;
}

static enum err
json_open(struct json_pull *j, bool object)
{
	uint8_t bit = (uint8_t)(1u << j->depth % 8);

	if (j->depth == JSON_DEPTH_MAX)
		return ERR_LIMIT;
	if (object)
		j->nest[j->depth / 8] |= bit;
	else
		j->nest[j->depth / 8] &= (uint8_t)~bit;
	j->depth++;
	j->begun = false;
	return ERR_OK;
}

static void
json_close(struct json_pull *j)
{
	j->depth--;
	j->begun = true;
	j->ended = j->depth == 0;
}

/* A value, whose first byte is c, not used yet. */
static enum err
json_value(struct json_pull *j, int c, enum json_kind *out)
{
	bool object = c == '{';
	enum err e;

	j->in_pair = false;
	if (object || c == '[') {
		j->at++;
		if ((e = json_open(j, object)) == ERR_OK)
			*out = object ? JSON_OBJECT : JSON_ARRAY;
		return e;
	}
	if (c == '"') {
		j->at++;
		if ((e = json_string(j)) == ERR_OK)
			*out = JSON_STRING;
	} else {
		e = json_scalar(j, out);
	}
	j->begun = true;
	j->ended = j->depth == 0;
	return e;
}

/* A key and its colon. */
static enum err
json_key(struct json_pull *j, int c, enum json_kind *out)
{
	enum err e;

	if (c != '"')
		return ERR_MALFORMED;
	j->at++;
	if ((e = json_string(j)) != ERR_OK ||
	    (e = json_peek_token(j, &c)) != ERR_OK)
		return e;
	if (c != ':')
		return c == JSON_NOTHING ? ERR_SHORT : ERR_MALFORMED;
	j->at++;
	j->in_pair = true;
	*out = JSON_KEY;
	return ERR_OK;
}

/* Behind the outermost value there is nothing but blanks. */
static enum err
json_end(int c, enum json_kind *out)
{
	if (c != JSON_NOTHING)
		return ERR_MALFORMED;
	*out = JSON_END;
	return ERR_OK;
}

static enum err
json_skip_bom(struct json_pull *j)
{
	static const uint8_t bom[] = { 0xef, 0xbb, 0xbf };
	int c;
	enum err e;

	if (j->next != 0)
		return ERR_OK;
	if ((e = json_peek(j, &c)) != ERR_OK)
		return e;
	if (j->fill >= sizeof(bom) && memcmp(j->block, bom, sizeof(bom)) == 0) {
		j->odd |= JSON_ODD_BOM;
		j->at = sizeof(bom);
	}
	return ERR_OK;
}

enum err
json_pull_next(struct json_pull *j, enum json_kind *out)
{
	bool object = in_object(j);
	int c;
	enum err e;

	if ((e = json_skip_bom(j)) != ERR_OK ||
	    (e = json_peek_token(j, &c)) != ERR_OK)
		return e;
	if (j->ended)
		return json_end(c, out);
	if (!j->in_pair && j->depth > 0 && c == (object ? '}' : ']')) {
		j->token_at = json_pull_at(j);
		j->at++;
		json_close(j);
		*out = object ? JSON_OBJECT_END : JSON_ARRAY_END;
		return ERR_OK;
	}
	if (!j->in_pair && j->depth > 0 && j->begun) {
		if (c != ',')
			return c == JSON_NOTHING ? ERR_SHORT : ERR_MALFORMED;
		j->at++;
		if ((e = json_peek_token(j, &c)) != ERR_OK)
			return e;
	}
	j->token_at = json_pull_at(j);
	if (c == JSON_NOTHING)
		return ERR_SHORT;
	if (object && !j->in_pair)
		return json_key(j, c, out);
	return json_value(j, c, out);
}

enum err
json_pull_skip(struct json_pull *j, enum json_kind last)
{
	unsigned down_to;
	enum err e;

	if (last == JSON_KEY && ((e = json_pull_next(j, &last)) != ERR_OK))
		return e;
	if (last != JSON_OBJECT && last != JSON_ARRAY)
		return ERR_OK;
	down_to = j->depth - 1;
	while (j->depth > down_to)
		if ((e = json_pull_next(j, &last)) != ERR_OK)
			return e;
	return ERR_OK;
}

bool
json_pull_is(const struct json_pull *j, const char *text)
{
	return !j->cut && strlen(text) == j->text.size &&
	    memcmp(buf_text(&j->text), text, j->text.size) == 0;
}

bool
json_pull_u64(const struct json_pull *j, uint64_t *out)
{
	const char *s = buf_text(&j->text);
	uint64_t value = 0;

	if (j->cut || j->text.size == 0 ||
	    strspn(s, "0123456789") != j->text.size)
		return false;
	for (; *s != '\0'; s++)
		if (__builtin_mul_overflow(value, 10u, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*s - '0'), &value))
			return false;
	*out = value;
	return true;
}
