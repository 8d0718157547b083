/* SPDX-License-Identifier: Apache-2.0 */
/* tally: groups in an array, found by a hash of their names. */
#include "out/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"

enum {
	NAMES_MAX = 16 * 1024 * 1024, /* bytes of all names */
	SLOTS_FIRST = 64,             /* a power of two */
};

static const char others[] = "(others)";

struct tally
tally_new(size_t max)
{
	return (struct tally){ .arena = arena_new(NAMES_MAX),
		.groups = buf_new((max + 1) * sizeof(struct tally_row)),
		.slots = buf_new(8 * (max + SLOTS_FIRST) * sizeof(uint32_t)),
		.max = max };
}

void
tally_free(struct tally *t)
{
	if (t == NULL)
		return;
	arena_free(&t->arena);
	buf_free(&t->groups);
	buf_free(&t->slots);
}

/* buf's memory is malloc's, so it is aligned for any type. */
static struct tally_row *
group_at(const struct tally *t, size_t i)
{
	return (struct tally_row *)(void *)t->groups.data + i;
}

static size_t
group_count(const struct tally *t)
{
	return t->groups.size / sizeof(struct tally_row);
}

/* The slot of a name: its own, or the free one where it would be.  Who chooses
 * names to collide slows a report, and its own alone. */
static uint32_t *
slot_find(const struct tally *t, const char *name, size_t n)
{
	uint32_t *slots = (uint32_t *)(void *)t->slots.data;
	size_t mask = t->slots.size / sizeof(*slots) - 1;
	size_t i = (size_t)fnv_add(FNV_START, name, n) & mask;

	for (; slots[i] != 0; i = (i + 1) & mask) {
		const char *other = group_at(t, slots[i] - 1)->name;

		if (strncmp(other, name, n) == 0 && other[n] == '\0')
			break;
	}
	return &slots[i];
}

/* Twice as many slots as groups, always. */
static enum err
slots_grow(struct tally *t)
{
	struct buf old = t->slots;
	size_t now = old.size / sizeof(uint32_t), bytes;

	if (2 * (group_count(t) + 1) <= now)
		return ERR_OK;
	bytes = (now == 0 ? SLOTS_FIRST : 2 * now) * sizeof(uint32_t);
	t->slots = buf_new(old.max);
	if (buf_grow(&t->slots, bytes) == NULL) {
		t->slots = old;
		return ERR_NOMEM;
	}
	memset(t->slots.data, 0, bytes);
	t->slots.size = bytes;
	buf_free(&old);
	for (size_t i = 1; i < group_count(t); i++) {
		const char *name = group_at(t, i)->name;

		*slot_find(t, name, strlen(name)) = (uint32_t)i + 1;
	}
	return ERR_OK;
}

static struct tally_row *
group_add(struct tally *t, const char *name)
{
	struct tally_row g = { .name = name };

	if (name == NULL || buf_add(&t->groups, &g, sizeof(g)) != ERR_OK)
		return NULL;
	return group_at(t, group_count(t) - 1);
}

/* The group of that name, or that of the others, or NULL: no memory. */
static struct tally_row *
group_find(struct tally *t, const char *name, size_t n)
{
	struct tally_row *g;
	uint32_t *slot;

	if (group_count(t) == 0 && group_add(t, others) == NULL)
		return NULL;
	if (slots_grow(t) != ERR_OK)
		return group_at(t, 0);
	slot = slot_find(t, name, n);
	if (*slot != 0)
		return group_at(t, *slot - 1);
	if (group_count(t) > t->max)
		return group_at(t, 0);
	if ((g = group_add(t, arena_copy(&t->arena, name, n))) == NULL)
		return group_at(t, 0);
	*slot = (uint32_t)group_count(t);
	return g;
}

void
tally_add(struct tally *t, const char *name, size_t n, const struct report *r)
{
	struct tally_row *g = group_find(t, name, n);

	if (g == NULL)
		return;
	if (r->error != NULL)
		g->failed++;
	else
		g->files[r->verdict]++;
	g->bytes += r->size;
}

uint64_t
tally_row_files(const struct tally_row *g)
{
	uint64_t n = g->failed;

	for (size_t v = 0; v < VERDICT_COUNT; v++)
		n += g->files[v];
	return n;
}

static int
group_compare(const void *a, const void *b)
{
	const struct tally_row *x = a, *y = b;

	for (size_t v = VERDICT_COUNT; v-- > VERDICT_UNKNOWN;)
		if (x->files[v] != y->files[v])
			return x->files[v] > y->files[v] ? -1 : 1;
	if (tally_row_files(x) != tally_row_files(y))
		return tally_row_files(x) > tally_row_files(y) ? -1 : 1;
	return strcmp(x->name, y->name);
}

const struct tally_row *
tally_sort(struct tally *t, size_t *count)
{
	size_t n = group_count(t);

	if (n != 0 && tally_row_files(group_at(t, 0)) == 0)
		*group_at(t, 0) = *group_at(t, --n);
	t->groups.size = n * sizeof(struct tally_row);
	if (n != 0)
		qsort(
		    t->groups.data, n, sizeof(struct tally_row), group_compare);
	*count = n;
	return n == 0 ? NULL : group_at(t, 0);
}
