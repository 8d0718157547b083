/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch: scan what comes into directories, without any rights.
 *
 * inotify tells when a file is written and closed, moved or linked there.  The
 * one thing that it cannot do is said at the start: whoever opens the file at
 * once is faster.
 */
#include "config.h"

#include "cli/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"

enum {
	FORMATS = 4096,
	AGAIN_MAX = 1024 * 1024, /* bytes of paths */
	WHY_MAX = 512,
};

/* A directory is met: watch it, unless it is where files are put aside. */
static bool
watch_enter(void *context, int dir, const char *path)
{
	struct watch *w = context;
	char why[WHY_MAX];

	if (aside_is(&w->aside, dir, path))
		return false;
	if (w->options.once || tree_add(&w->tree, dir, path) == ERR_OK)
		return true;
	/* One sentence for a limit; the rest would be the same. */
	if (w->tree.refused == 1 || (errno != ENOSPC && errno != ENOMEM))
		cli_complain("%s is not watched: %s", path,
		    tree_why(errno, why, sizeof(why)));
	w->trouble = true;
	return true;
}

/* What is below path, or path itself. quiet: it may be gone by now. */
static void
watch_path(struct watch *w, const char *path, bool quiet)
{
	struct walk_item item = walk_named(w->walk, path);

	for (; item.what != WALK_END && !w->stop; item = walk_next(w->walk)) {
		AUTO_CLOSE int fd = item.fd;

		(void)fd; /* watch_file() has one of its own */
		if (item.what == WALK_FILE && watch_file(w, &item) == ERR_PROTO)
			w->stop = true;
		if (item.what == WALK_SKIPPED)
			w->totals.skipped++;
		if (item.what == WALK_EXCLUDED)
			w->totals.excluded++;
		if (item.what == WALK_TROUBLE && !quiet) {
			cli_complain(
			    "%s: not scanned: %s", item.path, item.why);
			w->trouble = true;
		}
		w->stop |= run_signal() != 0 || w->out.error != 0;
	}
}

/* A file that is being made tells of itself when it is closed; but not one that
 * got a second name, or its first one when it was whole. */
static bool
is_whole(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    (st.st_nlink > 1 || st.st_size != 0);
}

/* The folder of a file that was closed without a name of its own. */
static void
watch_nameless(struct watch *w, const char *path)
{
	const char *slash = strrchr(path, '/');
	AUTO_FREE char *folder = NULL;

	if (slash == NULL || slash == path || slash[1] != '#')
		return;
	folder = strndup(path, (size_t)(slash - path));
	if (folder != NULL)
		watch_path(w, folder, true);
}

static void
watch_event(void *context, enum tree_what what, const char *path)
{
	struct watch *w = context;
	struct stat st;

	if (w->stop || (what != TREE_LOST && walk_leaves_out(w->walk, path)))
		return;
	switch (what) {
	case TREE_FILE:
		if (lstat(path, &st) == -1)
			watch_nameless(w, path);
		else if (S_ISREG(st.st_mode))
			watch_path(w, path, true);
		break;
	case TREE_MADE:
		if (is_whole(path))
			watch_path(w, path, true);
		break;
	case TREE_FOLDER:
		watch_path(w, path, true);
		break;
	case TREE_LOST:
		w->lost = true;
		break;
	case TREE_GONE:
		for (char **p = w->named; *p != NULL; p++)
			if (strcmp(*p, path) == 0)
				cli_complain("%s is gone: it is not watched any"
					     " more",
				    path);
		break;
	}
}

static void
watch_all(struct watch *w)
{
	for (char **p = w->named; *p != NULL && !w->stop; p++)
		watch_path(w, *p, false);
}

/* What happened to files while they were scanned. */
static void
watch_again(struct watch *w)
{
	struct buf paths = w->again;
	const char *at = buf_text(&paths), *end = at + paths.size;

	w->again = buf_new(AGAIN_MAX);
	for (; at < end && !w->stop; at += strlen(at) + 1)
		watch_path(w, at, true);
	buf_free(&paths);
}

/* As long as there is something to wait for. */
static void
watch_follow(struct watch *w)
{
	while (!w->stop && w->tree.count != 0) {
		if (w->again.size != 0) {
			watch_again(w);
			continue;
		}
		if (w->lost) {
			w->lost = false;
			cli_complain("more happened at once than is told:"
				     " everything is looked at again");
			watch_all(w);
			continue;
		}
		if (run_while_idle(w->run, w->tree.fd) != ERR_OK ||
		    tree_read(&w->tree, watch_event, w) != ERR_OK)
			w->stop = true;
	}
	if (w->tree.count == 0 && run_signal() == 0) {
		cli_complain("no directory is left to watch");
		w->trouble = true;
	}
}

