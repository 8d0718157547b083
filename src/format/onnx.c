/* SPDX-License-Identifier: Apache-2.0 */
/*
 * onnx: walk an ONNX model's graphs, functions and tensors' descriptions.
 *
 * Reference: onnx/onnx.proto (field numbers below);
 * onnx/external_data_helper.py and onnxruntime's for external data: location is
 * a path beside the model, offset, length and checksum are numbers;
 * CVE-2022-25882, -2024-27318 (paths that climb), -2025-51480, -2026-34445
 * (keys that become attributes). Only fields that are paths are judged as
 * paths: ".." stands in quantised weights by chance.
 */
#include <string.h>

#include "format/extents.h"
#include "format/formats.h"
#include "format/onnx_op.h"
#include "format/path.h"
#include "format/protobuf.h"

enum message {
	MODEL,
	GRAPH,
	NODE,
	ATTRIBUTE,
	TENSOR,
	FILE_TENSOR, /* that is a file */
	SPARSE,
	ENTRY, /* a pair of strings: of external data */
	FUNCTION,
	TRAINING,
	PROPERTY, /* a pair of strings: of metadata */
};

enum value {
	VERSION,
	OP_TYPE,
	DOMAIN,
	ENTRY_KEY,
	ENTRY_VALUE,
	FUNCTION_DOMAIN,
	TYPE,
	DATA,
	NOTE, /* text for the rules to see */
	OTHER,
};

enum {
	DOMAINS_MAX = 64, /* of one model, that are told apart */
	DOMAIN_SIZE = 96,
	EVIDENCE = 96,
	KEY_SIZE = 16,
	/* A tensor that is a file. */
	DIMS_TAG = 0x08,
	TYPE_TAG = 0x10,
	TYPE_MAX = 64, /* there are 25 so far */
	TENSOR_MIN = 4,
};

static const struct protobuf_field model_fields[] = {
	{ 1, PROTOBUF_NUMBER, VERSION },
	{ 2, PROTOBUF_TEXT, NOTE }, /* producer_name */
	{ 3, PROTOBUF_TEXT, OTHER }, { 4, PROTOBUF_TEXT, OTHER }, /* domain */
	{ 5, PROTOBUF_NUMBER, OTHER },
	{ 6, PROTOBUF_TEXT, NOTE }, /* doc_string */
	{ 7, PROTOBUF_MESSAGE, GRAPH },
	{ 8, PROTOBUF_BYTES, OTHER }, /* opset_import */
	{ 14, PROTOBUF_MESSAGE, PROPERTY }, { 20, PROTOBUF_MESSAGE, TRAINING },
	{ 25, PROTOBUF_MESSAGE, FUNCTION },
	{ 26, PROTOBUF_BYTES, OTHER }, /* configuration */
};
static const struct protobuf_field graph_fields[] = {
	{ 1, PROTOBUF_MESSAGE, NODE },
	{ 5, PROTOBUF_MESSAGE, TENSOR },
	{ 10, PROTOBUF_TEXT, NOTE },
	{ 15, PROTOBUF_MESSAGE, SPARSE },
	{ 16, PROTOBUF_MESSAGE, PROPERTY },
};
static const struct protobuf_field node_fields[] = {
	{ 4, PROTOBUF_TEXT, OP_TYPE },
	{ 5, PROTOBUF_MESSAGE, ATTRIBUTE },
	{ 7, PROTOBUF_TEXT, DOMAIN },
};
static const struct protobuf_field attribute_fields[] = {
	{ 5, PROTOBUF_MESSAGE, TENSOR },
	{ 6, PROTOBUF_MESSAGE, GRAPH },
	{ 10, PROTOBUF_MESSAGE, TENSOR },
	{ 11, PROTOBUF_MESSAGE, GRAPH },
	{ 22, PROTOBUF_MESSAGE, SPARSE },
	{ 23, PROTOBUF_MESSAGE, SPARSE },
};
static const struct protobuf_field tensor_fields[] = {
	{ 13, PROTOBUF_MESSAGE, ENTRY },
};
/* A tensor in a file of its own: nothing else may stand there. */
static const struct protobuf_field file_fields[] = {
	{ 1, PROTOBUF_NUMBER, OTHER }, /* dims */
	{ 2, PROTOBUF_NUMBER, TYPE },
	{ 4, PROTOBUF_BYTES, DATA },
	{ 5, PROTOBUF_BYTES, DATA },
	{ 6, PROTOBUF_BYTES, DATA },
	{ 7, PROTOBUF_BYTES, DATA },
	{ 8, PROTOBUF_BYTES, OTHER }, /* name */
	{ 9, PROTOBUF_BYTES, DATA },
	{ 10, PROTOBUF_BYTES, DATA },
	{ 11, PROTOBUF_BYTES, DATA },
	{ 12, PROTOBUF_BYTES, OTHER }, /* doc_string */
	{ 13, PROTOBUF_MESSAGE, ENTRY },
	{ 14, PROTOBUF_NUMBER, OTHER },
};
static const struct protobuf_field sparse_fields[] = {
	{ 1, PROTOBUF_MESSAGE, TENSOR },
	{ 2, PROTOBUF_MESSAGE, TENSOR },
};
static const struct protobuf_field entry_fields[] = {
	{ 1, PROTOBUF_TEXT, ENTRY_KEY },
	{ 2, PROTOBUF_TEXT, ENTRY_VALUE },
};
static const struct protobuf_field function_fields[] = {
	{ 7, PROTOBUF_MESSAGE, NODE },
	{ 10, PROTOBUF_TEXT, FUNCTION_DOMAIN },
	{ 11, PROTOBUF_MESSAGE, ATTRIBUTE },
};
static const struct protobuf_field training_fields[] = {
	{ 1, PROTOBUF_MESSAGE, GRAPH },
	{ 2, PROTOBUF_MESSAGE, GRAPH },
};
static const struct protobuf_field property_fields[] = {
	{ 1, PROTOBUF_TEXT, NOTE },
	{ 2, PROTOBUF_TEXT, NOTE },
};

