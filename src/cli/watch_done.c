/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch_done: what becomes of a file that was scanned.
 *
 * A file that changed while it was scanned is judged again when that is told;
 * until then only harm that is in it already counts.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "cli/watch.h"

static bool
same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static struct watch_seen *
seen_place(const struct watch *w, const struct stat *st)
{
	uint64_t h = ((uint64_t)st->st_ino ^ (uint64_t)st->st_dev << 32) *
	    UINT64_C(0x9e3779b97f4a7c15);

	return &w->seen[h >> 48 & (WATCH_SEEN - 1)];
}

/* Was it judged as it is now?  Who sets a time back is seen by nobody here, as
 * nobody is hindered from opening it either. */
static bool
seen_find(const struct watch *w, const struct stat *st)
{
	const struct watch_seen *s = seen_place(w, st);

	return s->ino == st->st_ino && s->dev == st->st_dev &&
	    s->size == st->st_size && same_time(&s->mtime, &st->st_mtim);
}

static void
seen_add(struct watch *w, const struct stat *st)
{
	*seen_place(w, st) = (struct watch_seen){ .dev = st->st_dev,
		.ino = st->st_ino,
		.mtime = st->st_mtim,
		.size = st->st_size };
}

static struct watch_job *
job_find(struct watch *w, const char *path)
{
	for (unsigned i = 0; i < w->options.scan.jobs; i++)
		if (w->jobs[i].path != NULL &&
		    strcmp(w->jobs[i].path, path) == 0)
			return &w->jobs[i];
	return NULL;
}

enum err
watch_file(struct watch *w, const struct walk_item *item)
{
	struct watch_job *job = job_find(w, item->path);
	struct watch_job fresh = { .fd = -1 };
	AUTO_FREE char *path = NULL;
	AUTO_CLOSE int fd = -1;
	enum err e;

	if (job != NULL) {
		job->again = true;
		return ERR_OK;
	}
	if (fstat(item->fd, &fresh.st) == -1 || seen_find(w, &fresh.st))
		return ERR_OK;
	fd = fcntl(item->fd, F_DUPFD_CLOEXEC, 0);
	path = strdup(item->path);
	if (fd == -1 || path == NULL)
		e = ERR_NOMEM;
	else
		e = run_file(w->run, fd, (uint64_t)fresh.st.st_size, path);
	if (e == ERR_PROTO)
		return e;
	if (e != ERR_OK) {
		cli_complain("%s: not scanned: %s", item->path,
		    e == ERR_SYS ? strerror(errno) : err_text(e));
		w->trouble = true;
		return ERR_OK;
	}
	for (job = w->jobs; job->path != NULL;)
		job++;
	*job = fresh;
	job->fd = steal_fd(&fd);
	job->path = STEAL_PTR(path);
	return ERR_OK;
}

/* Say that it was moved, or why not. */
static void
done_say(struct watch *w, const char *path, bool moved)
{
	struct out *o = &w->out;
	const char *why = w->aside.vault.why;

	if (w->options.scan.writer != &out_text) {
		out_puts(o, "{\"quarantine\":{");
		out_member(o, true, "path", path);
		out_member(o, false, "id", moved ? w->aside.last.id : "");
		out_member(o, false, "error", moved ? "" : why);
		out_puts(o, "}}\n");
		return;
	}
	out_puts(o, moved ? "    moved to " : "    not moved: ");
	if (!moved) {
		out_escaped(o, why, strlen(why));
		out_puts(o, "\n");
		return;
	}
	out_escaped(o, w->aside.path, strlen(w->aside.path));
	out_puts(o, " as ");
	out_puts(o, w->aside.last.id);
	if (w->aside.last.links != 0) {
		out_puts(o, "; it has ");
		out_number(o, w->aside.last.links);
		out_puts(o, " other names, which still lead to it");
	}
	out_puts(o, "\n");
}

static void
done_report(
    struct watch *w, const struct watch_job *job, const struct report *r)
{
	bool found = scan_counts(&w->options.scan, r);
	bool clean = r->error == NULL && r->verdict == VERDICT_CLEAN;
	enum scan_list list = w->options.scan.list;
	bool moved;
	enum err e;

	out_count(&w->totals, r);
	w->found |= found;
	w->trouble |= r->error != NULL;
	if (!clean || list == LIST_ALL || (list == LIST_MODELS && r->in_place))
		w->options.scan.writer->file(&w->out, job->path, r);
	if (!found || w->aside.path == NULL)
		return;
	e = aside_move(&w->aside, job->fd, job->path, r);
	moved = e == ERR_OK;
	w->moved += moved;
	w->trouble |= !moved && e != ERR_UNSUPPORTED;
	done_say(w, job->path, moved);
}

void
watch_done(void *context, const char *path, const struct report *r)
{
	struct watch *w = context;
	struct watch_job *job = job_find(w, path);
	struct stat now;
	bool changed;

	if (job == NULL)
		return;
	changed = fstat(job->fd, &now) == -1 ||
	    now.st_size != job->st.st_size ||
	    !same_time(&now.st_mtim, &job->st.st_mtim);
	/* Who writes closes it some time, and that is told. */
	if (!changed || w->options.once || r->verdict >= VERDICT_SUSPICIOUS) {
		done_report(w, job, r);
		if (!changed && r->error == NULL)
			seen_add(w, &job->st);
	}
	if (job->again && buf_add(&w->again, path, strlen(path) + 1) != ERR_OK)
		w->lost = true;
	free(job->path);
	(void)close(job->fd);
	*job = (struct watch_job){ .fd = -1 };
}
