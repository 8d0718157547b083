/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gadget_decode: decoders, whose argument may hide a pickle.
 *
 * That a pickle calls one at all is suspicious; what it would decode is looked
 * at all the same, so that the report says what was hidden.
 */
#include "base/own.h"
#include "byte/inflate.h"
#include "pickle/call.h"
#include "pickle/machine.h"
#include "pickle/nested.h"
#include "pickle/scan.h"

enum {
	DECODED_MAX = 1024 * 1024,
	HEX_BITS = 4,
	BASE64_BITS = 6,
	NO_DIGIT = 64,
};

static unsigned
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - (unsigned)'0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - (unsigned)'a' + 10 : NO_DIGIT;
}

static unsigned
base64_digit(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - (unsigned)'A';
	if (c >= 'a' && c <= 'z')
		return c - (unsigned)'a' + 26;
	if (c >= '0' && c <= '9')
		return c - (unsigned)'0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : NO_DIGIT;
}

/* Undo a text form of so many bits a character; others are left out, as
 * Python's decoders do. */
static enum err
undo(const struct buf *text, unsigned (*digit)(uint8_t), unsigned width,
    struct buf *out)
{
	uint32_t bits = 0;
	unsigned have = 0;
	enum err e = ERR_OK;

	for (size_t i = 0; e == ERR_OK && i < text->size; i++) {
		unsigned d = digit(text->data[i]);
		uint8_t byte;

		if (d == NO_DIGIT)
			continue;
		bits = bits << width | d;
		have += width;
		if (have < 8)
			continue;
		have -= 8;
		byte = (uint8_t)(bits >> have);
		e = buf_add(out, &byte, 1);
	}
	return e;
}

static enum verdict
decoded(struct gadget_call *g, unsigned (*digit)(uint8_t), unsigned width)
{
	AUTO(buf) struct buf text = buf_new(DECODED_MAX);
	AUTO(buf) struct buf bytes = buf_new(DECODED_MAX);
	value v = gadget_item(g, 0);
	bool known;

	g->why = "decodes something that was made unreadable";
	if ((value_kind(v) == KIND_STR || value_kind(v) == KIND_BYTES) &&
	    text_read_raw(g->m, v, &text) == ERR_OK &&
	    undo(&text, digit, width, &bytes) == ERR_OK &&
	    nested_may(bytes.data, bytes.size))
		(void)nested_visit_memory(
		    g->m, value_payload(v), &bytes, &known);
	return VERDICT_SUSPICIOUS;
}

enum verdict
gadget_base64(struct gadget_call *g)
{
	return decoded(g, base64_digit, BASE64_BITS);
}

enum verdict
gadget_hex(struct gadget_call *g)
{
	return decoded(g, hex_digit, HEX_BITS);
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
