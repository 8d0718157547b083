/* SPDX-License-Identifier: Apache-2.0 */
/* gadget_load: callables that load, import or decode what they are given. */
#include <string.h>

#include "base/own.h"
#include "base/text.h"
#include "pickle/call.h"
#include "pickle/joblib.h"
#include "pickle/machine.h"
#include "pickle/nested.h"
#include "pickle/scan.h"

enum {
	CODEC_NAME = 32,
	FRONT = 16, /* bytes of a string that are looked at */
};

/* copyreg.add_extension(module, name, code): what EXT means from now on. */
enum verdict
gadget_extension(struct gadget_call *g)
{
	struct scan *s = g->m->scan;
	AUTO(buf) struct buf module = buf_new(LIMIT_NAME);
	AUTO(buf) struct buf name = buf_new(LIMIT_NAME);
	value code = gadget_item(g, 2);
	struct import global;
	enum verdict v;
	uint32_t i;

	if (!gadget_text(g, gadget_item(g, 0), &module, &v) ||
	    !gadget_text(g, gadget_item(g, 1), &name, &v))
		return v;
	if (value_kind(code) != KIND_INT ||
	    s->extension_count == SCAN_EXTENSIONS)
		return VERDICT_MALICIOUS;
	global = (struct import){ .module = buf_text(&module),
		.module_size = module.size,
		.name = buf_text(&name),
		.name_size = name.size,
		.offset = g->call->place };
	i = names_find(s, &global);
	s->extensions[s->extension_count++] =
	    (struct extension){ .code = (uint32_t)value_int(code), .name = i };
	return verdict_worse(VERDICT_SUSPICIOUS, s->names.at[i].verdict);
}

/* Codecs that give the same text in other bytes. */
static bool
codec_harmless(const struct buf *name)
{
	static const char *const harmless[] = { "latin1", "latin-1", "latin_1",
		"iso-8859-1", "iso8859-1", "utf-8", "utf8", "utf_8", "ascii" };

	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++)
		if (strcmp(buf_text(name), harmless[i]) == 0)
			return true;
	return false;
}

/* Bytes that protocols 0 to 2 write as text: do they hold a pickle? */
static void
encoded_look(struct gadget_call *g, value text)
{
	AUTO(buf) struct buf utf8 = buf_new(SCAN_STRINGS * 16);
	AUTO(buf) struct buf bytes = buf_new(SCAN_STRINGS * 16);
	uint8_t front[FRONT];
	uint64_t pos, size;
	size_t got;
	bool known;

	if (value_kind(text) != KIND_STR ||
	    text_find(g->m, text, &pos, &size) != ERR_OK ||
	    stream_look(g->m->in, pos, front, sizeof(front), &got) != ERR_OK ||
	    got < 4)
		return;
	/* U+0080 and a protocol, or a pickle in text. */
	if (!(front[0] == 0xc2 && front[1] == 0x80 &&
		front[2] <= PROTOCOL_MAX) &&
	    !(front[0] == 0x80 || front[0] == '\\') && !nested_may(front, got))
		return;
	if (text_read(g->m, text, &utf8) != ERR_OK)
		return;
	for (size_t i = 0; i < utf8.size;) {
		unsigned c;
		size_t n =
		    text_utf8((const char *)utf8.data + i, utf8.size - i, &c);
		uint8_t byte;

		if (n == 0 || c > UINT8_MAX)
			return;
		byte = (uint8_t)c;
		if (buf_add(&bytes, &byte, 1) != ERR_OK)
			return;
		i += n;
	}
	if (nested_may(bytes.data, bytes.size))
		(void)nested_visit_memory(g->m, pos, &bytes, &known);
}

/* _codecs.encode(text, codec). */
enum verdict
gadget_codecs(struct gadget_call *g)
{
	AUTO(buf) struct buf codec = buf_new(CODEC_NAME);
	enum kind kind = value_kind(gadget_item(g, 0));
	enum verdict v;

	if (g->items.known && g->items.n < 2 && kind == KIND_STR)
		return VERDICT_UNKNOWN;
	if (!gadget_text(g, gadget_item(g, 1), &codec, &v))
		return v;
	if (!codec_harmless(&codec)) {
		g->why = "decodes something that was made unreadable";
		return VERDICT_SUSPICIOUS;
	}
	encoded_look(g, g->items.at[0]);
	if (kind == KIND_STR || kind == KIND_BYTES)
		return VERDICT_CLEAN;
	return VERDICT_UNKNOWN;
}

