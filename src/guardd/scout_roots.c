/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scout_roots: what, inside which filesystem, is watched.
 *
 * A watch is a path as people know it.  What is found at that path now is a
 * root; so is the directory that was there at first, wherever it was moved
 * (known by its file handle, because an open descriptor would keep people from
 * unmounting it); so is everything that is mounted below.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fdpath.h"
#include "base/own.h"
#include "guardd/facts.h"
#include "guardd/scout_state.h"

uint32_t
site_find(const struct scout *s, uint64_t dev)
{
	uint32_t i = 0;

	while (i < GROUPS_MAX && s->sites[i].dev != dev)
		i++;
	return i;
}

int
site_open(const struct scout *s, uint32_t site, int flags)
{
	return open(s->sites[site].point, flags | O_CLOEXEC | O_NOFOLLOW);
}

/* The site of a mount's filesystem, a new one if need be: there is room. */
static uint32_t
site_of(struct scout *s, const struct mount *m)
{
	uint32_t i = site_find(s, m->dev);
	struct site *site;

	if (i == GROUPS_MAX)
		i = site_find(s, 0);
	site = &s->sites[i];
	if (site->dev == 0)
		*site = (struct site){
			.group = { .fd = -1 },
			.dev = m->dev,
			.renames = -1,
		};
	/* By its mount point: the root itself may get another name. */
	(void)snprintf(site->point, PATH_MAX, "%s", m->point);
	(void)snprintf(site->type, TYPE_MAX, "%s", m->type);
	return i;
}

/*
 * Opening a file of an overlay opens one of its layers, and so does the kernel
 * when it hands us an event of it: if both were guarded, the gate would wait
 * for itself.  So an overlay is guarded alone or not at all; where its layers
 * lie on a guarded filesystem its files are looked at there.
 */
static bool
stack_clash(const struct scout *s, const struct mount *m)
{
	bool stacked = fs_kind_of(m->type) == FS_STACKED;

	for (uint32_t i = 0; i < GROUPS_MAX; i++) {
		const struct site *site = &s->sites[i];

		if (site->dev != 0 && site->dev != m->dev &&
		    (stacked || fs_kind_of(site->type) == FS_STACKED))
			return true;
	}
	return false;
}

/* Why a mount can't be guarded; NULL: it can. */
static const char *
place_refused(const struct scout *s, const struct mount *m)
{
	enum fs_kind kind = fs_kind_of(m->type);

	if (kind != FS_GUARDED && kind != FS_STACKED)
		return "files there are not looked at";
	if (stack_clash(s, m))
		return "an overlay is guarded alone or not at all; its files "
		       "are looked at where its layers are guarded";
	if (s->place_count == PLACES_MAX)
		return "too many mounts lie below the watched directories";
	if (site_find(s, m->dev) == GROUPS_MAX && site_find(s, 0) == GROUPS_MAX)
		return "too many filesystems lie below the watched directories";
	return NULL;
}

/* The policy of the innermost watch that a path lies in, or that lay there. */
static uint32_t
policy_at(const struct scout *s, const char *path)
{
	uint32_t policy = 0;
	size_t depth = 0;

	for (size_t i = 0; i < s->start.watch_count; i++) {
		const struct watched *w = &s->watched[i];
		bool in = filter_below(w->path, path) ||
		    (w->now[0] != '\0' && filter_below(w->now, path));

		if (!in || strlen(w->path) < depth)
			continue;
		depth = strlen(w->path);
		policy = s->start.watch_policy[i];
	}
	return policy;
}

/* Add a root, or say why not: at the start that is the end; later on the rest
 * must go on. */
static enum err
place_add(struct scout *s, const struct mount *m, const char *inner,
    const char *point)
{
	const char *why = place_refused(s, m);
	struct place *p = &s->places[s->place_count];

	if (why == NULL &&
	    (strlen(inner) >= PATH_MAX || strlen(point) >= PATH_MAX))
		why = "its path is too long";
	if (why != NULL) {
		gap_add(s, point, m->type, why);
		return ERR_UNSUPPORTED;
	}
	p->site = site_of(s, m);
	(void)snprintf(p->path, sizeof(p->path), "%s", inner);
	(void)snprintf(p->point, sizeof(p->point), "%s", point);
	p->policy = policy_at(s, point);
	s->place_count++;
	return ERR_OK;
}

