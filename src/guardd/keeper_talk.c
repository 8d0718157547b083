/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper_talk: what goes from child to child by way of the keeper.
 *
 * Groups and tables come from the scout; the keeper holds them first, then
 * hands them to the gate, then tells the scout that both have them.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"
#include "guardd/keeper_state.h"
#include "guardd/reload.h"
#include "guardd/who.h"

enum {
	PING_S = 5,
	ANSWER_S = 5,
};

#define PING_NS (PING_S * CLOCK_NS_PER_S)

uint32_t
gate_tell(struct keeper *k, struct msg *head, int fd)
{
	const struct child *gate = &k->children[ROLE_GATE];

	if (gate->pid == 0)
		return 0;
	head->seq = ++k->seq;
	if (channel_send(gate->channel, head, NULL, 0, fd) != ERR_OK)
		return 0; /* dying: its successor will be born knowing it */
	return head->seq;
}

void
gate_set(struct keeper *k)
{
	struct msg head = { .type = MSG_SETTINGS };

	k->gate.set = options_settings(&k->options);
	(void)!channel_send(k->children[ROLE_GATE].channel, &head,
	    (const char *)&k->gate.set, sizeof(k->gate.set), -1);
	(void)!channel_send(k->children[ROLE_VAULT].channel, &head,
	    (const char *)&k->gate.set, sizeof(k->gate.set), -1);
	(void)!channel_send(k->children[ROLE_RECORDER].channel, &head,
	    (const char *)&k->gate.set, sizeof(k->gate.set), -1);
}

void
keeper_notice(struct keeper *k, bool good, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	channel_notice(k->children[ROLE_RECORDER].channel, good, format, ap);
	va_end(ap);
}

void
keeper_fail(struct keeper *k, const char *text)
{
	if (k->start.err != -1)
		(void)dprintf(k->start.err, "ckptguardd: %s\n", text);
	keeper_notice(k, false, "%s", text);
	k->status = 2;
	k->stopping = true;
}

/* Tell the scout that its message is done. */
static void
scout_done(struct keeper *k, int error)
{
	struct msg done = {
		.type = MSG_DONE, .seq = k->scout_seq, .error = error
	};

	if (k->scout_seq != 0)
		(void)!channel_send(
		    k->children[ROLE_SCOUT].channel, &done, NULL, 0, -1);
	/* The last to hold a group is the keeper, as it was the first. */
	if (k->scout_drops != -1 && error == 0) {
		struct group *g = &k->gate.groups[k->scout_drops];

		if (g->fd != -1)
			(void)close(g->fd);
		g->fd = -1;
		k->devs[k->scout_drops] = 0;
	}
	k->scout_drops = -1;
	k->scout_seq = k->scout_gate_seq = 0;
}

/* What the vaulter decided holds. */
static void
vault_done(struct keeper *k)
{
	struct msg done = { .type = MSG_DONE, .seq = k->vault_seq };

	if (k->vault_seq != 0)
		(void)!channel_send(
		    k->children[ROLE_VAULT].channel, &done, NULL, 0, -1);
	k->vault_seq = k->vault_gate_seq = 0;
}

static void
confirm(struct keeper *k, uint32_t seq, int error)
{
	if (seq == 0)
		return;
	if (seq == k->ping)
		k->ping = 0;
	for (enum role r = 0; r < ROLE_COUNT; r++)
		if (k->children[r].seq == seq)
			child_release(k, r);
	for (size_t i = 0; i < GRAVES_MAX; i++)
		if (k->graves[i].pid != 0 && k->graves[i].seq == seq)
			grave_close(k, &k->graves[i]);
	if (k->scout_seq != 0 && k->scout_gate_seq == seq)
		scout_done(k, error);
	if (k->vault_seq != 0 && k->vault_gate_seq == seq)
		vault_done(k);
}

