/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zip_end: the end records of an archive, and the directories they lead to.
 *
 * What readers do, which an attacker plays against each other:
 *	the last signature in the last 64 KiB is the end record (Python, miniz,
 *	Info-ZIP), or the last whose comment reaches the end of the file (Go,
 *	Java, 7-Zip);
 *	the directory lies where its size says, counted back from the end
 *	record, and all offsets shift with it (Python), or where its offset
 *	says (miniz);
 *	zip64's record replaces every field (Python, miniz), or only those that
 *	say "see there" (Info-ZIP); it is found right before its locator
 *	(Python before 3.14), or where the locator says.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ckd.h"
#include "byte/cursor.h"
#include "format/zip_dir.h"
#include "format/zip_priv.h"

enum {
	ENDS_MAX = 32, /* signatures looked at: honest files have one or two */
	COMMENT_MAX = 0xffff,
	LOCATOR_SIZE = 20,
	END64_SIZE = 56,
	/* All that readers look at for an end record. */
	TAIL_SIZE = ZIP_END_SIZE + COMMENT_MAX + LOCATOR_SIZE + END64_SIZE,
	/* What is read first: mostly the whole directory of a small archive,
	 * and of any other one its end records. */
	TAIL_FIRST = 4096
};

#define SIG_LOCATOR UINT32_C(0x07064b50)
#define SIG_END64 UINT32_C(0x06064b50)
#define SENTINEL16 UINT16_C(0xffff)
#define SENTINEL32 UINT32_C(0xffffffff)

/* The fields of an end record, of either kind. */
struct end {
	uint64_t at;    /* the classic record */
	uint64_t limit; /* the first record that belongs to the end */
	uint64_t count, size, offset;
	uint16_t comment;
	bool wide; /* zip64's */
	bool disks;
};

/* Read the tail's first n bytes, which begin at `at`, and have what there is of
 * it, if anything, behind them. */
static enum err
tail_read(struct zip_dir *dir, uint64_t at, size_t n)
{
	size_t got, room = n + dir->tail_size;
	uint8_t *tail;
	enum err e;

	if (room == 0)
		return ERR_OK;
	if ((e = zip_dir_buffer(dir, room, &tail)) != ERR_OK)
		return e;
	if ((e = source_read_some(&dir->source, at, tail, n, &got)) != ERR_OK) {
		free(tail);
		return e;
	}
	if (got == n && dir->tail != NULL) {
		memcpy(tail + n, dir->tail, dir->tail_size);
		got = room;
	}
	free(dir->tail);
	dir->tail = tail;
	dir->tail_at = at;
	dir->tail_size = got;
	return ERR_OK;
}

/* Where the tail begins when it is all there. */
static uint64_t
tail_start(const struct zip_dir *dir)
{
	uint64_t size = dir->source.size;

	return size - ckd_min(size, TAIL_SIZE);
}

static enum err
tail_first(struct zip_dir *dir)
{
	uint64_t n = ckd_min(dir->source.size, TAIL_FIRST);

	return tail_read(dir, dir->source.size - n, (size_t)n);
}

static void
end_parse(struct cursor c, struct end *end)
{
	uint16_t disk, start;

	(void)cursor_u32le(&c);
	disk = cursor_u16le(&c);
	start = cursor_u16le(&c);
	(void)cursor_u16le(&c); /* entries on this disk */
	end->count = cursor_u16le(&c);
	end->size = cursor_u32le(&c);
	end->offset = cursor_u32le(&c);
	end->comment = cursor_u16le(&c);
	end->disks = (disk != 0 && disk != SENTINEL16) ||
	    (start != 0 && start != SENTINEL16);
}

/* Read zip64's record at `at`, over what the classic one said. */
static bool
end64_read(struct zip_dir *dir, uint64_t at, struct end *end)
{
	const uint8_t *p;
	struct cursor c;

	if (at > end->limit || END64_SIZE > end->limit - at ||
	    zip_dir_bytes(dir, at, END64_SIZE, &p) != ERR_OK)
		return false;
	c = cursor_over(p, END64_SIZE);
	if (cursor_u32le(&c) != SIG_END64)
		return false;
	(void)cursor_u64le(&c); /* its size */
	(void)cursor_u32le(&c); /* versions */
	(void)cursor_u64le(&c); /* disks */
	(void)cursor_u64le(&c); /* entries on this disk */
	end->count = cursor_u64le(&c);
	end->size = cursor_u64le(&c);
	end->offset = cursor_u64le(&c);
	end->limit = at;
	end->wide = true;
	return cursor_check(&c) == ERR_OK;
}

