/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge: what to do with an event, from the cheapest question to the dearest.
 *
 * Whatever can't be found out is not allowed: it is denied as unverified, or
 * taken to be watched.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "guardd/gate_state.h"

enum {
	READ_SIZE = 4096, /* bytes: some hundred events */
	INFO_PIDFD = 4,   /* FAN_EVENT_INFO_TYPE_PIDFD */
	ROOM_STEP = 64    /* tokens given up when descriptors run out */
};

/* An event on its way in. fd and pidfd are owned until it is answered. */
struct arrival {
	uint32_t group;
	int fd, pidfd;
	pid_t pid;
	uint8_t policy; /* of the watch that it lies in */
	struct facts facts;
};

static const struct story note_story = {
	.verdict = VERDICT_UNVERIFIED,
	.in_place = true,
	.rule = "guard.worker",
	.message = "workers ended on it before, and it has not changed",
};

static void
reply(struct gate *g, const struct arrival *a, int error)
{
	gate_answer_now(g, a->group, a->fd, a->pidfd, error);
}

/* Make the arrival an event; NULL: too many wait, and it was denied. */
static struct event *
arrival_enter(struct gate *g, const struct arrival *a)
{
	struct event *e = events_take(&g->events);

	if (e == NULL) {
		g->m->count.overload++;
		reply(g, a, EIO);
		return NULL;
	}
	e->arrived = g->now;
	e->group = a->group;
	e->fd = a->fd;
	e->pidfd = a->pidfd;
	e->pid = a->pid;
	e->policy = a->policy;
	if (!fair_enter(g, e)) {
		g->m->count.overload_user++;
		gate_answer(g, e, EIO);
		return NULL;
	}
	e->deadline = g->now + g->start.set.deadline * CLOCK_NS_PER_S - TELL_NS;
	return e;
}

/* A file that nobody asked for yet (or that has changed). */
static void
judge_new(struct gate *g, const struct arrival *a)
{
	struct event *e = arrival_enter(g, a);
	struct subject *s;

	if (e == NULL)
		return;
	if (g->stopping) {
		gate_answer(g, e, EIO);
		return;
	}
	if ((s = cache_add(g->cache, &a->facts)) == NULL) {
		g->m->count.overload++;
		gate_answer(g, e, EIO);
		return;
	}
	s->fd = e->fd;
	s->group = a->group;
	s->lender = e;
	e->lent = true;
	e->subject = s;
	e->scanned = true;
	list_push(&s->waiters, &e->wait);
	list_push(&g->events.waiting, &e->due);
	token_lease(g, s);
	scan_queue(g, s);
}

/* A scan of it waits or is under way. */
static void
judge_join(struct gate *g, const struct arrival *a, struct subject *s)
{
	struct event *e = arrival_enter(g, a);
	bool serves, deserted;

	if (e == NULL)
		return;
	if (g->stopping) {
		gate_answer(g, e, EIO);
		return;
	}
	deserted = list_empty(&s->waiters) && list_empty(&s->later);
	/* What was read before this opener came is only what it will get if
	 * nobody could write since. */
	serves = s->state == SUBJECT_QUEUED || (s->leased && !s->broken);
	g->m->count.joined++;
	e->subject = s;
	e->scanned = true;
	list_push(serves ? &s->waiters : &s->later, &e->wait);
	list_push(&g->events.waiting, &e->due);
	/* Somebody waits for it again: out of the background. */
	if (deserted && s->state == SUBJECT_QUEUED)
		list_push(s->dear ? &g->dear : &g->queue, &s->order);
	else if (deserted)
		scan_hurry(g, s, true);
}

/* A remembered verdict. */
static void
judge_flagged(
    struct gate *g, const struct arrival *a, int error, const struct story *why)
{
	struct event *e = arrival_enter(g, a);

	if (e == NULL)
		return;
	g->m->count.flagged_hits++;
	gate_deny(g, e, error, why);
}

