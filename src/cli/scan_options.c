/* SPDX-License-Identifier: Apache-2.0 */
/* scan_options: the command line of a scan. */
#include "config.h"

#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "cli/keep.h"
#include "cli/scan.h"
#include "wire/wire.h"

bool
scan_counts(const struct scan_options *o, const struct report *r)
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

static bool
profile_parse(const char *name, enum scan_profile *out)
{
	bool strict = strcmp(name, "strict") == 0;

	if (!strict && strcmp(name, "balanced") != 0)
		return false;
	*out = strict ? PROFILE_STRICT : PROFILE_BALANCED;
	return true;
}

bool
scan_list_parse(const char *name, enum scan_list *out)
{
	static const char *const names[] = { "auto", "all", "models", "found" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) != 0)
			continue;
		*out = (enum scan_list)i;
		return true;
	}
	return false;
}

enum long_option {
	OPT_FORMAT = OPT_OWN,
	OPT_FROM,
	OPT_ISOLATE,
	OPT_PROGRESS,
	OPT_LIST,
	OPT_REPORT
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
	{ "null", no_argument, NULL, '0' },
	{ "color", required_argument, NULL, OPT_COLOR },
	{ "progress", required_argument, NULL, OPT_PROGRESS },
	{ "list", required_argument, NULL, OPT_LIST },
	{ "report", required_argument, NULL, OPT_REPORT },
	{ "exclude", required_argument, NULL, OPT_EXCLUDE },
	{ NULL, 0, NULL, 0 },
};

static const struct command *const scan_command = &command_scan;

int
scan_wrong(const struct command *command, const char *takes)
{
	return cli_usage(command, "%s, not %s", takes, optarg);
}

static int
wrong(const char *takes)
{
	return scan_wrong(scan_command, takes);
}

/* An option that says what is shown. */
static int
parse_shown(struct scan_options *o, int option)
{
	switch (option) {
	case OPT_FORMAT:
		return (o->writer = out_writer(optarg)) != NULL
		    ? -1
		    : wrong("--format is text, jsonl, sarif or html");
	case OPT_PROGRESS:
		return cli_when(optarg, &o->progress)
		    ? -1
		    : wrong("--progress is auto, always or never");
	case OPT_LIST:
		return scan_list_parse(optarg, &o->list)
		    ? -1
		    : wrong("--list is all, models, found or auto");
	default: /* OPT_REPORT */
		break;
	}
	if (keep_writer(optarg) == NULL)
		return wrong("--report names a file that ends in .html, .sarif,"
			     " .jsonl or .txt");
	if (o->report_count == SCAN_REPORTS)
		return cli_usage(scan_command, "at most %d reports are written",
		    SCAN_REPORTS);
	o->reports[o->report_count++] = optarg;
	return -1;
}

static int
parse_exclude(struct scan_options *o, const struct command *command)
{
	if (o->exclude_count == SCAN_EXCLUDES)
		return cli_usage(
		    command, "at most %d patterns are taken", SCAN_EXCLUDES);
	o->excludes[o->exclude_count++] = optarg;
	return -1;
}

int
scan_option(struct scan_options *o, const struct command *command, int option)
{
	switch (option) {
	case 'j':
		return cli_number(optarg, SCAN_JOBS_MAX, &o->jobs)
		    ? -1
		    : cli_usage(command,
			  "-j needs a number from 1 to %d, not %s",
			  SCAN_JOBS_MAX, optarg);
	case OPT_DEEP:
		o->flags |= WIRE_DEEP;
		return -1;
	case OPT_EXCLUDE:
		return parse_exclude(o, command);
	case OPT_COLOR:
		return cli_when(optarg, &o->colour)
		    ? -1
		    : scan_wrong(command, "--color is auto, always or never");
	case OPT_PROFILE:
		return profile_parse(optarg, &o->profile)
		    ? -1
		    : scan_wrong(command, "--profile is balanced or strict");
	default: /* OPT_FAIL_ON */
		break;
	}
	o->threshold_set = true;
	return verdict_parse(optarg, &o->threshold)
	    ? -1
	    : scan_wrong(command,
		  "--fail-on is clean, unknown, unverified, suspicious or"
		  " malicious");
}

