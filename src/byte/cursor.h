/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cursor: read a bounded run of hostile bytes from front to back.
 *
 * A cursor borrows its bytes: it never owns, grows or writes them.  The first
 * read past the end marks it spent, and every later read yields zero, so a
 * header can be read whole and checked once.  The mark stays inside the
 * function that reads the header: callers see an enum err.
 */
#ifndef BYTE_CURSOR_H
#define BYTE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cursor {
	const uint8_t *at;  /* the next byte to read */
	const uint8_t *end; /* one past the last byte */
	bool spent;         /* a read went past the end */
};

/* Start a cursor over the size bytes at data; data outlives it. */
struct cursor cursor_over(const void *data, size_t size);

/* Bytes not yet read; 0 once spent. */
size_t cursor_left(const struct cursor *c);

/* Borrow the next n bytes, or NULL (and the cursor is spent). */
const uint8_t *cursor_take(struct cursor *c, size_t n);

/* Borrow the bytes up to the next byte equal to stop and step over it; *n is
 * their count without the stop.  NULL (and spent) when it does not come. */
const uint8_t *cursor_until(struct cursor *c, uint8_t stop, size_t *n);

/* The next n (at most 8) bytes as one little-endian number, or 0 (and the
 * cursor is spent). */
uint64_t cursor_le(struct cursor *c, size_t n);

/* The next little-endian integer, or 0 (and the cursor is spent). */
uint8_t cursor_u8(struct cursor *c);
uint16_t cursor_u16le(struct cursor *c);
uint32_t cursor_u32le(struct cursor *c);
uint64_t cursor_u64le(struct cursor *c);

/* ERR_OK, or ERR_SHORT if any read so far went past the end. */
MUST_USE enum err cursor_check(const struct cursor *c);

#endif /* BYTE_CURSOR_H */
