/* SPDX-License-Identifier: Apache-2.0 */
/* h5_file: superblock, object headers, and what is still to be looked at. */
#include "format/h5_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/ckd.h"

enum {
	SIGNATURE_SIZE = 8,
	USER_BLOCK_MIN = 512,
	SUPERBLOCK_MAX = 128,
	TASKS_FIRST = 64,
	TASKS_MAX = 1 << 18,
	CONTINUATIONS_MAX = 256, /* blocks of one object header */
	MESSAGE_CONTINUATION = 0x10,
	V1_HEADER = 16,
	V2_HEADER_MAX = 4 + 2 + 16 + 4 + 8,
	CHECKSUM = 4,
};

static const uint8_t signature[SIGNATURE_SIZE] = "\x89HDF\r\n\x1a\n";

enum err
h5_find(const struct source *s, uint64_t *at)
{
	uint8_t raw[SIGNATURE_SIZE];
	uint64_t place = 0;
	size_t got;
	enum err e;

	do {
		if ((e = source_read_some(s, place, raw, sizeof(raw), &got)) !=
		    ERR_OK)
			return e;
		if (got < sizeof(raw))
			return ERR_SHORT;
		if (memcmp(raw, signature, sizeof(raw)) == 0) {
			*at = place;
			return ERR_OK;
		}
		place = place == 0 ? USER_BLOCK_MIN : place * 2;
	} while (place < s->size && place < UINT64_MAX / 4);
	return ERR_SHORT;
}

uint64_t
h5_address(const struct h5 *h, struct cursor *c)
{
	uint64_t value = cursor_le(c, h->offset);

	if (h->offset < 8 && value == (UINT64_C(1) << 8 * h->offset) - 1)
		return UINT64_MAX;
	return value;
}

uint64_t
h5_size(const struct h5 *h, struct cursor *c)
{
	return cursor_le(c, h->length);
}

enum err
h5_read(struct h5 *h, uint64_t at, uint64_t n, struct buf *to)
{
	uint8_t *room;
	enum err e;

	buf_clear(to);
	if (n > H5_BLOCK_MAX)
		return ERR_LIMIT;
	if (at > h->s.size || n > h->s.size - at)
		return ERR_SHORT;
	if ((e = budget_check(h->v->budget)) != ERR_OK)
		return e;
	if ((room = buf_grow(to, (size_t)n)) == NULL)
		return ERR_NOMEM;
	if ((e = source_read(&h->s, at, room, (size_t)n)) != ERR_OK)
		return e;
	to->size = (size_t)n;
	return ERR_OK;
}

static bool
width_is_known(unsigned n)
{
	return n == 2 || n == 4 || n == 8;
}

/* Behind the signature and version, of version 0 and 1. */
static void
superblock_old(struct h5 *h, struct cursor *c, unsigned version)
{
	(void)cursor_take(c, 4); /* versions of parts */
	h->offset = cursor_u8(c);
	h->length = cursor_u8(c);
	(void)cursor_take(c, 1 + 4 + 4);
	if (version == 1)
		(void)cursor_take(c, 4);
	if (!width_is_known(h->offset))
		return;
	(void)cursor_take(c, 4 * h->offset); /* base, free, end, driver */
	(void)h5_address(h, c);              /* the root's name */
	h->root = h5_address(h, c);
}

static void
superblock_new(struct h5 *h, struct cursor *c)
{
	h->offset = cursor_u8(c);
	h->length = cursor_u8(c);
	(void)cursor_u8(c);
	if (!width_is_known(h->offset))
		return;
	(void)cursor_take(c, 3 * h->offset); /* base, extension, end */
	h->root = h5_address(h, c);
}

