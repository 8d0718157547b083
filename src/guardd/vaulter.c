/* SPDX-License-Identifier: Apache-2.0 */
/* vaulter: its loop.  One thing after the other: nobody waits for it but who
 * asked it for something. */
#include "guardd/vaulter.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"
#include "guardd/confine.h"
#include "guardd/vaulter_state.h"

enum {
	TELL_MS = 10000, /* a gate that is being replaced needs a moment */
	TIDY_S = 600,
	DAY_S = 24 * 60 * 60,
	POLL_KEEPER = 0,
	POLL_GATE,
	POLL_ASKS,
	POLL_COUNT
};

#define GB UINT64_C(1000000000)

void
vaulter_notice(struct vaulter *v, bool good, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	channel_notice(v->start.keeper, good, format, ap);
	va_end(ap);
}

static void
say(void *context, const char *text)
{
	vaulter_notice(context, false, "%s", text);
}

/* One word of the keeper; true: it confirms seq. */
static bool
keeper_word(struct vaulter *v, struct msg_in *in, uint32_t seq)
{
	int *to = in->head.type == MSG_PEER ? &v->start.gate
	    : in->head.type == MSG_VAULT    ? &v->asks
					    : NULL;

	if (in->head.type == MSG_STOP)
		v->stopping = true;
	if (in->head.type == MSG_SETTINGS &&
	    in->head.text == sizeof(v->start.set)) {
		memcpy(&v->start.set, in->text, sizeof(v->start.set));
		v->tidy_at = 0;
	}
	if (to != NULL && in->fd != -1) {
		if (*to != -1)
			(void)close(*to);
		*to = steal_fd(&in->fd);
	}
	if (in->fd != -1)
		(void)close(in->fd);
	return in->head.type == MSG_DONE && in->head.seq == seq;
}

/* Take in what the keeper says. True: it confirmed seq. */
static bool
hear_keeper(struct vaulter *v, uint32_t seq)
{
	static struct msg_in in;
	bool done = false;
	enum err e;

	while ((e = channel_recv(v->start.keeper, &in)) == ERR_OK) {
		if (in.head.type == MSG_SETTINGS)
			v->lists = true; /* a new configuration, new lists */
		done = keeper_word(v, &in, seq) || done;
	}
	if (e == ERR_SYS)
		v->stopping = true;
	return done;
}

static enum err
publish(struct vaulter *v, int fd)
{
	struct msg head = { .type = MSG_KNOWN, .seq = ++v->seq };
	uint64_t end = clock_now() + TELL_MS * CLOCK_NS_PER_MS;
	bool done = false;

	if (channel_send(v->start.keeper, &head, NULL, 0, fd) != ERR_OK)
		return ERR_SYS;
	while (!done && !v->stopping && clock_now() < end) {
		struct pollfd p = { .fd = v->start.keeper, .events = POLLIN };

		(void)poll(&p, 1, TELL_MS);
		done = hear_keeper(v, head.seq);
	}
	return done ? ERR_OK : ERR_SYS;
}

