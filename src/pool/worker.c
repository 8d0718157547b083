/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker: one worker as its parent sees it.
 *
 * It may be taken over by its file at any time, so it is believed once: one
 * whole frame, for the file that it was given, and nothing else.  Descriptors
 * that it sends are never taken in (no room for them is offered, so the kernel
 * drops them), and MSG_CTRUNC tells that it tried.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "pool/internal.h"

bool
slot_take(struct pool *p, pid_t pid, int fd)
{
	struct slot *s = p->slots;

	if (p->used == p->config.workers)
		return false;
	while (s->state != SLOT_FREE)
		s++;
	if (pool_watch(p, fd, (int)(s - p->slots), s->generation + 1) != ERR_OK)
		return false;
	*s = (struct slot){ .state = SLOT_IDLE,
		.generation = s->generation + 1,
		.fd = fd,
		.pid = pid,
		.frame = s->frame };
	p->used++;
	p->idle++;
	p->stats.spawned++;
	p->barren = 0;
	return true;
}

static void
slot_close(struct slot *s)
{
	if (s->fd != -1)
		(void)close(s->fd);
	s->fd = -1;
}

static void
slot_free(struct pool *p, struct slot *s)
{
	slot_close(s);
	s->state = SLOT_FREE;
	s->tag = NULL;
	if (s->stuck)
		p->stuck--;
	else
		p->used--;
	s->stuck = false;
}

/* From now on it is only waited for. */
static void
slot_end(struct pool *p, struct slot *s)
{
	if (s->state == SLOT_IDLE)
		p->idle--;
	slot_close(s);
	s->state = SLOT_ENDING;
	s->since = clock_now();
	if (!p->ticking)
		pool_tick_in(p, POOL_TICK_MS);
}

bool
slots_pressed(const struct pool *p)
{
	if (p->idle == 0)
		return true;
	for (unsigned i = 0; i < p->room; i++)
		if (p->slots[i].state == SLOT_BUSY)
			return true;
	return false;
}

void
slots_rest_end(struct pool *p)
{
	if (!p->resting)
		return;
	p->resting = false;
	for (unsigned i = 0; i < p->room; i++)
		if (p->slots[i].state == SLOT_ENDING)
			slot_close(&p->slots[i]);
	if (!p->ticking)
		pool_tick_in(p, POOL_TICK_MS);
}

/*
 * It answered and is done; see POOL_REST_MS.  The slot keeps its frame until
 * the callback is back, which may submit the next file to another.
 */
static void
slot_rest(struct pool *p, struct slot *s, const struct pool_answer *answer)
{
	s->state = SLOT_ENDING;
	s->since = clock_now();
	p->config.answer(p->config.context, answer);
	if (s->dead || s->orphan) {
		slot_free(p, s);
		return;
	}
	if (!p->resting)
		pool_tick_in(p, POOL_REST_MS);
	p->resting = true;
}

void
slot_discard(struct pool *p, struct slot *s)
{
	p->stats.died++;
	if (p->stillborn < POOL_STILLBORN)
		p->stillborn++;
	slot_end(p, s);
	s->kill = !s->dead && !s->orphan;
	if (s->dead || s->orphan)
		slot_free(p, s);
}

void
slot_fail(struct pool *p, struct slot *s, const char *why)
{
	struct pool_answer answer = {
		.tag = s->tag, .e = ERR_PROTO, .why = why
	};

	s->kill = s->told = !s->dead && !s->orphan;
	slot_end(p, s);
	p->config.answer(p->config.context, &answer);
	if (s->dead || s->orphan)
		slot_free(p, s);
}

/*
 * May this worker have another file?  One that found nothing odd in this one
 * only: whoever takes a worker over does it with a file that is anything but
 * ordinary, and gains at most the files left to this one.
 */
static bool
slot_stays(const struct pool *p, const struct slot *s,
    const struct wire_summary *summary)
{
	return s->files < p->config.files && !s->asked && !s->dead &&
	    !s->orphan && summary->verdict <= VERDICT_UNKNOWN;
}

static void
slot_lie(struct pool *p, struct slot *s, const char *why)
{
	p->stats.lied++;
	slot_fail(p, s, why);
}

/* A whole frame is there. */
static void
slot_judge(struct pool *p, struct slot *s)
{
	struct wire_summary summary;
	struct pool_answer answer;

	if (wire_summary_decode(s->frame, s->got, &summary) != ERR_OK) {
		slot_lie(p, s, "the worker's answer was malformed");
		return;
	}
	if (summary.id != s->id) {
		slot_lie(p, s, "the worker answered for another file");
		return;
	}
	p->stats.answered++;
	p->stillborn = 0;
	answer = (struct pool_answer){ .tag = s->tag,
		.e = ERR_OK,
		.summary = &summary,
		.frame = s->frame,
		.frame_size = s->got };
	if (!slot_stays(p, s, &summary)) {
		slot_rest(p, s, &answer);
		return;
	}
	s->state = SLOT_IDLE;
	p->idle++;
	p->config.answer(p->config.context, &answer);
}

