/* SPDX-License-Identifier: Apache-2.0 */
/* holes: reads are cut at each hole. */
#include "pickle/holes.h"

#include "base/ckd.h"

/* How many holes stand before the byte at at. */
static size_t
holes_before(const struct holes *h, uint64_t at)
{
	size_t i = h->count;

	while (i > 0 && h->hole[i - 1].at > at)
		i--;
	return i;
}

uint64_t
holes_place(const struct holes *h, uint64_t at)
{
	size_t i = holes_before(h, at);
	uint64_t place;

	if (i == 0 || !ckd_add(at, h->hole[i - 1].lost, &place))
		return at;
	return place;
}

static enum err
holes_read(
    const struct source *s, uint64_t off, void *buf, size_t n, size_t *got)
{
	const struct holes *h = s->context;
	uint8_t *to = buf;

	*got = 0;
	while (*got < n) {
		uint64_t at = off + *got;
		size_t i = holes_before(h, at), piece = n - *got, read = 0;
		enum err e;

		if (i < h->count)
			piece = (size_t)ckd_min(piece, h->hole[i].at - at);
		e = source_read_some(
		    &h->inner, holes_place(h, at), to + *got, piece, &read);
		if (e != ERR_OK)
			return e;
		*got += read;
		if (read < piece)
			break;
	}
	return ERR_OK;
}

static const struct source_ops holes_ops = { holes_read };

struct source
holes_open(struct holes *h, const struct source *inner)
{
	struct source s = *inner;

	h->inner = *inner;
	h->count = 0;
	s.ops = &holes_ops;
	s.context = h;
	s.memory = NULL;
	s.base = 0;
	return s;
}

bool
holes_add(struct holes *h, uint64_t at, uint64_t n)
{
	uint64_t lost = h->count == 0 ? 0 : h->hole[h->count - 1].lost;

	if (h->count == HOLES_MAX || !ckd_add(lost, n, &lost))
		return false;
	h->hole[h->count++] = (struct hole){ .at = at, .lost = lost };
	return true;
}
