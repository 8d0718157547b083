/* SPDX-License-Identifier: Apache-2.0 */
/* scan: what a person asked a scan for. */
#ifndef CLI_SCAN_H
#define CLI_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/cli.h"
#include "out/out.h"

enum {
	SCAN_REPORTS = 8,    /* files of one scan */
	SCAN_EXCLUDES = 256, /* patterns */
	SCAN_JOBS_MAX = 256,
};

/* What a profile denies; the guard reads the same names. */
enum scan_profile { PROFILE_NONE, PROFILE_BALANCED, PROFILE_STRICT };

/* Which files the text lists; all are counted. */
enum scan_list {
	LIST_AUTO, /* models for a person at a terminal, else all */
	LIST_ALL,
	LIST_MODELS, /* not those that nobody loads as they are */
	LIST_FOUND   /* those that are not clean */
};

struct scan_options {
	unsigned jobs;
	const struct writer *writer;
	enum scan_profile profile;
	bool threshold_set;
	enum verdict threshold;
	uint32_t flags; /* of wire_scan */
	bool isolate;
	const char *from; /* --files-from */
	int separator;    /* what ends a name in it */
	enum cli_when colour, progress;
	enum scan_list list;
	const char *reports[SCAN_REPORTS];
	size_t report_count;
	const char *excludes[SCAN_EXCLUDES];
	size_t exclude_count;
};

/* The options that watch has, too; its own begin with OPT_OWN. */
enum scan_option {
	OPT_PROFILE = 256,
	OPT_FAIL_ON,
	OPT_DEEP,
	OPT_COLOR,
	OPT_EXCLUDE,
	OPT_OWN
};

/* One of those, or -j, with its argument in optarg.  An exit status, or -1: go
 * on. */
int scan_option(
    struct scan_options *o, const struct command *command, int option);

/* An option's argument is none that it takes: say so; an exit status. */
int scan_wrong(const struct command *command, const char *takes);

/* Read the command line; what is named begins at optind.  An exit status, or
 * -1: go on. */
int scan_options(int argc, char **argv, struct scan_options *o);

/* False when nothing has that name. */
bool scan_list_parse(const char *name, enum scan_list *out);

/* Does this report count as "found"? */
bool scan_counts(const struct scan_options *o, const struct report *r);

/* Names from a list, as they come: add() is called for each, wait() until there
 * is more to read.  Both return ERR_PROTO to stop. */
struct scan_names {
	const char *from; /* "-": the standard input */
	int separator;
	enum err (*add)(void *context, const char *name, const char *why);
	enum err (*wait)(void *context, int fd);
	void *context;
};

/* ERR_OK: all were added; of a name that is none, why says what is wrong. */
MUST_USE enum err scan_names(const struct scan_names *n);

extern const char scan_usage[];

#endif /* CLI_SCAN_H */
