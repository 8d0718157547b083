/* SPDX-License-Identifier: Apache-2.0 */
/* store: two descriptors with names. */
#include "guardd/store.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "guardd/fds.h"
#include "guardd/notify.h"

#define NAME_BATON "ckptguard-baton"
#define NAME_GATE "ckptguard-gate"
/* It may finish what it is at. */
#define LEAVE_NS (5 * CLOCK_NS_PER_S)
/* It never waits for anything. */
#define ANSWER_NS (2 * CLOCK_NS_PER_S)

enum {
	FIRST = 3, /* of what a manager hands over: SD_LISTEN_FDS_START */
	TEXT_MAX = 128
};

static void
fd_close(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

/* Is it that name, up to its colon? */
static bool
name_is(const char *at, size_t n, const char *name)
{
	return n == strlen(name) && memcmp(at, name, n) == 0;
}

/* How many were handed to this very process; 0: none. */
static int
listen_count(void)
{
	const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");

	if (pid == NULL || n == NULL || strtol(pid, NULL, 10) != (long)getpid())
		return 0;
	return (int)strtol(n, NULL, 10);
}

void
store_take(struct store *out)
{
	const char *at = getenv("LISTEN_FDNAMES");
	int n = at == NULL ? 0 : listen_count();
	struct fds keep = { .count = 0 };

	*out = (struct store){ .baton = -1, .gate = -1, .until = UINT64_MAX };
	for (int fd = FIRST; fd < FIRST + n && at != NULL; fd++) {
		size_t size = strcspn(at, ":");
		int *to = name_is(at, size, NAME_BATON) ? &out->baton
		    : name_is(at, size, NAME_GATE)      ? &out->gate
							: NULL;

		/* The last of a name is the newest. */
		if (to != NULL && fcntl(fd, F_SETFD, FD_CLOEXEC) != -1)
			*to = fd;
		at = at[size] == '\0' ? NULL : at + size + 1;
	}
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
	fds_keep(&keep, out->baton);
	fds_keep(&keep, out->gate);
	fds_close_others(&keep);
}

static bool
give(const char *name, int fd)
{
	char text[TEXT_MAX];

	/* The end of another gate is no longer wanted; a process that is dead
	 * makes its pidfd readable, which is no reason to drop it. */
	(void)snprintf(text, sizeof(text), "FDSTOREREMOVE=1\nFDNAME=%s", name);
	(void)notify_with(text, -1);
	(void)snprintf(
	    text, sizeof(text), "FDSTORE=1\nFDNAME=%s\nFDPOLL=0", name);
	return notify_with(text, fd);
}

bool
store_give(int baton, int pidfd)
{
	return give(NAME_GATE, pidfd) && give(NAME_BATON, baton);
}

static void
say(struct store *s, char word, uint64_t wait)
{
	if (s->baton == -1)
		return;
	(void)send(s->baton, &word, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	s->until = clock_now() + wait;
}

void
store_ask(struct store *s)
{
	say(s, STORE_ASK, ANSWER_NS);
}

void
store_succeed(struct store *s)
{
	say(s, STORE_LEAVE, LEAVE_NS);
	s->leaving = true;
}

uint64_t
store_due(const struct store *s)
{
	return s->baton == -1 ? UINT64_MAX : s->until;
}

void
store_step(struct store *s)
{
	ssize_t n;
	bool late;
	char word;

	if (s->baton == -1 || s->until == UINT64_MAX)
		return;
	n = recv(s->baton, &word, 1, MSG_DONTWAIT);
	/* Its answer; when it was asked to leave, an earlier one. */
	if (n == 1 && !s->leaving)
		s->until = UINT64_MAX;
	late = clock_now() >= s->until;
	if (n != 0 && !late)
		return;
	/* Stopped, or stuck: it would keep openers waiting for ever. */
	if (late && s->gate != -1)
		(void)syscall(SYS_pidfd_send_signal, s->gate, SIGKILL, NULL, 0);
	fd_close(&s->baton);
	fd_close(&s->gate);
}
