/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linger: a gate whose daemon ends goes on until its successor guards.
 *
 * When the service is restarted, or the keeper dies, the baton is in the
 * manager's hands.  The gate has all that judging takes: the groups, the
 * template, the table.  What it can't do is follow mounts and renames, so
 * nothing is ignored any more, and tell of denials.  It ends when the successor
 * says that it guards; when the manager lets go of the baton, because the
 * service was stopped; and when nobody has come for too long.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "guardd/gate_state.h"
#include "guardd/store.h"

/* A successor that can't start is tried again a few times; a gate that nobody
 * looks after any more must not stay for ever. */
#define LINGER_NS (60 * CLOCK_NS_PER_S)
/* What has begun may end, before openers are told to try again. */
#define FINISH_NS (2 * CLOCK_NS_PER_S)

void
linger(struct gate *g)
{
	gate_unwatch(g, &g->start.keeper);
	if (g->start.baton == -1) {
		g->stopping = true;
		return;
	}
	g->linger_until = g->now + LINGER_NS;
	gate_unwatch(g, &g->start.recorder);
	gate_unwatch(g, &g->start.scout);
	g->start.scout_pid = 0;
	/* Nobody of the family is left, and their numbers are others' soon. */
	g->start.family.count = 0;
	gate_heed_all(g);
}

void
linger_baton(struct gate *g)
{
	char byte;
	ssize_t n = recv(g->start.baton, &byte, sizeof(byte), MSG_DONTWAIT);

	if (n == -1)
		return;
	if (n == 1 && byte == STORE_ASK) {
		(void)send(
		    g->start.baton, &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
		return;
	}
	g->followed = n == 1;
	if (g->followed || g->linger_until != 0)
		g->stopping = true;
	else
		gate_unwatch(g, &g->start.baton); /* nobody keeps it */
}

uint64_t
linger_due(const struct gate *g)
{
	return g->linger_until == 0 ? UINT64_MAX : g->linger_until;
}

void
linger_step(struct gate *g)
{
	if (g->linger_until != 0 && g->now >= g->linger_until)
		g->stopping = true;
}

void
linger_finish(struct gate *g)
{
	/* From here on opens are the successor's alone. */
	for (size_t i = 0; i < GROUPS_MAX; i++)
		if (g->start.groups[i].fd != -1)
			fan_unguard(g->start.groups[i].fd);
	g->stopping = false;
	g->linger_until = g->now + FINISH_NS;
	for (uint32_t i = 0; i < GROUPS_MAX; i++)
		while (g->start.groups[i].fd != -1 && judge_group(g, i))
			continue;
	while (g->events.used != 0 && !g->stopping)
		gate_turn(g);
	g->stopping = true;
}
