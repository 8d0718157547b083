/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inflate: the window over unpacked bytes, and the joining of streams.
 *
 * Loaders differ in what they do behind the end of a stream: Python's gzip
 * refuses junk, its bz2 and lzma ignore it, all of them go on with a stream
 * that follows.  Here a stream that follows is always read, and junk that
 * never yields a byte is the end.
 */
#include "byte/inflate.h"

#include <stdlib.h>
#include <string.h>

#include "base/ckd.h"
#include "base/own.h"
#include "byte/codec.h"

enum {
	/* Bytes kept behind the present position: a sniff looks at the front
	 * and a walker starts there again, which should not unpack twice. */
	INFLATE_WINDOW = 64 * 1024,
	INFLATE_HISTORY = INFLATE_WINDOW / 2, /* kept when the window slides */
	INFLATE_INPUT = 16 * 1024,
	/* The first look at a stream costs little; the input doubles from
	 * here. */
	INFLATE_INPUT_FIRST = 512
};

/* What a piece of library memory knows about itself; keeps the alignment. */
struct codec_block {
	_Alignas(max_align_t) uint64_t size;
};

struct inflate {
	struct source raw;
	const struct codec *codec;
	void *state;
	bool running;        /* the codec holds memory */
	bool ended;          /* the last stream ended in good order */
	enum err damage;     /* why nothing more comes */
	uint64_t streams;    /* that ended so far */
	uint64_t stream_out; /* bytes that the present stream has yielded */
	uint64_t good_end;   /* compressed bytes up to the last good end */
	uint64_t raw_at;     /* next compressed byte to fetch */
	size_t in_at, in_size, in_want;
	bool in_last; /* raw has no more */
	uint64_t window_at;
	size_t window_size;
	uint8_t in[INFLATE_INPUT];
	uint8_t window[INFLATE_WINDOW];
};

static const struct codec *const codecs[] = {
	[INFLATE_DEFLATE] = &codec_deflate,
	[INFLATE_ZLIB] = &codec_zlib,
	[INFLATE_GZIP] = &codec_gzip,
	[INFLATE_BZIP2] = &codec_bzip2,
	[INFLATE_XZ] = &codec_xz,
	[INFLATE_LZMA] = &codec_lzma,
	[INFLATE_ZIP_LZMA] = &codec_zip_lzma,
	[INFLATE_ZSTD] = &codec_zstd,
	[INFLATE_LZ4] = &codec_lz4,
};

void *
codec_alloc(struct budget *b, uint64_t count, uint64_t size)
{
	struct codec_block *block;
	uint64_t n;

	if (!ckd_mul(count, size, &n) ||
	    !ckd_add(n, sizeof(struct codec_block), &n) || n > SIZE_MAX)
		n = SIZE_MAX;
	if (budget_take(b, BUDGET_MEMORY, n) != ERR_OK)
		return NULL;
	if ((block = malloc((size_t)n)) == NULL) {
		budget_give(b, n);
		return NULL;
	}
	block->size = n;
	return block + 1;
}

void
codec_release(struct budget *b, void *memory)
{
	struct codec_block *block = memory;

	if (block == NULL)
		return;
	block--;
	budget_give(b, block->size);
	free(block);
}

enum err
codec_alloc_error(const struct budget *b)
{
	return b->spent == BUDGET_MEMORY ? ERR_LIMIT : ERR_NOMEM;
}

/* Where the compressed stream is being read. */
static uint64_t
inflate_in_position(const struct inflate *f)
{
	return f->raw_at - (f->in_size - f->in_at);
}

/* Back to the first byte. */
static void
inflate_rewind(struct inflate *f)
{
	f->codec->stop(f->state);
	f->running = f->ended = f->in_last = false;
	f->damage = ERR_OK;
	f->streams = f->stream_out = f->good_end = f->raw_at = 0;
	f->in_at = f->in_size = 0;
	f->in_want = INFLATE_INPUT_FIRST;
	f->window_at = 0;
	f->window_size = 0;
}

/* Fetch input when there is none left. */
static enum err
inflate_fetch(struct inflate *f)
{
	size_t got;
	enum err e;

	if (f->in_at < f->in_size || f->in_last)
		return ERR_OK;
	if ((e = source_read_some(
		 &f->raw, f->raw_at, f->in, f->in_want, &got)) != ERR_OK)
		return e;
	f->in_at = 0;
	f->in_size = got;
	f->raw_at += got;
	f->in_last = got == 0;
	f->in_want = (size_t)ckd_min(f->in_want * 2, INFLATE_INPUT);
	return ERR_OK;
}

/* The present stream failed: is that damage, or only junk behind the end? */
static void
inflate_fail(struct inflate *f, enum err e)
{
	f->codec->stop(f->state);
	f->running = false;
	if (f->streams > 0 && f->stream_out == 0 &&
	    (e == ERR_MALFORMED || e == ERR_SHORT))
		f->ended = true;
	else
		f->damage = e;
}

/* A stream ended: the file ends here, or another one may follow. */
static void
inflate_stream_end(struct inflate *f)
{
	f->codec->stop(f->state);
	f->running = false;
	f->streams++;
	f->stream_out = 0;
	f->good_end = inflate_in_position(f);
	f->ended = !f->codec->multi;
}

