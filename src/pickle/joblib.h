/* SPDX-License-Identifier: Apache-2.0 */
/*
 * joblib: raw arrays between the opcodes of a pickle.
 *
 * When BUILD completes a NumpyArrayWrapper, joblib reads the array from the
 * file at once: so many bytes as its shape and dtype say, behind a padding for
 * alignment, or another pickle if its items are objects.  It reads from the
 * file, not from the frame at hand.
 *
 * Reference: joblib 0.10 to 1.5, numpy_pickle.py (NumpyArrayWrapper.read_array)
 *	and numpy_pickle_compat.py; numpy dtype.__setstate__
 */
#ifndef PICKLE_JOBLIB_H
#define PICKLE_JOBLIB_H

#include <stdbool.h>
#include <stdint.h>

#include "pickle/opcode.h"
#include "pickle/value.h"

struct machine;

/* numpy.dtype(what): a KIND_DTYPE. */
value joblib_dtype(struct machine *m, value what);

/* dtype.__setstate__(state). */
void joblib_dtype_state(struct machine *m, value dtype, value state);

/* Is it a wrapper whose BUILD is followed by raw bytes?  One that names
 * another file is reported here. */
bool joblib_is_wrapper(struct machine *m, value target, value state);

/* What follows. */
enum array {
	ARRAY_BYTES,   /* raw bytes, skipped by joblib_take() */
	ARRAY_OBJECTS, /* a pickle, at the stream's place */
	ARRAY_UNKNOWN, /* nobody can tell how many bytes */
};

/* After STEP_ARRAY: skip the array.  STEP_NEXT, STEP_SHORT, STEP_ERROR.
 * *aligned: there is a padding in front, which no unpickler takes for an
 * opcode. */
enum step joblib_take(struct machine *m, enum array *what, bool *aligned);

#endif /* PICKLE_JOBLIB_H */