/* How it died, in words. */
static const char *
death(struct pool *p, const struct slot *s)
{
	int sig = WIFSIGNALED(s->status) ? WTERMSIG(s->status) : 0;

	if (sig == SIGKILL)
		return "the worker was killed (signal 9: by hand, or memory ran"
		       " out)";
	if (sig == SIGSYS)
		return "the worker tried what its sandbox forbids and was ended"
		       " (signal 31)";
	if (sig != 0)
		(void)snprintf(p->why, sizeof(p->why),
		    "the worker crashed (signal %d)", sig);
	else
		(void)snprintf(p->why, sizeof(p->why),
		    "the worker ended without an answer (exit status %d)",
		    WEXITSTATUS(s->status));
	return p->why;
}

static void
slot_fell(struct pool *p, struct slot *s, const char *why)
{
	p->stats.died++;
	slot_fail(p, s, why);
}

/* The socket ended and no answer is complete. */
static void
slot_fall(struct pool *p, struct slot *s)
{
	if (s->dead) {
		slot_fell(p, s, death(p, s));
	} else if (s->orphan) {
		slot_fell(p, s, "the worker ended together with its template");
	} else {
		slot_end(p, s);
		s->state = SLOT_FALLEN;
		s->kill = true;
	}
}

/* What has come so far. True: look for more. */
static bool
slot_look(struct pool *p, struct slot *s)
{
	size_t length = 0;

	if (wire_answer_length(
		s->frame, s->got, p->config.report_max, &length) != ERR_OK)
		slot_lie(p, s, "the worker sent something that is no answer");
	else if (length != 0 && s->got > length)
		slot_lie(p, s, "the worker said more than one answer");
	else if (length != 0 && s->got == length)
		slot_judge(p, s);
	else
		return true;
	return false;
}

/* Read the socket until it is empty or the file has its answer. */
static void
slot_read(struct pool *p, struct slot *s)
{
	for (;;) {
		struct iovec iov = { .iov_base = s->frame + s->got,
			.iov_len = p->config.report_max + 1 - s->got };
		struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
		ssize_t n = recvmsg(s->fd, &msg, MSG_DONTWAIT);

		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			slot_fall(p, s);
			return;
		}
		s->got += (size_t)n;
		if ((msg.msg_flags & MSG_CTRUNC) != 0) {
			slot_lie(p, s, "the worker sent a descriptor");
			return;
		}
		if (!slot_look(p, s))
			return;
	}
}

void
slot_event(struct pool *p, struct slot *s)
{
	if (s->state == SLOT_IDLE)
		slot_discard(p, s); /* nobody asked it anything */
	else if (s->state == SLOT_BUSY && !s->asked)
		slot_read(p, s);
	else if (s->state == SLOT_ENDING)
		slot_close(s); /* it did not wait, or had more to say */
}

void
slot_died(struct pool *p, struct slot *s, int status)
{
	s->dead = true;
	s->kill = false;
	s->status = status;
	switch (s->state) {
	case SLOT_FREE:
		break;
	case SLOT_IDLE:
		slot_discard(p, s);
		break;
	case SLOT_BUSY:
		if (s->asked)
			break;
		/* Its answer may be waiting still. */
		slot_read(p, s);
		if (s->state == SLOT_BUSY)
			slot_fall(p, s);
		break;
	case SLOT_FALLEN:
		slot_fell(p, s, death(p, s));
		break;
	case SLOT_ENDING:
		slot_free(p, s);
		break;
	}
}

/* It was killed a while ago and lives on: another may take its place. */
static void
slot_write_off(struct pool *p, struct slot *s)
{
	if (s->stuck || p->stuck == p->config.spare)
		return;
	s->stuck = true;
	p->stuck++;
	p->used--;
}

bool
slot_tick(struct pool *p, struct slot *s, uint64_t now)
{
	bool late = now - s->since > POOL_LINGER_MS * CLOCK_NS_PER_MS;

	if ((s->state == SLOT_BUSY || s->state == SLOT_FALLEN) && s->asked) {
		p->stats.killed++;
		slot_fail(p, s, "the worker was ended: it took too long");
	} else if (s->state == SLOT_FALLEN && (late || s->orphan)) {
		slot_fell(
		    p, s, "the worker closed its socket without an answer");
	} else if (s->state == SLOT_ENDING && s->orphan) {
		slot_free(p, s);
	} else if (s->state == SLOT_ENDING && late) {
		/* It answered and won't go, or nobody has buried it: told once
		 * a linger, not once a tick. */
		if (s->told)
			slot_write_off(p, s);
		s->told = true;
		s->kill = true;
		s->since = now;
	}
	return s->state == SLOT_FALLEN || s->state == SLOT_ENDING;
}
