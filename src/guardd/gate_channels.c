/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gate_channels: what the other processes say to the gate.
 *
 * The keeper's word counts, and is confirmed, because it waits for it.  Scout
 * and recorder only have answers; what else they might say is nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fnv.h"
#include "base/own.h"
#include "guardd/gate_state.h"

enum {
	ASKED_NS = 1000000000, /* don't ask for the same directory so soon */
	PING_NS = 2000000000,
	HANDLE_MAX = 128, /* MAX_HANDLE_SZ */
	POOL_IDLE = 4,    /* a burst of small files need not wait for forks */
	COUNTERS_TEXT = 4096
};

void
gate_watch(struct gate *g, int fd, uint32_t kind, uint32_t index)
{
	struct epoll_event ev = { .events = EPOLLIN,
		.data.u64 = (uint64_t)kind << 32 | index };

	if (fd != -1 && epoll_ctl(g->epoll, EPOLL_CTL_ADD, fd, &ev) == -1)
		gate_notice(g, "the gate cannot watch one of its channels");
}

void
gate_unwatch(struct gate *g, int *fd)
{
	if (*fd == -1)
		return;
	/* Not by closing alone: others may hold the same open file. */
	(void)epoll_ctl(g->epoll, EPOLL_CTL_DEL, *fd, NULL);
	(void)close(*fd);
	*fd = -1;
}

void
gate_load(struct gate *g, int fd)
{
	AUTO_FREE void *image = NULL;
	struct filter filter;
	struct stat st;

	if (fstat(fd, &st) == -1 || st.st_size <= 0 ||
	    st.st_size > FILTER_IMAGE_MAX)
		return;
	image = malloc((size_t)st.st_size);
	if (image == NULL ||
	    pread(fd, image, (size_t)st.st_size, 0) != st.st_size ||
	    filter_open(image, (size_t)st.st_size, &filter) != ERR_OK)
		return;
	free(g->image);
	g->image = STEAL_PTR(image);
	g->filter = filter;
}

/* A template is there: files can be given to its workers. */
static void
take_template(struct gate *g, int control)
{
	struct pool_config config = { .control = control,
		.workers = g->start.workers,
		.spare = g->start.workers,
		.idle = POOL_IDLE,
		.report_max = WIRE_REPORT_GATE,
		.answer = scan_answered,
		.context = g };

	g->template_told = false;
	if (g->pool != NULL) {
		pool_template(g->pool, control);
		return;
	}
	if (pool_new(&config, &g->pool) != ERR_OK) {
		(void)close(control);
		gate_notice(g, "the gate cannot make a pool of workers");
		return;
	}
	gate_watch(g, pool_fd(g->pool), KIND_POOL, 0);
}

static void
take_peer(struct gate *g, const struct msg *head, int fd)
{
	int *to = head->group == KIND_SCOUT ? &g->start.scout
	    : head->group == KIND_VAULT     ? &g->start.vault
					    : &g->start.recorder;

	if (head->group == KIND_HASHER) {
		decided_hasher(g, fd);
		return;
	}
	gate_unwatch(g, to);
	*to = fd;
	if (head->group == KIND_SCOUT) {
		g->start.scout_pid = head->pid;
		g->ping = g->pong;
		g->dirs = 0;
	}
	g->recorder_slow = false;
	gate_watch(g, fd, head->group, 0);
}

/* Is anybody's file of that group being looked at? */
static bool
group_busy(struct gate *g, uint32_t group)
{
	struct subject *s = NULL;

	while ((s = cache_next(g->cache, s)) != NULL)
		if (s->group == group &&
		    (s->state == SUBJECT_QUEUED ||
			s->state == SUBJECT_SCANNING))
			return true;
	return false;
}

/* Its filesystem is gone: the number is free. */
static int
drop_group(struct gate *g, uint32_t group)
{
	struct subject *s = NULL;

	if (group_busy(g, group))
		return EBUSY;
	while ((s = cache_next(g->cache, s)) != NULL)
		if (s->group == group)
			token_forget(g, s);
	gate_unwatch(g, &g->start.groups[group].fd);
	return 0;
}

