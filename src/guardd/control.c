/* SPDX-License-Identifier: Apache-2.0 */
/* control: a listener and some clients, none of them waited for. */
#include "guardd/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"

enum {
	READ_STEP = 4096, /* bytes taken of one client in a turn */
	IDLE_S = 60,      /* a client that asks nothing */
	HALF_S = 10,      /* half a question, or an answer that is not read */
	WAIT_S = 60,      /* an answer that somebody else owes */
	ANSWERS_MAX = ASK_ANSWER_MAX + CONTROL_LAG + TALK_LINE_MAX,
	GROUPS_OF_PEER = 65536 /* NGROUPS_MAX */
};

#define QUESTION_NS (CLOCK_NS_PER_S / CONTROL_BURST)
#define POLL_LISTENER CONTROL_CLIENTS
#define POLL_LANES (CONTROL_CLIENTS + 1)

enum err
control_begin(struct control *c, int listener, const struct ask_row *rows,
    size_t count, void *world)
{
	*c = (struct control){ .listener = listener,
		.rows = rows,
		.row_count = count,
		.world = world,
		.admins = (gid_t)-1 };
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		c->clients[i].fd = -1;
	return lanes_begin(&c->lanes);
}

/* Forget a client.  A lane goes on with its question, for nobody. */
static void
client_drop(struct control_client *cl)
{
	if (cl->fd == -1)
		return;
	if (cl->ask != NULL && cl->ask->waits)
		ask_free(&cl->ask);
	else if (cl->ask != NULL)
		__atomic_store_n(&cl->ask->cancelled, 1, __ATOMIC_RELAXED);
	(void)close(cl->fd);
	buf_free(&cl->in);
	buf_free(&cl->out);
	*cl = (struct control_client){ .fd = -1 };
}

void
control_end(struct control *c)
{
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		client_drop(&c->clients[i]);
	lanes_end(&c->lanes);
}

/* Is there anything that it has not been told? */
static bool
owes(const struct control_client *cl)
{
	return cl->sent < cl->out.size;
}

static bool
has_question(const struct control_client *cl)
{
	return cl->in.size != 0 && memchr(cl->in.data, '\n', cl->in.size);
}

/* May its next question be looked at? */
static bool
ready(const struct control_client *cl)
{
	return cl->ask == NULL && !owes(cl) && !cl->follows;
}

void
control_poll(const struct control *c, struct pollfd p[CONTROL_POLLS])
{
	for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
		const struct control_client *cl = &c->clients[i];
		bool in = ready(cl) && !cl->ended && !has_question(cl);

		p[i] = (struct pollfd){ .fd = cl->fd,
			.events = (short)((in ? POLLIN : 0) |
			    (owes(cl) ? POLLOUT : 0)) };
	}
	p[POLL_LISTENER] =
	    (struct pollfd){ .fd = c->listener, .events = POLLIN };
	p[POLL_LANES] =
	    (struct pollfd){ .fd = c->lanes.wake, .events = POLLIN };
}

/* When its patience ends (ns). */
static uint64_t
client_ends(const struct control_client *cl)
{
	uint64_t s = IDLE_S;

	if (cl->ask != NULL)
		return cl->ask->waits ? cl->since + WAIT_S * CLOCK_NS_PER_S
				      : UINT64_MAX;
	if (cl->follows)
		return UINT64_MAX;
	if (owes(cl) || cl->in.size != 0)
		s = HALF_S;
	return cl->since + s * CLOCK_NS_PER_S;
}

uint64_t
control_due(const struct control *c)
{
	uint64_t due = UINT64_MAX;

	for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
		const struct control_client *cl = &c->clients[i];
		uint64_t at = client_ends(cl);

		if (cl->fd == -1)
			continue;
		if (ready(cl) && has_question(cl) && cl->earned < at)
			at = cl->earned;
		if (at < due)
			due = at;
	}
	return due;
}

/* Is gid one of the groups that the other side had when it connected? */
static bool
peer_in_group(int fd, gid_t gid)
{
	AUTO_FREE gid_t *groups = NULL;
	socklen_t n = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &n) == 0 ||
	    errno != ERANGE || n > GROUPS_OF_PEER * sizeof(gid_t))
		return false;
	groups = malloc(n);
	if (groups == NULL ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &n) == -1)
		return false;
	for (size_t i = 0; i < n / sizeof(gid_t); i++)
		if (groups[i] == gid)
			return true;
	return false;
}

