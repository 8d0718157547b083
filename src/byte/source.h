/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source: a view of hostile bytes that lie in a file, in memory or behind a
 * decompressor, with a budget.
 *
 * A source borrows its descriptor, memory and budget.  It is a small value:
 * copy it, narrow the copy with source_view().  Only pread(2) touches a file:
 * its owner may truncate it at any moment, which must be a short read here and
 * not a SIGBUS.  A header is read once: the file can change between two reads.
 */
#ifndef BYTE_SOURCE_H
#define BYTE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "byte/budget.h"

/* size of a source whose end is only known when it is reached */
#define SOURCE_UNENDING UINT64_MAX

struct source;

/*
 * Bytes of a file that were read already, kept by whoever read them: a read
 * that lies within is served from here, costs neither a call nor the budget,
 * and sees what was seen before, whoever writes to the file meanwhile.
 */
struct source_kept {
	const struct source_kept *next; /* NULL: the last */
	const uint8_t *bytes;
	uint64_t at; /* from the start of the file */
	size_t size;
};

/* What stands behind a source.  read: up to n bytes at off (from the start of
 * the underlying bytes, not of the view) into buf; *got < n only at the end or
 * before damage.  Charging the budget is the callee's job. */
struct source_ops {
	enum err (*read)(const struct source *s, uint64_t off, void *buf,
	    size_t n, size_t *got);
};

struct source {
	const struct source_ops *ops;
	void *context;         /* of ops; borrowed */
	int fd;                /* -1 unless a file */
	const uint8_t *memory; /* NULL unless in memory */
	uint64_t base;         /* first byte of the view */
	uint64_t size;         /* bytes in the view, or SOURCE_UNENDING */
	struct budget *budget;
	const struct source_kept *kept; /* of a file; outlives the source */
};

/* The first size bytes of a file. */
struct source source_fd(int fd, uint64_t size, struct budget *budget);

/* size bytes in memory; reading them costs no budget: they were paid for when
 * they came into memory. */
struct source source_memory(
    const void *data, size_t size, struct budget *budget);

/* Narrow: size bytes at off of s. ERR_SHORT when they lie outside s. */
MUST_USE enum err source_view(
    const struct source *s, uint64_t off, uint64_t size, struct source *out);

/* Everything from off to the end of s. ERR_SHORT when off lies beyond it. */
MUST_USE enum err source_rest(
    const struct source *s, uint64_t off, struct source *out);

/*
 * Read exactly n bytes at off (bytes from the start of the view) into buf.
 * On any error buf is undefined.
 *
 * ERR_SHORT	off + n lies outside the view, or the file shrank
 * ERR_LIMIT	fewer than n bytes are left in the budget
 * ERR_MALFORMED	a compressed stream is damaged
 * ERR_SYS	pread(2) failed; errno says how
 *
 * Source: pread(2); the shrinking file is tests/unit/test_byte_source.c.
 */
MUST_USE enum err source_read(
    const struct source *s, uint64_t off, void *buf, size_t n);

/* As source_read(), but up to n bytes: *got says how many; fewer than n only
 * at the end of the view (0 beyond it), or before damage, which the next call
 * then reports. */
MUST_USE enum err source_read_some(
    const struct source *s, uint64_t off, void *buf, size_t n, size_t *got);

/* The whole view as memory, when it lies in memory; else NULL. */
const uint8_t *source_bytes(const struct source *s);

#endif /* BYTE_SOURCE_H */
