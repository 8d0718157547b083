/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan: from a subject that somebody waits for to an answer for all of them.
 *
 * One scan serves everybody who wants the file: those who came before it began
 * and, while a lease keeps writers out, those who came since.  Without a lease
 * a writer may have changed what was read already, so later openers wait for
 * another scan.
 *
 * When the last opener's deadline has passed the scan goes on: its result is
 * the next open's.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "guardd/confine.h"
#include "guardd/gate_state.h"

enum { TRIES = 2 }; /* workers that one file may cost */

static const struct story failed_story = {
	.verdict = VERDICT_UNVERIFIED,
	.in_place = true,
	.rule = "guard.worker",
};

void
scan_queue(struct gate *g, struct subject *s)
{
	list_push(&g->queue, &s->order);
}

/* Once more, before all others: somebody has waited for it already. */
void
scan_again(struct gate *g, struct subject *s)
{
	list_move(&s->waiters, &s->later);
	cache_wake(g->cache, s, SUBJECT_QUEUED);
	s->broken = false;
	list_push_front(list_empty(&s->waiters) ? &g->background
		: s->dear                       ? &g->dear
						: &g->queue,
	    &s->order);
}

/* Answer everybody who waits for this scan. */
static void
scan_release(
    struct gate *g, struct subject *s, int error, const struct story *why)
{
	struct link *l;

	while ((l = list_first(&s->waiters)) != NULL) {
		struct event *e = LIST_OF(l, struct event, wait);

		if (error == 0)
			gate_answer(g, e, 0);
		else
			gate_deny(g, e, error, why);
	}
}

/* Answer everybody who waits, each as his watch has it. Returns whether anybody
 * was allowed. */
static bool
scan_release_each(struct gate *g, struct subject *s, const struct judgement *j,
    const struct story *why)
{
	bool allowed = false;
	struct link *l;

	while ((l = list_first(&s->waiters)) != NULL) {
		struct event *e = LIST_OF(l, struct event, wait);
		int error = action_by(&g->start.set, e->policy, j).error;

		if (error == 0)
			gate_answer(g, e, 0);
		else
			gate_deny(g, e, error, why);
		allowed = allowed || error == 0;
	}
	return allowed;
}

/* The scan is over, and everybody has been answered, save those who came too
 * late for it. */
static void
scan_leave(struct gate *g, struct subject *s, bool kept)
{
	if (kept)
		return;
	if (list_empty(&s->later) && !s->newer) {
		token_forget(g, s);
		return;
	}
	token_unlease(g, s);
	s->again = s->newer = false;
	s->tries = 0;
	scan_again(g, s);
}

/* No verdict, for good. */
static void
scan_give_up(struct gate *g, struct subject *s, const char *sentence)
{
	struct story why = failed_story;

	(void)snprintf(why.message, sizeof(why.message), "%s", sentence);
	list_move(&s->waiters, &s->later);
	if (list_empty(&s->waiters))
		gate_record(g, s, EIO, &why, 0);
	scan_release(g, s, EIO, &why);
	token_note(g, s, EIO);
}

static void
scan_failed(struct gate *g, struct subject *s, const char *why)
{
	if (s->put_off && !s->overrun) {
		s->put_off = false;
		scan_again(g, s);
		return;
	}
	g->m->count.worker_deaths++;
	s->tries++;
	if (s->tries < TRIES && !s->overrun) {
		g->m->count.rescans++;
		scan_again(g, s);
		return;
	}
	scan_give_up(g, s, why == NULL ? "its worker ended" : why);
}

/* Does what the worker read still hold?  A writer that came meanwhile may have
 * changed what had been read. */
bool
scan_holds(struct gate *g, struct subject *s)
{
	if (s->leased && !token_intact(s)) {
		s->broken = true;
		token_unlease(g, s);
	}
	return !s->broken;
}

/* A verdict came. */
void
scan_finish(struct gate *g, struct subject *s, const struct judgement *j,
    const struct story *why, uint64_t elapsed_us)
{
	/* What is kept must hold for whoever opens it, in whatever watch. */
	struct action act = action_by(&g->start.set, POLICY_ALL, j);
	bool waited = !list_empty(&s->waiters), kept = false, aside;

	/* Evidence of harm counts whoever writes; all else is looked at once
	 * more, with the writer there. */
	if (!scan_holds(g, s) && act.error != EPERM && !s->again &&
	    (waited || !list_empty(&s->later))) {
		s->again = true;
		g->m->count.rescans++;
		scan_again(g, s);
		return;
	}
	if (act.record && (act.error == 0 || !waited))
		gate_record(g, s,
		    s->look && !waited
			? action_by(&g->start.set, s->policy, j).error
			: act.error,
		    why, elapsed_us);
	/* Keeping it ends its being new. */
	aside = act.quarantine || decided_quarantines(g, s, j);
	if (act.error != 0 && token_intact(s)) {
		token_flag(g, s, act.error, why);
		kept = true;
	}
	if (scan_release_each(g, s, j, why) && act.error != 0)
		gate_record(g, s, 0, why, elapsed_us);
	/* Last: the records above tell where it is, which is not the vault. */
	if (aside)
		decided_quarantine(g, s, why);
	/* Who waits need not wait for this: an open in between is an event
	 * more, and finds the lease, or its end. */
	if (act.error == 0)
		kept = token_make(g, s);
	scan_leave(g, s, kept);
}