enum err
vaulter_publish(struct vaulter *v)
{
	AUTO(buf) struct buf image = buf_new(KNOWN_IMAGE_MAX);
	AUTO_CLOSE int fd =
	    memfd_create("decisions", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	enum err e = decisions_image(&v->decisions, say, v, &image);

	if (e != ERR_OK)
		return e;
	if (fd == -1 ||
	    write(fd, image.data, image.size) != (ssize_t)image.size ||
	    fcntl(fd, F_ADD_SEALS,
		F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == -1)
		return ERR_SYS;
	return publish(v, fd);
}

static void
hear_gate(struct vaulter *v)
{
	static struct msg_in in;
	int fd = v->start.gate;
	enum err e = ERR_LIMIT;

	while (fd == v->start.gate && fd != -1 &&
	    (e = channel_recv(fd, &in)) == ERR_OK) {
		if (in.head.type == MSG_QUARANTINE && in.fd != -1)
			vaulter_take(v, &in);
		if (in.fd != -1)
			(void)close(in.fd);
	}
	if (e == ERR_LIMIT || fd != v->start.gate || fd == -1)
		return;
	(void)close(v->start.gate); /* the keeper brings another */
	v->start.gate = -1;
}

/* The lines of an answer, in packets. False: nobody wants them. */
static bool
answer_send(int fd, uint32_t seq, const struct buf *lines)
{
	struct {
		struct vaulter_packet head;
		uint8_t bytes[VAULTER_CHUNK];
	} packet = { .head = { .seq = seq } };

	for (size_t at = 0;;) {
		size_t n = lines->size - at;

		if (n > VAULTER_CHUNK)
			n = VAULTER_CHUNK;
		if (n != 0)
			memcpy(packet.bytes, lines->data + at, n);
		at += n;
		packet.head.more = at < lines->size;
		if (send(fd, &packet, sizeof(packet.head) + n, MSG_NOSIGNAL) ==
		    -1)
			return false;
		if (at == lines->size)
			return true;
	}
}

static void
hear_asks(struct vaulter *v)
{
	static struct {
		struct vaulter_packet head;
		char line[TALK_QUESTION_MAX];
	} packet;
	AUTO(buf) struct buf out = buf_new(2 * ASK_ANSWER_MAX);
	ssize_t n = recv(v->asks, &packet, sizeof(packet), MSG_DONTWAIT);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < (ssize_t)sizeof(packet.head)) {
		(void)close(v->asks); /* the keeper brings another */
		v->asks = -1;
		return;
	}
	vaulter_ask(v, &packet.head.by, packet.line,
	    (size_t)n - sizeof(packet.head), &out);
	(void)answer_send(v->asks, packet.head.seq, &out);
}

/* What is too old or too much. */
static void
tidy(struct vaulter *v)
{
	struct vault_bounds b = { .seconds =
				      (uint64_t)v->start.set.keep_days * DAY_S,
		.bytes = (uint64_t)v->start.set.keep_gigabytes * GB };
	size_t removed = 0;

	v->tidy_at = clock_now() + TIDY_S * CLOCK_NS_PER_S;
	if (b.seconds == 0 && b.bytes == 0)
		return;
	if (vault_expire(&v->vault, &b, (uint64_t)time(NULL), &removed) !=
	    ERR_OK)
		vaulter_notice(v, false,
		    "what is too old cannot be removed from the vault: %s",
		    v->vault.why);
	if (removed != 0)
		vaulter_notice(v, true,
		    "%zu files were removed from the vault for good, as the "
		    "configuration says",
		    removed);
}

static bool
unsummed_find(void *context, const struct vault_item *item)
{
	char *id = context;

	if (item->state != VAULT_STORED || item->digest[0] != '\0' ||
	    (item->flags & (VAULT_STRAY | VAULT_GROWING)) != 0)
		return true;
	memcpy(id, item->id, sizeof(item->id));
	return false;
}

/* There is nothing else to do: sum one up that is not. */
static void
sum_one(struct vaulter *v)
{
	struct vault_item item = { 0 };

	v->unsummed = vault_each(&v->vault, unsummed_find, item.id) == ERR_OK &&
	    item.id[0] != '\0' && vault_digest(&v->vault, &item) == ERR_OK;
	vault_item_free(&item);
}

static int
sleep_ms(const struct vaulter *v)
{
	uint64_t now = clock_now();

	if (v->lists || v->unsummed || v->tidy_at <= now)
		return 0;
	return (int)((v->tidy_at - now) / CLOCK_NS_PER_MS) + 1;
}

/* Another configuration may come while these are handed over: then once more,
 * at the next turn. */
static void
lists_again(struct vaulter *v)
{
	v->lists = false;
	if (vaulter_publish(v) != ERR_OK)
		vaulter_notice(v, false,
		    "the lists of hashes cannot be given to the gate");
}

static void
turn(struct vaulter *v)
{
	struct pollfd p[POLL_COUNT] = {
		[POLL_KEEPER] = { .fd = v->start.keeper, .events = POLLIN },
		[POLL_GATE] = { .fd = v->start.gate, .events = POLLIN },
		[POLL_ASKS] = { .fd = v->asks, .events = POLLIN },
	};
	int n = poll(p, POLL_COUNT, sleep_ms(v));

	(void)hear_keeper(v, 0);
	if (v->lists)
		lists_again(v);
	if (p[POLL_GATE].revents != 0)
		hear_gate(v);
	if (p[POLL_ASKS].revents != 0 && v->asks == p[POLL_ASKS].fd)
		hear_asks(v);
	if (clock_now() >= v->tidy_at)
		tidy(v);
	if (n == 0 && v->unsummed)
		sum_one(v);
}

/* End or take back what the last one was at. */
static void
begin(struct vaulter *v)
{
	size_t mended = 0;

	if (vault_recover(&v->vault, &mended) != ERR_OK)
		vaulter_notice(v, false,
		    "the vault cannot be looked through: %s", v->vault.why);
	if (mended != 0)
		vaulter_notice(v, true,
		    "%zu interrupted moves of the vault were ended or taken "
		    "back",
		    mended);
	if (decisions_read(&v->decisions) != ERR_OK)
		vaulter_notice(
		    v, false, "what was decided about contents cannot be read");
	if (vaulter_publish(v) != ERR_OK)
		vaulter_notice(v, false,
		    "what was decided about contents cannot be given to the "
		    "gate");
	v->unsummed = true;
}

int
vaulter_run(const struct vaulter_start *start)
{
	static struct vaulter v;
	sigset_t all;

	v.start = *start;
	v.asks = -1;
	v.decisions =
	    (struct decisions){ .dir = start->dir, .lists = start->lists };
	/* A lease that breaks says so by a signal. */
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	(void)setgroups(0, NULL);
	if (confine_vaulter() != ERR_OK ||
	    vault_open(start->dir, &v.vault) != ERR_OK)
		return 1;
	begin(&v);
	while (!v.stopping)
		turn(&v);
	decisions_free(&v.decisions);
	vault_close(&v.vault);
	return 0;
}
