/* SPDX-License-Identifier: Apache-2.0 */
/*
 * marshal: read Python's marshal format, as it stands in .pyc files, in
 * cloudpickle's and dill's functions and in Keras Lambda layers.
 *
 * Nothing is built: names, strings and code are told to a sink as they pass.
 * One pass, an explicit stack of bounded depth, no allocation by a count from
 * the bytes.
 *
 * Reference: CPython Python/marshal.c, versions 2.7 to 3.14.  A code object
 * begins with 4 integers in 2.7, 5 in 3.0 to 3.7 and from 3.11, 6 in 3.8 to
 * 3.10; from 3.11 the fifth object behind them is bytes (localspluskinds)
 * where it was a tuple (freevars) before.
 */
#ifndef PYCODE_MARSHAL_H
#define PYCODE_MARSHAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
	/* CPython's own reader stops at 2000 (MAX_MARSHAL_STACK_DEPTH). */
	MARSHAL_DEPTH_MAX = 2000,
};

struct marshal_sink {
	void *context;
	/* a name that the code uses: globals, attributes, imports (co_names) */
	void (*name)(void *context, const char *s, size_t n);
	/* a string or bytes among the constants */
	void (*constant)(void *context, const char *s, size_t n);
	/* the byte code of one code object */
	void (*code)(void *context, const uint8_t *code, size_t n);
};

/*
 * Walk one marshalled object of at most n bytes; the version of the code
 * objects in it is found by trying.  *used (may be NULL): bytes of the object.
 * The sink hears only of an object that was read whole.
 *
 * ERR_SHORT	the bytes end early in every version
 * ERR_MALFORMED	no version reads them
 * ERR_LIMIT	nested deeper than MARSHAL_DEPTH_MAX
 * ERR_NOMEM
 */
MUST_USE enum err marshal_walk(
    const void *data, size_t n, const struct marshal_sink *sink, size_t *used);

#endif /* PYCODE_MARSHAL_H */
