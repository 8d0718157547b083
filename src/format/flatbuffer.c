/* SPDX-License-Identifier: Apache-2.0 */
#include "format/flatbuffer.h"

#include <string.h>

#include "base/ckd.h"

enum { OFFSET = 4, VTABLE_HEAD = 4 };

void
flatbuffer_begin(struct flatbuffer *f, const struct source *s)
{
	*f = (struct flatbuffer){ .s = *s };
}

static void
lie(struct flatbuffer *f, uint64_t at)
{
	if (!f->lied)
		f->lied_at = at;
	f->lied = true;
}

/* Copy n bytes at a place; false outside. */
static bool
bytes_at(struct flatbuffer *f, uint64_t at, void *to, size_t n)
{
	if (f->e != ERR_OK)
		return false;
	if (at > f->s.size || n > f->s.size - at) {
		lie(f, at);
		return false;
	}
	if (at < f->block_at || at - f->block_at > f->fill ||
	    n > f->fill - (size_t)(at - f->block_at)) {
		f->block_at = at;
		f->fill = 0;
		if ((f->e = budget_check(f->s.budget)) != ERR_OK ||
		    (f->e = source_read_some(&f->s, at, f->block,
			 sizeof(f->block), &f->fill)) != ERR_OK)
			return false;
		if (f->fill < n) {
			f->e = ERR_SHORT;
			return false;
		}
	}
	memcpy(to, f->block + (at - f->block_at), n);
	return true;
}

uint64_t
flatbuffer_number(struct flatbuffer *f, uint64_t at, unsigned n)
{
	uint8_t raw[8];
	uint64_t value = 0;

	if (!bytes_at(f, at, raw, n))
		return 0;
	for (unsigned i = n; i > 0; i--)
		value = value << 8 | raw[i - 1];
	return value;
}

uint64_t
flatbuffer_follow(struct flatbuffer *f, uint64_t at)
{
	uint64_t to;

	if (at == 0)
		return 0;
	if (!ckd_add(at, flatbuffer_number(f, at, OFFSET), &to) || to == at ||
	    to >= f->s.size) {
		lie(f, at);
		return 0;
	}
	return f->e == ERR_OK ? to : 0;
}

uint64_t
flatbuffer_field(struct flatbuffer *f, uint64_t table, unsigned index)
{
	int64_t back;
	uint64_t vtable, size, whole, place;

	if (table == 0)
		return 0;
	back = (int32_t)(uint32_t)flatbuffer_number(f, table, OFFSET);
	if (back > 0 && (uint64_t)back > table) {
		lie(f, table);
		return 0;
	}
	vtable = back > 0 ? table - (uint64_t)back : table + (uint64_t)-back;
	size = flatbuffer_number(f, vtable, 2);
	whole = flatbuffer_number(f, vtable + 2, 2);
	if (size < VTABLE_HEAD || f->e != ERR_OK) {
		if (f->e == ERR_OK)
			lie(f, vtable);
		return 0;
	}
	if (VTABLE_HEAD + 2 * index + 2 > size)
		return 0;
	place = flatbuffer_number(f, vtable + VTABLE_HEAD + 2 * index, 2);
	if (place == 0)
		return 0;
	if (place >= whole || table + place >= f->s.size) {
		lie(f, vtable);
		return 0;
	}
	return table + place;
}

uint64_t
flatbuffer_value(
    struct flatbuffer *f, uint64_t field, unsigned n, uint64_t otherwise)
{
	return field == 0 ? otherwise : flatbuffer_number(f, field, n);
}

struct flatbuffer_vector
flatbuffer_list(struct flatbuffer *f, uint64_t field, unsigned each)
{
	struct flatbuffer_vector v = { 0 };
	uint64_t at = flatbuffer_follow(f, field);

	if (at == 0)
		return v;
	v.count = (uint32_t)flatbuffer_number(f, at, OFFSET);
	v.at = at + OFFSET;
	if (v.count == 0 || f->e != ERR_OK)
		return (struct flatbuffer_vector){ 0 };
	if (v.at > f->s.size || v.count > (f->s.size - v.at) / each) {
		lie(f, at);
		return (struct flatbuffer_vector){ 0 };
	}
	return v;
}

uint64_t
flatbuffer_table(
    struct flatbuffer *f, const struct flatbuffer_vector *v, uint32_t i)
{
	if (i >= v->count)
		return 0;
	return flatbuffer_follow(f, v->at + (uint64_t)i * OFFSET);
}

size_t
flatbuffer_string(struct flatbuffer *f, uint64_t field, char *to)
{
	struct flatbuffer_vector v = flatbuffer_list(f, field, 1);
	size_t n = (size_t)ckd_min(v.count, FLATBUFFER_STRING_MAX);

	if (v.at == 0 || !bytes_at(f, v.at, to, n))
		return 0;
	return n;
}
