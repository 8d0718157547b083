/* SPDX-License-Identifier: Apache-2.0 */
/* events: what happened to files, from the guard's history and as it happens.
 */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/own.h"
#include "cli/ask.h"
#include "cli/happened.h"

enum {
	OPT_SINCE = 256,
	OPT_UNTIL,
	OPT_VERDICT,
	OPT_PATH,
	OPT_USER,
	OPT_RULE,
	OPT_FORMAT,
	OPT_SOCKET,
	LINES = 50,
	LINES_FOLLOW = 10,
	LINES_MAX = 100000, /* kept in memory, to be turned round */
	PAGE = 1000,
	QUESTION_MAX = TALK_QUESTION_MAX,
	BEHIND_MAX = 64
};

#define EVENT_MEMORY (1024u * 1024)

/* A line as it came. */
struct kept {
	char *text;
	size_t size;
};

struct events {
	struct history_filter filter;
	const char *socket;
	bool follow, jsonl, all;
	size_t lines; /* that are wanted, newest */
	struct out *out;
	struct kept *kept; /* newest first */
	size_t count;
	struct ask *asking;
};

static int
wrong(const char *format, const char *what)
{
	return cli_usage(&command_events, format, what);
}

static uint64_t
now_ms(void)
{
	return (uint64_t)time(NULL) * 1000;
}

static bool
user_of(const char *text, uint32_t *out)
{
	const struct passwd *pw = getpwnam(text);
	char *end;
	unsigned long n;

	if (pw != NULL) {
		*out = pw->pw_uid;
		return true;
	}
	n = strtoul(text, &end, 10);
	*out = (uint32_t)n;
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' &&
	    n < UINT32_MAX;
}

/* 0, or the exit status. */
static int
take_time(const char *name, uint64_t *out)
{
	if (happened_moment(optarg, now_ms(), out))
		return 0;
	return cli_usage(&command_events,
	    "events: --%s is a moment such as 2h (ago), today or "
	    "2026-11-24 18:00, not %s",
	    name, optarg);
}

static int
take_lines(struct events *x)
{
	unsigned n = 0;

	x->all = strcmp(optarg, "all") == 0;
	if (!x->all && strcmp(optarg, "0") != 0 &&
	    !cli_number(optarg, LINES_MAX, &n))
		return wrong("events: -n is a number up to 100000, or all, not "
			     "%s",
		    optarg);
	x->lines = n;
	return 0;
}

/* The options with words. */
static int
take_word(struct events *x, int opt)
{
	struct history_filter *f = &x->filter;

	if (opt == OPT_VERDICT) {
		f->one_verdict = true;
		if (!verdict_parse(optarg, &f->verdict))
			return wrong("events: there is no verdict %s", optarg);
	} else if (opt == OPT_USER) {
		f->one_user = true;
		if (!user_of(optarg, &f->uid))
			return wrong("events: there is no user %s", optarg);
	} else {
		x->jsonl = strcmp(optarg, "jsonl") == 0;
		if (!x->jsonl && strcmp(optarg, "text") != 0)
			return wrong(
			    "events: --format is text or jsonl, not %s",
			    optarg);
	}
	return 0;
}

static int
take(struct events *x, int opt, char **argv)
{
	switch (opt) {
	case 'f':
		x->follow = true;
		return 0;
	case 'n':
		return take_lines(x);
	case OPT_SINCE:
		return take_time("since", &x->filter.since_ms);
	case OPT_UNTIL:
		return take_time("until", &x->filter.until_ms);
	case OPT_PATH:
		x->filter.path = optarg;
		return 0;
	case OPT_RULE:
		x->filter.rule = optarg;
		return 0;
	case OPT_SOCKET:
		x->socket = optarg;
		return 0;
	case OPT_VERDICT:
	case OPT_USER:
	case OPT_FORMAT:
		return take_word(x, opt);
	default:
		return cli_bad_option(&command_events, argv);
	}
}

/* A path is asked for as the guard knows it. */
static enum err
put_path(struct buf *q, const char *path)
{
	AUTO_FREE char *real = realpath(path, NULL);

	return talk_text(q, "path", real == NULL ? path : real);
}

static enum err
put_filter(const struct history_filter *f, struct buf *q)
{
	enum err e = ERR_OK;

	if (f->since_ms != 0)
		e = talk_number(q, "since", f->since_ms);
	if (e == ERR_OK && f->until_ms != 0)
		e = talk_number(q, "until", f->until_ms);
	if (e == ERR_OK && f->one_user)
		e = talk_number(q, "uid", f->uid);
	if (e == ERR_OK && f->one_verdict)
		e = talk_text(q, "verdict", verdict_name(f->verdict));
	if (e == ERR_OK && f->rule[0] != '\0')
		e = talk_text(q, "rule", f->rule);
	if (e == ERR_OK && f->path[0] != '\0')
		e = put_path(q, f->path);
	return e;
}

