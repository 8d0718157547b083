/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec_zstd: frames of libzstd.
 *
 * Its stable interface takes no allocator, so the most that it can allocate
 * under CODEC_ZSTD_WINDOW_LOG is charged in one piece.
 *
 * Reference: RFC 8878.
 */
#include <zstd.h>
#include <zstd_errors.h>

#include "base/ckd.h"
#include "byte/codec.h"

/* The window twice over is never needed: window, one block, input of a block,
 * tables; rounded up. */
#define ZSTD_MEMORY \
	((UINT64_C(1) << CODEC_ZSTD_WINDOW_LOG) + (UINT64_C(1) << 20))

enum {
	ZSTD_MAGIC = 4,
	ZSTD_BLOCK_HEADER = 3 /* a hint includes that of the block behind */
};

struct zstd_state {
	ZSTD_DCtx *context;
	struct budget *budget;
	size_t hint; /* input that libzstd would like next */
};

static enum err
zstd_start(void *state, struct budget *budget)
{
	struct zstd_state *s = state;

	if (budget_take(budget, BUDGET_MEMORY, ZSTD_MEMORY) != ERR_OK)
		return ERR_LIMIT;
	if ((s->context = ZSTD_createDCtx()) == NULL) {
		budget_give(budget, ZSTD_MEMORY);
		return ERR_NOMEM;
	}
	s->budget = budget;
	s->hint = ZSTD_MAGIC;
	return ZSTD_isError(ZSTD_DCtx_setParameter(
		   s->context, ZSTD_d_windowLogMax, CODEC_ZSTD_WINDOW_LOG))
	    ? ERR_BUG
	    : ERR_OK;
}

static void
zstd_stop(void *state)
{
	struct zstd_state *s = state;

	if (s->context == NULL)
		return;
	(void)ZSTD_freeDCtx(s->context);
	budget_give(s->budget, ZSTD_MEMORY);
	s->context = NULL;
}

static enum err
zstd_error(size_t r)
{
	ZSTD_ErrorCode code = ZSTD_getErrorCode(r);

	if (code == ZSTD_error_frameParameter_windowTooLarge)
		return ERR_LIMIT;
	if (code == ZSTD_error_memory_allocation)
		return ERR_NOMEM;
	if (code == ZSTD_error_dictionary_wrong ||
	    code == ZSTD_error_frameParameter_unsupported)
		return ERR_UNSUPPORTED;
	return ERR_MALFORMED;
}

static enum err
zstd_step(void *state, struct codec_io *io, bool *ended)
{
	struct zstd_state *s = state;
	/*
	 * One block a step: an error loses what the same call has unpacked,
	 * and a loader that reads in other pieces would have run it.
	 */
	ZSTD_inBuffer in = { io->in,
		(size_t)ckd_min(io->in_left,
		    s->hint > ZSTD_BLOCK_HEADER ? s->hint - ZSTD_BLOCK_HEADER
						: s->hint),
		0 };
	ZSTD_outBuffer out = { io->out, io->out_left, 0 };
	size_t r = ZSTD_decompressStream(s->context, &out, &in);

	io->in += in.pos;
	io->in_left -= in.pos;
	io->out += out.pos;
	io->out_left -= out.pos;
	if (ZSTD_isError(r))
		return zstd_error(r);
	s->hint = r;
	*ended = r == 0;
	return ERR_OK;
}

const struct codec codec_zstd = {
	.state_size = sizeof(struct zstd_state),
	.multi = true,
	.start = zstd_start,
	.step = zstd_step,
	.stop = zstd_stop,
};