void
confirm_all(struct keeper *k)
{
	k->ping = 0;
	for (enum role r = 0; r < ROLE_COUNT; r++)
		if (k->children[r].seq != 0)
			child_release(k, r);
	for (size_t i = 0; i < GRAVES_MAX; i++)
		if (k->graves[i].pid != 0)
			grave_close(k, &k->graves[i]);
	scout_done(k, 0);
	vault_done(k);
}

/*
 * A gate that is stopped, traced or stuck holds everybody up.  It never waits
 * for anything, so one that is silent for so long will not come back.
 */
void
gate_ask_life(struct keeper *k)
{
	const struct child *gate = &k->children[ROLE_GATE];
	struct msg ping = { .type = MSG_PING };
	uint64_t now = clock_now();

	if (gate->pid == 0 || now < k->ping_at)
		return;
	k->ping_at = now + PING_NS;
	if (k->ping != 0) {
		keeper_notice(k, false,
		    "the gate has not answered for %d s and is ended", PING_S);
		(void)kill(gate->pid, SIGKILL);
		return;
	}
	k->ping = gate_tell(k, &ping, -1);
}

/* The recorder, also a new one, can be asked which rules hold. */
void
loaded_tell(struct keeper *k)
{
	struct msg head = { .type = MSG_LOADED };

	if (k->loaded[0] != '\0')
		(void)!channel_send(k->children[ROLE_RECORDER].channel, &head,
		    k->loaded, strlen(k->loaded), -1);
}

/* The sums are text: a number of JSON loses bits in many readers. */
static void
loaded_take(struct keeper *k, const struct msg *head)
{
	(void)snprintf(k->loaded, sizeof(k->loaded),
	    "{\"yara\":%" PRIu64 ",\"yara_sum\":\"%016" PRIx64
	    "\",\"imports\":%" PRIu64 ",\"imports_sum\":\"%016" PRIx64
	    "\",\"loaded\":%" PRIu64 "}",
	    head->dev, head->size, head->ino, head->elapsed,
	    (uint64_t)time(NULL) * 1000);
	loaded_tell(k);
}

/* The rules are loaded; what is wrong with some of them is for people. */
static void
rules_ready(struct keeper *k, const struct msg_in *in)
{
	if (in->text[0] != '\0' && k->start.err != -1)
		(void)dprintf(k->start.err, "ckptguardd: %s\n", in->text);
	if (in->text[0] != '\0')
		keeper_notice(k, false, "%s", in->text);
	loaded_take(k, &in->head);
	/* Now that files can be judged, opens may be held up. */
	if (k->children[ROLE_SCOUT].pid == 0 && !k->ready)
		k->children[ROLE_SCOUT].start_at = 0;
}

/* Is pid a child of the template's?  A worker may be dead, and its number
 * somebody else's. */
static bool
worker_is(const struct keeper *k, pid_t pid)
{
	pid_t parent = who_parent(pid);

	return parent != 0 && parent == k->children[ROLE_TEMPLATE].pid;
}

static void
worker_nice(const struct keeper *k, const struct msg *head)
{
	if (head->pid > 0 && worker_is(k, head->pid))
		(void)setpriority(PRIO_PROCESS, (id_t)head->pid, head->error);
}

void
gate_talk(struct keeper *k)
{
	static struct msg_in in;
	enum err e;

	while (
	    (e = channel_recv(k->children[ROLE_GATE].channel, &in)) == ERR_OK) {
		if (in.fd != -1)
			(void)close(in.fd);
		if (in.head.type == MSG_DONE)
			confirm(k, in.head.seq, in.head.error);
		else if (in.head.type == MSG_RULES)
			rules_ready(k, &in);
		else if (in.head.type == MSG_NICE)
			worker_nice(k, &in.head);
	}
	if (e == ERR_SYS && !k->stopping) {
		child_died(k, ROLE_GATE);
		keeper_notice(k, false,
		    "the gate died; a new one takes over, and what was "
		    "waiting is %s",
		    k->gate.set.crash_open ? "allowed" : "denied");
	}
}

