/* SPDX-License-Identifier: Apache-2.0 */
/*
 * children: how the other processes begin and end.
 *
 * A child that may open things is held until the gate knows its pid, and its
 * pid is kept from being used again (it stays a zombie) until the gate has
 * forgotten it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"
#include "guardd/confine.h"
#include "guardd/gate_state.h"
#include "guardd/keeper_state.h"
#include "guardd/recorder.h"
#include "guardd/scout.h"

enum {
	FALLS_FREE = 3, /* deaths in a row that cost no time */
	BACKOFF_MS = 100,
	BACKOFF_MAX_MS = 5000,
	GATE_BACKOFF_MAX_MS = 100, /* openers wait for it */
	GATE_DEATH_MS = 2000,
	STEADY_S = 60 /* after so long a life the count begins anew */
};

static const char *const names[ROLE_COUNT] = { "gate", "recorder", "scout",
	"vaulter", "hasher", "template" };
static const char *const titles[ROLE_COUNT] = { "ckptguard-gate",
	"ckptguard-rec", "ckptguard-scout", "ckptguard-vault", "ckptguard-hash",
	"ckptguard-tmpl" };

const char *
role_name(enum role role)
{
	return names[role];
}

/* What a child process is made of. */
struct birth {
	enum role role;
	int channel; /* its end; -1: none */
	int peer;    /* its end of the channel to the gate */
	int hold;    /* where it waits; -1: it need not */
};

static void
keep_groups(const struct keeper *k, struct fds *keep)
{
	for (size_t i = 0; i < GROUPS_MAX; i++)
		fds_keep(keep, k->gate.groups[i].fd);
}

/* Close what isn't the child's.  Then wait to be let go: nothing before this
 * opens anything. */
static void
child_settle(const struct keeper *k, const struct birth *b)
{
	struct fds keep = { .count = 0 };
	char byte;

	(void)prctl(PR_SET_NAME, titles[b->role]);
	fds_keep(&keep, b->channel);
	fds_keep(&keep, b->peer);
	fds_keep(&keep, b->hold);
	if (b->role == ROLE_RECORDER) {
		fds_keep(&keep, k->start.journal.fd);
		fds_keep(&keep, k->start.journal.dir);
		fds_keep(&keep, k->start.control);
	}
	if (b->role == ROLE_VAULT)
		fds_keep(&keep, k->start.journal.dir);
	if (b->role == ROLE_SCOUT || b->role == ROLE_GATE)
		keep_groups(k, &keep);
	if (b->role == ROLE_GATE) {
		fds_keep(&keep, k->gate.image);
		fds_keep(&keep, k->gate.recorder);
		fds_keep(&keep, k->gate.scout);
		fds_keep(&keep, k->gate.known);
		fds_keep(&keep, k->gate.vault);
	}
	fds_close_others(&keep);
	if (b->role != ROLE_GATE)
		metrics_only_read(k->gate.metrics);
	if (b->hold == -1)
		return;
	/* No byte: the keeper is gone, and with it the reason to live. */
	if (read(b->hold, &byte, 1) != 1)
		_exit(1);
	(void)close(b->hold);
}

static int
be_recorder(const struct keeper *k, const struct birth *b)
{
	struct recorder_start start = {
		.keeper = b->channel,
		.gate = b->peer,
		.journal = k->start.journal,
		.control = k->start.control,
		.watch = k->start.watch,
		.watch_count = k->start.watch_count,
		.metrics = k->gate.metrics,
		.set = k->options.keep,
		.brief = k->start.brief,
		.print = k->start.options->foreground,
		.again = k->ready,
	};

	return recorder_run(&start);
}

static int
be_scout(const struct keeper *k, const struct birth *b)
{
	struct scout_start start = {
		.keeper = b->channel,
		.gate = b->peer,
		.settle = k->start.options->settle,
		.scan_new = k->start.options->scan_new,
		.options = k->start.options,
		.watch = k->start.watch,
		.watch_count = k->start.watch_count,
		.watch_policy = k->start.watch_policy,
		.groups = k->gate.groups,
		.devs = k->devs,
	};

	return scout_run(&start);
}

static int
be_gate(const struct keeper *k, const struct birth *b)
{
	struct gate_start start = k->gate;

	start.keeper = b->channel;
	start.baton = b->peer;
	return gate_run(&start);
}

static int
be_template(const struct keeper *k, const struct birth *b)
{
	confine_oom(CONFINE_OOM_EARLY);
	/* Whoever waits for an open waits for a worker. */
	(void)setpriority(PRIO_PROCESS, 0, CONFINE_NICE_WAITED);
	(void)!template_exec(&k->start.template, b->peer);
	return 127;
}

