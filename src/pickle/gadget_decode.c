/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gadget_decode: decoders, whose argument may hide a pickle.
 *
 * That a pickle calls one at all is suspicious; what it would decode is looked
 * at all the same, so that the report says what was hidden.
 */
#include "base/own.h"
#include "byte/inflate.h"
#include "byte/textform.h"
#include "pickle/call.h"
#include "pickle/machine.h"
#include "pickle/nested.h"
#include "pickle/scan.h"

enum {
	DECODED_MAX = 1024 * 1024,
};

static enum verdict
decoded(struct gadget_call *g, enum textform form)
{
	struct textform_piece whole = { .form = form };
	AUTO(buf) struct buf text = buf_new(DECODED_MAX);
	AUTO(buf) struct buf bytes = buf_new(DECODED_MAX);
	value v = gadget_item(g, 0);
	bool known;

	g->why = "decodes something that was made unreadable";
	if ((value_kind(v) == KIND_STR || value_kind(v) == KIND_BYTES) &&
	    text_read_raw(g->m, v, &text) == ERR_OK &&
	    textform_undo(&whole, text.data, text.size, &bytes) == ERR_OK &&
	    nested_may(bytes.data, bytes.size))
		(void)nested_visit_memory(
		    g->m, value_payload(v), &bytes, &known);
	return VERDICT_SUSPICIOUS;
}

enum verdict
gadget_base64(struct gadget_call *g)
{
	return decoded(g, TEXTFORM_BASE64);
}

enum verdict
gadget_hex(struct gadget_call *g)
{
	return decoded(g, TEXTFORM_HEX);
}

/* Constant bytes, unpacked: the engine looks at what comes out. */
static enum verdict
unpacked(struct gadget_call *g, enum inflate_kind kind)
{
	struct scan *s = g->m->scan;
	struct inflate *inflate = NULL;
	struct child_result result;
	struct source packed, plain;
	struct child child = { .name = "unpacked",
		.name_size = sizeof("unpacked") - 1,
		.offset = g->call->place,
		.kind = CHILD_NESTED };
	uint64_t pos, size;

	g->why = "unpacks something";
	if (g->m->holes != NULL || g->m->base != 0 ||
	    text_find(g->m, gadget_item(g, 0), &pos, &size) != ERR_OK ||
	    source_view(s->source, pos, size, &packed) != ERR_OK ||
	    s->children++ >= SCAN_CHILDREN ||
	    inflate_open(&packed, kind, &inflate, &plain) != ERR_OK)
		return VERDICT_SUSPICIOUS;
	if (visit_child(s->visit, &child, &plain, &result) != ERR_OK)
		g->why = "unpacks more than is looked at";
	inflate_free(&inflate);
	return VERDICT_SUSPICIOUS;
}

enum verdict
gadget_zlib(struct gadget_call *g)
{
	return unpacked(g, INFLATE_ZLIB);
}

enum verdict
gadget_gzip(struct gadget_call *g)
{
	return unpacked(g, INFLATE_GZIP);
}

enum verdict
gadget_bzip2(struct gadget_call *g)
{
	return unpacked(g, INFLATE_BZIP2);
}

enum verdict
gadget_xz(struct gadget_call *g)
{
	return unpacked(g, INFLATE_XZ);
}
