/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bare_monitor: the least that a permission monitor can be, to compare with.
 *
 *	bare_monitor DIRECTORY
 *	bare_monitor --ask DIRECTORY
 *
 * Marks the filesystem of DIRECTORY, allows every open at once, and never
 * looks at anything.  With --ask it gives each file to another process first,
 * which reads a page of it and says a word: what any guard costs that does not
 * read hostile files itself.  Only for a filesystem made for the purpose.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdpass.h"

enum { PAGE = 4096 };

static int asked = -1; /* the other process */

/* The other process: a descriptor in, a byte of its file out. */
static int
look(int sock)
{
	char page[PAGE], word;
	int fd;

	while (fdpass_recv(sock, &word, 1, &fd, 0) == 1 && fd != -1) {
		ssize_t n = pread(fd, page, sizeof(page), 0);

		if (n <= 0)
			page[0] = 0;
		if (write(sock, page, 1) != 1)
			return 1;
		(void)close(fd);
	}
	return 0;
}

static int
look_start(void)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		return -1;
	switch (fork()) {
	case -1:
		return -1;
	case 0:
		(void)close(pair[1]);
		_exit(look(pair[0]));
	default:
		(void)close(pair[0]);
		return pair[1];
	}
}

static void
ask(int fd)
{
	char word = 0;

	if (fdpass_send(asked, &word, 1, fd, 0) != 1 ||
	    read(asked, &word, 1) != 1)
		perror("bare_monitor: ask");
}

static void
answer_all(int group, const struct fanotify_event_metadata *e, ssize_t n)
{
	for (; FAN_EVENT_OK(e, n); e = FAN_EVENT_NEXT(e, n)) {
		struct fanotify_response allow = { .fd = e->fd,
			.response = FAN_ALLOW };

		if (e->fd < 0)
			continue;
		if (asked != -1)
			ask(e->fd);
		if (write(group, &allow, sizeof(allow)) != sizeof(allow))
			perror("bare_monitor: write");
		(void)close(e->fd);
	}
}

int
main(int argc, char **argv)
{
	int group = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC |
		FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS,
	    O_RDONLY | O_CLOEXEC | O_LARGEFILE);
	_Alignas(struct fanotify_event_metadata) char events[4096];
	bool asks = argc == 3 && strcmp(argv[1], "--ask") == 0;
	ssize_t n;

	if ((argc != 2 && !asks) || group == -1 ||
	    (asks && (asked = look_start()) == -1) ||
	    fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_FILESYSTEM,
		FAN_OPEN_PERM, AT_FDCWD, argv[argc - 1]) == -1) {
		perror("bare_monitor");
		return 1;
	}
	printf("ready\n");
	(void)fflush(stdout);
	while ((n = read(group, events, sizeof(events))) > 0)
		answer_all(group, (void *)events, n);
	return 0;
}
