/* SPDX-License-Identifier: Apache-2.0 */
/* npy_header: tokens, and three keys. */
#include "format/npy_header.h"

#include <string.h>

#include "base/ckd.h"

enum {
	DEPTH_MAX = 16, /* a type of types: literal_eval() crashes later */
	NUMBER_MAX = 19 /* decimal digits that fit into 64 bits */
};

enum token {
	TOKEN_END,
	TOKEN_OPEN,  /* ( [ { */
	TOKEN_CLOSE, /* ) ] } */
	TOKEN_COMMA,
	TOKEN_COLON,
	TOKEN_STRING,
	TOKEN_NUMBER,
	TOKEN_WORD, /* True, False, None */
	TOKEN_ODD
};

enum key { KEY_NONE, KEY_DESCR, KEY_ORDER, KEY_SHAPE };

struct lexer {
	const char *at, *end;
	const char *text; /* of the last string, without its quotes */
	size_t size;
	bool escaped; /* a backslash in it */
	uint64_t number;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* A string in single or double quotes; three of them are odd. */
static enum token
lex_string(struct lexer *l)
{
	char quote = *l->at++;

	l->text = l->at;
	l->escaped = false;
	while (l->at < l->end && *l->at != quote && *l->at != '\n') {
		if (*l->at == '\\') {
			l->escaped = true;
			if (++l->at == l->end)
				return TOKEN_ODD;
		}
		l->at++;
	}
	if (l->at == l->end || *l->at != quote)
		return TOKEN_ODD;
	l->size = (size_t)(l->at++ - l->text);
	return TOKEN_STRING;
}

/* Decimal, perhaps with Python 2's L behind it. */
static enum token
lex_number(struct lexer *l)
{
	const char *start = l->at;

	l->number = 0;
	while (l->at < l->end && is_digit(*l->at)) {
		if (l->at - start >= NUMBER_MAX)
			return TOKEN_ODD;
		l->number = l->number * 10 + (uint64_t)(*l->at++ - '0');
	}
	if (l->at < l->end && *l->at == 'L')
		l->at++;
	return l->at < l->end && (is_letter(*l->at) || *l->at == '.')
	    ? TOKEN_ODD
	    : TOKEN_NUMBER;
}

static enum token
lex_word(struct lexer *l)
{
	static const char *const words[] = { "True", "False", "None" };
	const char *start = l->at;
	size_t n;

	while (l->at < l->end && (is_letter(*l->at) || is_digit(*l->at)))
		l->at++;
	n = (size_t)(l->at - start);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (n == strlen(words[i]) && memcmp(start, words[i], n) == 0)
			return TOKEN_WORD;
	return TOKEN_ODD; /* also the prefix of a string: b'', u'', r'' */
}

static enum token
lex(struct lexer *l)
{
	while (l->at < l->end && memchr(" \n", *l->at, 2) != NULL)
		l->at++;
	if (l->at == l->end)
		return TOKEN_END;
	switch (*l->at) {
	case '(':
	case '[':
	case '{':
		l->at++;
		return TOKEN_OPEN;
	case ')':
	case ']':
	case '}':
		l->at++;
		return TOKEN_CLOSE;
	case ',':
		l->at++;
		return TOKEN_COMMA;
	case ':':
		l->at++;
		return TOKEN_COLON;
	case '\'':
	case '"':
		return lex_string(l);
	default:
		break;
	}
	if (is_digit(*l->at))
		return lex_number(l);
	if (is_letter(*l->at))
		return lex_word(l);
	return TOKEN_ODD;
}

static bool
text_is(const struct lexer *l, const char *text)
{
	return l->size == strlen(text) && memcmp(l->text, text, l->size) == 0;
}

/* Could this string be a type that holds objects?  numpy knows "O", "|O8",
 * "object", "object0", "i4,O", ... */
static bool
type_has_object(const char *s, size_t n)
{
	return memchr(s, 'O', n) != NULL || memmem(s, n, "object", 6) != NULL;
}

/* The size of a type as numpy writes it: byte order, letter, number. */
static bool
type_size(const char *s, size_t n, uint64_t *size)
{
	static const char numbers[] = "biufcVSUmM";
	uint64_t value = 0;
	size_t i = 2;

	if (n < 3 || memchr("<>|=", s[0], 4) == NULL ||
	    memchr(numbers, s[1], sizeof(numbers) - 1) == NULL)
		return false;
	for (; i < n && is_digit(s[i]); i++)
		if (i > NUMBER_MAX || !ckd_mul(value, 10, &value) ||
		    !ckd_add(value, (uint64_t)(s[i] - '0'), &value))
			return false;
	if (i == 2 || (i < n && s[i] != '['))
		return false;
	if (s[1] == 'U' && !ckd_mul(value, 4, &value))
		return false;
	*size = value;
	return true;
}

struct parser {
	struct lexer lexer;
	struct npy_header header;
	unsigned depth;
	enum key key;  /* whose value this is */
	bool value;    /* behind the colon */
	unsigned keys; /* bit set */
	enum token last;
	bool simple; /* the type is one string */
};

static void
parse_key(struct parser *p)
{
	static const struct {
		const char *text;
		enum key key;
	} known[] = { { "descr", KEY_DESCR }, { "fortran_order", KEY_ORDER },
		{ "shape", KEY_SHAPE } };

	p->key = KEY_NONE;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (text_is(&p->lexer, known[i].text))
			p->key = known[i].key;
	if (p->key == KEY_NONE || p->lexer.escaped ||
	    (p->keys >> p->key & 1) != 0)
		p->header.odd = true;
	p->keys |= 1u << p->key;
}

/* A string in the value of descr: a type, or the name of a field. */
static void
parse_type(struct parser *p)
{
	if (p->lexer.escaped && p->depth == 1)
		p->header.odd = true;
	if (p->lexer.escaped || type_has_object(p->lexer.text, p->lexer.size))
		p->header.object = true;
	p->header.sure = p->depth == 1 && !p->lexer.escaped &&
	    type_has_object(p->lexer.text, p->lexer.size);
	p->simple = p->depth == 1 &&
	    type_size(p->lexer.text, p->lexer.size, &p->header.item_size);
}

static void
parse_string(struct parser *p)
{
	/* two strings side by side are one to Python */
	if (p->last == TOKEN_STRING)
		p->header.odd = true;
	if (p->depth == 1 && !p->value)
		parse_key(p);
	else if (p->key == KEY_DESCR)
		parse_type(p);
	else
		p->header.odd = true;
}

static void
parse_number(struct parser *p)
{
	struct npy_header *h = &p->header;

	if (p->key == KEY_SHAPE && p->value && p->depth == 2)
		h->odd =
		    !ckd_mul(h->items, p->lexer.number, &h->items) || h->odd;
	else if (p->key != KEY_DESCR || p->depth < 2)
		h->odd = true;
}

/* One token; false at the end of what can be read. */
static bool
parse_token(struct parser *p, enum token t)
{
	switch (t) {
	case TOKEN_OPEN:
		if (++p->depth > DEPTH_MAX)
			return false;
		break;
	case TOKEN_CLOSE:
		if (p->depth == 0)
			return false;
		p->depth--;
		break;
	case TOKEN_COMMA:
		if (p->depth == 1)
			p->value = false;
		break;
	case TOKEN_COLON:
		if (p->depth != 1 || p->value)
			return false;
		p->value = true;
		break;
	case TOKEN_STRING:
		parse_string(p);
		break;
	case TOKEN_NUMBER:
		parse_number(p);
		break;
	case TOKEN_WORD:
		break;
	case TOKEN_END:
	case TOKEN_ODD:
		return false;
	}
	p->last = t;
	return true;
}

struct npy_header
npy_header_parse(const char *text, size_t n)
{
	const unsigned all =
	    1u << KEY_DESCR | 1u << KEY_ORDER | 1u << KEY_SHAPE;
	struct parser p = { .lexer = { .at = text, .end = text + n },
		.header = { .items = 1 },
		.last = TOKEN_COMMA };
	enum token t;

	do
		t = lex(&p.lexer);
	while (parse_token(&p, t));
	if (t != TOKEN_END || p.depth != 0 || p.keys != all)
		p.header.odd = true;
	p.header.sized = p.simple && !p.header.odd;
	p.header.sure = p.header.sure && !p.header.odd;
	p.header.object = p.header.object || p.header.odd;
	return p.header;
}
