/* SPDX-License-Identifier: Apache-2.0 */
/* zip_local: the headers before the data, and what may lie behind it. */
#include <string.h>

#include "base/ckd.h"
#include "byte/cursor.h"
#include "format/zip_dir.h"

enum {
	/* One read for the header, nearly every name, torch's padding to 64
	 * bytes and the front of the data. */
	LOCAL_LOOK = 192,
	EXTRA_LOOK = 256, /* zip64's field is the first, or among the first */
	EXTRA_ZIP64 = 0x0001,
	EXTRA_HEADER = 4,
	DESCRIPTOR_MAX = 24, /* signature, CRC, two sizes of 8 bytes */
	FIND_BLOCK = 4096,
	/* Of a header that is no member's in the directory: */
	PLAUSIBLE_VERSION = 63,
	PLAUSIBLE_METHOD = 99,
	PLAUSIBLE_NAME = 4096
};

#define SENTINEL32 UINT32_C(0xffffffff)

static void
local_parse(struct cursor *c, struct zip_local *l, uint16_t *extra)
{
	(void)cursor_u32le(c);
	l->version = cursor_u8(c);
	(void)cursor_u8(c);
	l->flags = cursor_u16le(c);
	l->method = cursor_u16le(c);
	(void)cursor_u32le(c); /* time and date */
	l->crc = cursor_u32le(c);
	l->packed = cursor_u32le(c);
	l->size = cursor_u32le(c);
	l->name_size = cursor_u16le(c);
	*extra = cursor_u16le(c);
}

/* Take the sizes from zip64's field where the header says "see there". */
static void
local_zip64(struct zip_local *l, struct cursor c)
{
	while (cursor_left(&c) >= EXTRA_HEADER) {
		uint16_t id = cursor_u16le(&c);
		size_t n = cursor_u16le(&c);
		const uint8_t *field = cursor_take(&c, n);
		struct cursor in;

		if (field == NULL)
			return;
		if (id != EXTRA_ZIP64)
			continue;
		in = cursor_over(field, n);
		if (l->size == SENTINEL32)
			l->size = cursor_u64le(&in);
		if (l->packed == SENTINEL32)
			l->packed = cursor_u64le(&in);
		return;
	}
}

/* The name, as far as it is used and was not read with the header. */
static enum err
local_name(const struct source *s, struct zip_local *l, struct cursor c)
{
	size_t n = (size_t)ckd_min(l->name_size, ZIP_NAME_MAX);
	size_t had = (size_t)ckd_min(cursor_left(&c), n);
	const uint8_t *p = cursor_take(&c, had);

	memcpy(l->name, p, had);
	if (had == n)
		return ERR_OK;
	return source_read(
	    s, l->at + ZIP_LOCAL_SIZE + had, l->name + had, n - had);
}

/* The data's first bytes, when they were read along. */
static void
local_front(struct zip_local *l, const uint8_t *look, size_t got)
{
	uint64_t before = l->data_at - l->at;

	if (before >= got)
		return;
	l->front_size = (size_t)ckd_min(got - before, ZIP_FRONT_MAX);
	memcpy(l->front, look + before, l->front_size);
}

enum err
zip_local_read(const struct source *s, uint64_t at, struct zip_local *out)
{
	static const uint8_t mark[4] = "PK\x03\x04";
	uint8_t look[LOCAL_LOOK], extra_bytes[EXTRA_LOOK];
	struct zip_local l = { .at = at };
	struct cursor c;
	uint16_t extra;
	uint64_t extra_at;
	size_t got;
	enum err e;

	if ((e = source_read_some(s, at, look, sizeof(look), &got)) != ERR_OK)
		return e;
	if (got < sizeof(mark))
		return ERR_SHORT;
	if (memcmp(look, mark, sizeof(mark)) != 0)
		return ERR_MALFORMED;
	c = cursor_over(look, got);
	local_parse(&c, &l, &extra);
	if (cursor_check(&c) != ERR_OK)
		return ERR_SHORT;
	if ((e = local_name(s, &l, c)) != ERR_OK)
		return e;
	/* at lies inside the source: these three cannot wrap */
	extra_at = at + ZIP_LOCAL_SIZE + l.name_size;
	l.data_at = extra_at + extra;
	local_front(&l, look, got);
	if (l.size == SENTINEL32 || l.packed == SENTINEL32) {
		size_t n = (size_t)ckd_min(extra, sizeof(extra_bytes));

		if ((e = source_read_some(s, extra_at, extra_bytes, n, &got)) !=
		    ERR_OK)
			return e;
		local_zip64(&l, cursor_over(extra_bytes, got));
	}
	*out = l;
	return ERR_OK;
}

