/* SPDX-License-Identifier: Apache-2.0 */
/* texts: opcodes read again, and copies where that cannot be. */
#include "pickle/texts.h"

#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "byte/cursor.h"
#include "pickle/argument.h"
#include "pickle/machine.h"
#include "pickle/scan.h"

enum {
	TEXTS_BYTES = 1024 * 1024, /* copied at one time */
	TEXTS_SLOTS = 32 * 1024,   /* a power of two */
	HEAD_MAX = 9,              /* of an opcode and its length */
	TEXT_SHORT = 256,          /* bytes of a text that costs nothing */
	LINE_PIECE = 4 * 1024,     /* of a line looked at again, at once */
};

struct texts
texts_new(struct budget *budget)
{
	return (
	    struct texts){ .bytes = buf_new(TEXTS_BYTES), .budget = budget };
}

void
texts_free(struct texts *t)
{
	if (t == NULL || t->budget == NULL)
		return;
	if (t->room != 0)
		budget_give(
		    t->budget, TEXTS_BYTES + t->room * sizeof(*t->slots));
	buf_free(&t->bytes);
	free(t->slots);
	*t = texts_new(t->budget);
}

static struct text_slot *
texts_slot(const struct texts *t, uint64_t pos)
{
	size_t mask = t->room - 1;
	size_t at = (size_t)((pos * UINT64_C(0x9e3779b97f4a7c15)) >> 40) & mask;

	while (t->slots[at].pos != 0 && t->slots[at].pos != pos + 1)
		at = (at + 1) & mask;
	return &t->slots[at];
}

/* The table comes into being with the first text. */
static bool
texts_start(struct texts *t)
{
	size_t bytes = TEXTS_BYTES + TEXTS_SLOTS * sizeof(*t->slots);

	if (t->room != 0)
		return true;
	if (budget_take(t->budget, BUDGET_MEMORY, bytes) != ERR_OK)
		return false;
	if ((t->slots = calloc(TEXTS_SLOTS, sizeof(*t->slots))) == NULL) {
		budget_give(t->budget, bytes);
		return false;
	}
	t->room = TEXTS_SLOTS;
	return true;
}

void
texts_copy(
    struct texts *t, uint64_t pos, const void *opcode, size_t n, bool keep)
{
	struct text_slot *slot;

	if (!texts_start(t))
		return;
	if (t->used >= t->room / 2 || n > t->bytes.max - t->bytes.size) {
		if (keep)
			return;
		memset(t->slots, 0, t->room * sizeof(*t->slots));
		buf_clear(&t->bytes);
		t->used = 0;
	}
	slot = texts_slot(t, pos);
	if (slot->pos != 0)
		return;
	*slot = (struct text_slot){ .pos = pos + 1,
		.at = (uint32_t)t->bytes.size,
		.size = (uint32_t)n };
	if (buf_add(&t->bytes, opcode, n) != ERR_OK)
		slot->pos = 0;
	else
		t->used++;
}

/* The copy of the opcode at pos, or nothing. */
static struct cursor
texts_find(const struct texts *t, uint64_t pos)
{
	const struct text_slot *slot;

	if (t->room == 0)
		return cursor_over(NULL, 0);
	slot = texts_slot(t, pos);
	if (slot->pos == 0)
		return cursor_over(NULL, 0);
	return cursor_over(t->bytes.data + slot->at, slot->size);
}

/* Up to n bytes from skip behind the opcode of v on. */
static enum err
look(const struct machine *m, value v, uint64_t skip, uint8_t *buf, size_t *n)
{
	uint64_t pos = value_payload(v);
	struct cursor copy = texts_find(&m->scan->kept, pos);

	if (cursor_left(&copy) == 0)
		copy = texts_find(&m->scan->recent, pos);
	if (cursor_left(&copy) == 0)
		return stream_look(m->in, pos + skip, buf, *n, n);
	if (skip > cursor_left(&copy))
		skip = cursor_left(&copy);
	(void)cursor_take(&copy, (size_t)skip);
	if (*n > cursor_left(&copy))
		*n = cursor_left(&copy);
	if (*n != 0)
		memcpy(buf, copy.at, *n);
	return ERR_OK;
}

/* The length of a line argument. */
static enum err
line_size(const struct machine *m, value v, size_t max, uint64_t *size)
{
	uint8_t piece[LINE_PIECE];
	uint64_t done = 0;

	while (done <= max) {
		size_t n = sizeof(piece);
		enum err e = look(m, v, 1 + done, piece, &n);
		const uint8_t *hit;

		if (e != ERR_OK)
			return e;
		hit = n == 0 ? NULL : memchr(piece, '\n', n);
		if (hit != NULL || n == 0) {
			*size =
			    done + (hit == NULL ? 0 : (uint64_t)(hit - piece));
			return ERR_OK;
		}
		done += n;
	}
	return ERR_LIMIT;
}