enum err
h5_begin(struct h5 *h, struct visit *v, const struct source *s, uint64_t at)
{
	uint8_t raw[SUPERBLOCK_MAX];
	struct cursor c;
	uint8_t version;
	size_t got;
	enum err e;

	*h = (struct h5){ .v = v,
		.base = at,
		.header = buf_new(H5_BLOCK_MAX),
		.block = buf_new(H5_BLOCK_MAX),
		.dense = buf_new(H5_BLOCK_MAX),
		.global = buf_new(H5_BLOCK_MAX),
		.set.compact = buf_new(H5_BLOCK_MAX),
		.value = buf_new(H5_BLOCK_MAX) };
	if ((e = source_rest(s, at, &h->s)) != ERR_OK ||
	    (e = source_read_some(&h->s, 0, raw, sizeof(raw), &got)) != ERR_OK)
		return e;
	c = cursor_over(raw, got);
	(void)cursor_take(&c, SIGNATURE_SIZE);
	version = cursor_u8(&c);
	if (version > 3)
		return ERR_UNSUPPORTED;
	if (version < 2)
		superblock_old(h, &c, version);
	else
		superblock_new(h, &c);
	if (cursor_check(&c) != ERR_OK)
		return ERR_SHORT;
	return width_is_known(h->offset) && width_is_known(h->length)
	    ? ERR_OK
	    : ERR_MALFORMED;
}

void
h5_free(struct h5 *h)
{
	if (h->v == NULL)
		return;
	buf_free(&h->header);
	buf_free(&h->block);
	buf_free(&h->dense);
	buf_free(&h->global);
	buf_free(&h->set.compact);
	buf_free(&h->value);
	free(h->tasks);
	free(h->seen);
	budget_give(h->v->budget,
	    h->task_room * sizeof(*h->tasks) + h->seen_room * sizeof(*h->seen));
	*h = (struct h5){ 0 };
}

/* Twice the room, paid for. */
static enum err
grow(struct h5 *h, void **list, size_t *room, size_t each)
{
	size_t more = *room == 0 ? TASKS_FIRST : *room * 2;
	void *grown;

	if (more > TASKS_MAX) {
		budget_exhaust(h->v->budget, BUDGET_MEMBERS);
		return ERR_LIMIT;
	}
	if (budget_take(h->v->budget, BUDGET_MEMORY, (more - *room) * each) !=
	    ERR_OK)
		return ERR_LIMIT;
	if ((grown = realloc(*list, more * each)) == NULL) {
		budget_give(h->v->budget, (more - *room) * each);
		return ERR_NOMEM;
	}
	*list = grown;
	*room = more;
	return ERR_OK;
}

/* Where an address is, or would be put. */
static size_t
seen_slot(const struct h5 *h, uint64_t at)
{
	size_t mask = h->seen_room - 1;
	size_t slot = (size_t)((at ^ at >> 15) & mask);

	while (h->seen[slot] != 0 && h->seen[slot] != at + 1)
		slot = (slot + 1) & mask;
	return slot;
}

/* Twice the table, everything put anew. */
static enum err
seen_grow(struct h5 *h)
{
	uint64_t *old = NULL;
	size_t count = h->seen_room;
	void *list = h->seen;
	enum err e;

	if (count > 0 && (old = malloc(count * sizeof(*old))) == NULL)
		return ERR_NOMEM;
	if (count > 0)
		memcpy(old, h->seen, count * sizeof(*old));
	if ((e = grow(h, &list, &h->seen_room, sizeof(*h->seen))) == ERR_OK) {
		h->seen = list;
		memset(h->seen, 0, h->seen_room * sizeof(*h->seen));
		for (size_t i = 0; i < count; i++)
			if (old[i] != 0)
				h->seen[seen_slot(h, old[i] - 1)] = old[i];
	}
	free(old);
	return e;
}

enum err
h5_push(struct h5 *h, const struct h5_task *task)
{
	void *list = h->tasks;
	size_t slot;
	enum err e;

	if (task->at == UINT64_MAX)
		return ERR_OK;
	if (h->seen_count >= h->seen_room / 2 && (e = seen_grow(h)) != ERR_OK)
		return e;
	slot = seen_slot(h, task->at);
	if (h->seen[slot] != 0)
		return ERR_OK;
	if (h->task_count == h->task_room) {
		if ((e = grow(h, &list, &h->task_room, sizeof(*h->tasks))) !=
		    ERR_OK)
			return e;
		h->tasks = list;
	}
	h->seen[slot] = task->at + 1;
	h->seen_count++;
	h->tasks[h->task_count++] = *task;
	return ERR_OK;
}

