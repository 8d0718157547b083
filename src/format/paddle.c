/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paddle: programs of PaddlePaddle (.pdmodel), a protocol buffer.
 *
 *	ProgramDesc: 1 blocks { 1 index, 2 parent, 3 variables, 4 operators },
 *		4 version, 5 versions of operators
 *	OpDesc: 1 inputs, 2 outputs, 3 type, 4 attributes
 *
 * The first block has no parent (-1, ten bytes), which is as good as a mark.
 * Weights are pickles (.pdparams), and judged as such.
 *
 * Reference: paddle/fluid/framework/framework.proto.
 */
#include <string.h>

#include "format/formats.h"
#include "format/protobuf.h"

enum { PROGRAM, BLOCK, OPERATOR, OP_TYPE, OTHER };

static const struct protobuf_field program_fields[] = {
	{ 1, PROTOBUF_MESSAGE, BLOCK },
};
static const struct protobuf_field block_fields[] = {
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

static enum sniff
paddle_sniff(const struct source *s, struct cursor head)
{
	/* index 0, parent -1 */
	static const uint8_t front[] = { 0x08, 0x00, 0x10, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01 };
	const uint8_t *p;

	(void)s;
	if (cursor_u8(&head) != 0x0a) /* field 1 */
		return SNIFF_NO;
	while ((cursor_u8(&head) & 0x80) != 0)
		continue; /* the size of the block */
	p = cursor_take(&head, sizeof(front));
	return p != NULL && memcmp(p, front, sizeof(front)) == 0 ? SNIFF_YES
								 : SNIFF_NO;
}

static enum err
paddle_value(void *context, const struct protobuf_value *value)
{
	static const char *const files[] = { "load", "save", "load_combine",
		"save_combine", "checkpoint_notify", "read_file" };
	struct visit *v = context;

	if (value->id != OP_TYPE)
		return ERR_OK;
	if (value->text_size == 7 && memcmp(value->text, "py_func", 7) == 0)
		visit_find(v, RULE_PADDLE_PYTHON, value->at, NULL);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (strlen(files[i]) == value->text_size &&
		    memcmp(files[i], value->text, value->text_size) == 0)
			visit_find(
			    v, RULE_PADDLE_FILES, value->at, "%s", files[i]);
	return ERR_OK;
}

static enum err
paddle_walk(struct visit *v, const struct source *s)
{
	const struct protobuf_events events = {
		.context = v, .schema = schema, .value = paddle_value
	};

	visit_recognise(v, "paddle", true);
	return protobuf_read(s, PROGRAM, &events);
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
