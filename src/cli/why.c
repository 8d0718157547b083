/* SPDX-License-Identifier: Apache-2.0 */
/* why: what the guard last decided about a file, in words, and what to do. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/own.h"
#include "cli/ask.h"
#include "cli/happened.h"

enum { OPT_FORMAT = 256, OPT_SOCKET, ADVICE_MAX = 4096 };

#define EVENT_MEMORY (1024u * 1024)

struct why {
	struct out *out;
	const char *socket;
	bool json;
	bool told;
};

static void
say(struct out *o, const char *before, const char *text, const char *after)
{
	if (text[0] == '\0')
		return;
	out_puts(o, before);
	out_escaped(o, text, strlen(text));
	out_puts(o, after);
}

/* What happened, as a sentence. */
static const char *
happening(const struct history_event *e)
{
	if (strcmp(e->kind, "denied") == 0)
		return e->error == EIO
		    ? "Its open failed (EIO): it could not be verified"
		    : "Its open was denied (EPERM)";
	if (strcmp(e->kind, "observed") == 0)
		return "Its open would have been denied, if the guard did not "
		       "only observe";
	if (strcmp(e->kind, "exempted") == 0)
		return "Its open would have been denied, but its user or "
		       "program is exempt";
	if (strcmp(e->kind, "noted") == 0)
		return "Its open was allowed, and noted";
	if (strcmp(e->kind, "flagged") == 0)
		return "It was looked at without being opened: an open will "
		       "be denied";
	return NULL;
}

/* The next step, for this verdict. */
static void
next_steps(struct out *o, const struct history_event *e)
{
	AUTO(buf) struct buf advice = buf_new(ADVICE_MAX);
	const char *what = out_verdict_advice(e->verdict);

	if (e->rule[0] != '\0' && out_advice(&advice, e->rule))
		what = buf_text(&advice);
	out_puts(o, "\nWhat to do:\n");
	say(o, "  ", what, "\n");
	if (strcmp(e->rule, "guard.late") == 0)
		out_puts(o, "  The scan went on by itself: open it again.\n");
	say(o, "  All that is in it:          ckptguard explain ", e->path,
	    "\n");
	if (out_page(e->rule) != NULL)
		say(o, "  What this finding means:    ckptguard rules explain ",
		    e->rule, "\n");
}

static void
print(struct out *o, const struct history_event *e)
{
	char when[HAPPENED_TIME];
	const char *sentence = happening(e);

	happened_time(e->time_ms, when);
	out_escaped(o, e->path, strlen(e->path));
	out_puts(o, ": ");
	out_verdict(o, e->verdict);
	say(o, " (", e->format, ")");
	out_puts(o, "\n");
	out_puts(o, out_verdict_text(e->verdict));
	out_puts(o, ".\n\n");
	if (sentence != NULL)
		out_puts(o, sentence);
	else
		out_escaped(o, e->kind, strlen(e->kind));
	out_puts(o, ", ");
	out_puts(o, when);
	happened_who(o, e);
	out_puts(o, ".\n");
	say(o, "Because ", e->message, "");
	say(o, " (", e->where, ")");
	say(o, " [", e->rule, "]");
	if (e->message[0] != '\0')
		out_puts(o, ".\n");
	if (e->growing)
		out_puts(o, "Somebody was still writing to it then.\n");
	next_steps(o, e);
}

static bool
take_event(struct ask *a, void *context)
{
	AUTO(arena) struct arena arena = arena_new(EVENT_MEMORY);
	const struct json_value *v = ask_member(a, NULL, "event");
	struct why *w = context;
	struct history_event e;

	if (v == NULL || !happened_read(a, &arena, &e))
		return true;
	w->told = true;
	if (w->json) {
		out_escaped_again(w->out, a->line->text + v->at, v->size);
		out_puts(w->out, "\n");
	} else {
		print(w->out, &e);
	}
	return true;
}

/* The file as the guard knows it: its real path and its numbers, as far as
 * they can be told; it need not be there any more. */