/* The opcode, where its payload starts behind it, and how long it is. */
static enum err
head_read(
    const struct machine *m, value v, uint8_t *op, size_t *head, uint64_t *size)
{
	uint8_t bytes[HEAD_MAX];
	size_t n = sizeof(bytes);
	struct cursor c;
	enum err e = look(m, v, 0, bytes, &n);

	if (e != ERR_OK)
		return e;
	c = cursor_over(bytes, n);
	*op = cursor_u8(&c);
	*head = opcodes[*op].size;
	*size = UINT64_MAX; /* a line: to be measured */
	if (opcodes[*op].argument == ARGUMENT_BYTES1)
		*size = cursor_u8(&c);
	else if (opcodes[*op].argument == ARGUMENT_BYTES4 ||
	    opcodes[*op].argument == ARGUMENT_BYTES4S)
		*size = cursor_u32le(&c);
	else if (opcodes[*op].argument == ARGUMENT_BYTES8)
		*size = cursor_u64le(&c);
	else if (opcodes[*op].argument != ARGUMENT_LINE)
		return ERR_UNSUPPORTED;
	return cursor_check(&c);
}

enum err
text_find(const struct machine *m, value v, uint64_t *pos, uint64_t *size)
{
	uint8_t op;
	size_t head;
	enum err e;

	if (value_kind(v) != KIND_STR && value_kind(v) != KIND_BYTES &&
	    value_kind(v) != KIND_BYTEARRAY)
		return ERR_UNSUPPORTED;
	if ((e = head_read(m, v, &op, &head, size)) != ERR_OK)
		return e;
	*pos = value_payload(v) + head;
	if (*size == UINT64_MAX)
		e = line_size(m, v, SCAN_STRINGS, size);
	return e;
}

/* Undo what the opcode's text form did to the string. */
static enum err
decode(uint8_t op, const struct buf *from, bool raw, struct buf *out)
{
	const uint8_t *inside;
	size_t size;

	switch (op) {
	case 'S':
		if (!argument_quoted(from->data, from->size, &inside, &size))
			return ERR_MALFORMED;
		return argument_unescape(out, inside, size, raw);
	case 'V':
		return argument_unicode(out, from->data, from->size);
	case 'T':
	case 'U':
		if (!raw)
			return argument_latin1(out, from->data, from->size);
		return buf_add(out, from->data, from->size);
	default:
		return buf_add(out, from->data, from->size);
	}
}

static enum err
text_decode(const struct machine *m, value v, bool raw, struct buf *out)
{
	/* An escape is at most ten bytes long, and four in what is long. */
	AUTO(buf)
	struct buf from =
	    buf_new(out->max * (out->max <= LIMIT_NAME ? 10 : 4) + 2);
	uint64_t pos, size;
	uint8_t op = 0, *to;
	size_t head, n;
	enum err e;

	if ((e = head_read(m, v, &op, &head, &size)) != ERR_OK)
		return e;
	if ((e = text_find(m, v, &pos, &size)) != ERR_OK)
		return e;
	if (size > from.max)
		return ERR_LIMIT;
	if (size > TEXT_SHORT) {
		/* A long text may be had by name again and again. */
		if (m->scan->decoded >= SCAN_DECODED)
			return ERR_UNSUPPORTED;
		m->scan->decoded += size;
	}
	n = (size_t)size;
	if ((to = buf_grow(&from, n)) == NULL)
		return ERR_NOMEM;
	if ((e = look(m, v, head, to, &n)) != ERR_OK)
		return e;
	if (n < size)
		return ERR_UNSUPPORTED;
	from.size = n;
	return decode(op, &from, raw, out);
}

enum err
text_read(const struct machine *m, value v, struct buf *out)
{
	return text_decode(m, v, false, out);
}

enum err
text_read_raw(const struct machine *m, value v, struct buf *out)
{
	return text_decode(m, v, true, out);
}

void
text_keep(struct machine *m, value v)
{
	uint8_t bytes[LIMIT_NAME + HEAD_MAX + 1];
	size_t n = sizeof(bytes);
	uint64_t pos, size;

	memo_recall(&m->memo, v);
	if ((m->watch & WATCH_COPY) == 0 ||
	    text_find(m, v, &pos, &size) != ERR_OK || size > LIMIT_NAME ||
	    look(m, v, 0, bytes, &n) != ERR_OK)
		return;
	pos -= value_payload(v);
	if (size + pos + 1 < n)
		n = (size_t)(size + pos + 1);
	texts_copy(&m->scan->kept, value_payload(v), bytes, n, true);
}
