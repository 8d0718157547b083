/* SPDX-License-Identifier: Apache-2.0 */
/* extents: an array that doubles, and is sorted in its place. */
#include "format/extents.h"

#include <stdlib.h>

#include "base/sort.h"

enum { EXTENTS_FIRST = 64 };

#define FNV_BASIS UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)

uint64_t
extents_name(const void *name, size_t n)
{
	const uint8_t *s = name;
	uint64_t hash = FNV_BASIS;

	for (size_t i = 0; i < n; i++)
		(void)__builtin_mul_overflow(hash ^ s[i], FNV_PRIME, &hash);
	return hash;
}

static enum err
extents_grow(struct extents *x)
{
	size_t room = x->room == 0 ? EXTENTS_FIRST : x->room * 2;
	struct extent *list;

	if (room > EXTENTS_MAX) {
		budget_exhaust(x->budget, BUDGET_MEMORY);
		return ERR_LIMIT;
	}
	if (budget_take(x->budget, BUDGET_MEMORY,
		(room - x->room) * sizeof(*list)) != ERR_OK)
		return ERR_LIMIT;
	if ((list = realloc(x->list, room * sizeof(*list))) == NULL) {
		budget_give(x->budget, (room - x->room) * sizeof(*list));
		return ERR_NOMEM;
	}
	x->list = list;
	x->room = room;
	return ERR_OK;
}

enum err
extents_add(struct extents *x, struct extent extent)
{
	enum err e;

	if (x->count == x->room && (e = extents_grow(x)) != ERR_OK)
		return e;
	x->list[x->count++] = extent;
	return ERR_OK;
}

static int
order(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int
by_place(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;
	int begin = order(x->begin, y->begin);

	return begin != 0 ? begin : order(x->end, y->end);
}

static int
by_name(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;

	return order(x->name, y->name);
}

void
extents_sort(struct extents *x)
{
	sort_items(x->list, x->count, sizeof(*x->list), by_place);
}

bool
extents_repeat(struct extents *x)
{
	sort_items(x->list, x->count, sizeof(*x->list), by_name);
	for (size_t i = 1; i < x->count; i++)
		if (x->list[i].name == x->list[i - 1].name)
			return true;
	return false;
}

void
extents_free(struct extents *x)
{
	if (x == NULL || x->list == NULL)
		return;
	free(x->list);
	budget_give(x->budget, x->room * sizeof(*x->list));
	*x = (struct extents){ .budget = x->budget };
}
