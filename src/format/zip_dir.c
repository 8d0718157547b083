/* SPDX-License-Identifier: Apache-2.0 */
/* zip_dir: memory, the window, and the entries of each view. */
#include "format/zip_dir.h"

#include <stdlib.h>
#include <string.h>

#include "base/ckd.h"
#include "base/fnv.h"
#include "byte/cursor.h"
#include "format/zip_priv.h"

enum {
	ENTRIES_FIRST = 64,
	/* The directory of 10,000 storages, which is so read only once, though
	 * its names are looked at twice.  Not less than the longest name with
	 * the longest extra field. */
	WINDOW_SIZE = 1024 * 1024,
	WINDOW_STEP = 64 * 1024, /* bytes read at a time, unless more are due */
	EXTRA_HEADER = 4,
	EXTRA_ZIP64 = 0x0001,
	EXTRA_UNICODE_PATH = 0x7075,
	UNICODE_PATH_HEADER = 5 /* version and CRC of the name it replaces */
};

#define SENTINEL16 UINT16_C(0xffff)
#define SENTINEL32 UINT32_C(0xffffffff)

void
zip_dir_say(struct zip_dir *dir, enum zip_fact fact, uint64_t at)
{
	if (!zip_dir_fact(dir, fact))
		dir->fact_at[fact] = at;
	dir->facts |= UINT32_C(1) << fact;
}

bool
zip_dir_fact(const struct zip_dir *dir, enum zip_fact fact)
{
	return (dir->facts >> fact & 1) != 0;
}

/* Charge n more bytes. */
static enum err
dir_charge(struct zip_dir *dir, uint64_t n)
{
	enum err e = budget_take(dir->source.budget, BUDGET_MEMORY, n);

	if (e == ERR_OK)
		dir->charged += n;
	return e;
}

enum err
zip_dir_buffer(struct zip_dir *dir, size_t n, uint8_t **out)
{
	uint8_t *p;
	enum err e;

	if ((e = dir_charge(dir, n)) != ERR_OK)
		return e;
	if ((p = malloc(n)) == NULL)
		return ERR_NOMEM;
	*out = p;
	return ERR_OK;
}

void
zip_dir_free(struct zip_dir *dir)
{
	if (dir == NULL)
		return;
	free(dir->entries);
	free(dir->tail);
	free(dir->window);
	if (dir->source.budget != NULL)
		budget_give(dir->source.budget, dir->charged);
	*dir = (struct zip_dir){ 0 };
}

/* Read ahead, so that n bytes at `at` are there: behind what the window has,
 * if they begin in it and it has room, else in its place. */
static enum err
window_fill(struct zip_dir *dir, uint64_t at, size_t n)
{
	size_t want = n > WINDOW_STEP ? n : WINDOW_STEP, got;
	enum err e;

	if (dir->window == NULL &&
	    (e = zip_dir_buffer(dir, WINDOW_SIZE, &dir->window)) != ERR_OK)
		return e;
	if (at < dir->window_at || at - dir->window_at > dir->window_size ||
	    want > WINDOW_SIZE - dir->window_size) {
		dir->window_at = at;
		dir->window_size = 0;
	}
	e = source_read_some(&dir->source, dir->window_at + dir->window_size,
	    dir->window + dir->window_size, want, &got);
	if (e == ERR_OK)
		dir->window_size += got;
	return e;
}

/* Does the window have n bytes at `at`? */
static bool
window_has(const struct zip_dir *dir, uint64_t at, size_t n)
{
	return at >= dir->window_at &&
	    at - dir->window_at <= dir->window_size &&
	    n <= dir->window_size - (at - dir->window_at);
}

enum err
zip_dir_bytes(struct zip_dir *dir, uint64_t at, size_t n, const uint8_t **out)
{
	enum err e;

	if (at >= dir->tail_at && at - dir->tail_at <= dir->tail_size &&
	    n <= dir->tail_size - (at - dir->tail_at)) {
		*out = dir->tail + (at - dir->tail_at);
		return ERR_OK;
	}
	if (n > WINDOW_SIZE)
		return ERR_BUG;
	if (!window_has(dir, at, n)) {
		if ((e = window_fill(dir, at, n)) != ERR_OK) {
			dir->failed = e;
			return e;
		}
		if (!window_has(dir, at, n))
			return ERR_SHORT;
	}
	*out = dir->window + (at - dir->window_at);
	return ERR_OK;
}

enum err
zip_dir_name(struct zip_dir *dir, const struct zip_entry *e, size_t n,
    const uint8_t **name)
{
	return zip_dir_bytes(
	    dir, e->name_at, (size_t)ckd_min(n, e->name_size), name);
}

