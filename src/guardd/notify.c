/* SPDX-License-Identifier: Apache-2.0 */
/* notify: one datagram. */
#include "guardd/notify.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"

/* So often in the time after which the manager would act. */
enum { ALIVE_PARTS = 4 };

static void
notify(const char *text)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	AUTO_CLOSE int fd = -1;
	size_t n;

	if (path == NULL || (path[0] != '/' && path[0] != '@'))
		return;
	n = strlen(path);
	if (n >= sizeof(to.sun_path))
		return;
	memcpy(to.sun_path, path, n);
	if (path[0] == '@')
		to.sun_path[0] = '\0'; /* the abstract namespace */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd != -1)
		(void)sendto(fd, text, strlen(text), MSG_NOSIGNAL,
		    (const struct sockaddr *)(const void *)&to,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
}

void
notify_ready(void)
{
	char text[64];

	(void)snprintf(
	    text, sizeof(text), "READY=1\nMAINPID=%ld", (long)getpid());
	notify(text);
}

void
notify_stopping(void)
{
	notify("STOPPING=1");
}

void
notify_alive(void)
{
	static uint64_t next;
	const char *text = getenv("WATCHDOG_USEC");
	uint64_t us = text == NULL ? 0 : strtoull(text, NULL, 10);
	uint64_t now = clock_now();

	if (us == 0 || now < next)
		return;
	notify("WATCHDOG=1");
	next = now + us / ALIVE_PARTS * CLOCK_NS_PER_US;
}
