/* SPDX-License-Identifier: Apache-2.0 */
/*
 * h5_data: data sets that hold bytes, which may be a pickle.
 *
 * Programs keep objects so that HDF5 has no type for: as an array of bytes, as
 * an opaque value, as a text, and PyTables (pandas' fixed format) as arrays of
 * variable length in the global heap.  Of any other type, data is never read;
 * of these the front is, and the rest if it looks like more.
 *
 *	type (0x03)	u8 version and class, 3 bytes of flags, u32 size
 *	layout (0x08)	version 3: u8 class; compact: u16 size, data;
 *contiguous: address, size; chunked: u8 dimensions, a B-tree
 *	B-tree		"TREE", u8 1, u8 level, u16 entries, two siblings, keys
 *			(u32 size, u32 filters left out, u64 a dimension) with
 *an address behind each
 *
 * Reference: HDF5 File Format Specification 3.0, III.A.1, IV.A.2.d, i, l.
 */
#include <string.h>

#include "base/ckd.h"
#include "base/own.h"
#include "byte/inflate.h"
#include "format/h5_file.h"

enum {
	CLASS_NUMBER = 0,
	CLASS_STRING = 3,
	CLASS_OPAQUE = 5,
	CLASS_VARIABLE = 9,
	LAYOUT_COMPACT = 0,
	LAYOUT_CONTIGUOUS = 1,
	LAYOUT_CHUNKED = 2,
	LAYOUT_VERSION = 3,
	FILTER_DEFLATE = 1,
	FILTER_SHUFFLE = 2, /* of single bytes it does nothing */
	TREE_CHUNKS = 1,
	DIMENSIONS_MAX = 33,
	LEVELS_MAX = 16,
	CHUNKS_MAX = 4096,  /* of one data set */
	FRONT = 512,        /* bytes that tell */
	DATA_MAX = 1 << 20, /* of chunks put together */
};

void
h5_data_type(struct h5 *h, struct cursor c)
{
	h->set.class = cursor_u8(&c) & 0xfu;
	(void)cursor_take(&c, 3);
	h->set.size = cursor_u32le(&c);
}

void
h5_data_filters(struct h5 *h, struct cursor c)
{
	unsigned version = cursor_u8(&c), count = cursor_u8(&c);

	if (version == 1)
		(void)cursor_take(&c, 6);
	/* Only the first tells; others would come behind it. */
	while (count-- > 0 && cursor_check(&c) == ERR_OK) {
		unsigned id = cursor_u16le(&c), values;
		size_t name = version == 1 || id >= 256 ? cursor_u16le(&c) : 0;

		(void)cursor_u16le(&c);
		values = cursor_u16le(&c);
		(void)cursor_take(&c, (name + 7) & ~(size_t)7);
		(void)cursor_take(
		    &c, 4 * (size_t)(values + (version == 1 ? values % 2 : 0)));
		if (id == FILTER_DEFLATE)
			h->set.deflated = true;
		else if (id != FILTER_SHUFFLE)
			h->set.strange = true;
	}
}

enum err
h5_data_layout(struct h5 *h, struct cursor c)
{
	unsigned version = cursor_u8(&c), class = cursor_u8(&c);
	size_t n;

	if (version != LAYOUT_VERSION && (version != 4 || class > 1))
		return ERR_OK;
	h->set.layout = class;
	h->set.known = true;
	if (class == LAYOUT_COMPACT) {
		n = cursor_u16le(&c);
		n = ckd_min(n, cursor_left(&c));
		buf_clear(&h->set.compact);
		return buf_add(&h->set.compact, cursor_take(&c, n), n);
	}
	if (class == LAYOUT_CHUNKED)
		h->set.dimensions = cursor_u8(&c);
	h->set.at = h5_address(h, &c);
	if (class == LAYOUT_CONTIGUOUS)
		h->set.bytes = h5_size(h, &c);
	h->set.known = cursor_check(&c) == ERR_OK;
	return ERR_OK;
}

static bool
is_bytes(const struct h5_set *set)
{
	return set->class == CLASS_STRING || set->class == CLASS_OPAQUE ||
	    (set->class == CLASS_NUMBER && set->size == 1);
}

/* Bytes of the data set, or what refers to them. */
static enum err
data_judge(struct h5 *h, struct cursor data)
{
	static const char name[] = "(data)";

	return h->set.class == CLASS_VARIABLE
	    ? h5_references(h, name, sizeof(name) - 1, data)
	    : h5_text(h, name, sizeof(name) - 1, data);
}

static enum err
data_contiguous(struct h5 *h)
{
	AUTO(buf) struct buf data = buf_new(DATA_MAX);
	uint64_t n = ckd_min(h->set.bytes, FRONT);
	enum err e;

	if (h->set.at >= h->s.size)
		return ERR_OK; /* never written */
	if (h->set.class == CLASS_VARIABLE)
		n = ckd_min(h->set.bytes, DATA_MAX);
	n = ckd_min(n, h->s.size - h->set.at);
	if ((e = h5_read(h, h->set.at, n, &data)) != ERR_OK)
		return e;
	if (h->set.class != CLASS_VARIABLE && n < h->set.bytes &&
	    h5_text_front(data.data, data.size)) {
		n = ckd_min(h->set.bytes, DATA_MAX);
		n = ckd_min(n, h->s.size - h->set.at);
		if ((e = h5_read(h, h->set.at, n, &data)) != ERR_OK)
			return e;
	}
	return data_judge(h, cursor_over(data.data, data.size));
}

