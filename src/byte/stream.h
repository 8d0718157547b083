/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream: read a source from front to back, in blocks, as fast as memory.
 *
 * The reader takes bytes between at and limit by itself, which costs nothing;
 * only when they do not suffice does it call stream_fill(), stream_line() or
 * stream_skip().  What is skipped is not read from a file and not copied from
 * memory.  limit is the reader's: it may lower it below end, to be stopped at
 * a place of its own; each call below sets it back to end.
 *
 * A stream over memory borrows it.  Over anything else it owns one block,
 * paid for from the budget's memory.
 */
#ifndef BYTE_STREAM_H
#define BYTE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "byte/source.h"

enum {
	STREAM_BLOCK = 128 * 1024,   /* bytes read at once, at most */
	STREAM_FILL_MAX = 64 * 1024, /* bytes that can be had in one piece */
	STREAM_KEEP = 4 * 1024, /* bytes before at that stay in the window */
};

/* Told of every run of bytes that was taken, not of those skipped. */
typedef void (*stream_tap_fn)(void *context, const void *data, size_t n);

struct stream {
	const uint8_t *at;    /* the next byte */
	const uint8_t *limit; /* how far the reader may go by itself */
	const uint8_t *begin; /* the window */
	const uint8_t *end;
	uint64_t base;        /* where begin stands in the source */
	struct source source; /* a view, borrowed */
	uint8_t *block;       /* NULL over memory */
	size_t room;          /* bytes of block */
	size_t ask;           /* bytes to read next */
	bool rereads; /* what has passed can be had again, cheaply; the owner
		       * of a source with a reader of its own may know better */
	stream_tap_fn tap; /* NULL: nobody listens */
	void *tap_context;
	const uint8_t *tapped; /* bytes before it were told */
};

/* Start at the front of source.  ERR_NOMEM, ERR_LIMIT (memory budget). */
MUST_USE enum err stream_open(struct stream *s, const struct source *source);

/* Tell the tap what is left and release the block. NULL is fine. */
void stream_free(struct stream *s);

/* Where at stands: bytes from the start of the source. */
static inline uint64_t
stream_pos(const struct stream *s)
{
	return s->base + (uint64_t)(s->at - s->begin);
}

/* Bytes that the reader may take by itself. */
static inline size_t
stream_left(const struct stream *s)
{
	return (size_t)(s->limit - s->at);
}

/* See that at least n (at most STREAM_FILL_MAX) bytes stand at at.
 * ERR_SHORT: the source ends before; errors of source_read_some(). */
MUST_USE enum err stream_fill(struct stream *s, size_t n);

/* Step over n bytes.  ERR_SHORT: the source ends before (then at stands at
 * its end); a source whose size is unknown shows its end at the next read. */
MUST_USE enum err stream_skip(struct stream *s, uint64_t n);

/*
 * Find the end of the line that starts from bytes behind at: *length is the
 * bytes before its newline.  *held: the line and its newline stand in the
 * window and nothing was taken.  Otherwise it was too long for that, and at
 * stands behind the newline.
 * ERR_SHORT: no newline before the end of the source; *length is what there
 * was, and *held says whether it stands in the window.
 */
MUST_USE enum err stream_line(
    struct stream *s, size_t from, uint64_t *length, bool *held);

/* Go to any place.  Cheap inside the window. */
void stream_seek(struct stream *s, uint64_t pos);

/*
 * Copy up to n bytes that stand at pos, without moving: *got says how many.
 * Outside the window they are read again where that is cheap.
 * ERR_UNSUPPORTED: the source is behind a decompressor and has moved on.
 */
MUST_USE enum err stream_look(
    const struct stream *s, uint64_t pos, void *buf, size_t n, size_t *got);

/* The source has lost n bytes at pos, which is not before at. */
void stream_cut(struct stream *s, uint64_t pos, uint64_t n);

/* Tell the tap of everything before at. */
void stream_tell(struct stream *s);

#endif /* BYTE_STREAM_H */
