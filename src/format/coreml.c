/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coreml: models of Core ML (.mlmodel), a protocol buffer.
 *
 *	Model: 1 version, 2 description, 10 updatable, then one of: pipelines
 *	(200 to 202), networks (303, 403, 500), 555 custom model { 10 class },
 *	556 linked model, and others
 *	network: 1 layers { 500 custom { 10 class } }
 *
 * Custom models and layers name classes of the program that loads them; a
 * linked model is another file.
 *
 * Reference: coremltools mlmodel/format/Model.proto, NeuralNetwork.proto.
 */
#include <string.h>

#include "format/formats.h"
#include "format/path.h"
#include "format/protobuf.h"

enum {
	MODEL,
	PIPELINE_OUTER,
	PIPELINE,
	NETWORK,
	LAYER,
	CUSTOM,
	LINKED,
	LINKED_FILE,
	PARAMETER,
	MESSAGES,
	VERSION = MESSAGES,
	CLASS,
	PATH,
	OTHER
};

static const struct protobuf_field model_fields[] = {
	{ 1, PROTOBUF_NUMBER, VERSION },
	{ 2, PROTOBUF_BYTES, OTHER }, /* description */
	{ 10, PROTOBUF_NUMBER, OTHER },
	{ 200, PROTOBUF_MESSAGE, PIPELINE_OUTER }, /* classifier */
	{ 201, PROTOBUF_MESSAGE, PIPELINE_OUTER }, /* regressor */
	{ 202, PROTOBUF_MESSAGE, PIPELINE },
	{ 303, PROTOBUF_MESSAGE, NETWORK }, /* regressor */
	{ 403, PROTOBUF_MESSAGE, NETWORK }, /* classifier */
	{ 500, PROTOBUF_MESSAGE, NETWORK },
	{ 555, PROTOBUF_MESSAGE, CUSTOM },
	{ 556, PROTOBUF_MESSAGE, LINKED },
	/* trees, vectors, programs, transformers: nothing but numbers */
	{ 300, PROTOBUF_BYTES, OTHER },
	{ 301, PROTOBUF_BYTES, OTHER },
	{ 302, PROTOBUF_BYTES, OTHER },
	{ 304, PROTOBUF_BYTES, OTHER },
	{ 400, PROTOBUF_BYTES, OTHER },
	{ 401, PROTOBUF_BYTES, OTHER },
	{ 402, PROTOBUF_BYTES, OTHER },
	{ 404, PROTOBUF_BYTES, OTHER },
	{ 501, PROTOBUF_BYTES, OTHER },
	{ 502, PROTOBUF_BYTES, OTHER },
	{ 560, PROTOBUF_BYTES, OTHER },
	{ 600, PROTOBUF_BYTES, OTHER },
	{ 601, PROTOBUF_BYTES, OTHER },
	{ 602, PROTOBUF_BYTES, OTHER },
	{ 603, PROTOBUF_BYTES, OTHER },
	{ 604, PROTOBUF_BYTES, OTHER },
	{ 606, PROTOBUF_BYTES, OTHER },
	{ 607, PROTOBUF_BYTES, OTHER },
	{ 609, PROTOBUF_BYTES, OTHER },
	{ 610, PROTOBUF_BYTES, OTHER },
	{ 900, PROTOBUF_BYTES, OTHER },
	/* Apple's own, which hold parameters alone */
	{ 2000, PROTOBUF_BYTES, OTHER },
	{ 2001, PROTOBUF_BYTES, OTHER },
	{ 2002, PROTOBUF_BYTES, OTHER },
	{ 2003, PROTOBUF_BYTES, OTHER },
	{ 2004, PROTOBUF_BYTES, OTHER },
	{ 2005, PROTOBUF_BYTES, OTHER },
	{ 2006, PROTOBUF_BYTES, OTHER },
	{ 3000, PROTOBUF_BYTES, OTHER },
};
static const struct protobuf_field outer_fields[] = {
	{ 1, PROTOBUF_MESSAGE, PIPELINE },
};
static const struct protobuf_field pipeline_fields[] = {
	{ 1, PROTOBUF_MESSAGE, MODEL },
};
static const struct protobuf_field network_fields[] = {
	{ 1, PROTOBUF_MESSAGE, LAYER },
};
static const struct protobuf_field layer_fields[] = {
	{ 500, PROTOBUF_MESSAGE, CUSTOM },
};
static const struct protobuf_field custom_fields[] = {
	{ 10, PROTOBUF_TEXT, CLASS },
};
static const struct protobuf_field linked_fields[] = {
	{ 1, PROTOBUF_MESSAGE, LINKED_FILE },
};
static const struct protobuf_field file_fields[] = {
	{ 1, PROTOBUF_MESSAGE, PARAMETER }, /* name */
	{ 2, PROTOBUF_MESSAGE, PARAMETER }, /* where it is looked for */
};
static const struct protobuf_field parameter_fields[] = {
	{ 1, PROTOBUF_TEXT, PATH },
};
static const struct protobuf_message schema[MESSAGES] = {
	[MODEL] = { PROTOBUF_FIELDS(model_fields) },
	[PIPELINE_OUTER] = { PROTOBUF_FIELDS(outer_fields) },
	[PIPELINE] = { PROTOBUF_FIELDS(pipeline_fields) },
	[NETWORK] = { PROTOBUF_FIELDS(network_fields) },
	[LAYER] = { PROTOBUF_FIELDS(layer_fields) },
	[CUSTOM] = { PROTOBUF_FIELDS(custom_fields) },
	[LINKED] = { PROTOBUF_FIELDS(linked_fields) },
	[LINKED_FILE] = { PROTOBUF_FIELDS(file_fields) },
	[PARAMETER] = { PROTOBUF_FIELDS(parameter_fields) },
};

