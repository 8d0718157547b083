/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer: the one way out for an opener that waits, and what is told of it.
 *
 * A denial is told before it is answered, because the opener's /proc entry is
 * only certain while it is blocked; but it waits no longer than TELL_NS, and
 * not at all for a recorder that was slow before.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "guardd/gate_state.h"

static const struct story late_story = {
	.verdict = VERDICT_UNVERIFIED,
	.rule = "guard.late",
	.message = "no verdict in time; the scan goes on, try again later",
};

static void
count_answer(struct gate *g, int error)
{
	if (error == 0)
		g->m->count.allowed++;
	else if (error == EPERM)
		g->m->count.denied++;
	else
		g->m->count.unverified++;
}

/* Answer a descriptor number; the caller closes it afterwards, never before:
 * a number that is free again would be the next event's. */
static void
answer_number(struct gate *g, uint32_t group, int fd, int error)
{
	const struct group *to = &g->start.groups[group];
	struct fan_features features = to->features;

	if (error != 0 && g->start.set.observe) {
		g->m->count.observed++;
		error = 0;
	}
	features.audit = features.audit && g->start.set.keep.audit;
	if (fan_answer(to->fd, &features, fd, error) == ERR_OK)
		g->m->count.answers++;
	else
		g->m->count.answers_lost++;
	count_answer(g, error);
}

void
gate_answer_now(struct gate *g, uint32_t group, int fd, int pidfd, int error)
{
	answer_number(g, group, fd, error);
	latency_add(&g->m->took.known, clock_now() - g->read_at);
	if (pidfd >= 0)
		(void)close(pidfd);
	(void)close(fd);
}

void
gate_answer(struct gate *g, struct event *e, int error)
{
	answer_number(g, e->group, e->fd, error);
	latency_add(e->scanned ? &g->m->took.scanned : &g->m->took.known,
	    clock_now() - e->arrived);
	if (e->pidfd >= 0)
		(void)close(e->pidfd);
	if (e->lent)
		e->subject->lender = NULL;
	else
		(void)close(e->fd);
	fair_leave(g, e);
	events_give(&g->events, e);
}

bool
gate_path(const struct gate *g, int fd, char out[GATE_PATH])
{
	char link[16];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "%d", fd);
	n = readlinkat(g->own_files, link, out, GATE_PATH - 1);
	if (n <= 0 || n >= GATE_PATH - 1) {
		out[0] = '\0';
		return false;
	}
	out[n] = '\0';
	return true;
}

/* Send a record; seq 0: nobody waits for its being taken. */
static bool
record_send(
    struct gate *g, const struct msg *head, int fd, const struct story *why)
{
	char path[GATE_PATH];
	const char *parts[] = { path, why->rule, why->message, why->where,
		why->format };

	(void)gate_path(g, fd, path);
	if (channel_send_parts(g->start.recorder, head, parts,
		sizeof(parts) / sizeof(parts[0]), -1) != ERR_OK) {
		g->m->count.records_dropped++;
		return false;
	}
	g->m->count.records++;
	return true;
}

static uint32_t
record_flags(const struct gate *g, const struct story *why)
{
	return (g->start.set.observe ? (uint32_t)MSG_OBSERVE : 0) |
	    (why->in_place ? (uint32_t)MSG_IN_PLACE : 0);
}

/* Does any policy want people to be told of what it allows? */
static bool
notifies(const struct settings *set, enum verdict verdict)
{
	for (unsigned i = 0; i < set->policy_count; i++)
		if (set->policies[i].acts[verdict] == ACT_NOTIFY)
			return true;
	return false;
}

void
gate_record(struct gate *g, const struct subject *s, int error,
    const struct story *why, uint64_t elapsed_us)
{
	struct msg head = { .type = MSG_RECORD,
		.error = error,
		.verdict = why->verdict,
		.flags = record_flags(g, why),
		.dev = s->facts.dev,
		.ino = s->facts.ino,
		.size = s->facts.size,
		.elapsed = elapsed_us,
		.owner = s->facts.owner };

	if (s->growing)
		head.flags |= MSG_GROWING;
	if (error == 0 && notifies(&g->start.set, why->verdict))
		head.flags |= MSG_TELL;
	(void)record_send(g, &head, s->fd, why);
}

void
gate_deny(struct gate *g, struct event *e, int error, const struct story *why)
{
	struct msg head = { .type = MSG_RECORD,
		.seq = e->seq,
		.pid = e->pid,
		.error = error,
		.verdict = why->verdict,
		.flags = record_flags(g, why) | MSG_WHO,
		.elapsed = (g->now - e->arrived) / CLOCK_NS_PER_US,
		.owner = (uint32_t)-1 };
	struct facts facts = { 0 };
	bool told;

	list_leave(&e->wait);
	list_leave(&e->due);
	if (facts_of(e->fd, &facts)) {
		head.dev = facts.dev;
		head.ino = facts.ino;
		head.size = facts.size;
		head.owner = facts.owner;
	}
	told = record_send(g, &head, e->fd, why);
	if (!told || g->recorder_slow) {
		g->m->count.records_slow++;
		gate_answer(g, e, error);
		return;
	}
	e->error = error;
	e->deadline = clock_now() + TELL_NS;
	list_push(&g->events.telling, &e->due);
}

void
gate_recorded(struct gate *g, uint32_t seq, bool exempt)
{
	struct event *e = events_find(&g->events, seq);

	/* It keeps up (again), whether this one was still waiting or not. */
	g->recorder_slow = false;
	if (e == NULL)
		return;
	if (exempt)
		g->m->count.exempted++;
	gate_answer(g, e, exempt ? 0 : e->error);
}

void
gate_expire(struct gate *g)
{
	struct link *l;

	while ((l = list_first(&g->events.telling)) != NULL) {
		struct event *e = LIST_OF(l, struct event, due);

		if (e->deadline > g->now)
			break;
		g->recorder_slow = true;
		g->m->count.records_slow++;
		gate_answer(g, e, e->error);
	}
	while ((l = list_first(&g->events.waiting)) != NULL) {
		struct event *e = LIST_OF(l, struct event, due);
		struct subject *s = e->subject;

		if (e->deadline > g->now)
			break;
		g->m->count.late++;
		gate_deny(g, e, EIO, &late_story);
		scan_deserted(g, s);
	}
}

void
gate_notice(struct gate *g, const char *text)
{
	struct msg head = { .type = MSG_NOTICE };

	if (channel_send(g->start.recorder, &head, text, strlen(text), -1) !=
	    ERR_OK)
		g->m->count.records_dropped++;
}