/* One option. Returns an exit status, or -1: go on. */
static int
parse_option(struct scan_options *o, int option, char **argv)
{
	switch (option) {
	case 'r':
		return -1; /* directories always recurse */
	case OPT_ISOLATE:
		o->isolate = true;
		return -1;
	case OPT_FROM:
		o->from = optarg;
		return -1;
	case '0':
		o->separator = '\0';
		return -1;
	case 'j':
	case OPT_DEEP:
	case OPT_EXCLUDE:
	case OPT_COLOR:
	case OPT_PROFILE:
	case OPT_FAIL_ON:
		return scan_option(o, scan_command, option);
	case OPT_FORMAT:
	case OPT_PROGRESS:
	case OPT_LIST:
	case OPT_REPORT:
		return parse_shown(o, option);
	default:
		return cli_bad_option(scan_command, argv);
	}
}

/* The processors that this process may use. */
static unsigned
processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > SCAN_JOBS_MAX ? SCAN_JOBS_MAX : (unsigned)n;
}

int
scan_options(int argc, char **argv, struct scan_options *o)
{
	int option, status = -1;

	*o = (struct scan_options){
		.jobs = processors(), .writer = &out_text, .separator = '\n'
	};
	while (status == -1 &&
	    (option = getopt_long(argc, argv, "rj:0", long_options, NULL)) !=
		-1)
		status = parse_option(o, option, argv);
	if (status == -1 && optind == argc && o->from == NULL)
		return cli_usage(
		    scan_command, "scan: no file or directory is named");
	if (o->list == LIST_AUTO)
		o->list = isatty(STDOUT_FILENO) == 1 ? LIST_MODELS : LIST_ALL;
	return status;
}

const char scan_usage[] =
    "ckptguard scan [-r] [-j N] [--format=text|jsonl|sarif|html]\n"
    "    [--report=FILE]... [--profile=NAME] [--fail-on=VERDICT] [--deep]\n"
    "    [--isolate] [--files-from=F|-] [-0] [--exclude=GLOB]...\n"
    "    [--list=WHICH] [--color=WHEN] [--progress=WHEN] PATH...\n"
    "\n"
    "Looks into each file, and into each file of each directory, without\n"
    "running any of it, and prints a verdict in the order in which they\n"
    "finish: clean, unknown, unverified, suspicious or malicious.\n"
    "\n"
    "  -j, --jobs=N         scan N files at once (default: processors)\n"
    "  -0, --null           names in F end with a NUL, not a newline\n"
    "  --color=WHEN         auto (on a terminal), always or never\n"
    "  --deep               look at everything, tensor data included\n"
    "  --exclude=GLOB       leave out what is met in directories and has\n"
    "                       such a name, or such a path if GLOB has a slash\n"
    "  --fail-on=VERDICT    what counts as found (default: suspicious)\n"
    "  --files-from=F       read names from F, a line each; - is the\n"
    "                       standard input\n"
    "  --format=FORM        text, jsonl (an object for each file), sarif\n"
    "                       (2.1.0) or html (one page)\n"
    "  --isolate            a process of its own for each file, not for\n"
    "                       each few hundred ordinary ones\n"
    "  --list=WHICH         files that text names: all, models or found\n"
    "                       (default: models on a terminal, else all)\n"
    "  --profile=NAME       count as found what the guard would deny:\n"
    "                       balanced or strict\n"
    "  --progress=WHEN      a bar on standard error: auto (on a terminal),\n"
    "                       always or never\n"
    "  --report=FILE        also write a report; the end of its name says\n"
    "                       the form: .html, .sarif, .jsonl or .txt\n"
    "  -r, --recursive      no effect: directories always recurse\n"
    "\n"
    "Exit status: 0 nothing was found, 1 something was, 2 a file could\n"
    "not be read or verified, or the command line is wrong.\n";
