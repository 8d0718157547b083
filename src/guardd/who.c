/* SPDX-License-Identifier: Apache-2.0 */
/* who: /proc and the user database. */
#include "guardd/who.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"

enum {
	STATUS_MAX = 4096,
	PASSWD_MAX = 4096,
	CONTAINER_ID = 64,
	STAT_PARENT = 2, /* fields behind the name in a stat file */
	STAT_TTY = 5
};

/* The first bytes of a small file, as a string; "" when it can't be read. */
static void
slurp(int dir, const char *name, char *out, size_t n)
{
	AUTO_CLOSE int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd == -1 ? -1 : read(fd, out, n - 1);

	out[got < 0 ? 0 : got] = '\0';
}

static bool
is_id(const char *s, size_t n)
{
	return n == CONTAINER_ID && strspn(s, "0123456789abcdef") >= n;
}

/* One component of a control group's path, if it names a container. */
static bool
component(const char *s, size_t n, char out[WHO_CONTAINER_MAX])
{
	static const char *const before[] = { "docker-", "libpod-",
		"cri-containerd-", "crio-", "lxc.payload.", "machine-" };
	static const char scope[] = ".scope";
	size_t end = sizeof(scope) - 1;

	if (n > end && memcmp(s + n - end, scope, end) == 0)
		n -= end;
	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		size_t skip = strlen(before[i]);

		if (n <= skip || memcmp(s, before[i], skip) != 0)
			continue;
		(void)snprintf(
		    out, WHO_CONTAINER_MAX, "%.*s", (int)(n - skip), s + skip);
		return true;
	}
	if (!is_id(s, n))
		return false;
	(void)snprintf(out, WHO_CONTAINER_MAX, "%.*s", (int)n, s);
	return true;
}

/* The innermost counts: a container may run others. */
void
who_container(const char *cgroup, char out[WHO_CONTAINER_MAX])
{
	out[0] = '\0';
	for (const char *at = cgroup; *at != '\0';) {
		size_t n = strcspn(at, "/\n");

		(void)component(at, n, out);
		at += n + (at[n] != '\0');
	}
}

/* "pid (name) state parent group session terminal": the name may hold
 * anything, a bracket too. */
static long
stat_field(const char *stat, int field)
{
	const char *at = strrchr(stat, ')');

	for (int i = 0; at != NULL && i < field; i++) {
		at = strchr(at, ' ');
		at = at == NULL ? NULL : at + 1;
	}
	return at == NULL ? 0 : strtol(at, NULL, 10);
}

pid_t
who_parent(pid_t pid)
{
	char name[64], stat[STATUS_MAX];

	(void)snprintf(name, sizeof(name), "/proc/%d/stat", (int)pid);
	slurp(AT_FDCWD, name, stat, sizeof(stat));
	return (pid_t)stat_field(stat, STAT_PARENT);
}

void
who_look(pid_t pid, struct who *out)
{
	char path[32], status[STATUS_MAX], *uid;
	struct who w = { .pid = pid };
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	AUTO_CLOSE int dir =
	    pid <= 0 ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir != -1) {
		slurp(dir, "comm", w.comm, sizeof(w.comm));
		w.comm[strcspn(w.comm, "\n")] = '\0';
		n = readlinkat(dir, "exe", w.exe, sizeof(w.exe) - 1);
		w.exe[n < 0 ? 0 : n] = '\0';
		slurp(dir, "status", status, sizeof(status));
		if ((uid = strstr(status, "\nUid:")) != NULL) {
			w.uid = (uid_t)strtoul(uid + 5, NULL, 10);
			w.known = true;
		}
		slurp(dir, "stat", status, sizeof(status));
		w.tty = (uint32_t)stat_field(status, STAT_TTY);
		slurp(dir, "cgroup", status, sizeof(status));
		who_container(status, w.container);
	}
	*out = w;
}

void
who_name(struct who *w)
{
	struct passwd entry, *found = NULL;
	char room[PASSWD_MAX];

	if (!w->known)
		return;
	if (getpwuid_r(w->uid, &entry, room, sizeof(room), &found) != 0 ||
	    found == NULL)
		(void)snprintf(
		    w->user, sizeof(w->user), "%lu", (unsigned long)w->uid);
	else
		(void)snprintf(w->user, sizeof(w->user), "%s", found->pw_name);
}
