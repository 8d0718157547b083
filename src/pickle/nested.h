/* SPDX-License-Identifier: Apache-2.0 */
/* nested: pickles and archives inside constant bytes and strings. */
#ifndef PICKLE_NESTED_H
#define PICKLE_NESTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "byte/textform.h"
#include "model/verdict.h"
#include "pickle/value.h"

struct machine;

/* Could the n bytes at p be the front of a pickle or an archive? */
bool nested_looks(const uint8_t *p, size_t n);

/* nested_looks(), after a look at one byte that most data do not pass. */
static inline bool
nested_may(const uint8_t *p, size_t n)
{
	return n >= 4 &&
	    (p[0] == 0x80 || p[0] == 'c' || p[0] == '(' || p[0] == 'P' ||
		p[0] == 'i' || p[0] == ']' || p[0] == '}' || p[0] == 'x' ||
		p[0] == 0x1f || p[0] == 0x93 || p[0] == 0xfd || p[0] == 'B' ||
		p[0] == 0x04) &&
	    nested_looks(p, n);
}

/* What the engine makes of size bytes at pos of the stream.
 * VERDICT_UNKNOWN with *known false: nothing that it knows. */
enum verdict nested_visit(
    struct machine *m, uint64_t pos, uint64_t size, bool *known);

/* A string at pos whose first n bytes are front: what the engine makes of it
 * when it is a pickle, an archive or the like in base64 or hexadecimal. */
void nested_visit_text(struct machine *m, uint64_t pos, uint64_t size,
    const uint8_t *front, size_t n);

/* The same of bytes in memory that stood at pos. */
enum verdict nested_visit_memory(
    struct machine *m, uint64_t pos, const struct buf *bytes, bool *known);

/* The content of a constant, whatever it begins with. */
enum verdict nested_visit_value(struct machine *m, value v, bool *known);

#endif /* PICKLE_NESTED_H */