static int
take_group(struct gate *g, const struct msg *head, int fd)
{
	int error;

	if (head->group >= GROUPS_MAX)
		return EINVAL;
	if ((error = drop_group(g, head->group)) != 0 || fd == -1)
		return error;
	g->start.groups[head->group] = (struct group){ .fd = fd,
		.features = { .errnos = (head->flags & MSG_ERRNOS) != 0,
		    .audit = (head->flags & MSG_AUDIT) != 0,
		    .ignores = (head->flags & MSG_IGNORES) != 0 } };
	gate_watch(g, fd, KIND_GROUP, head->group);
	return 0;
}

void
gate_dump(struct gate *g)
{
	struct msg head = { .type = MSG_COUNTERS };
	char text[COUNTERS_TEXT];
	size_t n;

	gate_gauges(g);
	n = metrics_json(g->m, text, sizeof(text));
	(void)!channel_send(g->start.recorder, &head, text, n, -1);
}

/* New settings.  What rests was judged by the old ones. */
static void
take_settings(struct gate *g, const struct msg_in *in)
{
	struct subject *s = NULL;

	if (in->head.text != sizeof(g->start.set))
		return;
	memcpy(&g->start.set, in->text, sizeof(g->start.set));
	while ((s = cache_next(g->cache, s)) != NULL)
		if (s->state != SUBJECT_QUEUED && s->state != SUBJECT_SCANNING)
			token_forget(g, s);
}

/* Write counters, or let go of one filesystem, or of all (dev 0), and tell who
 * asked. */
static void
on_request(struct gate *g, const struct msg *head)
{
	struct msg done = { .type = MSG_RELEASED, .dev = head->dev };

	if (head->type == MSG_DUMP) {
		gate_dump(g);
		return;
	}
	token_release(g, head->dev == 0 ? GROUPS_MAX : head->group);
	(void)!channel_send(g->start.recorder, &done, NULL, 0, -1);
}

/* What it judges by. */
static void
take_data(struct gate *g, const struct msg_in *in)
{
	if (in->head.type == MSG_TABLE)
		gate_load(g, in->fd);
	else if (in->head.type == MSG_KNOWN)
		decided_load(g, in->fd);
	else
		take_settings(g, in);
}

/* With EAGAIN it goes on when the channel ends. */
static int
take_stop(struct gate *g, const struct msg *head)
{
	if (g->start.baton != -1 && (head->flags & MSG_LINGER) != 0)
		return EAGAIN;
	g->stopping = true;
	return 0;
}

/* Do what one message says. Returns whether fd was taken. */
static bool
keeper_message(struct gate *g, const struct msg_in *in, int *error)
{
	switch ((enum msg_type)in->head.type) {
	case MSG_FAMILY_ADD:
		*error =
		    family_add(&g->start.family, in->head.pid) ? 0 : ENOSPC;
		return false;
	case MSG_FAMILY_DROP:
		family_drop(&g->start.family, in->head.pid);
		return false;
	case MSG_TEMPLATE:
		take_template(g, in->fd);
		return true;
	case MSG_PEER:
		take_peer(g, &in->head, in->fd);
		return true;
	case MSG_GROUP:
		*error = take_group(g, &in->head, in->fd);
		return *error == 0;
	case MSG_TABLE:
	case MSG_KNOWN:
	case MSG_SETTINGS:
		take_data(g, in);
		return false;
	case MSG_STOP:
		*error = take_stop(g, &in->head);
		return false;
	case MSG_DUMP:
	case MSG_RELEASE:
		on_request(g, &in->head);
		return false;
	case MSG_RELEASED:
	case MSG_DONE:
	case MSG_RULES:
	case MSG_LOADED:
	case MSG_NICE:
	case MSG_RELOAD:
	case MSG_CONFIG:
	case MSG_RELOADED:
	case MSG_READY:
	case MSG_FATAL:
	case MSG_NOTICE:
	case MSG_IGNORE_DIR:
	case MSG_IGNORE_OF:
	case MSG_LOOK:
	case MSG_LOOKED:
	case MSG_SEEN:
	case MSG_PING:
	case MSG_PONG:
	case MSG_RECORD:
	case MSG_QUARANTINE:
	case MSG_VAULT:
	case MSG_SUM:
	case MSG_SUMMED:
	case MSG_RECORDED:
	case MSG_COUNTERS:
	case MSG_COUNT:
		return false;
	}
	return false;
}

bool
gate_keeper_said(struct gate *g)
{
	static struct msg_in in;
	enum err e;

	while ((e = channel_recv(g->start.keeper, &in)) == ERR_OK) {
		struct msg done = { .type = MSG_DONE, .seq = in.head.seq };
		bool taken = keeper_message(g, &in, &done.error);

		if (!taken && in.fd != -1)
			(void)close(in.fd);
		if (in.head.seq != 0)
			(void)!channel_send(
			    g->start.keeper, &done, NULL, 0, -1);
	}
	return e != ERR_SYS;
}

