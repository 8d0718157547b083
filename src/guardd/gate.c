/* SPDX-License-Identifier: Apache-2.0 */
/* gate: its life: set up, confined, one loop, an orderly end. */
#include "guardd/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "guardd/confine.h"
#include "guardd/gate_state.h"

enum { EPOLL_BATCH = 64, SIGNAL_BATCH = 64, SWEEP_ERROR = EIO };

/* All memory that the gate ever needs for files and openers. */
static enum err
gate_tables(struct gate *g)
{
	size_t limit = (size_t)g->start.fd_limit, waiting = GATE_EVENTS;
	enum err e;

	/* Two descriptors for each that waits, and half of all at most. */
	if (waiting > limit / 4)
		waiting = limit / 4;
	g->tokens_max = limit > 2 * waiting + GATE_RESERVE
	    ? limit - 2 * waiting - GATE_RESERVE
	    : 1;
	if ((e = events_new(waiting, &g->events)) != ERR_OK ||
	    (e = cache_new(g->tokens_max + waiting + GATE_NOTES, &g->cache)) !=
		ERR_OK)
		return e;
	g->by_fd = calloc(limit, sizeof(struct subject *));
	g->stories = calloc(GATE_STORIES, sizeof(*g->stories));
	if (g->by_fd == NULL || g->stories == NULL)
		return ERR_NOMEM;
	list_init(&g->stories_free);
	for (size_t i = 0; i < GATE_STORIES; i++) {
		list_init(&g->stories[i].link);
		list_push(&g->stories_free, &g->stories[i].link);
	}
	list_init(&g->queue);
	list_init(&g->dear);
	list_init(&g->background);
	list_init(&g->scanning);
	list_init(&g->summing);
	list_init(&g->brief);
	return ERR_OK;
}

/* Leases break by SIGRTMIN, one for each; SIGIO says that there were too
 * many.  No other signal reaches the gate. */
static enum err
gate_signals(struct gate *g)
{
	sigset_t all, ours;

	(void)sigfillset(&all);
	(void)sigemptyset(&ours);
	(void)sigaddset(&ours, SIGRTMIN);
	(void)sigaddset(&ours, SIGIO);
	if (sigprocmask(SIG_SETMASK, &all, NULL) == -1)
		return ERR_SYS;
	g->signals = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
	return g->signals == -1 ? ERR_SYS : ERR_OK;
}

/* What a dead gate read and didn't answer: the kernel still knows it by the
 * dead one's numbers, and would take our own answers for it.  So all numbers
 * are answered before anything is read. */
static void
gate_sweep(struct gate *g)
{
	int error =
	    g->start.set.crash_open || g->start.set.observe ? 0 : SWEEP_ERROR;

	for (size_t i = 0; i < GROUPS_MAX; i++) {
		const struct group *to = &g->start.groups[i];

		if (to->fd != -1)
			g->m->count.swept += fan_sweep(
			    to->fd, &to->features, g->start.fd_limit, error);
	}
}

static enum err
gate_setup(struct gate *g)
{
	enum err e;

	if ((e = gate_signals(g)) != ERR_OK)
		return e;
	g->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (g->epoll == -1)
		return ERR_SYS;
	if ((e = gate_tables(g)) != ERR_OK)
		return e;
	(void)facts_unique_mounts(); /* asks "/" once, so now */
	if (g->start.image != -1)
		gate_load(g, g->start.image);
	decided_load(g, g->start.known);
	gate_watch(g, g->signals, KIND_SIGNAL, 0);
	gate_watch(g, g->gone, KIND_GONE, 0);
	gate_watch(g, g->start.keeper, KIND_KEEPER, 0);
	gate_watch(g, g->start.recorder, KIND_RECORDER, 0);
	gate_watch(g, g->start.scout, KIND_SCOUT, 0);
	gate_watch(g, g->start.baton, KIND_BATON, 0);
	gate_watch(g, g->start.vault, KIND_VAULT, 0);
	gate_watch(g, g->start.hasher, KIND_HASHER, 0);
	for (uint32_t i = 0; i < GROUPS_MAX; i++)
		gate_watch(g, g->start.groups[i].fd, KIND_GROUP, i);
	return ERR_OK;
}

static void
signals_read(struct gate *g)
{
	struct signalfd_siginfo got[SIGNAL_BATCH];
	bool lost = false;
	ssize_t n;

	while ((n = read(g->signals, got, sizeof(got))) > 0)
		for (size_t i = 0; i < (size_t)n / sizeof(got[0]); i++)
			if (got[i].ssi_signo == (uint32_t)SIGRTMIN)
				token_broken(g, got[i].ssi_fd);
			else
				lost = true;
	if (lost)
		token_check_all(g);
}

/* The keeper waits to hear that files can be judged. */
static void
template_tell(struct gate *g)
{
	struct wire_loaded loaded;
	struct msg head = { .type = MSG_RULES };
	const char *problems = NULL;

	if (g->template_told || !pool_is_ready(g->pool, &problems))
		return;
	g->template_told = true;
	loaded = pool_loaded(g->pool);
	head.dev = loaded.rules;
	head.ino = loaded.imports;
	head.size = loaded.rules_sum;
	head.elapsed = loaded.imports_sum;
	if (problems == NULL)
		problems = "";
	(void)!channel_send(
	    g->start.keeper, &head, problems, strlen(problems), -1);
}