bool
h5_pop(struct h5 *h, struct h5_task *task)
{
	if (h->task_count == 0)
		return false;
	*task = h->tasks[--h->task_count];
	return true;
}

/* One object header while its blocks are read. */
struct object {
	h5_message_fn *each;
	unsigned version;
	bool ordered; /* version 2: a creation order with each message */
	unsigned blocks;
	struct {
		uint64_t at, size;
	} next[CONTINUATIONS_MAX];
	unsigned next_count;
};

static void
object_continue(struct h5 *h, struct object *o, struct cursor data)
{
	uint64_t at = h5_address(h, &data), size = h5_size(h, &data);

	if (cursor_check(&data) != ERR_OK ||
	    o->next_count == CONTINUATIONS_MAX) {
		h->broken = true;
		return;
	}
	o->next[o->next_count].at = at;
	o->next[o->next_count++].size = size;
}

/* The messages of one block, in h->header. */
static enum err
block_messages(struct h5 *h, struct object *o, struct cursor c)
{
	size_t head = o->version == 1 ? 8 : o->ordered ? 6 : 4;
	enum err e;

	while (cursor_left(&c) >= head) {
		unsigned type =
		    o->version == 1 ? cursor_u16le(&c) : cursor_u8(&c);
		size_t size = cursor_u16le(&c);
		unsigned flags = cursor_u8(&c);
		struct cursor data;

		(void)cursor_take(&c, head - (o->version == 1 ? 5 : 4));
		if (size > cursor_left(&c)) {
			h->broken = true;
			return ERR_OK;
		}
		data = cursor_over(cursor_take(&c, size), size);
		if (type == MESSAGE_CONTINUATION)
			object_continue(h, o, data);
		else if ((e = o->each(h, type, flags, data)) != ERR_OK)
			return e;
	}
	return ERR_OK;
}

/* Where the first block of messages lies, and how long it is. */
static enum err
object_first(struct h5 *h, struct object *o, uint64_t at)
{
	uint8_t raw[V2_HEADER_MAX];
	struct cursor c;
	uint64_t size;
	uint8_t flags;
	size_t got;
	enum err e;

	if ((e = source_read_some(&h->s, at, raw, sizeof(raw), &got)) != ERR_OK)
		return e;
	c = cursor_over(raw, got);
	if (got > 4 && memcmp(raw, "OHDR", 4) == 0) {
		(void)cursor_take(&c, 5);
		flags = cursor_u8(&c);
		(void)cursor_take(&c,
		    ((flags & 0x20) != 0 ? 16u : 0) +
			((flags & 0x10) != 0 ? 4u : 0));
		size = cursor_le(&c, 1u << (flags & 3));
		o->version = raw[4];
		o->ordered = (flags & 4) != 0;
		at += (uint64_t)(c.at - raw);
	} else {
		o->version = cursor_u8(&c);
		(void)cursor_take(&c, 7);
		size = cursor_u32le(&c);
		at += V1_HEADER;
	}
	if (cursor_check(&c) != ERR_OK)
		return ERR_SHORT;
	if (o->version != 1 && o->version != 2)
		return ERR_MALFORMED;
	o->next[0].at = at;
	o->next[0].size = size;
	o->next_count = 1;
	return ERR_OK;
}

enum err
h5_messages(struct h5 *h, uint64_t at, h5_message_fn *each)
{
	struct object o = { .each = each };
	enum err e;

	if (at >= h->s.size)
		return ERR_SHORT;
	if ((e = object_first(h, &o, at)) != ERR_OK)
		return e;
	for (unsigned i = 0; i < o.next_count; i++) {
		struct cursor c;

		if ((e = h5_read(h, o.next[i].at, o.next[i].size,
			 &h->header)) != ERR_OK)
			return e;
		c = cursor_over(h->header.data, h->header.size);
		if (o.version == 2 && i > 0) {
			const uint8_t *mark = cursor_take(&c, 4);

			if (mark == NULL || memcmp(mark, "OCHK", 4) != 0 ||
			    cursor_left(&c) < CHECKSUM)
				return ERR_MALFORMED;
			c.end -= CHECKSUM;
		}
		if ((e = block_messages(h, &o, c)) != ERR_OK)
			return e;
	}
	return ERR_OK;
}