/* The object of an item, as it came. */
static bool
object_of(const struct ask *a, const char **text, size_t *n)
{
	const struct json_value *v = ask_member(a, NULL, "event");

	if (v == NULL)
		return false;
	*text = a->line->text + v->at;
	*n = v->size;
	return true;
}

static void
print(struct events *x, const struct ask *a)
{
	AUTO(arena) struct arena arena = arena_new(EVENT_MEMORY);
	struct history_event e;
	const char *text;
	size_t n;

	if (x->jsonl && object_of(a, &text, &n)) {
		out_escaped_again(x->out, text, n);
		out_puts(x->out, "\n");
	} else if (!x->jsonl && happened_read(a, &arena, &e)) {
		happened_line(x->out, &e);
	}
}

/* Newest first: they are kept and turned round. */
static bool
keep(struct ask *a, void *context)
{
	struct events *x = context;
	struct kept *k = &x->kept[x->count];

	if (ask_member(a, NULL, "event") == NULL || x->count == x->lines)
		return true;
	k->text = malloc(a->line->size);
	if (k->text == NULL)
		return true;
	memcpy(k->text, a->line->text, a->line->size);
	k->size = a->line->size;
	x->count++;
	return true;
}

static bool
print_now(struct ask *a, void *context)
{
	struct events *x = context;

	print(x, a);
	return true;
}

/* One page of the list; *more: there is another, behind that. */
static enum err
page(struct events *x, char behind[BEHIND_MAX], size_t limit, bool *more)
{
	AUTO(buf) struct buf q = buf_new(QUESTION_MAX);
	struct ask *a = x->asking;
	const struct json_value *v;
	enum err e = talk_begin(&q, "events");

	if (e == ERR_OK)
		e = put_filter(&x->filter, &q);
	if (e == ERR_OK)
		e = talk_number(&q, "limit", limit);
	if (e == ERR_OK && x->all)
		e = talk_text(&q, "order", "oldest");
	if (e == ERR_OK && behind[0] != '\0')
		e = talk_text(&q, "behind", behind);
	if (e != ERR_OK) {
		cli_complain("events: the question is too long");
		return e;
	}
	e = ask_question(a, &q, x->all ? print_now : keep, x);
	if (e == ERR_USAGE)
		ask_complain(a);
	if (e != ERR_OK)
		return e;
	v = ask_member(a, NULL, "more");
	*more = v != NULL && v->type == JSON_TRUE &&
	    json_string(&a->line->json, ask_member(a, NULL, "behind"), behind,
		BEHIND_MAX) == ERR_OK;
	return ERR_OK;
}

/* Print what was kept, oldest first. */
static void
print_kept(struct events *x)
{
	struct ask *a = x->asking;

	for (size_t i = x->count; i-- > 0;) {
		a->line->text = x->kept[i].text;
		a->line->size = x->kept[i].size;
		if (json_read(a->line->text, a->line->size, a->line->values,
			TALK_VALUES_MAX, &a->line->json) == ERR_OK)
			print(x, a);
	}
}

static enum err
list(struct events *x)
{
	char behind[BEHIND_MAX] = "";
	bool more = x->all || x->lines > 0;
	enum err e = ERR_OK;

	while (e == ERR_OK && more) {
		size_t left = x->lines - x->count;

		e = page(x, behind, x->all || left > PAGE ? PAGE : left, &more);
		if (!x->all && x->count == x->lines)
			more = false;
		if (x->all && out_flush(x->out) != ERR_OK)
			more = false;
	}
	if (e == ERR_OK)
		print_kept(x);
	return e;
}

/* Was it printed from the history already? */
static bool
printed(const struct events *x, const struct ask *a)
{
	for (size_t i = 0; i < x->count && i < LINES; i++)
		if (x->kept[i].size == a->line->size &&
		    memcmp(x->kept[i].text, a->line->text, a->line->size) == 0)
			return true;
	return false;
}

static bool
follow(struct ask *a, void *context)
{
	AUTO(arena) struct arena arena = arena_new(EVENT_MEMORY);
	struct events *x = context;
	struct history_event e;

	if (ask_count(a, NULL, "missed") != 0)
		cli_complain("events: %llu events went by too fast; they are "
			     "in the history",
		    (unsigned long long)ask_count(a, NULL, "missed"));
	if (!happened_read(a, &arena, &e) || !history_matches(&x->filter, &e) ||
	    printed(x, a))
		return true;
	print(x, a);
	return out_flush(x->out) == ERR_OK;
}

