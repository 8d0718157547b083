/* SPDX-License-Identifier: Apache-2.0 */
/* options: the command line of ckptguardd. */
#ifndef GUARDD_OPTIONS_H
#define GUARDD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "conf/conf.h"
#include "guardd/action.h"

enum {
	OPTIONS_WATCH_MAX = 256, /* directories; each mount below adds roots */
	OPTIONS_DEADLINE = 10,   /* seconds */
	OPTIONS_DEADLINE_MAX = 600,
	OPTIONS_STALL = 30, /* seconds */
	OPTIONS_STALL_MAX = 3600,
	OPTIONS_SETTLE = 60, /* seconds */
	OPTIONS_SETTLE_MAX = 3600,
	OPTIONS_WHY_MAX = 256 /* bytes of a sentence, with its NUL */
};

/* What the command line says counts more than the configuration. */
enum options_given {
	GIVEN_OBSERVE = 1,
	GIVEN_CRASH = 2,
	GIVEN_PROFILE = 4,
	GIVEN_DEADLINE = 8,
	GIVEN_STALL = 16,
	GIVEN_SETTLE = 32,
	GIVEN_WATCH = 64,
	GIVEN_SCAN_NEW = 128
};

enum options_want { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION };

struct options {
	enum options_want want;
	unsigned given; /* a bit of each enum options_given */
	bool foreground;
	bool observe;    /* judge and record, never deny */
	bool crash_open; /* after a crash, allow what was waiting */
	struct policy policy;
	unsigned deadline; /* seconds until an opener gets an answer */
	unsigned stall;    /* seconds without CPU time until a worker ends */
	struct keeping keep;
	unsigned settle; /* seconds until a directory outside is ignored */
	bool scan_new;   /* before anybody opens it */
	unsigned keep_days, keep_gigabytes; /* in the vault; 0: no bound */
	bool users_restore;
	const char *state_dir;                /* NULL: the default */
	const char *socket;                   /* NULL: none */
	const char *config;                   /* a file to read; NULL: none */
	const char *watch[OPTIONS_WATCH_MAX]; /* may be patterns */
	uint8_t watch_policy[OPTIONS_WATCH_MAX]; /* 0: policy; else one of: */
	size_t watch_count;
	struct policy watch_policies[CONF_WATCHES_MAX];
	unsigned policy_count; /* of these */
};

/*
 * Read a command line; strings are borrowed from argv.  ERR_USAGE: why holds
 * one sentence that says what is wrong and what would be right.
 */
MUST_USE enum err options_parse(
    int argc, char **argv, struct options *out, char why[OPTIONS_WHY_MAX]);

/* Take from a configuration what the command line didn't give. The strings are
 * borrowed from it.  What it names and isn't there is a line in why, and holds
 * without it. */
void options_complete(struct options *o, const struct conf *c, struct buf *why);

/* What the gate needs of them. */
struct settings options_settings(const struct options *o);

/* What --help prints. Static storage. */
const char *options_help(void);

#endif /* GUARDD_OPTIONS_H */
