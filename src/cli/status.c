/* SPDX-License-Identifier: Apache-2.0 */
/* status: how the guard is, and what it does not cover. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "cli/ask.h"
#include "cli/happened.h"

enum { OPT_FORMAT = 256, OPT_SOCKET, LINE_ROOM = 16 * 1024 };

struct status {
	struct out *out;
	const char *socket;
	bool json;
	bool gaps, pausing;
};

static void
say_count(struct out *o, uint64_t n, const char *what)
{
	out_puts(o, o->any ? ", " : "");
	out_number(o, n);
	out_puts(o, what);
	o->any = true;
}

/* Each text of a list on a line of its own. Returns how many there are. */
static size_t
say_list(
    struct status *s, const struct ask *a, const char *name, const char *before)
{
	const struct json_value *list = ask_member(a, NULL, name), *v;
	char text[LINE_ROOM];
	size_t n = 0;

	if (list == NULL || list->type != JSON_LIST)
		return 0;
	for (v = json_first(&a->line->json, list); v != NULL;
	     v = json_next(&a->line->json, list, v)) {
		if (json_string(&a->line->json, v, text, sizeof(text)) !=
		    ERR_OK)
			continue;
		out_puts(s->out, before);
		out_escaped(s->out, text, strlen(text));
		out_puts(s->out, "\n");
		n++;
	}
	return n;
}

/* What has gone wrong since the start, if anything has. */
static void
say_trouble(
    struct status *s, const struct ask *a, const struct json_value *counters)
{
	static const struct {
		const char *name, *text;
	} rows[] = {
		{ "late", " opens not judged in time" },
		{ "overload", " denied because too many waited" },
		{ "overload_user",
		    " denied because one user had too many "
		    "waiting" },
		{ "worker_deaths", " workers died" },
		{ "overflows", " queue overflows" },
		{ "records_dropped", " events not recorded" },
		{ "swept", " opens that a dead gate left" },
	};
	struct out *o = s->out;

	o->any = false;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t n = ask_count(a, counters, rows[i].name);

		if (n == 0)
			continue;
		out_puts(o, o->any ? "" : "trouble:  ");
		say_count(o, n, rows[i].text);
	}
	if (o->any)
		out_puts(o, "\n");
}

static void
say_counters(struct status *s, const struct ask *a)
{
	const struct json_value *c = ask_member(a, NULL, "counters");
	struct out *o = s->out;

	o->any = false;
	out_puts(o, "opens:    ");
	say_count(o, ask_count(a, c, "allowed"), " allowed");
	say_count(o, ask_count(a, c, "denied"), " denied");
	say_count(o, ask_count(a, c, "unverified"), " not verified");
	if (ask_count(a, c, "observed") != 0)
		say_count(o, ask_count(a, c, "observed"), " observed");
	o->any = false;
	out_puts(o, "\nnow:      ");
	say_count(o, ask_count(a, c, "waiting"), " waiting");
	say_count(o, ask_count(a, c, "scanning"), " being scanned");
	say_count(o, ask_count(a, c, "queued"), " queued");
	o->any = false;
	out_puts(o, "\nknown:    ");
	say_count(o, ask_count(a, c, "tokens"), " files that cost nothing");
	say_count(o, ask_count(a, c, "flagged"), " denied from memory");
	o->any = false;
	out_puts(o, "\nscans:    ");
	say_count(o, ask_count(a, c, "scans"), "");
	out_puts(o, ", 99 of 100 openers waited less than ");
	out_number(o, ask_count(a, c, "scanned_p99_us"));
	out_puts(o, " us\n");
	say_trouble(s, a, c);
}

static bool
ask_plain(struct ask *a, const char *command)
{
	AUTO(buf) struct buf q = buf_new(TALK_QUESTION_MAX);
	enum err e = talk_begin(&q, command);

	if (e == ERR_OK)
		e = ask_question(a, &q, NULL, NULL);
	if (e == ERR_USAGE)
		ask_complain(a);
	return e == ERR_OK;
}

/* "12 events, 3 MiB, since ..." */
static void
say_history(struct status *s, const struct ask *a)
{
	const struct json_value *pausing = ask_member(a, NULL, "pausing");
	uint64_t oldest = ask_count(a, NULL, "oldest");
	char when[HAPPENED_TIME];
	struct out *o = s->out;

	s->pausing = pausing != NULL && pausing->type == JSON_TRUE;
	o->any = false;
	out_puts(o, "history:  ");
	say_count(o, ask_count(a, NULL, "events"), " events");
	say_count(o, ask_count(a, NULL, "bytes") >> 10, " KiB");
	if (ask_count(a, NULL, "lost") != 0)
		say_count(o, ask_count(a, NULL, "lost"), " lost");
	if (oldest != 0) {
		happened_time(oldest, when);
		out_puts(o, ", since ");
		out_puts(o, when);
	}
	out_puts(o, s->pausing ? ", PAUSING\n" : "\n");
}