/* pickle.loads(bytes) and its like. */
enum verdict
gadget_loads(struct gadget_call *g)
{
	value bytes = gadget_item(g, 0);
	enum verdict v;
	bool known;

	g->why = "loads a pickle that stands in this one";
	if (!g->items.known || value_kind(bytes) == KIND_FORGOTTEN)
		return VERDICT_UNVERIFIED;
	if (value_kind(bytes) != KIND_BYTES &&
	    value_kind(bytes) != KIND_BYTEARRAY &&
	    value_kind(bytes) != KIND_STR &&
	    !gadget_made(g->m, bytes, "_codecs", "encode")) {
		g->why = "loads a pickle that is computed";
		return VERDICT_MALICIOUS;
	}
	if (value_kind(bytes) == KIND_CALL) /* encoded_look() has seen it */
		return VERDICT_UNKNOWN;
	v = nested_visit_value(g->m, bytes, &known);
	if (known)
		return verdict_worse(v, VERDICT_UNKNOWN);
	if (v == VERDICT_UNVERIFIED)
		return v;
	g->why = "loads bytes that are no pickle";
	return VERDICT_MALICIOUS;
}

/* io.BytesIO(bytes). */
enum verdict
gadget_bytes(struct gadget_call *g)
{
	enum kind kind = value_kind(gadget_item(g, 0));

	/* What it holds was looked at when it was pushed. */
	return kind == KIND_NOTHING || kind == KIND_BYTES ||
		kind == KIND_BYTEARRAY
	    ? VERDICT_CLEAN
	    : VERDICT_UNKNOWN;
}

enum verdict
gadget_dtype(struct gadget_call *g)
{
	g->result = joblib_dtype(g->m, gadget_item(g, 0));
	return VERDICT_CLEAN;
}

/* f(module, name): a look-up. */
enum verdict
gadget_look_up_two(struct gadget_call *g)
{
	AUTO(buf) struct buf module = buf_new(LIMIT_NAME);
	AUTO(buf) struct buf name = buf_new(LIMIT_NAME);
	enum verdict v;

	if (!gadget_text(g, gadget_item(g, 0), &module, &v) ||
	    !gadget_text(g, gadget_item(g, 1), &name, &v))
		return v;
	g->why = "looks a global up by its name";
	return gadget_look_up(g, &module, &name);
}

/* Modules that run code if one wants, but that honest functions refer to. */
static bool
module_common(const struct buf *module)
{
	static const char *const common[] = { "os", "os.path", "sys", "io",
		"pickle", "joblib", "shutil", "pathlib", "tempfile", "glob",
		"inspect", "types", "threading", "logging", "functools",
		"operator", "itertools", "codecs", "zipfile", "torch",
		"builtins" };

	for (size_t i = 0; i < sizeof(common) / sizeof(*common); i++)
		if (strcmp(buf_text(module), common[i]) == 0)
			return true;
	return false;
}

/* subimport(module). */
enum verdict
gadget_import(struct gadget_call *g)
{
	AUTO(buf) struct buf module = buf_new(LIMIT_NAME);
	struct policy_verdict said;
	enum verdict v;

	if (!gadget_text(g, gadget_item(g, 0), &module, &v))
		return v;
	g->why = "imports a module by its name";
	for (const char *s = buf_text(&module);;) {
		size_t part = strcspn(s, ".");

		if (!text_identifier(s, part))
			return VERDICT_MALICIOUS;
		if (s[part] == '\0')
			break;
		s += part + 1;
	}
	/* A function by value refers to modules; its code is judged by itself,
	 * and what is taken of the module as an import.  What would the policy
	 * say of anything in it? */
	said = policy_judge(g->m->scan->visit->policy, buf_text(&module),
	    module.size, "x", 1, USE_IMPORT);
	return said.verdict == VERDICT_MALICIOUS && !module_common(&module)
	    ? VERDICT_MALICIOUS
	    : VERDICT_UNKNOWN;
}

/* _load_type(name): types of the interpreter by their names. */
enum verdict
gadget_type_name(struct gadget_call *g)
{
	AUTO(buf) struct buf name = buf_new(LIMIT_NAME);
	enum verdict v;

	if (!gadget_text(g, gadget_item(g, 0), &name, &v))
		return v;
	return gadget_attribute(g, &name);
}

/* dill's _eval_repr(text): eval(). */
enum verdict
gadget_evaluated(struct gadget_call *g)
{
	AUTO(buf) struct buf text = buf_new(LIMIT_NAME);
	enum verdict v;

	if (!gadget_text(g, gadget_item(g, 0), &text, &v))
		return v;
	g->why = "evaluates a text";
	return text_identifier(buf_text(&text), text.size) ? VERDICT_SUSPICIOUS
							   : VERDICT_MALICIOUS;
}

/* joblib's wrappers: what follows their BUILD matters (joblib.c). */
enum verdict
gadget_array(struct gadget_call *g)
{
	return g->items.count == 0 ? VERDICT_CLEAN : VERDICT_UNKNOWN;
}
