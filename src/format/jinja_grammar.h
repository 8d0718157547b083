/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jinja_grammar: does a text with Jinja's delimiters follow Jinja's grammar?
 *
 * C++, Go, LaTeX and marks of editors have the same braces.  Jinja compiles a
 * template before it renders a word of it, so what breaks the grammar anywhere
 * runs nothing, whatever names stand in it.  Only two rules that no template
 * can break are held: in an expression an operand is never followed by another,
 * and a semicolon is a token that no rule uses.
 *
 * Reference: Jinja2 3.1, jinja2/parser.py, parse_expression() and below.
 */
#ifndef FORMAT_JINJA_GRAMMAR_H
#define FORMAT_JINJA_GRAMMAR_H

#include <stdbool.h>

#include "format/jinja_lex.h"

struct jinja_grammar {
	bool expression; /* between "{{" and "}}" */
	bool operand;    /* one has just ended */
	bool string;     /* and was a string: those may stand in a row */
	bool follows;    /* "." or "|" stand before */
	bool is;         /* a test's name comes next */
	bool test;       /* it has just come; an argument may follow it */
	bool broken;     /* set once and for all */
};

/* The present token of l comes next. */
void jinja_grammar_token(struct jinja_grammar *g, const struct jinja_lex *l);

#endif /* FORMAT_JINJA_GRAMMAR_H */
