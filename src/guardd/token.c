/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token: what lets the next open of a known file cost nothing.
 *
 * A token is the event's own descriptor, a read lease taken before the first
 * byte was read, and an ignore mark on the inode.  While the lease is held
 * nobody can have the file open for writing: not by a mapping, not by a loop
 * device, not through another link.  A writer waits for the lease; the gate
 * removes the mark, then gives the lease back, in this order, so that there is
 * no moment with a writer and a mark.
 *
 * A plain ignore mark isn't enough: stores through a mapping and asynchronous
 * writes don't clear it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "guardd/gate_state.h"

enum { AGED_AT_ONCE = 256 }; /* tokens let go of in one turn */

void
token_lease(struct gate *g, struct subject *s)
{
	s->leased = s->growing = false;
	/* First the signal: a break in between must name the descriptor. */
	if (fcntl(s->fd, F_SETSIG, SIGRTMIN) == -1)
		return;
	if (fcntl(s->fd, F_SETLEASE, F_RDLCK) == 0) {
		s->leased = true;
		g->by_fd[s->fd] = s;
		return;
	}
	s->growing = errno == EAGAIN; /* somebody writes: maybe the opener */
}

bool
token_intact(const struct subject *s)
{
	return s->leased && fcntl(s->fd, F_GETLEASE) == F_RDLCK;
}

void
token_unlease(struct gate *g, struct subject *s)
{
	const struct group *to = &g->start.groups[s->group];

	if (!s->leased)
		return;
	if (s->state == SUBJECT_TOKEN)
		fan_heed_file(to->fd, &to->features, s->fd);
	(void)fcntl(s->fd, F_SETLEASE, F_UNLCK);
	g->by_fd[s->fd] = NULL;
	s->leased = false;
}

struct story *
story_of(struct gate *g, const struct subject *s)
{
	return s->story == -1 ? NULL : &g->stories[s->story];
}

static void
story_drop(struct gate *g, struct subject *s)
{
	if (s->story != -1)
		list_push(&g->stories_free, &g->stories[s->story].link);
	s->story = -1;
}

void
token_looked(struct gate *g, struct subject *s)
{
	if (!s->look)
		return;
	s->look = false;
	g->looks--;
	gate_looked(g);
}

/* Let go of the descriptor: back to the opener that waits by its number, or
 * closed. */
static void
token_close(struct gate *g, struct subject *s)
{
	gone_unwatch(g, s);
	token_looked(g, s);
	token_unlease(g, s);
	if (s->lender != NULL) {
		s->lender->lent = false;
		s->lender->subject = NULL;
		s->lender = NULL;
	} else if (s->fd != -1) {
		(void)close(s->fd);
	}
	s->fd = -1;
}

void
token_forget(struct gate *g, struct subject *s)
{
	token_close(g, s);
	story_drop(g, s);
	cache_drop(g->cache, s);
}

void
token_note(struct gate *g, struct subject *s, int error)
{
	token_close(g, s);
	story_drop(g, s);
	if (cache_count(g->cache, SUBJECT_NOTED) >= GATE_NOTES)
		token_forget(g, cache_oldest(g->cache, SUBJECT_NOTED));
	s->error = error;
	s->started = g->now;
	cache_rest(g->cache, s, SUBJECT_NOTED);
}

/* Room for one more that keeps its descriptor. */
static void
room_make(struct gate *g)
{
	while (cache_count(g->cache, SUBJECT_TOKEN) +
		cache_count(g->cache, SUBJECT_FLAGGED) >=
	    g->tokens_max) {
		struct subject *s = cache_oldest(g->cache, SUBJECT_TOKEN);

		if (s == NULL)
			s = cache_oldest(g->cache, SUBJECT_FLAGGED);
		if (s == NULL)
			return;
		g->m->count.tokens_dropped++;
		token_forget(g, s);
	}
}

