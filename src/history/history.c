/* SPDX-License-Identifier: Apache-2.0 */
/* history: a queue, and the thread that writes it down. */
#include "history/history.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "history/inside.h"
#include "history/store.h"

enum {
	RETRY_S = 30,      /* a full disk is tried again */
	PRUNE_S = 60,      /* bounds are looked at */
	PRUNE_EVERY = 500, /* and after so many events */
	BATCH = 1000,      /* events in one transaction */
	END_MS = 200,
	STRINGS = 11,
	MS_PER_S = 1000,
	NS_PER_MS = 1000000
};

/* Every string of an event, in one order. */
static void
strings_of(struct history_event *e, const char **out[STRINGS])
{
	const char **all[STRINGS] = { &e->kind, &e->path, &e->format, &e->rule,
		&e->message, &e->where, &e->comm, &e->exe, &e->user,
		&e->container, &e->digest };

	memcpy(out, all, sizeof(all));
}

/* One block of memory for an event and its strings; NULL: there is none. */
static struct store_event *
event_copy(const struct history_event *e)
{
	const char **from[STRINGS];
	struct history_event draft = *e;
	struct store_event *copy;
	size_t size = sizeof(*copy);
	char *at;

	strings_of(&draft, from);
	for (size_t i = 0; i < STRINGS; i++)
		size += strlen(*from[i]) + 1;
	copy = malloc(size);
	if (copy == NULL)
		return NULL;
	at = (char *)(copy + 1);
	for (size_t i = 0; i < STRINGS; i++) {
		size_t n = strlen(*from[i]) + 1;

		memcpy(at, *from[i], n);
		*from[i] = at;
		at += n;
	}
	*copy = (struct store_event){ .e = draft };
	return copy;
}

static void
list_free(struct store_event *list)
{
	while (list != NULL) {
		struct store_event *next = list->next;

		free(list);
		list = next;
	}
}

static uint64_t
now_ms(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * MS_PER_S +
	    (uint64_t)now.tv_nsec / NS_PER_MS;
}

/* Leave a sentence for history_told(). */
static void
tell(struct history *h, bool bad, const char *format, const char *what)
{
	uint64_t one = 1;

	(void)pthread_mutex_lock(&h->lock);
	(void)snprintf(h->told, sizeof(h->told), format, what);
	h->told_bad = bad;
	(void)pthread_mutex_unlock(&h->lock);
	(void)!write(h->wake, &one, sizeof(one));
}

/* It goes on after a pause, or says once that it can't. */
static void
state_set(struct history *h, int rc)
{
	bool pausing = rc != SQLITE_OK;

	if (pausing)
		h->retry = clock_now() + RETRY_S * CLOCK_NS_PER_S;
	if (pausing == __atomic_load_n(&h->pausing, __ATOMIC_RELAXED))
		return;
	__atomic_store_n(&h->pausing, pausing, __ATOMIC_RELAXED);
	if (pausing)
		tell(h, true,
		    "the history pauses, the guard goes on: %s; what happens "
		    "meanwhile is in the log only",
		    sqlite3_errstr(rc));
	else
		tell(h, false, "the history goes on%s", "");
}

static void
set_aside(struct history *h)
{
	store_close(&h->store);
	store_set_aside(h->path);
	__atomic_add_fetch(&h->generation, 1, __ATOMIC_RELEASE);
	tell(h, true,
	    "the history was damaged, or a later version's: it begins anew, "
	    "and the old one stands beside it, its name ending in %s",
	    ".damaged");
}

static int
store_ready(struct history *h)
{
	int rc;

	if (h->store.db != NULL)
		return SQLITE_OK;
	rc = store_open(h->path, &h->store);
	if (store_damaged(rc)) {
		set_aside(h);
		rc = store_open(h->path, &h->store);
	}
	return rc;
}

/* Write a batch; a damaged database is replaced once. */
static void
batch_write(struct history *h, const struct store_event *list, size_t count)
{
	int rc = store_ready(h);

	if (rc == SQLITE_OK)
		rc = store_write(&h->store, list);
	if (store_damaged(rc)) {
		set_aside(h);
		if ((rc = store_ready(h)) == SQLITE_OK)
			rc = store_write(&h->store, list);
	}
	if (rc != SQLITE_OK) {
		__atomic_add_fetch(&h->lost, count, __ATOMIC_RELAXED);
		/* Whatever it is, a fresh start is the better second try. */
		store_close(&h->store);
	}
	state_set(h, rc);
}

static void
prune(struct history *h, const struct history_bounds *bounds)
{
	bool more = true;
	int rc = store_ready(h);

	while (more && rc == SQLITE_OK)
		rc = store_prune(&h->store, bounds, now_ms(), &more);
	if (store_damaged(rc))
		set_aside(h);
}

/* The oldest of the queue, so many as a transaction may have. */
static struct store_event *
list_take(struct history *h, size_t *count)
{
	struct store_event *list = h->first, **at = &h->first;
	size_t n = 0;

	while (*at != NULL && n < BATCH) {
		at = &(*at)->next;
		n++;
	}
	h->first = *at;
	*at = NULL;
	if (h->first == NULL)
		h->last = &h->first;
	h->count -= n;
	*count = n;
	return list;
}

/* What has come, when it is time to look. NULL: nothing, or stop. */
static struct store_event *
batch_take(struct history *h, size_t *count, struct history_bounds *bounds)
{
	struct store_event *list;
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PRUNE_S;
	(void)pthread_mutex_lock(&h->lock);
	h->writing = false;
	(void)pthread_cond_broadcast(&h->written);
	if (h->first == NULL && !h->stopping)
		(void)pthread_cond_timedwait(&h->more, &h->lock, &until);
	list = list_take(h, count);
	*bounds = h->bounds;
	h->writing = list != NULL;
	(void)pthread_mutex_unlock(&h->lock);
	return list;
}

