/* SPDX-License-Identifier: Apache-2.0 */
/* protobuf: a block, and the ends of the messages that are open. */
#include "format/protobuf.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/ckd.h"
#include "base/own.h"

enum wire {
	WIRE_VARINT = 0,
	WIRE_64 = 1,
	WIRE_BYTES = 2,
	WIRE_GROUP = 3,
	WIRE_GROUP_END = 4,
	WIRE_32 = 5,
};

enum {
	VARINT_MAX = 10,     /* bytes */
	NO_MESSAGE = 0xffff, /* of a group: its fields are all unknown */
};

struct open {
	unsigned message;
	bool group;
	uint64_t end;
};

struct protobuf {
	struct source s;
	const struct protobuf_events *events;
	uint64_t at;       /* offset of the next byte */
	uint64_t block_at; /* offset of the block */
	size_t fill;
	unsigned depth;
	struct open open[PROTOBUF_DEPTH_MAX];
	struct buf text;
	uint8_t block[PROTOBUF_BLOCK];
};

static struct open *
top(struct protobuf *p)
{
	return &p->open[p->depth - 1];
}

/* Have the byte at p->at in the block. ERR_SHORT at the end. */
static enum err
need(struct protobuf *p)
{
	enum err e;

	if (p->at >= p->block_at && p->at - p->block_at < p->fill)
		return ERR_OK;
	p->block_at = p->at;
	p->fill = 0;
	if ((e = budget_check(p->s.budget)) != ERR_OK ||
	    (e = source_read_some(
		 &p->s, p->at, p->block, sizeof(p->block), &p->fill)) != ERR_OK)
		return e;
	return p->fill == 0 ? ERR_SHORT : ERR_OK;
}

/* A number of at most ten bytes, within the open message. */
static enum err
varint(struct protobuf *p, uint64_t *out)
{
	uint64_t value = 0;
	enum err e;

	for (unsigned i = 0; i < VARINT_MAX; i++) {
		uint8_t byte;

		if (p->at >= top(p)->end)
			return ERR_SHORT;
		if ((e = need(p)) != ERR_OK)
			return e;
		byte = p->block[p->at++ - p->block_at];
		value |= (uint64_t)(byte & 0x7f) << 7 * i;
		if (byte < 0x80) {
			*out = value;
			return ERR_OK;
		}
	}
	return ERR_MALFORMED;
}

static enum err
skip(struct protobuf *p, uint64_t n)
{
	if (n > top(p)->end - p->at)
		return ERR_SHORT;
	p->at += n;
	return ERR_OK;
}

static const struct protobuf_field *
field_find(const struct protobuf_message *m, unsigned number)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->fields[i].number == number)
			return &m->fields[i];
	return NULL;
}

static const struct protobuf_field *
field_of(struct protobuf *p, unsigned number)
{
	if (top(p)->message == NO_MESSAGE)
		return NULL;
	return field_find(&p->events->schema[top(p)->message], number);
}

static enum err
message_open(struct protobuf *p, unsigned message, bool group, uint64_t end)
{
	if (p->depth == PROTOBUF_DEPTH_MAX)
		return ERR_LIMIT;
	p->open[p->depth++] = (struct open){ message, group, end };
	if (message == NO_MESSAGE || p->events->enter == NULL)
		return ERR_OK;
	return p->events->enter(p->events->context, message, p->at);
}

static enum err
message_close(struct protobuf *p)
{
	unsigned message = top(p)->message;

	p->depth--;
	if (message == NO_MESSAGE || p->events->leave == NULL)
		return ERR_OK;
	return p->events->leave(p->events->context, message);
}

static enum err
tell(struct protobuf *p, const struct protobuf_value *value)
{
	if (p->events->value == NULL)
		return ERR_OK;
	return p->events->value(p->events->context, value);
}

/* A text: what is kept of it is read, the rest stepped over. */
static enum err
text(struct protobuf *p, unsigned id, uint64_t size)
{
	struct protobuf_value value = { .id = id, .at = p->at, .number = size };
	size_t keep = (size_t)ckd_min(size, PROTOBUF_TEXT_MAX);
	uint8_t *to;
	enum err e;

	if (size > top(p)->end - p->at)
		return ERR_SHORT;
	buf_clear(&p->text);
	while (p->text.size < keep) {
		size_t part;

		if ((e = need(p)) != ERR_OK)
			return e;
		part = (size_t)ckd_min(keep - p->text.size,
		    p->fill - (size_t)(p->at - p->block_at));
		if ((to = buf_grow(&p->text, part)) == NULL)
			return ERR_NOMEM;
		memcpy(to, p->block + (p->at - p->block_at), part);
		p->text.size += part;
		p->at += part;
	}
	p->at += size - keep;
	value.text = buf_text(&p->text);
	value.text_size = keep;
	return tell(p, &value);
}