static enum err
put_file(struct buf *q, const char *path)
{
	AUTO_FREE char *real = realpath(path, NULL);
	char whole[PATH_MAX], here[PATH_MAX];
	struct stat st;
	enum err e;

	if (real == NULL && path[0] != '/' &&
	    getcwd(here, sizeof(here)) != NULL &&
	    snprintf(whole, sizeof(whole), "%s/%s", here, path) <
		(int)sizeof(whole))
		path = whole;
	e = talk_text(q, "path", real != NULL ? real : path);
	if (e != ERR_OK || stat(path, &st) == -1)
		return e;
	e = talk_number(
	    q, "dev", (uint64_t)major(st.st_dev) << 32 | minor(st.st_dev));
	return e != ERR_OK ? e : talk_number(q, "ino", st.st_ino);
}

static int
why_file(struct why *w, const char *path)
{
	AUTO(buf) struct buf q = buf_new(TALK_QUESTION_MAX);
	struct ask a;
	enum err e;

	if (!ask_open(&a, &command_why, w->socket))
		return EXIT_TROUBLE;
	e = talk_begin(&q, "why");
	if (e == ERR_OK)
		e = put_file(&q, path);
	if (e != ERR_OK)
		cli_complain("why: %s: the path is too long", path);
	else
		e = ask_question(&a, &q, take_event, w);
	if (e == ERR_USAGE && ask_error_is(&a, "missing"))
		cli_complain("%s: the guard knows nothing of it that happened "
			     "to you: it was allowed, or is watched by none; "
			     "ckptguard explain tells what is in it",
		    path);
	else if (e == ERR_USAGE)
		ask_complain(&a);
	if (e == ERR_USAGE && !ask_error_is(&a, "missing"))
		e = ERR_SYS;
	ask_free(&a);
	return e == ERR_OK   ? EXIT_CLEAN
	    : e == ERR_USAGE ? EXIT_FOUND
			     : EXIT_TROUBLE;
}

static const struct option longs[] = {
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ NULL, 0, NULL, 0 },
};

static int
take(struct why *w, int opt, char **argv)
{
	if (opt == OPT_SOCKET) {
		w->socket = optarg;
		return 0;
	}
	if (opt != OPT_FORMAT)
		return cli_bad_option(&command_why, argv);
	w->json = strcmp(optarg, "json") == 0;
	if (w->json || strcmp(optarg, "text") == 0)
		return 0;
	return cli_usage(
	    &command_why, "why: --format is text or json, not %s", optarg);
}

static int
why(int argc, char **argv)
{
	AUTO(out)
	struct out out =
	    out_new(STDOUT_FILENO, cli_colour(STDOUT_FILENO, WHEN_AUTO));
	struct why w = { .out = &out };
	int opt, status = 0;

	while (status == 0 &&
	    (opt = getopt_long(argc, argv, "", longs, NULL)) != -1)
		status = take(&w, opt, argv);
	if (status != 0)
		return status;
	if (optind + 1 != argc)
		return cli_usage(
		    &command_why, "why: name one file, whose open failed");
	status = why_file(&w, argv[optind]);
	if (out_flush(&out) != ERR_OK) {
		cli_complain("cannot write: %s", strerror(out.error));
		return EXIT_TROUBLE;
	}
	return status;
}

const struct command command_why = {
	.name = "why",
	.summary = "why a file could not be opened, and what to do",
	.usage =
	    "ckptguard why [--format=text|json] [--socket=PATH] FILE\n"
	    "\n"
	    "  --format=FORMAT  text, or json: the event as an object\n"
	    "  --socket=PATH    where the guard answers\n"
	    "\n"
	    "Says what the guard last decided about the file when you opened "
	    "it (root\n"
	    "and administrators: when anybody did).\n"
	    "\n"
	    "Exit status: 0 it was told, 1 nothing is known, 2 the guard did "
	    "not\n"
	    "answer, or the command line is wrong.\n",
	.run = why,
};
