/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tf: walk TensorFlow's graphs: SavedModel, MetaGraphDef, GraphDef, and the
 * metadata that Keras keeps beside them.
 *
 * Reference: tensorflow/core/protobuf/saved_model.proto, meta_graph.proto,
 * saved_object_graph.proto, core/framework/graph.proto, function.proto,
 * node_def.proto, attr_value.proto; python/keras/protobuf/
 * saved_metadata.proto (field numbers below).
 * A graph runs whatever operators it names, those of library functions too.
 * Saving and restoring are in every exported model and say nothing.  None of
 * the four roots has a mark: the one that reads as operators with names is it.
 */
#include <string.h>

#include "base/buf.h"
#include "base/own.h"
#include "format/formats.h"
#include "format/path.h"
#include "format/protobuf.h"
#include "format/tf_op.h"

enum message {
	SAVED_MODEL,
	META_GRAPH,
	GRAPH,
	KERAS,
	LIBRARY,
	FUNCTION,
	NODE,
	ATTRIBUTE,
	VALUE,
	LIST,
	TENSOR,
	ASSET,
	OBJECTS,
	OBJECT,
	USER_OBJECT,
	KERAS_OBJECT,
	MESSAGE_COUNT,
	ROOTS = KERAS + 1,
};

enum value {
	NODE_NAME,
	OP,
	KEY,
	STRING,
	CONSTANT,
	ASSET_NAME,
	IDENTIFIER,
	METADATA,
	OTHER,
};

enum {
	CONSTANT_MAX = 4096, /* of a constant that rules may look at */
	EVIDENCE = 96,
	KEY_SIZE = 24,
	PROBE_NODES = 64,       /* so many operators are proof enough */
	SMALL_MAX = 256 * 1024, /* bytes of a file that is kept whole */
};

static const struct protobuf_field saved_model_fields[] = {
	{ 1, PROTOBUF_NUMBER, OTHER }, /* saved_model_schema_version */
	{ 2, PROTOBUF_MESSAGE, META_GRAPH },
};
static const struct protobuf_field meta_graph_fields[] = {
	{ 1, PROTOBUF_BYTES, OTHER }, /* meta_info_def */
	{ 2, PROTOBUF_MESSAGE, GRAPH },
	{ 3, PROTOBUF_BYTES, OTHER }, /* saver_def */
	{ 4, PROTOBUF_BYTES, OTHER }, /* collection_def */
	{ 5, PROTOBUF_BYTES, OTHER }, /* signature_def */
	{ 6, PROTOBUF_MESSAGE, ASSET },
	{ 7, PROTOBUF_MESSAGE, OBJECTS },
};
static const struct protobuf_field graph_fields[] = {
	{ 1, PROTOBUF_MESSAGE, NODE }, { 2, PROTOBUF_MESSAGE, LIBRARY },
	{ 3, PROTOBUF_NUMBER, OTHER }, /* version */
	{ 4, PROTOBUF_BYTES, OTHER },  /* versions */
	{ 5, PROTOBUF_BYTES, OTHER },  /* debug_info */
};
static const struct protobuf_field keras_fields[] = {
	{ 1, PROTOBUF_MESSAGE, KERAS_OBJECT },
};
static const struct protobuf_field library_fields[] = {
	{ 1, PROTOBUF_MESSAGE, FUNCTION },
};
static const struct protobuf_field function_fields[] = {
	{ 3, PROTOBUF_MESSAGE, NODE },
	{ 5, PROTOBUF_MESSAGE, ATTRIBUTE },
};
static const struct protobuf_field node_fields[] = {
	{ 1, PROTOBUF_TEXT, NODE_NAME },
	{ 2, PROTOBUF_TEXT, OP },
	{ 5, PROTOBUF_MESSAGE, ATTRIBUTE },
};
static const struct protobuf_field attribute_fields[] = {
	{ 1, PROTOBUF_TEXT, KEY },
	{ 2, PROTOBUF_MESSAGE, VALUE },
};
static const struct protobuf_field value_fields[] = {
	{ 1, PROTOBUF_MESSAGE, LIST },
	{ 2, PROTOBUF_TEXT, STRING },
	{ 8, PROTOBUF_MESSAGE, TENSOR },
};
static const struct protobuf_field list_fields[] = {
	{ 2, PROTOBUF_TEXT, STRING },
	{ 8, PROTOBUF_MESSAGE, TENSOR },
};
static const struct protobuf_field tensor_fields[] = {
	{ 8, PROTOBUF_TEXT, CONSTANT }, /* string_val */
};
static const struct protobuf_field asset_fields[] = {
	{ 2, PROTOBUF_TEXT, ASSET_NAME },
};
static const struct protobuf_field objects_fields[] = {
	{ 1, PROTOBUF_MESSAGE, OBJECT },
};
static const struct protobuf_field object_fields[] = {
	{ 4, PROTOBUF_MESSAGE, USER_OBJECT },
};
static const struct protobuf_field user_object_fields[] = {
	{ 1, PROTOBUF_TEXT, IDENTIFIER },
	{ 3, PROTOBUF_TEXT, METADATA },
};
static const struct protobuf_field keras_object_fields[] = {
	{ 2, PROTOBUF_NUMBER, OTHER }, /* node_id */
	{ 3, PROTOBUF_BYTES, OTHER },  /* node_path */
	{ 4, PROTOBUF_TEXT, IDENTIFIER },
	{ 5, PROTOBUF_TEXT, METADATA },
};

