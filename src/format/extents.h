/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extents: where the named parts of a file say that they lie.
 *
 * A list under the memory budget, to be sorted by place (holes, overlaps) or by
 * name (two of the same).  Names are kept as hashes: two equal names always
 * meet; two different ones that an attacker makes to meet accuse only him.
 */
#ifndef FORMAT_EXTENTS_H
#define FORMAT_EXTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "byte/budget.h"

/* The largest honest files name some hundred thousand tensors. */
enum { EXTENTS_MAX = 1 << 20 };

struct extent {
	uint64_t begin; /* bytes from wherever the caller counts */
	uint64_t end;   /* not before begin */
	uint64_t name;  /* extents_name() */
};

struct extents {
	struct extent *list;
	size_t count, room;
	struct budget *budget; /* borrowed */
};

/* The hash of a name. */
uint64_t extents_name(const void *name, size_t n);

/* Add one. ERR_LIMIT (EXTENTS_MAX, memory budget), ERR_NOMEM. */
MUST_USE enum err extents_add(struct extents *x, struct extent extent);

/* Sort by begin, then end. */
void extents_sort(struct extents *x);

/* Is a name there twice?  Leaves the list sorted by name. */
bool extents_repeat(struct extents *x);

/* Release it and give back its memory. NULL is fine. */
void extents_free(struct extents *x);

#endif /* FORMAT_EXTENTS_H */