static bool
over(struct history *h)
{
	bool stop;

	(void)pthread_mutex_lock(&h->lock);
	stop = h->stopping && h->first == NULL;
	(void)pthread_mutex_unlock(&h->lock);
	return stop;
}

static void *
history_run(void *context)
{
	struct history *h = context;
	struct history_bounds bounds;
	uint64_t prune_at = 0;
	size_t since = 0, count;

	(void)pthread_mutex_lock(&h->lock);
	bounds = h->bounds;
	(void)pthread_mutex_unlock(&h->lock);
	if (bounds.bytes != 0)
		prune(h, &bounds);
	while (!over(h)) {
		struct store_event *list = batch_take(h, &count, &bounds);

		if (bounds.bytes == 0 ||
		    (h->pausing && clock_now() < h->retry)) {
			__atomic_add_fetch(&h->lost,
			    bounds.bytes == 0 ? 0 : count, __ATOMIC_RELAXED);
			list_free(list);
			continue;
		}
		if (list != NULL)
			batch_write(h, list, count);
		list_free(list);
		since += count;
		if (since < PRUNE_EVERY && clock_now() < prune_at)
			continue;
		prune(h, &bounds);
		since = 0;
		prune_at = clock_now() + PRUNE_S * CLOCK_NS_PER_S;
	}
	store_close(&h->store);
	(void)pthread_mutex_lock(&h->lock);
	h->ended = true;
	(void)pthread_cond_broadcast(&h->written);
	(void)pthread_mutex_unlock(&h->lock);
	return NULL;
}

enum err
history_new(
    const char *dir, const struct history_bounds *bounds, struct history **out)
{
	struct history *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return ERR_NOMEM;
	h->bounds = *bounds;
	h->last = &h->first;
	h->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	(void)pthread_mutex_init(&h->lock, NULL);
	(void)pthread_cond_init(&h->more, NULL);
	(void)pthread_cond_init(&h->written, NULL);
	if (snprintf(h->path, sizeof(h->path), "%s/history.db", dir) >=
		(int)sizeof(h->path) ||
	    h->wake == -1 ||
	    pthread_create(&h->thread, NULL, history_run, h) != 0) {
		free(h);
		return ERR_SYS;
	}
	*out = h;
	return ERR_OK;
}

/* When a wait of ms ends, for the condition variables. */
static struct timespec
after_ms(unsigned ms)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += ms / MS_PER_S;
	t.tv_nsec += (long)(ms % MS_PER_S) * NS_PER_MS;
	if (t.tv_nsec >= MS_PER_S * NS_PER_MS) {
		t.tv_sec++;
		t.tv_nsec -= MS_PER_S * NS_PER_MS;
	}
	return t;
}

void
history_free(struct history **at)
{
	struct history *h = *at;
	struct timespec until = after_ms(END_MS);
	int rc = 0;

	*at = NULL;
	if (h == NULL)
		return;
	(void)pthread_mutex_lock(&h->lock);
	h->stopping = true;
	(void)pthread_cond_signal(&h->more);
	while (!h->ended && rc == 0)
		rc = pthread_cond_timedwait(&h->written, &h->lock, &until);
	(void)pthread_mutex_unlock(&h->lock);
	/* A disk that hangs keeps its thread, and that its memory. */
	if (rc != 0) {
		(void)pthread_detach(h->thread);
		return;
	}
	(void)pthread_join(h->thread, NULL);
	list_free(h->first);
	(void)close(h->wake);
	free(h);
}

void
history_bound(struct history *h, const struct history_bounds *bounds)
{
	(void)pthread_mutex_lock(&h->lock);
	h->bounds = *bounds;
	(void)pthread_cond_signal(&h->more);
	(void)pthread_mutex_unlock(&h->lock);
}

void
history_add(struct history *h, const struct history_event *e)
{
	struct store_event *copy = event_copy(e);
	bool taken = false;

	/* The thread holds this lock for a few instructions only. */
	(void)pthread_mutex_lock(&h->lock);
	if (copy != NULL && h->count < HISTORY_QUEUE && !h->stopping) {
		*h->last = copy;
		h->last = &copy->next;
		h->count++;
		taken = true;
		(void)pthread_cond_signal(&h->more);
	}
	(void)pthread_mutex_unlock(&h->lock);
	if (taken)
		return;
	free(copy);
	__atomic_add_fetch(&h->lost, 1, __ATOMIC_RELAXED);
}

void
history_flush(struct history *h, unsigned ms)
{
	struct timespec until = after_ms(ms);
	int rc = 0;

	(void)pthread_mutex_lock(&h->lock);
	while ((h->first != NULL || h->writing) && rc == 0)
		rc = pthread_cond_timedwait(&h->written, &h->lock, &until);
	(void)pthread_mutex_unlock(&h->lock);
}

int
history_wake(const struct history *h)
{
	return h->wake;
}

bool
history_told(struct history *h, char out[HISTORY_TOLD_MAX], bool *bad)
{
	uint64_t count;
	bool some;

	(void)!read(h->wake, &count, sizeof(count));
	(void)pthread_mutex_lock(&h->lock);
	some = h->told[0] != '\0';
	memcpy(out, h->told, HISTORY_TOLD_MAX);
	*bad = h->told_bad;
	h->told[0] = '\0';
	(void)pthread_mutex_unlock(&h->lock);
	return some;
}
