/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_pickle: how fast one core walks pickles from memory.
 *
 * Prints for each of some generated streams its MB, ms, MB/s and opcodes a
 * second, best of a few rounds: small objects as picklers write them, and lists
 * of numbers.  Payload that is skipped is not here: in memory nobody touches
 * it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/own.h"
#include "byte/budget.h"
#include "model/format.h"
#include "model/limits.h"
#include "pickle/pickle.h"
#include "pickle/policy.h"

enum {
	ROUNDS = 5,
	STREAM_MAX = 64 * 1024 * 1024,
};

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
take(struct visit *v, const void *data, size_t n)
{
	(void)v;
	(void)data;
	(void)n;
}

static void
take_string(struct visit *v, const char *s, size_t n)
{
	take(v, s, n);
}

static const struct visit_ops ops = { child, take, take_string };

/* One piece of a stream, and the opcodes in it. */
struct piece {
	const char *name;
	const char *bytes;
	size_t size;
	unsigned opcodes;
	unsigned times;
};

static const struct piece pieces[] = {
	/* A dict of a short text, a number, a float and a list, memoized. */
	{ "objects",
	    "}\x94(\x8c\x04name\x94\x8c\x05value\x94h\x01K\x07h\x01"
	    "G\0\0\0\0\0\0\0\0h\x01]\x94(K\x01K\x02M\x03\x04"
	    "eu0",
	    48, 21, 400000 },
	{ "numbers",
	    "K\x01M\x02\x03J\1\2\3\4K\x05"
	    "0000",
	    16, 8, 1000000 },
};

static void
put(struct buf *b, const void *data, size_t n)
{
	if (buf_add(b, data, n) != ERR_OK)
		exit(1);
}

static void
make(struct buf *b, const struct piece *p)
{
	put(b, "\x80\x04", 2);
	for (unsigned i = 0; i < p->times; i++)
		put(b, p->bytes, p->size);
	put(b, "N.", 2);
}

static double
walk(const struct buf *b, const struct policy *policy)
{
	struct budget budget = { .bytes = LIMIT_SCAN_BYTES,
		.members = LIMIT_MEMBERS,
		.opcodes = LIMIT_OPCODES,
		.memory = LIMIT_MEMORY,
		.depth = LIMIT_DEPTH };
	struct source source = source_memory(b->data, b->size, &budget);
	struct report report;
	struct visit v = { .ops = &ops,
		.report = &report,
		.budget = &budget,
		.policy = policy,
		.where = "" };
	struct timespec from, to;

	report_init(&report);
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	if (format_pickle.walk(&v, &source) != ERR_OK ||
	    report.verdict != VERDICT_CLEAN)
		(void)fprintf(stderr, "not clean: %s\n",
		    report.finding_count == 0 ? ""
					      : report.findings[0].message);
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	report_free(&report);
	return (double)(to.tv_sec - from.tv_sec) +
	    (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

int
main(void)
{
	struct policy *policy = policy_new();

	if (policy == NULL)
		return 1;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		AUTO(buf) struct buf b = buf_new(STREAM_MAX);
		double best = 0;

		make(&b, &pieces[i]);
		for (unsigned k = 0; k < ROUNDS; k++) {
			double s = walk(&b, policy);

			if (k == 0 || s < best)
				best = s;
		}
		(void)printf(
		    "%-8s %6.1f MB %8.2f ms %8.0f MB/s %6.1f M opcodes/s\n",
		    pieces[i].name, (double)b.size / 1e6, best * 1e3,
		    (double)b.size / 1e6 / best,
		    (double)pieces[i].opcodes * pieces[i].times / 1e6 / best);
	}
	policy_free(policy);
	return 0;
}
