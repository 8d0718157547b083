/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digest: SHA-256 of a file, by libcrypto.
 *
 * Owns the sum and its spelling.  Must not own what a digest decides: see
 * digest/known.h.
 */
#ifndef DIGEST_DIGEST_H
#define DIGEST_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
	DIGEST_SIZE = 32, /* bytes of SHA-256 */
	DIGEST_HEX = 2 * DIGEST_SIZE
};

struct digest {
	uint8_t bytes[DIGEST_SIZE];
};

/*
 * Have libcrypto find its SHA-256, once for a process and what it forks.
 * Whoever is about to lose the right to open files calls it before.  ERR_SYS,
 * ERR_UNSUPPORTED.
 */
MUST_USE enum err digest_ready(void);

/*
 * Of the first size bytes of an open file, by pread(2) alone; the file's
 * offset stays.  ERR_SHORT: it ends before.  ERR_LIMIT: it goes on behind.
 * ERR_SYS, ERR_NOMEM, ERR_UNSUPPORTED.
 */
MUST_USE enum err digest_fd(int fd, uint64_t size, struct digest *out);

/* A sum under way, for who has several files. Zeros are none. */
struct digest_sum {
	void *context; /* libcrypto's */
	uint8_t *block;
	uint64_t size, at; /* bytes */
};

/* Begin a sum of size bytes; *out owns memory. ERR_LIMIT, ERR_NOMEM,
 * ERR_UNSUPPORTED. */
MUST_USE enum err digest_begin(uint64_t size, struct digest_sum *out);
/* Go on for about so many bytes. *done: that was all of it, and *out is the
 * digest.  Errors as of digest_fd(). */
MUST_USE enum err digest_step(struct digest_sum *s, int fd, uint64_t bytes,
    bool *done, struct digest *out);
void digest_sum_free(struct digest_sum *s); /* NULL is fine */

bool digest_equal(const struct digest *a, const struct digest *b);

/* In lower case, NUL-terminated. */
void digest_hex(const struct digest *d, char out[DIGEST_HEX + 1]);

/* n characters of either case; false: that is none. */
bool digest_parse(const char *hex, size_t n, struct digest *out);

#endif /* DIGEST_DIGEST_H */
