/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_pickle_blocks: any bytes through the pickle walker.
 *
 * Each input is walked in memory, and once more behind padding, through a
 * source that is no memory, so that the first block ends somewhere in it.  The
 * same names must be found both times, but for what was out of reach.  Memory
 * that was taken must be given back.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "fuzz/walk.h"
#include "pickle/pickle.h"
#include "pickle/policy.h"

enum {
	BLOCK_FIRST = 64 * 1024, /* the stream's first read */
	OPS = 400000,
};

static char rules[] =
    "deny os * \"test\"\n"
    "deny * system \"test\"\n"
    "known json * \"test\"\n"
    "allow collections OrderedDict \"test\"\n"
    "allow numpy dtype \"test\"\n"
    "construct joblib.numpy_pickle NumpyArrayWrapper \"test\"\n"
    "construct joblib.numpy_pickle NDArrayWrapper \"test\"\n"
    "args builtins getattr \"test\"\n"
    "args builtins type \"test\"\n"
    "args functools partial \"test\"\n"
    "args copyreg _reconstructor \"test\"\n"
    "args copyreg add_extension \"test\"\n"
    "args _codecs encode \"test\"\n"
    "args pickle loads \"test\"\n"
    "args marshal loads \"test\"\n"
    "args types CodeType \"test\"\n"
    "args dill._dill * \"test\"\n"
    "args cloudpickle.cloudpickle * \"test\"\n";

static const struct policy *
policy(void)
{
	static struct policy *p;
	FILE *in;

	if (p != NULL)
		return p;
	p = policy_new();
	in = fmemopen(rules, sizeof(rules) - 1, "r");
	if (p == NULL || in == NULL ||
	    policy_add_file(p, in, "fuzz", NULL, NULL) != ERR_OK)
		abort();
	(void)fclose(in);
	return p;
}

static enum err
slow_read(
    const struct source *s, uint64_t off, void *buf, size_t n, size_t *got)
{
	memcpy(buf, (const uint8_t *)s->context + off, n);
	*got = n;
	return ERR_OK;
}

static const struct source_ops slow_ops = { slow_read };
static const struct visit_ops ops = { walk_child, walk_code, walk_string };

/* Walk s: how many names were reported, and whether it could not be told. */
static size_t
walk_once(const struct source *from, bool *reached)
{
	struct budget budget = { .bytes = UINT64_C(1) << 30,
		.members = 1000,
		.opcodes = OPS,
		.memory = LIMIT_MEMORY,
		.depth = LIMIT_DEPTH };
	struct source s = *from;
	struct report report;
	struct visit v = { .ops = &ops,
		.report = &report,
		.budget = &budget,
		.policy = policy(),
		.where = "" };
	size_t names;
	enum err e;

	s.budget = &budget;
	report_init(&report);
	e = format_pickle.walk(&v, &s);
	if (e == ERR_BUG || e >= ERR_COUNT || budget.memory != LIMIT_MEMORY)
		abort();
	*reached = e != ERR_LIMIT && !report.cut;
	for (size_t i = 0; i < report.finding_count; i++) {
		walk_touch(report.findings[i].message,
		    strlen(report.findings[i].message));
		if (strcmp(report.findings[i].rule, "pickle.name.forgotten") ==
			0 ||
		    strcmp(report.findings[i].rule, "pickle.search") == 0)
			*reached = false;
	}
	names = report.import_count;
	report_free(&report);
	return names;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf padded = buf_new(BLOCK_FIRST * 2 + size);
	size_t pad = BLOCK_FIRST, plain, behind;
	struct source s;
	bool reached[2];

	if (size > BLOCK_FIRST)
		return 0;
	/* The block ends a few bytes into the input, or in its middle. */
	pad -= size == 0 ? 0 : (data[0] % 2 == 0 ? size / 2 : size % 16);
	for (size_t i = 0; i + 2 <= pad; i += 2)
		if (buf_add(&padded, "N0", 2) != ERR_OK)
			abort();
	if (buf_add(&padded, data, size) != ERR_OK)
		abort();
	s = source_memory(padded.data, padded.size, NULL);
	plain = walk_once(&s, &reached[0]);
	s = (struct source){ .ops = &slow_ops,
		.context = padded.data,
		.fd = -1,
		.size = padded.size };
	behind = walk_once(&s, &reached[1]);
	if (reached[0] && reached[1] && plain != behind)
		abort();
	s = source_memory(data, size, NULL);
	(void)walk_once(&s, &reached[0]);
	buf_free(&padded);
	return 0;
}