/* Hold a group before the gate reads it: from now on a dead gate makes openers
 * wait, not pass. */
static bool
take_group(struct keeper *k, struct msg_in *in)
{
	struct group *g;

	if (in->head.group >= GROUPS_MAX)
		return false;
	g = &k->gate.groups[in->head.group];
	if (in->fd == -1) {
		k->scout_drops = (int)in->head.group;
		return true;
	}
	if (g->fd != -1)
		(void)close(g->fd);
	*g = (struct group){ .fd = in->fd,
		.features = { .errnos = (in->head.flags & MSG_ERRNOS) != 0,
		    .audit = (in->head.flags & MSG_AUDIT) != 0,
		    .ignores = (in->head.flags & MSG_IGNORES) != 0 } };
	k->devs[in->head.group] = in->head.dev;
	return true;
}

/* Pass a message of the scout on to the gate. */
static void
scout_forward(struct keeper *k, struct msg_in *in, int fd)
{
	k->scout_seq = in->head.seq;
	/* 0, without a gate: confirmed when the next one is born. */
	k->scout_gate_seq = gate_tell(k, &in->head, fd);
}

/* The recorder, also a new one, can be asked what is guarded. */
void
guarding_tell(struct keeper *k)
{
	struct msg head = { .type = MSG_READY };

	(void)!channel_send(k->children[ROLE_RECORDER].channel, &head,
	    k->guarding, strlen(k->guarding), -1);
}

static void
scout_ready(struct keeper *k, const struct msg_in *in)
{
	bool was = k->ready;

	k->ready = true;
	memcpy(k->guarding, in->text, sizeof(k->guarding));
	guarding_tell(k);
	if (k->reload_due)
		reload_ask(k);
	if (was)
		return;
	if (k->start.out != -1)
		(void)!write(k->start.out, in->text, in->head.text);
	keeper_notice(k, true, "ready");
}

/* Whoever asked for a reload by the socket is told what came of it. */
static void
reloaded(struct keeper *k, int error, const char *text)
{
	struct msg head = { .type = MSG_RELOADED, .error = error };

	(void)!channel_send(
	    k->children[ROLE_RECORDER].channel, &head, text, strlen(text), -1);
}

void
reload_ask(struct keeper *k)
{
	struct msg head = { .type = MSG_RELOAD };

	if (k->options.config == NULL)
		reloaded(k, EINVAL,
		    "the guard was started without a configuration: its "
		    "command line says all");
	else
		k->reload_due = k->reloading ||
		    channel_send(k->children[ROLE_SCOUT].channel, &head, NULL,
			0, -1) != ERR_OK;
}

/* The gate says when it is done.  Without a gate, or where nothing is guarded,
 * there is nothing that could be held. */
void
release_ask(struct keeper *k, uint64_t dev)
{
	struct msg head = { .type = MSG_RELEASE, .dev = dev };

	while (
	    dev != 0 && head.group < GROUPS_MAX && k->devs[head.group] != dev)
		head.group++;
	if (head.group < GROUPS_MAX && gate_tell(k, &head, -1) != 0)
		return;
	head = (struct msg){ .type = MSG_RELEASED, .dev = dev };
	(void)!channel_send(
	    k->children[ROLE_RECORDER].channel, &head, NULL, 0, -1);
}

/* The scout has read a new configuration, and it is right: another scout will
 * guard what it says. */
static void
take_config(struct keeper *k, const struct msg_in *in)
{
	if (!reload_take(&k->options, in))
		return;
	k->start.watch = k->options.watch;
	k->start.watch_count = k->options.watch_count;
	k->start.watch_policy = k->options.watch_policy;
	gate_set(k);
	keeper_notice(
	    k, true, "the new configuration of %s holds", k->options.config);
	reloaded(k, 0, "the new configuration holds");
	(void)kill(k->children[ROLE_SCOUT].pid, SIGKILL);
	k->reloading = true;
}

