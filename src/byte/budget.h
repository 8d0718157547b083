/* SPDX-License-Identifier: Apache-2.0 */
/*
 * budget: what one scan may spend, shared by every view of one file.
 *
 * A nested archive or a pickle within a pickle draws on the same budget as the
 * file itself, so that nesting multiplies nothing.  Whatever runs out first is
 * remembered, and the scan is "not read whole": never clean.
 */
#ifndef BYTE_BUDGET_H
#define BYTE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum budget_what {
	BUDGET_NOTHING, /* nothing has run out */
	BUDGET_BYTES,
	BUDGET_MEMBERS,
	BUDGET_OPCODES,
	BUDGET_DEPTH,
	BUDGET_MEMORY,
	BUDGET_TIME,
	BUDGET_COUNT
};

struct budget {
	uint64_t bytes;         /* bytes still to be read or unpacked */
	uint64_t members;       /* members still to be visited */
	uint64_t opcodes;       /* pickle opcodes still to be executed */
	uint64_t memory;        /* bytes still to be allocated for this file */
	uint32_t depth;         /* levels of nesting still allowed */
	uint64_t deadline;      /* clock_now() at which time is up; 0: none */
	uint64_t read;          /* bytes read from the file itself, so far */
	enum budget_what spent; /* what ran out first */
	uint32_t tick;          /* charges since the clock was last read */
	bool late;              /* the deadline was seen to pass */
};

/* The name of a resource: "bytes", "time", ... Static storage. */
const char *budget_name(enum budget_what what);

/*
 * Take n of a resource (not BUDGET_TIME or BUDGET_DEPTH).  ERR_LIMIT when
 * fewer than n are left; then none are taken and what is remembered.
 */
MUST_USE enum err budget_take(
    struct budget *b, enum budget_what what, uint64_t n);

/* Give back memory that was taken. */
void budget_give(struct budget *b, uint64_t memory);

/* Go one level down. ERR_LIMIT at the bottom. budget_leave() goes up again. */
MUST_USE enum err budget_enter(struct budget *b);
void budget_leave(struct budget *b);

/* ERR_LIMIT once the deadline has passed.  Reads the clock once in 64 calls,
 * so it may stand in inner loops. */
MUST_USE enum err budget_check(struct budget *b);

/* Mark a resource as run out, for limits that are counted elsewhere. */
void budget_exhaust(struct budget *b, enum budget_what what);

#endif /* BYTE_BUDGET_H */
