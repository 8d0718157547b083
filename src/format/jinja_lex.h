/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jinja_lex: the tokens of a Jinja2 template in memory.
 *
 * Reference: Jinja2 3.1, jinja2/lexer.py with the default delimiters:
 * "{{", "{%", "{#", whitespace control by "-" and "+", raw blocks, strings with
 * Python's escapes, and closing delimiters that count only outside brackets.
 */
#ifndef FORMAT_JINJA_LEX_H
#define FORMAT_JINJA_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum jinja_kind {
	JINJA_DATA,   /* text that is put out as it is; raw blocks too */
	JINJA_OPEN,   /* "{{" */
	JINJA_CLOSE,  /* "}}" */
	JINJA_BLOCK,  /* "{%" */
	JINJA_FINISH, /* "%}" */
	JINJA_NAME,
	JINJA_STRING, /* string is its value, escapes decoded */
	JINJA_NUMBER,
	JINJA_SIGN, /* an operator; text is one character, or "==" and such */
	JINJA_END
};

enum {
	/* Brackets that may be open at once; more is no template. */
	JINJA_NEST = 256,
	/* Of a string literal; prompts of honest templates have some kB. */
	JINJA_STRING_MAX = 64 * 1024,
};

struct jinja_lex {
	const char *s;
	size_t n, at;
	enum { LEX_DATA, LEX_OPEN, LEX_BLOCK } in;
	char nest[JINJA_NEST]; /* the closing brackets that are due */
	unsigned depth;
	/* the present token */
	enum jinja_kind kind;
	const char *text; /* in s */
	size_t size, offset;
	struct buf string;
};

/* Start over n bytes at s, which outlive it. */
void jinja_lex_begin(struct jinja_lex *l, const char *s, size_t n);

/*
 * The next token; after JINJA_END again and again.
 * ERR_MALFORMED	no Jinja would compile this
 * ERR_LIMIT	a string or nesting is beyond the limits
 * ERR_NOMEM
 */
MUST_USE enum err jinja_lex_next(struct jinja_lex *l);

/* Is the present token this name or sign? */
bool jinja_lex_is(const struct jinja_lex *l, const char *text);

/* Release it. NULL is fine. */
void jinja_lex_free(struct jinja_lex *l);

#endif /* FORMAT_JINJA_LEX_H */
