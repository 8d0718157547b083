/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event: one opener that waits, from the read of its event to its one answer.
 *
 * Hand-over of an event's descriptor:
 *
 *	kernel -> event             by read(2)
 *	event  -> subject (lent)    the file is scanned through it; the number
 *	                            stays taken until the event is answered,
 *	                            because the kernel knows the event by it
 *	subject -> event            when the subject is forgotten first
 *	last of the two             closes it
 *
 * There is one way out, event_answer(): it answers once, then lets go of the
 * descriptors.  An event is in one of two queues, each with one length of
 * time, so the first in a queue is always the next one due.
 */
#ifndef GUARDD_EVENT_H
#define GUARDD_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "guardd/list.h"

struct subject;

struct event {
	struct link
	    wait; /* of its subject: waiters or later; or the free list */
	struct link due;            /* in a queue by time */
	struct subject *subject;    /* NULL: waits for none */
	uint64_t arrived, deadline; /* ns */
	uint32_t seq; /* not 0; never twice, so a late word about an old
		       * event can't be taken for one about this */
	uint32_t group;
	int fd, pidfd; /* pidfd -1: none */
	pid_t pid;
	uint8_t policy; /* of where the opener found it */
	uint32_t user;  /* fair.c's; 0: counts for nobody */
	int error;      /* of a denial that waits for its record */
	bool lent;      /* fd belongs to the subject */
	bool scanned;   /* it waited for a scan */
};

struct events {
	struct event *table;
	struct link free;
	struct link waiting; /* for a verdict, by deadline */
	struct link telling; /* denials that wait for their record */
	size_t room, used;
	size_t fresh; /* rows never used yet */
	uint32_t seq;
};

/* Room for n events. ERR_NOMEM. */
MUST_USE enum err events_new(size_t n, struct events *out);
void events_free(struct events *e); /* NULL is fine */

/* A new event in no queue, or NULL: too many wait. */
struct event *events_take(struct events *e);

/* Back to the free ones; in no queue then. */
void events_give(struct events *e, struct event *event);

/* The event of that number among those that tell, or NULL. */
struct event *events_find(const struct events *e, uint32_t seq);

/* The next moment that something is due (ns), UINT64_MAX: never. */
uint64_t events_due(const struct events *e);

/* When the one that has waited longest arrived (ns); 0: nobody waits. */
uint64_t events_oldest(const struct events *e);

#endif /* GUARDD_EVENT_H */
