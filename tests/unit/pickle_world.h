/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pickle_world: one pickle from memory, walked under a small policy.
 * Includes what the tests need; each test is one program.
 */
#ifndef TESTS_PICKLE_WORLD_H
#define TESTS_PICKLE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "byte/budget.h"
#include "model/format.h"
#include "model/limits.h"
#include "pickle/pickle.h"
#include "pickle/policy.h"

static char world_rules[] = "deny os * \"commands\"\n"
			    "deny os system \"commands\"\n"
			    "deny sys modules \"all modules\"\n"
			    "allow collections OrderedDict \"a dict\"\n"
			    "args builtins getattr \"an attribute\"\n"
			    "args builtins map \"calls\"\n"
			    "args functools partial \"a callable\"\n"
			    "args pickle loads \"a pickle\"\n"
			    "args copyreg add_extension \"a code\"\n"
			    "allow builtins len \"a number\"\n"
			    "allow builtins object \"a class\"\n";

static struct policy *world_policy;

static enum err
world_child(struct visit *v, const struct child *c, const struct source *bytes,
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
world_bytes(struct visit *v, const void *data, size_t n)
{
	(void)v;
	(void)data;
	(void)n;
}

static void
world_string(struct visit *v, const char *s, size_t n)
{
	world_bytes(v, s, n);
}

static const struct visit_ops world_ops = { world_child, world_bytes,
	world_string };

static inline int
world_open(void **state)
{
	FILE *in = fmemopen(world_rules, sizeof(world_rules) - 1, "r");

	(void)state;
	world_policy = policy_new();
	if (in == NULL || world_policy == NULL ||
	    policy_add_file(world_policy, in, "world", NULL, NULL) != ERR_OK)
		return -1;
	return fclose(in);
}

static inline int
world_close(void **state)
{
	(void)state;
	policy_free(world_policy);
	return 0;
}

/* Walk it: was it recognised?  The memory that it took at most is bounded by
 * the budget, and given back. */
static inline bool
world_walk(const void *data, size_t size, struct report *report)
{
	struct budget budget = { .bytes = LIMIT_SCAN_BYTES,
		.members = LIMIT_MEMBERS,
		.opcodes = LIMIT_OPCODES,
		.memory = LIMIT_MEMORY,
		.depth = LIMIT_DEPTH };
	struct source source = source_memory(data, size, &budget);
	struct visit v = { .ops = &world_ops,
		.report = report,
		.budget = &budget,
		.policy = world_policy,
		.where = "" };
	struct cursor head =
	    cursor_over(data, size < SNIFF_MAX ? size : SNIFF_MAX);
	enum err e = ERR_OK;

	report_init(report);
	if (format_pickle.sniff(&source, head) != SNIFF_NO)
		e = format_pickle.walk(&v, &source);
	assert_int_not_equal(e, ERR_BUG);
	/* As the engine does it: an error is never clean. */
	if (e != ERR_OK)
		report->verdict =
		    verdict_worse(report->verdict, VERDICT_UNVERIFIED);
	assert_int_equal(budget.memory, LIMIT_MEMORY);
	return v.recognised;
}

/* "module.name" of every import, with a blank before each. */
static inline void
world_imports(const struct report *r, char *out, size_t room)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < r->import_count && at < room; i++)
		at += (size_t)snprintf(out + at, room - at, " %.*s.%.*s",
		    (int)r->imports[i].module_size, r->imports[i].module,
		    (int)r->imports[i].name_size, r->imports[i].name);
}

static inline bool
world_has(const struct report *r, const char *rule)
{
	for (size_t i = 0; i < r->finding_count; i++)
		if (strcmp(r->findings[i].rule, rule) == 0)
			return true;
	return false;
}

struct row {
	const char *what;
	const char *bytes;
	size_t size;
	enum verdict verdict;
	const char *imports; /* of world_imports() */
	const char *rule;    /* that must be found; NULL: any */
};

#define ROW(what, bytes, verdict, imports, rule) \
	{ \
		what, bytes, sizeof(bytes) - 1, VERDICT_##verdict, imports, \
		    rule \
	}

static inline void
world_rows(const struct row *rows, size_t n)
{
	bool good = true;

	for (size_t i = 0; i < n; i++) {
		const struct row *row = &rows[i];
		char imports[512];
		struct report r;

		/* What is not recognised was a guess, and is taken back. */
		if (!world_walk(row->bytes, row->size, &r)) {
			report_free(&r);
			report_init(&r);
		}
		world_imports(&r, imports, sizeof(imports));
		if (r.verdict != row->verdict ||
		    strcmp(imports, row->imports) != 0 ||
		    (row->rule != NULL && !world_has(&r, row->rule))) {
			good = false;
			print_error("%s: %s,%s, not %s,%s, %s\n", row->what,
			    verdict_name(r.verdict), imports,
			    verdict_name(row->verdict), row->imports,
			    row->rule == NULL ? "" : row->rule);
			for (size_t k = 0; k < r.finding_count; k++)
				print_error("  %s\n", r.findings[k].rule);
		}
		report_free(&r);
	}
	assert_true(good);
}

#define WORLD_ROWS(rows) world_rows(rows, sizeof(rows) / sizeof(*(rows)))

#endif /* TESTS_PICKLE_WORLD_H */
