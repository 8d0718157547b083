/* SPDX-License-Identifier: Apache-2.0 */
/* codec_bzip2: libbz2, which needs at most 4 MB and says so in its header. */
#include <bzlib.h>

#include "base/ckd.h"
#include "byte/codec.h"

struct bzip2_state {
	bz_stream bz;
	bool running;
	struct budget *budget;
};

static void *
bzip2_alloc(void *opaque, int items, int size)
{
	return codec_alloc(opaque, (uint64_t)items, (uint64_t)size);
}

static void
bzip2_release(void *opaque, void *memory)
{
	codec_release(opaque, memory);
}

static enum err
bzip2_start(void *state, struct budget *budget)
{
	struct bzip2_state *s = state;
	int r;

	*s = (struct bzip2_state){ .budget = budget,
		.bz = { .bzalloc = bzip2_alloc,
		    .bzfree = bzip2_release,
		    .opaque = budget } };
	if ((r = BZ2_bzDecompressInit(&s->bz, 0, 0)) != BZ_OK)
		return r == BZ_MEM_ERROR ? codec_alloc_error(budget) : ERR_BUG;
	s->running = true;
	return ERR_OK;
}

static void
bzip2_stop(void *state)
{
	struct bzip2_state *s = state;

	if (s->running)
		(void)BZ2_bzDecompressEnd(&s->bz);
	s->running = false;
}

static enum err
bzip2_step(void *state, struct codec_io *io, bool *ended)
{
	struct bzip2_state *s = state;
	unsigned in = (unsigned)ckd_min(io->in_left, UINT32_MAX);
	unsigned out = (unsigned)ckd_min(io->out_left, UINT32_MAX);
	int r;

	s->bz.next_in = (char *)(uintptr_t)io->in; /* never written */
	s->bz.avail_in = in;
	s->bz.next_out = (char *)io->out;
	s->bz.avail_out = out;
	r = BZ2_bzDecompress(&s->bz);
	io->in += in - s->bz.avail_in;
	io->in_left -= in - s->bz.avail_in;
	io->out += out - s->bz.avail_out;
	io->out_left -= out - s->bz.avail_out;
	switch (r) {
	case BZ_OK:
		return ERR_OK;
	case BZ_STREAM_END:
		*ended = true;
		return ERR_OK;
	case BZ_MEM_ERROR:
		return codec_alloc_error(s->budget);
	default:
		return ERR_MALFORMED;
	}
}

const struct codec codec_bzip2 = {
	.state_size = sizeof(struct bzip2_state),
	.multi = true,
	.start = bzip2_start,
	.step = bzip2_step,
	.stop = bzip2_stop,
};
