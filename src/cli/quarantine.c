/* SPDX-License-Identifier: Apache-2.0 */
/* quarantine: what is in the guard's vault, and out of it again. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fdpass.h"
#include "base/own.h"
#include "cli/ask.h"
#include "cli/happened.h"
#include "out/out.h"

enum {
	OPT_FORMAT = 256,
	OPT_SOCKET,
	OPT_TO,
	OPT_KEEP_DENIED,
	FIELD_MAX = 8192,
	MEETING = 40,
	MEET_MS = 10000,
	BLOCK = 128 * 1024
};

struct quarantine {
	struct out *out;
	const char *socket, *to;
	bool json, keep_denied, whole;
	uint64_t count;
};

static void
put_field(struct out *o, const struct ask *a, const struct json_value *of,
    const char *before, const char *name)
{
	char text[FIELD_MAX];

	if (json_string(&a->line->json, ask_member(a, of, name), text,
		sizeof(text)) != ERR_OK ||
	    text[0] == '\0')
		return;
	out_puts(o, before);
	out_escaped(o, text, strlen(text));
}

static void
put_whole(struct out *o, const struct ask *a, const struct json_value *f)
{
	char mode[16];

	put_field(o, a, f, "\n  format      ", "format");
	put_field(o, a, f, "\n  because     ", "message");
	put_field(o, a, f, "\n  where       ", "where");
	put_field(o, a, f, "\n  rule        ", "rule");
	put_field(o, a, f, "\n  sha256      ", "sha256");
	out_puts(o, "\n  owner       user ");
	out_number(o, ask_count(a, f, "uid"));
	out_puts(o, ", group ");
	out_number(o, ask_count(a, f, "gid"));
	(void)snprintf(
	    mode, sizeof(mode), "%04o", (unsigned)ask_count(a, f, "mode"));
	out_puts(o, ", mode ");
	out_puts(o, mode);
	if (ask_count(a, f, "other_names") != 0)
		out_puts(
		    o, "\n  It has other names, which are where they were.");
}

/* An item: a file in the vault. */
static bool
take_file(struct ask *a, void *context)
{
	const struct json_value *f = ask_member(a, NULL, "file");
	struct quarantine *q = context;
	char when[HAPPENED_TIME];
	struct out *o = q->out;

	if (f == NULL)
		return true;
	q->count++;
	if (q->json) {
		out_escaped_again(o, a->line->text + f->at, f->size);
		out_puts(o, "\n");
		return true;
	}
	put_field(o, a, f, "", "id");
	happened_time(ask_count(a, f, "stored") * 1000, when);
	out_puts(o, "  ");
	out_puts(o, when);
	put_field(o, a, f, "  ", "verdict");
	out_puts(o, "  ");
	out_size(o, ask_count(a, f, "size"));
	put_field(o, a, f, "  ", "path");
	if (q->whole)
		put_whole(o, a, f);
	out_puts(o, "\n");
	return true;
}

/* Ask about one file, or all (id NULL). */
static int
ask_about(struct quarantine *q, const char *command, const char *id,
    const char *name, const char *value)
{
	AUTO(buf) struct buf question = buf_new(TALK_QUESTION_MAX);
	struct ask a;
	enum err e;

	if (!ask_open(&a, &command_quarantine, q->socket))
		return EXIT_TROUBLE;
	e = talk_begin(&question, command);
	if (e == ERR_OK && id != NULL)
		e = talk_text(&question, "id", id);
	if (e == ERR_OK && value != NULL)
		e = talk_text(&question, name, value);
	if (e == ERR_OK && q->keep_denied)
		e = buf_puts(&question, ",\"keep_denied\":true");
	if (e == ERR_OK)
		e = ask_question(&a, &question, take_file, q);
	if (e == ERR_USAGE)
		ask_complain(&a);
	ask_free(&a);
	return e == ERR_OK ? EXIT_CLEAN : EXIT_TROUBLE;
}