void
token_mark(struct gate *g, struct subject *s)
{
	const struct group *to = &g->start.groups[s->group];

	/* Without the mark there will be an event, and the lease answers it. */
	(void)!fan_ignore_file(to->fd, &to->features, s->fd);
}

/* An open file keeps its mount from being unmounted. */
static void
token_age(struct gate *g, struct subject *s)
{
	token_looked(g, s);
	s->started = g->now;
	gone_watch(g, s);
	if (!filter_lasting(&g->filter, s->facts.mount))
		list_push(&g->brief, &s->brief);
}

void
token_expire(struct gate *g)
{
	struct link *l;

	while ((l = list_first(&g->brief)) != NULL) {
		struct subject *s = LIST_OF(l, struct subject, brief);

		if (g->now - s->started < BRIEF_NS)
			break;
		token_forget(g, s);
	}
	for (int i = 0; i < AGED_AT_ONCE && token_due(g) <= g->now; i++) {
		struct subject *s = cache_oldest(g->cache, SUBJECT_TOKEN);

		if (s == NULL || g->now - s->started < IDLE_NS)
			s = cache_oldest(g->cache, SUBJECT_FLAGGED);
		g->m->count.tokens_aged++;
		token_forget(g, s);
	}
}

uint64_t
token_due(struct gate *g)
{
	static const enum subject_state kinds[] = { SUBJECT_TOKEN,
		SUBJECT_FLAGGED };
	uint64_t due = UINT64_MAX;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct subject *s = cache_oldest(g->cache, kinds[i]);

		if (s != NULL && s->started + IDLE_NS < due)
			due = s->started + IDLE_NS;
	}
	return due;
}

void
token_release(struct gate *g, uint32_t group)
{
	struct subject *s = NULL;

	while ((s = cache_next(g->cache, s)) != NULL)
		if ((group == GROUPS_MAX || s->group == group) &&
		    (s->state == SUBJECT_TOKEN ||
			s->state == SUBJECT_FLAGGED)) {
			g->m->count.tokens_aged++;
			token_forget(g, s);
		}
}

bool
token_make(struct gate *g, struct subject *s)
{
	if (!token_intact(s))
		return false;
	room_make(g);
	cache_rest(g->cache, s, SUBJECT_TOKEN);
	token_age(g, s);
	token_mark(g, s);
	g->m->count.tokens_made++;
	return true;
}

void
token_flag(
    struct gate *g, struct subject *s, int error, const struct story *why)
{
	struct link *l = list_first(&g->stories_free);

	if (l == NULL) {
		token_forget(g, cache_oldest(g->cache, SUBJECT_FLAGGED));
		l = list_first(&g->stories_free);
	}
	list_leave(l);
	s->story = (int)(LIST_OF(l, struct story, link) - g->stories);
	g->stories[s->story] = *why;
	list_init(&g->stories[s->story].link);
	s->error = error;
	room_make(g);
	cache_rest(g->cache, s, SUBJECT_FLAGGED);
	token_age(g, s);
}

/* A writer comes: the file is not what it was. */
static void
token_break(struct gate *g, struct subject *s)
{
	if (s->state == SUBJECT_TOKEN || s->state == SUBJECT_FLAGGED) {
		g->m->count.tokens_broken++;
		token_forget(g, s);
		return;
	}
	/* Never hold a writer up for as long as a scan takes. */
	s->broken = s->state == SUBJECT_SCANNING;
	token_unlease(g, s);
}

void
token_broken(struct gate *g, int fd)
{
	struct subject *s;

	if (fd < 0 || fd >= g->start.fd_limit)
		return;
	s = g->by_fd[fd];
	/* A late signal may name a number that stands for another file now. */
	if (s != NULL && !token_intact(s))
		token_break(g, s);
}

void
token_check_all(struct gate *g)
{
	struct subject *s = NULL;

	g->m->count.signals_lost++;
	while ((s = cache_next(g->cache, s)) != NULL)
		if (s->leased && !token_intact(s))
			token_break(g, s);
}
