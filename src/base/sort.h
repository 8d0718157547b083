/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sort: a list in its place.
 *
 * For what reads hostile bytes, instead of qsort(): glibc's asks the system how
 * much memory there is, which a sandbox forbids, takes memory of its own that
 * no budget knows, and where it does not, has orders of input that make it
 * slow.
 */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stddef.h>

enum { SORT_ITEM_MAX = 128 }; /* bytes */

/* Below 0, 0 or above 0: a goes before b, anywhere, behind it. */
typedef int (*sort_fn)(const void *a, const void *b);

/* n items of size bytes each, at most SORT_ITEM_MAX.  n log n for any order of
 * them, and n for one that is sorted; equal ones come in any order. */
void sort_items(void *items, size_t n, size_t size, sort_fn compare);

/* Have qsort() ask now what it asks the system once: before a sandbox, for
 * libraries that call it. */
void sort_prepare(void);

#endif /* BASE_SORT_H */
