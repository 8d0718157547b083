/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge DIR...: what the policies in DIR make of names.
 *
 * Reads "module\tname\tuse" lines and prints for each one line "verdict",
 * "action", "file:line" of the deciding rule and "reason",
 * with tabs between.  In module and name, \t, \n, \r, \\ and \xNN stand for
 * bytes.  Without input it prints nothing; with --check it loads the policies,
 * tells their problems and fails when there are any.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "pickle/policy.h"

static void
print_problem(void *context, const char *file, unsigned line, const char *text)
{
	(void)context;
	fprintf(stderr, "%s:%u: %s\n", file, line, text);
}

static int
hex(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

/* Undo the escapes in place; the size in bytes. */
static size_t
unescape(char *text)
{
	char *to = text;

	for (const char *s = text; *s != '\0'; s++) {
		*to = *s;
		if (*s == '\\' && s[1] == 'x' && hex(s[2]) >= 0 &&
		    hex(s[3]) >= 0) {
			*to = (char)(hex(s[2]) << 4 | hex(s[3]));
			s += 3;
		} else if (*s == '\\' && s[1] != '\0') {
			s++;
			*to = *s == 't' ? '\t'
			    : *s == 'n' ? '\n'
			    : *s == 'r' ? '\r'
					: *s;
		}
		to++;
	}
	return (size_t)(to - text);
}

static int
parse_use(const char *text, enum use *out)
{
	for (unsigned i = 0; i < USE_COUNT; i++) {
		if (strcmp(use_name((enum use)i), text) == 0) {
			*out = (enum use)i;
			return 0;
		}
	}
	return -1;
}

static int
judge_line(const struct policy *p, char *line)
{
	char *save = NULL;
	char *module = line, *name = strchr(line, '\t'), *use;
	struct policy_verdict v;
	size_t module_size, name_size;
	enum use how;

	if (name == NULL || (use = strchr(name + 1, '\t')) == NULL)
		return -1;
	*name++ = '\0';
	*use++ = '\0';
	if (parse_use(strtok_r(use, "\r\n", &save), &how) != 0)
		return -1;
	module_size = unescape(module);
	name_size = unescape(name);
	v = policy_judge(p, module, module_size, name, name_size, how);
	printf("%s\t%s\t%s:%u\t%s\n", verdict_name(v.verdict),
	    policy_action_name(v.action), v.rule == NULL ? "-" : v.rule->file,
	    v.rule == NULL ? 0 : v.rule->line, v.reason);
	return 0;
}

static int
judge_input(const struct policy *p)
{
	AUTO_FREE char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, stdin) != -1) {
		if (judge_line(p, line) != 0) {
			fprintf(stderr, "judge: want module, name, use\n");
			return 2;
		}
	}
	return 0;
}

int
main(int argc, char **argv)
{
	bool check = argc > 1 && strcmp(argv[1], "--check") == 0;
	struct policy *p = policy_new();
	int status = 0;

	if (p == NULL || argc < 2) {
		fprintf(stderr, "usage: judge [--check] DIR...\n");
		policy_free(p);
		return 2;
	}
	for (int i = 1 + check; i < argc; i++)
		if (policy_add_dir(p, argv[i], print_problem, NULL) != ERR_OK)
			status = 1;
	if (check && policy_check(p, print_problem, NULL) != 0)
		status = 1;
	if (check)
		printf("%zu rules\n", policy_count(p));
	else if (status == 0)
		status = judge_input(p);
	policy_free(p);
	return status;
}