/* A whole path, links resolved in its directory: the guard follows none. */
static bool
whole_path(const char *path, char out[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	AUTO_FREE char *dir = slash == NULL
	    ? strdup(".")
	    : strndup(path, (size_t)(slash - path) + 1);
	AUTO_FREE char *real = dir == NULL ? NULL : realpath(dir, NULL);

	if (real == NULL ||
	    snprintf(out, PATH_MAX, "%s/%s", strcmp(real, "/") == 0 ? "" : real,
		name) >= PATH_MAX) {
		cli_complain("%s: %s", path, strerror(errno));
		return false;
	}
	return true;
}

static int
do_list(struct quarantine *q, int argc, char **argv)
{
	int status;

	(void)argv;
	if (argc != 0)
		return cli_usage(&command_quarantine,
		    "quarantine list shows all that is yours; show takes a "
		    "number");
	status = ask_about(q, "quarantine_list", NULL, NULL, NULL);
	if (status == EXIT_CLEAN && q->count == 0 && !q->json)
		out_puts(q->out, "Nothing is in the vault.\n");
	return status;
}

static int
do_show(struct quarantine *q, int argc, char **argv)
{
	int status = EXIT_CLEAN;

	q->whole = true;
	for (int i = 0; i < argc && status == EXIT_CLEAN; i++)
		status = ask_about(q, "quarantine_show", argv[i], NULL, NULL);
	return status;
}

static int
do_restore(struct quarantine *q, int argc, char **argv)
{
	int status = EXIT_CLEAN;
	char to[PATH_MAX];

	if (q->to != NULL && argc != 1)
		return cli_usage(
		    &command_quarantine, "--to is for one file at a time");
	if (q->to != NULL && !whole_path(q->to, to))
		return EXIT_TROUBLE;
	for (int i = 0; i < argc && status == EXIT_CLEAN; i++)
		status = ask_about(q, "quarantine_restore", argv[i], "to",
		    q->to == NULL ? NULL : to);
	return status;
}

static int
do_delete(struct quarantine *q, int argc, char **argv)
{
	int status = EXIT_CLEAN;

	for (int i = 0; i < argc && status == EXIT_CLEAN; i++)
		status = ask_about(q, "quarantine_delete", argv[i], NULL, NULL);
	return status;
}

/* A socket that only the guard, told its name, will connect to. */
static int
meeting_make(char name[MEETING])
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	uint64_t random[2];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || getrandom(random, sizeof(random), 0) != sizeof(random))
		return -1;
	(void)snprintf(name, MEETING, "ckg%016llx%016llx",
	    (unsigned long long)random[0], (unsigned long long)random[1]);
	memcpy(at.sun_path + 1, name, strlen(name));
	if (bind(fd, (const struct sockaddr *)(const void *)&at,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
		    strlen(name))) == 0 &&
	    listen(fd, 1) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

/* The descriptor of the file; -1: it did not come. */
static int
meeting_take(int listener)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };
	struct ucred who = { .uid = (uid_t)-1 };
	socklen_t n = sizeof(who);
	AUTO_CLOSE int sock = -1;
	char byte;
	int fd = -1;

	if (poll(&p, 1, MEET_MS) != 1)
		return -1;
	sock = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (sock == -1 ||
	    getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &who, &n) == -1 ||
	    who.uid != 0 || fdpass_recv(sock, &byte, 1, &fd, 0) != 1)
		return -1;
	return fd;
}

static int
copy_out(int from)
{
	AUTO_FREE char *block = malloc(BLOCK);
	ssize_t n;

	while (block != NULL && (n = read(from, block, BLOCK)) > 0)
		for (ssize_t at = 0; at < n;) {
			ssize_t w =
			    write(STDOUT_FILENO, block + at, (size_t)(n - at));

			if (w <= 0)
				return -1;
			at += w;
		}
	return block == NULL || n != 0 ? -1 : 0;
}

static int
do_export(struct quarantine *q, int argc, char **argv)
{
	AUTO_CLOSE int listener = -1, fd = -1;
	char name[MEETING];
	int status;

	if (argc != 1)
		return cli_usage(
		    &command_quarantine, "quarantine export takes one number");
	if (isatty(STDOUT_FILENO))
		return cli_usage(&command_quarantine,
		    "export writes the file's bytes: send them to a file with "
		    "> FILE");
	listener = meeting_make(name);
	if (listener == -1) {
		cli_complain("quarantine export: %s", strerror(errno));
		return EXIT_TROUBLE;
	}
	status = ask_about(q, "quarantine_export", argv[0], "socket", name);
	if (status != EXIT_CLEAN)
		return status;
	fd = meeting_take(listener);
	if (fd != -1 && copy_out(fd) == 0)
		return EXIT_CLEAN;
	cli_complain("quarantine export: the bytes could not be passed on: %s",
	    strerror(errno));
	return EXIT_TROUBLE;
}

