/* SPDX-License-Identifier: Apache-2.0 */
/* opcode: the table of opcodes and how their arguments lie in the stream. */
#ifndef PICKLE_OPCODE_H
#define PICKLE_OPCODE_H

#include <stdbool.h>
#include <stdint.h>

struct machine;

/* What came of one opcode. */
enum step {
	STEP_NEXT,   /* go on */
	STEP_STOP,   /* STOP: this pickle is done */
	STEP_ARRAY,  /* joblib: raw bytes of an array follow */
	STEP_SHORT,  /* the stream ends inside it */
	STEP_BROKEN, /* no loader goes on from here */
	STEP_ERROR,  /* machine.error says why: limits, the host's faults */
};

enum argument {
	ARGUMENT_NONE,
	ARGUMENT_UINT1,
	ARGUMENT_UINT2,
	ARGUMENT_UINT4,
	ARGUMENT_UINT8,
	ARGUMENT_INT4,
	ARGUMENT_FLOAT8,
	ARGUMENT_LINE,    /* up to a newline */
	ARGUMENT_LINES,   /* two lines */
	ARGUMENT_BYTES1,  /* a length of 1 byte, and so many bytes */
	ARGUMENT_BYTES4,  /* of 4 bytes */
	ARGUMENT_BYTES4S, /* of 4 bytes, signed to most loaders */
	ARGUMENT_BYTES8,
};

typedef enum step (*op_fn)(struct machine *m);

#define OP(byte, name, protocol, argument, effect) \
	enum step op_##effect(struct machine *m);
#include "pickle/opcodes.def"
#undef OP

struct opcode {
	const char *name; /* as in pickletools; NULL: no such opcode */
	uint8_t protocol;
	uint8_t size; /* bytes of the opcode and the fixed part behind it */
	enum argument argument;
};

/* By byte. */
extern const struct opcode opcodes[256];

/* What each byte does; NULL: no such opcode. */
extern const op_fn opcode_effects[256];

#endif /* PICKLE_OPCODE_H */
