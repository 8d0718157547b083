/* SPDX-License-Identifier: Apache-2.0 */
/* pool: files go in, answers come out; see internal.h for a worker's way. */
#include "pool/pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fdpass.h"
#include "base/own.h"
#include "pool/internal.h"

enum {
	STEP_EVENTS = 64, /* taken from the kernel at once */
	MS_PER_S = 1000,
};

enum err
pool_watch(struct pool *p, int fd, int who, uint32_t generation)
{
	struct epoll_event event = { .events = EPOLLIN,
		.data.u64 = (uint64_t)generation << 32 | (uint32_t)who };

	return epoll_ctl(p->epoll, EPOLL_CTL_ADD, fd, &event) == -1 ? ERR_SYS
								    : ERR_OK;
}

void
pool_tick_in(struct pool *p, unsigned ms)
{
	/* All zero would disarm it. */
	struct itimerspec when = {
		.it_value = { .tv_sec = ms / MS_PER_S,
		    .tv_nsec = (long)(ms % MS_PER_S * CLOCK_NS_PER_MS) + 1 }
	};

	(void)timerfd_settime(p->timer, 0, &when, NULL);
	p->ticking = true;
}

/* ERR_NOMEM, ERR_SYS; what was made is pool_free()d by the caller. */
static enum err
pool_fill(struct pool *p)
{
	const struct pool_config *c = &p->config;

	p->room = c->workers + c->spare;
	p->slots = calloc(p->room, sizeof(*p->slots));
	p->frames = calloc(p->room, c->report_max + 1);
	p->message = malloc(WIRE_CONTROL_MAX);
	p->problems = calloc(1, WIRE_CONTROL_MAX + 1);
	if (p->slots == NULL || p->frames == NULL || p->message == NULL ||
	    p->problems == NULL)
		return ERR_NOMEM;
	for (unsigned i = 0; i < p->room; i++) {
		p->slots[i].fd = -1;
		p->slots[i].frame = p->frames + i * (c->report_max + 1);
	}
	p->epoll = epoll_create1(EPOLL_CLOEXEC);
	p->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (p->epoll == -1 || p->timer == -1 ||
	    pool_watch(p, p->timer, WHO_TIMER, 0) != ERR_OK)
		return ERR_SYS;
	return control_start(p, c->control);
}

enum err
pool_new(const struct pool_config *config, struct pool **out)
{
	struct pool *p = calloc(1, sizeof(*p));
	enum err e;

	if (p == NULL)
		return ERR_NOMEM;
	*p = (struct pool){
		.config = *config, .epoll = -1, .timer = -1, .control = -1
	};
	if (p->config.workers == 0)
		p->config.workers = 1;
	if (p->config.report_max > WIRE_REPORT_MAX)
		p->config.report_max = WIRE_REPORT_MAX;
	if ((e = pool_fill(p)) != ERR_OK) {
		p->control = -1; /* still the caller's */
		pool_free(p);
		return e;
	}
	*out = p;
	return ERR_OK;
}

void
pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	for (unsigned i = 0; p->slots != NULL && i < p->room; i++) {
		struct slot *s = &p->slots[i];

		s->kill = s->state == SLOT_BUSY || s->state == SLOT_FALLEN;
		if (s->fd != -1)
			(void)close(s->fd);
	}
	/* Its control socket's end is the template's end, and an idle worker's
	 * socket's end is the worker's; busy ones are killed. */
	p->ready = false;
	if (p->control != -1)
		control_flush(p);
	if (p->control != -1)
		(void)close(p->control);
	if (p->timer != -1)
		(void)close(p->timer);
	if (p->epoll != -1)
		(void)close(p->epoll);
	free(p->slots);
	free(p->frames);
	free(p->message);
	free(p->problems);
	free(p);
}

int
pool_fd(const struct pool *p)
{
	return p->epoll;
}

static void
pool_tick(struct pool *p)
{
	uint64_t now = clock_now(), count;
	bool again = false;

	if (read(p->timer, &count, sizeof(count)) != (ssize_t)sizeof(count))
		return; /* it was set anew meanwhile */
	p->ticking = false;
	slots_rest_end(p);
	for (unsigned i = 0; i < p->room; i++)
		again |= slot_tick(p, &p->slots[i], now);
	if (p->spawning != 0 &&
	    now - p->spawn_since > POOL_SPAWN_MS * CLOCK_NS_PER_MS) {
		p->spawning = 0; /* a fork failed, perhaps: ask again */
		if (p->barren < POOL_BARREN)
			p->barren++;
	}
	/* While workers die unused, the next one is asked for here. */
	control_flush(p);
	again |= p->spawning != 0 || p->stillborn >= POOL_STILLBORN;
	if (again && !p->ticking)
		pool_tick_in(p, POOL_TICK_MS);
}

static void
pool_event(struct pool *p, const struct epoll_event *event)
{
	int who = (int)(uint32_t)event->data.u64;
	uint32_t generation = (uint32_t)(event->data.u64 >> 32);
	struct slot *s;

	if (who == WHO_CONTROL) {
		control_event(p);
		return;
	}
	if (who == WHO_TIMER) {
		pool_tick(p);
		return;
	}
	/* An event of the same batch may have put another worker there. */
	s = &p->slots[who];
	if (s->generation == generation && s->fd != -1)
		slot_event(p, s);
}

