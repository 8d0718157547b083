/* SPDX-License-Identifier: Apache-2.0 */
/* event: a table of those that wait. */
#include "guardd/event.h"

#include <stdlib.h>

enum err
events_new(size_t n, struct events *out)
{
	struct event *table = calloc(n, sizeof(*table));

	if (table == NULL)
		return ERR_NOMEM;
	out->table = table;
	out->room = n;
	out->used = out->fresh = 0;
	out->seq = 0;
	list_init(&out->free);
	list_init(&out->waiting);
	list_init(&out->telling);
	return ERR_OK;
}

void
events_free(struct events *e)
{
	if (e == NULL)
		return;
	free(e->table);
	e->table = NULL;
	e->room = e->used = 0;
}

struct event *
events_take(struct events *e)
{
	struct link *l = list_first(&e->free);
	struct event *event;

	if (l == NULL && e->fresh == e->room)
		return NULL;
	if (l != NULL) {
		list_leave(l);
		event = LIST_OF(l, struct event, wait);
	} else {
		event = &e->table[e->fresh++];
	}
	if (++e->seq == 0)
		e->seq = 1;
	*event = (struct event){ .seq = e->seq, .fd = -1, .pidfd = -1 };
	list_init(&event->wait);
	list_init(&event->due);
	e->used++;
	return event;
}

void
events_give(struct events *e, struct event *event)
{
	list_leave(&event->due);
	list_leave(&event->wait);
	event->seq = 0;
	e->used--;
	/* The one used last is the one whose memory is warm. */
	list_push_front(&e->free, &event->wait);
}

struct event *
events_find(const struct events *e, uint32_t seq)
{
	for (struct link *l = e->telling.next; l != &e->telling; l = l->next) {
		struct event *event = LIST_OF(l, struct event, due);

		if (event->seq == seq)
			return event;
	}
	return NULL;
}

static uint64_t
queue_oldest(const struct link *queue)
{
	const struct link *l = list_first(queue);

	return l == NULL ? 0 : LIST_OF(l, struct event, due)->arrived;
}

uint64_t
events_oldest(const struct events *e)
{
	uint64_t a = queue_oldest(&e->waiting), b = queue_oldest(&e->telling);

	return a == 0 || (b != 0 && b < a) ? b : a;
}

static uint64_t
queue_due(const struct link *queue)
{
	const struct link *l = list_first(queue);

	return l == NULL ? UINT64_MAX : LIST_OF(l, struct event, due)->deadline;
}

uint64_t
events_due(const struct events *e)
{
	uint64_t a = queue_due(&e->waiting), b = queue_due(&e->telling);

	return a < b ? a : b;
}
