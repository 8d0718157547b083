/* SPDX-License-Identifier: Apache-2.0 */
/* options: the command line of ckptguardd. */
#ifndef GUARDD_OPTIONS_H
#define GUARDD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "guardd/action.h"

enum {
	OPTIONS_WATCH_MAX = 64, /* directories; each mount below adds roots */
	OPTIONS_DEADLINE = 10,  /* seconds */
	OPTIONS_DEADLINE_MAX = 600,
	OPTIONS_STALL = 30, /* seconds */
	OPTIONS_STALL_MAX = 3600,
	OPTIONS_SETTLE = 60, /* seconds */
	OPTIONS_SETTLE_MAX = 3600,
	OPTIONS_WHY_MAX = 256 /* bytes of a sentence, with its NUL */
};

enum options_want { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION };

struct options {
	enum options_want want;
	bool foreground;
	bool observe;    /* judge and record, never deny */
	bool crash_open; /* after a crash, allow what was waiting */
	enum profile profile;
	unsigned deadline; /* seconds until an opener gets an answer */
	unsigned stall;    /* seconds without CPU time until a worker ends */
	unsigned settle;   /* seconds until a directory outside is ignored */
	const char *state_dir; /* NULL: the default */
	const char *socket;    /* NULL: none */
	const char *watch[OPTIONS_WATCH_MAX];
	size_t watch_count;
};

/*
 * Read a command line; strings are borrowed from argv.  ERR_USAGE: why holds
 * one sentence that says what is wrong and what would be right.
 */
MUST_USE enum err options_parse(
    int argc, char **argv, struct options *out, char why[OPTIONS_WHY_MAX]);

/* What --help prints. Static storage. */
const char *options_help(void);

#endif /* GUARDD_OPTIONS_H */
