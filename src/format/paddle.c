/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paddle: programs of PaddlePaddle (.pdmodel), a protocol buffer.
 *
 *	ProgramDesc: 1 blocks { 1 index, 2 parent, 3 variables, 4 operators },
 *		3 versions of operators, 4 version
 *	OpDesc: 1 inputs, 2 outputs, 3 type, 4 attributes
 *
 * It has no mark: what has blocks with both numbers and named operators is one.
 * Weights are pickles (.pdparams), and judged as such.
 *
 * Reference: paddle/fluid/framework/framework.proto.
 */
#include <string.h>

#include "format/formats.h"
#include "format/protobuf.h"

enum { PROGRAM, BLOCK, OPERATOR, OP_TYPE, INDEX, PARENT, OTHER };

static const struct protobuf_field program_fields[] = {
	{ 1, PROTOBUF_MESSAGE, BLOCK },
	{ 3, PROTOBUF_BYTES, OTHER }, /* op_compatible_map */
	{ 4, PROTOBUF_BYTES, OTHER }, /* version */
};
static const struct protobuf_field block_fields[] = {
	{ 1, PROTOBUF_NUMBER, INDEX },
	{ 2, PROTOBUF_NUMBER, PARENT },
	{ 4, PROTOBUF_MESSAGE, OPERATOR },
};
static const struct protobuf_field operator_fields[] = {
	{ 3, PROTOBUF_TEXT, OP_TYPE },
};
static const struct protobuf_message schema[] = {
	[PROGRAM] = { PROTOBUF_FIELDS(program_fields) },
	[BLOCK] = { PROTOBUF_FIELDS(block_fields) },
	[OPERATOR] = { PROTOBUF_FIELDS(operator_fields) },
};

struct paddle {
	struct visit *visit;
	bool index, parent; /* of a block */
	bool operators;     /* one with a name came */
};

/* Paddle writes the blocks first; readers take the fields in any order. */
static enum sniff
paddle_sniff(const struct source *s, struct cursor head)
{
	(void)s;
	return protobuf_begins(head, &schema[PROGRAM]) ? SNIFF_MAYBE : SNIFF_NO;
}

static void
operator_judge(struct paddle *p, const struct protobuf_value *value)
{
	static const char *const files[] = { "load", "save", "load_combine",
		"save_combine", "checkpoint_notify", "read_file" };
	struct visit *v = p->visit;

	p->operators = p->operators || value->text_size > 0;
	if (value->text_size == 7 && memcmp(value->text, "py_func", 7) == 0)
		visit_find(v, RULE_PADDLE_PYTHON, value->at, NULL);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (strlen(files[i]) == value->text_size &&
		    memcmp(files[i], value->text, value->text_size) == 0)
			visit_find(
			    v, RULE_PADDLE_FILES, value->at, "%s", files[i]);
}

static enum err
paddle_value(void *context, const struct protobuf_value *value)
{
	struct paddle *p = context;

	if (value->id == INDEX)
		p->index = true;
	else if (value->id == PARENT)
		p->parent = true;
	else if (value->id == OP_TYPE)
		operator_judge(p, value);
	return ERR_OK;
}

/* Every block has both numbers, and a program operators. */
static enum err
paddle_walk(struct visit *v, const struct source *s)
{
	struct paddle p = { .visit = v };
	const struct protobuf_events events = {
		.context = &p, .schema = schema, .value = paddle_value
	};
	enum err e = protobuf_read(s, PROGRAM, &events);

	if (p.index && p.parent && p.operators)
		visit_recognise(v, "paddle", true);
	return e;
}

const struct format format_paddle = {
	.name = "paddle",
	.title = "PaddlePaddle program",
	.extensions = ".pdmodel",
	.reference = "paddle/fluid/framework/framework.proto",
	.in_place = true,
	.sniff = paddle_sniff,
	.walk = paddle_walk,
};