/* What a person must know who relies on this. */
static void
watch_promise(const struct watch *w)
{
	if (w->options.once)
		return;
	cli_complain("watching %zu %s without rights: files are scanned after"
		     " they were written, and %s%s; an open is not denied"
		     " (for that: sudo ckptguardd)",
	    w->tree.count, w->tree.count == 1 ? "directory" : "directories",
	    w->aside.path == NULL ? "told of" : "what is found is moved to ",
	    w->aside.path == NULL ? "" : w->aside.path);
}

/* Add watches only: what is there is taken as seen. */
static void
watch_names(struct watch *w)
{
	walk_names_only(w->walk, true);
	for (char **p = w->named; *p != NULL; p++) {
		struct walk_item item = walk_named(w->walk, *p);

		while (item.what != WALK_END) {
			if (item.what == WALK_TROUBLE) {
				cli_complain("%s: %s", item.path, item.why);
				w->trouble = true;
			}
			item = walk_next(w->walk);
		}
	}
	walk_names_only(w->walk, false);
}

static int
watch_run(struct watch *w)
{
	uint64_t begun = clock_now();

	w->options.scan.writer->begin(&w->out);
	/* Watched first, then looked at: what comes between is told. */
	if (!w->options.once) {
		watch_names(w);
		if (w->tree.refused != 0 || w->tree.count == 0) {
			cli_complain("not everything can be watched; nothing"
				     " is");
			return EXIT_TROUBLE;
		}
	}
	watch_promise(w);
	if (!w->options.fresh)
		watch_all(w);
	if (!w->options.once)
		watch_follow(w);
	if (run_finish(w->run) != ERR_OK)
		w->trouble = true;
	w->totals.elapsed_us = (clock_now() - begun) / CLOCK_NS_PER_US;
	w->options.scan.writer->end(&w->out, &w->totals);
	if (out_flush(&w->out) != ERR_OK) {
		cli_complain("cannot write: %s", strerror(w->out.error));
		return EXIT_TROUBLE;
	}
	return w->found ? EXIT_FOUND : w->trouble ? EXIT_TROUBLE : EXIT_CLEAN;
}

/* Everything that it needs. False: told. */
static bool
watch_begin(struct watch *w)
{
	const struct scan_options *o = &w->options.scan;
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct run_config config = { .jobs = o->jobs,
		.flags = o->flags,
		.out = &w->out,
		.done = watch_done,
		.context = w };
	char why[WHY_MAX];

	/* A writer that waits while a file is copied sends it. */
	(void)sigaction(SIGIO, &ignore, NULL);
	w->out = out_new(STDOUT_FILENO, cli_colour(STDOUT_FILENO, o->colour));
	w->jobs = calloc(o->jobs, sizeof(*w->jobs));
	w->seen = calloc(WATCH_SEEN, sizeof(*w->seen));
	w->walk = walk_new();
	if (w->jobs == NULL || w->seen == NULL || w->walk == NULL) {
		cli_complain("out of memory");
		return false;
	}
	walk_exclude(w->walk, o->excludes, o->exclude_count);
	walk_entering(w->walk, watch_enter, w);
	walk_nofollow(w->walk, true);
	if (!w->options.once && tree_new(&w->tree) != ERR_OK) {
		cli_complain("nothing can be watched: %s",
		    tree_why(errno, why, WHY_MAX));
		return false;
	}
	return run_new(&config, &w->run) == ERR_OK;
}

static void
watch_free(struct watch *w)
{
	run_free(w->run);
	walk_free(w->walk);
	tree_free(&w->tree);
	for (unsigned i = 0; w->jobs != NULL && i < w->options.scan.jobs; i++) {
		if (w->jobs[i].path == NULL)
			continue;
		free(w->jobs[i].path);
		(void)close(w->jobs[i].fd);
	}
	free(w->jobs);
	free(w->seen);
	buf_free(&w->again);
	aside_free(&w->aside);
	out_free(&w->out);
	tally_free(&w->totals.formats);
}

/* One of the two commands about what is in quarantine. */
static int
watch_aside(struct watch *w)
{
	enum err e = w->options.list
	    ? aside_list(&w->aside)
	    : aside_restore(&w->aside, w->options.restore);

	return e == ERR_OK ? EXIT_CLEAN : EXIT_TROUBLE;
}

static int
watch(int argc, char **argv)
{
	struct watch w = { .tree.fd = -1,
		.again = buf_new(AGAIN_MAX),
		.totals.formats = tally_new(FORMATS) };
	int status = watch_options(argc, argv, &w.options);

	if (status == -1) {
		w.named = argv + optind;
		status = EXIT_TROUBLE;
		if (w.options.aside != NULL &&
		    aside_open(w.options.aside, &w.aside) != ERR_OK)
			status = EXIT_TROUBLE;
		else if (w.options.list || w.options.restore != NULL)
			status = watch_aside(&w);
		else if (watch_begin(&w))
			status = watch_run(&w);
	}
	watch_free(&w);
	return status;
}

const struct command command_watch = {
	.name = "watch",
	.summary = "scan what comes into directories, without rights",
	.usage = watch_usage,
	.run = watch,
};
