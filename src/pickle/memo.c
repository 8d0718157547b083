/* SPDX-License-Identifier: Apache-2.0 */
/* memo: an array, and a hash for what does not fit. */
#include "pickle/memo.h"

#include <stdlib.h>
#include <string.h>

enum {
	MEMO_FIRST = 256,             /* entries */
	MEMO_DENSE_MAX = 1024 * 1024, /* entries: 8 MB */
	MEMO_GAP = 1024,         /* keys left out before the array is no good */
	MEMO_BEFORE = 64 * 1024, /* entries kept of a pickle that has ended */
	SLOT_FIRST = 64,
	SLOT_MAX = 64 * 1024, /* 1 MB */
};

struct memo
memo_new(struct budget *budget)
{
	return (struct memo){ .budget = budget };
}

void
memo_free(struct memo *m)
{
	if (m == NULL)
		return;
	budget_give(m->budget, m->room * sizeof(*m->dense));
	budget_give(m->budget, m->slot_room * sizeof(*m->slots));
	free(m->dense);
	free(m->slots);
	*m = memo_new(m->budget);
}

void
memo_clear(struct memo *m)
{
	if (m->high != 0)
		memset(m->dense, 0, m->high * sizeof(*m->dense));
	if (m->slot_used != 0)
		memset(m->slots, 0, m->slot_room * sizeof(*m->slots));
	if (m->forgotten != 0)
		memset(m->recent, 0, sizeof(m->recent));
	m->high = 0;
	m->count = 0;
	m->forgotten = 0;
	m->slot_used = 0;
}

/* Make the array reach key. */
static bool
dense_grow(struct memo *m, uint64_t key)
{
	size_t room = m->room == 0 ? MEMO_FIRST : m->room;
	value *dense;

	if (key >= MEMO_DENSE_MAX || key > m->count * 2 + MEMO_GAP)
		return false;
	while (room <= key)
		room *= 2;
	if (budget_take(m->budget, BUDGET_MEMORY,
		(room - m->room) * sizeof(*dense)) != ERR_OK)
		return false;
	if ((dense = realloc(m->dense, room * sizeof(*dense))) == NULL) {
		budget_give(m->budget, (room - m->room) * sizeof(*dense));
		return false;
	}
	memset(dense + m->room, 0, (room - m->room) * sizeof(*dense));
	m->dense = dense;
	/* Keys that were put when the array was too short for them. */
	for (size_t i = 0; m->slot_used != 0 && i < m->slot_room; i++) {
		const struct memo_slot *slot = &m->slots[i];

		if (slot->v == KIND_NOTHING || slot->key < m->room ||
		    slot->key >= room)
			continue;
		dense[slot->key] = slot->v;
		if (slot->key >= m->high)
			m->high = (size_t)slot->key + 1;
	}
	m->room = room;
	return true;
}

static struct memo_slot *
slot_find(const struct memo *m, uint64_t key)
{
	size_t mask = m->slot_room - 1;
	size_t at = (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & mask;

	while (m->slots[at].v != KIND_NOTHING && m->slots[at].key != key)
		at = (at + 1) & mask;
	return &m->slots[at];
}

/* Twice the slots. */
static bool
slots_grow(struct memo *m)
{
	struct memo old = *m;
	size_t room = m->slot_room == 0 ? SLOT_FIRST : m->slot_room * 2;

	if (room > SLOT_MAX ||
	    budget_take(m->budget, BUDGET_MEMORY, room * sizeof(*m->slots)) !=
		ERR_OK)
		return false;
	if ((m->slots = calloc(room, sizeof(*m->slots))) == NULL) {
		m->slots = old.slots;
		budget_give(m->budget, room * sizeof(*m->slots));
		return false;
	}
	m->slot_room = room;
	for (size_t i = 0; i < old.slot_room; i++)
		if (old.slots[i].v != KIND_NOTHING)
			*slot_find(m, old.slots[i].key) = old.slots[i];
	free(old.slots);
	budget_give(m->budget, old.slot_room * sizeof(*m->slots));
	return true;
}

/* Could it be called, imported, or told from honest data? */
static bool
matters(value v)
{
	enum kind kind = value_kind(v);

	return kind == KIND_GLOBAL || kind == KIND_DTYPE ||
	    kind == KIND_EXTENSION || kind == KIND_CALL;
}

/* Set a key among the slots. False: there is no room. */
static bool
slot_put(struct memo *m, uint64_t key, value v)
{
	struct memo_slot *slot = m->slot_room == 0 ? NULL : slot_find(m, key);

	if (slot != NULL && slot->v != KIND_NOTHING) {
		slot->v = v;
		return true;
	}
	/* A quarter stays free, so that a search ends soon. */
	if (m->slot_used >= m->slot_room / 4 * 3 && !slots_grow(m))
		return false;
	*slot_find(m, key) = (struct memo_slot){ key, v };
	m->slot_used++;
	m->count++;
	return true;
}

void
memo_put_slow(struct memo *m, uint64_t key, value v)
{
	bool known;

	if (dense_grow(m, key)) {
		memo_put(m, key, v);
		return;
	}
	known = m->slot_used != 0 && slot_find(m, key)->v != KIND_NOTHING;
	if (known || key < MEMO_DENSE_MAX || m->count < MEMO_DENSE_MAX ||
	    matters(v))
		if (slot_put(m, key, v))
			return;
	m->recent[m->forgotten++ % MEMO_RECENT] = (struct memo_slot){ key, v };
	if (key >= m->count)
		m->count++;
}

value
memo_get(const struct memo *m, uint64_t key)
{
	value v = key < m->room ? m->dense[key] : KIND_NOTHING;

	if (v == KIND_NOTHING && m->slot_used != 0)
		v = slot_find(m, key)->v;
	for (size_t i = 0;
	     v == KIND_NOTHING && m->forgotten != 0 && i < MEMO_RECENT; i++)
		if (m->recent[i].key == key)
			v = m->recent[i].v;
	if (v == KIND_NOTHING && m->forgotten != 0)
		return KIND_FORGOTTEN;
	return v;
}

void
memo_follow(struct memo *m, struct memo *before)
{
	if (m->count == 0)
		return;
	/* Keys that were written on from before's belong to it. */
	if (m->high > before->count && before->count != 0 &&
	    m->dense[0] == KIND_NOTHING) {
		for (size_t i = 0; i < m->high && i < MEMO_BEFORE; i++)
			if (m->dense[i] != KIND_NOTHING)
				memo_put(before, i, m->dense[i]);
	} else {
		memo_clear(before);
		if (m->high <= MEMO_BEFORE && m->slot_used == 0) {
			struct memo empty = *before;

			*before = *m;
			*m = empty;
			return;
		}
	}
	memo_clear(m);
}

value
memo_get_before(const struct memo *m, const struct memo *before, uint64_t key)
{
	value v = before->count == 0 ? KIND_NOTHING : memo_get(before, key);

	/* MEMOIZE has counted on from before's keys. */
	if (v == KIND_NOTHING && before->count != 0 && key >= before->count)
		v = memo_get(m, key - before->count);
	return v;
}

void
memo_recall(struct memo *m, value v)
{
	for (size_t i = 0; m->forgotten != 0 && i < MEMO_RECENT; i++) {
		struct memo_slot *recent = &m->recent[i];

		if (recent->v != v)
			continue;
		if (slot_put(m, recent->key, v))
			m->count--; /* it was counted when forgotten */
	}
}
