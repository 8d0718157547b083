/* SPDX-License-Identifier: Apache-2.0 */
/* already: /proc, process by process. */
#include "guardd/already.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "guardd/filter.h"
#include "guardd/who.h"

enum {
	GENERATIONS = 4, /* a worker is a child of a child of the keeper's */
	MAPS_PATH = 5    /* blanks before the path of a line of maps */
};

struct search {
	const char *const *watch;
	size_t n;
	already_fn tell;
	void *context;
	pid_t pid;
	char last[FILTER_PATH_MAX]; /* a mapping has several lines */
};

static bool
is_ours(pid_t pid, pid_t keeper)
{
	for (int i = 0; i < GENERATIONS && pid > 1; i++) {
		if (pid == keeper)
			return true;
		pid = who_parent(pid);
	}
	return false;
}

static bool
is_below(const struct search *s, const char *path)
{
	for (size_t i = 0; i < s->n; i++)
		if (filter_below(s->watch[i], path))
			return true;
	return false;
}

/* Descriptors: a link whose target is the path.  Only what is below a watch is
 * looked at further, so a dead server holds nobody up. */
static void
search_fds(struct search *s)
{
	char name[64], path[FILTER_PATH_MAX];
	const struct dirent *e;
	struct stat st;
	DIR *dir;

	(void)snprintf(name, sizeof(name), "/proc/%d/fd", (int)s->pid);
	dir = opendir(name);
	if (dir == NULL)
		return;
	while ((e = readdir(dir)) != NULL) {
		ssize_t n =
		    readlinkat(dirfd(dir), e->d_name, path, sizeof(path) - 1);

		path[n < 0 ? 0 : n] = '\0';
		if (n > 0 && is_below(s, path) &&
		    fstatat(dirfd(dir), e->d_name, &st, 0) == 0 &&
		    S_ISREG(st.st_mode))
			s->tell(s->context, path, s->pid, false);
	}
	(void)closedir(dir);
}

/* "from-to perms offset device inode   path" */
static void
search_line(struct search *s, char *line)
{
	char *at = line;

	for (int i = 0; i < MAPS_PATH && at != NULL; i++) {
		at = strchr(at, ' ');
		if (at != NULL)
			at += strspn(at, " ");
	}
	if (at == NULL || *at != '/')
		return;
	at[strcspn(at, "\n")] = '\0';
	if (strcmp(at, s->last) == 0 || strlen(at) >= sizeof(s->last) ||
	    !is_below(s, at))
		return;
	(void)snprintf(s->last, sizeof(s->last), "%s", at);
	s->tell(s->context, at, s->pid, true);
}

static void
search_maps(struct search *s)
{
	AUTO_FREE char *line = NULL;
	char name[64];
	size_t room = 0;
	FILE *f;

	(void)snprintf(name, sizeof(name), "/proc/%d/maps", (int)s->pid);
	f = fopen(name, "re");
	if (f == NULL)
		return;
	s->last[0] = '\0';
	while (getline(&line, &room, f) > 0)
		search_line(s, line);
	(void)fclose(f);
}

void
already_find(const char *const *watch, size_t n, pid_t keeper, already_fn tell,
    void *context)
{
	struct search s = {
		.watch = watch, .n = n, .tell = tell, .context = context
	};
	const struct dirent *e;
	DIR *proc = opendir("/proc");

	if (proc == NULL)
		return;
	while ((e = readdir(proc)) != NULL) {
		s.pid = (pid_t)strtol(e->d_name, NULL, 10);
		if (s.pid <= 0 || is_ours(s.pid, keeper))
			continue;
		search_fds(&s);
		search_maps(&s);
	}
	(void)closedir(proc);
}