static int
child_main(const struct keeper *k, const struct birth *b)
{
	child_settle(k, b);
	switch (b->role) {
	case ROLE_GATE:
		return be_gate(k, b);
	case ROLE_RECORDER:
		return be_recorder(k, b);
	case ROLE_SCOUT:
		return be_scout(k, b);
	case ROLE_VAULT:
		return be_vaulter(k, b->channel, b->peer);
	case ROLE_HASHER:
		return be_hasher(k, b->peer);
	case ROLE_TEMPLATE:
		return be_template(k, b);
	case ROLE_COUNT:
		break;
	}
	return 1;
}

/* The ends that a child and its parent get of everything that joins them.
 * ours: channel and hold; and peer, which is for the gate. */
static enum err
birth_pairs(enum role role, struct birth *theirs, struct child *ours)
{
	int channel[2] = { -1, -1 }, peer[2] = { -1, -1 }, hold[2];

	if (pipe2(hold, O_CLOEXEC) == -1)
		return ERR_SYS;
	if (role < ROLE_HASHER && channel_pair(channel) != ERR_OK)
		return ERR_SYS;
	if ((role == ROLE_TEMPLATE || role == ROLE_GATE) &&
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, peer) == -1)
		return ERR_SYS;
	if (role != ROLE_GATE && role != ROLE_TEMPLATE &&
	    channel_pair(peer) != ERR_OK)
		return ERR_SYS;
	*theirs = (struct birth){ .role = role,
		.channel = channel[1],
		.peer = peer[1],
		.hold = hold[0] };
	ours->channel = channel[0];
	ours->peer = peer[0];
	ours->hold = hold[1];
	return ERR_OK;
}

static void
fd_drop(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

static pid_t
child_fork(struct keeper *k, const struct birth *b)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(child_main(k, b));
	return pid;
}

/* No gate takes this end of a child's channel: the next one inherits it. */
static void
peer_keep(struct keeper *k, enum role role, int *peer)
{
	int *to = role == ROLE_RECORDER ? &k->gate.recorder
	    : role == ROLE_VAULT        ? &k->gate.vault
					: &k->gate.scout;

	if (role >= ROLE_HASHER)
		return; /* a new gate gets a new one */
	fd_drop(to);
	*to = steal_fd(peer);
}

static const uint32_t kinds[ROLE_COUNT] = { [ROLE_RECORDER] = KIND_RECORDER,
	[ROLE_SCOUT] = KIND_SCOUT,
	[ROLE_VAULT] = KIND_VAULT,
	[ROLE_HASHER] = KIND_HASHER };

/* The gate knows the child (or there is none): it may begin. */
void
child_release(struct keeper *k, enum role role)
{
	struct child *c = &k->children[role];
	struct msg head = { .type = MSG_PEER, .pid = c->pid };

	c->seq = 0;
	if (c->hold == -1)
		return;
	(void)!write(c->hold, "", 1);
	fd_drop(&c->hold);
	if (role == ROLE_TEMPLATE)
		head.type = MSG_TEMPLATE;
	head.group = kinds[role];
	if (role == ROLE_SCOUT)
		k->gate.scout_pid = c->pid;
	if (gate_tell(k, &head, c->peer) == 0)
		peer_keep(k, role, &c->peer);
	if (role == ROLE_RECORDER && k->ready)
		guarding_tell(k);
	if (role == ROLE_RECORDER)
		loaded_tell(k);
	if (role == ROLE_RECORDER || role == ROLE_VAULT)
		vault_join(k);
	fd_drop(&c->peer);
}

static uint64_t
backoff(const struct child *c, enum role role)
{
	unsigned most =
	    role == ROLE_GATE ? GATE_BACKOFF_MAX_MS : BACKOFF_MAX_MS;
	unsigned ms = BACKOFF_MS;

	if (c->falls <= FALLS_FREE)
		return 0;
	for (unsigned i = FALLS_FREE + 1; i < c->falls && ms < most; i++)
		ms *= 2;
	return (ms < most ? ms : most) * CLOCK_NS_PER_MS;
}

/* A child that needs no letting go: the gate.  Before we guard, its baton is
 * not given away: it would take the place of our predecessor's. */
static void
gate_born(struct keeper *k, struct child *c)
{
	fd_drop(&c->hold);
	/* What it inherited is its own now. */
	fd_drop(&k->gate.recorder);
	fd_drop(&k->gate.scout);
	fd_drop(&k->gate.vault);
	confirm_all(k);
	if (k->ready)
		gate_store(k);
}

void
gate_store(struct keeper *k)
{
	struct child *c = &k->children[ROLE_GATE];

	if (c->peer == -1)
		return;
	/* If nobody takes it, its end tells the gate. */
	(void)store_give(c->peer, c->pidfd);
	fd_drop(&c->peer);
}

