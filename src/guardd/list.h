/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list: things in a ring, linked through themselves.
 *
 * Owns nothing and allocates nothing: a link lies inside the thing that it
 * links.  A link that is in no list points to itself, so that leaving twice
 * is harmless.
 */
#ifndef GUARDD_LIST_H
#define GUARDD_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct link {
	struct link *prev, *next;
};

/* The thing of that type whose member is l. */
#define LIST_OF(l, type, member) \
	((type *)(void *)((char *)(l)-offsetof(type, member)))

static inline void
list_init(struct link *l)
{
	l->prev = l->next = l;
}

static inline bool
list_empty(const struct link *l)
{
	return l->next == l;
}

static inline void
list_leave(struct link *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
	list_init(l);
}

/* Put l at the end of the list; it leaves where it was. */
static inline void
list_push(struct link *list, struct link *l)
{
	list_leave(l);
	l->prev = list->prev;
	l->next = list;
	list->prev->next = l;
	list->prev = l;
}

/* Put l at the head of the list; it leaves where it was. */
static inline void
list_push_front(struct link *list, struct link *l)
{
	list_push(list->next, l);
}

/* The first link, or NULL. */
static inline struct link *
list_first(const struct link *list)
{
	return list_empty(list) ? NULL : list->next;
}

/* Move everything in from to the end of to. */
static inline void
list_move(struct link *to, struct link *from)
{
	while (!list_empty(from))
		list_push(to, from->next);
}

#endif /* GUARDD_LIST_H */