static const struct protobuf_message schema[] = {
	[MODEL] = { PROTOBUF_FIELDS(model_fields) },
	[GRAPH] = { PROTOBUF_FIELDS(graph_fields) },
	[NODE] = { PROTOBUF_FIELDS(node_fields) },
	[ATTRIBUTE] = { PROTOBUF_FIELDS(attribute_fields) },
	[TENSOR] = { PROTOBUF_FIELDS(tensor_fields) },
	[FILE_TENSOR] = { PROTOBUF_FIELDS(file_fields) },
	[SPARSE] = { PROTOBUF_FIELDS(sparse_fields) },
	[ENTRY] = { PROTOBUF_FIELDS(entry_fields) },
	[FUNCTION] = { PROTOBUF_FIELDS(function_fields) },
	[TRAINING] = { PROTOBUF_FIELDS(training_fields) },
	[PROPERTY] = { PROTOBUF_FIELDS(property_fields) },
};

struct domain {
	uint64_t name;
	uint64_t at;
	bool defined; /* by a function of the model */
	bool used;
	char text[DOMAIN_SIZE];
	size_t size;
};

struct onnx {
	struct visit *v;
	uint64_t version;
	bool graph, nodes;
	struct domain domains[DOMAINS_MAX];
	unsigned domain_count;
	char key[KEY_SIZE]; /* of an entry, cut */
	size_t key_size;
	uint64_t beside; /* the file that was last told of */
};

static enum sniff
onnx_sniff(const struct source *s, struct cursor head)
{
	(void)s;
	return protobuf_begins(head, &schema[MODEL]) ? SNIFF_MAYBE : SNIFF_NO;
}

static bool
text_is(const struct protobuf_value *value, const char *text)
{
	return strlen(text) == value->text_size &&
	    memcmp(value->text, text, value->text_size) == 0;
}

/* A domain that is used by a node, or defined by a function. */
static void
domain_note(struct onnx *o, const struct protobuf_value *value, bool defined)
{
	uint64_t name = extents_name(value->text, value->text_size);
	struct domain *d = o->domains;

	if (onnx_domain_is_known(value->text, value->text_size))
		return;
	while (d < o->domains + o->domain_count && d->name != name)
		d++;
	if (d == o->domains + DOMAINS_MAX)
		return;
	if (d == o->domains + o->domain_count) {
		*d = (struct domain){ .name = name, .at = value->at };
		d->size = value->text_size < DOMAIN_SIZE ? value->text_size
							 : DOMAIN_SIZE;
		memcpy(d->text, value->text, d->size);
		o->domain_count++;
	}
	d->defined = d->defined || defined;
	d->used = d->used || !defined;
}

static void
entry_find(struct onnx *o, enum rule rule, const struct protobuf_value *value)
{
	visit_find(o->v, rule, value->at, "%.*s",
	    (int)(value->text_size < EVIDENCE ? value->text_size : EVIDENCE),
	    value->text);
}

/* The tensors of a model share a file, which is told once. */
static void
beside_line(struct onnx *o, const struct protobuf_value *value)
{
	static const char location[] = "location";
	uint64_t name = extents_name(value->text, value->text_size);

	if (o->key_size != sizeof(location) - 1 ||
	    memcmp(o->key, location, o->key_size) != 0 || o->beside == name)
		return;
	o->beside = name;
	visit_step(o->v, value->at, "reads weights from %s, beside the model",
	    value->text, value->text_size);
}

/* Where the data of a tensor lies: a file beside the model. */
static void
location_judge(struct onnx *o, const struct protobuf_value *value)
{
	static const char memory[] = "_ORT_MEM_ADDR_";
	const char *s = value->text;
	size_t n = value->text_size;

	if (path_climbs(s, n) || path_is_absolute(s, n) || path_is_url(s, n) ||
	    path_has_control(s, n) ||
	    memmem(s, n, memory, sizeof(memory) - 1) != NULL)
		entry_find(o, RULE_ONNX_EXTERNAL, value);
	else
		beside_line(o, value);
}

