/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec_zlib: raw deflate, zlib and gzip.
 *
 * The gzip header is parsed here and not by zlib, which refuses reserved flag
 * bits and a wrong header checksum: Python's gzip looks at neither, so a
 * payload behind such a header would run there and be unread here.
 *
 * Reference: RFC 1950, 1951, 1952; CPython Lib/gzip.py, _read_gzip_header().
 */
#include <zlib.h>

#include "base/ckd.h"
#include "byte/codec.h"

enum {
	GZIP_FIXED = 10,  /* bytes of the fixed header */
	GZIP_TRAILER = 8, /* CRC-32 and the size modulo 2^32 */
	GZIP_METHOD = 8,  /* deflate, the only one */
	GZIP_HEADER_CRC = 2,
	GZIP_EXTRA_SIZE = 2
};

/* Flag bits of a gzip header. */
enum {
	GZIP_FHCRC = 0x02,
	GZIP_FEXTRA = 0x04,
	GZIP_FNAME = 0x08,
	GZIP_FCOMMENT = 0x10
};

/* Parts of a gzip member, in their order. */
enum gzip_part {
	GZIP_PART_FIXED,
	GZIP_PART_EXTRA_SIZE,
	GZIP_PART_EXTRA,
	GZIP_PART_NAME,
	GZIP_PART_COMMENT,
	GZIP_PART_HEADER_CRC,
	GZIP_PART_BODY,
	GZIP_PART_TRAILER
};

struct zlib_state {
	z_stream z;
	bool running; /* z is to be ended */
	struct budget *budget;
	/* gzip only */
	enum gzip_part part;
	size_t part_done; /* bytes of the part seen */
	uint8_t bytes[GZIP_FIXED];
	uint8_t flags;
	uint32_t extra; /* bytes of the extra field */
	uint32_t crc, size;
};

static void *
zlib_alloc(void *opaque, unsigned items, unsigned size)
{
	return codec_alloc(opaque, items, size);
}

static void
zlib_release(void *opaque, void *memory)
{
	codec_release(opaque, memory);
}

static enum err
zlib_begin(struct zlib_state *s, struct budget *budget, int window_bits)
{
	int r;

	*s = (struct zlib_state){ .budget = budget,
		.z = { .zalloc = zlib_alloc,
		    .zfree = zlib_release,
		    .opaque = budget } };
	if ((r = inflateInit2(&s->z, window_bits)) != Z_OK)
		return r == Z_MEM_ERROR ? codec_alloc_error(budget) : ERR_BUG;
	s->running = true;
	return ERR_OK;
}

static enum err
deflate_start(void *state, struct budget *budget)
{
	return zlib_begin(state, budget, -MAX_WBITS);
}

static enum err
zlib_start(void *state, struct budget *budget)
{
	return zlib_begin(state, budget, MAX_WBITS);
}

static enum err
gzip_start(void *state, struct budget *budget)
{
	struct zlib_state *s = state;
	enum err e = zlib_begin(s, budget, -MAX_WBITS);

	s->crc = (uint32_t)crc32(0, NULL, 0);
	return e;
}

static void
zlib_stop(void *state)
{
	struct zlib_state *s = state;

	if (s->running)
		(void)inflateEnd(&s->z);
	s->running = false;
}

static enum err
zlib_step(void *state, struct codec_io *io, bool *ended)
{
	struct zlib_state *s = state;
	unsigned in = (unsigned)ckd_min(io->in_left, UINT32_MAX);
	unsigned out = (unsigned)ckd_min(io->out_left, UINT32_MAX);
	int r;

	/* zlib's next_in is not const unless ZLIB_CONST; it never writes */
	s->z.next_in = (Bytef *)(uintptr_t)io->in;
	s->z.avail_in = in;
	s->z.next_out = io->out;
	s->z.avail_out = out;
	r = inflate(&s->z, Z_NO_FLUSH);
	io->in += in - s->z.avail_in;
	io->in_left -= in - s->z.avail_in;
	io->out += out - s->z.avail_out;
	io->out_left -= out - s->z.avail_out;
	switch (r) {
	case Z_OK:
	case Z_BUF_ERROR: /* needs input or room */
		return ERR_OK;
	case Z_STREAM_END:
		*ended = true;
		return ERR_OK;
	case Z_MEM_ERROR:
		return codec_alloc_error(s->budget);
	case Z_NEED_DICT: /* a dictionary that no loader has */
		return ERR_UNSUPPORTED;
	default:
		return ERR_MALFORMED;
	}
}

