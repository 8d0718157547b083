/* SPDX-License-Identifier: Apache-2.0 */
/* zip_members: every member in both views, and what lies between members. */
#include <string.h>

#include "base/ckd.h"
#include "format/formats.h"
#include "format/zip_walk.h"

enum {
	/* A gap that is searched for hidden members while an open waits. */
	GAP_LOOK = 1024 * 1024,
	/* Of members that lie over others, so many times the archive's size is
	 * unpacked: fifty entries for the same two kilobytes, which unpack to
	 * megabytes, would be seconds of work.  No honest archive has any, and
	 * those that play one reader against another have two or three. */
	OVERLAP_TIMES = 2
};

struct zip_part
zip_part_of_entry(const struct zip_entry *e, const struct zip_local *l)
{
	return (struct zip_part){ .header_at = e->header_at,
		.data_at = l->data_at,
		.packed = e->packed,
		.size = e->size,
		.crc = e->crc,
		.flags = e->flags,
		.method = e->method,
		.role = e->role,
		.name_size = e->name_size,
		.sizes_known = true,
		.front = l->front,
		.front_size = l->front_size };
}

/* A member as its local header tells it. */
static struct zip_part
part_of_local(struct zip_walk *w, const struct zip_local *l)
{
	size_t n = (size_t)ckd_min(l->name_size, ZIP_NAME_MAX);

	return (struct zip_part){ .header_at = l->at,
		.data_at = l->data_at,
		.packed = l->packed,
		.size = l->size,
		.crc = l->crc,
		.flags = l->flags,
		.method = l->method,
		.role = torch_name_role(&w->names, l->name, n, false),
		.name = l->name,
		.name_size = n,
		.sizes_known = (l->flags & ZIP_FLAG_DESCRIPTOR) == 0,
		.front = l->front,
		.front_size = l->front_size };
}

/* Is what is marked as encrypted really so?  E2: the mark alone makes Python
 * give up, and torch does not look at it. */
static enum err
walk_closed(struct zip_walk *w, const struct zip_part *p, bool *encrypted)
{
	const uint16_t marks = ZIP_FLAG_ENCRYPTED | ZIP_FLAG_STRONG |
	    ZIP_FLAG_MASKED | ZIP_FLAG_PATCHED;
	bool readable;
	enum err e;

	*encrypted = false;
	if ((p->flags & marks) == 0 && p->method != ZIP_AES)
		return ERR_OK;
	if ((e = zip_member_readable(w, p, &readable)) != ERR_OK)
		return e;
	if (readable)
		visit_find(w->visit, RULE_ZIP_FAKE_FLAGS, p->header_at, "%.*s",
		    ZIP_NAME_SHOWN(p->name, p->name_size));
	*encrypted = !readable;
	return ERR_OK;
}

/* What does not read as itself: encrypted, or marked so with a wrong checksum
 * on top, or of a method that nobody has.  Its bytes are looked at as they
 * are. */
static enum err
walk_unreadable(struct zip_walk *w, const struct zip_part *p, bool encrypted,
    struct zip_seen *seen)
{
	enum err e = zip_member_visit_raw(w, p, seen);

	if (!encrypted)
		return e;
	if (seen->code)
		visit_find(w->visit, RULE_ZIP_FAKE_FLAGS, p->header_at, "%.*s",
		    ZIP_NAME_SHOWN(p->name, p->name_size));
	else
		visit_find(w->visit, RULE_ZIP_ENCRYPTED, p->header_at, NULL);
	return e;
}

/* A member in one view. */
static enum err
walk_part(struct zip_walk *w, const struct zip_part *p, struct zip_seen *seen)
{
	bool encrypted;
	enum err e;

	if (p->packed == 0 && p->size == 0)
		return ERR_OK; /* a folder, or an empty file */
	if ((e = walk_closed(w, p, &encrypted)) != ERR_OK)
		return e;
	if (!encrypted && (e = zip_member_visit(w, p, seen)) != ERR_OK)
		return e;
	if (encrypted || (!seen->unpacked && p->method != ZIP_STORED))
		return walk_unreadable(w, p, encrypted, seen);
	return ERR_OK;
}

