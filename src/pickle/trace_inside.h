/* SPDX-License-Identifier: Apache-2.0 */
/* trace_inside: what the two halves of trace share: variables and text. */
#ifndef PICKLE_TRACE_INSIDE_H
#define PICKLE_TRACE_INSIDE_H

#include "base/buf.h"
#include "model/limits.h"
#include "pickle/trace.h"

enum {
	TRACE_VARIABLES = 4096, /* slots; half of them are used */
	TRACE_DEPTH = 6,        /* brackets inside each other that are shown */
};

/* A value that has a name of its own. */
struct variable {
	value v; /* KIND_NOTHING: free */
	uint32_t number;
	uint32_t stored; /* lines that put something into it */
};

/* A bracket that is being written. */
struct frame {
	struct items items;
	size_t next;
	enum kind kind;
	const char *close;
};

/* How much of a line is shown. */
struct extent {
	size_t bytes;  /* of the line */
	size_t string; /* bytes of one string */
	size_t items;  /* of one container */
};

struct trace {
	struct machine *m;
	struct buf line;
	struct extent extent;     /* of the line at hand */
	uint8_t said[RULE_COUNT]; /* as trace_begin() found the machine's */
	struct variable variables[TRACE_VARIABLES];
	size_t variable_count;
	unsigned shares; /* lines that only name what is used twice */
	uint8_t calls[1 << VALUE_NAME_BITS];  /* lines, by name called */
	uint8_t states[1 << VALUE_NAME_BITS]; /* lines, by name of target */
	uint8_t stores[1 << VALUE_NAME_BITS]; /* the same, of items */
	struct frame frames[TRACE_DEPTH];
};

/* The variable of a value, or NULL. */
struct variable *trace_variable(struct trace *t, value v);

/* Begin a line of an extent. */
void trace_line(struct trace *t, const struct extent *extent);

/* Append to the line. */
void trace_puts(struct trace *t, const char *text);
void trace_number(struct trace *t, uint64_t n);
void trace_global(struct trace *t, uint64_t name);
/* "from a import b" */
void trace_import_text(struct trace *t, uint64_t name);
void trace_value(struct trace *t, value v);
/* Bytes that are code, by its words.  false: they are none, and nothing was
 * written. */
bool trace_code(struct trace *t, value v, uint8_t first, uint64_t size);
/* "f(a, b)", also where the call's result has a variable. */
void trace_expression(
    struct trace *t, value callee, value args, bool construct);

#endif /* PICKLE_TRACE_INSIDE_H */
