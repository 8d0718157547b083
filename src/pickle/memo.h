/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memo: what a pickle has put aside to be used again.
 *
 * Keys that grow by one, as every pickler writes them, are an array; others
 * are hashed.  Its size is bounded by the number of entries, never by a key.
 * Over the bound only what could be imported or called is kept; the rest is
 * forgotten, and getting it says so.
 */
#ifndef PICKLE_MEMO_H
#define PICKLE_MEMO_H

#include <stddef.h>
#include <stdint.h>

#include "byte/budget.h"
#include "pickle/value.h"

enum { MEMO_RECENT = 8 };

struct memo_slot {
	uint64_t key;
	value v; /* KIND_NOTHING: free */
};

struct memo {
	value *dense;       /* by key; KIND_NOTHING where unset */
	size_t room;        /* of dense */
	size_t high;        /* keys of dense in use are below it */
	uint64_t count;     /* distinct keys: what MEMOIZE uses next */
	uint64_t forgotten; /* entries that found no room */
	struct memo_slot *slots;
	size_t slot_room, slot_used;
	struct memo_slot recent[MEMO_RECENT]; /* of those forgotten */
	struct budget *budget;
};

struct memo memo_new(struct budget *budget);
void memo_free(struct memo *m); /* NULL is fine */

/* Forget everything, keep the memory. Costs as much as was put in. */
void memo_clear(struct memo *m);

/* A new pickle starts: what is in m is moved to before, if that is little. */
void memo_follow(struct memo *m, struct memo *before);

/* A key that m does not have, as a loader sees it that has kept the memo of
 * the pickles before: KIND_NOTHING or its value. */
value memo_get_before(
    const struct memo *m, const struct memo *before, uint64_t key);

/* Put where the array has no place: use memo_put(). */
void memo_put_slow(struct memo *m, uint64_t key, value v);

/* The value of a key; KIND_NOTHING: never set; KIND_FORGOTTEN. */
value memo_get(const struct memo *m, uint64_t key);

/* v turned out to be part of a name: keep the entry that has it after all. */
void memo_recall(struct memo *m, value v);

static inline void
memo_put(struct memo *m, uint64_t key, value v)
{
	if (key >= m->room) {
		memo_put_slow(m, key, v);
		return;
	}
	if (m->dense[key] == KIND_NOTHING)
		m->count++;
	m->dense[key] = v;
	if (key >= m->high)
		m->high = (size_t)key + 1;
}

#endif /* PICKLE_MEMO_H */
