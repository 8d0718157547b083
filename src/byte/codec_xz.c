/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec_xz: .xz streams, block by block.
 *
 * liblzma's own stream decoder allocates the window that a block declares, up
 * to 4 GiB, before the first byte.  xz -9 declares 64 MiB for a file of ten
 * bytes, so refusing by the declaration would refuse honest files.  Here the
 * block header is decoded first and the window made smaller: what looks back
 * further than that is ERR_LIMIT, everything else is read.
 *
 * Reference: The .xz File Format 1.1.0, sections 2 and 3.
 */
#include <string.h>

#include "base/ckd.h"
#include "byte/codec_liblzma.h"

enum xz_part { XZ_HEADER, XZ_BLOCK_HEADER, XZ_BLOCK, XZ_INDEX, XZ_FOOTER };

struct xz_state {
	enum xz_part part;
	lzma_stream lzma;
	lzma_allocator allocator;
	struct budget *budget;
	lzma_stream_flags flags;
	lzma_index_hash *index;
	lzma_block block;
	lzma_filter filters[LZMA_FILTERS_MAX + 1];
	bool capped;   /* the window is smaller than declared */
	size_t done;   /* bytes of the part in bytes */
	size_t wanted; /* bytes that the part needs */
	uint8_t bytes[LZMA_BLOCK_HEADER_SIZE_MAX];
};

static enum err
xz_start(void *state, struct budget *budget)
{
	struct xz_state *s = state;

	*s = (struct xz_state){ .budget = budget,
		.lzma = LZMA_STREAM_INIT,
		.allocator = liblzma_allocator(budget),
		.wanted = LZMA_STREAM_HEADER_SIZE };
	for (size_t i = 0; i <= LZMA_FILTERS_MAX; i++)
		s->filters[i].id = LZMA_VLI_UNKNOWN;
	s->index = lzma_index_hash_init(NULL, &s->allocator);
	return s->index == NULL ? codec_alloc_error(budget) : ERR_OK;
}

static void
xz_drop_filters(struct xz_state *s)
{
	for (size_t i = 0; i <= LZMA_FILTERS_MAX; i++) {
		if (s->filters[i].id != LZMA_VLI_UNKNOWN)
			codec_release(s->budget, s->filters[i].options);
		s->filters[i] = (lzma_filter){ .id = LZMA_VLI_UNKNOWN };
	}
}

static void
xz_stop(void *state)
{
	struct xz_state *s = state;

	if (s->budget == NULL)
		return;
	lzma_end(&s->lzma);
	lzma_index_hash_end(s->index, &s->allocator);
	s->index = NULL;
	xz_drop_filters(s);
	s->budget = NULL;
}

/* Begin a part that is gathered whole before it is decoded. */
static void
xz_go(struct xz_state *s, enum xz_part part, size_t wanted)
{
	s->part = part;
	s->done = 0;
	s->wanted = wanted;
}

static enum err
xz_block_begin(struct xz_state *s)
{
	lzma_ret r;

	s->block = (lzma_block){ .version = 1,
		.check = s->flags.check,
		.header_size = (uint32_t)s->wanted,
		.filters = s->filters };
	r = lzma_block_header_decode(&s->block, &s->allocator, s->bytes);
	if (r != LZMA_OK)
		return liblzma_error(s->budget, s->capped, r);
	for (size_t i = 0; s->filters[i].id != LZMA_VLI_UNKNOWN; i++) {
		lzma_options_lzma *options = s->filters[i].options;

		if (s->filters[i].id != LZMA_FILTER_LZMA2 ||
		    options->dict_size <= CODEC_LZMA_WINDOW)
			continue;
		options->dict_size = CODEC_LZMA_WINDOW;
		s->capped = true;
	}
	s->lzma.allocator = &s->allocator;
	if ((r = lzma_block_decoder(&s->lzma, &s->block)) != LZMA_OK)
		return liblzma_error(s->budget, s->capped, r);
	xz_go(s, XZ_BLOCK, 0);
	return ERR_OK;
}

