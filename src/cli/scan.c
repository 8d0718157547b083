/* SPDX-License-Identifier: Apache-2.0 */
/* scan: walk what was named, have it scanned, write what is said of it. */
#include "config.h"

#include "cli/scan.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"
#include "cli/keep.h"
#include "cli/progress.h"
#include "cli/run.h"
#include "cli/walk.h"

enum {
	FORMATS = 4096, /* counted one by one */
	/* Counting beforehand is for the bar alone. */
	COUNT_MAX_MS = 2000,
};

struct scan {
	struct scan_options options;
	struct out out;
	struct keep reports[SCAN_REPORTS];
	size_t report_count;
	struct progress progress;
	struct run *run;
	struct walk *walk;
	struct out_totals totals;
	char **named;
	bool found;
	bool trouble;
};

/* Is it one of the paths of the command line? */
static bool
is_named(const struct scan *s, const char *path)
{
	for (char **p = s->named; *p != NULL; p++)
		if (strcmp(*p, path) == 0)
			return true;
	return false;
}

/* Does the list for people have this file? */
static bool
is_listed(const struct scan *s, const char *path, const struct report *r)
{
	bool clean = r->error == NULL && r->verdict == VERDICT_CLEAN;

	if (s->options.writer != &out_text)
		return true;
	switch (s->options.list) {
	case LIST_AUTO:
	case LIST_ALL:
		return true;
	case LIST_MODELS:
		return !clean || r->in_place || is_named(s, path);
	case LIST_FOUND:
		return !clean;
	}
	return true;
}

static void
scan_write(struct scan *s, const char *path, const struct report *r)
{
	if (is_listed(s, path, r))
		s->options.writer->file(&s->out, path, r);
	for (size_t i = 0; i < s->report_count; i++)
		s->reports[i].writer->file(&s->reports[i].out, path, r);
}

static void
scan_done(void *context, const char *path, const struct report *r)
{
	struct scan *s = context;
	bool found = scan_counts(&s->options, r);

	out_count(&s->totals, r);
	s->found |= found;
	s->trouble |= r->error != NULL || r->verdict == VERDICT_UNVERIFIED;
	progress_file(&s->progress, found);
	scan_write(s, path, r);
}

/* A path that could not be looked at at all: it has no verdict to count. */
static void
scan_refuse(struct scan *s, const char *path, const char *why)
{
	AUTO(report) struct report r = { 0 };

	s->trouble = true;
	progress_file(&s->progress, false);
	report_init(&r);
	r.verdict = VERDICT_UNVERIFIED;
	r.error = why;
	out_count(&s->totals, &r);
	if (s->options.writer == &out_text)
		cli_complain("%s: not scanned: %s", path, why);
	else
		s->options.writer->file(&s->out, path, &r);
	for (size_t i = 0; i < s->report_count; i++)
		s->reports[i].writer->file(&s->reports[i].out, path, &r);
}

/* ERR_OK: go on. */
static enum err
scan_item(struct scan *s, const struct walk_item *item)
{
	AUTO_CLOSE int fd = item->fd;
	enum err e;

	switch (item->what) {
	case WALK_FILE:
		e = run_file(s->run, fd, item->size, item->path);
		if (e != ERR_OK && e != ERR_PROTO)
			scan_refuse(s, item->path,
			    e == ERR_SYS ? strerror(errno) : err_text(e));
		if (e == ERR_PROTO)
			s->trouble = true;
		return e == ERR_PROTO ? e : ERR_OK;
	case WALK_SKIPPED:
		s->totals.skipped++;
		return ERR_OK;
	case WALK_EXCLUDED:
		s->totals.excluded++;
		return ERR_OK;
	case WALK_TROUBLE:
		scan_refuse(s, item->path, item->why);
		return ERR_OK;
	case WALK_END:
		break;
	}
	return ERR_OK;
}

static enum err
scan_path(struct scan *s, const char *path)
{
	struct walk_item item = walk_named(s->walk, path);
	enum err e = ERR_OK;

	while (item.what != WALK_END && e == ERR_OK) {
		e = scan_item(s, &item);
		if (run_signal() != 0 || s->out.error != 0)
			e = ERR_PROTO;
		if (e == ERR_OK)
			item = walk_next(s->walk);
	}
	return e;
}

static enum err
scan_name(void *context, const char *name, const char *why)
{
	if (why == NULL)
		return scan_path(context, name);
	scan_refuse(context, name, why);
	return ERR_OK;
}

static enum err
scan_wait(void *context, int fd)
{
	const struct scan *s = context;

	return run_while_idle(s->run, fd);
}

static int
scan_tick(void *context)
{
	struct scan *s = context;

	return progress_tick(&s->progress);
}

/* How many files there will be, as far as that is known soon. */
static uint64_t
scan_count(struct scan *s)
{
	uint64_t until = clock_now() + COUNT_MAX_MS * CLOCK_NS_PER_MS, n = 0;

	if (!s->progress.on || s->options.from != NULL)
		return 0;
	walk_names_only(s->walk, true);
	for (char **p = s->named; *p != NULL; p++) {
		struct walk_item item = walk_named(s->walk, *p);

		while (item.what != WALK_END && clock_now() < until &&
		    run_signal() == 0) {
			n += item.what == WALK_FILE;
			item = walk_next(s->walk);
		}
	}
	walk_names_only(s->walk, false);
	return clock_now() < until ? n : 0;
}

