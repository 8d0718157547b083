/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trace: what loading a pickle would do, written down as pseudo-code.
 *
 * The machine tells of what it does; a trace turns that into lines of the
 * report, in the order in which a loader would do it.  Only where somebody
 * asked (report.explain): otherwise machine.trace is NULL and nothing is spent.
 *
 * What the policy finds harmless is not a line by itself: it is written where
 * it is used, as the expression that it is.  What is used twice gets a
 * variable, and is never written out again, so that what doubles itself does
 * not grow.  Each line is bounded in bytes, depth and items, their number by
 * report_line(): time is linear in the opcodes and memory is one block.
 */
#ifndef PICKLE_TRACE_H
#define PICKLE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pickle/call.h"
#include "pickle/machine.h"

/* NULL when no lines are wanted, or there is no memory: then lines are missing,
 * and the report says so. */
struct trace *trace_new(struct machine *m);
void trace_free(struct machine *m);

/* A global was looked up for the first time: its index in names. */
void trace_import(struct machine *m, uint32_t name, uint64_t place);

/* A global was looked up by names that nobody can tell. */
void trace_unread(struct machine *m, value module, value name);

/* A global was looked up by a number. */
void trace_extension(struct machine *m, value v);

/* Something is about to be judged that a line may come of. */
void trace_begin(struct machine *m);

/* It was a call, and returned this. */
void trace_call(struct machine *m, const struct call *call, value result);

/* It was BUILD. */
void trace_build(struct machine *m, value target, value state);

/* It was an opcode that puts n items into target. */
void trace_store(struct machine *m, value target, const value *items, size_t n);

/* v was taken from the memo, or doubled: it is in two places now. */
void trace_share(struct machine *m, value v);

/* The pickle ends with this. */
void trace_stop(struct machine *m, value result);

#endif /* PICKLE_TRACE_H */
