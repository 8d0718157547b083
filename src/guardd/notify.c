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
#include "base/fdpass.h"
#include "base/own.h"

/* So often in the time after which the manager would act. */
enum { ALIVE_PARTS = 4 };

/* Where to, and how long that is; 0: nobody asked. */
static socklen_t
address(struct sockaddr_un *to)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t n;

	if (path == NULL || (path[0] != '/' && path[0] != '@'))
		return 0;
	n = strlen(path);
	if (n >= sizeof(to->sun_path))
		return 0;
	memcpy(to->sun_path, path, n);
	if (path[0] == '@')
		to->sun_path[0] = '\0'; /* the abstract namespace */
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

bool
notify_with(const char *text, int fd)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	AUTO_CLOSE int sock = -1;
	socklen_t n = address(&to);

	if (n == 0)
		return false;
	sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return sock != -1 &&
	    connect(sock, (const struct sockaddr *)(const void *)&to, n) == 0 &&
	    fdpass_send(sock, text, strlen(text), fd, MSG_DONTWAIT) ==
	    (ssize_t)strlen(text);
}

void
notify_ready(void)
{
	char text[64];

	(void)snprintf(
	    text, sizeof(text), "READY=1\nMAINPID=%ld", (long)getpid());
	(void)notify_with(text, -1);
}

void
notify_stopping(void)
{
	(void)notify_with("STOPPING=1", -1);
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
	(void)notify_with("WATCHDOG=1", -1);
	next = now + us / ALIVE_PARTS * CLOCK_NS_PER_US;
}