static bool
peer_of(int fd, gid_t admins, struct asker *out)
{
	struct ucred who = { .uid = (uid_t)-1 };
	socklen_t n = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == -1 ||
	    who.uid == (uid_t)-1)
		return false;
	*out = (struct asker){ .uid = who.uid,
		.gid = who.gid,
		.pid = who.pid,
		.admin = who.uid == 0 ||
		    (admins != (gid_t)-1 &&
			(who.gid == admins || peer_in_group(fd, admins))) };
	return true;
}

/* A place for one more client of that kind, or NULL. */
static struct control_client *
place_for(struct control *c, const struct asker *by)
{
	struct control_client *place = NULL;
	size_t used = 0, own = 0;

	for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *cl = &c->clients[i];

		if (cl->fd == -1) {
			place = place == NULL ? cl : place;
			continue;
		}
		used++;
		own += cl->by.uid == by->uid;
	}
	if (!by->admin &&
	    (own >= CONTROL_USER || used >= CONTROL_CLIENTS - CONTROL_KEPT))
		return NULL;
	return place;
}

static void
client_accept(struct control *c)
{
	static const char full[] =
	    "{\"v\":1,\"ok\":false,\"error\":\"busy\",\"message\":\"too many "
	    "clients at once: try again\"}\n";
	AUTO_CLOSE int fd =
	    accept4(c->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct control_client *cl;
	struct asker by;

	if (fd == -1 || !peer_of(fd, c->admins, &by))
		return;
	cl = place_for(c, &by);
	if (cl == NULL) {
		(void)send(
		    fd, full, sizeof(full) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
		return;
	}
	*cl = (struct control_client){ .fd = steal_fd(&fd),
		.by = by,
		.in = buf_new(TALK_QUESTION_MAX + READ_STEP),
		.out = buf_new(ANSWERS_MAX),
		.since = clock_now() };
}

/* Send what the other side takes now. */
static void
client_flush(struct control_client *cl)
{
	ssize_t n = send(cl->fd, cl->out.data + cl->sent,
	    cl->out.size - cl->sent, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n == -1 && errno != EAGAIN && errno != EINTR) {
		client_drop(cl);
		return;
	}
	if (n <= 0)
		return;
	cl->sent += (size_t)n;
	cl->since = clock_now();
	if (owes(cl))
		return;
	buf_clear(&cl->out);
	cl->sent = 0;
}

/* Its answer is there: it goes out. */
static void
client_answer(struct control_client *cl, struct ask *a)
{
	cl->follows = a->follows;
	cl->since = clock_now();
	cl->ask = NULL;
	if (!a->done || buf_add(&cl->out, a->out.data, a->out.size) != ERR_OK)
		client_drop(cl);
	else
		client_flush(cl);
	ask_free(&a);
}

/* Does who asks have the right to?  If not, it is said. */
static bool
allowed(struct ask *a)
{
	if (a->done || a->row->right != ASK_ADMIN || a->by.admin)
		return !a->done;
	ask_fail(a, ASK_FORBIDDEN,
	    "only root and administrators may ask for %s", a->row->name);
	return false;
}

static void
client_ask(struct control *c, struct control_client *cl, size_t n)
{
	struct ask *a;

	if (ask_new((const char *)cl->in.data, n, c->rows, c->row_count, &a) !=
	    ERR_OK) {
		client_drop(cl);
		return;
	}
	a->by = cl->by;
	a->world = c->world;
	cl->ask = a;
	if (allowed(a) && a->row->lane != LANE_NOW) {
		if (lanes_put(&c->lanes, a) == ERR_OK)
			return;
		ask_fail(a, ASK_FAILED, "out of threads: try again");
	} else if (!a->done) {
		a->row->answer(a);
	}
	if (!a->waits || a->done)
		client_answer(cl, a);
}

/* Look at the next question, if there is one and its time has come. */
static void
client_next(struct control *c, struct control_client *cl)
{
	uint64_t now = clock_now();
	const uint8_t *end;
	size_t n;

	if (cl->fd == -1 || !ready(cl) || cl->in.size == 0 || cl->earned > now)
		return;
	end = memchr(cl->in.data, '\n', cl->in.size);
	if (end == NULL && cl->in.size >= TALK_QUESTION_MAX)
		client_drop(cl);
	if (end == NULL)
		return;
	n = (size_t)(end - cl->in.data);
	/* What it hasn't asked for a second counts for CONTROL_BURST. */
	if (cl->earned + CLOCK_NS_PER_S < now)
		cl->earned = now - CLOCK_NS_PER_S;
	cl->earned += QUESTION_NS;
	cl->since = now;
	client_ask(c, cl, n);
	if (cl->fd == -1)
		return;
	cl->in.size -= n + 1;
	memmove(cl->in.data, cl->in.data + n + 1, cl->in.size);
}

static void
client_read(struct control_client *cl)
{
	uint8_t *to = buf_grow(&cl->in, READ_STEP);
	ssize_t n;

	if (to == NULL) {
		client_drop(cl);
		return;
	}
	n = recv(cl->fd, to, READ_STEP, MSG_DONTWAIT);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == -1)
		client_drop(cl);
	else if (n == 0)
		cl->ended = true;
	else
		cl->in.size += (size_t)n;
}

static void
client_step(struct control *c, struct control_client *cl, short events)
{
	if (cl->fd != -1 && (events & POLLOUT) != 0)
		client_flush(cl);
	if (cl->fd != -1 && (events & POLLIN) != 0)
		client_read(cl);
	else if (cl->fd != -1 && (events & (POLLHUP | POLLERR)) != 0)
		client_drop(cl);
	client_next(c, cl);
	if (cl->fd == -1)
		return;
	/* It may have ended its side and still wait for an answer. */
	if ((cl->ended && ready(cl) && !has_question(cl)) ||
	    client_ends(cl) <= clock_now())
		client_drop(cl);
}

/* What the lanes have done goes to those who asked, if they still wait. */
static void
lanes_step(struct control *c)
{
	struct ask *a;

	while ((a = lanes_take(&c->lanes)) != NULL) {
		size_t i = 0;

		while (i < CONTROL_CLIENTS && c->clients[i].ask != a)
			i++;
		if (i == CONTROL_CLIENTS)
			ask_free(&a);
		else
			client_answer(&c->clients[i], a);
	}
}

void
control_step(struct control *c, const struct pollfd p[CONTROL_POLLS])
{
	if (p[POLL_LANES].revents != 0)
		lanes_step(c);
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		if (c->clients[i].fd == p[i].fd)
			client_step(c, &c->clients[i], p[i].revents);
	if (p[POLL_LISTENER].revents != 0)
		client_accept(c);
}

void
control_answer(struct control *c, void (*answer)(struct ask *ask),
    void (*finish)(struct ask *ask, const void *with), const void *with)
{
	for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *cl = &c->clients[i];
		struct ask *a = cl->fd == -1 ? NULL : cl->ask;

		if (a == NULL || !a->waits || a->row->answer != answer)
			continue;
		finish(a, with);
		if (a->done)
			client_answer(cl, a);
	}
}

/* One event for one follower; one that is too far behind misses it, and is
 * told how many it missed. */
static enum err
follower_tell(struct control_client *cl, const char *json)
{
	enum err e = ERR_OK;

	if (cl->out.size - cl->sent > CONTROL_LAG) {
		cl->missed++;
		return e;
	}
	if (cl->sent > CONTROL_LAG) {
		cl->out.size -= cl->sent;
		memmove(cl->out.data, cl->out.data + cl->sent, cl->out.size);
		cl->sent = 0;
	}
	if (cl->missed != 0)
		e = buf_printf(&cl->out, "{\"v\":%d,\"missed\":%llu}\n",
		    TALK_VERSION, (unsigned long long)cl->missed);
	cl->missed = 0;
	if (e == ERR_OK)
		e = buf_printf(
		    &cl->out, "{\"v\":%d,\"event\":%s}\n", TALK_VERSION, json);
	return e;
}

void
control_publish(struct control *c, uid_t uid, const char *json)
{
	for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *cl = &c->clients[i];

		if (cl->fd == -1 || !cl->follows ||
		    (!cl->by.admin && cl->by.uid != uid))
			continue;
		if (follower_tell(cl, json) != ERR_OK)
			client_drop(cl);
		else
			client_flush(cl);
	}
}
