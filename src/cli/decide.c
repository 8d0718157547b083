/* SPDX-License-Identifier: Apache-2.0 */
/* decide: allow and deny, by content. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "cli/ask.h"
#include "out/out.h"

enum { OPT_SOCKET = 256, OPT_FORGET, OPT_LIST, OPT_NUMBER, FIELD_MAX = 256 };

struct decide {
	const struct command *command;
	struct out *out;
	const char *socket;
	bool forget, list, number;
};

static void
put_field(struct out *o, const struct ask *a, const struct json_value *of,
    const char *name)
{
	char text[FIELD_MAX];

	if (json_string(&a->line->json, ask_member(a, of, name), text,
		sizeof(text)) == ERR_OK)
		out_escaped(o, text, strlen(text));
}

/* sha256:size:name, as the lists have it; those of this command's kind. */
static bool
take_decision(struct ask *a, void *context)
{
	const struct json_value *v = ask_member(a, NULL, "decision");
	const struct decide *d = context;
	char kind[FIELD_MAX];

	if (v == NULL ||
	    json_string(&a->line->json, ask_member(a, v, "kind"), kind,
		sizeof(kind)) != ERR_OK ||
	    strcmp(kind, d->command->name) != 0)
		return true;
	put_field(d->out, a, v, "sha256");
	out_puts(d->out, ":");
	out_number(d->out, ask_count(a, v, "size"));
	out_puts(d->out, ":");
	put_field(d->out, a, v, "name");
	out_puts(d->out, "\n");
	return true;
}

/* "sha256:size[:...]" */
static enum err
put_content(struct buf *q, const char *text)
{
	char hex[65];
	uint64_t size;
	char *end;
	enum err e;

	if (strspn(text, "0123456789abcdefABCDEF") != sizeof(hex) - 1 ||
	    text[sizeof(hex) - 1] != ':')
		return ERR_UNSUPPORTED;
	memcpy(hex, text, sizeof(hex) - 1);
	hex[sizeof(hex) - 1] = '\0';
	errno = 0;
	size = strtoull(text + sizeof(hex), &end, 10);
	if (end == text + sizeof(hex) || errno != 0 ||
	    (*end != '\0' && *end != ':'))
		return ERR_UNSUPPORTED;
	e = talk_text(q, "sha256", hex);
	return e != ERR_OK ? e : talk_number(q, "size", size);
}

/* A file by its real path: the guard follows no link. */
static enum err
put_subject(struct buf *q, const struct decide *d, const char *text)
{
	AUTO_FREE char *real = NULL;
	enum err e;

	if (d->number)
		return talk_text(q, "id", text);
	e = put_content(q, text);
	if (e != ERR_UNSUPPORTED)
		return e;
	real = realpath(text, NULL);
	if (real == NULL) {
		cli_complain("%s: %s", text, strerror(errno));
		return ERR_USAGE;
	}
	return talk_text(q, "path", real);
}

static int
ask_one(const struct decide *d, const char *text)
{
	AUTO(buf) struct buf q = buf_new(TALK_QUESTION_MAX);
	struct ask a;
	enum err e = talk_begin(&q,
	    d->list         ? "decisions"
		: d->forget ? "forget"
			    : d->command->name);

	if (e == ERR_OK && text != NULL)
		e = put_subject(&q, d, text);
	if (e != ERR_OK || !ask_open(&a, d->command, d->socket))
		return EXIT_TROUBLE;
	e = ask_question(&a, &q, take_decision, (void *)(uintptr_t)d);
	if (e == ERR_USAGE)
		ask_complain(&a);
	ask_free(&a);
	return e == ERR_OK ? EXIT_CLEAN : EXIT_TROUBLE;
}

static const struct option longs[] = {
	{ "forget", no_argument, NULL, OPT_FORGET },
	{ "list", no_argument, NULL, OPT_LIST },
	{ "quarantined", no_argument, NULL, OPT_NUMBER },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ NULL, 0, NULL, 0 },
};

static int
run(const struct decide *d, int argc, char **argv)
{
	int status = EXIT_CLEAN;

	if (d->list && argc == 0)
		return ask_one(d, NULL);
	if (d->list || argc == 0)
		return cli_usage(d->command,
		    "%s: name files, or ask for the --list", d->command->name);
	for (int i = 0; i < argc && status == EXIT_CLEAN; i++)
		status = ask_one(d, argv[i]);
	return status;
}

static int
decide(const struct command *command, int argc, char **argv)
{
	AUTO(out) struct out out = out_new(STDOUT_FILENO, false);
	struct decide d = { .command = command, .out = &out };
	int opt, status;

	while ((opt = getopt_long(argc, argv, "", longs, NULL)) != -1)
		if (opt == OPT_SOCKET)
			d.socket = optarg;
		else if (opt == OPT_FORGET)
			d.forget = true;
		else if (opt == OPT_LIST)
			d.list = true;
		else if (opt == OPT_NUMBER)
			d.number = true;
		else
			return cli_bad_option(command, argv);
	status = run(&d, argc - optind, argv + optind);
	if (out_flush(&out) != ERR_OK) {
		cli_complain("cannot write: %s", strerror(out.error));
		return EXIT_TROUBLE;
	}
	return status;
}

static int
allow(int argc, char **argv)
{
	return decide(&command_allow, argc, argv);
}

static int
deny(int argc, char **argv)
{
	return decide(&command_deny, argc, argv);
}

#define USAGE(name, does) \
	"ckptguard " name " [--forget] FILE...\n" \
	"ckptguard " name " [--forget] SHA256:SIZE...\n" \
	"ckptguard " name " --quarantined NUMBER...\n" \
	"ckptguard " name " --list\n" \
	"\n" \
	"  --forget         take the decision back\n" \
	"  --list           what was decided so, as a list of hashes\n" \
	"  --quarantined    what is in the vault under that number\n" \
	"  --socket=PATH    where the guard answers\n" \
	"\n" does "\n" \
	"It is the content that counts: any file with these bytes, whatever " \
	"its name,\n" \
	"and no file with others. For root and administrators.\n" \
	"\n" \
	"Exit status: 0 it was done, 2 it was not.\n"

const struct command command_allow = {
	.name = "allow",
	.summary = "let a content be opened, whatever the verdict",
	.usage = USAGE("allow", "Has the guard allow what it would deny.\n"),
	.run = allow,
};

const struct command command_deny = {
	.name = "deny",
	.summary = "let a content never be opened, whatever the verdict",
	.usage = USAGE("deny", "Has the guard deny what it would allow.\n"),
	.run = deny,
};