/* Room for one more entry.  Growing by half keeps what a declared count of
 * four billion costs at what lies in the file. */
static enum err
dir_grow(struct zip_dir *dir)
{
	size_t room = dir->entry_room == 0
	    ? ENTRIES_FIRST
	    : dir->entry_room + dir->entry_room / 2;
	struct zip_entry *grown;
	enum err e;

	if (dir->entry_count < dir->entry_room)
		return ERR_OK;
	if ((e = dir_charge(dir, (room - dir->entry_room) * sizeof(*grown))) !=
	    ERR_OK)
		return e;
	if ((grown = realloc(dir->entries, room * sizeof(*grown))) == NULL)
		return ERR_NOMEM;
	dir->entries = grown;
	dir->entry_room = room;
	return ERR_OK;
}

/* FNV-1a of a name as the most careless reader compares it: cut at a NUL, in
 * lower case, with forward slashes.  Collisions cost a comparison. */
static uint64_t
name_hash(const uint8_t *name, size_t n)
{
	uint64_t h = FNV_START;

	for (size_t i = 0; i < n && name[i] != 0; i++)
		h = fnv_byte(h, zip_fold(name[i]));
	return h;
}

uint8_t
zip_fold(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return (uint8_t)(c + ('a' - 'A'));
	return c == '\\' ? '/' : c;
}

/* The values of a zip64 extra field replace those that say "see there", in
 * this order; others are not looked at, as Python and miniz do. */
static void
entry_zip64(struct zip_entry *e, struct cursor extra, bool *offset_too)
{
	if (e->size == SENTINEL32)
		e->size = cursor_u64le(&extra);
	if (e->packed == SENTINEL32)
		e->packed = cursor_u64le(&extra);
	if (*offset_too)
		e->header_at = cursor_u64le(&extra);
	*offset_too = false;
	if (cursor_check(&extra) != ERR_OK)
		e->odd |= ZIP_ODD_ZIP64;
}

/* Another name for the member: only of interest when the first is ASCII, so
 * that no reader needs it. */
static void
entry_unicode(struct zip_dir *dir, struct zip_entry *e, struct cursor extra,
    const uint8_t *name)
{
	size_t n;
	const uint8_t *other;

	for (size_t i = 0; i < e->name_size; i++)
		if (name[i] >= 0x80)
			return;
	if (cursor_take(&extra, UNICODE_PATH_HEADER) == NULL)
		return;
	n = cursor_left(&extra);
	other = cursor_take(&extra, n);
	if (n == e->name_size && memcmp(other, name, n) == 0)
		return;
	e->odd |= ZIP_ODD_UNICODE;
	e->role |= dir->name(
	    dir->context, other, (size_t)ckd_min(n, ZIP_NAME_MAX), false);
}

static void
entry_extra(struct zip_dir *dir, struct zip_entry *e, struct cursor c,
    const uint8_t *name)
{
	bool wide_offset = e->header_at == SENTINEL32;
	bool wide =
	    wide_offset || e->size == SENTINEL32 || e->packed == SENTINEL32;

	while (cursor_left(&c) >= EXTRA_HEADER) {
		uint16_t id = cursor_u16le(&c);
		size_t n = cursor_u16le(&c);
		const uint8_t *field = cursor_take(&c, n);

		if (field == NULL)
			break;
		if (id == EXTRA_ZIP64 && wide) {
			entry_zip64(e, cursor_over(field, n), &wide_offset);
			wide = false;
		}
		if (id == EXTRA_UNICODE_PATH)
			entry_unicode(dir, e, cursor_over(field, n), name);
	}
	if (wide)
		e->odd |= ZIP_ODD_ZIP64;
}

/* The fixed part of an entry; *tail is what follows it, in bytes, the comment
 * included. */
static bool
entry_fixed(struct cursor c, struct zip_entry *e, size_t *extra, size_t *tail)
{
	if (cursor_u32le(&c) != ZIP_SIG_CENTRAL)
		return false;
	(void)cursor_u8(&c); /* version of the writer */
	e->system = cursor_u8(&c);
	e->version = cursor_u8(&c);
	(void)cursor_u8(&c); /* some write their system here too */
	e->flags = cursor_u16le(&c);
	e->method = cursor_u16le(&c);
	(void)cursor_u32le(&c); /* time and date */
	e->crc = cursor_u32le(&c);
	e->packed = cursor_u32le(&c);
	e->size = cursor_u32le(&c);
	e->name_size = cursor_u16le(&c);
	*extra = cursor_u16le(&c);
	*tail = e->name_size + *extra + cursor_u16le(&c);
	(void)cursor_u16le(&c); /* disk */
	(void)cursor_u16le(&c); /* internal attributes */
	e->attributes = cursor_u32le(&c);
	e->header_at = cursor_u32le(&c);
	return cursor_check(&c) == ERR_OK;
}

