/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec_lzma: LZMA1 with the 13-byte header of .lzma files, or with the
 * header that zip's method 14 puts before it.
 *
 * The declared window is made smaller than CODEC_LZMA_WINDOW as for .xz: a
 * .lzma header may ask for 4 GiB.
 *
 * Reference: liblzma doc/lzma-file-format.txt; APPNOTE.TXT 6.3.10, 5.8.8.
 */
#include <string.h>

#include "base/ckd.h"
#include "byte/codec_liblzma.h"

enum {
	LZMA_ALONE_HEADER = 13, /* properties, window size, unpacked size */
	LZMA_WINDOW_AT = 1,
	LZMA_SIZE_AT = 5,
	LZMA_PROPERTIES = 5, /* properties and window size */
	ZIP_LZMA_PREFIX = 4, /* version of the writer, size of the properties */
	ZIP_LZMA_HEADER = ZIP_LZMA_PREFIX + LZMA_PROPERTIES
};

struct lzma_state {
	lzma_stream lzma;
	lzma_allocator allocator;
	struct budget *budget;
	bool zip;    /* the header is zip's */
	bool capped; /* the window is smaller than declared */
	bool fed;    /* the decoder has its header */
	size_t done, wanted;
	uint8_t bytes[LZMA_ALONE_HEADER];
};

static enum err
lzma_begin(struct lzma_state *s, struct budget *budget)
{
	s->budget = budget;
	s->allocator = liblzma_allocator(budget);
	s->lzma.allocator = &s->allocator;
	/* no limit here: the allocator has one */
	return liblzma_error(
	    s->budget, s->capped, lzma_alone_decoder(&s->lzma, UINT64_MAX));
}

static enum err
lzma_start(void *state, struct budget *budget)
{
	struct lzma_state *s = state;

	*s = (struct lzma_state){ .lzma = LZMA_STREAM_INIT,
		.wanted = LZMA_ALONE_HEADER };
	return lzma_begin(s, budget);
}

static enum err
zip_lzma_start(void *state, struct budget *budget)
{
	struct lzma_state *s = state;

	*s = (struct lzma_state){
		.lzma = LZMA_STREAM_INIT, .zip = true, .wanted = ZIP_LZMA_HEADER
	};
	return lzma_begin(s, budget);
}

static void
lzma_stop(void *state)
{
	struct lzma_state *s = state;

	if (s->budget != NULL)
		lzma_end(&s->lzma);
	s->budget = NULL;
}

/* Turn zip's header into that of a .lzma file of unknown size. */
static enum err
lzma_from_zip(struct lzma_state *s)
{
	if ((s->bytes[2] | s->bytes[3] << 8) != LZMA_PROPERTIES)
		return ERR_UNSUPPORTED;
	memmove(s->bytes, s->bytes + ZIP_LZMA_PREFIX, LZMA_PROPERTIES);
	memset(s->bytes + LZMA_SIZE_AT, 0xff, LZMA_ALONE_HEADER - LZMA_SIZE_AT);
	return ERR_OK;
}

/* Replace a window size that is too large. */
static void
lzma_cap(struct lzma_state *s)
{
	uint8_t *p = s->bytes + LZMA_WINDOW_AT;
	uint32_t window = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;

	if (window <= CODEC_LZMA_WINDOW)
		return;
	s->capped = true;
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(CODEC_LZMA_WINDOW >> (8 * i));
}

/* The header is gathered: give the decoder ours. */
static enum err
lzma_feed(struct lzma_state *s)
{
	/* liblzma reads no header without room for output; none comes of it */
	uint8_t none;
	struct codec_io io = { .in = s->bytes,
		.in_left = LZMA_ALONE_HEADER,
		.out = &none,
		.out_left = sizeof(none) };
	enum err e = s->zip ? lzma_from_zip(s) : ERR_OK;

	if (e != ERR_OK)
		return e;
	lzma_cap(s);
	s->fed = true;
	return liblzma_error(s->budget, s->capped, liblzma_run(&s->lzma, &io));
}

static enum err
lzma_step(void *state, struct codec_io *io, bool *ended)
{
	struct lzma_state *s = state;
	enum err e;
	lzma_ret r;

	while (s->done < s->wanted && io->in_left > 0) {
		s->bytes[s->done++] = *io->in++;
		io->in_left--;
	}
	if (s->done < s->wanted)
		return ERR_OK;
	if (!s->fed && (e = lzma_feed(s)) != ERR_OK)
		return e;
	r = liblzma_run(&s->lzma, io);
	*ended = r == LZMA_STREAM_END;
	return liblzma_error(s->budget, s->capped, r);
}

const struct codec codec_lzma = {
	.state_size = sizeof(struct lzma_state),
	.multi = true,
	.start = lzma_start,
	.step = lzma_step,
	.stop = lzma_stop,
};

const struct codec codec_zip_lzma = {
	.state_size = sizeof(struct lzma_state),
	.start = zip_lzma_start,
	.step = lzma_step,
	.stop = lzma_stop,
};
