/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec_lz4: LZ4 frames.
 *
 * Blocks are at most 4 MB by the format; liblz4 takes no allocator, so what
 * two of them need is charged in one piece.
 *
 * Reference: LZ4 Frame Format 1.6.2.
 */
#include <lz4frame.h>

#include "base/ckd.h"
#include "byte/codec.h"

#define LZ4_MEMORY (UINT64_C(9) << 20) /* two blocks of 4 MB and 192 KB */

enum {
	LZ4_HEADER_MIN = 7,  /* bytes of the shortest frame header */
	LZ4_BLOCK_HEADER = 4 /* a hint includes that of the block behind */
};

struct lz4_state {
	LZ4F_dctx *context;
	struct budget *budget;
	size_t hint; /* input that liblz4 would like next */
};

static enum err
lz4_start(void *state, struct budget *budget)
{
	struct lz4_state *s = state;

	if (budget_take(budget, BUDGET_MEMORY, LZ4_MEMORY) != ERR_OK)
		return ERR_LIMIT;
	s->budget = budget;
	s->hint = LZ4_HEADER_MIN;
	if (LZ4F_isError(
		LZ4F_createDecompressionContext(&s->context, LZ4F_VERSION))) {
		budget_give(budget, LZ4_MEMORY);
		s->context = NULL;
		return ERR_NOMEM;
	}
	return ERR_OK;
}

static void
lz4_stop(void *state)
{
	struct lz4_state *s = state;

	if (s->context == NULL)
		return;
	(void)LZ4F_freeDecompressionContext(s->context);
	budget_give(s->budget, LZ4_MEMORY);
	s->context = NULL;
}

static enum err
lz4_step(void *state, struct codec_io *io, bool *ended)
{
	struct lz4_state *s = state;
	size_t out = io->out_left;
	/*
	 * One block a step: an error loses what the same call has unpacked,
	 * and a loader that reads in other pieces would have run it.
	 */
	size_t in = (size_t)ckd_min(io->in_left,
	    s->hint > LZ4_BLOCK_HEADER ? s->hint - LZ4_BLOCK_HEADER : s->hint);
	size_t r =
	    LZ4F_decompress(s->context, io->out, &out, io->in, &in, NULL);

	if (LZ4F_isError(r))
		return ERR_MALFORMED; /* in and out are undefined */
	io->in += in;
	io->in_left -= in;
	io->out += out;
	io->out_left -= out;
	s->hint = r;
	*ended = r == 0;
	return ERR_OK;
}

const struct codec codec_lz4 = {
	.state_size = sizeof(struct lz4_state),
	.multi = true,
	.start = lz4_start,
	.step = lz4_step,
	.stop = lz4_stop,
};