/* A verdict that some policy denies is remembered; this opener's may not. */
static void
judge_kept(struct gate *g, const struct arrival *a, const struct subject *s)
{
	const struct story *why = story_of(g, s);
	struct judgement j = { .verdict = why->verdict,
		.in_place = why->in_place };
	int error = g->start.set.policy_count == 1
	    ? s->error
	    : action_by(&g->start.set, a->policy, &j).error;

	if (error != 0) {
		judge_flagged(g, a, error, why);
		return;
	}
	g->m->count.flagged_hits++;
	reply(g, a, 0);
}

static bool
note_holds(
    const struct gate *g, const struct arrival *a, const struct subject *s)
{
	return s->facts.size == a->facts.size &&
	    s->facts.mtime == a->facts.mtime &&
	    s->facts.ctime == a->facts.ctime && g->now - s->started < NOTE_NS;
}

static void
judge_known(struct gate *g, const struct arrival *a, struct subject *s)
{
	switch (s->state) {
	case SUBJECT_QUEUED:
	case SUBJECT_SCANNING:
		judge_join(g, a, s);
		return;
	case SUBJECT_TOKEN:
		if (!token_intact(s))
			break;
		token_mark(g, s);
		cache_rest(g->cache, s, SUBJECT_TOKEN);
		g->m->count.token_hits++;
		reply(g, a, 0);
		return;
	case SUBJECT_FLAGGED:
		if (!token_intact(s))
			break;
		cache_rest(g->cache, s, SUBJECT_FLAGGED);
		judge_kept(g, a, s);
		return;
	case SUBJECT_NOTED:
		if (!note_holds(g, a, s))
			break;
		judge_flagged(g, a, s->error, &note_story);
		return;
	case SUBJECT_FREE:
		break;
	}
	token_forget(g, s);
	judge_new(g, a);
}

/* Is it outside of everything watched?  A file with other names may be inside
 * by one of those. */
static bool
judge_outside(struct gate *g, struct arrival *a)
{
	const char *path = g->path;

	a->policy = POLICY_ALL;
	g->path_of = -1;
	if (a->facts.links > 1)
		return false;
	if (!filter_knows(&g->filter, a->facts.mount)) {
		gate_ask_place(g, a->group, a->fd);
		return false;
	}
	if (!gate_path(g, a->fd, g->path))
		return false;
	g->path_of = a->fd;
	if (filter_watched(&g->filter, a->group, a->facts.mount, path)) {
		if (g->start.set.policy_count > 1)
			a->policy = (uint8_t)filter_policy(&g->filter, a->group,
			    a->facts.mount, path, POLICY_ALL);
		return false;
	}
	gate_ask(g, a->group, path);
	return true;
}

static void
judge_stranger(struct gate *g, struct arrival *a)
{
	struct subject *s;

	if (!facts_of(a->fd, &a->facts)) {
		reply(g, a, EIO);
		return;
	}
	if (!a->facts.regular) {
		g->m->count.irregular++;
		reply(g, a, 0);
		return;
	}
	if (judge_outside(g, a)) {
		g->m->count.outside++;
		reply(g, a, 0);
		return;
	}
	if (a->facts.size == 0) {
		g->m->count.empty++;
		reply(g, a, 0);
		return;
	}
	s = cache_find(g->cache, a->facts.dev, a->facts.ino);
	if (s != NULL)
		judge_known(g, a, s);
	else
		judge_new(g, a);
}

/* The scout has one look at s to its credit, until it is done. */
static bool
look_take(struct gate *g, struct subject *s, const struct arrival *a)
{
	bool taken = !s->look;

	g->looks += taken;
	s->look = true;
	s->policy = a->policy;
	return taken;
}

/* Is the file to be scanned for what it is now? *taken: by a scan under way,
 * which will be followed by another. */
static bool
look_new(struct gate *g, const struct arrival *a, bool *taken)
{
	struct subject *s = cache_find(g->cache, a->facts.dev, a->facts.ino);

	*taken = false;
	if (s == NULL)
		return true;
	if (s->state == SUBJECT_SCANNING && (!s->leased || s->broken)) {
		s->newer = true;
		*taken = look_take(g, s, a);
	}
	if (s->state == SUBJECT_QUEUED || s->state == SUBJECT_SCANNING ||
	    (s->state == SUBJECT_NOTED ? note_holds(g, a, s) : token_intact(s)))
		return false;
	token_forget(g, s);
	return true;
}