static void
key_judge(struct onnx *o, const struct protobuf_value *value)
{
	static const char *const legal[] = { "location", "offset", "length",
		"checksum", "basepath" };

	o->key_size = value->text_size < KEY_SIZE ? value->text_size : KEY_SIZE;
	memcpy(o->key, value->text, o->key_size);
	for (size_t i = 0; i < sizeof(legal) / sizeof(legal[0]); i++)
		if (text_is(value, legal[i]))
			return;
	entry_find(o, RULE_ONNX_EXTERNAL_KEY, value);
}

/* Whatever is no number may be a location: the key may stand behind it. */
static void
entry_value_judge(struct onnx *o, const struct protobuf_value *value)
{
	static const char *const numbers[] = { "offset", "length", "checksum" };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (o->key_size == strlen(numbers[i]) &&
		    memcmp(o->key, numbers[i], o->key_size) == 0)
			return;
	location_judge(o, value);
}

static void
op_judge(struct onnx *o, const struct protobuf_value *value)
{
	enum rule rule;

	if (value->text_size > 0)
		o->nodes = true;
	if (onnx_op_rule(value->text, value->text_size, &rule))
		entry_find(o, rule, value);
}

static enum err
onnx_value(void *context, const struct protobuf_value *value)
{
	struct onnx *o = context;

	switch ((enum value)value->id) {
	case VERSION:
		o->version = value->number;
		break;
	case OP_TYPE:
		op_judge(o, value);
		break;
	case DOMAIN:
		domain_note(o, value, false);
		break;
	case FUNCTION_DOMAIN:
		domain_note(o, value, true);
		break;
	case ENTRY_KEY:
		key_judge(o, value);
		break;
	case ENTRY_VALUE:
		entry_value_judge(o, value);
		break;
	case NOTE:
		visit_string(o->v, value->text, value->text_size);
		break;
	case TYPE:
		o->version = value->number;
		break;
	case DATA:
	case OTHER:
		break;
	}
	return ERR_OK;
}

static enum err
onnx_enter(void *context, unsigned message, uint64_t at)
{
	struct onnx *o = context;

	(void)at;
	if (message == GRAPH)
		o->graph = true;
	if (message == ENTRY)
		o->key_size = 0;
	return ERR_OK;
}

static enum err
onnx_walk(struct visit *v, const struct source *s)
{
	struct onnx o = { .v = v };
	const struct protobuf_events events = { .context = &o,
		.schema = schema,
		.enter = onnx_enter,
		.value = onnx_value };
	enum err e = protobuf_read(s, MODEL, &events);

	/* Not a model unless it reads like one to its end, or to where it was
	 * cut off after operators came. */
	if (!o.graph || (e != ERR_OK && !(o.version > 0 && o.nodes)) ||
	    (o.version == 0 && !o.nodes))
		return e;
	visit_recognise(v, "onnx", true);
	for (unsigned i = 0; i < o.domain_count; i++)
		if (o.domains[i].used && !o.domains[i].defined)
			visit_find(v, RULE_ONNX_CUSTOM, o.domains[i].at, "%.*s",
			    (int)o.domains[i].size, o.domains[i].text);
	return e;
}

const struct format format_onnx = {
	.name = "onnx",
	.title = "ONNX model",
	.extensions = ".onnx",
	.reference = "onnx/onnx.proto",
	.in_place = true,
	.sniff = onnx_sniff,
	.walk = onnx_walk,
};

/* dims or, of a single number, the type come first. */
static enum sniff
tensor_sniff(const struct source *s, struct cursor head)
{
	struct cursor first = head;
	const uint8_t *tag = cursor_take(&first, 1);

	(void)s;
	return tag != NULL && (*tag == DIMS_TAG || *tag == TYPE_TAG) &&
		protobuf_begins(head, &schema[FILE_TENSOR])
	    ? SNIFF_MAYBE
	    : SNIFF_NO;
}

static enum err
tensor_walk(struct visit *v, const struct source *s)
{
	struct onnx o = { .v = v };
	const struct protobuf_events events = { .context = &o,
		.schema = schema,
		.enter = onnx_enter,
		.value = onnx_value };
	enum err e = protobuf_read(s, FILE_TENSOR, &events);

	if (e == ERR_OK && o.version > 0 && o.version <= TYPE_MAX &&
	    s->size > TENSOR_MIN)
		visit_recognise(v, "onnx-tensor", true);
	return e;
}

const struct format format_onnx_tensor = {
	.name = "onnx-tensor",
	.title = "ONNX tensor",
	.extensions = ".pb",
	.reference = "onnx/onnx.proto",
	.in_place = true,
	.sniff = tensor_sniff,
	.walk = tensor_walk,
};
