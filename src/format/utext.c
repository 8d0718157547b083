/* SPDX-License-Identifier: Apache-2.0 */
/* utext: tell the encoding, decode it. */
#include "format/utext.h"

#include <string.h>

enum { POINT_MAX = 0x10ffff, REPLACEMENT = 0xfffd };

static const struct {
	enum utext_kind kind;
	size_t size;
	uint8_t bytes[4];
	size_t mark; /* bytes that are a mark and no text */
} fronts[] = {
	{ UTEXT_UTF8, 3, { 0xef, 0xbb, 0xbf }, 3 },
	{ UTEXT_UTF32LE, 4, { 0xff, 0xfe, 0, 0 }, 4 },
	{ UTEXT_UTF32BE, 4, { 0, 0, 0xfe, 0xff }, 4 },
	{ UTEXT_UTF16LE, 2, { 0xff, 0xfe }, 2 },
	{ UTEXT_UTF16BE, 2, { 0xfe, 0xff }, 2 },
	{ UTEXT_EBCDIC, 4, { 0x4c, 0x6f, 0xa7, 0x94 }, 0 },
};

/* Code page 37, which the others agree with in what markup needs; 0: not
 * known. */
static const char ebcdic[256] = {
	/* clang-format off */
	[0x05] = '\t', [0x0d] = '\r', [0x15] = '\n', [0x25] = '\n',
	[0x40] = ' ', [0x4b] = '.', [0x4c] = '<', [0x4d] = '(', [0x4e] = '+',
	[0x4f] = '|', [0x50] = '&', [0x5a] = '!', [0x5b] = '$', [0x5c] = '*',
	[0x5d] = ')', [0x5e] = ';', [0x60] = '-', [0x61] = '/', [0x6b] = ',',
	[0x6c] = '%', [0x6d] = '_', [0x6e] = '>', [0x6f] = '?', [0x7a] = ':',
	[0x7b] = '#', [0x7c] = '@', [0x7d] = '\'', [0x7e] = '=', [0x7f] = '"',
	[0xad] = '[', [0xba] = '[', [0xbd] = ']', [0xbb] = ']',
	[0x81] = 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i',
	[0x91] = 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r',
	[0xa2] = 's', 't', 'u', 'v', 'w', 'x', 'y', 'z',
	[0xc1] = 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I',
	[0xd1] = 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R',
	[0xe2] = 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z',
	[0xf0] = '0', '1', '2', '3', '4', '5', '6', '7', '8', '9',
	/* clang-format on */
};

enum utext_kind
utext_tell(struct cursor head, size_t *mark)
{
	size_t n = cursor_left(&head);
	const uint8_t *p = cursor_take(&head, n);

	*mark = 0;
	for (size_t i = 0; i < sizeof(fronts) / sizeof(fronts[0]); i++)
		if (n >= fronts[i].size &&
		    memcmp(p, fronts[i].bytes, fronts[i].size) == 0) {
			*mark = fronts[i].mark;
			return fronts[i].kind;
		}
	if (n < 4)
		return UTEXT_UTF8;
	/* without a mark: the zeros of ASCII in wide units */
	if (p[0] != 0 && p[1] == 0 && p[2] == 0 && p[3] == 0)
		return UTEXT_UTF32LE;
	if (p[0] == 0 && p[1] == 0 && p[2] == 0 && p[3] != 0)
		return UTEXT_UTF32BE;
	if (p[0] != 0 && p[1] == 0 && p[2] != 0 && p[3] == 0)
		return UTEXT_UTF16LE;
	if (p[0] == 0 && p[1] != 0 && p[2] == 0 && p[3] != 0)
		return UTEXT_UTF16BE;
	return UTEXT_UTF8;
}

static size_t
unit_size(enum utext_kind kind)
{
	switch (kind) {
	case UTEXT_UTF8:
	case UTEXT_EBCDIC:
		break;
	case UTEXT_UTF16LE:
	case UTEXT_UTF16BE:
		return 2;
	case UTEXT_UTF32LE:
	case UTEXT_UTF32BE:
		return 4;
	}
	return 1;
}