/* torch.load's pickle is none. */
static void
walk_data_pickle(
    struct zip_walk *w, const struct zip_part *p, const struct zip_seen *seen)
{
	if ((p->role & ZIP_ROLE_DATA) != 0 && !seen->pickle && seen->unpacked &&
	    zip_kind_is_torch(w->kind) &&
	    (w->names.roles & ZIP_ROLE_VERSION) != 0)
		visit_find(w->visit, RULE_TORCH_NO_PICKLE, p->header_at, "%.*s",
		    ZIP_NAME_SHOWN(p->name, p->name_size));
}

/* The member of an entry, in both views; *end is where its bytes end. */
static enum err
walk_member(struct zip_walk *w, const struct zip_entry *entry,
    const struct zip_local *l, struct zip_part *p)
{
	struct zip_seen seen = { .code = false };
	enum err e;

	if ((e = zip_judge_entry(w, p, entry)) != ERR_OK ||
	    (e = walk_part(w, p, &seen)) != ERR_OK)
		return e;
	if (zip_headers_lead_elsewhere(p, l)) {
		struct zip_part other = part_of_local(w, l);

		if ((e = walk_part(w, &other, &seen)) != ERR_OK)
			return e;
	}
	walk_data_pickle(w, p, &seen);
	zip_judge_headers(w, p, l, &seen);
	return ERR_OK;
}

/* Where a member that is described by p ends. */
static uint64_t
part_end(const struct zip_walk *w, const struct zip_part *p)
{
	uint64_t end;

	if (!ckd_add(p->data_at, p->packed, &end))
		return w->source.size;
	return ckd_min(end, w->source.size);
}

/* An entry whose local header is not there. */
static enum err
walk_headless(struct zip_walk *w, const struct zip_entry *entry,
    const uint8_t *name, enum err e)
{
	if (e == ERR_SHORT)
		w->cut = true;
	if (e == ERR_SHORT)
		return ERR_OK;
	if (e != ERR_MALFORMED)
		return e;
	visit_find(w->visit, RULE_FILE_MALFORMED, entry->header_at,
	    "%.*s: no header before its data",
	    ZIP_NAME_SHOWN(name, entry->name_size));
	return ERR_OK;
}

/* A member over others.  *enough: too much of this archive was unpacked more
 * than once. */
static void
walk_overlap(struct zip_walk *w, const struct zip_part *p, bool *enough)
{
	uint64_t size = w->source.size;

	visit_find(w->visit, RULE_ZIP_OVERLAP, p->header_at, "%.*s",
	    ZIP_NAME_SHOWN(p->name, p->name_size));
	w->overlap +=
	    ckd_min(p->size > p->packed && p->method == ZIP_STORED ? p->size
								   : p->packed,
		size);
	*enough = w->overlap / OVERLAP_TIMES > size;
	if (*enough)
		visit_find(w->visit, RULE_SCAN_LIMIT, p->header_at,
		    "members that lie over others");
}

/* One entry: *at moves behind it. */
static enum err
walk_entry(struct zip_walk *w, const struct zip_entry *entry, uint64_t *at)
{
	uint8_t name[ZIP_NAME_MAX];
	size_t n = (size_t)ckd_min(entry->name_size, sizeof(name));
	const uint8_t *p;
	struct zip_local l;
	struct zip_part part;
	bool enough = false;
	uint64_t end;
	enum err e;

	if ((e = zip_dir_name(&w->dir, entry, n, &p)) != ERR_OK)
		return e;
	memcpy(name, p, n);
	if ((e = zip_local_read(&w->source, entry->header_at, &l)) != ERR_OK)
		return walk_headless(w, entry, name, e);
	part = zip_part_of_entry(entry, &l);
	part.name = name;
	part.name_size = n;
	end = part_end(w, &part);
	if (entry->header_at < *at)
		walk_overlap(w, &part, &enough);
	if ((entry->flags | l.flags) & ZIP_FLAG_DESCRIPTOR)
		if ((e = zip_descriptor_skip(&w->source, end, entry, &end)) !=
		    ERR_OK)
			return e;
	if (end > *at)
		*at = end;
	return enough ? ERR_OK : walk_member(w, entry, &l, &part);
}

