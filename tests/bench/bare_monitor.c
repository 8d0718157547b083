/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bare_monitor: the least that a permission monitor can be, to compare with.
 *
 *	bare_monitor DIRECTORY
 *
 * Marks the filesystem of DIRECTORY, allows every open at once, and never
 * looks at anything.  Only for a filesystem made for the purpose.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/fanotify.h>
#include <unistd.h>

static void
answer_all(int group, const struct fanotify_event_metadata *e, ssize_t n)
{
	for (; FAN_EVENT_OK(e, n); e = FAN_EVENT_NEXT(e, n)) {
		struct fanotify_response allow = { .fd = e->fd,
			.response = FAN_ALLOW };

		if (e->fd < 0)
			continue;
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
	ssize_t n;

	if (argc != 2 || group == -1 ||
	    fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_FILESYSTEM,
		FAN_OPEN_PERM, AT_FDCWD, argv[1]) == -1) {
		perror("bare_monitor");
		return 1;
	}
	printf("ready\n");
	(void)fflush(stdout);
	while ((n = read(group, events, sizeof(events))) > 0)
		answer_all(group, (void *)events, n);
	return 0;
}
