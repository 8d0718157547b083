/* SPDX-License-Identifier: Apache-2.0 */
/* cache: a table, a hash with chains, and lists by use. */
#include "guardd/cache.h"

#include <stdlib.h>

#include "base/own.h"

enum { KINDS = SUBJECT_NOTED + 1, BUCKETS_MIN = 64 };

struct cache {
	struct subject *table;
	struct link *buckets;
	struct link free;
	struct link kinds[KINDS];
	size_t counts[KINDS];
	size_t room, used;
	size_t fresh; /* rows never used yet: their memory is untouched */
	size_t mask;  /* of the bucket number */
};

static struct link *
bucket(const struct cache *c, uint64_t dev, uint64_t ino)
{
	/* Inode numbers are small and dense; Fibonacci hashing spreads them,
	 * and who chooses names doesn't choose inodes. */
	uint64_t h =
	    (ino ^ dev << 32 ^ dev >> 32) * UINT64_C(0x9e3779b97f4a7c15);

	return &c->buckets[(size_t)(h >> 32) & c->mask];
}

enum err
cache_new(size_t n, struct cache **out)
{
	AUTO_FREE struct cache *c = calloc(1, sizeof(*c));
	AUTO_FREE struct subject *table = calloc(n, sizeof(*table));
	AUTO_FREE struct link *buckets = NULL;
	size_t size = BUCKETS_MIN;

	while (size < n)
		size *= 2;
	buckets = calloc(size, sizeof(*buckets));
	if (c == NULL || table == NULL || buckets == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < size; i++)
		list_init(&buckets[i]);
	for (size_t i = 0; i < KINDS; i++)
		list_init(&c->kinds[i]);
	list_init(&c->free);
	c->room = n;
	c->mask = size - 1;
	c->table = STEAL_PTR(table);
	c->buckets = STEAL_PTR(buckets);
	*out = STEAL_PTR(c);
	return ERR_OK;
}

void
cache_free(struct cache *c)
{
	if (c == NULL)
		return;
	free(c->table);
	free(c->buckets);
	free(c);
}

struct subject *
cache_find(const struct cache *c, uint64_t dev, uint64_t ino)
{
	struct link *head = bucket(c, dev, ino);

	for (struct link *l = head->next; l != head; l = l->next) {
		struct subject *s = LIST_OF(l, struct subject, hash);

		if (s->facts.ino == ino && s->facts.dev == dev)
			return s;
	}
	return NULL;
}

struct subject *
cache_add(struct cache *c, const struct facts *facts)
{
	struct link *l = list_first(&c->free);
	struct subject *s;

	if (l == NULL && c->fresh == c->room)
		return NULL;
	if (l != NULL) {
		list_leave(l);
		s = LIST_OF(l, struct subject, hash);
	} else {
		s = &c->table[c->fresh++];
	}
	*s = (struct subject){
		.facts = *facts, .fd = -1, .story = -1, .state = SUBJECT_QUEUED
	};
	list_init(&s->hash);
	list_init(&s->order);
	list_init(&s->brief);
	list_init(&s->waiters);
	list_init(&s->later);
	list_push(bucket(c, facts->dev, facts->ino), &s->hash);
	c->used++;
	c->counts[SUBJECT_QUEUED]++;
	return s;
}

void
cache_drop(struct cache *c, struct subject *s)
{
	list_leave(&s->order);
	list_leave(&s->brief);
	list_leave(&s->hash);
	c->counts[s->state]--;
	c->used--;
	s->state = SUBJECT_FREE;
	list_push(&c->free, &s->hash);
}

void
cache_wake(struct cache *c, struct subject *s, enum subject_state state)
{
	list_leave(&s->order);
	c->counts[s->state]--;
	s->state = state;
	c->counts[s->state]++;
}

void
cache_rest(struct cache *c, struct subject *s, enum subject_state state)
{
	cache_wake(c, s, state);
	list_push(&c->kinds[state], &s->order);
}

struct subject *
cache_oldest(struct cache *c, enum subject_state state)
{
	struct link *l = list_first(&c->kinds[state]);

	return l == NULL ? NULL : LIST_OF(l, struct subject, order);
}

size_t
cache_count(const struct cache *c, enum subject_state state)
{
	return c->counts[state];
}

size_t
cache_used(const struct cache *c)
{
	return c->used;
}

struct subject *
cache_next(struct cache *c, const struct subject *s)
{
	size_t i = s == NULL ? 0 : (size_t)(s - c->table) + 1;

	while (i < c->fresh && c->table[i].state == SUBJECT_FREE)
		i++;
	return i < c->fresh ? &c->table[i] : NULL;
}
