/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules: explain rules, or have the worker program list or check them and the
 * import policies.
 *
 * It alone knows how to read them, and it reads them here just as it does
 * before it serves: with --list or --check in the place of a control socket.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/own.h"
#include "cli/cli.h"
#include "out/out.h"
#include "pool/pool.h"

enum {
	ARGS_BYTES = 8 * 1024 * 1024,
	ARGS_OWN = 8, /* path, mode, two of each directory, the NULL, a spare */
};

struct args {
	struct arena arena;
	char **list;
	size_t count;
};

/* option=value; without memory the list gets a NULL and the caller sees. */
static void
args_add(struct args *a, const char *option, const char *value)
{
	if (value[0] != '\0')
		a->list[a->count++] = arena_printf(
		    &a->arena, "%s%s%s", option, option[0] ? "=" : "", value);
}

static void
args_default(struct args *a, const struct paths *paths)
{
	args_add(a, "--rules", paths->rules);
	args_add(a, "--rules", paths->user_rules);
	args_add(a, "--imports", paths->imports);
	args_add(a, "--imports", paths->user_imports);
}

static bool
ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

static int
is_rule(const struct dirent *entry)
{
	return ends_with(entry->d_name, ".yar");
}

static int
is_policy(const struct dirent *entry)
{
	return ends_with(entry->d_name, ".policy");
}

/* Does a directory hold one of those? */
static bool
dir_holds(const char *path, int (*filter)(const struct dirent *entry))
{
	struct dirent **names = NULL;
	int n = scandir(path, &names, filter, NULL);

	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return n > 0;
}

/* A file is a rule or a policy by its suffix; a directory may hold both. */
static int
args_path(struct args *a, const char *path)
{
	size_t before = a->count;
	struct stat st;

	if (stat(path, &st) == -1) {
		cli_complain("%s: %s", path, strerror(errno));
		return EXIT_TROUBLE;
	}
	if (S_ISDIR(st.st_mode) ? dir_holds(path, is_rule)
				: ends_with(path, ".yar"))
		args_add(a, "--rules", path);
	if (S_ISDIR(st.st_mode) ? dir_holds(path, is_policy)
				: ends_with(path, ".policy"))
		args_add(a, "--imports", path);
	if (a->count != before)
		return EXIT_CLEAN;
	cli_complain("%s: %s no rule (*.yar) and no policy (*.policy)", path,
	    S_ISDIR(st.st_mode) ? "holds" : "is");
	return EXIT_TROUBLE;
}

/* Become the worker program. Returns only when that fails. */
static int
rules_exec(const struct paths *paths, const char *mode, char **names, int n)
{
	const char *own = secure_getenv("CKPTGUARD_WORKER");
	const char *worker = own == NULL ? paths->worker : own;
	struct args a = { .arena = arena_new(ARGS_BYTES) };
	int status = EXIT_CLEAN;

	a.list =
	    arena_take(&a.arena, (ARGS_OWN + 2 * (size_t)n) * sizeof(*a.list));
	if (a.list != NULL) {
		args_add(&a, "", worker);
		args_add(&a, "", mode);
		for (int i = 0; i < n && status == EXIT_CLEAN; i++)
			status = args_path(&a, names[i]);
		if (n == 0)
			args_default(&a, paths);
	}
	if (status == EXIT_CLEAN && a.list != NULL) {
		(void)execv(worker, a.list);
		cli_complain("cannot start the worker program %s: %s", worker,
		    strerror(errno));
	}
	arena_free(&a.arena);
	return EXIT_TROUBLE;
}

/* The pages of some rules, or the ids of all. */
static int
rules_explain(char **ids, int n)
{
	AUTO(out) struct out o = out_new(STDOUT_FILENO, false);
	int status = EXIT_CLEAN;
	const char *id;

	for (size_t i = 0; n == 0 && (id = out_page_id(i)) != NULL; i++) {
		out_puts(&o, id);
		out_puts(&o, "\n");
	}
	for (int i = 0; i < n; i++) {
		if (out_page(ids[i]) == NULL) {
			cli_complain("rules explain: there is no page about "
				     "%s; without an id all that have one are "
				     "named",
			    ids[i]);
			status = EXIT_TROUBLE;
			continue;
		}
		out_puts(&o, o.any ? "\n" : "");
		out_page_print(&o, ids[i]);
		o.any = true;
	}
	if (out_flush(&o) != ERR_OK) {
		cli_complain("cannot write: %s", strerror(o.error));
		return EXIT_TROUBLE;
	}
	return status;
}

static int
rules(int argc, char **argv)
{
	const char *action = argc < 2 ? "" : argv[1];
	bool check = strcmp(action, "check") == 0;
	bool explain = strcmp(action, "explain") == 0;
	struct paths paths;

	if (!check && !explain && strcmp(action, "list") != 0)
		return cli_usage(&command_rules,
		    "rules: say check, explain or list%s%s",
		    action[0] == '\0' ? "" : ", not ", action);
	if (argc > 2 && argv[2][0] == '-')
		return cli_usage(&command_rules,
		    "rules %s: there is no option %s", action, argv[2]);
	if (explain)
		return rules_explain(argv + 2, argc - 2);
	if (paths_find(&paths) != ERR_OK) {
		cli_complain("cannot tell where this program is installed: %s",
		    strerror(errno));
		return EXIT_TROUBLE;
	}
	return rules_exec(
	    &paths, check ? "--check" : "--list", argv + 2, argc - 2);
}

const struct command command_rules = {
	.name = "rules",
	.summary = "explain, list or check rules and import policies",
	.usage =
	    "ckptguard rules list|check [DIR|FILE]...\n"
	    "ckptguard rules explain [ID]...\n"
	    "\n"
	    "list     names each rule and policy that a scan uses\n"
	    "check    reads them and names what is wrong, with file and line\n"
	    "explain  says what a finding of the rule ID means, why it is bad\n"
	    "         and what to do; without an ID, which rules there are\n"
	    "\n"
	    "list and check without names: those that come with ckptguard, and "
	    "one's own in "
	    "the\n"
	    "directories rules.d and imports.d of its configuration.\n"
	    "\n"
	    "Exit status: 0 all is well, 1 something is wrong in them, 2 they\n"
	    "could not be read, or the command line is wrong.\n",
	.run = rules,
};
