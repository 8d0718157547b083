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

bool digest_equal(const struct digest *a, const struct digest *b);

/* In lower case, NUL-terminated. */
void digest_hex(const struct digest *d, char out[DIGEST_HEX + 1]);

/* n characters of either case; false: that is none. */
bool digest_parse(const char *hex, size_t n, struct digest *out);

#endif /* DIGEST_DIGEST_H */
