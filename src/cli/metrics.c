/* SPDX-License-Identifier: Apache-2.0 */
/* metrics: the guard's numbers for Prometheus; reload: its configuration. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "cli/ask.h"
#include "out/out.h"

enum { OPT_OUTPUT = 256, OPT_SOCKET, LINE_ROOM = 16 * 1024 };

/* Each text of the answer's list on a line of its own. */
static void
print_text(struct out *o, const struct ask *a)
{
	const struct json_value *list = ask_member(a, NULL, "text"), *v;
	char text[LINE_ROOM];

	if (list == NULL)
		return;
	for (v = json_first(&a->line->json, list); v != NULL;
	     v = json_next(&a->line->json, list, v)) {
		if (json_string(&a->line->json, v, text, sizeof(text)) !=
		    ERR_OK)
			continue;
		out_escaped_again(o, text, strlen(text));
		out_puts(o, "\n");
	}
}

/* Ask, and print the text of the answer. */
static int
ask_and_print(const struct command *command, const char *socket, struct out *o)
{
	AUTO(buf) struct buf q = buf_new(TALK_QUESTION_MAX);
	struct ask a;
	enum err e;

	if (!ask_open(&a, command, socket))
		return EXIT_TROUBLE;
	e = talk_begin(&q, command->name);
	if (e == ERR_OK)
		e = ask_question(&a, &q, NULL, NULL);
	if (e == ERR_USAGE)
		ask_complain(&a);
	if (e == ERR_OK)
		print_text(o, &a);
	ask_free(&a);
	if (e == ERR_OK && out_flush(o) != ERR_OK) {
		cli_complain(
		    "%s: cannot write: %s", command->name, strerror(o->error));
		e = ERR_SYS;
	}
	return e == ERR_OK   ? EXIT_CLEAN
	    : e == ERR_USAGE ? EXIT_FOUND
			     : EXIT_TROUBLE;
}

/* Into a file beside, which then takes the name: who reads it sees a whole
 * one. */
static int
metrics_file(const char *socket, const char *path)
{
	char draft[PATH_MAX];
	AUTO_CLOSE int fd = -1;
	struct out o;
	int status;

	if (snprintf(draft, sizeof(draft), "%s.XXXXXX", path) >=
	    (int)sizeof(draft)) {
		cli_complain("metrics: %s: the path is too long", path);
		return EXIT_TROUBLE;
	}
	fd = mkostemp(draft, O_CLOEXEC);
	if (fd == -1) {
		cli_complain("metrics: %s: %s", path, strerror(errno));
		return EXIT_TROUBLE;
	}
	o = out_new(fd, false);
	status = ask_and_print(&command_metrics, socket, &o);
	out_free(&o);
	if (status == EXIT_CLEAN &&
	    (fchmod(fd, 0644) == -1 || rename(draft, path) == -1)) {
		cli_complain("metrics: %s: %s", path, strerror(errno));
		status = EXIT_TROUBLE;
	}
	if (status != EXIT_CLEAN)
		(void)unlink(draft);
	return status == EXIT_CLEAN ? EXIT_CLEAN : EXIT_TROUBLE;
}

static const struct option longs[] = {
	{ "output", required_argument, NULL, OPT_OUTPUT },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ NULL, 0, NULL, 0 },
};

static int
metrics(int argc, char **argv)
{
	AUTO(out) struct out out = out_new(STDOUT_FILENO, false);
	const char *socket = NULL, *output = NULL;
	int opt, status;

	while ((opt = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (opt == OPT_SOCKET)
			socket = optarg;
		else if (opt == OPT_OUTPUT)
			output = optarg;
		else
			return cli_bad_option(&command_metrics, argv);
	}
	if (optind < argc)
		return cli_usage(
		    &command_metrics, "metrics: what is %s?", argv[optind]);
	if (output != NULL)
		return metrics_file(socket, output);
	status = ask_and_print(&command_metrics, socket, &out);
	return status == EXIT_CLEAN ? EXIT_CLEAN : EXIT_TROUBLE;
}

static int
reload(int argc, char **argv)
{
	AUTO(out) struct out out = out_new(STDOUT_FILENO, false);
	const char *socket = NULL;
	int opt;

	while ((opt = getopt_long(argc, argv, "", longs + 1, NULL)) != -1) {
		if (opt != OPT_SOCKET)
			return cli_bad_option(&command_reload, argv);
		socket = optarg;
	}
	if (optind < argc)
		return cli_usage(
		    &command_reload, "reload: what is %s?", argv[optind]);
	return ask_and_print(&command_reload, socket, &out);
}

const struct command command_metrics = {
	.name = "metrics",
	.summary = "the guard's numbers, for Prometheus",
	.usage =
	    "ckptguard metrics [--output=FILE] [--socket=PATH]\n"
	    "\n"
	    "  --output=FILE  write there, in one piece: for node_exporter's "
	    "textfile\n"
	    "                 collector\n"
	    "  --socket=PATH  where the guard answers\n"
	    "\n"
	    "Exit status: 0 they were written, 2 they were not.\n",
	.run = metrics,
};

const struct command command_reload = {
	.name = "reload",
	.summary = "have the guard read its configuration again",
	.usage =
	    "ckptguard reload [--socket=PATH]\n"
	    "\n"
	    "  --socket=PATH  where the guard answers\n"
	    "\n"
	    "Waits until the new configuration holds, or says each mistake in "
	    "it; then\n"
	    "nothing has changed. For root and administrators.\n"
	    "\n"
	    "Exit status: 0 it holds, 1 it does not, 2 no guard answers, or "
	    "the command\n"
	    "line is wrong.\n",
	.run = reload,
};
