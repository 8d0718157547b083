/* SPDX-License-Identifier: Apache-2.0 */
/* stream: one window, moved forward. */
#include "byte/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/ckd.h"

enum {
	/* First, and after a jump: what begins like a pickle is often none, and
	 * what follows may be another jump. */
	ASK_FIRST = 4 * 1024,
	ASK_GROWS = 4, /* so many times larger is each next one */
};

/* The window is empty and stands at pos. */
static void
window_reset(struct stream *s, uint64_t pos)
{
	s->begin = s->at = s->end = s->limit = s->tapped = s->block;
	s->base = pos;
	s->ask = ASK_FIRST;
}

enum err
stream_open(struct stream *s, const struct source *source)
{
	size_t room = STREAM_BLOCK + STREAM_KEEP + STREAM_FILL_MAX;
	const uint8_t *memory = source_bytes(source);
	struct stream new = { .source = *source };

	if (memory != NULL) {
		new.begin = new.at = new.tapped = memory;
		new.end = new.limit = memory + source->size;
		new.rereads = true;
		*s = new;
		return ERR_OK;
	}
	if (source->size < room)
		room = (size_t)source->size + 1;
	if (budget_take(source->budget, BUDGET_MEMORY, room) != ERR_OK)
		return ERR_LIMIT;
	if ((new.block = malloc(room)) == NULL) {
		budget_give(source->budget, room);
		return ERR_NOMEM;
	}
	new.room = room;
	new.rereads = source->fd != -1;
	window_reset(&new, 0);
	*s = new;
	return ERR_OK;
}

void
stream_tell(struct stream *s)
{
	if (s->tap != NULL && s->at > s->tapped)
		s->tap(s->tap_context, s->tapped, (size_t)(s->at - s->tapped));
	s->tapped = s->at;
}

void
stream_free(struct stream *s)
{
	if (s == NULL || s->begin == NULL)
		return;
	stream_tell(s);
	if (s->block != NULL)
		budget_give(s->source.budget, s->room);
	free(s->block);
	*s = (struct stream){ 0 };
}

/* Move what stands at at, and some of what stood before it, to the front. */
static void
window_slide(struct stream *s)
{
	size_t keep = (size_t)(s->at - s->begin);
	const uint8_t *from;

	stream_tell(s);
	if (keep > STREAM_KEEP)
		keep = STREAM_KEEP;
	from = s->at - keep;
	if (from == s->block)
		return;
	s->base += (uint64_t)(from - s->begin);
	memmove(s->block, from, (size_t)(s->end - from));
	s->end -= from - s->begin;
	s->begin = s->block;
	s->at = s->tapped = s->block + keep;
}

/* Read on behind the window: at least one byte, or ERR_SHORT. */
static enum err
window_extend(struct stream *s)
{
	size_t used = (size_t)(s->end - s->begin);
	size_t n = s->room - used < s->ask ? s->room - used : s->ask;
	size_t got = 0;
	enum err e;

	if (n == 0)
		return ERR_SHORT;
	e = source_read_some(
	    &s->source, s->base + used, s->block + used, n, &got);
	if (e != ERR_OK)
		return e;
	s->end += got;
	if (s->ask < STREAM_BLOCK)
		s->ask *= ASK_GROWS;
	return got == 0 ? ERR_SHORT : ERR_OK;
}

enum err
stream_fill(struct stream *s, size_t n)
{
	enum err e = ERR_OK;

	if (n > STREAM_FILL_MAX)
		return ERR_BUG;
	if ((size_t)(s->end - s->at) < n && s->block == NULL)
		e = ERR_SHORT;
	else if ((size_t)(s->end - s->at) < n)
		window_slide(s);
	while (e == ERR_OK && (size_t)(s->end - s->at) < n)
		e = window_extend(s);
	s->limit = s->end;
	return e;
}

enum err
stream_skip(struct stream *s, uint64_t n)
{
	uint64_t pos = stream_pos(s), to;

	stream_tell(s);
	if (n <= (uint64_t)(s->end - s->at)) {
		s->at += n;
		s->tapped = s->at;
		s->limit = s->end;
		return ERR_OK;
	}
	if (!ckd_add(pos, n, &to) || to > s->source.size) {
		stream_seek(s,
		    s->source.size == SOURCE_UNENDING ? pos : s->source.size);
		return ERR_SHORT;
	}
	stream_seek(s, to);
	return ERR_OK;
}

void
stream_seek(struct stream *s, uint64_t pos)
{
	uint64_t window = (uint64_t)(s->end - s->begin);

	stream_tell(s);
	if (pos >= s->base && pos - s->base <= window) {
		s->at = s->tapped = s->begin + (pos - s->base);
		s->limit = s->end;
		return;
	}
	if (s->block != NULL) {
		window_reset(s, pos);
		return;
	}
	/* Memory is one window: there is nothing outside it. */
	s->at = s->tapped = s->limit = s->end;
}

/* A line that the window cannot hold: read through it, keep its length. */
static enum err
line_far(struct stream *s, uint64_t length, uint64_t *out)
{
	for (;;) {
		size_t n = (size_t)(s->end - s->at);
		const uint8_t *hit = n == 0 ? NULL : memchr(s->at, '\n', n);
		enum err e;

		if (hit != NULL) {
			*out = length + (uint64_t)(hit - s->at);
			s->at = hit + 1;
			s->limit = s->end;
			return ERR_OK;
		}
		length += n;
		s->at = s->end;
		if ((e = stream_fill(s, 1)) != ERR_OK) {
			*out = length;
			return e;
		}
	}
}

enum err
stream_line(struct stream *s, size_t from, uint64_t *length, bool *held)
{
	size_t seen = from; /* no newline in [from, seen) */
	enum err e;

	*held = true;
	for (;;) {
		size_t n = (size_t)(s->end - s->at);
		const uint8_t *hit =
		    n <= seen ? NULL : memchr(s->at + seen, '\n', n - seen);

		if (hit != NULL) {
			*length = (uint64_t)(hit - (s->at + from));
			s->limit = s->end;
			return ERR_OK;
		}
		seen = n < from ? from : n;
		if (seen >= STREAM_FILL_MAX)
			break;
		e = stream_fill(s, seen + 1);
		if (e != ERR_OK) {
			*length = (uint64_t)(s->end - s->at) < from
			    ? 0
			    : (uint64_t)(s->end - s->at) - from;
			return e;
		}
	}
	*held = false;
	s->at += from;
	return line_far(s, 0, length);
}

void
stream_cut(struct stream *s, uint64_t pos, uint64_t n)
{
	if (pos - s->base < (uint64_t)(s->end - s->begin))
		s->end = s->begin + (pos - s->base);
	s->limit = s->end;
	if (s->source.size != SOURCE_UNENDING)
		s->source.size -= n;
}

enum err
stream_look(
    const struct stream *s, uint64_t pos, void *buf, size_t n, size_t *got)
{
	uint64_t window = (uint64_t)(s->end - s->begin);

	if (pos >= s->base && pos - s->base < window &&
	    (n <= window - (pos - s->base) || s->block == NULL ||
		!s->rereads)) {
		n = (size_t)ckd_min(n, window - (pos - s->base));
		memcpy(buf, s->begin + (pos - s->base), n);
		*got = n;
		return ERR_OK;
	}
	if (!s->rereads)
		return ERR_UNSUPPORTED;
	return source_read_some(&s->source, pos, buf, n, got);
}
