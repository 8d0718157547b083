/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree: a table of paths by inotify's numbers.
 *
 * A directory that leaves takes its watches along: they are removed when it
 * does, or what happens elsewhere would be told under its old name.
 */
#include "config.h"

#include "cli/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/own.h"

enum {
	WATCHES_MAX = 4 * 1024 * 1024, /* the numbers grow and are not reused */
	EVENTS_BYTES = 64 * 1024,
	PATH_BYTES = 256 * 1024,
	PROC_PATH = 64,
	EVENTS = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE |
	    IN_DELETE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW,
};

enum err
tree_new(struct tree *out)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd == -1)
		return ERR_SYS;
	*out = (struct tree){ .fd = fd,
		.paths = buf_new(WATCHES_MAX * sizeof(char *)) };
	return ERR_OK;
}

static char **
slot_of(const struct tree *t, int wd)
{
	char **slots = (char **)(void *)t->paths.data;

	return wd < 0 || (size_t)wd >= t->paths.size / sizeof(*slots)
	    ? NULL
	    : &slots[wd];
}

void
tree_free(struct tree *t)
{
	size_t n;

	if (t == NULL || t->fd == -1)
		return;
	n = t->paths.size / sizeof(char *);
	for (size_t i = 0; i < n; i++)
		free(*slot_of(t, (int)i));
	buf_free(&t->paths);
	(void)close(t->fd);
	t->fd = -1;
}

static enum err
slot_make(struct tree *t, int wd)
{
	size_t want = ((size_t)wd + 1) * sizeof(char *);
	enum err e = ERR_OK;
	char *none = NULL;

	while (t->paths.size < want && e == ERR_OK)
		e = buf_add(&t->paths, &none, sizeof(none));
	return e;
}

static void
slot_clear(struct tree *t, int wd)
{
	char **slot = slot_of(t, wd);

	if (slot == NULL || *slot == NULL)
		return;
	free(*slot);
	*slot = NULL;
	t->count--;
}

enum err
tree_add(struct tree *t, int dir, const char *path)
{
	AUTO_FREE char *own = strdup(path);
	char proc[PROC_PATH];
	int wd;

	if (own == NULL)
		return ERR_NOMEM;
	/* By its descriptor: the name may be another's by now. */
	(void)snprintf(proc, sizeof(proc), "/proc/self/fd/%d/.", dir);
	wd = inotify_add_watch(t->fd, proc, EVENTS);
	if (wd == -1) {
		t->refused++;
		return ERR_SYS;
	}
	if (slot_make(t, wd) != ERR_OK)
		return ERR_NOMEM;
	slot_clear(t, wd);
	*slot_of(t, wd) = STEAL_PTR(own);
	t->count++;
	return ERR_OK;
}

/* Is path the folder, or in it? */
static bool
is_below(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return strncmp(path, folder, n) == 0 &&
	    (path[n] == '\0' || path[n] == '/');
}

/* A directory left: forget all that is in it. */
static void
tree_forget(struct tree *t, const char *folder)
{
	size_t n = t->paths.size / sizeof(char *);

	for (size_t i = 0; i < n; i++) {
		const char *path = *slot_of(t, (int)i);

		if (path == NULL || !is_below(path, folder))
			continue;
		(void)inotify_rm_watch(t->fd, (int)i);
		slot_clear(t, (int)i);
	}
}

static void
tree_event(struct tree *t, const struct inotify_event *ev, const char *name,
    tree_fn *fn, void *context)
{
	AUTO(buf) struct buf path = buf_new(PATH_BYTES);
	char **slot = slot_of(t, ev->wd);
	bool folder = (ev->mask & IN_ISDIR) != 0;

	if ((ev->mask & IN_Q_OVERFLOW) != 0) {
		fn(context, TREE_LOST, "");
		return;
	}
	if (slot == NULL || *slot == NULL)
		return;
	if ((ev->mask & (IN_DELETE_SELF | IN_UNMOUNT)) != 0) {
		fn(context, TREE_GONE, *slot);
		return;
	}
	if ((ev->mask & IN_IGNORED) != 0) {
		slot_clear(t, ev->wd);
		return;
	}
	if (name[0] == '\0' || buf_puts(&path, *slot) != ERR_OK ||
	    buf_puts(&path, strcmp(*slot, "/") == 0 ? "" : "/") != ERR_OK ||
	    buf_puts(&path, name) != ERR_OK)
		return;
	if ((ev->mask & IN_MOVED_FROM) != 0) {
		if (folder)
			tree_forget(t, buf_text(&path));
		return;
	}
	if (folder)
		fn(context, TREE_FOLDER, buf_text(&path));
	else
		fn(context, (ev->mask & IN_CREATE) != 0 ? TREE_MADE : TREE_FILE,
		    buf_text(&path));
}

enum err
tree_read(struct tree *t, tree_fn *fn, void *context)
{
	AUTO_FREE char *block = malloc(EVENTS_BYTES);
	ssize_t n;

	if (block == NULL)
		return ERR_NOMEM;
	n = read(t->fd, block, EVENTS_BYTES);
	if (n == -1)
		return errno == EAGAIN || errno == EINTR ? ERR_OK : ERR_SYS;
	for (size_t at = 0; at + sizeof(struct inotify_event) <= (size_t)n;) {
		struct inotify_event ev;
		const char *name;

		memcpy(&ev, block + at, sizeof(ev));
		at += sizeof(ev);
		name = ev.len == 0 ? "" : block + at;
		at += ev.len;
		tree_event(t, &ev, name, fn, context);
	}
	return ERR_OK;
}

/* A number that the kernel shows in a file; 0: it does not. */
static unsigned long
proc_number(const char *path)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[32] = "";

	if (fd == -1 || read(fd, text, sizeof(text) - 1) <= 0)
		return 0;
	return strtoul(text, NULL, 10);
}

const char *
tree_why(int error, char *text, size_t size)
{
	static const char watches[] = "/proc/sys/fs/inotify/max_user_watches";
	static const char instances[] =
	    "/proc/sys/fs/inotify/max_user_instances";

	switch (error) {
	case ENOSPC:
		(void)snprintf(text, size,
		    "the limit of watched directories of this user, %lu, is"
		    " reached: raise it (sysctl fs.inotify.max_user_watches=N),"
		    " or watch fewer directories",
		    proc_number(watches));
		return text;
	case EMFILE:
		(void)snprintf(text, size,
		    "the limit of inotify instances of this user, %lu, is"
		    " reached: end other programs that watch files, or raise it"
		    " (sysctl fs.inotify.max_user_instances=N)",
		    proc_number(instances));
		return text;
	default:
		return strerror(error);
	}
}
