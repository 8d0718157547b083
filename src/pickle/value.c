/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value: the ring of nodes.
 *
 *	tuple		count and marks, weight, items
 *	list, dict	count and marks, weight, first chunk, last chunk
 *	chunk		next chunk, items used, items
 *	call		callee, arguments
 *
 * A node's number is the count of words handed out before it, so that it
 * also says whether the node still stands.
 *
 * The marks are HOLDS_* of all items, each taken when it joined.  A container
 * that joins another is marked as well: what joins it later was not counted in
 * the other, and is noted in the ring, so that it is in doubt.
 */
#include "pickle/value.h"

#include <stdlib.h>
#include <string.h>

enum {
	RING_FIRST = 4 * 1024, /* words: 32 KB, enough for most pickles */
	RING_MAX = 512 * 1024, /* words: 4 MB */
	CHUNK_ITEMS = 8,
	CHUNK_HEAD = 2,
	NODE_HEAD = 2,
	LIST_WORDS = 4,
	CALL_WORDS = 2,
	WEIGHT_DEPTH_BITS = 32,
	MARKS_AT = 56, /* bits of the count below them */
};

/* Beside HOLDS_*, in a node's first word. */
#define MARK_COUNTED 4u /* HOLDS_* are there */
#define MARK_INSIDE 8u  /* it stands in another container */
#define COUNT_MASK ((UINT64_C(1) << MARKS_AT) - 1)

value
value_number(int64_t number, uint64_t pos)
{
	if ((int64_t)((uint64_t)number << VALUE_KIND_BITS) >> VALUE_KIND_BITS !=
	    number)
		return value_make(KIND_LONG, pos);
	return value_make(KIND_INT, (uint64_t)number);
}

struct ring
ring_new(struct budget *budget)
{
	/* Node 0 means the empty tuple. */
	return (struct ring){ .head = 1, .budget = budget };
}

void
ring_free(struct ring *r)
{
	if (r == NULL)
		return;
	budget_give(r->budget, r->room * sizeof(*r->words));
	free(r->words);
	*r = ring_new(r->budget);
}

/* Twice the room, as long as no node was overwritten yet. */
static void
ring_grow(struct ring *r)
{
	size_t room = r->room == 0 ? RING_FIRST : r->room * 2;
	uint64_t *words;

	if (room > RING_MAX || r->head > r->room + 1 ||
	    budget_take(r->budget, BUDGET_MEMORY,
		(room - r->room) * sizeof(*words)) != ERR_OK)
		return;
	if ((words = realloc(r->words, room * sizeof(*words))) == NULL) {
		budget_give(r->budget, (room - r->room) * sizeof(*words));
		return;
	}
	memset(words + r->room, 0, (room - r->room) * sizeof(*words));
	r->words = words;
	r->room = room;
}

/* n words in one piece; VALUE_GONE when there is no memory at all. */
static uint64_t
ring_take(struct ring *r, size_t n)
{
	uint64_t node;

	if (r->head + n > r->room)
		ring_grow(r);
	if (r->room == 0 || r->head >= VALUE_GONE - RING_MAX)
		return VALUE_GONE;
	if ((r->head & (r->room - 1)) + n > r->room)
		r->head = (r->head | (r->room - 1)) + 1;
	node = r->head;
	r->head += n;
	return node;
}

/* The words of a node, or NULL when they were overwritten. */
static uint64_t *
ring_node(const struct ring *r, uint64_t node)
{
	if (node == 0 || node >= r->head || r->head - node > r->room)
		return NULL;
	return r->words + (node & (r->room - 1));
}

static uint64_t
container_node(value v)
{
	switch (value_kind(v)) {
	case KIND_TUPLE:
	case KIND_LIST:
	case KIND_DICT:
		return value_payload(v);
	case KIND_CALL:
		return value_payload(v) >> VALUE_NAME_BITS;
	case KIND_NOTHING:
	case KIND_NONE:
	case KIND_BOOL:
	case KIND_INT:
	case KIND_LONG:
	case KIND_FLOAT:
	case KIND_STR:
	case KIND_BYTES:
	case KIND_BYTEARRAY:
	case KIND_SET:
	case KIND_GLOBAL:
	case KIND_DTYPE:
	case KIND_PERSISTENT:
	case KIND_EXTENSION:
	case KIND_BUFFER:
	case KIND_FORGOTTEN:
	case KIND_COUNT:
		break;
	}
	return 0;
}

struct weight
ring_weight(const struct ring *r, value v)
{
	const uint64_t *node;

	if (value_kind(v) < KIND_TUPLE || value_kind(v) > KIND_DICT ||
	    (node = ring_node(r, container_node(v))) == NULL)
		return (struct weight){ 0, 0 };
	return (struct weight){ (uint32_t)(node[1] >> WEIGHT_DEPTH_BITS),
		(uint32_t)node[1] };
}

/* The weight of a container that also has these items: the sum, in powers of
 * two, rounded so that honest sums stay small and doublings do not. */