static void
scout_message(struct keeper *k, struct msg_in *in)
{
	struct msg head = in->head;

	if (head.type == MSG_GROUP && take_group(k, in)) {
		scout_forward(k, in, in->fd);
		in->fd = -1;
	} else if (head.type == MSG_TABLE && in->fd != -1) {
		if (k->gate.image != -1)
			(void)close(k->gate.image);
		k->gate.image = in->fd;
		scout_forward(k, in, in->fd);
		in->fd = -1;
	} else if (head.type == MSG_READY) {
		scout_ready(k, in);
	} else if (head.type == MSG_FATAL) {
		if (k->ready)
			keeper_notice(k, false, "%s", in->text);
		else
			keeper_fail(k, in->text);
	} else if (head.type == MSG_CONFIG) {
		take_config(k, in);
	} else if (head.type == MSG_RELOADED) {
		reloaded(k, head.error, in->text);
	} else if (head.type == MSG_NOTICE) {
		keeper_notice(k, (head.flags & MSG_GOOD) != 0, "%s", in->text);
	}
	if (in->fd != -1)
		(void)close(in->fd);
}

void
scout_talk(struct keeper *k)
{
	static struct msg_in in;

	while (k->children[ROLE_SCOUT].pid != 0 &&
	    channel_recv(k->children[ROLE_SCOUT].channel, &in) == ERR_OK)
		scout_message(k, &in);
}

void
recorder_talk(struct keeper *k)
{
	static struct msg_in in;

	while (k->children[ROLE_RECORDER].pid != 0 &&
	    channel_recv(k->children[ROLE_RECORDER].channel, &in) == ERR_OK) {
		if (in.fd != -1)
			(void)close(in.fd);
		if (in.head.type == MSG_RELOAD)
			reload_ask(k);
		else if (in.head.type == MSG_RELEASE)
			release_ask(k, in.head.dev);
	}
}

void
vault_join(struct keeper *k)
{
	struct msg head = { .type = MSG_VAULT };
	struct timeval patience = { .tv_sec = ANSWER_S };
	int ends[2];

	for (enum role r = ROLE_RECORDER; r <= ROLE_VAULT; r++)
		if (r != ROLE_SCOUT &&
		    (k->children[r].pid == 0 || k->children[r].hold != -1))
			return;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == -1)
		return;
	/* An answer that nobody reads keeps nobody waiting for ever. */
	(void)setsockopt(
	    ends[1], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	(void)!channel_send(
	    k->children[ROLE_RECORDER].channel, &head, NULL, 0, ends[0]);
	(void)!channel_send(
	    k->children[ROLE_VAULT].channel, &head, NULL, 0, ends[1]);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

/* Decisions: held here first, as the next gate inherits them. */
static void
take_known(struct keeper *k, struct msg_in *in)
{
	if (k->gate.known != -1)
		(void)close(k->gate.known);
	k->gate.known = steal_fd(&in->fd);
	k->vault_seq = in->head.seq;
	k->vault_gate_seq = gate_tell(k, &in->head, k->gate.known);
}

void
vault_talk(struct keeper *k)
{
	static struct msg_in in;

	while (k->children[ROLE_VAULT].pid != 0 &&
	    channel_recv(k->children[ROLE_VAULT].channel, &in) == ERR_OK) {
		if (in.head.type == MSG_KNOWN && in.fd != -1)
			take_known(k, &in);
		else if (in.head.type == MSG_RECORD)
			(void)!channel_send(k->children[ROLE_RECORDER].channel,
			    &in.head, in.text, in.head.text, -1);
		else if (in.head.type == MSG_NOTICE)
			keeper_notice(
			    k, (in.head.flags & MSG_GOOD) != 0, "%s", in.text);
		if (in.fd != -1)
			(void)close(in.fd);
	}
}
