/* SPDX-License-Identifier: Apache-2.0 */
/* metrics: the tables' rows, and reading what another process writes. */
#include "guardd/metrics.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/clock.h"
#include "sandbox/sandbox.h"

enum { WORD = sizeof(uint64_t) };

#define P99 0.99

#define COUNTER(name, text) \
	{ #name, text, offsetof(struct metrics, count.name) },
const struct metric metric_counters[] = {
#include "guardd/counters.def"
};
#undef COUNTER
#define GAUGE(name, text) { #name, text, offsetof(struct metrics, now.name) },
const struct metric metric_gauges[] = {
#include "guardd/gauges.def"
};
#undef GAUGE
#define LATENCY(name, text) \
	{ #name, text, offsetof(struct metrics, took.name) },
const struct metric metric_latencies[] = {
#include "guardd/latencies.def"
};
#undef LATENCY

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
const size_t metric_counter_count = ROWS(metric_counters);
const size_t metric_gauge_count = ROWS(metric_gauges);
const size_t metric_latency_count = ROWS(metric_latencies);

_Static_assert(sizeof(struct metrics) % WORD == 0, "it is copied by words");

enum err
metrics_new(struct metrics **out)
{
	void *page;
	enum err e = sandbox_share(sizeof(**out), &page);

	if (e == ERR_OK)
		*out = page;
	return e;
}

void
metrics_only_read(struct metrics *page)
{
	if (page != NULL)
		sandbox_share_only_read(page, sizeof(*page));
}

void
metrics_read(const struct metrics *page, struct metrics *out)
{
	const uint64_t *from = (const uint64_t *)(const void *)page;
	uint64_t *to = (uint64_t *)(void *)out;

	for (size_t i = 0; i < sizeof(*page) / WORD; i++)
		to[i] = __atomic_load_n(&from[i], __ATOMIC_RELAXED);
}

uint64_t
metric_value(const struct metrics *m, const struct metric *row)
{
	return *(const uint64_t *)(const void *)((const char *)m + row->at);
}

const struct latency *
metric_latency(const struct metrics *m, const struct metric *row)
{
	return (
	    const struct latency *)(const void *)((const char *)m + row->at);
}

void
latency_add(struct latency *l, uint64_t ns)
{
	uint64_t us = ns / CLOCK_NS_PER_US;
	unsigned i = us == 0 ? 0 : 64 - (unsigned)__builtin_clzll(us);

	l->buckets[i < LATENCY_BUCKETS ? i : LATENCY_BUCKETS - 1]++;
	l->sum_us += us;
	l->count++;
}

uint64_t
latency_below(const struct latency *l, unsigned i)
{
	uint64_t n = 0;

	for (unsigned b = 0; b <= i && b < LATENCY_BUCKETS; b++)
		n += l->buckets[b];
	return n;
}

uint64_t
latency_quantile(const struct latency *l, double share)
{
	double want = share * (double)l->count;

	if (l->count == 0)
		return 0;
	for (unsigned i = 0; i < LATENCY_BUCKETS - 1; i++)
		if ((double)latency_below(l, i) >= want)
			return UINT64_C(1) << i;
	return UINT64_MAX;
}

/* Append one member; false: there is no room for it. */
static bool
put(char *out, size_t n, size_t *used, const char *name, uint64_t value)
{
	int len = snprintf(out + *used, n - *used, "%s\"%s\":%" PRIu64,
	    *used == 0 ? "" : ",", name, value);

	if (len < 0 || (size_t)len >= n - *used) {
		out[*used] = '\0';
		return false;
	}
	*used += (size_t)len;
	return true;
}

size_t
metrics_json(const struct metrics *m, char *out, size_t n)
{
	size_t used = 0;
	char name[64];

	out[0] = '\0';
	for (size_t i = 0; i < metric_counter_count; i++)
		if (!put(out, n, &used, metric_counters[i].name,
			metric_value(m, &metric_counters[i])))
			return used;
	for (size_t i = 0; i < metric_gauge_count; i++)
		if (!put(out, n, &used, metric_gauges[i].name,
			metric_value(m, &metric_gauges[i])))
			return used;
	for (size_t i = 0; i < metric_latency_count; i++) {
		const struct latency *l =
		    metric_latency(m, &metric_latencies[i]);

		(void)snprintf(
		    name, sizeof(name), "%s_p99_us", metric_latencies[i].name);
		if (!put(out, n, &used, name, latency_quantile(l, P99)))
			return used;
	}
	return used;
}
