/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_load: policy files and directories, and what is wrong with them.
 *
 * Reads the files of the administrator, not of an attacker; still, a broken
 * line costs itself alone and is told with file and line.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "pickle/policy_table.h"

#define PROBLEM_MAX 1400u

/* To whom problems are told. */
struct listener {
	policy_problem_fn tell;
	void *context;
};

static void
tell(
    const struct listener *l, const char *file, unsigned line, const char *text)
{
	if (l->tell != NULL)
		l->tell(l->context, file, line, text);
}

/* The line without its newline, also a DOS one; without a byte order mark at
 * the start of the file. */
static struct policy_span
trim(const char *line, size_t size, unsigned number)
{
	if (size > 0 && line[size - 1] == '\n')
		size--;
	if (size > 0 && line[size - 1] == '\r')
		size--;
	if (number == 1 && size >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0)
		return (struct policy_span){ line + 3, size - 3 };
	return (struct policy_span){ line, size };
}

/* ERR_MALFORMED: the line was bad and told. */
static enum err
add_line(struct policy *p, struct policy_span text, const char *file,
    unsigned number, const struct listener *l)
{
	char problem[PROBLEM_MAX];
	struct policy_line line;
	enum err err;

	if (policy_parse_line(text, &line, problem, sizeof(problem))) {
		err = policy_enter(p, &line, file, number);
		if (err != ERR_OK)
			tell(l, file, number, err_text(err));
		return err;
	}
	if (problem[0] == '\0')
		return ERR_OK;
	tell(l, file, number, problem);
	return ERR_MALFORMED;
}

static enum err
add_lines(
    struct policy *p, FILE *in, const char *file, const struct listener *l)
{
	AUTO_FREE char *line = NULL;
	enum err worst = ERR_OK;
	size_t room = 0;
	unsigned number = 0;
	ssize_t n;

	while ((n = getline(&line, &room, in)) != -1) {
		struct policy_span text;
		enum err err;

		number++;
		text = trim(line, (size_t)n, number);
		err = add_line(p, text, file, number, l);
		if (err != ERR_OK && err != ERR_MALFORMED)
			return err;
		if (err == ERR_MALFORMED)
			worst = err;
	}
	return ferror(in) ? ERR_SYS : worst;
}

enum err
policy_add_file(struct policy *p, FILE *in, const char *name,
    policy_problem_fn problem, void *context)
{
	struct listener l = { problem, context };
	const char *file;

	file = arena_copy(&p->arena, name, strlen(name));
	if (file == NULL)
		return ERR_NOMEM;
	if (!p->layer_open)
		p->layer++;
	return add_lines(p, in, file, &l);
}

static int
is_policy(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && dot != NULL &&
	    strcmp(dot, ".policy") == 0;
}

/* LC_COLLATE must not change which rule wins. */
static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static enum err
add_path(struct policy *p, const char *path, const struct listener *l)
{
	FILE *in = fopen(path, "re");
	enum err err;

	if (in == NULL) {
		tell(l, path, 0, strerror(errno));
		return ERR_SYS;
	}
	err = policy_add_file(p, in, path, l->tell, l->context);
	(void)fclose(in);
	return err;
}

enum err
policy_add_dir(
    struct policy *p, const char *dir, policy_problem_fn problem, void *context)
{
	struct listener l = { problem, context };
	enum err worst = ERR_OK;
	struct dirent **list = NULL;
	int n = scandir(dir, &list, is_policy, by_bytes);

	if (n == -1 && errno == ENOENT)
		return ERR_OK;
	if (n == -1 && errno == ENOTDIR)
		return add_path(p, dir, &l);
	if (n == -1) {
		tell(&l, dir, 0, strerror(errno));
		return ERR_SYS;
	}
	p->layer++;
	p->layer_open = true;
	for (int i = 0; i < n; i++) {
		const char *path =
		    arena_printf(&p->arena, "%s/%s", dir, list[i]->d_name);
		enum err err = path == NULL ? ERR_NOMEM : add_path(p, path, &l);

		if (err != ERR_OK && (worst == ERR_OK || err != ERR_MALFORMED))
			worst = err;
		free(list[i]);
	}
	p->layer_open = false;
	free(list);
	return worst;
}

/* What an entry and the older one of the same pattern are to each other. */
static bool
check_pair(const struct policy_entry *e, const struct policy_entry *older,
    const struct listener *l)
{
	const char *format;
	char text[PROBLEM_MAX];

	if (e->layer != older->layer)
		return false;
	if (e->rule.action == older->rule.action)
		format = "\"%s %s\" is said again: %s:%u says %s too; delete "
			 "one of the two";
	else if (e->rule.file == older->rule.file)
		format = "\"%s %s\" is contradicted: %s:%u says %s; keep the "
			 "one that is right";
	else
		format = "\"%s %s\" replaces the rule at %s:%u (%s), which "
			 "then never decides; delete one of the two";
	(void)snprintf(text, sizeof(text), format, e->module, e->name,
	    older->rule.file, older->rule.line,
	    policy_action_name(older->rule.action));
	tell(l, e->rule.file, e->rule.line, text);
	return true;
}

size_t
policy_check(const struct policy *p, policy_problem_fn problem, void *context)
{
	struct listener l = { problem, context };
	size_t problems = 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct policy_entry *e = &p->entries[i];

		if (e->older != 0 &&
		    check_pair(e, &p->entries[e->older - 1], &l))
			problems++;
	}
	return problems;
}
