/* SPDX-License-Identifier: Apache-2.0 */
/* scan: walk what was named, have it scanned, write what is said of it. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/own.h"
#include "cli/cli.h"
#include "cli/run.h"
#include "cli/walk.h"
#include "wire/wire.h"

enum {
	JOBS_MAX = 256,
	LIST_BLOCK = 64 * 1024,         /* bytes read at once */
	LIST_NAME_MAX = 16 * 64 * 1024, /* bytes of a name, and a block */
};

/* What a profile denies; the guard reads the same names. */
enum profile { PROFILE_NONE, PROFILE_BALANCED, PROFILE_STRICT };

struct options {
	unsigned jobs;
	const struct writer *writer;
	enum profile profile;
	bool threshold_set;
	enum verdict threshold;
	uint32_t flags;
	bool isolate;
	const char *list; /* --files-from */
	int separator;    /* what ends a name in the list */
};

struct scan {
	struct options options;
	struct out out;
	struct run *run;
	struct walk *walk;
	struct out_totals totals;
	bool found;
	bool trouble;
};

/* Does this report count as "found"? */
static bool
counts(const struct options *o, const struct report *r)
{
	if (o->threshold_set && r->verdict >= o->threshold)
		return true;
	switch (o->profile) {
	case PROFILE_NONE:
		return !o->threshold_set && r->verdict >= VERDICT_SUSPICIOUS;
	case PROFILE_BALANCED:
		return r->verdict >= VERDICT_SUSPICIOUS ||
		    (r->verdict == VERDICT_UNVERIFIED && r->in_place);
	case PROFILE_STRICT:
		return r->verdict > VERDICT_CLEAN;
	}
	return true;
}

static void
scan_done(void *context, const char *path, const struct report *r)
{
	struct scan *s = context;

	if (r->error != NULL)
		s->totals.failed++;
	else
		s->totals.verdicts[r->verdict]++;
	s->found |= counts(&s->options, r);
	s->trouble |= r->error != NULL || r->verdict == VERDICT_UNVERIFIED;
	s->options.writer->file(&s->out, path, r);
}