static uint64_t
weigh(const struct ring *r, uint64_t old, const value *items, size_t n)
{
	uint64_t depth = old >> WEIGHT_DEPTH_BITS, log2 = (uint32_t)old;
	uint64_t same = log2 > 0; /* as heavy as the heaviest */

	for (size_t i = 0; i < n; i++) {
		struct weight w = { 0, 0 };

		if (value_kind(items[i]) >= KIND_TUPLE &&
		    value_kind(items[i]) <= KIND_DICT)
			w = ring_weight(r, items[i]);
		if (w.depth >= depth)
			depth = w.depth;
		if (w.log2 > log2) {
			log2 = w.log2;
			same = 1;
		} else if (w.log2 == log2 && log2 > 0) {
			same++;
		}
	}
	/* same items of 2^log2 are 2^(log2 + log2(same)). */
	while (same > 1) {
		log2++;
		same /= 2;
	}
	if (log2 == 0)
		log2 = n > 1 && old == 0;
	return depth << WEIGHT_DEPTH_BITS | log2;
}

/* A container joins another: what it holds until now. */
static unsigned
holds_inside(struct ring *r, value v)
{
	uint64_t *node;

	if (v == value_make(KIND_TUPLE, 0))
		return 0;
	if ((node = ring_node(r, container_node(v))) == NULL ||
	    (node[0] >> MARKS_AT & MARK_COUNTED) == 0)
		return HOLDS_DOUBT;
	node[0] |= (uint64_t)MARK_INSIDE << MARKS_AT;
	return node[0] >> MARKS_AT & (HOLDS_TEXT | HOLDS_DOUBT);
}

/* What one item adds to a container's marks. */
static unsigned
holds_item(struct ring *r, value v)
{
	switch (value_kind(v)) {
	case KIND_STR:
	case KIND_BYTES:
	case KIND_BYTEARRAY:
	case KIND_PERSISTENT:
	case KIND_EXTENSION:
	case KIND_BUFFER:
		return HOLDS_TEXT;
	case KIND_TUPLE:
	case KIND_LIST:
	case KIND_DICT:
		return holds_inside(r, v);
	case KIND_CALL:
		return r->is_text(r->context, v) ? HOLDS_TEXT : 0;
	case KIND_SET:
	case KIND_FORGOTTEN:
		return HOLDS_DOUBT;
	case KIND_NOTHING:
	case KIND_NONE:
	case KIND_BOOL:
	case KIND_INT:
	case KIND_LONG:
	case KIND_FLOAT:
	case KIND_GLOBAL:
	case KIND_DTYPE:
	case KIND_COUNT:
		break;
	}
	return 0;
}

/* The marks of a container with these items, and those that it had. */
static uint64_t
marks(struct ring *r, uint64_t had, const value *items, size_t n)
{
	unsigned holds = 0;

	if (r->is_text == NULL)
		return 0;
	for (size_t i = 0; i < n; i++)
		holds |= holds_item(r, items[i]);
	if ((had & MARK_INSIDE) != 0)
		r->changed |= holds & ~(unsigned)had;
	return (had | holds) << MARKS_AT;
}

unsigned
ring_holds(const struct ring *r, value v)
{
	const uint64_t *node = ring_node(r, container_node(v));
	unsigned holds;

	if (v == value_make(KIND_TUPLE, 0))
		return 0;
	if (node == NULL || value_kind(v) < KIND_TUPLE ||
	    value_kind(v) > KIND_DICT ||
	    (node[0] >> MARKS_AT & MARK_COUNTED) == 0)
		return HOLDS_DOUBT;
	holds = node[0] >> MARKS_AT & (HOLDS_TEXT | HOLDS_DOUBT);
	return (r->changed & ~holds) != 0 ? holds | HOLDS_DOUBT : holds;
}

/* One level more than what is inside. */
static uint64_t
weight_deeper(uint64_t weight)
{
	return weight + (UINT64_C(1) << WEIGHT_DEPTH_BITS);
}

value
ring_tuple(struct ring *r, const value *items, size_t n)
{
	size_t keep = n < VALUE_KEEP_TUPLE ? n : VALUE_KEEP_TUPLE;
	uint64_t number, *node;

	if (n == 0)
		return value_make(KIND_TUPLE, 0);
	number = ring_take(r, NODE_HEAD + keep);
	if ((node = ring_node(r, number)) == NULL)
		return value_make(KIND_TUPLE, VALUE_GONE);
	node[0] = n | marks(r, MARK_COUNTED, items, n);
	node[1] = weight_deeper(weigh(r, 0, items, keep));
	memcpy(node + NODE_HEAD, items, keep * sizeof(*items));
	return value_make(KIND_TUPLE, number);
}

value
ring_container(struct ring *r, enum kind kind)
{
	uint64_t number = ring_take(r, LIST_WORDS);
	uint64_t *node = ring_node(r, number);

	if (node == NULL)
		return value_make(kind, VALUE_GONE);
	node[0] = marks(r, MARK_COUNTED, NULL, 0);
	node[1] = weight_deeper(0);
	node[2] = node[3] = 0;
	return value_make(kind, number);
}

