/* SPDX-License-Identifier: Apache-2.0 */
/* codec_liblzma: what the two codecs over liblzma share. */
#ifndef BYTE_CODEC_LIBLZMA_H
#define BYTE_CODEC_LIBLZMA_H

#include <lzma.h>

#include "byte/codec.h"

static inline void *
liblzma_alloc(void *opaque, size_t items, size_t size)
{
	return codec_alloc(opaque, items, size);
}

static inline void
liblzma_release(void *opaque, void *memory)
{
	codec_release(opaque, memory);
}

/* An allocator that charges b. */
static inline lzma_allocator
liblzma_allocator(struct budget *b)
{
	return (lzma_allocator){ liblzma_alloc, liblzma_release, b };
}

/* What a result means; capped: the window was made smaller than declared, so
 * that a distance beyond it looks like damage. */
static inline enum err
liblzma_error(const struct budget *b, bool capped, lzma_ret r)
{
	if (r == LZMA_OK || r == LZMA_STREAM_END)
		return ERR_OK;
	if (r == LZMA_BUF_ERROR) /* needs input or room */
		return ERR_OK;
	if (r == LZMA_MEM_ERROR)
		return codec_alloc_error(b);
	if (r == LZMA_OPTIONS_ERROR)
		return ERR_UNSUPPORTED;
	return capped ? ERR_LIMIT : ERR_MALFORMED;
}

/* Let z go on over io. */
static inline lzma_ret
liblzma_run(lzma_stream *z, struct codec_io *io)
{
	lzma_ret r;

	z->next_in = io->in;
	z->avail_in = io->in_left;
	z->next_out = io->out;
	z->avail_out = io->out_left;
	r = lzma_code(z, LZMA_RUN);
	io->in = z->next_in;
	io->in_left = z->avail_in;
	io->out = z->next_out;
	io->out_left = z->avail_out;
	return r;
}

#endif /* BYTE_CODEC_LIBLZMA_H */
