/* SPDX-License-Identifier: Apache-2.0 */
/* prepare: rights, kernel, watches, state, worker. */
#include "guardd/prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "guardd/control.h"
#include "guardd/facts.h"
#include "guardd/fan.h"
#include "guardd/mounts.h"

#define STATE_DEFAULT "/var/lib/ckptguard"
#define WORKER_USER "ckptguard"
#define WORKER_USER_ELSE "nobody"

enum {
	NOBODY = 65534, /* where there is no user of that name */
	WORKERS_MIN = 8,
	WORKERS_MAX = 64,
	WORKERS_PER_CPU = 4
};

static enum err __attribute__((format(printf, 2, 3)))
wrong(struct prepared *p, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(p->why, sizeof(p->why), format, ap);
	va_end(ap);
	return ERR_USAGE;
}

/* May we, and can the kernel? */
static enum err
prepare_kernel(struct prepared *p)
{
	struct fan_features features;
	AUTO_CLOSE int group = -1;

	if (geteuid() != 0)
		return wrong(p, "must be started as root: try sudo");
	if (fan_open(&group, &features) == ERR_OK)
		return ERR_OK;
	if (errno == EPERM)
		return wrong(p,
		    "is not allowed to watch filesystems: root without "
		    "CAP_SYS_ADMIN, as in most containers; start it outside");
	if (errno == EMFILE)
		return wrong(p,
		    "too many fanotify groups: raise "
		    "/proc/sys/fs/fanotify/max_user_groups");
	return wrong(p,
	    "this kernel cannot hold opens up for a verdict: Linux 5.15 or "
	    "later with CONFIG_FANOTIFY_ACCESS_PERMISSIONS is needed (%s)",
	    strerror(errno));
}

/* Can what dir lies on be guarded? */
static enum err
watch_check(struct prepared *p, const struct mounts *m, const char *dir)
{
	AUTO_CLOSE int fd = open(dir, O_PATH | O_CLOEXEC);
	const struct mount *on;
	struct facts facts;

	if (fd == -1 || !facts_of(fd, &facts))
		return wrong(p, "%s: %s", dir, strerror(errno));
	if (!facts.directory)
		return wrong(p,
		    "%s is not a directory; name the directory that it is in",
		    dir);
	on = mounts_find(m, facts.mount);
	if (on == NULL)
		return wrong(p, "%s: its mount is not in the mount table", dir);
	switch (fs_kind_of(on->type)) {
	case FS_GUARDED:
	case FS_STACKED:
		return ERR_OK;
	case FS_KERNEL:
		return wrong(p,
		    "%s is on %s, where the kernel has no files of users and "
		    "nothing to guard",
		    dir, on->type);
	case FS_REMOTE:
		return wrong(p,
		    "%s is on %s: opens of files that a server provides are "
		    "not guarded; guard them on the server",
		    dir, on->type);
	case FS_OTHER:
		break;
	}
	return wrong(p,
	    "%s is on %s, a filesystem that nobody has tried to guard", dir,
	    on->type);
}

static bool
watch_known(const struct prepared *p, const char *dir)
{
	for (size_t i = 0; i < p->watch_count; i++)
		if (strcmp(p->watch[i], dir) == 0)
			return true;
	return false;
}

/* A directory that is there is added, if it can be guarded. */
static enum err
watch_add(struct prepared *p, const struct mounts *m, const char *path)
{
	AUTO_FREE char *dir = realpath(path, NULL);
	enum err e;

	if (dir == NULL)
		return wrong(p, "%s: %s", path, strerror(errno));
	if ((e = watch_check(p, m, dir)) != ERR_OK || watch_known(p, dir))
		return e;
	if (p->watch_count == OPTIONS_WATCH_MAX)
		return wrong(p,
		    "more than %d directories are to be watched: watch what "
		    "they lie in instead of %s",
		    OPTIONS_WATCH_MAX, path);
	p->watch[p->watch_count++] = STEAL_PTR(dir);
	return ERR_OK;
}

/*
 * Whatever a pattern finds.  What it finds is for users to make: a symbolic
 * link there must not have us watch something else, and a file there must not
 * stop the guard.
 */
static enum err
watch_pattern(struct prepared *p, const struct mounts *m, const char *pattern)
{
	enum err e = ERR_OK;
	glob_t found;

	if (glob(pattern, GLOB_ONLYDIR, NULL, &found) != 0)
		return ERR_OK;
	for (size_t i = 0; i < found.gl_pathc && e == ERR_OK; i++) {
		AUTO_FREE char *dir = realpath(found.gl_pathv[i], NULL);

		if (dir == NULL || strcmp(dir, found.gl_pathv[i]) != 0 ||
		    watch_check(p, m, dir) != ERR_OK)
			continue;
		e = watch_add(p, m, dir);
	}
	globfree(&found);
	return e;
}

enum err
prepare_watches(const struct options *o, struct prepared *p)
{
	struct mounts m = { 0 };
	enum err e = mounts_read(&m);

	if (e != ERR_OK)
		return wrong(
		    p, "the mount table cannot be read: %s", err_text(e));
	for (size_t i = 0; i < o->watch_count && e == ERR_OK; i++) {
		size_t before = p->watch_count;
		bool pattern = (o->given & GIVEN_WATCH) == 0 &&
		    strpbrk(o->watch[i], "*?[") != NULL;

		e = pattern ? watch_pattern(p, &m, o->watch[i])
			    : watch_add(p, &m, o->watch[i]);
		for (size_t k = before; k < p->watch_count; k++)
			p->watch_policy[k] = o->watch_policy[i];
	}
	mounts_free(&m);
	if (e == ERR_OK && p->watch_count == 0)
		return wrong(p,
		    "nothing to guard: no directory that the configuration "
		    "watches is there");
	return e;
}

