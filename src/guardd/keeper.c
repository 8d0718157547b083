/* SPDX-License-Identifier: Apache-2.0 */
/* keeper: its loop, and the end. */
#include "guardd/keeper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "guardd/confine.h"
#include "guardd/keeper_state.h"
#include "guardd/notify.h"

enum {
	FALLS_AT_START = 3, /* deaths before it was ready: give up */
	STOP_GATE_MS = 500,
	STOP_TRIES = 8, /* messages of the gate's before the awaited one */
	STOP_RECORDER_MS = 300,
	POLL_SIGNALS = 0,
	POLL_CHANNELS = 1,
	POLL_DEATHS = POLL_CHANNELS + ROLE_COUNT,
	POLL_COUNT = POLL_DEATHS + ROLE_COUNT
};

static enum err
setup(struct keeper *k, const struct keeper_start *start)
{
	const struct options *o = start->options;
	sigset_t ours;

	k->start = *start;
	k->options = *start->options;
	k->start.options = &k->options;
	k->scout_drops = -1;
	k->old = start->store;
	k->gate = (struct gate_start){
		.set = options_settings(o),
		.workers = start->workers,
		.keeper = -1,
		.recorder = -1,
		.scout = -1,
		.vault = -1,
		.hasher = -1,
		.image = -1,
		.baton = -1,
		.known = -1,
		.fd_limit = start->fd_limit,
	};
	for (size_t i = 0; i < GROUPS_MAX; i++)
		k->gate.groups[i].fd = -1;
	for (enum role r = 0; r < ROLE_COUNT; r++)
		k->children[r] = (struct child){
			.pidfd = -1, .channel = -1, .hold = -1, .peer = -1
		};
	k->children[ROLE_SCOUT].start_at = UINT64_MAX;
	(void)family_add(&k->gate.family, getpid());
	(void)sigemptyset(&ours);
	(void)sigaddset(&ours, SIGTERM);
	(void)sigaddset(&ours, SIGINT);
	(void)sigaddset(&ours, SIGHUP);
	(void)sigaddset(&ours, SIGUSR1);
	(void)sigaddset(&ours, SIGUSR2);
	(void)sigaddset(&ours, SIGPIPE);
	if (sigprocmask(SIG_BLOCK, &ours, NULL) == -1)
		return ERR_SYS;
	k->signals = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
	if (k->signals == -1 || metrics_new(&k->gate.metrics) != ERR_OK)
		return ERR_SYS;
	return confine_keeper();
}

static void
signals_read(struct keeper *k)
{
	struct msg dump = { .type = MSG_DUMP };
	struct signalfd_siginfo got;

	while (read(k->signals, &got, sizeof(got)) == sizeof(got)) {
		/* A terminal that goes away takes its guard along, unless
		 * there is a file to read again. */
		if (got.ssi_signo == SIGTERM || got.ssi_signo == SIGINT ||
		    (got.ssi_signo == SIGHUP && k->options.foreground &&
			k->options.config == NULL))
			k->stopping = true;
		else if (got.ssi_signo == SIGHUP)
			reload_ask(k);
		else if (got.ssi_signo == SIGUSR1)
			(void)gate_tell(k, &dump, -1);
		else if (got.ssi_signo == SIGUSR2)
			release_ask(k, 0);
	}
}

/* Somebody's pidfd says that he is dead. */
static void
death(struct keeper *k, enum role role)
{
	char text[128];

	child_died(k, role);
	if (role == ROLE_SCOUT && k->reloading) {
		k->reloading = false;
		k->children[role].falls = 0;
		return;
	}
	if (k->ready) {
		keeper_notice(k, false, "the %s died; another is started",
		    role_name(role));
		return;
	}
	/* Whatever the scout had to say was heard before. */
	if (role != ROLE_TEMPLATE && role != ROLE_SCOUT &&
	    k->children[role].falls < FALLS_AT_START)
		return;
	(void)snprintf(text, sizeof(text),
	    role == ROLE_TEMPLATE
		? "the worker program ended before its rules were loaded"
		: "the %s could not be started",
	    role_name(role));
	keeper_fail(k, text);
}

/* The scout says that all is in place: so do we. */
static void
announce(struct keeper *k)
{
	if (!k->ready || k->start.detach == -1)
		return;
	(void)!write(k->start.detach, "", 1);
	(void)close(k->start.detach);
	k->start.detach = -1;
	if (!k->start.options->foreground) {
		(void)close(k->start.out);
		(void)close(k->start.err);
		k->start.out = k->start.err = -1;
	}
}

static int
sleep_ms(const struct keeper *k)
{
	uint64_t due = children_due(k), now = clock_now();

	if (k->ping_at < due)
		due = k->ping_at;
	if (store_due(&k->old) < due)
		due = store_due(&k->old);
	return due <= now ? 0 : (int)((due - now) / CLOCK_NS_PER_MS) + 1;
}

static void
channels(struct keeper *k, const struct pollfd *p)
{
	if (p[ROLE_GATE].revents != 0)
		gate_talk(k);
	if (p[ROLE_RECORDER].revents != 0)
		recorder_talk(k);
	if (p[ROLE_SCOUT].revents != 0)
		scout_talk(k);
	if (p[ROLE_VAULT].revents != 0)
		vault_talk(k);
}