static enum err
bytes_field(struct protobuf *p, const struct protobuf_field *field)
{
	uint64_t size;
	enum err e;

	if ((e = varint(p, &size)) != ERR_OK)
		return e;
	if (size > top(p)->end - p->at)
		return ERR_SHORT;
	if (field != NULL && field->kind == PROTOBUF_TEXT)
		return text(p, field->id, size);
	if (field != NULL && field->kind == PROTOBUF_MESSAGE)
		return message_open(p, field->id, false, p->at + size);
	return skip(p, size);
}

static enum err
varint_field(struct protobuf *p, const struct protobuf_field *field)
{
	struct protobuf_value value = { .at = p->at };
	enum err e;

	if ((e = varint(p, &value.number)) != ERR_OK)
		return e;
	if (field == NULL || field->kind != PROTOBUF_NUMBER)
		return ERR_OK;
	value.id = field->id;
	return tell(p, &value);
}

static enum err
field_read(struct protobuf *p)
{
	const struct protobuf_field *field;
	uint64_t tag;
	enum err e;

	if ((e = varint(p, &tag)) != ERR_OK)
		return e;
	if (tag >> 3 == 0 || tag > UINT32_MAX)
		return ERR_MALFORMED;
	field = field_of(p, (unsigned)(tag >> 3));
	switch ((enum wire)(tag & 7)) {
	case WIRE_VARINT:
		return varint_field(p, field);
	case WIRE_64:
		return skip(p, 8);
	case WIRE_BYTES:
		return bytes_field(p, field);
	case WIRE_GROUP:
		return message_open(p, NO_MESSAGE, true, top(p)->end);
	case WIRE_GROUP_END:
		return top(p)->group ? message_close(p) : ERR_MALFORMED;
	case WIRE_32:
		return skip(p, 4);
	}
	return ERR_MALFORMED;
}

/* Is the innermost message, and not only the bytes, at its end? */
static enum err
ended(struct protobuf *p, bool *out)
{
	enum err e;

	*out = p->at >= top(p)->end;
	if (*out || p->depth > 1 || p->s.size != SOURCE_UNENDING)
		return ERR_OK;
	e = need(p); /* of what is unpacked on the way the end shows itself */
	*out = e == ERR_SHORT;
	return e == ERR_SHORT ? ERR_OK : e;
}

static enum err
read_all(struct protobuf *p)
{
	enum err e = ERR_OK;

	while (e == ERR_OK && p->depth > 0) {
		bool end;

		if ((e = ended(p, &end)) != ERR_OK)
			return e;
		if (!end)
			e = field_read(p);
		else if (top(p)->group)
			e = ERR_SHORT;
		else
			e = message_close(p);
	}
	return e;
}

static void
protobuf_free(struct protobuf **p)
{
	if (*p == NULL)
		return;
	buf_free(&(*p)->text);
	free(*p);
}

enum err
protobuf_read(
    const struct source *s, unsigned root, const struct protobuf_events *events)
{
	AUTO(protobuf) struct protobuf *p = calloc(1, sizeof(*p));
	enum err e;

	if (p == NULL)
		return ERR_NOMEM;
	p->s = *s;
	p->events = events;
	p->text = buf_new(PROTOBUF_TEXT_MAX);
	if ((e = message_open(p, root, false, s->size)) != ERR_OK)
		return e;
	return read_all(p);
}

static bool
head_varint(struct cursor *c, uint64_t *out)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < VARINT_MAX; i++) {
		uint8_t byte = cursor_u8(c);

		value |= (uint64_t)(byte & 0x7f) << 7 * i;
		if (byte < 0x80) {
			*out = value;
			return cursor_check(c) == ERR_OK;
		}
	}
	return false;
}

bool
protobuf_begins(struct cursor head, const struct protobuf_message *m)
{
	unsigned fields = 0;

	while (cursor_left(&head) > 0) {
		uint64_t tag, value;
		const struct protobuf_field *field;

		if (!head_varint(&head, &tag))
			return fields > 0;
		if (tag > UINT32_MAX ||
		    (field = field_find(m, (unsigned)(tag >> 3))) == NULL)
			return false;
		if ((tag & 7) !=
		    (field->kind == PROTOBUF_NUMBER ? WIRE_VARINT : WIRE_BYTES))
			return false;
		if (!head_varint(&head, &value))
			return fields > 0;
		fields++;
		if (field->kind == PROTOBUF_NUMBER)
			continue;
		if (value > cursor_left(&head))
			return true; /* it goes on beyond the head */
		(void)cursor_take(&head, (size_t)value);
	}
	return fields > 0;
}
