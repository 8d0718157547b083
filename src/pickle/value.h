/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value: what the pickle machine knows of a Python object, in one word.
 *
 * A value is a kind in the low byte and 56 bits of payload.  Numbers are in
 * the payload.  Strings and bytes are the place of their opcode: nothing is
 * copied, and the few that matter are looked at again.  Containers and call
 * results point into a ring of nodes.  The ring overwrites its oldest nodes, so
 * memory is bounded and time is linear whatever the stream does; a value
 * whose node is gone still has its kind, and its content is "forgotten",
 * which never counts as harmless.
 */
#ifndef PICKLE_VALUE_H
#define PICKLE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "byte/budget.h"

enum kind {
	KIND_NOTHING, /* no value: an empty memo slot */
	KIND_NONE,
	KIND_BOOL,      /* payload 0 or 1 */
	KIND_INT,       /* payload: the number, signed */
	KIND_LONG,      /* a number of more than 56 bits; payload: its opcode */
	KIND_FLOAT,     /* the same */
	KIND_STR,       /* payload: its opcode's place in the stream */
	KIND_BYTES,     /* the same */
	KIND_BYTEARRAY, /* the same */
	KIND_TUPLE,     /* payload: node, 0 when empty, VALUE_GONE */
	KIND_LIST,      /* payload: node or VALUE_GONE */
	KIND_DICT,
	KIND_SET,        /* members are not kept; payload: 1 it can change */
	KIND_GLOBAL,     /* payload: index in names */
	KIND_CALL,       /* result of a call; payload: name and node */
	KIND_DTYPE,      /* a numpy.dtype; payload: index in joblib's table */
	KIND_PERSISTENT, /* what persistent_load() returned; payload: the node
			  * of what it was given, for people, or 0 */
	KIND_EXTENSION,  /* payload: a copyreg code that nobody registered */
	KIND_BUFFER,     /* out of band */
	KIND_FORGOTTEN,  /* was known once; any of the above */
	KIND_COUNT
};

typedef uint64_t value;

enum {
	VALUE_KIND_BITS = 8,
	VALUE_NAME_BITS = 16, /* of a call's payload: the name called */
	VALUE_KEEP = 64,      /* items of a list that are kept */
	/* Pairs of a dictionary: classes by value have more than a hundred
	 * attributes. */
	VALUE_KEEP_PAIRS = 128,
	/* Items of a tuple: code by value has its names in one. */
	VALUE_KEEP_TUPLE = 256,
	/* Nesting that no honest pickle has: Python itself stops writing at
	 * about a thousand, unless told otherwise. */
	VALUE_DEPTH_MAX = 10000,
};

/* A node's number that stands for "forgotten from the start". */
#define VALUE_GONE ((UINT64_C(1) << 40) - 1)
/* Items that a container would have, written out, before it is a bomb: two
 * to the power of: */
#define VALUE_WEIGHT_MAX 36u

static inline value
value_make(enum kind kind, uint64_t payload)
{
	return payload << VALUE_KIND_BITS | kind;
}

static inline enum kind
value_kind(value v)
{
	return (enum kind)(v & 0xff);
}

static inline uint64_t
value_payload(value v)
{
	return v >> VALUE_KIND_BITS;
}

/* The number in a KIND_INT or KIND_BOOL. */
static inline int64_t
value_int(value v)
{
	return (int64_t)v >> VALUE_KIND_BITS;
}

/* A plain number, or KIND_LONG at pos when it has more than 56 bits. */
value value_number(int64_t number, uint64_t pos);

/* Nodes. A ring owns its words, paid for from the budget's memory. */
struct ring {
	uint64_t *words;
	size_t room;   /* a power of two, or 0 */
	uint64_t head; /* words handed out so far */
	struct budget *budget;
	/* Told of what a call returned: may it be a text?  NULL: nobody asks
	 * ring_holds() of what is made now. */
	bool (*is_text)(void *context, value v);
	void *context;
	unsigned changed; /* what joined containers that stood in others */
};

/* What may be among the items of a container, those that are not kept too, and
 * inside of what holds others, to any depth. */
enum {
	HOLDS_TEXT = 1,  /* a text, or what may be one when it is there */
	HOLDS_DOUBT = 2, /* what is forgotten, or was changed since */
};

struct ring ring_new(struct budget *budget);
void ring_free(struct ring *r); /* NULL is fine */

/* What was built is too deep or too heavy to be honest. */
struct weight {
	uint32_t depth; /* containers inside each other */
	uint32_t log2;  /* of the items it would have, written out */
};

/* A tuple of n items, of which the first VALUE_KEEP_TUPLE are kept. */
value ring_tuple(struct ring *r, const value *items, size_t n);

/* An empty list or dict. */
value ring_container(struct ring *r, enum kind kind);

/* n items (for a dict: keys and values in turn) join a list or dict. */
void ring_extend(struct ring *r, value container, const value *items, size_t n);

/* The result of calling callee, found under name (its index in names). */
value ring_call(struct ring *r, uint64_t name, value callee, value args);

/* The name that was called. */
uint64_t value_call_name(value v);

/* Who was called and with what. False: forgotten. */
bool ring_call_parts(const struct ring *r, value v, value *callee, value *args);

struct items {
	value at[VALUE_KEEP_TUPLE]; /* no less than of the others */
	size_t n;                   /* kept in at */
	uint64_t count;             /* that there were */
	bool known;                 /* false: forgotten; n and count are 0 */
};

/* What is in a tuple, list or dict. Everything is in at when n == count. */
void ring_items(const struct ring *r, value v, struct items *out);

/* Would every loader stop when these join that dict (keys and values in turn)
 * or set, because a key cannot be hashed? */
bool value_cannot_hold(value target, const value *items, size_t n);

/* HOLDS_* of a container. */
unsigned ring_holds(const struct ring *r, value v);

/* How deep and heavy a value is. */
struct weight ring_weight(const struct ring *r, value v);

#endif /* PICKLE_VALUE_H */