static bool
reader_plausible(uint8_t version, uint16_t method)
{
	static const uint16_t methods[] = { ZIP_STORED, 1, 6, ZIP_DEFLATED, 9,
		ZIP_BZIP2, ZIP_LZMA, ZIP_ZSTD_OLD, ZIP_ZSTD, 94, ZIP_XZ, 96, 97,
		98, ZIP_AES };

	if (version > PLAUSIBLE_VERSION)
		return false;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (method == methods[i])
			return true;
	return false;
}

bool
zip_local_plausible(const struct source *s, const struct zip_local *l)
{
	return reader_plausible(l->version, l->method) && l->name_size > 0 &&
	    l->name_size <= PLAUSIBLE_NAME && l->data_at <= s->size;
}

enum err
zip_descriptor_skip(const struct source *s, uint64_t at,
    const struct zip_entry *e, uint64_t *out)
{
	static const uint8_t mark[4] = "PK\x07\x08";
	uint8_t look[DESCRIPTOR_MAX];
	size_t got, skip;
	struct cursor c;
	enum err err;

	*out = at;
	if ((err = source_read_some(s, at, look, sizeof(look), &got)) != ERR_OK)
		return err;
	skip = got >= sizeof(mark) && memcmp(look, mark, sizeof(mark)) == 0
	    ? sizeof(mark)
	    : 0;
	c = cursor_over(look + skip, got - skip);
	/* the checksum may be left out by a writer that computes none */
	if (cursor_u32le(&c) != e->crc)
		return ERR_OK;
	if (cursor_left(&c) >= 16) {
		struct cursor wide = c;

		if (cursor_u64le(&wide) == e->packed &&
		    cursor_u64le(&wide) == e->size) {
			*out = at + skip + 20;
			return ERR_OK;
		}
	}
	if (cursor_u32le(&c) == (uint32_t)e->packed &&
	    cursor_u32le(&c) == (uint32_t)e->size && cursor_check(&c) == ERR_OK)
		*out = at + skip + 12;
	return ERR_OK;
}

/* The first "PK" 3 4 in n bytes, or n. */
static size_t
mark_find(const uint8_t *p, size_t n)
{
	static const uint8_t mark[4] = "PK\x03\x04";
	const uint8_t *hit = memmem(p, n, mark, sizeof(mark));

	return hit == NULL ? n : (size_t)(hit - p);
}

/* Is the header at `at` one that some writer wrote? */
static enum err
found_check(const struct source *s, uint64_t at, bool *is)
{
	struct zip_local l;
	enum err e = zip_local_read(s, at, &l);

	*is = e == ERR_OK && zip_local_plausible(s, &l);
	return e == ERR_SHORT || e == ERR_MALFORMED ? ERR_OK : e;
}

/* Is there, by its first bytes, no header that could be one?  A megabyte of
 * marks is not worth a read for each. */
static bool
mark_is_vain(const uint8_t *mark, size_t n)
{
	struct cursor c = cursor_over(mark, n);
	uint8_t version;
	uint16_t method;

	(void)cursor_u32le(&c);
	version = cursor_u8(&c);
	(void)cursor_u8(&c);
	(void)cursor_u16le(&c); /* flags */
	method = cursor_u16le(&c);
	return cursor_check(&c) == ERR_OK && !reader_plausible(version, method);
}

/* Try each mark in the n bytes at block, which lie at offset at. */
static enum err
block_find(const struct source *s, uint64_t at, const uint8_t *block, size_t n,
    size_t *hit)
{
	bool is = false;
	enum err e = ERR_OK;

	*hit = mark_find(block, n);
	while (*hit < n && e == ERR_OK) {
		if (!mark_is_vain(block + *hit, n - *hit))
			e = found_check(s, at + *hit, &is);
		if (is || e != ERR_OK)
			break;
		*hit += 1 + mark_find(block + *hit + 1, n - *hit - 1);
	}
	return e;
}

enum err
zip_local_find(
    const struct source *s, uint64_t at, uint64_t end, uint64_t *found)
{
	enum { OVERLAP = 3 }; /* a signature across two blocks */
	uint8_t block[FIND_BLOCK];

	while (at < end) {
		size_t n = (size_t)ckd_min(sizeof(block), end - at), got, hit;
		enum err e = budget_check(s->budget);

		if (e == ERR_OK)
			e = source_read_some(s, at, block, n, &got);
		if (e == ERR_OK)
			e = block_find(s, at, block, got, &hit);
		if (e != ERR_OK)
			return e;
		if (hit < got) {
			*found = at + hit;
			return ERR_OK;
		}
		if (got < n || n <= OVERLAP || n == end - at)
			break;
		at += n - OVERLAP;
	}
	*found = end;
	return ERR_OK;
}