/* A path that could not be looked at at all: it has no verdict to count. */
static void
scan_refuse(struct scan *s, const char *path, const char *why)
{
	AUTO(report) struct report r = { 0 };

	s->trouble = true;
	s->totals.failed++;
	if (s->options.writer == &out_text) {
		cli_complain("%s: not scanned: %s", path, why);
		return;
	}
	report_init(&r);
	r.verdict = VERDICT_UNVERIFIED;
	r.error = why;
	s->options.writer->file(&s->out, path, &r);
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

/* One name of a list, without what ends it. */
static enum err
scan_name(struct scan *s, const char *name, size_t n)
{
	if (n == 0)
		return ERR_OK;
	if (strlen(name) == n)
		return scan_path(s, name);
	scan_refuse(s, name, "the name has a NUL inside: is --null missing?");
	return ERR_OK;
}

/* The names that are whole in names; what is left is moved to its front. */
static enum err
scan_names(struct scan *s, struct buf *names)
{
	char *at = (char *)names->data, *end = at + names->size, *stop;
	enum err e = ERR_OK;

	while (e == ERR_OK && at < end &&
	    (stop = memchr(at, s->options.separator, (size_t)(end - at))) !=
		NULL) {
		*stop = '\0';
		e = scan_name(s, at, (size_t)(stop - at));
		at = stop + 1;
	}
	names->size = (size_t)(end - at);
	memmove(names->data, at, names->size);
	return e;
}

/* Names as they come: whoever writes the list may wait for our answers, so
 * the files at work go on while nothing is to be read. */
static enum err
scan_fd(struct scan *s, int fd)
{
	AUTO(buf) struct buf names = buf_new(LIST_NAME_MAX);
	enum err e;

	while ((e = run_while_idle(s->run, fd)) == ERR_OK) {
		uint8_t *to = buf_grow(&names, LIST_BLOCK);
		ssize_t n = to == NULL ? -1 : read(fd, to, LIST_BLOCK);

		if (n == -1 && to != NULL && errno == EINTR)
			continue;
		if (n == -1)
			scan_refuse(s, s->options.list,
			    to == NULL ? "a name in it is too long"
				       : strerror(errno));
		if (n <= 0)
			break;
		names.size += (size_t)n;
		if ((e = scan_names(s, &names)) != ERR_OK)
			return e;
	}
	/* The last name need not be ended. */
	if (e != ERR_OK || buf_add(&names, "", 1) != ERR_OK)
		return e;
	return scan_name(s, (const char *)names.data, names.size - 1);
}

static enum err
scan_list(struct scan *s)
{
	bool standard = strcmp(s->options.list, "-") == 0;
	AUTO_CLOSE int fd = -1;

	if (standard)
		return scan_fd(s, STDIN_FILENO);
	fd = open(s->options.list, O_RDONLY | O_CLOEXEC);
	if (fd != -1)
		return scan_fd(s, fd);
	scan_refuse(s, s->options.list, strerror(errno));
	return ERR_OK;
}

static bool
parse_profile(const char *name, enum profile *out)
{
	bool strict = strcmp(name, "strict") == 0;

	if (!strict && strcmp(name, "balanced") != 0)
		return false;
	*out = strict ? PROFILE_STRICT : PROFILE_BALANCED;
	return true;
}

enum long_option {
	OPT_FORMAT = 256,
	OPT_PROFILE,
	OPT_FAIL_ON,
	OPT_DEEP,
	OPT_FROM,
	OPT_ISOLATE,
	OPT_NULL
};

static const struct option long_options[] = {
	{ "recursive", no_argument, NULL, 'r' },
	{ "jobs", required_argument, NULL, 'j' },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "profile", required_argument, NULL, OPT_PROFILE },
	{ "fail-on", required_argument, NULL, OPT_FAIL_ON },
	{ "deep", no_argument, NULL, OPT_DEEP },
	{ "isolate", no_argument, NULL, OPT_ISOLATE },
	{ "files-from", required_argument, NULL, OPT_FROM },
	{ "null", no_argument, NULL, OPT_NULL },
	{ NULL, 0, NULL, 0 },
};

/* One option. Returns an exit status, or -1: go on. */
static int
parse_option(struct options *o, int option, char **argv)
{
	const struct command *c = &command_scan;

	switch (option) {
	case 'r':
		return -1; /* directories always recurse */
	case 'j':
		return cli_number(optarg, JOBS_MAX, &o->jobs)
		    ? -1
		    : cli_usage(c, "-j needs a number from 1 to %d, not %s",
			  JOBS_MAX, optarg);
	case OPT_FORMAT:
		return (o->writer = out_writer(optarg)) != NULL
		    ? -1
		    : cli_usage(c, "--format is text, jsonl or sarif, not %s",
			  optarg);
	case OPT_PROFILE:
		return parse_profile(optarg, &o->profile)
		    ? -1
		    : cli_usage(
			  c, "--profile is balanced or strict, not %s", optarg);
	case OPT_FAIL_ON:
		o->threshold_set = true;
		return verdict_parse(optarg, &o->threshold)
		    ? -1
		    : cli_usage(c,
			  "--fail-on is clean, unknown, unverified, suspicious"
			  " or malicious, not %s",
			  optarg);
	case OPT_DEEP:
		o->flags |= WIRE_DEEP;
		return -1;
	case OPT_ISOLATE:
		o->isolate = true;
		return -1;
	case OPT_FROM:
		o->list = optarg;
		return -1;
	case OPT_NULL:
		o->separator = '\0';
		return -1;
	default:
		return cli_bad_option(c, argv);
	}
}

/* The processors that this process may use. */
static unsigned
processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > JOBS_MAX ? JOBS_MAX : (unsigned)n;
}