/* Go to the next part of the member that is present. */
static void
gzip_next_part(struct zlib_state *s)
{
	static const uint8_t needs[] = { [GZIP_PART_EXTRA_SIZE] = GZIP_FEXTRA,
		[GZIP_PART_EXTRA] = GZIP_FEXTRA,
		[GZIP_PART_NAME] = GZIP_FNAME,
		[GZIP_PART_COMMENT] = GZIP_FCOMMENT,
		[GZIP_PART_HEADER_CRC] = GZIP_FHCRC };

	s->part_done = 0;
	do
		s->part++;
	while (s->part < GZIP_PART_BODY && (s->flags & needs[s->part]) == 0);
	if (s->part == GZIP_PART_EXTRA && s->extra == 0)
		gzip_next_part(s);
}

/* The fixed part is complete: is it a gzip header? */
static enum err
gzip_check_fixed(struct zlib_state *s)
{
	if (s->bytes[0] != 0x1f || s->bytes[1] != 0x8b ||
	    s->bytes[2] != GZIP_METHOD)
		return ERR_MALFORMED;
	s->flags = s->bytes[3];
	return ERR_OK;
}

static uint32_t
gzip_u32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

/* One byte of a header or trailer. */
static enum err
gzip_take(struct zlib_state *s, uint8_t byte, bool *ended)
{
	enum err e = ERR_OK;
	bool done = false;

	if (s->part_done < sizeof(s->bytes))
		s->bytes[s->part_done] = byte;
	s->part_done++;
	switch (s->part) {
	case GZIP_PART_FIXED:
		done = s->part_done == GZIP_FIXED;
		if (done)
			e = gzip_check_fixed(s);
		break;
	case GZIP_PART_EXTRA_SIZE:
		done = s->part_done == GZIP_EXTRA_SIZE;
		if (done)
			s->extra =
			    (uint32_t)s->bytes[0] | (uint32_t)s->bytes[1] << 8;
		break;
	case GZIP_PART_EXTRA:
		done = s->part_done == s->extra;
		break;
	case GZIP_PART_NAME:
	case GZIP_PART_COMMENT:
		done = byte == 0;
		break;
	case GZIP_PART_HEADER_CRC:
		done = s->part_done == GZIP_HEADER_CRC;
		break;
	case GZIP_PART_TRAILER:
		*ended = s->part_done == GZIP_TRAILER;
		if (*ended &&
		    (gzip_u32(s->bytes) != s->crc ||
			gzip_u32(s->bytes + 4) != s->size))
			return ERR_MALFORMED;
		break;
	case GZIP_PART_BODY:
		break;
	}
	if (done && e == ERR_OK)
		gzip_next_part(s);
	return e;
}

static enum err
gzip_body(struct zlib_state *s, struct codec_io *io)
{
	const uint8_t *out = io->out;
	bool ended = false;
	enum err e = zlib_step(s, io, &ended);
	size_t made = (size_t)(io->out - out);

	s->crc = (uint32_t)crc32_z(s->crc, out, made);
	s->size += (uint32_t)made;
	if (e == ERR_OK && ended)
		gzip_next_part(s);
	return e;
}

static enum err
gzip_step(void *state, struct codec_io *io, bool *ended)
{
	struct zlib_state *s = state;

	while (s->part != GZIP_PART_BODY && io->in_left > 0 && !*ended) {
		uint8_t byte = *io->in++;
		enum err e;

		io->in_left--;
		if ((e = gzip_take(s, byte, ended)) != ERR_OK)
			return e;
	}
	return s->part == GZIP_PART_BODY ? gzip_body(s, io) : ERR_OK;
}

const struct codec codec_deflate = {
	.state_size = sizeof(struct zlib_state),
	.start = deflate_start,
	.step = zlib_step,
	.stop = zlib_stop,
};

const struct codec codec_zlib = {
	.state_size = sizeof(struct zlib_state),
	.multi = true,
	.start = zlib_start,
	.step = zlib_step,
	.stop = zlib_stop,
};

const struct codec codec_gzip = {
	.state_size = sizeof(struct zlib_state),
	.multi = true,
	.padded = true,
	.start = gzip_start,
	.step = gzip_step,
	.stop = zlib_stop,
};