static const struct verb {
	const char *name;
	int (*run)(struct quarantine *q, int argc, char **argv);
	int least; /* arguments */
} verbs[] = {
	{ "list", do_list, 0 },
	{ "show", do_show, 1 },
	{ "restore", do_restore, 1 },
	{ "delete", do_delete, 1 },
	{ "export", do_export, 1 },
};

static const struct option longs[] = {
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "keep-denied", no_argument, NULL, OPT_KEEP_DENIED },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "to", required_argument, NULL, OPT_TO },
	{ NULL, 0, NULL, 0 },
};

static int
take(struct quarantine *q, int opt, char **argv)
{
	if (opt == OPT_SOCKET)
		q->socket = optarg;
	else if (opt == OPT_TO)
		q->to = optarg;
	else if (opt == OPT_KEEP_DENIED)
		q->keep_denied = true;
	else if (opt != OPT_FORMAT)
		return cli_bad_option(&command_quarantine, argv);
	if (opt != OPT_FORMAT)
		return 0;
	q->json = strcmp(optarg, "jsonl") == 0;
	if (q->json || strcmp(optarg, "text") == 0)
		return 0;
	return cli_usage(&command_quarantine,
	    "quarantine: --format is text or jsonl, not %s", optarg);
}

static int
run_verb(struct quarantine *q, int argc, char **argv)
{
	if (argc == 0)
		return cli_usage(&command_quarantine,
		    "quarantine: list, show, restore, delete or export?");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, argv[0]) != 0)
			continue;
		if (argc - 1 < verbs[i].least)
			return cli_usage(&command_quarantine,
			    "quarantine %s: which file? ckptguard quarantine "
			    "list shows their numbers",
			    argv[0]);
		return verbs[i].run(q, argc - 1, argv + 1);
	}
	return cli_usage(
	    &command_quarantine, "quarantine: there is no %s", argv[0]);
}

static int
quarantine(int argc, char **argv)
{
	AUTO(out)
	struct out out =
	    out_new(STDOUT_FILENO, cli_colour(STDOUT_FILENO, WHEN_AUTO));
	struct quarantine q = { .out = &out };
	int opt, status = 0;

	while (status == 0 &&
	    (opt = getopt_long(argc, argv, "", longs, NULL)) != -1)
		status = take(&q, opt, argv);
	if (status == 0)
		status = run_verb(&q, argc - optind, argv + optind);
	if (out_flush(&out) != ERR_OK) {
		cli_complain("cannot write: %s", strerror(out.error));
		return EXIT_TROUBLE;
	}
	return status;
}

const struct command command_quarantine = {
	.name = "quarantine",
	.summary = "what the guard has moved aside, and out of there again",
	.usage =
	    "ckptguard quarantine list [--format=text|jsonl]\n"
	    "ckptguard quarantine show NUMBER...\n"
	    "ckptguard quarantine restore [--to=FILE] [--keep-denied] "
	    "NUMBER...\n"
	    "ckptguard quarantine delete NUMBER...\n"
	    "ckptguard quarantine export NUMBER >FILE\n"
	    "\n"
	    "  --format=FORMAT  text, or jsonl: an object for each file\n"
	    "  --to=FILE        restore it under that name, which nothing has\n"
	    "  --keep-denied    restore it, but do not allow its content\n"
	    "  --socket=PATH    where the guard answers\n"
	    "\n"
	    "list and show tell you of what was yours; all else is for root "
	    "and\n"
	    "administrators (restore for users too, if the configuration lets "
	    "them).\n"
	    "A restored file is as it was, and its content is allowed from "
	    "then on.\n"
	    "\n"
	    "Exit status: 0 it was done, 2 it was not.\n",
	.run = quarantine,
};
