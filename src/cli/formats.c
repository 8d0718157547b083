/* SPDX-License-Identifier: Apache-2.0 */
/*
 * formats: which formats there are, and what is judged in each.
 *
 * The table is model/formats.def; walkers are the worker's, so no parser comes
 * with it.
 */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

struct format_row {
	const char *name, *title, *extensions, *in_place, *judged, *reference;
};

static const struct format_row rows[] = {
#define FORMAT(name, title, extensions, in_place, judged, reference) \
	{ name, title, extensions, in_place, judged, reference },
#include "model/formats.def"
#undef FORMAT
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void
print_text(const struct format_row *r)
{
	(void)printf("%s: %s\n", r->name, r->title);
	if (r->extensions[0] != '\0')
		(void)printf("  extensions  %s\n", r->extensions);
	(void)printf("  in place    %s\n", r->in_place);
	(void)printf("  judged      %s\n", r->judged);
	(void)printf("  reference   %s\n", r->reference);
}

/* The table has no character that JSON would escape; a test holds it to that.
 */
static void
print_json(const struct format_row *r)
{
	(void)printf(
	    "{\"name\":\"%s\",\"title\":\"%s\",\"extensions\":\"%s\","
	    "\"in_place\":%s,\"judged\":\"%s\",\"reference\":\"%s\"}\n",
	    r->name, r->title, r->extensions,
	    r->in_place[0] == 'y' ? "true" : "false", r->judged, r->reference);
}

/* A row of a table in Markdown, whose signs for emphasis are no such here. */
static void
print_markdown(const struct format_row *r)
{
	(void)printf("| `%s` | %s | %s%s%s | %s | %s |\n", r->name, r->title,
	    r->extensions[0] == '\0' ? "" : "`", r->extensions,
	    r->extensions[0] == '\0' ? "" : "`", r->in_place, r->judged);
}

static const struct {
	const char *name;
	const char *head;
	void (*print)(const struct format_row *r);
} writers[] = {
	{ "text", "", print_text },
	{ "jsonl", "", print_json },
	{ "markdown",
	    "| name | what | extensions | in place | judged |\n"
	    "| --- | --- | --- | --- | --- |\n",
	    print_markdown },
};

enum { WRITERS = sizeof(writers) / sizeof(writers[0]) };

/* The writer of this name, or WRITERS. */
static size_t
writer_find(const char *name)
{
	size_t i = 0;

	while (i < WRITERS && strcmp(writers[i].name, name) != 0)
		i++;
	return i;
}

static bool
is_asked(const struct format_row *r, char **names, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(r->name, names[i]) == 0)
			return true;
	return n == 0;
}

static bool
is_known(const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].name, name) == 0)
			return true;
	return false;
}

static int
formats(int argc, char **argv)
{
	static const struct option options[] = {
		{ "format", required_argument, NULL, 'f' }, { NULL, 0, NULL, 0 }
	};
	size_t writer = 0;
	int option;

	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (option != 'f')
			return cli_bad_option(&command_formats, argv);
		if ((writer = writer_find(optarg)) == WRITERS)
			return cli_usage(&command_formats,
			    "formats: --format is text, jsonl or markdown, "
			    "not %s",
			    optarg);
	}
	for (int i = optind; i < argc; i++)
		if (!is_known(argv[i]))
			return cli_usage(&command_formats,
			    "formats: no report names a format %s", argv[i]);
	(void)fputs(writers[writer].head, stdout);
	for (size_t i = 0; i < ROWS; i++)
		if (is_asked(&rows[i], argv + optind, argc - optind))
			writers[writer].print(&rows[i]);
	return EXIT_CLEAN;
}

const struct command command_formats = {
	.name = "formats",
	.summary = "list the formats, and what is judged in each",
	.usage = "ckptguard formats [--format=text|jsonl|markdown] [NAME]...\n"
		 "\n"
		 "Each format by the name that reports give it: its usual\n"
		 "extensions (a format is told by content, never by name),\n"
		 "whether loaders read such a file in place, what is judged,\n"
		 "and what that was written against.\n"
		 "\n"
		 "  --format=HOW  text (default), jsonl, or markdown\n"
		 "\n"
		 "Exit status: 0, or 2 for a wrong command line.\n",
	.run = formats,
};