/* Append a chunk, unpacked. */
static enum err
chunk_read(
    struct h5 *h, uint64_t at, uint64_t size, bool packed, struct buf *out)
{
	AUTO(inflate) struct inflate *f = NULL;
	struct source view, plain;
	size_t room = out->max - out->size, got = 0;
	uint8_t *to;
	enum err e;

	if (at >= h->s.size || size > h->s.size - at)
		return ERR_SHORT;
	if ((e = source_view(&h->s, at, size, &view)) != ERR_OK)
		return e;
	plain = view;
	if (packed &&
	    (e = inflate_open(&view, INFLATE_ZLIB, &f, &plain)) != ERR_OK)
		return e;
	if (!packed)
		room = (size_t)ckd_min(room, size);
	if ((to = buf_grow(out, room)) == NULL)
		return ERR_NOMEM;
	e = source_read_some(&plain, 0, to, room, &got);
	out->size += got;
	return e;
}

/* One key and its address: a chunk, or a node below. */
struct chunk {
	uint64_t size, at;
	uint32_t left_out;
};

static struct chunk
chunk_take(struct h5 *h, struct cursor *c)
{
	struct chunk chunk = { .size = cursor_u32le(c) };

	chunk.left_out = cursor_u32le(c);
	(void)cursor_take(c, 8 * (size_t)h->set.dimensions);
	chunk.at = h5_address(h, c);
	return chunk;
}

/* The chunks of a leaf, as long as they matter. */
static enum err
leaf_read(struct h5 *h, struct cursor c, unsigned entries, struct buf *out)
{
	enum err e = ERR_OK;

	while (entries-- > 0 && e == ERR_OK && out->size < out->max) {
		struct chunk chunk = chunk_take(h, &c);
		bool first = out->size == 0;

		if (cursor_check(&c) != ERR_OK || h->set.chunks++ >= CHUNKS_MAX)
			break;
		e = chunk_read(h, chunk.at, chunk.size,
		    h->set.deflated && chunk.left_out == 0, out);
		if (first && is_bytes(&h->set) &&
		    !h5_text_front(out->data, out->size))
			break;
	}
	return e;
}

/* From the root of the tree to its first leaf. */
static enum err
data_chunked(struct h5 *h)
{
	AUTO(buf) struct buf data = buf_new(DATA_MAX);
	uint64_t at = h->set.at;
	size_t head = 8 + 2u * h->offset, entry;

	if (h->set.strange || h->set.dimensions == 0 ||
	    h->set.dimensions > DIMENSIONS_MAX)
		return ERR_OK; /* packed as no pickle is */
	entry = 8 + 8 * (size_t)h->set.dimensions + h->offset;
	for (unsigned i = 0; i < LEVELS_MAX && at < h->s.size; i++) {
		struct cursor c;
		unsigned level, entries;
		uint64_t n;
		enum err e;

		if ((e = h5_read(h, at, ckd_min(head, h->s.size - at),
			 &h->block)) != ERR_OK)
			return e;
		c = cursor_over(h->block.data, h->block.size);
		if (cursor_u32le(&c) != 0x45455254 ||
		    cursor_u8(&c) != TREE_CHUNKS)
			return ERR_MALFORMED;
		level = cursor_u8(&c);
		entries = cursor_u16le(&c);
		n = ckd_min(entry * (uint64_t)entries, h->s.size - at - head);
		if ((e = h5_read(h, at + head, n, &h->block)) != ERR_OK)
			return e;
		c = cursor_over(h->block.data, h->block.size);
		if (level == 0) {
			e = leaf_read(h, c, entries, &data);
			if (e != ERR_OK && data.size == 0)
				return e;
			return data_judge(h, cursor_over(data.data, data.size));
		}
		at = chunk_take(h, &c).at;
	}
	return ERR_OK;
}

enum err
h5_data_judge(struct h5 *h)
{
	if (!h->set.known ||
	    (!is_bytes(&h->set) && h->set.class != CLASS_VARIABLE))
		return ERR_OK;
	if (h->set.layout == LAYOUT_COMPACT)
		return data_judge(
		    h, cursor_over(h->set.compact.data, h->set.compact.size));
	return h->set.layout == LAYOUT_CONTIGUOUS ? data_contiguous(h)
	    : h->set.layout == LAYOUT_CHUNKED     ? data_chunked(h)
						  : ERR_OK;
}

void
h5_data_begin(struct h5 *h)
{
	struct buf compact = h->set.compact;

	buf_clear(&compact);
	h->set = (struct h5_set){ .class = UINT8_MAX, .compact = compact };
}