/* Where the locator before the end record says that zip64's record is. */
static bool
locator_read(struct zip_dir *dir, const struct end *end, uint64_t *at)
{
	const uint8_t *p;
	struct cursor c;

	if (end->at < LOCATOR_SIZE ||
	    zip_dir_bytes(dir, end->at - LOCATOR_SIZE, LOCATOR_SIZE, &p) !=
		ERR_OK)
		return false;
	c = cursor_over(p, LOCATOR_SIZE);
	if (cursor_u32le(&c) != SIG_LOCATOR)
		return false;
	(void)cursor_u32le(&c); /* disk */
	*at = cursor_u64le(&c);
	return true;
}

/* Does a directory begin at v->at? */
static bool
view_plausible(struct zip_dir *dir, const struct zip_view *v)
{
	static const uint8_t mark[4] = "PK\x01\x02";
	const uint8_t *p;

	/* Behind other bytes an archive of nothing is a mark by chance. */
	if (v->count == 0 && v->size == 0)
		return dir->name != NULL;
	return v->limit - v->at >= ZIP_CENTRAL_SIZE &&
	    zip_dir_bytes(dir, v->at, sizeof(mark), &p) == ERR_OK &&
	    memcmp(p, mark, sizeof(mark)) == 0;
}

static bool
view_same(const struct zip_view *a, const struct zip_view *b)
{
	if (a->count == 0 && b->count == 0 && a->size == 0 && b->size == 0)
		return a->end_at == b->end_at;
	return a->at == b->at && a->shift == b->shift;
}

/* Add a view unless it is there, and read its entries. */
static enum err
view_add(struct zip_dir *dir, const struct zip_view *v)
{
	if (!view_plausible(dir, v))
		return ERR_OK;
	for (size_t i = 0; i < dir->view_count; i++)
		if (view_same(&dir->views[i], v))
			return ERR_OK;
	if (dir->view_count > 0)
		zip_dir_say(dir, ZIP_FACT_MORE_ENDS, v->end_at);
	if (dir->view_count == ZIP_VIEWS_MAX)
		return ERR_OK;
	dir->views[dir->view_count++] = *v;
	return dir->name == NULL ? ERR_OK
				 : zip_view_read(dir, dir->view_count - 1);
}

/* The directories that an end record leads to: as Python finds it, and as
 * miniz does. */
static enum err
end_views(struct zip_dir *dir, const struct end *end)
{
	struct zip_view v = { .end_at = end->at,
		.limit = end->limit,
		.size = end->size,
		.count = end->count,
		.wide = end->wide };
	enum err e = ERR_OK;

	if (end->size <= end->limit) {
		v.at = v.lowest = end->limit - end->size;
		v.shift = (int64_t)(v.at - end->offset);
		e = view_add(dir, &v);
	}
	if (e == ERR_OK && end->offset <= end->limit) {
		v.at = v.lowest = end->offset;
		v.shift = 0;
		e = view_add(dir, &v);
	}
	return e;
}

/* Does a classic field say what zip64's says, or "see there"? */
static bool
field_agrees(uint64_t classic, uint64_t wide, uint64_t sentinel)
{
	return classic == wide || classic == sentinel;
}

/* Does the locator lead to the record before it?  In an archive with a prefix
 * it may be off by as much as the offsets of members are. */
static bool
locator_agrees(const struct zip_dir *dir, uint64_t told, uint64_t at)
{
	for (size_t i = 0; i < dir->view_count; i++)
		if (told + (uint64_t)dir->views[i].shift == at)
			return true;
	return false;
}

/* zip64's record in the places where readers look for it. */
static enum err
end64_views(struct zip_dir *dir, const struct end *end, bool *replaced)
{
	uint64_t told, places[2];
	bool found[2] = { false, false };
	enum err e = ERR_OK;

	*replaced = false;
	if (!locator_read(dir, end, &told))
		return ERR_OK;
	places[0] = end->at < LOCATOR_SIZE + END64_SIZE
	    ? told
	    : end->at - LOCATOR_SIZE - END64_SIZE;
	places[1] = told;
	*replaced = true;
	for (size_t i = 0; e == ERR_OK && i < 2; i++) {
		struct end wide = *end;

		if (i == 1 && places[1] == places[0])
			break;
		wide.limit -= LOCATOR_SIZE;
		if (!end64_read(dir, places[i], &wide))
			continue;
		found[i] = true;
		*replaced = *replaced &&
		    field_agrees(end->count, wide.count, SENTINEL16) &&
		    field_agrees(end->size, wide.size, SENTINEL32) &&
		    field_agrees(end->offset, wide.offset, SENTINEL32);
		e = end_views(dir, &wide);
	}
	if (!found[0] && !found[1])
		*replaced = false;
	if (!*replaced || (found[0] && !locator_agrees(dir, told, places[0])))
		zip_dir_say(dir, ZIP_FACT_ZIP64, end->at);
	return e;
}