/* Remember which directory this is, whatever it will be called. */
static void
handle_take(struct watched *w, int fd)
{
	struct file_handle *h = (struct file_handle *)(void *)&w->handle;
	int mount;

	if (w->handled)
		return;
	h->handle_bytes = HANDLE_MAX;
	w->handled = name_to_handle_at(fd, "", h, &mount, AT_EMPTY_PATH) == 0;
}

/* Open the directory that w was at first; -1: it can't be found that way. */
static int
handle_open(const struct scout *s, struct watched *w)
{
	struct file_handle *h = (struct file_handle *)(void *)&w->handle;
	AUTO_CLOSE int at = -1;

	if (!w->handled || s->sites[w->site].dev == 0)
		return -1;
	at = site_open(s, w->site, O_RDONLY | O_DIRECTORY);
	return at == -1 ? -1 : open_by_handle_at(at, h, O_PATH | O_CLOEXEC);
}

/* Add an open directory as a root of w. */
static enum err
place_opened(struct scout *s, struct watched *w, int fd)
{
	const struct mount *m;
	char path[PATH_MAX], inner[FILTER_PATH_MAX];
	struct facts facts;

	if (!facts_of(fd, &facts) || !fd_path(fd, path))
		return ERR_OK; /* deleted: nothing is in it */
	m = mounts_find(&s->mounts, facts.mount);
	if (m == NULL || !filter_inner(m->root, m->point, path, inner))
		return ERR_OK; /* mounted since the table was read: again */
	if (place_add(s, m, inner, path) != ERR_OK)
		return s->ready
		    ? ERR_OK
		    : scout_fail(s, ERR_UNSUPPORTED, "cannot guard %s", s->gap);
	handle_take(w, fd);
	w->site = s->places[s->place_count - 1].site;
	w->mount = m->id;
	(void)snprintf(w->inner, sizeof(w->inner), "%s",
	    s->places[s->place_count - 1].path);
	return ERR_OK;
}

/* Nothing is at the watch's path.  Who makes a directory there again means it
 * to be watched. */
static void
watch_missing(struct scout *s, const struct watched *w)
{
	const struct mount *m = mounts_find(&s->mounts, w->mount);

	if (m != NULL && w->inner[0] != '\0')
		(void)!place_add(s, m, w->inner, w->path);
}

/* What lies at the watch's path, and where its first directory went. */
static enum err
watch_places(struct scout *s, struct watched *w)
{
	AUTO_CLOSE int here =
	    open(w->path, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	AUTO_CLOSE int first = -1;
	enum err e;

	if (here == -1 && !s->ready)
		return scout_fail(
		    s, ERR_SYS, "%s: %s", w->path, strerror(errno));
	if (here == -1)
		watch_missing(s, w);
	else if ((e = place_opened(s, w, here)) != ERR_OK)
		return e;
	first = handle_open(s, w);
	w->now[0] = '\0';
	if (first == -1 || !fd_path(first, w->now) ||
	    strcmp(w->now, w->path) == 0)
		return ERR_OK;
	return place_opened(s, w, first);
}

static bool
below_a_watch(const struct scout *s, const char *point)
{
	for (size_t i = 0; i < s->start.watch_count; i++) {
		const struct watched *w = &s->watched[i];

		if (filter_below(w->path, point) ||
		    (w->now[0] != '\0' && filter_below(w->now, point)))
			return true;
	}
	return false;
}

/* What is mounted below the watches, as far as it can be guarded. */
static void
mount_places(struct scout *s)
{
	for (size_t i = 0; i < s->mounts.count; i++) {
		const struct mount *m = &s->mounts.rows[i];

		if (m->id != 0 && fs_kind_of(m->type) != FS_KERNEL &&
		    below_a_watch(s, m->point))
			(void)!place_add(s, m, m->root, m->point);
	}
}

enum err
roots_find(struct scout *s)
{
	enum err e = ERR_OK;

	s->place_count = 0;
	buf_clear(&s->gaps);
	for (size_t i = 0; i < s->start.watch_count && e == ERR_OK; i++)
		e = watch_places(s, &s->watched[i]);
	if (e != ERR_OK)
		return e;
	mount_places(s);
	return ERR_OK;
}

bool
roots_moved(struct scout *s)
{
	for (size_t i = 0; i < s->start.watch_count; i++) {
		struct watched *w = &s->watched[i];
		AUTO_CLOSE int first = handle_open(s, w);
		char now[PATH_MAX];

		if (first == -1 || !fd_path(first, now))
			continue;
		if (strcmp(now, w->now) != 0)
			return true;
	}
	return false;
}