static void
turn(struct keeper *k)
{
	struct pollfd p[POLL_COUNT] = { [POLL_SIGNALS] = { .fd = k->signals,
					    .events = POLLIN } };
	bool was_ready = k->ready;

	for (enum role r = 0; r < ROLE_COUNT; r++) {
		p[POLL_CHANNELS + r] =
		    (struct pollfd){ .fd = k->children[r].channel,
			    .events = POLLIN };
		p[POLL_DEATHS + r] =
		    (struct pollfd){ .fd = k->children[r].pidfd,
			    .events = POLLIN };
	}
	(void)poll(p, POLL_COUNT, sleep_ms(k));
	if (p[POLL_SIGNALS].revents != 0)
		signals_read(k);
	if (k->stopping)
		return;
	channels(k, p + POLL_CHANNELS);
	for (enum role r = 0; r < ROLE_COUNT; r++)
		if (!k->stopping && p[POLL_DEATHS + r].revents != 0 &&
		    k->children[r].pidfd == p[POLL_DEATHS + r].fd)
			death(k, r);
	if (!k->stopping) {
		children_start(k);
		gate_ask_life(k);
	}
	if (k->ready && !was_ready) {
		notify_ready();
		gate_store(k);
		store_succeed(&k->old);
		announce(k);
	}
	store_step(&k->old);
	notify_alive();
}

/* Wait until a child is dead, at most ms; then make it so. */
static void
child_end(struct child *c, int ms)
{
	struct pollfd p = { .fd = c->pidfd, .events = POLLIN };

	if (c->pid == 0)
		return;
	if (ms != 0 && poll(&p, 1, ms) == 1)
		ms = -1;
	if (ms >= 0)
		(void)kill(c->pid, SIGKILL);
	/* It may hang in the kernel, at a dead server: not our problem. */
	p.revents = 0;
	(void)poll(&p, 1, STOP_RECORDER_MS);
	(void)waitpid(c->pid, NULL, WNOHANG);
}

/* Does the gate go on, for a successor?  Only its own word counts: one that is
 * stopped would keep openers waiting when nobody looks after it any more. */
static bool
gate_lingers(struct keeper *k, uint32_t seq)
{
	static struct msg_in in;
	struct pollfd p = { .fd = k->children[ROLE_GATE].channel,
		.events = POLLIN };

	for (int i = 0; seq != 0 && i < STOP_TRIES; i++) {
		if (poll(&p, 1, STOP_GATE_MS / STOP_TRIES) != 1)
			continue;
		if (channel_recv(p.fd, &in) != ERR_OK)
			return false;
		if (in.fd != -1)
			(void)close(in.fd);
		if (in.head.type == MSG_DONE && in.head.seq == seq)
			return in.head.error == EAGAIN;
	}
	return false;
}

static void
groups_drop(struct keeper *k, bool guarded)
{
	for (size_t i = 0; i < GROUPS_MAX; i++) {
		struct group *g = &k->gate.groups[i];

		if (g->fd == -1)
			continue;
		if (!guarded)
			fan_unguard(g->fd);
		(void)close(g->fd);
		g->fd = -1;
	}
}

/*
 * The gate ends first: it takes the marks off and answers everybody, so that
 * nobody depends on all duplicates of a group being closed.  If it can't, the
 * kernel lets the openers go when the groups are closed.
 */
static void
stop(struct keeper *k)
{
	struct msg head = { .type = MSG_STOP,
		.flags = k->ready && k->status == 0 ? MSG_LINGER : 0 };
	bool lingers;
	uint32_t seq;

	notify_stopping();
	seq = gate_tell(k, &head, -1);
	child_end(&k->children[ROLE_SCOUT], 0);
	lingers = head.flags != 0 && gate_lingers(k, seq);
	if (!lingers)
		child_end(&k->children[ROLE_GATE], STOP_GATE_MS);
	groups_drop(k, lingers);
	for (enum role r = ROLE_HASHER; !lingers && r <= ROLE_TEMPLATE; r++)
		child_end(&k->children[r], 0);
	head = (struct msg){ .type = MSG_STOP };
	/* What it is at now it ends or takes back at the next start. */
	(void)!channel_send(
	    k->children[ROLE_VAULT].channel, &head, NULL, 0, -1);
	child_end(&k->children[ROLE_VAULT], STOP_RECORDER_MS);
	vault_talk(k);
	(void)!channel_send(
	    k->children[ROLE_RECORDER].channel, &head, NULL, 0, -1);
	child_end(&k->children[ROLE_RECORDER], STOP_RECORDER_MS);
}

int
keeper_run(const struct keeper_start *start)
{
	static struct keeper k;

	if (setup(&k, start) != ERR_OK) {
		(void)dprintf(start->err,
		    "ckptguardd: its own rights cannot be cut down: %s\n",
		    strerror(errno));
		return 2;
	}
	store_ask(&k.old);
	children_start(&k);
	while (!k.stopping)
		turn(&k);
	stop(&k);
	return k.status;
}