static uint32_t
unit_value(enum utext_kind kind, const uint8_t *p)
{
	switch (kind) {
	case UTEXT_UTF8:
		break;
	case UTEXT_UTF16LE:
		return (uint32_t)(p[0] | p[1] << 8);
	case UTEXT_UTF16BE:
		return (uint32_t)(p[1] | p[0] << 8);
	case UTEXT_UTF32LE:
		return (uint32_t)p[0] | (uint32_t)p[1] << 8 |
		    (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
	case UTEXT_UTF32BE:
		return (uint32_t)p[3] | (uint32_t)p[2] << 8 |
		    (uint32_t)p[1] << 16 | (uint32_t)p[0] << 24;
	case UTEXT_EBCDIC:
		return ebcdic[p[0]] == 0 ? REPLACEMENT : (uint8_t)ebcdic[p[0]];
	}
	return p[0];
}

bool
utext_like(struct cursor head)
{
	struct cursor whole = head;
	size_t mark, n = cursor_left(&head);
	const uint8_t *p = cursor_take(&head, n);
	enum utext_kind kind = utext_tell(whole, &mark);
	size_t unit = unit_size(kind);

	for (size_t i = mark; i + unit <= n; i += unit) {
		uint32_t c = unit_value(kind, p + i);

		if ((c < ' ' && c != '\t' && c != '\n' && c != '\r' &&
			c != '\f') ||
		    c == 0x7f || c > POINT_MAX)
			return false;
	}
	return n > mark;
}

/* The next block.  False at the end. */
static bool
utext_fill(struct utext *t)
{
	size_t room = sizeof(t->block);

	t->at = t->fill = 0;
	if (t->err != ERR_OK)
		return false;
	if (t->next >= t->max) {
		t->cut = t->bytes.size > t->next;
		return false;
	}
	if (t->max - t->next < room)
		room = (size_t)(t->max - t->next);
	if ((t->err = budget_check(t->bytes.budget)) == ERR_OK)
		t->err = source_read_some(
		    &t->bytes, t->next, t->block, room, &t->fill);
	if (t->err != ERR_OK)
		t->fill = 0;
	t->next += t->fill;
	return t->fill > 0;
}

void
utext_begin(struct utext *t, const struct source *s, uint64_t max)
{
	size_t mark;

	t->bytes = *s;
	t->next = 0;
	t->max = max;
	t->out_at = t->out_fill = 0;
	t->err = ERR_OK;
	t->cut = false;
	t->kind = UTEXT_UTF8;
	if (!utext_fill(t))
		return;
	t->kind = utext_tell(cursor_over(t->block, t->fill), &mark);
	t->at = mark;
}

/* The next unit, which may lie across two blocks. */
static bool
unit_next(struct utext *t, uint32_t *out)
{
	uint8_t bytes[4] = { 0 };
	size_t n = unit_size(t->kind);

	for (size_t i = 0; i < n; i++) {
		if (t->at == t->fill && !utext_fill(t))
			return false;
		bytes[i] = t->block[t->at++];
	}
	*out = unit_value(t->kind, bytes);
	return true;
}

static void
point_put(struct utext *t, uint32_t c)
{
	t->out_at = 0;
	if (c > POINT_MAX)
		c = REPLACEMENT;
	if (c < 0x80) {
		t->out[0] = (uint8_t)c;
		t->out_fill = 1;
	} else if (c < 0x800) {
		t->out[0] = (uint8_t)(0xc0 | c >> 6);
		t->out[1] = (uint8_t)(0x80 | (c & 0x3f));
		t->out_fill = 2;
	} else if (c < 0x10000) {
		t->out[0] = (uint8_t)(0xe0 | c >> 12);
		t->out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		t->out[2] = (uint8_t)(0x80 | (c & 0x3f));
		t->out_fill = 3;
	} else {
		t->out[0] = (uint8_t)(0xf0 | c >> 18);
		t->out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
		t->out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		t->out[3] = (uint8_t)(0x80 | (c & 0x3f));
		t->out_fill = 4;
	}
}

int
utext_more(struct utext *t)
{
	uint32_t c, low;

	if (t->kind == UTEXT_UTF8)
		return utext_fill(t) ? t->block[t->at++] : UTEXT_END;
	if (t->out_at < t->out_fill)
		return t->out[t->out_at++];
	if (!unit_next(t, &c))
		return UTEXT_END;
	if ((t->kind == UTEXT_UTF16LE || t->kind == UTEXT_UTF16BE) &&
	    c >= 0xd800 && c < 0xdc00 && unit_next(t, &low))
		c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
	point_put(t, c);
	return t->out[t->out_at++];
}
