/* SPDX-License-Identifier: Apache-2.0 */
/* h5_heap: symbol tables, their names, and global heaps. */
#include <string.h>

#include "base/ckd.h"
#include "format/h5_file.h"

enum {
	NAME_MAX_READ = 4096, /* a name in a local heap */
};

static bool
has_mark(struct cursor *c, const char *mark)
{
	const uint8_t *p = cursor_take(c, 4);

	return p != NULL && memcmp(p, mark, 4) == 0;
}

/* The entries of a symbol node. */
static enum err
symbol_node(struct h5 *h, uint64_t at, uint64_t heap)
{
	struct cursor c;
	unsigned count;
	enum err e;

	(void)heap;
	if ((e = h5_read(h, at, 8, &h->block)) != ERR_OK)
		return e;
	c = cursor_over(h->block.data, h->block.size);
	if (!has_mark(&c, "SNOD"))
		return ERR_MALFORMED;
	(void)cursor_take(&c, 2);
	count = cursor_u16le(&c);
	if ((e = h5_read(h, at + 8, count * (2u * h->offset + 24),
		 &h->block)) != ERR_OK)
		return e;
	c = cursor_over(h->block.data, h->block.size);
	for (unsigned i = 0; i < count; i++) {
		struct h5_task task = { .kind = H5_OBJECT };
		uint32_t cached;

		(void)h5_address(h, &c);
		task.at = h5_address(h, &c);
		cached = cursor_u32le(&c);
		(void)cursor_take(&c, 4 + 16);
		/* 2: a soft link, which names a place in this file */
		if (cached != 2 && (e = h5_push(h, &task)) != ERR_OK)
			return e;
	}
	return ERR_OK;
}

enum err
h5_tree(struct h5 *h, const struct h5_task *tree)
{
	struct buf node = buf_new(H5_BLOCK_MAX);
	unsigned level, count;
	struct cursor c;
	enum err e;

	if ((e = h5_read(h, tree->at, 8 + 2u * h->offset, &h->block)) != ERR_OK)
		return e;
	c = cursor_over(h->block.data, h->block.size);
	if (!has_mark(&c, "TREE"))
		return ERR_MALFORMED;
	(void)cursor_u8(&c);
	level = cursor_u8(&c);
	count = cursor_u16le(&c);
	e = h5_read(h, tree->at + 8 + 2u * h->offset,
	    count * (h->length + h->offset), &node);
	c = cursor_over(node.data, node.size);
	for (unsigned i = 0; i < count && e == ERR_OK; i++) {
		struct h5_task child = { H5_TREE, 0, tree->heap };

		(void)h5_size(h, &c);
		child.at = h5_address(h, &c);
		e = level > 0 ? h5_push(h, &child)
			      : symbol_node(h, child.at, tree->heap);
	}
	buf_free(&node);
	return e;
}

enum err
h5_local(struct h5 *h, uint64_t heap, uint64_t offset)
{
	struct cursor c;
	uint64_t data, at;
	size_t got;
	uint8_t *room;
	enum err e;

	if ((e = h5_read(h, heap, 8 + 2u * h->length + h->offset, &h->block)) !=
	    ERR_OK)
		return e;
	c = cursor_over(h->block.data, h->block.size);
	if (!has_mark(&c, "HEAP"))
		return ERR_MALFORMED;
	(void)cursor_take(&c, 4);
	(void)h5_size(h, &c);
	(void)h5_size(h, &c);
	data = h5_address(h, &c);
	buf_clear(&h->value);
	if (!ckd_add(data, offset, &at) || at >= h->s.size)
		return ERR_SHORT;
	if ((room = buf_grow(&h->value, NAME_MAX_READ)) == NULL)
		return ERR_NOMEM;
	if ((e = source_read_some(&h->s, at, room, NAME_MAX_READ, &got)) !=
	    ERR_OK)
		return e;
	h->value.size = strnlen((const char *)room, got);
	return ERR_OK;
}

/* The collection at heap, kept: its objects are mostly wanted together. */
static enum err
global_read(struct h5 *h, uint64_t heap)
{
	struct cursor c;
	uint64_t size;
	enum err e;

	if (h->global.size > 0 && h->global_at == heap)
		return ERR_OK;
	if ((e = h5_read(h, heap, 8 + h->length, &h->global)) != ERR_OK)
		return e;
	c = cursor_over(h->global.data, h->global.size);
	if (!has_mark(&c, "GCOL")) {
		buf_clear(&h->global);
		return ERR_MALFORMED;
	}
	(void)cursor_take(&c, 4);
	size = h5_size(h, &c);
	h->global_at = heap;
	if ((e = h5_read(h, heap, size, &h->global)) != ERR_OK)
		buf_clear(&h->global);
	return e;
}

enum err
h5_global(struct h5 *h, uint64_t heap, uint32_t index)
{
	struct cursor c;
	enum err e;

	if ((e = global_read(h, heap)) != ERR_OK)
		return e;
	c = cursor_over(h->global.data, h->global.size);
	(void)cursor_take(&c, 8 + h->length);
	while (cursor_left(&c) >= 8u + h->length) {
		uint32_t here = cursor_u16le(&c);
		uint64_t size, left;
		const uint8_t *data = NULL;

		(void)cursor_take(&c, 6);
		size = h5_size(h, &c);
		left = cursor_left(&c);
		if (here == 0 || size > left)
			return ERR_MALFORMED;
		data = cursor_take(
		    &c, (size_t)ckd_min(left, (size + 7) & ~UINT64_C(7)));
		if (here != index)
			continue;
		buf_clear(&h->value);
		return buf_add(&h->value, data, (size_t)size);
	}
	return ERR_MALFORMED;
}
