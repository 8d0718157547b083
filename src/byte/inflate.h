/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inflate: a source of the unpacked bytes of a compressed source.
 *
 * Reads go forward; a read behind the present position starts the stream over
 * (and pays for it again).  Unpacked bytes are charged to the budget, so a
 * bomb ends as ERR_LIMIT.  Nothing is unpacked before it is read.
 */
#ifndef BYTE_INFLATE_H
#define BYTE_INFLATE_H

#include "byte/source.h"

enum inflate_kind {
	INFLATE_DEFLATE, /* raw, as in zip */
	INFLATE_ZLIB,
	INFLATE_GZIP,  /* all members, as Python's gzip reads them */
	INFLATE_BZIP2, /* all streams */
	INFLATE_XZ,    /* all streams */
	INFLATE_LZMA,  /* .lzma, "alone" */
	INFLATE_ZIP_LZMA, /* zip method 14: 4 bytes of header, then LZMA1 */
	INFLATE_ZSTD,
	INFLATE_LZ4 /* frames */
};

struct inflate;

/*
 * Start unpacking raw.  *out reads the unpacked bytes and is valid until
 * inflate_free(); its size is SOURCE_UNENDING.
 * ERR_NOMEM, ERR_LIMIT (memory budget).
 */
MUST_USE enum err inflate_open(const struct source *raw,
    enum inflate_kind kind, struct inflate **state, struct source *out);

/* Compressed bytes used up so far, from the start of raw. */
uint64_t inflate_consumed(const struct inflate *state);

/* Has the end of the compressed stream been reached in good order? */
bool inflate_ended(const struct inflate *state);

/* Release it. NULL is fine. */
void inflate_free(struct inflate **state);

#endif /* BYTE_INFLATE_H */