/* Begin to follow before the list is asked for, so that nothing is missed
 * between them. */
static bool
follow_begin(struct events *x, struct ask *a)
{
	AUTO(buf) struct buf q = buf_new(QUESTION_MAX);
	enum err e;

	if (!ask_open(a, &command_events, x->socket))
		return false;
	if (talk_begin(&q, "follow") != ERR_OK)
		return false;
	e = ask_question(a, &q, NULL, NULL);
	if (e == ERR_USAGE)
		ask_complain(a);
	return e == ERR_OK;
}

static int
run(struct events *x)
{
	struct ask a = { .talk = { .fd = -1 } }, f = a;
	int status = EXIT_TROUBLE;

	x->asking = &a;
	x->kept = calloc(x->lines + 1, sizeof(*x->kept));
	if (x->kept != NULL && (!x->follow || follow_begin(x, &f)) &&
	    ask_open(&a, &command_events, x->socket) && list(x) == ERR_OK)
		status = EXIT_CLEAN;
	ask_free(&a);
	if (status == EXIT_CLEAN && out_flush(x->out) == ERR_OK && x->follow)
		status = ask_follow(&f, follow, x) ? EXIT_CLEAN : EXIT_TROUBLE;
	ask_free(&f);
	for (size_t i = 0; i < x->count; i++)
		free(x->kept[i].text);
	free(x->kept);
	if (out_flush(x->out) != ERR_OK) {
		cli_complain("cannot write: %s", strerror(x->out->error));
		status = EXIT_TROUBLE;
	}
	return status;
}

static const struct option longs[] = {
	{ "follow", no_argument, NULL, 'f' },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "lines", required_argument, NULL, 'n' },
	{ "path", required_argument, NULL, OPT_PATH },
	{ "rule", required_argument, NULL, OPT_RULE },
	{ "since", required_argument, NULL, OPT_SINCE },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "until", required_argument, NULL, OPT_UNTIL },
	{ "user", required_argument, NULL, OPT_USER },
	{ "verdict", required_argument, NULL, OPT_VERDICT },
	{ NULL, 0, NULL, 0 },
};

static int
events(int argc, char **argv)
{
	AUTO(out)
	struct out out =
	    out_new(STDOUT_FILENO, cli_colour(STDOUT_FILENO, WHEN_AUTO));
	struct events x = { .filter = { .path = "", .rule = "" },
		.lines = SIZE_MAX,
		.out = &out };
	int opt, status = 0;

	while (status == 0 &&
	    (opt = getopt_long(argc, argv, "fn:", longs, NULL)) != -1)
		status = take(&x, opt, argv);
	if (status != 0)
		return status;
	if (optind < argc)
		return wrong("events: what is %s? A file goes behind --path",
		    argv[optind]);
	if (x.lines == SIZE_MAX)
		x.lines = x.follow ? LINES_FOLLOW : LINES;
	if (x.all)
		x.lines = 0;
	return run(&x);
}

const struct command command_events = {
	.name = "events",
	.summary = "what the guard saw: denied and noted files, and who opened "
		   "them",
	.usage =
	    "ckptguard events [-f] [-n N] [--since=TIME] [--until=TIME]\n"
	    "                 [--verdict=VERDICT] [--path=PATH] [--user=USER]\n"
	    "                 [--rule=ID] [--format=text|jsonl] "
	    "[--socket=PATH]\n"
	    "\n"
	    "  -f, --follow        go on, with each event as it happens\n"
	    "  -n, --lines=N       the last N (50; with -f 10), or all\n"
	    "  --since=TIME        not before: 2h (ago; s, m, h, d, w), "
	    "today,\n"
	    "                      yesterday, 2026-11-24, \"2026-11-24 "
	    "18:00\"\n"
	    "  --until=TIME        only before that\n"
	    "  --verdict=VERDICT   unknown, unverified, suspicious or "
	    "malicious\n"
	    "  --path=PATH         a file, or all below a directory\n"
	    "  --user=USER         what happened to this user\n"
	    "  --rule=ID           what this rule found\n"
	    "  --format=FORMAT     text, or jsonl: an object on each line\n"
	    "  --socket=PATH       where the guard answers\n"
	    "\n"
	    "You see what happened to you; root and administrators see all.\n"
	    "\n"
	    "Exit status: 0 it was shown, 2 the guard did not answer, or the "
	    "command\n"
	    "line is wrong.\n",
	.run = events,
};
