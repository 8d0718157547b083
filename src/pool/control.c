/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control: the conversation with the template.
 *
 * The template reads no hostile file, but a message that makes no sense ends
 * the conversation all the same: whoever runs the pool starts another.
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fdpass.h"
#include "base/own.h"
#include "pool/internal.h"

enum { SMALL_MESSAGE = 64 }; /* bytes: any message without text */

/* Wait, or no longer wait, for room in the control socket. */
static void
control_want_room(struct pool *p, bool want)
{
	struct epoll_event event = { .events =
					 want ? EPOLLIN | EPOLLOUT : EPOLLIN,
		.data.u64 = (uint32_t)WHO_CONTROL };

	if (want == p->control_full || p->control == -1)
		return;
	p->control_full = want;
	(void)epoll_ctl(p->epoll, EPOLL_CTL_MOD, p->control, &event);
}

/* False: not now (no room), or never (the template is gone). */
static bool
control_send(struct pool *p, const struct wire_control *message)
{
	uint8_t bytes[SMALL_MESSAGE];
	size_t n = wire_control_encode(message, bytes, sizeof(bytes));

	if (p->control == -1)
		return false;
	if (fdpass_send(p->control, bytes, n, -1, MSG_DONTWAIT) == (ssize_t)n)
		return true;
	if (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM)
		control_want_room(p, true);
	else
		control_lost(p);
	return false;
}

static bool
control_kill(struct pool *p, pid_t pid)
{
	return control_send(
	    p, &(struct wire_control){ .type = WIRE_KILL, .pid = pid });
}

/*
 * How many workers to ask for now.  They are asked for when half of the spare
 * ones are used up, so that a busy pool sends one message for several files;
 * while workers die unused, one with each tick.
 */
static unsigned
spawn_count(const struct pool *p)
{
	unsigned have = p->idle + p->spawning;
	unsigned room = p->config.workers - p->used;
	unsigned want;

	if (!p->ready || have > p->config.idle / 2)
		return 0;
	if (p->resting && !slots_pressed(p))
		return 0;
	if (p->stillborn >= POOL_STILLBORN && (have != 0 || p->ticking))
		return 0;
	want = p->config.idle == 0 ? 1 : p->config.idle;
	want = want > have ? want - have : 0;
	room = room > p->spawning ? room - p->spawning : 0;
	if (p->stillborn >= POOL_STILLBORN && want > 1)
		want = 1;
	return want < room ? want : room;
}

void
control_flush(struct pool *p)
{
	unsigned want;

	for (unsigned i = 0; i < p->room; i++) {
		struct slot *s = &p->slots[i];

		if (s->kill && !s->orphan && !control_kill(p, s->pid))
			return;
		s->kill = false;
	}
	want = spawn_count(p);
	if (want != 0) {
		if (!control_send(p,
			&(struct wire_control){
			    .type = WIRE_SPAWN, .count = want }))
			return;
		p->spawning += want;
		p->spawn_since = clock_now();
		if (!p->ticking)
			pool_tick_in(p, POOL_TICK_MS);
	}
	control_want_room(p, false);
}

void
control_lost(struct pool *p)
{
	if (p->control == -1)
		return;
	(void)close(p->control);
	p->control = -1;
	p->control_full = false;
	p->ready = false;
	p->spawning = 0;
	for (unsigned i = 0; i < p->room; i++) {
		struct slot *s = &p->slots[i];

		s->orphan = true;
		s->kill = false;
		/* It is about to die with its parent: give it no file. */
		if (s->state == SLOT_IDLE)
			slot_discard(p, s);
	}
	p->stillborn = 0;
	p->barren = 0;
	pool_tick_in(p, 0);
}

static struct slot *
slot_of(struct pool *p, pid_t pid)
{
	for (unsigned i = 0; i < p->room; i++) {
		struct slot *s = &p->slots[i];

		if (s->state != SLOT_FREE && s->pid == pid && !s->dead &&
		    !s->orphan)
			return s;
	}
	return NULL;
}

static void
control_ready(struct pool *p, const struct wire_control *m)
{
	if (m->text_size != 0)
		memcpy(p->problems, m->text, m->text_size);
	p->problems[m->text_size] = '\0';
	p->loaded = m->loaded;
	p->ready = true;
}

/* False: no template says that. *fd is taken, or left to be closed. */
static bool
control_message(struct pool *p, const struct wire_control *m, int *fd)
{
	struct slot *s;

	if ((m->type == WIRE_SPAWNED) != (*fd != -1))
		return false;
	switch (m->type) {
	case WIRE_READY:
		control_ready(p, m);
		return true;
	case WIRE_SPAWNED:
		if (p->spawning > 0)
			p->spawning--;
		if (slot_take(p, m->pid, *fd))
			*fd = -1;
		else
			(void)control_kill(p, m->pid);
		return true;
	case WIRE_DIED:
		if ((s = slot_of(p, m->pid)) != NULL)
			slot_died(p, s, m->status);
		return true;
	case WIRE_SPAWN:
	case WIRE_KILL:
	case WIRE_CONTROL_COUNT:
		break;
	}
	return false;
}

void
control_event(struct pool *p)
{
	while (p->control != -1) {
		AUTO_CLOSE int fd = -1;
		struct wire_control m;
		ssize_t n = fdpass_recv(p->control, p->message,
		    WIRE_CONTROL_MAX, &fd, MSG_DONTWAIT);

		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0 ||
		    wire_control_decode(p->message, (size_t)n, &m) != ERR_OK ||
		    !control_message(p, &m, &fd))
			control_lost(p);
	}
}

enum err
control_start(struct pool *p, int control)
{
	if (pool_watch(p, control, WHO_CONTROL, 0) != ERR_OK)
		return ERR_SYS;
	p->control = control;
	p->control_full = false;
	p->ready = false;
	p->problems[0] = '\0';
	p->stillborn = 0;
	p->barren = 0;
	return ERR_OK;
}
