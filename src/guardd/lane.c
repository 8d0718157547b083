/* SPDX-License-Identifier: Apache-2.0 */
/* lane: a queue, a thread, and a list of what is done. */
#include "guardd/lane.h"

#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Take the first of another user than the last one, or the first. */
static struct ask *
queue_take(struct lane *lane)
{
	struct ask **at = &lane->queue, *a;

	while (*at != NULL && (*at)->by.uid == lane->served)
		at = &(*at)->next;
	if (*at == NULL)
		at = &lane->queue;
	a = *at;
	if (a != NULL) {
		*at = a->next;
		a->next = NULL;
		lane->served = a->by.uid;
	}
	return a;
}

static void
list_append(struct ask **list, struct ask *a)
{
	while (*list != NULL)
		list = &(*list)->next;
	*list = a;
}

static void
finish(struct lanes *l, struct ask *a)
{
	uint64_t one = 1;

	(void)pthread_mutex_lock(&l->lock);
	list_append(&l->done, a);
	(void)pthread_mutex_unlock(&l->lock);
	(void)!write(l->wake, &one, sizeof(one));
}

static void *
lane_run(void *context)
{
	struct lane *lane = context;
	struct ask *a;

	(void)pthread_mutex_lock(&lane->lock);
	while (!lane->stopping) {
		a = queue_take(lane);
		if (a == NULL) {
			(void)pthread_cond_wait(&lane->more, &lane->lock);
			continue;
		}
		(void)pthread_mutex_unlock(&lane->lock);
		if (!ask_cancelled(a))
			a->row->answer(a);
		if (!a->done)
			ask_fail(a, ASK_FAILED, "it was given up");
		finish(lane->home, a);
		(void)pthread_mutex_lock(&lane->lock);
	}
	(void)pthread_mutex_unlock(&lane->lock);
	return NULL;
}

enum err
lanes_begin(struct lanes *l)
{
	*l = (struct lanes){ .wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	if (l->wake == -1)
		return ERR_SYS;
	(void)pthread_mutex_init(&l->lock, NULL);
	for (enum ask_lane i = LANE_NOW + 1; i < LANE_COUNT; i++) {
		struct lane *lane = &l->lane[i];

		lane->home = l;
		lane->served = (uid_t)-1;
		(void)pthread_mutex_init(&lane->lock, NULL);
		(void)pthread_cond_init(&lane->more, NULL);
	}
	return ERR_OK;
}

static void
lane_end(struct lane *lane)
{
	struct ask *a;

	if (!lane->running)
		return;
	(void)pthread_mutex_lock(&lane->lock);
	lane->stopping = true;
	(void)pthread_cond_signal(&lane->more);
	(void)pthread_mutex_unlock(&lane->lock);
	(void)pthread_join(lane->thread, NULL);
	lane->running = false;
	while ((a = queue_take(lane)) != NULL)
		ask_free(&a);
}

void
lanes_end(struct lanes *l)
{
	struct ask *a;

	for (enum ask_lane i = LANE_NOW + 1; i < LANE_COUNT; i++)
		lane_end(&l->lane[i]);
	while ((a = lanes_take(l)) != NULL)
		ask_free(&a);
	if (l->wake != -1)
		(void)close(l->wake);
	l->wake = -1;
}

enum err
lanes_put(struct lanes *l, struct ask *ask)
{
	struct lane *lane = &l->lane[ask->row->lane];

	/* A thread is made when it is first needed. */
	if (!lane->running &&
	    pthread_create(&lane->thread, NULL, lane_run, lane) != 0)
		return ERR_SYS;
	lane->running = true;
	(void)pthread_mutex_lock(&lane->lock);
	list_append(&lane->queue, ask);
	(void)pthread_cond_signal(&lane->more);
	(void)pthread_mutex_unlock(&lane->lock);
	return ERR_OK;
}

struct ask *
lanes_take(struct lanes *l)
{
	uint64_t count;
	struct ask *a;

	(void)pthread_mutex_lock(&l->lock);
	a = l->done;
	if (a != NULL) {
		l->done = a->next;
		a->next = NULL;
	} else {
		(void)!read(l->wake, &count, sizeof(count));
	}
	(void)pthread_mutex_unlock(&l->lock);
	return a;
}
