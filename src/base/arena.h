/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena: many small allocations with one owner and one end.
 *
 * Everything that is said about one file lies in one arena, under a ceiling,
 * and goes with it.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *blocks; /* newest first */
	size_t used;                /* bytes handed out */
	size_t max;                 /* ceiling of used */
};

/* An empty arena that hands out at most max bytes; allocates nothing. */
struct arena arena_new(size_t max);

/* Release everything that was handed out. NULL is fine. */
void arena_free(struct arena *a);

/* size zeroed bytes, aligned for any type; NULL over the ceiling or when
 * memory is out. */
void *arena_take(struct arena *a, size_t size);

/* A copy of n bytes with a NUL behind them; NULL as arena_take(). */
char *arena_copy(struct arena *a, const void *data, size_t n);

/* As vsprintf would; NULL as arena_take(). */
char *arena_printf(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif /* BASE_ARENA_H */