static void
child_start(struct keeper *k, enum role role)
{
	struct child *c = &k->children[role];
	struct msg add = { .type = MSG_FAMILY_ADD };
	struct birth b;

	c->start_at = UINT64_MAX;
	if (birth_pairs(role, &b, c) != ERR_OK) {
		c->start_at = clock_now() + BACKOFF_MS * CLOCK_NS_PER_MS;
		return;
	}
	if (role == ROLE_GATE)
		fd_drop(&b.hold);
	c->pid = child_fork(k, &b);
	fd_drop(&b.channel);
	fd_drop(&b.peer);
	fd_drop(&b.hold);
	c->started = clock_now();
	c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
	if (role == ROLE_GATE) {
		gate_born(k, c);
		return;
	}
	(void)family_add(&k->gate.family, c->pid);
	add.pid = c->pid;
	if ((c->seq = gate_tell(k, &add, -1)) == 0)
		child_release(k, role);
}

void
children_start(struct keeper *k)
{
	uint64_t now = clock_now();

	for (enum role r = 0; r < ROLE_COUNT; r++)
		if (k->children[r].pid == 0 && k->children[r].start_at <= now)
			child_start(k, r);
}

uint64_t
children_due(const struct keeper *k)
{
	uint64_t due = UINT64_MAX;

	for (enum role r = 0; r < ROLE_COUNT; r++)
		if (k->children[r].pid == 0 && k->children[r].start_at < due)
			due = k->children[r].start_at;
	return due;
}

void
grave_close(struct keeper *k, struct grave *g)
{
	(void)k;
	(void)waitpid(g->pid, NULL, 0);
	*g = (struct grave){ 0 };
}

/* Leave the body until the gate doesn't take its pid for one of us. */
static void
bury(struct keeper *k, pid_t pid)
{
	struct msg drop = { .type = MSG_FAMILY_DROP, .pid = pid };
	struct grave *g = NULL;

	family_drop(&k->gate.family, pid);
	for (size_t i = 0; i < GRAVES_MAX && g == NULL; i++)
		if (k->graves[i].pid == 0)
			g = &k->graves[i];
	if (g == NULL) /* never so many at once */
		return;
	g->pid = pid;
	g->seq = gate_tell(k, &drop, -1);
	if (g->seq == 0)
		grave_close(k, g);
}

/* New channels between those who live and the gate to come.  The template's
 * can't be taken over: what it sent last may be lost. */
static void
gate_peers(struct keeper *k)
{
	struct msg head = { .type = MSG_PEER };
	int ends[2];

	for (enum role r = ROLE_RECORDER; r <= ROLE_VAULT; r++) {
		struct child *c = &k->children[r];

		if (c->pid == 0 || c->hold != -1 ||
		    channel_pair(ends) != ERR_OK)
			continue;
		(void)!channel_send(c->channel, &head, NULL, 0, ends[1]);
		(void)close(ends[1]);
		peer_keep(k, r, &ends[0]);
	}
	for (enum role r = ROLE_HASHER; r <= ROLE_TEMPLATE; r++)
		if (k->children[r].pid != 0) {
			(void)kill(k->children[r].pid, SIGKILL);
			k->children[r].falls = 0;
		}
}

/* The leases of its tokens died with the gate, and its marks did not. */
static void
gate_fell(struct keeper *k)
{
	for (size_t i = 0; i < GROUPS_MAX; i++)
		if (k->gate.groups[i].fd != -1)
			fan_heed_all(k->gate.groups[i].fd);
	k->gate.sweep = true;
	gate_peers(k);
}

/* Nobody tells of renamed directories now: events for all. */
static void
scout_fell(struct keeper *k)
{
	for (size_t i = 0; i < GROUPS_MAX; i++)
		if (k->gate.groups[i].fd != -1)
			fan_heed_all(k->gate.groups[i].fd);
	k->gate.scout_pid = 0;
	k->scout_seq = 0;
}

/* A channel that ended without a death is a death to come.  No two gates may
 * read; but one that hangs in the kernel must not hold up the next for ever:
 * what has been killed reads no more. */
static void
gate_end(const struct child *c)
{
	struct pollfd p = { .fd = c->pidfd, .events = POLLIN };

	(void)kill(c->pid, SIGKILL);
	(void)poll(&p, 1, GATE_DEATH_MS);
	(void)waitpid(c->pid, NULL, WNOHANG);
}

void
child_died(struct keeper *k, enum role role)
{
	struct child *c = &k->children[role];
	uint64_t now = clock_now();
	pid_t pid = c->pid;

	if (role == ROLE_GATE) {
		gate_fell(k);
		gate_end(c);
	} else if (role == ROLE_SCOUT) {
		scout_fell(k);
	}
	fd_drop(&c->channel);
	fd_drop(&c->pidfd);
	fd_drop(&c->hold);
	fd_drop(&c->peer);
	c->pid = 0;
	c->seq = 0;
	c->falls =
	    now - c->started > STEADY_S * CLOCK_NS_PER_S ? 1 : c->falls + 1;
	c->start_at = now + backoff(c, role);
	if (role != ROLE_GATE)
		bury(k, pid);
}
