/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask_vault: questions that the vaulter answers.
 *
 * They run on the lane of their own, which passes them on and waits; who asks
 * goes along, as the kernel said it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/own.h"
#include "guardd/recorder_state.h"
#include "guardd/vaulter_state.h"

enum { LOOK_MS = 200 }; /* how often to see whether anybody still waits */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int vaulter = -1; /* where it answers; under lock */

void
ask_vault_take(int fd)
{
	(void)pthread_mutex_lock(&lock);
	if (vaulter != -1)
		(void)close(vaulter);
	vaulter = fd;
	(void)pthread_mutex_unlock(&lock);
}

/* A descriptor of our own, whatever becomes of the other. */
static int
vaulter_dup(void)
{
	int fd;

	(void)pthread_mutex_lock(&lock);
	fd = vaulter == -1 ? -1 : fcntl(vaulter, F_DUPFD_CLOEXEC, 3);
	(void)pthread_mutex_unlock(&lock);
	return fd;
}

static bool
question_send(int fd, const struct ask *ask, uint32_t seq)
{
	static struct {
		struct vaulter_packet head;
		char line[TALK_QUESTION_MAX];
	} packet; /* one lane, one question */
	size_t n = strlen(ask->line);

	if (n > sizeof(packet.line))
		return false;
	packet.head = (struct vaulter_packet){ .seq = seq, .by = ask->by };
	memcpy(packet.line, ask->line, n);
	return send(fd, &packet, sizeof(packet.head) + n,
		   MSG_NOSIGNAL | MSG_DONTWAIT) != -1;
}

/* The next packet of an answer; false: the vaulter is gone, or nobody wants to
 * know any more. */
static bool
packet_wait(int fd, struct ask *ask, void *data, size_t size, ssize_t *n)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (!ask_cancelled(ask)) {
		if (poll(&p, 1, LOOK_MS) == 0)
			continue;
		*n = recv(fd, data, size, MSG_DONTWAIT);
		if (*n == -1 && (errno == EAGAIN || errno == EINTR))
			continue;
		return *n >= (ssize_t)sizeof(struct vaulter_packet);
	}
	return false;
}

static bool
answer_take(int fd, struct ask *ask, uint32_t seq)
{
	static struct {
		struct vaulter_packet head;
		uint8_t bytes[VAULTER_CHUNK];
	} packet;
	ssize_t n = 0;

	for (;;) {
		if (!packet_wait(fd, ask, &packet, sizeof(packet), &n))
			return false;
		/* One that nobody waited for. */
		if (packet.head.seq != seq)
			continue;
		if (buf_add(&ask->out, packet.bytes,
			(size_t)n - sizeof(packet.head)) != ERR_OK)
			return false;
		if (packet.head.more == 0)
			return ask->out.size != 0;
	}
}

static void
pass_on(struct ask *ask)
{
	static uint32_t seq;
	AUTO_CLOSE int fd = vaulter_dup();

	if (fd == -1 || !question_send(fd, ask, ++seq)) {
		ask_fail(ask, ASK_BUSY,
		    "the vault is not there at the moment: try again");
		return;
	}
	if (answer_take(fd, ask, seq)) {
		ask->done = true;
		return;
	}
	buf_clear(&ask->out);
	ask_fail(ask, ASK_FAILED,
	    "the vault did not answer; what was begun is ended or taken back");
}

void
ask_allow(struct ask *ask)
{
	pass_on(ask);
}

void
ask_decisions(struct ask *ask)
{
	pass_on(ask);
}

void
ask_deny(struct ask *ask)
{
	pass_on(ask);
}

void
ask_forget(struct ask *ask)
{
	pass_on(ask);
}

void
ask_quarantine_delete(struct ask *ask)
{
	pass_on(ask);
}

void
ask_quarantine_export(struct ask *ask)
{
	pass_on(ask);
}

void
ask_quarantine_list(struct ask *ask)
{
	pass_on(ask);
}

void
ask_quarantine_restore(struct ask *ask)
{
	pass_on(ask);
}

void
ask_quarantine_show(struct ask *ask)
{
	pass_on(ask);
}
