/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine: one file in, one report out.
 *
 * Owns the list of formats, recursion, the path inside containers, what
 * becomes of errors, and the hand-over of bytes and facts to the YARA rules.
 * The only recursion of the project is here, bounded by the budget's depth.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/format.h"
#include "model/report.h"

struct policy;
struct rules;

/* The formats that are read; NULL ends it (engine/table.c). */
extern const struct format *const formats[];

struct engine_options {
	const struct policy *policy; /* borrowed */
	const struct rules *rules;   /* borrowed; NULL: no YARA */
	struct budget budget;        /* what may be spent */
	bool unpack;                 /* as in struct visit, as is */
	bool deep;                   /* which includes unpack */
	bool growing;                /* a writer has the file open */
};

/* Limits for a person's scan, and for an open that waits for its answer. */
struct budget engine_budget_scan(void);
struct budget engine_budget_open(void);

/* Load what libraries would load from files while they read, before a sandbox
 * closes.  Once; not to be undone. */
void engine_prepare(void);

/*
 * Scan the first size bytes of fd (pread only; borrowed) and fill report,
 * which was report_init()ed.  Always leaves a verdict: whatever goes wrong is
 * in the report, as a finding or as report->error.
 */
void engine_scan_fd(const struct engine_options *options, int fd, uint64_t size,
    struct report *report);

/* The same over memory (tests, fuzzing). */
void engine_scan_memory(const struct engine_options *options, const void *data,
    size_t size, struct report *report);

#endif /* ENGINE_ENGINE_H */
