/* SPDX-License-Identifier: Apache-2.0 */
/*
 * machine: run a pickle without running anything of it.
 *
 * The machine is the union of all loaders: C _pickle, pickle.py, Python 2's
 * two, torch's, joblib's.  Where one of them would go on, it goes on.  It has a
 * real stack with marks, a real memo and abstract values; what would be
 * imported, called or changed goes to names and call.  It owns its stack,
 * marks, memo and nodes; the stream and the scan are borrowed.
 *
 * A handler finds the stream at its opcode and leaves it behind its argument.
 * Time is linear in the opcodes and memory is bounded; what finds no room
 * becomes KIND_FORGOTTEN.
 */
#ifndef PICKLE_MACHINE_H
#define PICKLE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "byte/stream.h"
#include "model/verdict.h"
#include "pickle/memo.h"
#include "pickle/opcode.h"
#include "pickle/value.h"

struct scan;
struct holes;
struct trace; /* pickle/trace.h */

/* What happens to the rest of a frame when a read does not fit into it. */
enum reading {
	READING_LINEAR, /* nothing: frames do not matter (loads, open files) */
	READING_DROP,   /* it is dropped: C from BytesIO, to Python 3.7 */
	READING_DROP_TEXT, /* the same, but bytes are read on: from 3.8 */
};

/* What a mark is to a loader. */
enum marking {
	MARKING_FENCE, /* nothing below it can be had: Python 3 */
	MARKING_DEPTH, /* a depth, which nothing minds: C of Python 2 */
	MARKING_VALUE, /* a value like any other: pickle.py of Python 2 */
};

/* Where MARKING_VALUE, such a value stands for a mark. */
#define MACHINE_MARK value_make(KIND_NONE, 1)

/* In machine.watch. */
enum {
	WATCH_COPY = 1, /* passed bytes are gone: strings are copied */
	WATCH_KEYS = 2, /* strings are the keys of torch's storages */
};

struct machine {
	struct stream *in;
	struct scan *scan;
	value *stack;  /* its bottom */
	value *top;    /* one past the last value */
	value *room;   /* one past the last place */
	value *fence;  /* where the innermost mark stands, if it is one */
	size_t *marks; /* depths, in rising order */
	size_t mark_count, mark_room;
	uint64_t sunk;       /* values forgotten at the bottom */
	uint64_t marks_sunk; /* marks forgotten there */
	struct memo memo;
	struct memo before; /* of the pickle before, which a loader that is
			     * used again still has */
	struct ring ring;
	uint64_t frame_end;  /* place in the stream; 0: no frame */
	struct holes *holes; /* NULL while linear */
	struct trace *trace; /* NULL unless somebody wants it explained */
	enum reading reading;
	enum marking marking;
	unsigned spare;     /* reads that cross a frame and are read on: an open
			     * file drops nothing of what its buffer holds */
	uint64_t start;     /* where this pickle starts */
	uint64_t ops;       /* opcodes run in it */
	uint64_t dups;      /* DUPs among them */
	uint64_t forms;     /* and those that a text seldom has by chance */
	value result;       /* after STEP_STOP; after STEP_ARRAY the wrapper */
	value array;        /* after STEP_ARRAY: its state */
	enum err error;     /* after STEP_ERROR */
	const char *broken; /* after STEP_BROKEN: why. Static storage. */
	uint8_t said[RULE_COUNT]; /* how often, in this pickle */
	uint64_t base; /* of the stream in what is walked, when it has holes */
	uint8_t protocol; /* the last PROTO */
	bool marked;      /* it begins with PROTO 2 or higher */
	bool straddled;   /* something crossed the end of a frame */
	bool odd;         /* machine_odd() */
	bool tidy;        /* after STEP_STOP: nothing was left over */
	bool plain;     /* as a loader that knows nothing of joblib's arrays */
	unsigned watch; /* what is done with each string that passes */
};

/* A machine at in.  ERR_NOMEM, ERR_LIMIT (memory). */
MUST_USE enum err machine_open(
    struct machine *m, struct stream *in, struct scan *scan);
void machine_free(struct machine *m); /* NULL is fine */

/* Ready for another pickle, which starts at the stream's place. */
void machine_reset(struct machine *m);

/* Run until something other than STEP_NEXT comes. */
enum step machine_run(struct machine *m);

/* The opcode at hand: bytes from the start of what is walked. */
uint64_t machine_place(const struct machine *m);
/* The same of any place in the stream. */
uint64_t machine_place_of(const struct machine *m, uint64_t pos);

/* A finding at the opcode at hand; takes a rule and a printf-like text. */
#define machine_find(m, rule, ...) \
	do { \
		if (machine_may_say(m, rule)) \
			visit_find((m)->scan->visit, (rule), machine_place(m), \
			    __VA_ARGS__); \
	} while (0)

/* A rule may be broken by every opcode of a long stream; so many times a
 * pickle it is said, which is enough for any verdict. */
enum { MACHINE_SAYS = 64 };

static inline bool
machine_may_say(struct machine *m, enum rule rule)
{
	if (m->said[rule] == MACHINE_SAYS)
		return false;
	m->said[rule]++;
	return true;
}

/* Only some loader of Python 2 goes on from here. */
void machine_odd(struct machine *m);

/* Set aside why no loader goes on. */
enum step machine_broken(struct machine *m, const char *why);

/* Set aside what ended it that is not the stream's own fault. */
enum step machine_error(struct machine *m, enum err e);

/* See that n bytes from the opcode on may be taken.  The stream does not
 * move, but its pointers do. */
enum step machine_more(struct machine *m, size_t n);

/* Step over an opcode of head bytes and its n bytes of payload. */
enum step machine_payload(struct machine *m, size_t head, uint64_t n);

/* A line argument that starts from bytes behind the opcode: *line (NULL when
 * too long to look at) and its size.  The stream does not move unless *line is
 * NULL.  STEP_SHORT: it is cut off by the end; then *line is what there is. */
enum step machine_line(
    struct machine *m, size_t from, const uint8_t **line, uint64_t *size);

/* Room for one more value, or the lower half is forgotten. */
enum step machine_stack_grow(struct machine *m);

/* Fewer than n values stand above the innermost mark. */
enum step machine_under(struct machine *m, size_t n);

/* Remove the innermost mark: values from *items on were above it. */
enum step machine_pop_mark(struct machine *m, value **items);

void machine_fence(struct machine *m);

/* Push another mark, without taking an opcode. */
enum step machine_mark(struct machine *m);

/* Is a mark what the top of the stack is? */
bool machine_at_mark(const struct machine *m);

/* The stream moved: its limit is the end of the frame again. */
void machine_limit(struct machine *m);

static inline enum step
machine_push(struct machine *m, value v)
{
	if (m->top == m->room) {
		enum step s = machine_stack_grow(m);

		if (s != STEP_NEXT)
			return s;
	}
	*m->top++ = v;
	return STEP_NEXT;
}

/* See that n values may be popped. */
static inline enum step
machine_need(struct machine *m, size_t n)
{
	return (size_t)(m->top - m->fence) >= n ? STEP_NEXT
						: machine_under(m, n);
}

/* See that the opcode and its fixed argument, n bytes, may be taken. */
static inline enum step
machine_have(struct machine *m, size_t n)
{
	return stream_left(m->in) >= n ? STEP_NEXT : machine_more(m, n);
}

#endif /* PICKLE_MACHINE_H */
