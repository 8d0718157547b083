/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main: ckptguard-worker, run by ckptguard and ckptguardd.
 *
 * Finds nothing by itself: every directory comes on the command line.
 */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sandbox/sandbox.h"
#include "worker/worker.h"

enum { USAGE = 2, DECIMAL = 10 };

enum option_id {
	OPT_CONTROL = 256,
	OPT_TEMPLATE,
	OPT_FEW,
	OPT_UID,
	OPT_GID,
	OPT_RULES,
	OPT_IMPORTS,
	OPT_CHECK,
	OPT_LIST,
	OPT_VERSION,
	OPT_HELP,
};

static const struct option long_options[] = {
	{ "control", required_argument, NULL, OPT_CONTROL },
	{ "template", no_argument, NULL, OPT_TEMPLATE },
	{ "few", no_argument, NULL, OPT_FEW },
	{ "uid", required_argument, NULL, OPT_UID },
	{ "gid", required_argument, NULL, OPT_GID },
	{ "rules", required_argument, NULL, OPT_RULES },
	{ "imports", required_argument, NULL, OPT_IMPORTS },
	{ "check", no_argument, NULL, OPT_CHECK },
	{ "list", no_argument, NULL, OPT_LIST },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static const char usage_text[] =
    "usage: ckptguard-worker --control=FD [--few] [--uid=N --gid=N] [DIRS]\n"
    "       ckptguard-worker --check [DIRS]\n"
    "       ckptguard-worker --list [DIRS]\n"
    "DIRS: [--rules=DIR]... [--imports=DIR]...\n"
    "ckptguard and ckptguardd run it; for people there is \"ckptguard "
    "rules\".\n";

static bool
usage(void)
{
	(void)fputs(usage_text, stderr);
	return false;
}

/* A number up to max. */
static bool
number(const char *text, unsigned long max, unsigned long *out)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, DECIMAL);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    value > max) {
		(void)fprintf(stderr,
		    "ckptguard-worker: \"%s\" is no number up to %lu\n", text,
		    max);
		return false;
	}
	*out = value;
	return true;
}

static bool
dir_add(const char **dirs, const char *dir)
{
	size_t n = 0;

	while (dirs[n] != NULL)
		n++;
	if (n == WORKER_DIRS) {
		(void)fprintf(stderr,
		    "ckptguard-worker: more than %d directories\n",
		    WORKER_DIRS);
		return false;
	}
	dirs[n] = dir;
	return true;
}

/* Whom to become: -1 would mean nobody, and is no user of the kernel's. */
static bool
option_id(enum option_id id, const char *text, struct worker_options *o)
{
	unsigned long value = 0;

	if (!number(text, (uid_t)-2, &value))
		return false;
	if (id == OPT_UID)
		o->uid = (uid_t)value;
	else
		o->gid = (gid_t)value;
	return true;
}

/* False: the command line makes no sense. */
static bool
option_take(enum option_id id, char *text, struct worker_options *o)
{
	unsigned long value = 0;

	switch (id) {
	case OPT_CONTROL:
		o->job = WORKER_TEMPLATE;
		if (!number(text, INT_MAX, &value))
			return false;
		o->control = (int)value;
		return true;
	case OPT_TEMPLATE:
		o->job = WORKER_TEMPLATE;
		return true;
	case OPT_FEW:
		o->few = true;
		return true;
	case OPT_UID:
	case OPT_GID:
		return option_id(id, text, o);
	case OPT_RULES:
		return dir_add(o->rules, text);
	case OPT_IMPORTS:
		return dir_add(o->imports, text);
	case OPT_CHECK:
		o->job = WORKER_CHECK;
		return true;
	case OPT_LIST:
		o->job = WORKER_LIST;
		return true;
	case OPT_VERSION:
		(void)printf("ckptguard-worker %s\n", PACKAGE_VERSION);
		exit(EXIT_SUCCESS);
	case OPT_HELP:
		(void)fputs(usage_text, stdout);
		exit(EXIT_SUCCESS);
	}
	return usage();
}

static bool
options_read(int argc, char **argv, struct worker_options *o)
{
	int id;

	while ((id = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		if (!option_take((enum option_id)id, optarg, o))
			return false;
	if (optind != argc || o->job == WORKER_NOTHING)
		return usage();
	if ((o->uid == (uid_t)-1) != (o->gid == (gid_t)-1)) {
		(void)fputs("ckptguard-worker: --uid and --gid belong "
			    "together\n",
		    stderr);
		return false;
	}
	return true;
}

int
main(int argc, char **argv)
{
	struct worker_options o = {
		.control = SANDBOX_SOCKET, .uid = (uid_t)-1, .gid = (gid_t)-1
	};

	if (!options_read(argc, argv, &o))
		return USAGE;
	switch (o.job) {
	case WORKER_TEMPLATE:
		return worker_template(&o);
	case WORKER_CHECK:
		return worker_check(&o);
	case WORKER_LIST:
		return worker_list(&o);
	case WORKER_NOTHING:
		break;
	}
	return USAGE;
}
