/* SPDX-License-Identifier: Apache-2.0 */
/* wire: requests, and the conversation with the template. */
#include "wire/wire.h"

#include <string.h>

#include "byte/cursor.h"
#include "wire/put.h"

enum {
	SCAN_MAGIC = 0x31534b43,    /* "CKS1" */
	CONTROL_MAGIC = 0x31434b43, /* "CKC1" */
	SCAN_FLAGS =
	    WIRE_DEEP | WIRE_GROWING | WIRE_OPEN | WIRE_STAY | WIRE_EXPLAIN,
};

size_t
wire_scan_encode(const struct wire_scan *s, uint8_t *out, size_t n)
{
	size_t name = strnlen(s->name, sizeof(s->name));
	struct put p = put_over(out, n);

	if (name > WIRE_NAME_MAX)
		return 0;
	put_u32(&p, SCAN_MAGIC);
	put_u64(&p, s->id);
	put_u64(&p, s->size);
	put_u32(&p, s->flags);
	put_u32(&p, s->report_max);
	put_u64(&p, s->time_ms);
	put_u16(&p, (uint16_t)name);
	put_bytes(&p, s->name, name);
	return p.full ? 0 : (size_t)(p.at - out);
}

enum err
wire_scan_decode(const void *data, size_t n, struct wire_scan *out)
{
	struct cursor c = cursor_over(data, n);
	struct wire_scan s = { 0 };
	const uint8_t *name;
	size_t name_size;

	if (cursor_u32le(&c) != SCAN_MAGIC)
		return ERR_PROTO;
	s.id = cursor_u64le(&c);
	s.size = cursor_u64le(&c);
	s.flags = cursor_u32le(&c);
	s.report_max = cursor_u32le(&c);
	s.time_ms = cursor_u64le(&c);
	name_size = cursor_u16le(&c);
	name = cursor_take(&c, name_size);
	if (cursor_check(&c) != ERR_OK || cursor_left(&c) != 0 ||
	    name_size > WIRE_NAME_MAX || (s.flags & ~(uint32_t)SCAN_FLAGS) != 0)
		return ERR_PROTO;
	if (memchr(name, '\0', name_size) != NULL)
		return ERR_PROTO;
	memcpy(s.name, name, name_size);
	*out = s;
	return ERR_OK;
}

/* Which fields a message has; the others are zero. */
struct control_row {
	bool pid, status, count, text, loaded;
};

static const struct control_row control_rows[WIRE_CONTROL_COUNT] = {
	[WIRE_SPAWN] = { .count = true },
	[WIRE_KILL] = { .pid = true },
	[WIRE_READY] = { .count = true, .text = true, .loaded = true },
	[WIRE_SPAWNED] = { .pid = true },
	[WIRE_DIED] = { .pid = true, .status = true },
};

static bool
loaded_none(const struct wire_loaded *l)
{
	return (l->rules | l->imports | l->rules_sum | l->imports_sum) == 0;
}

/* Does the message say what one of its type may say, and nothing else? */
static bool
control_sane(const struct wire_control *c)
{
	const struct control_row *row;

	if ((unsigned)c->type < WIRE_SPAWN ||
	    (unsigned)c->type >= WIRE_CONTROL_COUNT)
		return false;
	row = &control_rows[c->type];
	return (row->pid ? c->pid > 0 : c->pid == 0) &&
	    (row->status || c->status == 0) && (row->count || c->count == 0) &&
	    (row->text || c->text_size == 0) &&
	    (row->loaded || loaded_none(&c->loaded)) &&
	    (c->type != WIRE_SPAWN || c->count != 0);
}

size_t
wire_control_encode(const struct wire_control *c, uint8_t *out, size_t n)
{
	struct put p =
	    put_over(out, n < WIRE_CONTROL_MAX ? n : WIRE_CONTROL_MAX);

	if (!control_sane(c))
		return 0;
	put_u32(&p, CONTROL_MAGIC);
	put_u8(&p, (uint8_t)c->type);
	put_u32(&p, (uint32_t)c->pid);
	put_u32(&p, (uint32_t)c->status);
	put_u32(&p, c->count);
	put_u64(&p, c->loaded.rules);
	put_u64(&p, c->loaded.imports);
	put_u64(&p, c->loaded.rules_sum);
	put_u64(&p, c->loaded.imports_sum);
	put_bytes(&p, c->text, c->text_size);
	return p.full ? 0 : (size_t)(p.at - out);
}

enum err
wire_control_decode(const void *data, size_t n, struct wire_control *out)
{
	struct cursor c = cursor_over(data, n);
	struct wire_control got = { 0 };

	if (n > WIRE_CONTROL_MAX || cursor_u32le(&c) != CONTROL_MAGIC)
		return ERR_PROTO;
	got.type = (enum wire_control_type)cursor_u8(&c);
	got.pid = (int32_t)cursor_u32le(&c);
	got.status = (int32_t)cursor_u32le(&c);
	got.count = cursor_u32le(&c);
	got.loaded.rules = cursor_u64le(&c);
	got.loaded.imports = cursor_u64le(&c);
	got.loaded.rules_sum = cursor_u64le(&c);
	got.loaded.imports_sum = cursor_u64le(&c);
	got.text_size = cursor_left(&c);
	got.text = (const char *)cursor_take(&c, got.text_size);
	if (cursor_check(&c) != ERR_OK || !control_sane(&got))
		return ERR_PROTO;
	*out = got;
	return ERR_OK;
}
