/* SPDX-License-Identifier: Apache-2.0 */
/* counters: what the gate counts; generated from counters.def. */
#ifndef GUARDD_COUNTERS_H
#define GUARDD_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

#define COUNTER(name, text) uint64_t name;
struct counters {
#include "guardd/counters.def"
};
#undef COUNTER

/* Members of a JSON object, without braces, into out; allocates nothing.
 * Returns the length; what doesn't fit is cut at a member. */
size_t counters_json(const struct counters *c, char *out, size_t n);

#endif /* GUARDD_COUNTERS_H */
