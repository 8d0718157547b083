/* SPDX-License-Identifier: Apache-2.0 */
/* prometheus: the metrics page in Prometheus' text format.
 * Reference: https://prometheus.io/docs/instrumenting/exposition_formats/ */
#ifndef GUARDD_PROMETHEUS_H
#define GUARDD_PROMETHEUS_H

#include "base/buf.h"
#include "guardd/metrics.h"

/* Append all of it. now: clock_now(), for gauges that are moments: these become
 * ages in seconds. ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err prometheus_put(
    const struct metrics *m, uint64_t now, struct buf *out);

#endif /* GUARDD_PROMETHEUS_H */
