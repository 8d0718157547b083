/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli: what the commands of ckptguard share.
 *
 * Owns exit statuses and how trouble is told.  Parses no scanned file: that is
 * done by workers, which cli/run asks.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "model/verdict.h"

enum {
	EXIT_CLEAN = 0,  /* nothing at or above the threshold */
	EXIT_FOUND = 1,  /* something was */
	EXIT_TROUBLE = 2 /* a file could not be read or verified; bad usage */
};

struct command {
	const char *name;
	const char *summary; /* one line of "ckptguard help" */
	const char *usage;   /* all of "ckptguard help NAME" */
	/* argv[0] is the command's name. Returns the exit status. */
	int (*run)(int argc, char **argv);
};

extern const struct command command_scan, command_explain, command_formats,
    command_rules, command_config, command_events, command_why, command_status,
    command_release, command_reload, command_metrics, command_watch,
    command_notify, command_quarantine, command_allow, command_deny;

/* "ckptguard: ..." on standard error, the text escaped for a terminal. */
void cli_complain(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* A wrong command line: one sentence and where to read more. EXIT_TROUBLE. */
int cli_usage(const struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* getopt_long() met what it does not know: name it. EXIT_TROUBLE. */
int cli_bad_option(const struct command *command, char **argv);

/* Of colours and the like: when there is somebody to see them, or whatever
 * there is. */
enum cli_when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };

/* "auto", "always", "never"; false when text is none of them. */
bool cli_when(const char *text, enum cli_when *out);

/* May the output be coloured? */
bool cli_colour(int fd, enum cli_when when);

/* Can what was written on fd be written over? */
bool cli_terminal(int fd);

/* Called before a complaint is written: what stands on the terminal for a
 * moment has to go.  NULL: nothing does. */
void cli_before_complaint(void (*before)(void *context), void *context);

/* A number of at least 1 and at most max; false when text is none. */
bool cli_number(const char *text, unsigned max, unsigned *out);

#endif /* CLI_CLI_H */
