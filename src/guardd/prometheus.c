/* SPDX-License-Identifier: Apache-2.0 */
/* prometheus: names, help, types, numbers. */
#include "guardd/prometheus.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"

#define PREFIX "ckptguard_"
#define AT "_at"

static enum err
put_head(struct buf *out, const char *name, const char *end, const char *text,
    const char *type)
{
	return buf_printf(out,
	    "# HELP " PREFIX "%s%s %s\n# TYPE " PREFIX "%s%s %s\n", name, end,
	    text, name, end, type);
}

static enum err
put_counter(const struct metrics *m, const struct metric *row, struct buf *out)
{
	enum err e = put_head(out, row->name, "_total", row->text, "counter");

	return e != ERR_OK ? e
			   : buf_printf(out, PREFIX "%s_total %" PRIu64 "\n",
				 row->name, metric_value(m, row));
}

/* A moment of the monotonic clock says nothing to others: how long ago. */
static enum err
put_age(const struct metric *row, uint64_t at, uint64_t now, struct buf *out)
{
	int n = (int)(strlen(row->name) - strlen(AT));
	uint64_t ns = at == 0 || at > now ? 0 : now - at;

	return buf_printf(out,
	    "# HELP " PREFIX "%.*s_age_seconds how long ago: %s\n"
	    "# TYPE " PREFIX "%.*s_age_seconds gauge\n" PREFIX
	    "%.*s_age_seconds %" PRIu64 ".%03" PRIu64 "\n",
	    n, row->name, row->text, n, row->name, n, row->name,
	    ns / CLOCK_NS_PER_S, ns % CLOCK_NS_PER_S / CLOCK_NS_PER_MS);
}

static enum err
put_gauge(const struct metrics *m, const struct metric *row, uint64_t now,
    struct buf *out)
{
	size_t n = strlen(row->name), at = strlen(AT);
	enum err e;

	if (n > at && strcmp(row->name + n - at, AT) == 0)
		return put_age(row, metric_value(m, row), now, out);
	e = put_head(out, row->name, "", row->text, "gauge");
	return e != ERR_OK ? e
			   : buf_printf(out, PREFIX "%s %" PRIu64 "\n",
				 row->name, metric_value(m, row));
}

static enum err
put_latency(const struct metrics *m, const struct metric *row, struct buf *out)
{
	const struct latency *l = metric_latency(m, row);
	enum err e =
	    put_head(out, row->name, "_seconds", row->text, "histogram");

	for (unsigned i = 0; i + 1 < LATENCY_BUCKETS && e == ERR_OK; i++)
		e = buf_printf(out,
		    PREFIX "%s_seconds_bucket{le=\"%.6f\"} %" PRIu64 "\n",
		    row->name, (double)(UINT64_C(1) << i) / 1e6,
		    latency_below(l, i));
	if (e != ERR_OK)
		return e;
	/* The page is read while it is counted: the end is never below what
	 * stands before it. */
	return buf_printf(out,
	    PREFIX "%s_seconds_bucket{le=\"+Inf\"} %" PRIu64 "\n" PREFIX
		   "%s_seconds_sum %.6f\n" PREFIX "%s_seconds_count %" PRIu64
		   "\n",
	    row->name, latency_below(l, LATENCY_BUCKETS - 1), row->name,
	    (double)l->sum_us / 1e6, row->name,
	    latency_below(l, LATENCY_BUCKETS - 1));
}

enum err
prometheus_put(const struct metrics *m, uint64_t now, struct buf *out)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < metric_counter_count && e == ERR_OK; i++)
		e = put_counter(m, &metric_counters[i], out);
	for (size_t i = 0; i < metric_gauge_count && e == ERR_OK; i++)
		e = put_gauge(m, &metric_gauges[i], now, out);
	for (size_t i = 0; i < metric_latency_count && e == ERR_OK; i++)
		e = put_latency(m, &metric_latencies[i], out);
	return e;
}