/* Returns an exit status, or -1: go on. */
static int
parse(int argc, char **argv, struct options *o)
{
	int option, status = -1;

	*o = (struct options){
		.jobs = processors(), .writer = &out_text, .separator = '\n'
	};
	while (status == -1 &&
	    (option = getopt_long(argc, argv, "rj:", long_options, NULL)) != -1)
		status = parse_option(o, option, argv);
	if (status == -1 && optind == argc && o->list == NULL)
		return cli_usage(&command_scan,
		    "scan: no file or directory"
		    " is named");
	return status;
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
scan_all(struct scan *s, int argc, char **argv)
{
	enum err e = ERR_OK;

	s->options.writer->begin(&s->out);
	for (int i = optind; i < argc && e == ERR_OK; i++)
		e = scan_path(s, argv[i]);
	if (e == ERR_OK && s->options.list != NULL)
		e = scan_list(s);
	if (s->out.error == 0 && run_finish(s->run) != ERR_OK)
		s->trouble = true;
	s->totals.interrupted = run_signal() != 0;
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

static int
scan_run(struct scan *s, int argc, char **argv)
{
	struct run_config config = { .jobs = s->options.jobs,
		.flags = s->options.flags,
		.isolate = s->options.isolate,
		.out = &s->out,
		.done = scan_done,
		.context = s };

	raise_descriptors();
	if ((s->walk = walk_new()) == NULL) {
		cli_complain("out of memory");
		return EXIT_TROUBLE;
	}
	if (run_new(&config, &s->run) != ERR_OK)
		return EXIT_TROUBLE;
	scan_all(s, argc, argv);
	if (out_flush(&s->out) != ERR_OK) {
		cli_complain(
		    "cannot write the report: %s", strerror(s->out.error));
		return EXIT_TROUBLE;
	}
	return s->found ? EXIT_FOUND : s->trouble ? EXIT_TROUBLE : EXIT_CLEAN;
}

static int
scan(int argc, char **argv)
{
	struct scan s = { .out = out_new(
			      STDOUT_FILENO, cli_colour(STDOUT_FILENO)) };
	int status = parse(argc, argv, &s.options);

	if (status == -1)
		status = scan_run(&s, argc, argv);
	run_free(s.run);
	walk_free(s.walk);
	out_free(&s.out);
	if (run_signal() != 0)
		die_of(run_signal());
	return status;
}

const struct command command_scan = {
	.name = "scan",
	.summary = "say what model files would do when they are loaded",
	.usage =
	    "ckptguard scan [-r] [-j N] [--format=text|jsonl|sarif]\n"
	    "    [--profile=NAME] [--fail-on=VERDICT] [--deep] [--isolate]\n"
	    "    [--files-from=F|-] [--null] PATH...\n"
	    "\n"
	    "Looks into each file, and into each file of each directory, "
	    "without\n"
	    "running any of it, and prints a verdict in the order in which "
	    "they\n"
	    "finish: clean, unknown, unverified, suspicious or malicious.\n"
	    "\n"
	    "  -j, --jobs=N         scan N files at once (default: "
	    "processors)\n"
	    "  --deep               look at everything, tensor data included\n"
	    "  --fail-on=VERDICT    what counts as found (default: "
	    "suspicious)\n"
	    "  --files-from=F       read names from F, a line each; - is the\n"
	    "                       standard input\n"
	    "  --format=FORM        text, jsonl (an object for each file) or\n"
	    "                       sarif (2.1.0)\n"
	    "  --isolate            a process of its own for each file, not\n"
	    "                       for each few hundred ordinary ones\n"
	    "  --null               names in F end with a NUL, not a newline\n"
	    "  --profile=NAME       count as found what the guard would deny:\n"
	    "                       balanced or strict\n"
	    "  -r, --recursive      no effect: directories always recurse\n"
	    "\n"
	    "Exit status: 0 nothing was found, 1 something was, 2 a file "
	    "could\n"
	    "not be read or verified, or the command line is wrong.\n",
	.run = scan,
};