static void
dispatch(struct gate *g, uint32_t kind, uint32_t index)
{
	switch ((enum gate_kind)kind) {
	case KIND_GROUP:
		if (index < GROUPS_MAX && g->start.groups[index].fd != -1)
			judge_group(g, index);
		break;
	case KIND_KEEPER:
		if (g->start.keeper != -1 && !gate_keeper_said(g))
			linger(g);
		break;
	case KIND_RECORDER:
		if (g->start.recorder != -1)
			gate_recorder_said(g);
		break;
	case KIND_SCOUT:
		if (g->start.scout != -1)
			gate_scout_said(g);
		break;
	case KIND_VAULT:
		/* It says nothing to the gate: it is gone. */
		gate_unwatch(g, &g->start.vault);
		break;
	case KIND_HASHER:
		if (g->start.hasher != -1)
			decided_heard(g);
		break;
	case KIND_POOL:
		/* A template that is gone is the keeper's to replace. */
		(void)!pool_step(g->pool);
		template_tell(g);
		break;
	case KIND_SIGNAL:
		signals_read(g);
		break;
	case KIND_GONE:
		gone_told(g);
		break;
	case KIND_BATON:
		linger_baton(g);
		break;
	}
}

/* How long may the gate sleep (ms)?  -1: until something happens. */
static int
sleep_ms(struct gate *g)
{
	uint64_t due = events_due(&g->events), left;

	if ((!list_empty(&g->scanning) || !list_empty(&g->brief)) &&
	    g->tick_at < due)
		due = g->tick_at;
	if (token_due(g) < due)
		due = token_due(g);
	if (g->dirs != 0 && g->ping_at < due)
		due = g->ping_at;
	if (gone_due(g) < due)
		due = gone_due(g);
	if (linger_due(g) < due)
		due = linger_due(g);
	if (due == UINT64_MAX)
		return -1;
	left = due <= g->now ? 0 : due - g->now;
	return (int)((left + CLOCK_NS_PER_MS - 1) / CLOCK_NS_PER_MS);
}

static void
timers(struct gate *g)
{
	gate_expire(g);
	gate_ping(g);
	gone_sweep(g);
	linger_step(g);
	if (g->now < g->tick_at)
		return;
	g->tick_at = g->now + (list_empty(&g->queue) ? TICK_NS : TICK_BUSY_NS);
	token_expire(g);
	if (g->pool != NULL)
		scan_watch(g);
}

void
gate_gauges(struct gate *g)
{
	struct gauges *to = &g->m->now;

	to->tokens = cache_count(g->cache, SUBJECT_TOKEN);
	to->flagged = cache_count(g->cache, SUBJECT_FLAGGED);
	to->noted = cache_count(g->cache, SUBJECT_NOTED);
	to->waiting = g->events.used;
	to->scanning = cache_count(g->cache, SUBJECT_SCANNING);
	to->queued = cache_count(g->cache, SUBJECT_QUEUED);
	to->dirs = g->dirs;
	to->oldest_at = events_oldest(&g->events);
	to->turn_at = g->now;
}

/* One turn: first what others say (a child may be about to open something, a
 * writer waits for a lease), then the openers. */
void
gate_turn(struct gate *g)
{
	struct epoll_event got[EPOLL_BATCH];
	int n = epoll_wait(g->epoll, got, EPOLL_BATCH, sleep_ms(g));

	g->now = clock_now();
	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < n; i++) {
			uint32_t kind = (uint32_t)(got[i].data.u64 >> 32);

			if ((kind == KIND_GROUP) == (pass == 1))
				dispatch(g, kind, (uint32_t)got[i].data.u64);
		}
	scan_pump(g);
	g->path_of = -1; /* its number may be another's by the next turn */
	timers(g);
	gate_gauges(g);
}

/* Nobody may be left waiting: no more events, then an answer for each. */
static void
gate_end(struct gate *g)
{
	struct link *l;

	for (size_t i = 0; i < GROUPS_MAX; i++)
		if (g->start.groups[i].fd != -1)
			fan_unguard(g->start.groups[i].fd);
	while ((l = list_first(&g->events.telling)) != NULL ||
	    (l = list_first(&g->events.waiting)) != NULL) {
		struct event *e = LIST_OF(l, struct event, due);

		gate_answer(g, e, e->error != 0 ? e->error : EIO);
	}
	for (uint32_t i = 0; i < GROUPS_MAX; i++) {
		while (g->start.groups[i].fd != -1 && judge_group(g, i))
			continue;
	}
	while ((l = list_first(&g->events.telling)) != NULL)
		gate_answer(g, LIST_OF(l, struct event, due),
		    LIST_OF(l, struct event, due)->error);
}

int
gate_run(const struct gate_start *start)
{
	struct gate *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return 1;
	g->start = *start;
	g->m = start->metrics;
	g->m->now = (struct gauges){ .starts = g->m->now.starts + 1,
		.started_at = clock_now() };
	g->gone = fan_deletions();
	/* Three names less to look up for each event, which is half of it. */
	g->own_files = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (confine_gate() != ERR_OK || gate_setup(g) != ERR_OK) {
		gate_notice(g, "the gate cannot set itself up");
		return 1;
	}
	if (start->sweep)
		gate_sweep(g);
	g->now = clock_now();
	g->path_of = -1;
	while (!g->stopping)
		gate_turn(g);
	if (g->followed)
		linger_finish(g);
	gate_end(g);
	gate_dump(g);
	return 0;
}