/* Between streams: step over padding, begin the next stream or end. */
static void
inflate_next_stream(struct inflate *f)
{
	enum err e;

	while (f->streams > 0 && f->codec->padded && f->in_at < f->in_size &&
	    f->in[f->in_at] == 0)
		f->in_at++;
	if (f->in_at == f->in_size && f->streams > 0) {
		f->ended = f->in_last;
		return;
	}
	if ((e = f->codec->start(f->state, f->raw.budget)) != ERR_OK) {
		f->codec->stop(f->state);
		f->damage = e;
		return;
	}
	f->running = true;
}

/* One step of the codec into the window: at most want bytes. */
static void
inflate_step(struct inflate *f, size_t want)
{
	struct codec_io io = { .in = f->in + f->in_at,
		.in_left = f->in_size - f->in_at,
		.out = f->window + f->window_size,
		.out_left = want };
	bool ended = false;
	enum err e = f->codec->step(f->state, &io, &ended);
	size_t used = f->in_size - f->in_at - io.in_left;
	size_t made = want - io.out_left;

	f->in_at += used;
	f->window_size += made;
	f->stream_out += made;
	if (made > 0 &&
	    budget_take(f->raw.budget, BUDGET_BYTES, made) != ERR_OK) {
		/* not paid for: nobody gets to see it */
		f->window_size -= made;
		e = ERR_LIMIT;
	}
	if (e == ERR_OK && !ended && used == 0 && made == 0) {
		if (f->in_at < f->in_size)
			e = ERR_MALFORMED;
		else if (f->in_last)
			e = ERR_SHORT;
	}
	if (e != ERR_OK)
		inflate_fail(f, e);
	else if (ended)
		inflate_stream_end(f);
}

/* Make at least one byte behind the window's end, at most want, unless the end
 * or damage comes first. */
static void
inflate_make(struct inflate *f, uint64_t want)
{
	size_t before;

	if (f->window_size == INFLATE_WINDOW) {
		size_t drop = INFLATE_WINDOW - INFLATE_HISTORY;

		memmove(f->window, f->window + drop, INFLATE_HISTORY);
		f->window_at += drop;
		f->window_size = INFLATE_HISTORY;
	}
	before = f->window_size;
	want = ckd_min(want, INFLATE_WINDOW - f->window_size);
	while (f->window_size == before && !f->ended && f->damage == ERR_OK) {
		enum err e = budget_check(f->raw.budget);

		if (e == ERR_OK)
			e = inflate_fetch(f);
		if (e != ERR_OK)
			inflate_fail(f, e);
		else if (!f->running)
			inflate_next_stream(f);
		else
			inflate_step(f, (size_t)want);
	}
}

/* Copy what the window has at off. */
static size_t
inflate_copy(const struct inflate *f, uint64_t off, uint8_t *to, size_t n)
{
	size_t at = (size_t)(off - f->window_at);

	n = (size_t)ckd_min(n, f->window_size - at);
	memcpy(to, f->window + at, n);
	return n;
}

static enum err
inflate_read(
    const struct source *s, uint64_t off, void *buf, size_t n, size_t *got)
{
	struct inflate *f = s->context;
	size_t done = 0;

	if (off < f->window_at)
		inflate_rewind(f);
	while (done < n) {
		uint64_t end = f->window_at + f->window_size;
		uint64_t at = off + done;

		if (at < end)
			done += inflate_copy(
			    f, at, (uint8_t *)buf + done, n - done);
		else if (f->ended || f->damage != ERR_OK)
			break;
		else
			inflate_make(f, at - end + (n - done));
	}
	/* Damage is told by the next read, once what came before is used. */
	if (done == 0 && n > 0 && f->damage != ERR_OK)
		return f->damage;
	*got = done;
	return ERR_OK;
}

static const struct source_ops inflate_ops = { inflate_read };

enum err
inflate_open(const struct source *raw, enum inflate_kind kind,
    struct inflate **state, struct source *out)
{
	struct budget *b = raw->budget;
	const struct codec *codec = codecs[kind];
	struct inflate *f = codec_alloc(b, 1, sizeof(*f));

	if (f == NULL)
		return codec_alloc_error(b);
	f->raw = *raw;
	f->codec = codec;
	if ((f->state = codec_alloc(b, 1, codec->state_size)) == NULL) {
		codec_release(b, f);
		return codec_alloc_error(b);
	}
	memset(f->state, 0, codec->state_size);
	inflate_rewind(f);
	*state = f;
	*out = (struct source){ .ops = &inflate_ops,
		.context = f,
		.fd = -1,
		.size = SOURCE_UNENDING,
		.budget = b };
	return ERR_OK;
}

uint64_t
inflate_consumed(const struct inflate *f)
{
	return f->ended ? f->good_end : inflate_in_position(f);
}

bool
inflate_ended(const struct inflate *f)
{
	return f->ended;
}

void
inflate_free(struct inflate **state)
{
	struct inflate *f = *state;
	struct budget *b;

	if (f == NULL)
		return;
	b = f->raw.budget;
	f->codec->stop(f->state);
	codec_release(b, f->state);
	codec_release(b, f);
	*state = NULL;
}