static void
say_version(struct status *s, const struct ask *a)
{
	char version[64];

	if (json_string(&a->line->json, ask_member(a, NULL, "version"), version,
		sizeof(version)) != ERR_OK)
		return;
	out_puts(s->out, "version:  ");
	out_escaped(s->out, version, strlen(version));
	out_puts(s->out, "\n");
}

/* "rules:    44 of YARA (sum), 1234 of imports (sum), loaded ..." */
static void
say_rules(struct status *s, const struct ask *a)
{
	static const struct {
		const char *count, *sum, *text;
	} rows[] = {
		{ "yara", "yara_sum", " of YARA" },
		{ "imports", "imports_sum", " of imports" },
	};
	const struct json_value *rules = ask_member(a, NULL, "rules");
	char text[64];
	struct out *o = s->out;

	if (rules == NULL)
		return; /* an older daemon, or they are not loaded yet */
	o->any = false;
	out_puts(o, "rules:    ");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		say_count(o, ask_count(a, rules, rows[i].count), rows[i].text);
		if (json_string(&a->line->json,
			ask_member(a, rules, rows[i].sum), text,
			sizeof(text)) != ERR_OK)
			continue;
		out_puts(o, " (");
		out_escaped(o, text, strlen(text));
		out_puts(o, ")");
	}
	happened_time(ask_count(a, rules, "loaded"), text);
	out_puts(o, ", loaded ");
	out_puts(o, text);
	out_puts(o, "\n");
}

/* The two answers as they are, a line each. */
static void
print_json(struct status *s, const struct ask *a)
{
	out_escaped_again(s->out, a->line->text, a->line->size);
	out_puts(s->out, "\n");
}

static bool
any_in(const struct ask *a, const char *name)
{
	const struct json_value *list = ask_member(a, NULL, name);

	return list != NULL && json_first(&a->line->json, list) != NULL;
}

static bool
show(struct status *s, struct ask *a)
{
	if (!ask_plain(a, "status"))
		return false;
	s->gaps = any_in(a, "not_guarded") || !any_in(a, "guarding");
	if (s->json) {
		print_json(s, a);
	} else {
		if (say_list(s, a, "guarding", "") == 0)
			out_puts(s->out, "NOT GUARDED: nothing is, yet\n");
		(void)say_list(s, a, "not_guarded", "");
		say_version(s, a);
		say_rules(s, a);
		say_counters(s, a);
		(void)say_list(s, a, "warnings", "warning:  ");
	}
	if (!ask_plain(a, "history"))
		return true; /* the guard is well all the same */
	if (s->json)
		print_json(s, a);
	else
		say_history(s, a);
	return true;
}

static const struct option longs[] = {
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ NULL, 0, NULL, 0 },
};

static int
take(struct status *s, int opt, char **argv)
{
	if (opt == OPT_SOCKET) {
		s->socket = optarg;
		return 0;
	}
	if (opt != OPT_FORMAT)
		return cli_bad_option(&command_status, argv);
	s->json = strcmp(optarg, "jsonl") == 0;
	if (s->json || strcmp(optarg, "text") == 0)
		return 0;
	return cli_usage(&command_status,
	    "status: --format is text or jsonl, not %s", optarg);
}

static int
status(int argc, char **argv)
{
	AUTO(out)
	struct out out =
	    out_new(STDOUT_FILENO, cli_colour(STDOUT_FILENO, WHEN_AUTO));
	struct status s = { .out = &out };
	struct ask a;
	int opt, wrong = 0;
	bool told;

	while (wrong == 0 &&
	    (opt = getopt_long(argc, argv, "", longs, NULL)) != -1)
		wrong = take(&s, opt, argv);
	if (wrong != 0)
		return wrong;
	if (optind < argc)
		return cli_usage(
		    &command_status, "status: what is %s?", argv[optind]);
	if (!ask_open(&a, &command_status, s.socket))
		return EXIT_TROUBLE;
	told = show(&s, &a);
	ask_free(&a);
	if (out_flush(&out) != ERR_OK) {
		cli_complain("cannot write: %s", strerror(out.error));
		return EXIT_TROUBLE;
	}
	return !told              ? EXIT_TROUBLE
	    : s.gaps || s.pausing ? EXIT_FOUND
				  : EXIT_CLEAN;
}

const struct command command_status = {
	.name = "status",
	.summary = "what is guarded and what is not, and how the guard is",
	.usage =
	    "ckptguard status [--format=text|jsonl] [--socket=PATH]\n"
	    "\n"
	    "  --format=FORMAT  text, or jsonl: the guard's answers, a line "
	    "each\n"
	    "  --socket=PATH    where the guard answers\n"
	    "\n"
	    "Exit status: 0 all that should be guarded is, 1 something is not, "
	    "or the\n"
	    "history pauses, 2 no guard answers, or the command line is "
	    "wrong.\n",
	.run = status,
};
