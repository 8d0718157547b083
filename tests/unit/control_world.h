/* SPDX-License-Identifier: Apache-2.0 */
/* control_world: a control socket of the test's own, with commands that do
 * what a test needs, clients of any user, and a clock that stands still. */
#ifndef TESTS_UNIT_CONTROL_WORLD_H
#define TESTS_UNIT_CONTROL_WORLD_H

#include "unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "guardd/control.h"

static struct control control;
static char dir[] = "/tmp/control-XXXXXX", path[64];
static uint64_t now = 1000 * CLOCK_NS_PER_S;

static uint64_t
fake_clock(void)
{
	return now;
}

static void
answer_echo(struct ask *ask)
{
	char text[64];

	if (!ask_text(ask, "text", text, sizeof(text)))
		ask_fail(ask, ASK_WRONG, "echo wants a text");
	else if (ask_item(ask, "item", "1"))
		ask_ok(ask, "");
}

static void
answer_admin(struct ask *ask)
{
	ask_ok(ask, "");
}

static void
answer_follow(struct ask *ask)
{
	ask->follows = true;
	ask_ok(ask, "");
}

static void
answer_slow(struct ask *ask)
{
	ask_ok(ask, "\"slow\":true");
}

static void
answer_silent(struct ask *ask)
{
	(void)ask_item(ask, "item", "1");
}

static void
answer_wait(struct ask *ask)
{
	ask->waits = true;
}

static void
answer_endless(struct ask *ask)
{
	while (ask_item(ask, "item", "\"0123456789abcdef0123456789abcdef\""))
		;
	ask_ok(ask, "");
}

static const struct ask_row rows[] = {
	{ "echo", ASK_ANYBODY, LANE_NOW, answer_echo, "" },
	{ "admin", ASK_ADMIN, LANE_NOW, answer_admin, "" },
	{ "follow", ASK_OWN, LANE_NOW, answer_follow, "" },
	{ "slow", ASK_ANYBODY, LANE_HISTORY, answer_slow, "" },
	{ "silent", ASK_ANYBODY, LANE_VAULT, answer_silent, "" },
	{ "wait", ASK_ANYBODY, LANE_NOW, answer_wait, "" },
	{ "endless", ASK_ANYBODY, LANE_HISTORY, answer_endless, "" },
};

static int
begin(void **state)
{
	int listener = -1;

	(void)state;
	if (getuid() != 0)
		return 0;
	clock_replace(fake_clock);
	if (mkdtemp(dir) == NULL || chmod(dir, 0755) == -1)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/s", dir);
	if (control_listen(path, &listener) != ERR_OK)
		return -1;
	return control_begin(&control, listener, rows, COUNT(rows), NULL) ==
		ERR_OK
	    ? 0
	    : -1;
}

static int
end(void **state)
{
	(void)state;
	if (getuid() != 0)
		return 0;
	control_end(&control);
	(void)close(control.listener);
	(void)unlink(path);
	(void)rmdir(dir);
	(void)strcpy(dir, "/tmp/control-XXXXXX");
	clock_replace(NULL);
	return 0;
}

/* Who isn't root can't be root's directory. */
#define NEED_ROOT() \
	do { \
		if (getuid() != 0) { \
			print_message("skipped: needs root\n"); \
			skip(); \
		} \
	} while (0)

static void
turns(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct pollfd p[CONTROL_POLLS];

		control_poll(&control, p);
		(void)poll(p, CONTROL_POLLS, 0);
		control_step(&control, p);
	}
}

/* Connect as a user. */
static int
join(uid_t uid)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(at.sun_path, path, strlen(path) + 1);
	assert_int_equal(seteuid(uid), 0);
	assert_int_equal(
	    connect(fd, (struct sockaddr *)(void *)&at, sizeof(at)), 0);
	assert_int_equal(seteuid(0), 0);
	turns(1);
	return fd;
}

static void
say(int fd, const char *text)
{
	assert_int_equal(
	    send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* All that comes within some turns. */
static const char *
hear(int fd)
{
	static char got[64 * 1024];
	size_t used = 0;
	ssize_t n;

	for (int i = 0; i < 200 && memchr(got, '\n', used) == NULL; i++) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		turns(2);
		if (poll(&p, 1, 5) != 1)
			continue;
		n = recv(fd, got + used, sizeof(got) - 1 - used, MSG_DONTWAIT);
		if (n == 0)
			break;
		used += n > 0 ? (size_t)n : 0;
	}
	got[used] = '\0';
	return got;
}

static void
ask(int fd, const char *question, const char *want)
{
	const char *got;

	say(fd, question);
	got = hear(fd);
	if (strstr(got, want) == NULL)
		fail_msg("%s: %s, not %s", question, got, want);
}

static bool
hung_up(int fd)
{
	char byte;

	turns(3);
	return recv(fd, &byte, 1, MSG_DONTWAIT) == 0 || errno == ECONNRESET;
}

#endif /* TESTS_UNIT_CONTROL_WORLD_H */