/* Is it one that may be scanned before it is opened, now? */
static bool
look_wanted(struct gate *g, struct arrival *a)
{
	if (g->stopping || a->group >= GROUPS_MAX ||
	    g->start.groups[a->group].fd == -1 || a->fd >= g->start.fd_limit ||
	    g->looks >= GATE_LOOKS)
		return false;
	return facts_of(a->fd, &a->facts) && a->facts.regular &&
	    a->facts.size != 0 && !judge_outside(g, a);
}

void
judge_look(struct gate *g, uint32_t group, int fd)
{
	struct arrival a = { .group = group, .fd = fd, .pidfd = -1 };
	struct subject *s = NULL;
	bool taken = false;

	if (look_wanted(g, &a) && look_new(g, &a, &taken))
		s = cache_add(g->cache, &a.facts);
	if (s == NULL) {
		g->path_of = -1;
		(void)close(fd);
		if (!taken) {
			g->m->count.looks_dropped++;
			gate_looked(g);
		}
		return;
	}
	s->fd = fd;
	s->group = group;
	(void)look_take(g, s, &a);
	g->m->count.looks++;
	token_lease(g, s);
	list_push(&g->background, &s->order);
}

/* Our own processes must never wait for us.  The scout wants to know that its
 * canary arrived. */
static void
judge_family(struct gate *g, const struct arrival *a)
{
	struct facts facts;

	g->m->count.family++;
	if (a->pid == g->start.scout_pid && facts_of(a->fd, &facts)) {
		struct msg seen = { .type = MSG_SEEN,
			.group = a->group,
			.dev = facts.dev,
			.ino = facts.ino };

		(void)!channel_send(g->start.scout, &seen, NULL, 0, -1);
	}
	reply(g, a, 0);
}

/* The pidfd among the records behind an event; -1: none. */
static int
event_pidfd(const struct fan_event *e)
{
	int32_t pidfd = -1;
	size_t size;
	const char *body = fan_info(e, INFO_PIDFD, &size);

	if (body != NULL && size >= sizeof(pidfd))
		memcpy(&pidfd, body, sizeof(pidfd));
	return pidfd;
}

static void
judge_event(struct gate *g, uint32_t group, const struct fan_event *e)
{
	struct arrival a = { .group = group,
		.fd = e->head.fd,
		.pidfd = event_pidfd(e),
		.pid = e->head.pid };

	g->m->count.events++;
	if (a.fd < 0) {
		/* Nothing to answer: the queue overflowed. */
		g->m->count.overflows++;
		if (a.pidfd >= 0)
			(void)close(a.pidfd);
		return;
	}
	if ((e->head.mask & FAN_OPEN_PERM) == 0)
		reply(g, &a, 0);
	else if (family_has(&g->start.family, a.pid))
		judge_family(g, &a);
	else
		judge_stranger(g, &a);
}

/* An event could not be read; its opener was denied by the kernel. */
static void
judge_unreadable(struct gate *g)
{
	g->m->count.read_errors++;
	if (errno != EMFILE && errno != ENFILE)
		return;
	for (int i = 0; i < ROOM_STEP; i++) {
		struct subject *s = cache_oldest(g->cache, SUBJECT_TOKEN);

		if (s == NULL)
			return;
		g->m->count.tokens_dropped++;
		token_forget(g, s);
	}
}

bool
judge_group(struct gate *g, uint32_t group)
{
	char buf[READ_SIZE];
	const char *at = buf;
	struct fan_event e;
	ssize_t n = read(g->start.groups[group].fd, buf, sizeof(buf));
	size_t left;

	if (n == -1) {
		if (errno != EAGAIN && errno != EINTR)
			judge_unreadable(g);
		return false;
	}
	left = (size_t)n;
	g->read_at = clock_now();
	while (fan_next(&at, &left, &e))
		judge_event(g, group, &e);
	return true;
}
