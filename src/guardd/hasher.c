/* SPDX-License-Identifier: Apache-2.0 */
/* hasher: a few files, some megabytes of each in turn. */
#include "guardd/hasher.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdpass.h"
#include "digest/digest.h"
#include "guardd/channel.h"
#include "guardd/confine.h"
#include "sandbox/sandbox.h"

enum {
	JOBS_MAX = 16,             /* files at once; the others wait */
	TURN_BYTES = 4 << 20,      /* of one file, then the next has its turn */
	MEMORY = 32 * 1024 * 1024, /* bytes beyond what is mapped */
	DESCRIPTORS = JOBS_MAX + 16
};

struct job {
	int fd; /* -1: free */
	uint32_t seq;
	struct digest_sum sum;
};

struct hasher {
	struct job jobs[JOBS_MAX];
	unsigned count;
};

static enum err
settle(const struct hasher_start *start)
{
	struct sandbox_report report;
	int flags;
	enum err e;

	(void)setpriority(PRIO_PROCESS, 0, CONFINE_NICE_WAITED);
	/* It waits in recvmsg(2): nothing else is allowed. */
	flags = fcntl(start->gate, F_GETFL);
	if (flags == -1 ||
	    fcntl(start->gate, F_SETFL, flags & ~O_NONBLOCK) == -1 ||
	    (start->gate != SANDBOX_SOCKET &&
		dup3(start->gate, SANDBOX_SOCKET, O_CLOEXEC) == -1) ||
	    close_range(SANDBOX_SOCKET + 1, ~0U, 0) == -1)
		return ERR_SYS;
	if ((e = digest_ready()) != ERR_OK ||
	    (e = sandbox_prepare(SANDBOX_WORKER)) != ERR_OK ||
	    (e = sandbox_drop_to(start->uid, start->gid)) != ERR_OK ||
	    (e = sandbox_no_core()) != ERR_OK ||
	    (e = sandbox_limits(MEMORY, DESCRIPTORS)) != ERR_OK)
		return e;
	return sandbox_enter(SANDBOX_WORKER, true, &report);
}

/* False: the gate is gone. */
static bool
tell(uint32_t seq, enum err e, const struct digest *d)
{
	struct {
		struct msg head;
		struct digest digest;
	} packet = {
		.head = { .type = MSG_SUMMED,
		    .seq = seq,
		    .error = e == ERR_OK ? 0 : EIO,
		    .text = sizeof(packet.digest) },
	};

	if (e == ERR_OK)
		packet.digest = *d;
	return fdpass_send(SANDBOX_SOCKET, &packet,
		   sizeof(struct msg) + sizeof(struct digest), -1, 0) != -1;
}

static void
job_end(struct hasher *h, struct job *j)
{
	digest_sum_free(&j->sum);
	(void)close(j->fd);
	j->fd = -1;
	h->count--;
}

/* False: the gate is gone. */
static bool
job_begin(struct hasher *h, const struct msg *head, int fd)
{
	struct job *j = h->jobs;
	enum err e;

	while (j->fd != -1)
		j++;
	e = digest_begin(head->size, &j->sum);
	if (e != ERR_OK) {
		(void)close(fd);
		return tell(head->seq, e, NULL);
	}
	j->fd = fd;
	j->seq = head->seq;
	h->count++;
	return true;
}

/* Take what the gate sends; wait for it only when there is nothing to do.
 * False: it is gone. */
static bool
take(struct hasher *h)
{
	while (h->count < JOBS_MAX) {
		struct msg head;
		int fd = -1;
		ssize_t n = fdpass_recv(SANDBOX_SOCKET, &head, sizeof(head),
		    &fd, h->count == 0 ? 0 : MSG_DONTWAIT);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return true;
		if (n != (ssize_t)sizeof(head) || head.type != MSG_SUM ||
		    fd == -1 || !job_begin(h, &head, fd))
			return false;
	}
	return true;
}

/* Some of each. False: the gate is gone. */
static bool
turn(struct hasher *h)
{
	for (struct job *j = h->jobs; j < h->jobs + JOBS_MAX; j++) {
		struct digest d;
		bool done = false;
		enum err e;

		if (j->fd == -1)
			continue;
		e = digest_step(&j->sum, j->fd, TURN_BYTES, &done, &d);
		if (e == ERR_OK && !done)
			continue;
		job_end(h, j);
		if (!tell(j->seq, e, &d))
			return false;
	}
	return true;
}

int
hasher_run(const struct hasher_start *start)
{
	static struct hasher h;

	for (size_t i = 0; i < JOBS_MAX; i++)
		h.jobs[i].fd = -1;
	if (settle(start) != ERR_OK)
		return 1;
	while (take(&h) && turn(&h))
		continue;
	return 0;
}
