/* SPDX-License-Identifier: Apache-2.0 */
/* explain: all that can be said of one file. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "cli/cli.h"
#include "cli/run.h"
#include "cli/walk.h"
#include "wire/wire.h"

struct explain {
	struct out out;
	void (*write)(struct out *o, const char *path, const struct report *r);
	bool failed; /* no report, or one of an error */
};

static void
explain_done(void *context, const char *path, const struct report *r)
{
	struct explain *x = context;

	x->failed = r->error != NULL;
	x->write(&x->out, path, r);
}

/* Scan what was opened. */
static int
explain_file(struct explain *x, const struct walk_item *item)
{
	struct run_config config = { .jobs = 1,
		.few = true,
		.flags = WIRE_EXPLAIN,
		.out = &x->out,
		.done = explain_done,
		.context = x };
	struct run *run = NULL;
	enum err e;

	if (run_new(&config, &run) != ERR_OK)
		return EXIT_TROUBLE;
	e = run_file(run, item->fd, item->size, item->path);
	if (e != ERR_OK && e != ERR_PROTO)
		cli_complain("%s: not scanned: %s", item->path,
		    e == ERR_SYS ? strerror(errno) : err_text(e));
	if (e == ERR_OK)
		e = run_finish(run);
	run_free(run);
	return e == ERR_OK && !x->failed ? EXIT_CLEAN : EXIT_TROUBLE;
}

static int
explain_path(struct explain *x, const char *path)
{
	struct walk *walk = walk_new();
	struct walk_item item;
	int status;

	if (walk == NULL) {
		cli_complain("out of memory");
		return EXIT_TROUBLE;
	}
	item = walk_file(walk, path);
	if (item.what == WALK_FILE) {
		status = explain_file(x, &item);
		(void)close(item.fd);
	} else {
		cli_complain("%s: not scanned: %s", path, item.why);
		status = EXIT_TROUBLE;
	}
	walk_free(walk);
	if (out_flush(&x->out) != ERR_OK) {
		cli_complain("cannot write: %s", strerror(x->out.error));
		return EXIT_TROUBLE;
	}
	return status;
}

static int
explain(int argc, char **argv)
{
	static const struct option options[] = {
		{ "format", required_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	struct explain x = { .out = out_new(STDOUT_FILENO,
				 cli_colour(STDOUT_FILENO, WHEN_AUTO)),
		.write = out_explain_text,
		.failed = true };
	const struct command *c = &command_explain;
	int option, status;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'f')
			return cli_bad_option(c, argv);
		if (strcmp(optarg, "json") == 0)
			x.write = out_explain_json;
		else if (strcmp(optarg, "text") != 0)
			return cli_usage(
			    c, "--format is text or json, not %s", optarg);
	}
	if (optind + 1 != argc)
		return cli_usage(c, "explain: exactly one file is needed");
	status = explain_path(&x, argv[optind]);
	out_free(&x.out);
	return status;
}

const struct command command_explain = {
	.name = "explain",
	.summary = "all that loading one file would do, and why it matters",
	.usage =
	    "ckptguard explain [--format=text|json] FILE\n"
	    "\n"
	    "Says in words what FILE is, what loading it would import and "
	    "call\n"
	    "with the judgement of each, what was found, what it contains, "
	    "and\n"
	    "what to do.  Nothing of it is run.\n"
	    "\n"
	    "Exit status: 0 FILE was read, 2 it could not be, or the command\n"
	    "line is wrong.\n",
	.run = explain,
};