static void
story_from(struct story *out, const struct wire_summary *w)
{
	*out = (struct story){ .verdict = w->verdict, .in_place = w->in_place };
	memcpy(out->format, w->format, sizeof(out->format));
	memcpy(out->rule, w->rule, sizeof(out->rule));
	memcpy(out->message, w->message, sizeof(out->message));
	memcpy(out->where, w->where, sizeof(out->where));
}

void
scan_answered(void *context, const struct pool_answer *a)
{
	struct gate *g = context;
	struct subject *s = a->tag;
	struct judgement j = { 0 };
	struct story why;

	if (a->e != ERR_OK) {
		scan_failed(g, s, a->why);
		return;
	}
	latency_add(&g->m->took.scan, a->summary->elapsed_us * CLOCK_NS_PER_US);
	story_from(&why, a->summary);
	j.verdict = a->summary->verdict;
	j.in_place = a->summary->in_place;
	j.growing = s->growing;
	scan_finish(g, s, &j, &why, a->summary->elapsed_us);
}

/* The last part of the path, cut to fit: only for what people read. */
static void
base_name(struct gate *g, int fd, char out[WIRE_NAME_MAX + 1])
{
	const char *slash;
	size_t n;

	out[0] = '\0';
	/* Mostly it is the file that was looked at a moment ago. */
	if (g->path_of != fd && !gate_path(g, fd, g->path))
		return;
	g->path_of = fd;
	slash = strrchr(g->path, '/');
	if (slash == NULL)
		return;
	n = strnlen(slash + 1, WIRE_NAME_MAX);
	memcpy(out, slash + 1, n);
	out[n] = '\0';
}

/* Give one file to a worker. False: no worker is idle. */
static bool
scan_submit(struct gate *g, struct subject *s)
{
	struct wire_scan scan = { .id = ++g->scan_id,
		.flags = WIRE_OPEN,
		.report_max = WIRE_REPORT_GATE,
		.time_ms = BACKGROUND_NS / CLOCK_NS_PER_MS };
	struct facts facts;
	enum err e;

	if (!s->leased) {
		token_lease(g, s);
		s->summed = false; /* others may have written since */
	}
	/* The size only now: with the lease it stands still. */
	if (facts_of(s->fd, &facts))
		s->facts = facts;
	if (decided_wanted(g, s)) {
		decided_ask(g, s);
		return true;
	}
	scan.size = s->facts.size;
	if (s->growing)
		scan.flags |= WIRE_GROWING;
	base_name(g, s->fd, scan.name);
	e = pool_submit(g->pool, &scan, s->fd, s);
	if (e == ERR_LIMIT)
		return false;
	pool_place(g->pool, s, s->group);
	cache_wake(g->cache, s, SUBJECT_SCANNING);
	list_push(&g->scanning, &s->order);
	s->put_off = s->newer = false;
	s->started = s->cpu_moved = g->now;
	s->cpu = 0;
	g->m->count.scans++;
	if (s->growing)
		g->m->count.growing++;
	if (list_empty(&s->waiters) && list_empty(&s->later))
		scan_hurry(g, s, false);
	if (e != ERR_OK)
		scan_give_up(g, s, "it could not be given to a worker");
	return true;
}

/* How many scans nobody waits for. */
static unsigned
scan_deserted_count(const struct gate *g)
{
	unsigned n = 0;

	for (struct link *l = g->scanning.next; l != &g->scanning;
	     l = l->next) {
		struct subject *s = LIST_OF(l, struct subject, order);

		n += list_empty(&s->waiters) && list_empty(&s->later);
	}
	return n;
}

/* How many dear scans are under way. */
static unsigned
scan_dear_count(const struct gate *g)
{
	unsigned n = 0;

	for (struct link *l = g->scanning.next; l != &g->scanning; l = l->next)
		n += LIST_OF(l, struct subject, order)->dear;
	return n;
}

/*
 * A disk that does not answer keeps its readers, also when they are killed.
 * So a filesystem where that has happened has half of the workers at most, the
 * hanging ones included, until they are gone: the others go on.
 */
static bool
scan_clogged(const struct gate *g, uint32_t group)
{
	unsigned stuck, all = pool_at(g->pool, group, &stuck);

	return stuck != 0 && all >= g->start.workers / 2;
}