enum err
pool_step(struct pool *p)
{
	struct epoll_event events[STEP_EVENTS];
	int n = epoll_wait(p->epoll, events, STEP_EVENTS, 0);

	for (int i = 0; i < n; i++)
		pool_event(p, &events[i]);
	if (slots_pressed(p))
		slots_rest_end(p);
	control_flush(p);
	return p->control == -1 ? ERR_PROTO : ERR_OK;
}

void
pool_template(struct pool *p, int control)
{
	control_lost(p);
	if (control_start(p, control) != ERR_OK)
		(void)close(control);
}

unsigned
pool_ready(const struct pool *p)
{
	return p->idle;
}

static void
slot_busy(struct pool *p, struct slot *s, uint64_t id, void *tag)
{
	s->state = SLOT_BUSY;
	s->id = id;
	s->tag = tag;
	s->place = 0;
	s->got = 0;
	s->files++;
	p->idle--;
	p->stats.submitted++;
}

/* Is it the file's descriptor, and not the worker, that can't be used? */
static bool
file_at_fault(int error)
{
	return error == EBADF || error == ETOOMANYREFS || error == ENOMEM ||
	    error == ENOBUFS;
}

/* The idle worker that has served most: a fresh one is kept for later.  There
 * is one. */
static struct slot *
slot_idle(const struct pool *p)
{
	struct slot *best = NULL;

	for (unsigned i = 0; i < p->room; i++) {
		struct slot *s = &p->slots[i];

		if (s->state == SLOT_IDLE &&
		    (best == NULL || s->files > best->files))
			best = s;
	}
	return best;
}

enum err
pool_submit(struct pool *p, const struct wire_scan *scan, int fd, void *tag)
{
	struct wire_scan own = *scan;
	uint8_t bytes[WIRE_SCAN_MAX];
	size_t n;

	if (own.report_max == 0 || own.report_max > p->config.report_max)
		own.report_max = (uint32_t)p->config.report_max;
	own.flags &= ~(uint32_t)WIRE_STAY;
	if (p->config.files > 1)
		own.flags |= WIRE_STAY;
	n = wire_scan_encode(&own, bytes, sizeof(bytes));
	if (n == 0 || fd < 0)
		return ERR_USAGE;
	while (p->idle != 0) {
		struct slot *s = slot_idle(p);

		if (fdpass_send(s->fd, bytes, n, fd, MSG_DONTWAIT) ==
		    (ssize_t)n) {
			slot_busy(p, s, own.id, tag);
			/* Others are made when this one has answered: the
			 * template and its children would compete with it for
			 * the processor, and wake us up in between. */
			if (p->idle == 0) {
				slots_rest_end(p);
				control_flush(p);
			}
			return ERR_OK;
		}
		if (file_at_fault(errno))
			return ERR_SYS;
		slot_discard(p, s); /* it died while it waited */
	}
	control_flush(p);
	return ERR_LIMIT;
}

pid_t
pool_worker(const struct pool *p, const void *tag)
{
	for (unsigned i = 0; i < p->room; i++)
		if (p->slots[i].state == SLOT_BUSY && p->slots[i].tag == tag)
			return p->slots[i].pid;
	return 0;
}

void
pool_place(struct pool *p, const void *tag, unsigned place)
{
	for (unsigned i = 0; i < p->room; i++)
		if (p->slots[i].state == SLOT_BUSY && p->slots[i].tag == tag)
			p->slots[i].place = place;
}

unsigned
pool_at(const struct pool *p, unsigned place, unsigned *stuck)
{
	unsigned n = 0, hang = 0;

	for (unsigned i = 0; i < p->room; i++) {
		const struct slot *s = &p->slots[i];

		if (s->state == SLOT_FREE || s->state == SLOT_IDLE ||
		    s->place != place)
			continue;
		n++;
		hang += s->stuck;
	}
	*stuck = hang;
	return n;
}

void
pool_kill(struct pool *p, void *tag)
{
	for (unsigned i = 0; i < p->room; i++) {
		struct slot *s = &p->slots[i];

		if ((s->state != SLOT_BUSY && s->state != SLOT_FALLEN) ||
		    s->tag != tag || s->asked)
			continue;
		s->asked = true;
		s->kill = !s->dead && !s->orphan;
		pool_tick_in(p, 0); /* the answer is given by pool_step() */
		control_flush(p);
		return;
	}
}

bool
pool_is_ready(const struct pool *p, const char **problems)
{
	*problems = p->problems;
	return p->ready;
}

struct wire_loaded
pool_loaded(const struct pool *p)
{
	return p->loaded;
}

bool
pool_is_stuck(const struct pool *p)
{
	if (p->idle != 0)
		return false;
	/* A worker at work makes room for another one when it ends. */
	for (unsigned i = 0; i < p->room; i++)
		if (p->slots[i].state == SLOT_BUSY)
			return false;
	return p->stillborn >= POOL_STILLBORN || p->barren >= POOL_BARREN;
}

struct pool_stats
pool_stats(const struct pool *p)
{
	return p->stats;
}
