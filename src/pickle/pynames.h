/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pynames: what a Python 3 loader makes of Python 2 names, which it does
 * whenever a stream says protocol 0 to 2.
 */
#ifndef PICKLE_PYNAMES_H
#define PICKLE_PYNAMES_H

#include <stdbool.h>
#include <stddef.h>

struct pyname {
	const char *module, *name;     /* raw bytes, no NUL needed */
	size_t module_size, name_size; /* bytes */
};

/* The mapped name; false and *out untouched when Python 3 keeps it.  What *out
 * points at is static, or the name of *in. */
bool pyname_map(const struct pyname *in, struct pyname *out);

#endif /* PICKLE_PYNAMES_H */