/* A chunk to put the next item in, or NULL. */
static uint64_t *
chunk_for(struct ring *r, uint64_t list)
{
	uint64_t *node = ring_node(r, list), *last, number;

	last = ring_node(r, node[3]);
	if (node[3] != 0 && last == NULL)
		return NULL; /* there is a hole in it for ever */
	if (last != NULL && last[1] < CHUNK_ITEMS)
		return last;
	number = ring_take(r, CHUNK_HEAD + CHUNK_ITEMS);
	if ((node = ring_node(r, list)) == NULL ||
	    (last = ring_node(r, number)) == NULL)
		return NULL;
	last[0] = last[1] = 0;
	if (node[2] == 0)
		node[2] = number;
	else if (ring_node(r, node[3]) != NULL)
		ring_node(r, node[3])[0] = number;
	node[3] = number;
	return last;
}

void
ring_extend(struct ring *r, value container, const value *items, size_t n)
{
	uint64_t list = value_payload(container);
	size_t room = value_kind(container) == KIND_DICT ? VALUE_KEEP_PAIRS * 2
							 : VALUE_KEEP;
	uint64_t *node = ring_node(r, list), had, *chunk;

	if (node == NULL || n == 0)
		return;
	had = node[0] & COUNT_MASK;
	node[0] |= marks(r, node[0] >> MARKS_AT, items, n);
	node[0] += n;
	if (had >= room) /* what comes later does not weigh either */
		return;
	if (n > room - had)
		n = room - (size_t)had;
	node[1] = weight_deeper(weigh(r, node[1] - weight_deeper(0), items, n));
	/* Of itself, it would have twice as many with each. */
	for (size_t i = 0; i < n; i++)
		node[1] += items[i] == container;
	for (size_t i = 0; i < n; i++) {
		if ((chunk = chunk_for(r, list)) == NULL)
			return;
		chunk[CHUNK_HEAD + chunk[1]++] = items[i];
	}
}

value
ring_call(struct ring *r, uint64_t name, value callee, value args)
{
	uint64_t number = ring_take(r, CALL_WORDS);
	uint64_t *node = ring_node(r, number);

	if (node != NULL) {
		node[0] = callee;
		node[1] = args;
	}
	return value_make(KIND_CALL, number << VALUE_NAME_BITS | name);
}

uint64_t
value_call_name(value v)
{
	return value_payload(v) & ((1u << VALUE_NAME_BITS) - 1);
}

bool
ring_call_parts(const struct ring *r, value v, value *callee, value *args)
{
	const uint64_t *node = ring_node(r, container_node(v));

	if (value_kind(v) != KIND_CALL || node == NULL)
		return false;
	*callee = node[0];
	*args = node[1];
	return true;
}

static void
chunks_copy(const struct ring *r, const uint64_t *node, struct items *out)
{
	uint64_t next = node[2];

	while (next != 0) {
		const uint64_t *chunk = ring_node(r, next);

		if (chunk == NULL || chunk[1] > CHUNK_ITEMS ||
		    chunk[1] > sizeof(out->at) / sizeof(*out->at) - out->n)
			return;
		memcpy(out->at + out->n, chunk + CHUNK_HEAD,
		    chunk[1] * sizeof(*chunk));
		out->n += chunk[1];
		next = chunk[0];
	}
}

void
ring_items(const struct ring *r, value v, struct items *out)
{
	uint64_t number = container_node(v);
	const uint64_t *node = ring_node(r, number);

	out->n = 0;
	out->count = 0;
	out->known = false;
	if (value_kind(v) == KIND_TUPLE && number == 0) {
		out->known = true;
		return;
	}
	if (node == NULL || value_kind(v) == KIND_CALL)
		return;
	out->known = true;
	out->count = node[0] & COUNT_MASK;
	if (value_kind(v) != KIND_TUPLE) {
		chunks_copy(r, node, out);
		return;
	}
	out->n = out->count < VALUE_KEEP_TUPLE ? (size_t)out->count
					       : VALUE_KEEP_TUPLE;
	memcpy(out->at, node + NODE_HEAD, out->n * sizeof(*out->at));
}

static bool
is_changeable(value v)
{
	enum kind kind = value_kind(v);

	return kind == KIND_LIST || kind == KIND_DICT ||
	    kind == KIND_BYTEARRAY ||
	    (kind == KIND_SET && value_payload(v) == 1);
}

bool
value_cannot_hold(value target, const value *items, size_t n)
{
	size_t step = value_kind(target) == KIND_SET ? 1 : 2;

	if (value_kind(target) != KIND_DICT && value_kind(target) != KIND_SET)
		return false;
	for (size_t i = 0; i + step <= n; i += step)
		if (is_changeable(items[i]))
			return true;
	return false;
}
