/* SPDX-License-Identifier: Apache-2.0 */
/*
 * npy_header: the Python literal at the front of an array file.
 *
 * numpy evaluates it with ast.literal_eval(): a dict of three keys.  Here it
 * is cut into tokens, without recursion and without building anything.  What
 * numpy never writes (escapes in a type, strings side by side, other keys) is
 * "odd": it may still evaluate, so the array may hold anything.
 *
 * Reference: NumPy NEP 1; numpy/lib/format.py, _read_array_header() and
 *	descr_to_dtype().
 */
#ifndef FORMAT_NPY_HEADER_H
#define FORMAT_NPY_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct npy_header {
	bool odd;       /* not as numpy writes it */
	bool sure;      /* its type is an object and nothing else */
	bool object;    /* may hold Python objects: then the data is a pickle */
	bool sized;     /* items and item_size are known */
	uint64_t items; /* product of the shape */
	uint64_t item_size; /* bytes */
};

/* Read the header's text of n bytes. */
struct npy_header npy_header_parse(const char *text, size_t n);

#endif /* FORMAT_NPY_HEADER_H */
