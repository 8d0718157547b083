/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk: one walker over the bytes of a fuzzer, without the engine.
 *
 * Every byte that the walker hands on is touched, so that the sanitizers see
 * what lies outside; an error must never come with a report that stayed clean
 * and unsaid, which is the engine's part and not looked at here.
 */
#ifndef FUZZ_WALK_H
#define FUZZ_WALK_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/ckd.h"
#include "model/format.h"
#include "model/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void
walk_touch(const void *data, size_t n)
{
	static volatile uint8_t sum;
	const uint8_t *at = data;

	for (size_t i = 0; i < n; i++)
		sum = (uint8_t)(sum + at[i]);
}

/* What the engine would find in a child, roughly. */
static const struct format walk_pickle = { .name = "pickle" };

static inline enum err
walk_child(struct visit *v, const struct child *child,
    const struct source *bytes, struct child_result *result)
{
	uint8_t block[4096];
	size_t got = sizeof(block);
	bool pickle = false;
	enum err e = budget_take(v->budget, BUDGET_MEMBERS, 1);

	walk_touch(child->name, child->name_size);
	for (uint64_t at = 0; e == ERR_OK && got == sizeof(block); at += got) {
		e = source_read_some(bytes, at, block, sizeof(block), &got);
		if (e == ERR_OK)
			walk_touch(block, got);
		if (e == ERR_OK && at == 0 && got > 0)
			pickle = block[0] == 0x80;
	}
	if (result != NULL)
		*result = (struct child_result){ .format = pickle ? &walk_pickle
								  : NULL };
	/* damage is in the report, and no error of the walk */
	return e == ERR_SHORT || e == ERR_MALFORMED || e == ERR_UNSUPPORTED ||
		(e == ERR_LIMIT && v->budget->spent == BUDGET_NOTHING)
	    ? ERR_OK
	    : e;
}

static inline void
walk_code(struct visit *v, const void *data, size_t n)
{
	(void)v;
	walk_touch(data, n);
}

static inline void
walk_string(struct visit *v, const char *s, size_t n)
{
	(void)v;
	walk_touch(s, n);
}

static inline void
walk_fuzz_with(const struct format *f, const struct policy *policy,
    const uint8_t *data, size_t size, bool deep)
{
	static const struct visit_ops ops = { walk_child, walk_code,
		walk_string };
	struct budget budget = { .bytes = UINT64_C(1) << 30,
		.members = 1000,
		.opcodes = 100000,
		.memory = LIMIT_MEMORY,
		.depth = LIMIT_DEPTH };
	struct source s = source_memory(data, size, &budget);
	struct report report;
	struct visit v = { .ops = &ops,
		.report = &report,
		.budget = &budget,
		.policy = policy,
		.where = "",
		.kind = CHILD_MEMBER,
		.unpack = deep,
		.deep = deep };

	report_init(&report);
	/* the steps are written from the same hostile bytes */
	report.explain = true;
	if (f->sniff(&s, cursor_over(data, (size_t)ckd_min(size, SNIFF_MAX))) !=
	    SNIFF_NO) {
		enum err e = f->walk(&v, &s);

		if (e == ERR_BUG || e >= ERR_COUNT)
			abort();
	}
	for (size_t i = 0; i < report.line_count; i++)
		walk_touch(report.lines[i].text, strlen(report.lines[i].text));
	/* what was taken is given back */
	if (budget.memory != LIMIT_MEMORY)
		abort();
	report_free(&report);
}

static inline void
walk_fuzz_as(
    const struct format *f, const uint8_t *data, size_t size, bool deep)
{
	walk_fuzz_with(f, NULL, data, size, deep);
}

static inline void
walk_fuzz(const struct format *f, const uint8_t *data, size_t size)
{
	walk_fuzz_as(f, data, size, false);
}

#endif /* FUZZ_WALK_H */
