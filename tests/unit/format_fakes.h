/* SPDX-License-Identifier: Apache-2.0 */
/* format_fakes: a walk without an engine, for tests of one reader. */
#ifndef UNIT_FORMAT_FAKES_H
#define UNIT_FORMAT_FAKES_H

#include <string.h>

#include "model/format.h"
#include "model/limits.h"

struct fake {
	struct visit visit;
	struct budget budget;
	struct report report;
};

static enum err
fake_child(struct visit *v, const struct child *child,
    const struct source *bytes, struct child_result *result)
{
	(void)v;
	(void)child;
	(void)bytes;
	if (result != NULL)
		*result = (struct child_result){ 0 };
	return ERR_OK;
}

static void
fake_code(struct visit *v, const void *data, size_t n)
{
	(void)v;
	(void)data;
	(void)n;
}

static void
fake_string(struct visit *v, const char *s, size_t n)
{
	(void)v;
	(void)s;
	(void)n;
}

static const struct visit_ops fake_ops = { fake_child, fake_code, fake_string };

static inline void
fake_begin(struct fake *f)
{
	*f = (struct fake){ .budget = { .bytes = UINT64_C(1) << 30,
				.members = 1000,
				.opcodes = 1000,
				.memory = LIMIT_MEMORY,
				.depth = LIMIT_DEPTH } };
	report_init(&f->report);
	f->visit = (struct visit){ .ops = &fake_ops,
		.report = &f->report,
		.budget = &f->budget,
		.where = "",
		.kind = CHILD_MEMBER };
}

static inline void
fake_end(struct fake *f)
{
	report_free(&f->report);
}

#endif /* UNIT_FORMAT_FAKES_H */
