/* SPDX-License-Identifier: Apache-2.0 */
/* extents: an array that doubles, and is sorted in its place. */
#include "format/extents.h"

#include <stdlib.h>

#include "base/fnv.h"
#include "base/sort.h"

enum { EXTENTS_FIRST = 64 };

uint64_t
extents_name(const void *name, size_t n)
{
	return fnv_add(FNV_START, name, n);
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