/* The directory for log and state. */
static enum err
state_make(const struct options *o, struct prepared *p)
{
	const char *dir = o->state_dir;

	if (dir == NULL && o->foreground) {
		(void)snprintf(
		    p->state, sizeof(p->state), "/run/ckptguard-XXXXXX");
		if (mkdtemp(p->state) == NULL) {
			(void)snprintf(p->state, sizeof(p->state),
			    "/tmp/ckptguard-XXXXXX");
			if (mkdtemp(p->state) == NULL)
				return wrong(p, "/tmp: %s", strerror(errno));
		}
		p->state_ours = true;
		return ERR_OK;
	}
	if (dir == NULL)
		dir = STATE_DEFAULT;
	if (snprintf(p->state, sizeof(p->state), "%s", dir) >=
	    (int)sizeof(p->state))
		return wrong(p, "--state-dir: the path is too long");
	if (mkdir(p->state, 0700) == -1 && errno != EEXIST)
		return wrong(p, "%s: %s", p->state, strerror(errno));
	return ERR_OK;
}

static enum err
prepare_state(const struct options *o, struct prepared *p)
{
	AUTO_CLOSE int dir = -1;
	struct stat st;
	enum err e;

	if ((e = state_make(o, p)) != ERR_OK)
		return e;
	dir = open(p->state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir == -1 || fstat(dir, &st) == -1)
		return wrong(p, "%s: %s", p->state, strerror(errno));
	/* Who may rename in it could have us append to any file of root's. */
	if (st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return wrong(p,
		    "%s must belong to root and be writable by nobody else: "
		    "chown root it and chmod go-w it",
		    p->state);
	if (journal_open(dir, &p->journal) != ERR_OK)
		return wrong(p,
		    errno == EWOULDBLOCK ? "%s is used by another ckptguardd"
					 : "%s: the log cannot be written",
		    p->state);
	(void)steal_fd(&dir); /* the journal's, for as long as we live */
	return ERR_OK;
}

/* The worker and its rules are where they should be. */
static enum err
prepare_worker(struct prepared *p)
{
	const char *rules = p->paths.rules, *imports = p->paths.imports;

	if (paths_find(&p->paths) != ERR_OK)
		return wrong(p, "its own program file cannot be found");
	if (access(p->paths.worker, X_OK) == -1)
		return wrong(p, "%s: %s; is ckptguard installed whole?",
		    p->paths.worker, strerror(errno));
	if (access(rules, R_OK | X_OK) == -1)
		return wrong(p, "%s: %s; the rules belong there", rules,
		    strerror(errno));
	if (access(imports, R_OK | X_OK) == -1)
		return wrong(p, "%s: %s; the import policies belong there",
		    imports, strerror(errno));
	return ERR_OK;
}

static enum err
prepare_control(const struct options *o, struct prepared *p)
{
	p->control = -1;
	if (o->socket == NULL ||
	    control_listen(o->socket, &p->control) == ERR_OK)
		return ERR_OK;
	if (errno == EPERM)
		return wrong(p,
		    "--socket %s: its directory must belong to root and be "
		    "writable by nobody else",
		    o->socket);
	if (errno == EADDRINUSE)
		return wrong(p, "--socket %s: another ckptguardd answers there",
		    o->socket);
	return wrong(p, "--socket %s: %s", o->socket, strerror(errno));
}

static void
prepare_user(struct prepared *p)
{
	const struct passwd *pw = getpwnam(WORKER_USER);

	if (pw == NULL)
		pw = getpwnam(WORKER_USER_ELSE);
	p->uid = pw == NULL ? NOBODY : pw->pw_uid;
	p->gid = pw == NULL ? NOBODY : pw->pw_gid;
}

/* Asked here, because libc opens a file to know. */
static void
prepare_workers(struct prepared *p)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN) * WORKERS_PER_CPU;

	if (n < WORKERS_MIN)
		n = WORKERS_MIN;
	p->workers = (unsigned)(n > WORKERS_MAX ? WORKERS_MAX : n);
}

enum err
prepare(const struct options *o, struct prepared *p)
{
	enum err e;

	if ((e = prepare_kernel(p)) != ERR_OK ||
	    (e = prepare_watches(o, p)) != ERR_OK ||
	    (e = prepare_worker(p)) != ERR_OK ||
	    (e = prepare_state(o, p)) != ERR_OK ||
	    (e = prepare_control(o, p)) != ERR_OK)
		return e;
	prepare_user(p);
	prepare_workers(p);
	return ERR_OK;
}

void
prepare_undo(struct prepared *p)
{
	static const char *const ours[] = { "log.jsonl", "history.db",
		"history.db-wal", "history.db-shm" };

	for (size_t i = 0; i < p->watch_count; i++)
		free(p->watch[i]);
	if (!p->state_ours)
		return;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		(void)unlinkat(p->journal.dir, ours[i], 0);
	(void)rmdir(p->state);
}