/* Read the entry at *at and step over it.  *more is false, and nothing is
 * added, when there is none. */
static enum err
view_entry(struct zip_dir *dir, size_t view, uint64_t *at, bool *more)
{
	struct zip_view *v = &dir->views[view];
	struct zip_entry e = { .view = (uint8_t)view };
	const uint8_t *p;
	size_t extra, tail;
	enum err err;

	*more = false;
	if (v->limit - *at < ZIP_CENTRAL_SIZE)
		return ERR_OK;
	if ((err = zip_dir_bytes(dir, *at, ZIP_CENTRAL_SIZE, &p)) != ERR_OK)
		return err;
	if (!entry_fixed(cursor_over(p, ZIP_CENTRAL_SIZE), &e, &extra, &tail))
		return ERR_OK;
	if (tail > v->limit - *at - ZIP_CENTRAL_SIZE) {
		zip_dir_say(dir, ZIP_FACT_CUT, *at);
		return ERR_OK;
	}
	if ((err = dir_grow(dir)) != ERR_OK)
		return err;
	e.name_at = *at + ZIP_CENTRAL_SIZE;
	if ((err = zip_dir_bytes(dir, e.name_at, e.name_size + extra, &p)) !=
	    ERR_OK)
		return err;
	e.hash = name_hash(p, e.name_size);
	e.role = dir->name(dir->context, p,
	    (size_t)ckd_min(e.name_size, ZIP_NAME_MAX), v->entries == 0);
	entry_extra(dir, &e, cursor_over(p + e.name_size, extra), p);
	/* wraps for a hostile offset: then no header is there */
	e.header_at += (uint64_t)v->shift;
	v->lowest = ckd_min(v->lowest, e.header_at);
	dir->entries[dir->entry_count++] = e;
	v->entries++;
	*at = e.name_at + tail;
	*more = true;
	return ERR_OK;
}

/* Compare what was found with what the end record said. */
static void
view_check(struct zip_dir *dir, const struct zip_view *v, uint64_t end)
{
	/* Writers without zip64 let the count of 65536 members wrap. */
	uint64_t count = v->wide ? v->entries : v->entries & SENTINEL16;
	uint64_t declared;

	if (count != v->count)
		zip_dir_say(dir, ZIP_FACT_COUNT, v->end_at);
	if (!ckd_add(v->at, v->size, &declared) || declared != end)
		zip_dir_say(dir, ZIP_FACT_SIZE, v->end_at);
}

/* Is there a digital signature behind the entries, as old PKZIP wrote? */
static uint64_t
view_signature(struct zip_dir *dir, const struct zip_view *v, uint64_t at)
{
	enum { SIGNATURE_HEADER = 6 };
	static const uint8_t mark[4] = "PK\x05\x05";
	const uint8_t *p;
	size_t n;

	if (v->limit - at < SIGNATURE_HEADER ||
	    zip_dir_bytes(dir, at, SIGNATURE_HEADER, &p) != ERR_OK ||
	    memcmp(p, mark, sizeof(mark)) != 0)
		return at;
	n = p[4] | (size_t)p[5] << 8;
	return n > v->limit - at - SIGNATURE_HEADER ? at
						    : at + SIGNATURE_HEADER + n;
}

enum err
zip_view_read(struct zip_dir *dir, size_t view)
{
	struct zip_view *v = &dir->views[view];
	uint64_t at = v->at;
	bool more = true;
	enum err e = ERR_OK;

	while (e == ERR_OK && more) {
		if ((e = budget_check(dir->source.budget)) == ERR_OK)
			e = view_entry(dir, view, &at, &more);
	}
	if (e == ERR_SHORT) { /* the file shrank */
		zip_dir_say(dir, ZIP_FACT_CUT, at);
		e = ERR_OK;
	}
	if (e == ERR_OK)
		view_check(dir, v, view_signature(dir, v, at));
	return e;
}

int
zip_entry_by_offset(const void *left, const void *right)
{
	const struct zip_entry *a = left, *b = right;

	if (a->header_at != b->header_at)
		return a->header_at < b->header_at ? -1 : 1;
	return (a->view > b->view) - (a->view < b->view);
}

int
zip_entry_by_name(const void *left, const void *right)
{
	const struct zip_entry *a = left, *b = right;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return zip_entry_by_offset(a, b);
}

void
zip_dir_sort(struct zip_dir *dir, sort_fn compare)
{
	sort_items(
	    dir->entries, dir->entry_count, sizeof(*dir->entries), compare);
}