struct coreml {
	struct visit *visit;
	bool known; /* a part that only Core ML has */
};

/* The version comes first; it has grown to some ten in as many years. */
static enum sniff
coreml_sniff(const struct source *s, struct cursor head)
{
	struct cursor front = head;
	uint8_t tag = cursor_u8(&front), version = cursor_u8(&front);

	(void)s;
	return tag == 0x08 && version > 0 && version < 32 &&
		cursor_check(&front) == ERR_OK &&
		protobuf_begins(head, &schema[MODEL])
	    ? SNIFF_MAYBE
	    : SNIFF_NO;
}

static enum err
coreml_enter(void *context, unsigned message, uint64_t at)
{
	struct coreml *c = context;

	(void)at;
	c->known = c->known || message != MODEL;
	return ERR_OK;
}

#define SHOWN(v) (int)((v)->text_size < 160 ? (v)->text_size : 160), (v)->text

/* Search paths are several, with ":" between. */
static bool
leads_out(const char *s, size_t n)
{
	const char *end = s + n;

	for (;;) {
		const char *colon = memchr(s, ':', (size_t)(end - s));
		size_t part = (size_t)((colon == NULL ? end : colon) - s);

		if (path_climbs(s, part) || path_is_absolute(s, part))
			return true;
		if (colon == NULL)
			return path_is_absolute(end - n, n); /* "C:/" */
		s = colon + 1;
	}
}

static enum err
coreml_value(void *context, const struct protobuf_value *value)
{
	struct coreml *c = context;

	if (value->id == CLASS)
		visit_find(c->visit, RULE_COREML_CUSTOM, value->at, "%.*s",
		    SHOWN(value));
	if (value->id == PATH && leads_out(value->text, value->text_size))
		visit_find(c->visit, RULE_COREML_LINKED, value->at, "%.*s",
		    SHOWN(value));
	return ERR_OK;
}

static enum err
coreml_walk(struct visit *v, const struct source *s)
{
	struct coreml c = { .visit = v };
	const struct protobuf_events events = { .context = &c,
		.schema = schema,
		.enter = coreml_enter,
		.value = coreml_value };
	enum err e = protobuf_read(s, MODEL, &events);

	if (c.known)
		visit_recognise(v, "coreml", true);
	return e;
}

const struct format format_coreml = {
	.name = "coreml",
	.title = "Core ML model",
	.extensions = ".mlmodel",
	.reference = "coremltools mlmodel/format/Model.proto",
	.in_place = true,
	.sniff = coreml_sniff,
	.walk = coreml_walk,
};
