/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics: what the gate counts, in a page that others read while it counts.
 *
 * One writer, the gate; any process of the daemon may read, at any time, and
 * nobody locks anything: the answer path pays one store for a count.  The page
 * is the keeper's, shared with whom it forks, so that a gate's death resets
 * nothing: counters only grow for as long as the daemon lives.
 *
 * To read: take the page that was inherited (struct recorder_start has it),
 * and metrics_read() a copy; then compute with the copy.  Numbers of one
 * moment may be a few events apart from each other.  Times are clock_now() ns.
 * The template, the workers and other programs don't get the page.
 *
 * A latency is a histogram in powers of two: buckets[i] counts what took less
 * than 2^i us, and not less than half of that; the last bucket takes the rest.
 * Prometheus wants them cumulative: metrics_below().
 *
 * Owns the page's layout.  Must not own the meaning of a number: that is the
 * text in the tables counters.def, gauges.def, latencies.def.
 */
#ifndef GUARDD_METRICS_H
#define GUARDD_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { LATENCY_BUCKETS = 28 }; /* the last from 67 s on */

struct latency {
	uint64_t count, sum_us;
	uint64_t buckets[LATENCY_BUCKETS];
};

#define COUNTER(name, text) uint64_t name;
struct counters {
#include "guardd/counters.def"
};
#undef COUNTER

#define GAUGE(name, text) uint64_t name;
struct gauges {
#include "guardd/gauges.def"
};
#undef GAUGE

#define LATENCY(name, text) struct latency name;
struct latencies {
#include "guardd/latencies.def"
};
#undef LATENCY

struct metrics {
	struct counters count;
	struct gauges now;
	struct latencies took;
};

/* One row of the tables. */
struct metric {
	const char *name, *text;
	size_t at; /* bytes into struct metrics */
};

extern const struct metric metric_counters[], metric_gauges[],
    metric_latencies[];
extern const size_t metric_counter_count, metric_gauge_count,
    metric_latency_count;

/* A page of zeros that forks share. ERR_SYS. */
MUST_USE enum err metrics_new(struct metrics **out);

/* This process will only read it. */
void metrics_only_read(struct metrics *page);

/* A copy, each number whole. */
void metrics_read(const struct metrics *page, struct metrics *out);

/* The number of a counter or gauge; the latency of a row. */
uint64_t metric_value(const struct metrics *m, const struct metric *row);
const struct latency *metric_latency(
    const struct metrics *m, const struct metric *row);

/* One thing took so long. */
void latency_add(struct latency *l, uint64_t ns);

/* How many took less than 2^i us. */
uint64_t latency_below(const struct latency *l, unsigned i);

/* This share of them (0 to 1) took less: an upper bound in us; 0 when there
 * were none, UINT64_MAX when it is beyond the last bound. */
uint64_t latency_quantile(const struct latency *l, double share);

/* Members of a JSON object, without braces, into out; allocates nothing.
 * Returns the length; what doesn't fit is cut at a member. */
size_t metrics_json(const struct metrics *m, char *out, size_t n);

#endif /* GUARDD_METRICS_H */
