/* SPDX-License-Identifier: Apache-2.0 */
/* opcode: the tables, from opcodes.def. */
#include "pickle/opcode.h"

#define SIZE_NONE 1
#define SIZE_UINT1 2
#define SIZE_UINT2 3
#define SIZE_UINT4 5
#define SIZE_UINT8 9
#define SIZE_INT4 5
#define SIZE_FLOAT8 9
#define SIZE_LINE 1
#define SIZE_LINES 1
#define SIZE_BYTES1 2
#define SIZE_BYTES4 5
#define SIZE_BYTES4S 5
#define SIZE_BYTES8 9

const struct opcode opcodes[256] = {
#define OP(byte, name, protocol, argument, effect) \
	[byte] = { #name, protocol, SIZE_##argument, ARGUMENT_##argument },
#include "pickle/opcodes.def"
#undef OP
};

const op_fn opcode_effects[256] = {
#define OP(byte, name, protocol, argument, effect) [byte] = op_##effect,
#include "pickle/opcodes.def"
#undef OP
};
