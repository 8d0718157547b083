/* SPDX-License-Identifier: Apache-2.0 */
/* jinja_grammar: what may follow what. */
#include "format/jinja_grammar.h"

#include <string.h>

static bool
is_keyword(const struct jinja_lex *l)
{
	static const char *const words[] = { "and", "else", "if", "in", "is",
		"not", "or" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (jinja_lex_is(l, words[i]))
			return true;
	return false;
}

/* An operand begins: a name, number, text, or a brace. */
static void
operand_begin(struct jinja_grammar *g, bool string)
{
	if (g->operand && !g->test && !g->follows && !(string && g->string))
		g->broken = true;
	g->operand = true;
	g->string = string;
	g->follows = g->test = false;
}

static void
name(struct jinja_grammar *g, const struct jinja_lex *l)
{
	bool test = g->is;

	if (!g->follows && is_keyword(l)) {
		/* "is not defined": the name of the test still comes */
		g->is =
		    jinja_lex_is(l, "is") || (g->is && jinja_lex_is(l, "not"));
		/* "is in": a test of that name */
		g->test = test && !g->is;
		g->operand = g->string = false;
		return;
	}
	operand_begin(g, false);
	g->is = false;
	g->test = test;
}

static void
sign(struct jinja_grammar *g, const struct jinja_lex *l)
{
	char c = l->size == 1 ? l->text[0] : '\0';

	if (c == '{')
		operand_begin(g, false);
	g->operand = c != '\0' && strchr(")]}", c) != NULL;
	g->follows = c == '.' || c == '|';
	g->string = g->is = g->test = false;
}

void
jinja_grammar_token(struct jinja_grammar *g, const struct jinja_lex *l)
{
	bool broken = g->broken;

	switch (l->kind) {
	case JINJA_OPEN:
	case JINJA_BLOCK:
		*g =
		    (struct jinja_grammar){ .expression = l->kind == JINJA_OPEN,
			    .broken = broken };
		break;
	case JINJA_NAME:
		if (g->expression)
			name(g, l);
		break;
	case JINJA_STRING:
	case JINJA_NUMBER:
		if (g->expression)
			operand_begin(g, l->kind == JINJA_STRING);
		break;
	case JINJA_SIGN:
		if (jinja_lex_is(l, ";"))
			g->broken = true;
		if (g->expression)
			sign(g, l);
		break;
	case JINJA_DATA:
	case JINJA_CLOSE:
	case JINJA_FINISH:
	case JINJA_END:
		break;
	}
}