static enum err
xz_block_end(struct xz_state *s)
{
	lzma_ret r = lzma_index_hash_append(s->index,
	    lzma_block_unpadded_size(&s->block), s->block.uncompressed_size);

	xz_drop_filters(s);
	s->capped = false;
	xz_go(s, XZ_BLOCK_HEADER, 1);
	return liblzma_error(s->budget, s->capped, r);
}

static enum err
xz_footer(struct xz_state *s)
{
	lzma_stream_flags footer;
	lzma_ret r = lzma_stream_footer_decode(&footer, s->bytes);

	if (r != LZMA_OK)
		return ERR_MALFORMED;
	if (footer.backward_size != lzma_index_hash_size(s->index) ||
	    lzma_stream_flags_compare(&s->flags, &footer) != LZMA_OK)
		return ERR_MALFORMED;
	return ERR_OK;
}

/* The bytes of a part are all there. */
static enum err
xz_gathered(struct xz_state *s, bool *ended)
{
	lzma_ret r;

	switch (s->part) {
	case XZ_HEADER:
		if ((r = lzma_stream_header_decode(&s->flags, s->bytes)) !=
		    LZMA_OK)
			return r == LZMA_OPTIONS_ERROR ? ERR_UNSUPPORTED
						       : ERR_MALFORMED;
		xz_go(s, XZ_BLOCK_HEADER, 1);
		return ERR_OK;
	case XZ_BLOCK_HEADER:
		if (s->wanted > 1)
			return xz_block_begin(s);
		/* the first byte: the size, or 0 where the index begins */
		s->wanted = lzma_block_header_size_decode(s->bytes[0]);
		if (s->bytes[0] == 0)
			s->part = XZ_INDEX;
		return ERR_OK;
	case XZ_FOOTER:
		*ended = true;
		return xz_footer(s);
	case XZ_BLOCK:
	case XZ_INDEX:
		break;
	}
	return ERR_BUG;
}

static enum err
xz_gather(struct xz_state *s, struct codec_io *io, bool *ended)
{
	size_t n = (size_t)ckd_min(s->wanted - s->done, io->in_left);

	memcpy(s->bytes + s->done, io->in, n);
	s->done += n;
	io->in += n;
	io->in_left -= n;
	return s->done == s->wanted ? xz_gathered(s, ended) : ERR_OK;
}

static enum err
xz_block(struct xz_state *s, struct codec_io *io)
{
	lzma_ret r;

	r = liblzma_run(&s->lzma, io);
	return r == LZMA_STREAM_END ? xz_block_end(s)
				    : liblzma_error(s->budget, s->capped, r);
}

static enum err
xz_index(struct xz_state *s, struct codec_io *io)
{
	static const uint8_t zero =
	    0; /* the index indicator, gathered before */
	size_t used = 0;
	lzma_ret r = LZMA_OK;

	if (s->done == 1) {
		r = lzma_index_hash_decode(s->index, &zero, &used, 1);
		s->done = 0;
		used = 0;
	}
	if (r == LZMA_OK && io->in_left > 0)
		r = lzma_index_hash_decode(
		    s->index, io->in, &used, io->in_left);
	io->in += used;
	io->in_left -= used;
	if (r == LZMA_STREAM_END)
		xz_go(s, XZ_FOOTER, LZMA_STREAM_HEADER_SIZE);
	return liblzma_error(s->budget, s->capped, r);
}

static enum err
xz_step(void *state, struct codec_io *io, bool *ended)
{
	struct xz_state *s = state;
	enum err e = ERR_OK;

	while (e == ERR_OK && !*ended && io->in_left > 0 && s->part != XZ_BLOCK)
		e = s->part == XZ_INDEX ? xz_index(s, io)
					: xz_gather(s, io, ended);
	if (e == ERR_OK && s->part == XZ_BLOCK)
		e = xz_block(s, io);
	return e;
}

const struct codec codec_xz = {
	.state_size = sizeof(struct xz_state),
	.multi = true,
	.padded = true,
	.start = xz_start,
	.step = xz_step,
	.stop = xz_stop,
};
