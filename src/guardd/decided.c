/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decided: files that somebody decided on by content, and those that go into
 * the vault.
 *
 * A file of a size that is listed is summed before it is scanned, by the
 * hasher, on the descriptor whose lease keeps writers out: what is allowed by
 * its digest is what the opener gets.  Without a lease nothing is decided by
 * content, and the file is judged like any other.  While there is no hasher
 * such files wait for one, up to their openers' deadlines.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "guardd/gate_state.h"

bool
decided_wanted(const struct gate *g, const struct subject *s)
{
	return !s->summed && s->leased && known_size(&g->known, s->facts.size);
}

/* One that is not taken now is sent when the hasher says something. */
static void
sum_send(struct gate *g, struct subject *s)
{
	struct msg head = {
		.type = MSG_SUM, .seq = s->sum, .size = s->facts.size
	};

	s->sum_sent =
	    channel_send(g->start.hasher, &head, NULL, 0, s->fd) == ERR_OK;
}

static void
sums_send(struct gate *g)
{
	for (struct link *l = g->summing.next; l != &g->summing; l = l->next) {
		struct subject *s = LIST_OF(l, struct subject, order);

		if (!s->sum_sent)
			sum_send(g, s);
	}
}

void
decided_ask(struct gate *g, struct subject *s)
{
	cache_wake(g->cache, s, SUBJECT_SCANNING);
	list_push(&g->summing, &s->order);
	s->sum = ++g->sum;
	g->m->count.sums++;
	sum_send(g, s);
}

static struct subject *
sum_find(const struct gate *g, uint32_t seq)
{
	for (struct link *l = g->summing.next; l != &g->summing; l = l->next) {
		struct subject *s = LIST_OF(l, struct subject, order);

		if (s->sum == seq)
			return s;
	}
	return NULL;
}

/* What follows from it, if anything does. */
static void
sum_decide(struct gate *g, struct subject *s, const struct digest *d)
{
	struct judgement j = { .in_place = true };
	struct story why = { .in_place = true };
	char name[KNOWN_NAME_MAX + 1] = "";
	enum known_kind kind = d == NULL
	    ? KNOWN_NOT
	    : known_find(&g->known, s->facts.size, d, name);
	bool holds = scan_holds(g, s);

	if (kind == KNOWN_NOT || (kind == KNOWN_ALLOWED && !holds)) {
		scan_again(g, s);
		s->summed = holds;
		return;
	}
	j.denied = kind == KNOWN_DENIED;
	j.verdict = why.verdict = j.denied ? VERDICT_MALICIOUS : VERDICT_CLEAN;
	(void)snprintf(why.format, sizeof(why.format), "unread");
	(void)snprintf(why.rule, sizeof(why.rule), "guard.%s",
	    j.denied ? "denied" : "allowed");
	(void)snprintf(why.message, sizeof(why.message),
	    "somebody decided so about its content (%s)",
	    name[0] == '\0' ? "no name" : name);
	scan_finish(g, s, &j, &why, 0);
}

/* A hasher that died is replaced: it is asked again. */
static void
hasher_gone(struct gate *g)
{
	gate_unwatch(g, &g->start.hasher);
	for (struct link *l = g->summing.next; l != &g->summing; l = l->next)
		LIST_OF(l, struct subject, order)->sum_sent = false;
}

void
decided_heard(struct gate *g)
{
	static struct msg_in in;
	enum err e;

	while ((e = channel_recv(g->start.hasher, &in)) == ERR_OK) {
		struct subject *s = sum_find(g, in.head.seq);
		struct digest d;

		if (in.fd != -1)
			(void)close(in.fd);
		if (in.head.type != MSG_SUMMED || s == NULL)
			continue;
		memcpy(d.bytes, in.text, sizeof(d.bytes));
		sum_decide(g, s,
		    in.head.error == 0 && in.head.text == sizeof(d.bytes)
			? &d
			: NULL);
	}
	if (e == ERR_LIMIT)
		sums_send(g);
	else
		hasher_gone(g);
}

void
decided_hasher(struct gate *g, int fd)
{
	hasher_gone(g);
	g->start.hasher = fd;
	gate_watch(g, fd, KIND_HASHER, 0);
	sums_send(g);
}

/* What was judged before is judged anew if anything is said about its size. */
static void
known_forget(struct gate *g, const struct known *k)
{
	struct subject *s = NULL;

	while ((s = cache_next(g->cache, s)) != NULL)
		if (s->state != SUBJECT_QUEUED &&
		    s->state != SUBJECT_SCANNING &&
		    known_size(k, s->facts.size))
			token_forget(g, s);
}

void
decided_load(struct gate *g, int fd)
{
	AUTO_FREE void *image = NULL;
	struct known known;
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1 || st.st_size <= 0 ||
	    st.st_size > KNOWN_IMAGE_MAX)
		return;
	image = malloc((size_t)st.st_size);
	if (image == NULL ||
	    pread(fd, image, (size_t)st.st_size, 0) != st.st_size ||
	    known_open(image, (size_t)st.st_size, &known) != ERR_OK) {
		gate_notice(
		    g, "the gate cannot take the list of contents decided on");
		return;
	}
	known_forget(g, &g->known);
	known_forget(g, &known);
	free(g->known_image);
	g->known_image = STEAL_PTR(image);
	g->known = known;
}

bool
decided_quarantines(
    const struct gate *g, const struct subject *s, const struct judgement *j)
{
	if (s->look && action_by(&g->start.set, s->policy, j).quarantine)
		return true;
	for (struct link *l = s->waiters.next; l != &s->waiters; l = l->next) {
		const struct event *e = LIST_OF(l, struct event, wait);

		if (action_by(&g->start.set, e->policy, j).quarantine)
			return true;
	}
	return false;
}

void
decided_quarantine(
    struct gate *g, const struct subject *s, const struct story *why)
{
	struct msg head = { .type = MSG_QUARANTINE,
		.verdict = why->verdict,
		.flags = why->in_place ? (uint32_t)MSG_IN_PLACE : 0,
		.dev = s->facts.dev,
		.ino = s->facts.ino,
		.size = s->facts.size };
	const char *parts[] = { why->rule, why->message, why->where,
		why->format };

	if (g->start.set.observe)
		return;
	if (channel_send_parts(g->start.vault, &head, parts,
		sizeof(parts) / sizeof(parts[0]), s->fd) == ERR_OK)
		g->m->count.quarantined++;
	else
		g->m->count.quarantines_dropped++;
}
