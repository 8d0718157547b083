/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gone: files that were deleted while a token keeps them open.
 *
 * An open file's blocks are not freed, and people who delete fifty gigabytes
 * want them back.  Unlinking breaks no lease, but it changes the inode, and a
 * group of the gate's own tells of that.  What has happened to which file is
 * not read from it: whatever has no name any more is looked for, in slices.
 */
#include <unistd.h>

#include "guardd/gate_state.h"

enum { GONE_READ = 16 * 1024, GONE_SLICE = 256 };

#define GONE_PAUSE_NS (500 * CLOCK_NS_PER_MS)
/* Where the kernel doesn't tell: look so often. */
#define GONE_BLIND_NS (10 * CLOCK_NS_PER_S)

void
gone_watch(struct gate *g, struct subject *s)
{
	s->told = fan_deletions_watch(g->gone, s->fd) == ERR_OK;
	if (!s->told && g->blind++ == 0)
		g->gone_at = g->now + GONE_BLIND_NS;
	s->watched = true;
}

void
gone_unwatch(struct gate *g, struct subject *s)
{
	if (!s->watched)
		return;
	if (s->told)
		fan_deletions_ignore(g->gone, s->fd);
	else
		g->blind--;
	s->watched = false;
}

void
gone_told(struct gate *g)
{
	char buf[GONE_READ];

	while (read(g->gone, buf, sizeof(buf)) > 0)
		continue;
	if (!g->gone_wanted && g->gone_next == NULL)
		g->gone_at = g->now + GONE_PAUSE_NS;
	g->gone_wanted = true;
}

uint64_t
gone_due(const struct gate *g)
{
	return g->gone_wanted || g->blind != 0 || g->gone_next != NULL
	    ? g->gone_at
	    : UINT64_MAX;
}

/* Let go of one that has no name any more. */
static void
gone_look(struct gate *g, struct subject *s)
{
	struct facts facts;

	if ((s->state == SUBJECT_TOKEN || s->state == SUBJECT_FLAGGED) &&
	    facts_of(s->fd, &facts) && facts.links == 0)
		token_forget(g, s);
}

void
gone_sweep(struct gate *g)
{
	struct subject *s;

	if (g->now < gone_due(g))
		return;
	if (g->gone_next == NULL) { /* a new round */
		g->gone_wanted = false;
		g->gone_next = cache_next(g->cache, NULL);
	}
	for (int i = 0; i < GONE_SLICE && g->gone_next != NULL; i++) {
		s = g->gone_next;
		gone_look(g, s);
		g->gone_next = cache_next(g->cache, s);
	}
	/* The rest of this round at the next turn; another one not so soon. */
	if (g->gone_next == NULL)
		g->gone_at =
		    g->now + (g->gone_wanted ? GONE_PAUSE_NS : GONE_BLIND_NS);
}