void
gate_recorder_said(struct gate *g)
{
	static struct msg_in in;
	enum err e;

	while ((e = channel_recv(g->start.recorder, &in)) == ERR_OK) {
		if (in.fd != -1)
			(void)close(in.fd);
		if (in.head.type == MSG_RECORDED)
			gate_recorded(
			    g, in.head.seq, (in.head.flags & MSG_EXEMPT) != 0);
	}
	if (e == ERR_LIMIT)
		return;
	/* It died: the keeper will bring another. */
	gate_unwatch(g, &g->start.recorder);
}

void
gate_looked(struct gate *g)
{
	struct msg head = { .type = MSG_LOOKED };

	if (g->start.scout != -1)
		(void)!channel_send(g->start.scout, &head, NULL, 0, -1);
}

void
gate_scout_said(struct gate *g)
{
	static struct msg_in in;
	enum err e;

	while ((e = channel_recv(g->start.scout, &in)) == ERR_OK) {
		if (in.head.type == MSG_LOOK && in.fd != -1) {
			g->m->count.looks_dropped += in.head.size;
			judge_look(g, in.head.group, in.fd);
			continue;
		}
		if (in.fd != -1)
			(void)close(in.fd);
		if (in.head.type == MSG_PONG)
			g->pong = in.head.seq;
	}
	if (e == ERR_LIMIT)
		return;
	gate_unwatch(g, &g->start.scout);
	g->start.scout_pid = 0;
}

/* Another directory will be ignored, perhaps: the scout is needed now. */
static void
asked_one(struct gate *g)
{
	g->m->count.outside_asked++;
	if (g->dirs++ == 0)
		g->ping_at = g->now + PING_NS;
}

void
gate_ask(struct gate *g, uint32_t group, const char *path)
{
	struct msg head = { .type = MSG_IGNORE_DIR, .group = group };
	const char *slash = strrchr(path, '/');
	size_t n = slash == path ? 1 : (size_t)(slash - path);
	/* Only to tell those apart that were asked for a moment ago. */
	uint64_t hash = fnv_add(FNV_START, path, n);
	struct asked *a = &g->asked[hash % GATE_ASKED];

	if (!g->start.groups[group].features.ignores || g->start.scout == -1 ||
	    (a->hash == hash && g->now - a->when < ASKED_NS))
		return;
	if (channel_send(g->start.scout, &head, path, n, -1) != ERR_OK)
		return;
	*a = (struct asked){ hash, g->now };
	asked_one(g);
}

void
gate_ask_place(struct gate *g, uint32_t group, int fd)
{
	struct msg head = { .type = MSG_IGNORE_OF, .group = group };
	struct {
		unsigned bytes;
		int type;
		char data[HANDLE_MAX];
	} handle = { .bytes = HANDLE_MAX };
	int mount;

	if (!g->start.groups[group].features.ignores || g->start.scout == -1 ||
	    g->image == NULL ||
	    name_to_handle_at(fd, "", (struct file_handle *)(void *)&handle,
		&mount, AT_EMPTY_PATH) == -1)
		return;
	if (channel_send(g->start.scout, &head, (const char *)&handle,
		sizeof(handle) - HANDLE_MAX + handle.bytes, -1) == ERR_OK)
		asked_one(g);
}

void
gate_heed_all(struct gate *g)
{
	for (size_t i = 0; i < GROUPS_MAX; i++)
		if (g->start.groups[i].fd != -1)
			fan_heed_all(g->start.groups[i].fd);
	g->dirs = 0;
}

void
gate_ping(struct gate *g)
{
	struct msg head = { .type = MSG_PING };

	if (g->dirs == 0 || g->now < g->ping_at)
		return;
	g->ping_at = g->now + PING_NS;
	/* Who doesn't answer can't see a directory move into a watch. */
	if (g->pong != g->ping || g->start.scout == -1) {
		gate_notice(g,
		    "the scout does not answer: every open on the guarded "
		    "filesystems is looked at until it does");
		gate_heed_all(g);
		g->pong = g->ping;
		return;
	}
	head.seq = ++g->ping;
	(void)!channel_send(g->start.scout, &head, NULL, 0, -1);
}
