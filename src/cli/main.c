/* SPDX-License-Identifier: Apache-2.0 */
/* main: the table of commands. */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "base/text.h"
#include "cli/cli.h"

enum { COMPLAINT_MAX = 64 * 1024 };

static const struct command *const commands[] = { &command_scan,
	&command_explain, &command_formats, &command_rules, &command_config,
	&command_status, &command_events, &command_why, &command_release,
	&command_reload, &command_metrics, &command_watch, &command_notify,
	&command_quarantine, &command_allow, &command_deny };

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static void (*complain_before)(void *);
static void *complain_context;

void
cli_before_complaint(void (*before)(void *context), void *context)
{
	complain_before = before;
	complain_context = context;
}

static void
complain(const char *format, va_list args, const char *more)
{
	AUTO(buf) struct buf line = buf_new(2 * COMPLAINT_MAX);
	AUTO_FREE char *text = malloc(COMPLAINT_MAX);

	if (text == NULL)
		return;
	(void)vsnprintf(text, COMPLAINT_MAX, format, args);
	if (complain_before != NULL)
		complain_before(complain_context);
	if (text_escape(&line, text, strlen(text)) == ERR_OK)
		(void)fprintf(
		    stderr, "ckptguard: %s\n%s", buf_text(&line), more);
}

void
cli_complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(format, args, "");
	va_end(args);
}

int
cli_usage(const struct command *command, const char *format, ...)
{
	char hint[128];
	va_list args;

	(void)snprintf(hint, sizeof(hint), "Try: ckptguard help%s%s\n",
	    command == NULL ? "" : " ", command == NULL ? "" : command->name);
	va_start(args, format);
	complain(format, args, hint);
	va_end(args);
	return EXIT_TROUBLE;
}

int
cli_bad_option(const struct command *command, char **argv)
{
	const char *arg = argv[optind - 1];

	if (optopt != 0 && strchr("jn", optopt) != NULL)
		return cli_usage(command, "%s: option -%c needs a value",
		    command->name, optopt);
	if (strncmp(arg, "--", 2) != 0 && optopt != 0 && isprint(optopt))
		return cli_usage(command, "%s: there is no option -%c",
		    command->name, optopt);
	return cli_usage(command,
	    "%s: option %s is unknown, ambiguous or lacks its value",
	    command->name, arg);
}

bool
cli_when(const char *text, enum cli_when *out)
{
	static const char *const names[] = { [WHEN_AUTO] = "auto",
		[WHEN_ALWAYS] = "always",
		[WHEN_NEVER] = "never" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], text) != 0)
			continue;
		*out = (enum cli_when)i;
		return true;
	}
	return false;
}

bool
cli_terminal(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) == 1 && term != NULL && strcmp(term, "dumb") != 0;
}

bool
cli_colour(int fd, enum cli_when when)
{
	const char *off = getenv("NO_COLOR");

	if (when != WHEN_AUTO)
		return when == WHEN_ALWAYS;
	return cli_terminal(fd) && (off == NULL || off[0] == '\0');
}

bool
cli_number(const char *text, unsigned max, unsigned *out)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || *end != '\0' || errno != 0 ||
	    n < 1 || n > max)
		return false;
	*out = (unsigned)n;
	return true;
}

static const struct command *
command_find(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static void
help(void)
{
	(void)printf("ckptguard looks into machine-learning model files without"
		     " running them.\n\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		(void)printf("  ckptguard %-10s %s\n", commands[i]->name,
		    commands[i]->summary);
	(void)printf("  ckptguard %-10s %s\n", "help",
	    "what a command does and its options");
	(void)printf("\nckptguard --version says which version this is.\n");
}

static int
help_command(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2) {
		help();
		return EXIT_CLEAN;
	}
	if ((command = command_find(argv[1])) == NULL)
		return cli_usage(NULL, "there is no command %s", argv[1]);
	(void)fputs(command->usage, stdout);
	return EXIT_CLEAN;
}

static int
dispatch(int argc, char **argv)
{
	const struct command *command;
	const char *name = argc < 2 ? NULL : argv[1];

	if (name == NULL)
		return cli_usage(NULL, "a command is needed");
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
		help();
		return EXIT_CLEAN;
	}
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
		(void)printf("ckptguard %s\n", PACKAGE_VERSION);
		return EXIT_CLEAN;
	}
	if (strcmp(name, "help") == 0)
		return help_command(argc - 1, argv + 1);
	if (name[0] == '-')
		return cli_usage(
		    NULL, "there is no option %s before a command", name);
	if ((command = command_find(name)) == NULL)
		return cli_usage(NULL, "there is no command %s", name);
	for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--help") != 0)
			continue;
		(void)fputs(command->usage, stdout);
		return EXIT_CLEAN;
	}
	opterr = 0;
	return command->run(argc - 1, argv + 1);
}

int
main(int argc, char **argv)
{
	struct sigaction pipe_default = { .sa_handler = SIG_DFL };
	int status;

	/* A reader that goes away ends this program, as it ends any other. */
	(void)sigaction(SIGPIPE, &pipe_default, NULL);
	status = dispatch(argc, argv);
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		cli_complain("cannot write: %s", strerror(errno));
		return EXIT_TROUBLE;
	}
	return status;
}