static const struct protobuf_message schema[MESSAGE_COUNT] = {
	[SAVED_MODEL] = { PROTOBUF_FIELDS(saved_model_fields) },
	[META_GRAPH] = { PROTOBUF_FIELDS(meta_graph_fields) },
	[GRAPH] = { PROTOBUF_FIELDS(graph_fields) },
	[KERAS] = { PROTOBUF_FIELDS(keras_fields) },
	[LIBRARY] = { PROTOBUF_FIELDS(library_fields) },
	[FUNCTION] = { PROTOBUF_FIELDS(function_fields) },
	[NODE] = { PROTOBUF_FIELDS(node_fields) },
	[ATTRIBUTE] = { PROTOBUF_FIELDS(attribute_fields) },
	[VALUE] = { PROTOBUF_FIELDS(value_fields) },
	[LIST] = { PROTOBUF_FIELDS(list_fields) },
	[TENSOR] = { PROTOBUF_FIELDS(tensor_fields) },
	[ASSET] = { PROTOBUF_FIELDS(asset_fields) },
	[OBJECTS] = { PROTOBUF_FIELDS(objects_fields) },
	[OBJECT] = { PROTOBUF_FIELDS(object_fields) },
	[USER_OBJECT] = { PROTOBUF_FIELDS(user_object_fields) },
	[KERAS_OBJECT] = { PROTOBUF_FIELDS(keras_object_fields) },
};

static const char *const root_names[ROOTS] = {
	[SAVED_MODEL] = "tf-savedmodel",
	[META_GRAPH] = "tf-metagraph",
	[GRAPH] = "tf-graph",
	[KERAS] = "keras-metadata",
};

/* What ends a probe: no reading of protobuf does so by itself. */
#define PROBE_ENOUGH ERR_UNSUPPORTED

struct tf {
	struct visit *v;
	unsigned named; /* operators with names, or Keras' objects */
	bool name;      /* the present node has one */
	char key[KEY_SIZE];
	size_t key_size;
};

static enum sniff
tf_sniff(const struct source *s, struct cursor head)
{
	(void)s;
	for (unsigned root = 0; root < ROOTS; root++)
		if (protobuf_begins(head, &schema[root]))
			return SNIFF_MAYBE;
	return SNIFF_NO;
}

/* A name as TensorFlow allows: letters, digits and some signs. */
static bool
text_is_name(const struct protobuf_value *value)
{
	static const char signs[] = "_.\\-/>:^";

	for (size_t i = 0; i < value->text_size; i++) {
		char c = value->text[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') ||
			(c != '\0' && strchr(signs, c) != NULL)))
			return false;
	}
	return value->text_size > 0;
}

/* Operators are called CamelCase, those of the runtime with a "_" in front; a
 * function of the library may be called like anything, but is not alone. */
static bool
text_is_op(const struct protobuf_value *value)
{
	return text_is_name(value) &&
	    ((value->text[0] >= 'A' && value->text[0] <= 'Z') ||
		value->text[0] == '_');
}

static bool
text_begins(const struct protobuf_value *value, const char *with)
{
	size_t n = strlen(with);

	return value->text_size >= n && memcmp(value->text, with, n) == 0;
}

/* Does it look like the root it is read as?  Nothing is reported. */
static enum err
probe_value(void *context, const struct protobuf_value *value)
{
	struct tf *t = context;

	if (value->id == NODE_NAME)
		t->name = text_is_name(value);
	else if (value->id == OP && t->name && text_is_op(value))
		t->named++;
	else if (value->id == IDENTIFIER && text_begins(value, "_tf_keras"))
		t->named++;
	return t->named >= PROBE_NODES ? PROBE_ENOUGH : ERR_OK;
}

static enum err
tf_enter(void *context, unsigned message, uint64_t at)
{
	struct tf *t = context;

	(void)at;
	if (message == NODE)
		t->name = false;
	if (message == ATTRIBUTE)
		t->key_size = 0;
	return ERR_OK;
}

/* Operators that were seen when s is read as root; 0: it is none. */
static enum err
root_probe(const struct source *s, unsigned root, unsigned *named)
{
	struct tf t = { 0 };
	const struct protobuf_events events = { .context = &t,
		.schema = schema,
		.enter = tf_enter,
		.value = probe_value };
	enum err e = protobuf_read(s, root, &events);

	*named = t.named;
	if (e == PROBE_ENOUGH || e == ERR_SHORT || e == ERR_MALFORMED)
		return ERR_OK;
	return e;
}

