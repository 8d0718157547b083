/* SPDX-License-Identifier: Apache-2.0 */
/*
 * imports: what the machine says of many streams, for a driver to compare.
 *
 * Reads streams from standard input, each behind its length (u32le), and
 * prints a line for each: R (recognised as a pickle) or N, with F if something
 * crosses the end of a frame, the verdict, and module:name of every import in
 * hexadecimal.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "byte/budget.h"
#include "model/format.h"
#include "model/limits.h"
#include "pickle/pickle.h"
#include "pickle/policy.h"

static char rules[] = "deny os system \"test\"\n"
		      "deny posix system \"test\"\n"
		      "deny subprocess Popen \"test\"\n"
		      "deny os * \"test\"\n"
		      "deny posix * \"test\"\n"
		      "deny subprocess * \"test\"\n"
		      "allow collections OrderedDict \"test\"\n";

static enum err
child(struct visit *v, const struct child *c, const struct source *bytes,
    struct child_result *result)
{
	(void)v;
	(void)c;
	(void)bytes;
	if (result != NULL)
		*result = (struct child_result){ 0 };
	return ERR_OK;
}

static void
ignore(struct visit *v, const void *data, size_t n)
{
	(void)v;
	(void)data;
	(void)n;
}

static void
ignore_string(struct visit *v, const char *s, size_t n)
{
	ignore(v, s, n);
}

static const struct visit_ops ops = { child, ignore, ignore_string };

static void
hex(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)printf("%02x", (unsigned)(uint8_t)s[i]);
}

static bool
crosses_frame(const struct report *report)
{
	for (size_t i = 0; i < report->finding_count; i++)
		if (strcmp(report->findings[i].rule,
			"pickle.frame.straddled") == 0)
			return true;
	return false;
}

static void
judge(const struct policy *policy, const uint8_t *data, size_t size)
{
	struct budget budget = { .bytes = LIMIT_SCAN_BYTES,
		.members = LIMIT_MEMBERS,
		.opcodes = LIMIT_OPCODES,
		.memory = LIMIT_MEMORY,
		.depth = LIMIT_DEPTH };
	struct source source = source_memory(data, size, &budget);
	struct report report;
	struct visit v = { .ops = &ops,
		.report = &report,
		.budget = &budget,
		.policy = policy,
		.where = "" };
	struct cursor head =
	    cursor_over(data, size < SNIFF_MAX ? size : SNIFF_MAX);
	enum sniff sniff = format_pickle.sniff(&source, head);

	report_init(&report);
	if (sniff != SNIFF_NO && format_pickle.walk(&v, &source) == ERR_BUG)
		abort();
	if (budget.memory != LIMIT_MEMORY)
		abort(); /* what was taken is given back */
	(void)printf("%c%s %s", v.recognised ? 'R' : 'N',
	    crosses_frame(&report) ? "F" : "", verdict_name(report.verdict));
	for (size_t i = 0; i < report.import_count; i++) {
		const struct import *import = &report.imports[i];

		(void)putchar(' ');
		hex(import->module, import->module_size);
		(void)putchar(':');
		hex(import->name, import->name_size);
	}
	(void)putchar('\n');
	report_free(&report);
}

int
main(void)
{
	struct policy *policy = policy_new();
	FILE *in = fmemopen(rules, sizeof(rules) - 1, "r");
	uint8_t head[4];

	if (policy == NULL || in == NULL ||
	    policy_add_file(policy, in, "test", NULL, NULL) != ERR_OK)
		return 1;
	(void)fclose(in);
	while (fread(head, 1, sizeof(head), stdin) == sizeof(head)) {
		struct cursor c = cursor_over(head, sizeof(head));
		size_t size = cursor_u32le(&c);
		AUTO_FREE uint8_t *data = malloc(size == 0 ? 1 : size);

		if (data == NULL || fread(data, 1, size, stdin) != size)
			return 1;
		judge(policy, data, size);
		(void)fflush(stdout);
	}
	policy_free(policy);
	return 0;
}