/* Are signatures that begin in [from, to] inside what a directory covers?
 * Then they belong to a member: an archive that is stored in this one. */
static bool
ends_are_inside(const struct zip_dir *dir, uint64_t from, uint64_t to)
{
	for (size_t i = 0; i < dir->view_count; i++) {
		const struct zip_view *v = &dir->views[i];

		if (v->entries > 0 && from >= v->lowest && to < v->at)
			return true;
	}
	return false;
}

static enum err
end_take(struct zip_dir *dir, size_t in_tail)
{
	struct end end = { .at = dir->tail_at + in_tail,
		.limit = dir->tail_at + in_tail };
	bool first = dir->view_count == 0, replaced;
	enum err e;

	if (ends_are_inside(dir, end.at, end.at))
		return ERR_OK;
	end_parse(cursor_over(dir->tail + in_tail, ZIP_END_SIZE), &end);
	if ((e = end64_views(dir, &end, &replaced)) != ERR_OK)
		return e;
	if (!replaced && (e = end_views(dir, &end)) != ERR_OK)
		return e;
	if (dir->view_count == 0 || !first)
		return ERR_OK;
	if (end.disks)
		zip_dir_say(dir, ZIP_FACT_DISKS, end.at);
	dir->end =
	    ckd_min(end.at + ZIP_END_SIZE + end.comment, dir->source.size);
	return ERR_OK;
}

/* The last end record's mark that begins before `before`, or NULL. */
static const uint8_t *
end_mark(const struct zip_dir *dir, size_t before)
{
	static const uint8_t mark[4] = "PK\x05\x06";
	const uint8_t *p =
	    dir->tail == NULL ? NULL : memrchr(dir->tail, mark[0], before);

	while (p != NULL && memcmp(p, mark, sizeof(mark)) != 0)
		p = memrchr(dir->tail, mark[0], (size_t)(p - dir->tail));
	return p;
}

/* Does every mark that may stand before the tail that was read belong to a
 * member, or is there nothing before it? */
static bool
tail_suffices(const struct zip_dir *dir)
{
	uint64_t start = tail_start(dir);

	return dir->tail_at <= start ||
	    ends_are_inside(dir, start, dir->tail_at - 1);
}

/* The rest of the tail; *before is where what was not looked at ends. */
static enum err
tail_rest(struct zip_dir *dir, size_t *before)
{
	uint64_t start = tail_start(dir);
	size_t n = (size_t)(dir->tail_at - start);
	enum err e = tail_read(dir, start, n);

	if (e == ERR_OK)
		*before = dir->tail_size < n ? 0 : n;
	return e;
}

/* Where the last end record can begin, and one more. */
static size_t
tail_last(const struct zip_dir *dir)
{
	return dir->tail_size < ZIP_END_SIZE
	    ? 0
	    : dir->tail_size - ZIP_END_SIZE + 1;
}

/* Look at each signature from the end of the tail to its front. */
static enum err
ends_find(struct zip_dir *dir, bool first_only)
{
	size_t before = tail_last(dir);
	unsigned looked = 0;
	enum err e = ERR_OK;

	while (e == ERR_OK && !(first_only && dir->view_count > 0)) {
		const uint8_t *p = end_mark(dir, before);

		if (p == NULL && tail_suffices(dir))
			break;
		if (p == NULL) {
			e = tail_rest(dir, &before);
			continue;
		}
		before = (size_t)(p - dir->tail);
		if (looked++ == ENDS_MAX) {
			zip_dir_say(
			    dir, ZIP_FACT_MORE_ENDS, dir->tail_at + before);
			break;
		}
		e = end_take(dir, before);
	}
	return e;
}

bool
zip_dir_present(const struct source *s)
{
	struct zip_dir dir = { .source = *s };
	bool present;

	if (s->size == SOURCE_UNENDING || s->size < ZIP_END_SIZE)
		return false;
	/* what could not be looked at may be there: the walk says why not */
	present = tail_first(&dir) != ERR_OK ||
	    ends_find(&dir, true) != ERR_OK || dir.failed != ERR_OK ||
	    dir.view_count > 0;
	zip_dir_free(&dir);
	return present;
}

enum err
zip_dir_read(const struct source *s, zip_name_fn *name, void *context,
    struct zip_dir *dir)
{
	enum err e;

	*dir = (struct zip_dir){
		.source = *s, .name = name, .context = context, .end = s->size
	};
	if ((e = tail_first(dir)) != ERR_OK)
		return e;
	e = ends_find(dir, false);
	/* a mark that could not be read is not one that is not there */
	if (e == ERR_OK)
		e = dir->failed;
	if (dir->view_count == 0)
		zip_dir_say(dir, ZIP_FACT_NO_END, 0);
	return e;
}
