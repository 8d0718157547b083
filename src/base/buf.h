/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf: bytes that grow up to a ceiling given at birth.
 *
 * A buf owns its memory.  A failed append leaves it as it was.  There is
 * always a NUL behind the last byte (not counted), so buf_text() is a C string
 * when no NUL was put in.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf {
	uint8_t *data; /* NULL while empty */
	size_t size;   /* bytes in use */
	size_t room;   /* bytes allocated */
	size_t max;    /* ceiling of size, bytes */
};

/* An empty buf that never holds more than max bytes; allocates nothing. */
struct buf buf_new(size_t max);

/* Release the memory; the buf is empty and usable again. NULL is fine. */
void buf_free(struct buf *b);

/* Forget the content, keep the memory. */
void buf_clear(struct buf *b);

/* Append n bytes. ERR_LIMIT over the ceiling, ERR_NOMEM. */
MUST_USE enum err buf_add(struct buf *b, const void *data, size_t n);

/* Append a C string. ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err buf_puts(struct buf *b, const char *text);

/* Append as printf would. ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err buf_printf(struct buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Make room for n more bytes and return where they go, a NUL behind them; the
 * caller then adds what it used to size (and puts its own NUL when that is
 * fewer). NULL: over the ceiling or out of memory. */
uint8_t *buf_grow(struct buf *b, size_t n);

/* The content as a C string; "" while empty. Owned by the buf. */
const char *buf_text(const struct buf *b);

#endif /* BASE_BUF_H */