/* A descriptor for each level of directories and each job. */
static void
raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void
scan_all(struct scan *s)
{
	struct scan_names names = { .from = s->options.from,
		.separator = s->options.separator,
		.add = scan_name,
		.wait = scan_wait,
		.context = s };
	uint64_t begun = clock_now();
	enum err e = ERR_OK;

	s->options.writer->begin(&s->out);
	for (size_t i = 0; i < s->report_count; i++)
		s->reports[i].writer->begin(&s->reports[i].out);
	progress_begin(&s->progress);
	s->progress.total = scan_count(s);
	for (char **p = s->named; *p != NULL && e == ERR_OK; p++)
		e = scan_path(s, *p);
	if (e == ERR_OK && names.from != NULL)
		e = scan_names(&names);
	if (s->out.error == 0 && run_finish(s->run) != ERR_OK)
		s->trouble = true;
	progress_end(&s->progress);
	s->totals.interrupted = run_signal() != 0;
	s->totals.elapsed_us = (clock_now() - begun) / CLOCK_NS_PER_US;
	s->totals.about = s->named[0] != NULL ? s->named[0] : names.from;
	s->options.writer->end(&s->out, &s->totals);
}

/* End as the signal would have ended us, so that a shell's loop stops too. */
static void
die_of(int sig)
{
	struct sigaction act = { .sa_handler = SIG_DFL };
	sigset_t set;

	(void)sigaction(sig, &act, NULL);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, sig);
	(void)raise(sig);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* Give the reports their names. False: told. */
static bool
reports_end(struct scan *s)
{
	bool good = true;

	for (size_t i = 0; i < s->report_count; i++) {
		struct keep *k = &s->reports[i];

		k->writer->end(&k->out, &s->totals);
		if (keep_end(k) == ERR_OK)
			continue;
		cli_complain(
		    "cannot write the report %s: %s", k->path, strerror(errno));
		good = false;
	}
	return good;
}

static bool
reports_begin(struct scan *s)
{
	for (size_t i = 0; i < s->options.report_count; i++) {
		const char *path = s->options.reports[i];

		if (keep_begin(path, &s->reports[i]) != ERR_OK) {
			cli_complain("cannot write the report %s: %s", path,
			    errno == EEXIST ? "what is there is no file"
					    : strerror(errno));
			return false;
		}
		s->report_count++;
	}
	return true;
}

/* Is one file asked for, and no more? */
static bool
is_one_file(const struct scan *s)
{
	struct stat st;

	return s->options.from == NULL && s->named[0] != NULL &&
	    s->named[1] == NULL && stat(s->named[0], &st) == 0 &&
	    S_ISREG(st.st_mode);
}

static int
scan_run(struct scan *s)
{
	bool few = is_one_file(s);
	struct run_config config = { .jobs = few ? 1 : s->options.jobs,
		.few = few,
		.flags = s->options.flags,
		.isolate = s->options.isolate,
		.out = &s->out,
		.done = scan_done,
		.tick = scan_tick,
		.context = s };
	bool good;

	raise_descriptors();
	if ((s->walk = walk_new()) == NULL) {
		cli_complain("out of memory");
		return EXIT_TROUBLE;
	}
	walk_exclude(s->walk, s->options.excludes, s->options.exclude_count);
	if (!reports_begin(s) || run_new(&config, &s->run) != ERR_OK)
		return EXIT_TROUBLE;
	scan_all(s);
	good = reports_end(s);
	if (out_flush(&s->out) != ERR_OK) {
		cli_complain(
		    "cannot write the report: %s", strerror(s->out.error));
		good = false;
	}
	if (!good)
		return EXIT_TROUBLE;
	return s->found ? EXIT_FOUND : s->trouble ? EXIT_TROUBLE : EXIT_CLEAN;
}

/* What is shown, and where. */
static void
scan_show(struct scan *s)
{
	const struct scan_options *o = &s->options;
	bool terminal = cli_terminal(STDERR_FILENO);

	s->out = out_new(STDOUT_FILENO, cli_colour(STDOUT_FILENO, o->colour));
	if (o->writer == &out_html)
		s->out.spool = keep_spool("/tmp/");
	s->out.before = progress_clear;
	s->out.context = &s->progress;
	s->progress = (struct progress){ .on = o->progress == WHEN_ALWAYS ||
		    (o->progress == WHEN_AUTO && terminal),
		.always = o->progress == WHEN_ALWAYS,
		.unicode = progress_unicode(),
		.colour = cli_colour(STDERR_FILENO, o->colour),
		.fd = STDERR_FILENO };
	cli_before_complaint(progress_clear, &s->progress);
}

static int
scan(int argc, char **argv)
{
	struct scan s = { .totals.formats = tally_new(FORMATS),
		.named = argv + argc };
	int status = scan_options(argc, argv, &s.options);

	if (status == -1) {
		s.named = argv + optind;
		scan_show(&s);
		status = scan_run(&s);
	}
	run_free(s.run);
	walk_free(s.walk);
	cli_before_complaint(NULL, NULL);
	for (size_t i = 0; i < s.report_count; i++)
		keep_free(&s.reports[i]);
	if (s.out.spool > 0)
		(void)close(s.out.spool);
	out_free(&s.out);
	tally_free(&s.totals.formats);
	if (run_signal() != 0)
		die_of(run_signal());
	return status;
}

const struct command command_scan = {
	.name = "scan",
	.summary = "say what model files would do when they are loaded",
	.usage = scan_usage,
	.run = scan,
};