/* A local header that no directory names: *at moves behind its member. */
static enum err
walk_hidden(struct zip_walk *w, uint64_t *at)
{
	struct zip_seen seen = { .code = false };
	struct zip_part p;
	struct zip_local l;
	enum err e;

	if ((e = zip_local_read(&w->source, *at, &l)) != ERR_OK)
		return e;
	p = part_of_local(w, &l);
	if (w->dir.view_count == 0 && !w->visit->recognised)
		visit_recognise(w->visit, format_zip.name, false);
	if (w->dir.view_count > 0)
		visit_find(w->visit, RULE_ZIP_HIDDEN, l.at, "%.*s",
		    ZIP_NAME_SHOWN(p.name, p.name_size));
	if (!p.sizes_known && p.packed == 0 &&
	    (e = zip_member_measure(w, &p)) != ERR_OK)
		return e;
	if (p.packed > w->source.size - ckd_min(p.data_at, w->source.size))
		w->cut = true;
	if ((e = walk_part(w, &p, &seen)) != ERR_OK)
		return e;
	/* always forward: a header is at least this long */
	*at = part_end(w, &p) > *at + ZIP_LOCAL_SIZE ? part_end(w, &p)
						     : *at + ZIP_LOCAL_SIZE;
	return ERR_OK;
}

enum err
zip_walk_gap(struct zip_walk *w, uint64_t *at, uint64_t end)
{
	uint64_t look = end;

	if (!w->visit->unpack && end - *at > GAP_LOOK)
		look = *at + GAP_LOOK;
	while (*at < look) {
		enum err e = zip_local_find(&w->source, *at, look, at);

		if (e == ERR_OK && *at < look)
			e = walk_hidden(w, at);
		if (e != ERR_OK)
			return e;
	}
	if (*at < end)
		*at = end;
	return ERR_OK;
}

/* The same member, told by two views? */
static bool
entry_repeats(const struct zip_entry *a, const struct zip_entry *b)
{
	return a->view != b->view && a->header_at == b->header_at &&
	    a->hash == b->hash && a->packed == b->packed &&
	    a->size == b->size && a->method == b->method &&
	    a->name_size == b->name_size;
}

/* Where the last bytes that can be members' end. */
static uint64_t
members_end(const struct zip_walk *w)
{
	uint64_t end = w->source.size;

	for (size_t i = 0; i < w->dir.view_count; i++)
		end = ckd_min(end, w->dir.views[i].at);
	return w->dir.view_count == 1 ? end : w->source.size;
}

enum err
zip_walk_members(struct zip_walk *w)
{
	uint64_t at = 0, last = members_end(w);
	enum err e = ERR_OK;

	zip_dir_sort(&w->dir, zip_entry_by_offset);
	for (size_t i = 0; e == ERR_OK && i < w->dir.entry_count; i++) {
		const struct zip_entry *entry = &w->dir.entries[i];

		if (i > 0 && entry_repeats(entry - 1, entry))
			continue;
		if (at < entry->header_at && entry->header_at <= last)
			e = zip_walk_gap(w, &at, entry->header_at);
		if (e == ERR_OK)
			e = budget_check(w->source.budget);
		if (e == ERR_OK)
			e = walk_entry(w, entry, &at);
	}
	return e == ERR_OK && at < last ? zip_walk_gap(w, &at, last) : e;
}