/* The first of a lane that a worker may have, or NULL. */
static struct link *
lane_first(const struct gate *g, const struct link *lane)
{
	struct link *l = list_first(lane);
	uint32_t clogged = GROUPS_MAX;

	while (l != NULL) {
		uint32_t group = LIST_OF(l, struct subject, order)->group;

		if (group != clogged && !scan_clogged(g, group))
			return l;
		clogged = group;
		l = l->next == lane ? NULL : l->next;
	}
	return NULL;
}

/* What goes to a worker next, or NULL.  Half of the workers are kept for files
 * that somebody waits for, half for those that may be quick. */
static struct link *
scan_next(const struct gate *g)
{
	struct link *l = lane_first(g, &g->queue);
	unsigned half = g->start.workers / 2;

	if (l == NULL && scan_dear_count(g) < half)
		l = lane_first(g, &g->dear);
	if (l == NULL && scan_deserted_count(g) < half)
		l = lane_first(g, &g->background);
	return l;
}

void
scan_pump(struct gate *g)
{
	struct link *l;

	while (g->pool != NULL && pool_ready(g->pool) != 0) {
		l = scan_next(g);
		if (l == NULL ||
		    !scan_submit(g, LIST_OF(l, struct subject, order)))
			return;
	}
}

void
scan_hurry(struct gate *g, struct subject *s, bool waited)
{
	struct msg head = { .type = MSG_NICE,
		.pid = pool_worker(g->pool, s),
		.error = waited ? CONFINE_NICE_WAITED : CONFINE_NICE_CALM };

	if (head.pid > 0)
		(void)!channel_send(g->start.keeper, &head, NULL, 0, -1);
}

void
scan_deserted(struct gate *g, struct subject *s)
{
	if (s == NULL || !list_empty(&s->waiters) || !list_empty(&s->later))
		return;
	if (s->state == SUBJECT_QUEUED)
		list_push(&g->background, &s->order);
	else if (s->state == SUBJECT_SCANNING)
		scan_hurry(g, s, false);
}

/* CPU time that its worker has used; false: there is none to look at. */
static bool
scan_cpu(const struct gate *g, const struct subject *s, uint64_t *out)
{
	pid_t pid = pool_worker(g->pool, s);
	struct timespec ts;
	clockid_t id;

	if (pid <= 0 || clock_getcpuclockid(pid, &id) != 0 ||
	    clock_gettime(id, &ts) == -1)
		return false;
	*out = (uint64_t)ts.tv_sec * CLOCK_NS_PER_S + (uint64_t)ts.tv_nsec;
	return true;
}

/* Should this worker end?  A slow disk still moves its clock now and then; a
 * stopped or stuck one does not. */
static bool
scan_stuck(struct gate *g, struct subject *s)
{
	uint64_t cpu;

	if (!scan_cpu(g, s, &cpu))
		return false; /* dead already: its answer is on the way */
	if (cpu != s->cpu) {
		s->cpu = cpu;
		s->cpu_moved = g->now;
	}
	s->overrun = cpu > BACKGROUND_NS;
	return s->overrun ||
	    g->now - s->cpu_moved > g->start.set.stall * CLOCK_NS_PER_S;
}

/* Too many run with nobody waiting while others queue: the dearest goes. */
static struct subject *
scan_dearest(struct gate *g)
{
	struct subject *worst = NULL;

	if (list_empty(&g->queue) ||
	    scan_deserted_count(g) <= g->start.workers / 2)
		return NULL;
	for (struct link *l = g->scanning.next; l != &g->scanning;
	     l = l->next) {
		struct subject *s = LIST_OF(l, struct subject, order);

		if (list_empty(&s->waiters) && list_empty(&s->later) &&
		    (worst == NULL || s->cpu > worst->cpu))
			worst = s;
	}
	if (worst != NULL)
		worst->overrun = true;
	return worst;
}

/*
 * Files queue, and more than half of the workers are at dear ones: the last of
 * these to begin starts again later, in the lane of the dear.  Who waits for it
 * goes on waiting, and the rest gets on.
 */
static void
scan_put_off(struct gate *g)
{
	unsigned half = g->start.workers / 2, dear = scan_dear_count(g);
	struct link *l = g->scanning.prev;

	if (list_empty(&g->queue) || pool_ready(g->pool) != 0)
		return;
	for (; l != &g->scanning && dear > half; l = l->prev) {
		struct subject *s = LIST_OF(l, struct subject, order);

		if (!s->dear)
			continue;
		dear--;
		if (s->put_off)
			continue; /* on its way */
		s->put_off = true;
		g->m->count.preempted++;
		pool_kill(g->pool, s);
	}
}

void
scan_watch(struct gate *g)
{
	struct subject *dearest = scan_dearest(g);

	for (struct link *l = g->scanning.next; l != &g->scanning;
	     l = l->next) {
		struct subject *s = LIST_OF(l, struct subject, order);

		s->dear = s->dear || g->now - s->started > DEAR_NS;
		if (scan_stuck(g, s) || s == dearest) {
			g->m->count.worker_stalls++;
			s->cpu_moved = g->now;
			pool_kill(g->pool, s);
		}
	}
	scan_put_off(g);
}
