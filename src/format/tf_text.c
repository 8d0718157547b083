/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tf_text: walk a TensorFlow graph in protobuf's text form.
 *
 * Reference: protobuf.dev/reference/protobuf/textformat-spec: names, "op" and a
 * colon before a string, strings in either quotes with C escapes, several in a
 * row being one, comments from "#".  Only operators are judged.
 */
#include <string.h>

#include "format/formats.h"
#include "format/tf_op.h"

enum {
	BLOCK = 16 * 1024,
	NAME_SIZE = 64, /* of a field or operator that is looked at */
	TEXT_MAX = 256 << 20,
};

enum state {
	STATE_OTHER,
	STATE_NAME,
	STATE_COMMENT,
	STATE_STRING,
	STATE_ESCAPE,
	STATE_DIGITS
};

struct tf_text {
	struct visit *v;
	uint64_t at;
	enum state state;
	char quote;
	bool op;         /* the last name was "op" */
	bool graph;      /* an operator was named */
	unsigned code;   /* of an escape */
	unsigned digits; /* of it, so far */
	unsigned base;
	char name[NAME_SIZE]; /* or the value of op */
	size_t size;
	char value[NAME_SIZE];
	size_t value_size;
};

static enum sniff
tf_text_sniff(const struct source *s, struct cursor head)
{
	static const char *const marks[] = { "node {", "node{", "meta_graphs {",
		"meta_graphs{", "saved_model_schema_version", "graph_def {" };
	size_t n = cursor_left(&head);
	const char *text = (const char *)cursor_take(&head, n);

	(void)s;
	if (n == 0 || memchr(text, '\0', n) != NULL)
		return SNIFF_NO;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (memmem(text, n, marks[i], strlen(marks[i])) != NULL)
			return SNIFF_MAYBE;
	return SNIFF_NO;
}

/* All strings behind "op:" have come. */
static void
op_end(struct tf_text *t)
{
	enum rule rule;

	if (t->op && t->value_size > 0) {
		t->graph = true;
		if (tf_op_rule(t->value, t->value_size, &rule))
			visit_find(t->v, rule, t->at, "%.*s",
			    (int)t->value_size, t->value);
	}
	t->value_size = 0;
	t->op = false;
}

static void
name_end(struct tf_text *t)
{
	op_end(t);
	t->op = t->size == 2 && memcmp(t->name, "op", 2) == 0;
	t->size = 0;
}

static void
value_add(struct tf_text *t, char c)
{
	if (t->op && t->value_size < NAME_SIZE)
		t->value[t->value_size++] = c;
}

static bool
is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	    (c >= '0' && c <= '9') || c == '.';
}

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

static void
take_other(struct tf_text *t, char c)
{
	if (c == '#') {
		t->state = STATE_COMMENT;
	} else if (c == '"' || c == '\'') {
		t->state = STATE_STRING;
		t->quote = c;
	} else if (is_name(c)) {
		t->state = STATE_NAME;
		t->name[0] = c;
		t->size = 1;
	} else if (c == '{' || c == '}' || c == '<' || c == '>' || c == ',' ||
	    c == ';') {
		op_end(t);
	}
}

static void
take_escape(struct tf_text *t, char c)
{
	t->state = STATE_STRING;
	if (c == 'x' || (c >= '0' && c <= '7')) {
		t->state = STATE_DIGITS;
		t->base = c == 'x' ? 16 : 8;
		t->digits = c == 'x' ? 0 : 1;
		t->code = c == 'x' ? 0 : (unsigned)(c - '0');
		return;
	}
	value_add(t, c);
}

static void
take_string(struct tf_text *t, char c)
{
	if (c == '\\')
		t->state = STATE_ESCAPE;
	else if (c == t->quote || c == '\n')
		t->state = STATE_OTHER;
	else
		value_add(t, c);
}

/* Digits of an escape: at most two of base 16, three of base 8. */
static void
take_digits(struct tf_text *t, char c)
{
	if (digit(c) < (int)t->base && t->digits < (t->base == 16 ? 2u : 3u)) {
		t->code = t->code * t->base + (unsigned)digit(c);
		t->digits++;
		return;
	}
	value_add(t, (char)(t->code & 0xff));
	t->state = STATE_STRING;
	take_string(t, c);
}

static void
take(struct tf_text *t, char c)
{
	switch (t->state) {
	case STATE_NAME:
		if (is_name(c)) {
			if (t->size < NAME_SIZE)
				t->name[t->size] = c;
			t->size += t->size < NAME_SIZE;
			return;
		}
		name_end(t);
		t->state = STATE_OTHER;
		take_other(t, c);
		return;
	case STATE_COMMENT:
		if (c == '\n')
			t->state = STATE_OTHER;
		return;
	case STATE_STRING:
		take_string(t, c);
		return;
	case STATE_ESCAPE:
		take_escape(t, c);
		return;
	case STATE_DIGITS:
		take_digits(t, c);
		return;
	case STATE_OTHER:
		take_other(t, c);
		return;
	}
}

static enum err
tf_text_walk(struct visit *v, const struct source *s)
{
	struct tf_text t = { .v = v };
	char block[BLOCK];
	size_t got = sizeof(block);
	enum err e;

	while (got == sizeof(block) && t.at < TEXT_MAX) {
		if ((e = budget_check(v->budget)) != ERR_OK ||
		    (e = source_read_some(
			 s, t.at, block, sizeof(block), &got)) != ERR_OK)
			return e;
		for (size_t i = 0; i < got; i++)
			take(&t, block[i]);
		t.at += got;
	}
	op_end(&t);
	if (t.graph)
		visit_recognise(v, "tf-text", true);
	return t.graph && t.at >= TEXT_MAX ? ERR_LIMIT : ERR_OK;
}

const struct format format_tf_text = {
	.name = "tf-text",
	.title = "TensorFlow graph as text",
	.extensions = ".pbtxt",
	.reference = "protobuf text format",
	.in_place = true,
	.sniff = tf_text_sniff,
	.walk = tf_text_walk,
};
