/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec: one compression library behind one shape; used by inflate alone.
 *
 * A codec unpacks one stream from front to back, in steps as small as the
 * caller likes.  It owns its library's state and nothing else: input, output,
 * the joining of streams and the charge for what comes out are inflate's.
 * Whatever a library allocates is charged to the budget first, so that a header
 * that asks for a gigabyte of window is an answer and not a dead worker.
 */
#ifndef BYTE_CODEC_H
#define BYTE_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "byte/budget.h"

/* Where a step reads and writes; it moves both forward. */
struct codec_io {
	const uint8_t *in;
	size_t in_left;
	uint8_t *out;
	size_t out_left;
};

struct codec {
	size_t state_size; /* bytes of the codec's own state, zeroed at birth */
	bool multi;  /* a file may hold several streams, one after another */
	bool padded; /* zero bytes may lie between streams */
	/*
	 * Begin a stream in the state, which is zeroed or was stopped.
	 * ERR_LIMIT (memory budget), ERR_NOMEM.
	 */
	enum err (*start)(void *state, struct budget *budget);
	/*
	 * Go on.  No progress means that more input or room is needed.
	 * *ended is set at the end of the stream.  Output that was made before
	 * an error counts.
	 * ERR_MALFORMED, ERR_LIMIT (window too large), ERR_UNSUPPORTED,
	 * ERR_NOMEM.
	 */
	enum err (*step)(void *state, struct codec_io *io, bool *ended);
	/* Release what start() took; harmless when it took nothing. */
	void (*stop)(void *state);
};

extern const struct codec codec_deflate, codec_zlib, codec_gzip; /* zlib */
extern const struct codec codec_bzip2;
extern const struct codec codec_xz;
extern const struct codec codec_lzma, codec_zip_lzma;
extern const struct codec codec_zstd;
extern const struct codec codec_lz4;

/* The largest window that an LZMA stream gets.  xz -6, the default, writes 8
 * MiB; a stream that declares more is read as long as it does not look further
 * back than this. */
#define CODEC_LZMA_WINDOW (UINT32_C(16) << 20)
/* As a power of two: what RFC 8878 asks of every decoder, and zstd -19 uses. */
#define CODEC_ZSTD_WINDOW_LOG 23

/* Memory that is charged to b: NULL when it or the host has none left. */
void *codec_alloc(struct budget *b, uint64_t count, uint64_t size);

/* Give back what codec_alloc() gave. NULL is fine. */
void codec_release(struct budget *b, void *memory);

/* Why the last codec_alloc() failed: ERR_LIMIT when the budget is spent. */
enum err codec_alloc_error(const struct budget *b);

#endif /* BYTE_CODEC_H */