static void
text_find(struct tf *t, enum rule rule, const struct protobuf_value *value)
{
	visit_find(t->v, rule, value->at, "%.*s",
	    (int)(value->text_size < EVIDENCE ? value->text_size : EVIDENCE),
	    value->text);
}

static void
op_judge(struct tf *t, const struct protobuf_value *value)
{
	enum rule rule;

	if (tf_op_rule(value->text, value->text_size, &rule))
		text_find(t, rule, value);
}

/* Streams and debuggers write where an attribute says. */
static void
string_judge(struct tf *t, const struct protobuf_value *value)
{
	static const char *const keys[] = { "output_stream", "debug_urls" };

	if (value->text_size <= CONSTANT_MAX)
		visit_string(t->v, value->text, value->text_size);
	if (!text_begins(value, "file:") && !text_begins(value, "grpc:"))
		return;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (t->key_size == strlen(keys[i]) &&
		    memcmp(t->key, keys[i], t->key_size) == 0)
			text_find(t, RULE_TF_STREAM, value);
}

/* Keras' JSON is the engine's to look at. */
static enum err
metadata_judge(struct tf *t, const struct protobuf_value *value)
{
	struct child child = { .name = "metadata",
		.name_size = 8,
		.offset = value->at,
		.kind = CHILD_NESTED };
	struct source bytes =
	    source_memory(value->text, value->text_size, t->v->budget);

	if (value->text_size < value->number) /* longer than is kept */
		visit_find(t->v, RULE_SCAN_LIMIT, value->at, "metadata");
	if (value->text_size == 0)
		return ERR_OK;
	return visit_child(t->v, &child, &bytes, NULL);
}

static void
asset_judge(struct tf *t, const struct protobuf_value *value)
{
	const char *s = value->text;
	size_t n = value->text_size;

	if (path_climbs(s, n) || path_is_absolute(s, n) || path_is_url(s, n) ||
	    path_has_control(s, n))
		text_find(t, RULE_TF_ASSET, value);
}

static enum err
tf_value(void *context, const struct protobuf_value *value)
{
	struct tf *t = context;

	switch ((enum value)value->id) {
	case OP:
		op_judge(t, value);
		break;
	case KEY:
		t->key_size =
		    value->text_size < KEY_SIZE ? value->text_size : KEY_SIZE;
		memcpy(t->key, value->text, t->key_size);
		break;
	case STRING:
		string_judge(t, value);
		break;
	case CONSTANT:
		if (value->text_size <= CONSTANT_MAX)
			visit_string(t->v, value->text, value->text_size);
		break;
	case ASSET_NAME:
		asset_judge(t, value);
		break;
	case METADATA:
		return metadata_judge(t, value);
	case NODE_NAME:
	case IDENTIFIER:
	case OTHER:
		break;
	}
	return ERR_OK;
}

/* The root that s reads as, with the most operators; ROOTS: none. */
static enum err
root_find(const struct source *s, unsigned *out)
{
	uint8_t front[SNIFF_MAX];
	unsigned most = 0;
	size_t got;
	enum err e;

	*out = ROOTS;
	if ((e = source_read_some(s, 0, front, sizeof(front), &got)) != ERR_OK)
		return e;
	for (unsigned root = 0; root < ROOTS; root++) {
		unsigned named;

		if (!protobuf_begins(cursor_over(front, got), &schema[root]))
			continue;
		if ((e = root_probe(s, root, &named)) != ERR_OK)
			return e;
		if (named > most) {
			most = named;
			*out = root;
		}
	}
	return ERR_OK;
}

static enum err
tf_read(struct visit *v, const struct source *s)
{
	struct tf t = { .v = v };
	const struct protobuf_events events = { .context = &t,
		.schema = schema,
		.enter = tf_enter,
		.value = tf_value };
	unsigned root;
	enum err e = root_find(s, &root);

	if (e != ERR_OK || root == ROOTS)
		return e;
	visit_recognise(v, root_names[root], true);
	return protobuf_read(s, root, &events);
}

/* A small file is read once, for all the roots. */
static enum err
tf_walk(struct visit *v, const struct source *s)
{
	AUTO(buf) struct buf whole = buf_new(SMALL_MAX);
	struct source kept;
	uint8_t *room;
	enum err e;

	if (s->size > SMALL_MAX || source_bytes(s) != NULL)
		return tf_read(v, s);
	if ((room = buf_grow(&whole, (size_t)s->size)) == NULL)
		return ERR_NOMEM;
	if ((e = source_read(s, 0, room, (size_t)s->size)) != ERR_OK)
		return e;
	kept = source_memory(room, (size_t)s->size, v->budget);
	return tf_read(v, &kept);
}

const struct format format_tf = {
	.name = "tensorflow",
	.title = "TensorFlow graph",
	.extensions = ".pb .meta",
	.reference = "tensorflow/core/protobuf",
	.in_place = true,
	.sniff = tf_sniff,
	.walk = tf_walk,
};
