/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zip_judge: what no honest writer writes.
 *
 * An archive that no loader reads as it is may be odd in ways that a model may
 * not: old tools write backslashes, Linux sources hold names that differ in
 * case, app bundles hold symbolic links, installers stand before their zip.
 */
#include <string.h>

#include "base/ckd.h"
#include "format/zip_walk.h"

enum {
	VERSION_MAX = 63, /* 6.3: the last that there is */
	MODE_SHIFT = 16,
	MODE_TYPE = 0xf000,
	MODE_LINK = 0xa000,
	SYSTEM_UNIX = 3,
	SYSTEM_DARWIN = 19,
	TRAILING_LOOK = 4096,
	TAR_MARK_AT = 257,
	PICKLE_PROTO = 0x80,
	PICKLE_PROTO_MAX = 5,
	LINK_MAX_SIZE = 1024, /* of a link's target, this much is looked at */
	/* Deflate packs no better than 1032 to 1; a little for the frame. */
	DEFLATE_RATIO = 1032,
	DEFLATE_SLACK = 64 * 1024
};

/* Flags that say that the data is not what it would be without them. */
#define FLAGS_CLOSED \
	(ZIP_FLAG_ENCRYPTED | ZIP_FLAG_PATCHED | ZIP_FLAG_STRONG | \
	    ZIP_FLAG_MASKED)

static void
judge_fact(struct zip_walk *w, enum zip_fact fact, enum rule rule)
{
	if (zip_dir_fact(&w->dir, fact))
		visit_find(w->visit, rule, w->dir.fact_at[fact], NULL);
}

/* Do two readers see two archives, one of which is loaded as it is? */
static void
judge_views(struct zip_walk *w)
{
	bool with = false, without = false;

	if (!zip_dir_fact(&w->dir, ZIP_FACT_MORE_ENDS))
		return;
	for (size_t i = 0; i < w->dir.view_count; i++) {
		uint32_t roles = 0;

		for (size_t k = 0; k < w->dir.entry_count; k++)
			if (w->dir.entries[k].view == i)
				roles |= w->dir.entries[k].role;
		if (zip_kind_is_torch(torch_kind(roles)))
			with = true;
		else
			without = true;
	}
	visit_find(w->visit,
	    with && without ? RULE_ZIP_TWO_ARCHIVES : RULE_ZIP_END_RECORDS,
	    w->dir.fact_at[ZIP_FACT_MORE_ENDS], "%zu directories",
	    w->dir.view_count);
}

/*
 * Something stands before a model archive.  When that is a pickle, a tar or an
 * HDF5 file, the archive may lie in it as a string or a member; its own walker
 * sees what is before and behind, and the engine what the two are together.
 */
static enum err
is_inside(struct zip_walk *w, bool *inside)
{
	static const uint8_t tar[5] = "ustar", hdf5[4] = "\x89HDF";
	const struct zip_view *v = &w->dir.views[0];
	uint8_t front[TAR_MARK_AT + sizeof(tar)];
	size_t got;
	enum err e;

	*inside = false;
	if (v->entries == 0 || v->lowest == 0)
		return ERR_OK;
	e = source_read_some(&w->source, 0, front, sizeof(front), &got);
	if (e != ERR_OK)
		return e;
	*inside = (got >= 2 && front[0] == PICKLE_PROTO &&
		      front[1] <= PICKLE_PROTO_MAX) ||
	    (got >= sizeof(hdf5) && memcmp(front, hdf5, sizeof(hdf5)) == 0) ||
	    (got == sizeof(front) &&
		memcmp(front + TAR_MARK_AT, tar, sizeof(tar)) == 0);
	return ERR_OK;
}

static enum err
judge_trailing(struct zip_walk *w)
{
	uint8_t look[TRAILING_LOOK];
	size_t got, i = 0;
	bool inside;
	enum err e;

	if (!w->in_place || w->dir.view_count == 0 ||
	    w->dir.end >= w->source.size)
		return ERR_OK;
	if ((e = is_inside(w, &inside)) != ERR_OK || inside)
		return e;
	e = source_read_some(&w->source, w->dir.end, look, sizeof(look), &got);
	if (e != ERR_OK)
		return e;
	while (i < got && look[i] == 0)
		i++;
	if (i < got)
		visit_find(w->visit, RULE_ZIP_TRAILING, w->dir.end + i,
		    "%llu bytes",
		    (unsigned long long)(w->source.size - w->dir.end));
	return ERR_OK;
}

/* Are two names equal for a careless reader?  exact: for every reader. */
static enum err
names_equal(struct zip_walk *w, const struct zip_entry *a,
    const struct zip_entry *b, bool *exact)
{
	uint8_t first[ZIP_NAME_MAX];
	size_t n = (size_t)ckd_min(a->name_size, ZIP_NAME_MAX);
	const uint8_t *p;
	enum err e;

	*exact = false;
	if (a->name_size != b->name_size)
		return ERR_OK;
	if ((e = zip_dir_name(&w->dir, a, n, &p)) != ERR_OK)
		return e;
	memcpy(first, p, n);
	if ((e = zip_dir_name(&w->dir, b, n, &p)) != ERR_OK)
		return e;
	*exact = memcmp(first, p, n) == 0;
	return ERR_OK;
}

/* The rule for two entries of the same folded name. */
static enum rule
duplicate_rule(const struct zip_walk *w, const struct zip_entry *a, bool exact)
{
	bool pickle = (a->role & (ZIP_ROLE_PICKLE | ZIP_ROLE_DATA)) != 0;

	if (zip_kind_is_torch(w->kind) && pickle)
		return RULE_ZIP_DUPLICATE_PICKLE;
	return exact ? RULE_ZIP_DUPLICATE : RULE_ZIP_CASE;
}

/*
 * Names that are there twice.  numpy looks names up exactly, torch in any
 * case; in an archive that is unpacked first neither matters.
 */
static enum err
judge_duplicates(struct zip_walk *w)
{
	bool torch = zip_kind_is_torch(w->kind);

	if (!w->in_place)
		return ERR_OK;
	zip_dir_sort(&w->dir, zip_entry_by_name);
	for (size_t i = 1; i < w->dir.entry_count; i++) {
		const struct zip_entry *a = &w->dir.entries[i - 1];
		const struct zip_entry *b = &w->dir.entries[i];
		const uint8_t *name;
		bool exact;
		enum err e;

		if (a->hash != b->hash || a->view != b->view)
			continue;
		if ((e = names_equal(w, a, b, &exact)) != ERR_OK)
			return e;
		if (!exact && !torch)
			continue;
		if ((e = zip_dir_name(&w->dir, b, ZIP_NAME_MAX, &name)) !=
		    ERR_OK)
			return e;
		visit_find(w->visit, duplicate_rule(w, b, exact), b->header_at,
		    "%.*s", ZIP_NAME_SHOWN(name, b->name_size));
	}
	return ERR_OK;
}

static enum err
judge_prefix(struct zip_walk *w)
{
	const struct zip_view *v = &w->dir.views[0];
	bool inside;
	enum err e;

	if (w->dir.view_count == 0 || v->entries == 0 || v->lowest == 0)
		return ERR_OK;
	if ((e = is_inside(w, &inside)) != ERR_OK || inside)
		return e;
	visit_find(w->visit, RULE_ZIP_PREFIX, 0, "%llu bytes",
	    (unsigned long long)v->lowest);
	return ERR_OK;
}

/* A checkpoint's shape. */
static enum err
judge_torch(struct zip_walk *w)
{
	uint32_t roles = w->names.roles;

	if (w->kind == ZIP_KIND_TORCHSCRIPT &&
	    (roles & (ZIP_ROLE_CODE | ZIP_ROLE_BYTECODE)) == 0)
		visit_find(w->visit, RULE_TORCH_CONSTANTS, 0, NULL);
	return judge_prefix(w);
}

enum err
zip_judge_archive(struct zip_walk *w)
{
	enum err e;

	judge_views(w);
	judge_fact(w, ZIP_FACT_COUNT, RULE_ZIP_COUNT);
	judge_fact(w, ZIP_FACT_SIZE, RULE_ZIP_DIRECTORY_SIZE);
	judge_fact(w, ZIP_FACT_ZIP64, RULE_ZIP_ZIP64);
	judge_fact(w, ZIP_FACT_DISKS, RULE_FILE_UNSUPPORTED);
	judge_fact(w, ZIP_FACT_CUT, RULE_FILE_MALFORMED);
	if (zip_kind_is_torch(w->kind) && (e = judge_torch(w)) != ERR_OK)
		return e;
	if ((e = judge_trailing(w)) != ERR_OK)
		return e;
	return judge_duplicates(w);
}

static void
judge_name(
    struct zip_walk *w, const struct zip_part *p, const struct zip_entry *e)
{
	bool torch = zip_kind_is_torch(w->kind);
	uint64_t at = e->header_at;

	if ((p->role & ZIP_ROLE_CLIMBS) != 0 ||
	    (w->in_place && (p->role & ZIP_ROLE_ABSOLUTE) != 0))
		visit_find(w->visit, RULE_ZIP_PATH, at, "%.*s",
		    ZIP_NAME_SHOWN(p->name, p->name_size));
	if ((p->role & ZIP_ROLE_NUL) != 0)
		visit_find(w->visit, RULE_ZIP_NAME_NUL, at, "%.*s",
		    ZIP_NAME_SHOWN(p->name, p->name_size));
	if ((e->odd & ZIP_ODD_UNICODE) != 0)
		visit_find(w->visit, RULE_ZIP_NAMES_DIFFER, at,
		    "%.*s: an extra field gives another name",
		    ZIP_NAME_SHOWN(p->name, p->name_size));
	if (torch && (p->role & ZIP_ROLE_BACKSLASH) != 0)
		visit_find(w->visit, RULE_ZIP_NAME_BACKSLASH, at, "%.*s",
		    ZIP_NAME_SHOWN(p->name, p->name_size));
	/* "version" beside it makes it a checkpoint, not a folder of data */
	if (torch && (p->role & ZIP_ROLE_OUTSIDE) != 0 &&
	    (w->names.roles & ZIP_ROLE_VERSION) != 0)
		visit_find(w->visit, RULE_TORCH_FOLDERS, at, "%.*s",
		    ZIP_NAME_SHOWN(p->name, p->name_size));
}

static bool
entry_is_link(const struct zip_entry *e)
{
	return (e->system == SYSTEM_UNIX || e->system == SYSTEM_DARWIN) &&
	    (e->attributes >> MODE_SHIFT & MODE_TYPE) == MODE_LINK;
}

/* Folders that the path of n bytes goes down, less those it goes up: the
 * lowest point on its way, which is below 0 for one that leads out. */
static int
path_lowest(const uint8_t *s, size_t n, int depth)
{
	int lowest = depth;

	for (size_t at = 0; at < n;) {
		const uint8_t *slash = memchr(s + at, '/', n - at);
		size_t part = slash == NULL ? n - at : (size_t)(slash - s) - at;

		if (part == 2 && memcmp(s + at, "..", 2) == 0)
			depth--;
		else if (part > 1 || (part == 1 && s[at] != '.'))
			depth++;
		if (depth < lowest)
			lowest = depth;
		at += part + 1;
	}
	return lowest;
}

/* A symbolic link: no model has any; elsewhere, where does it lead? */
static enum err
judge_link(struct zip_walk *w, const struct zip_part *p)
{
	uint8_t target[LINK_MAX_SIZE];
	size_t n, folders = 0;
	enum err e;

	if (w->in_place) {
		visit_find(w->visit, RULE_ZIP_SYMLINK, p->header_at, "%.*s",
		    ZIP_NAME_SHOWN(p->name, p->name_size));
		return ERR_OK;
	}
	if ((e = zip_member_front(w, p, target, sizeof(target), &n)) != ERR_OK)
		return e;
	for (size_t i = 0; i < p->name_size; i++)
		folders += p->name[i] == '/';
	if (n > 0 &&
	    (target[0] == '/' || path_lowest(target, n, (int)folders) < 0))
		visit_find(w->visit, RULE_ZIP_LINK_ESCAPES, p->header_at,
		    "%.*s to %.*s", ZIP_NAME_SHOWN(p->name, p->name_size),
		    ZIP_NAME_SHOWN(target, n));
	return ERR_OK;
}

enum err
zip_judge_entry(
    struct zip_walk *w, const struct zip_part *p, const struct zip_entry *e)
{
	judge_name(w, p, e);
	if (e->version > VERSION_MAX)
		visit_find(w->visit, RULE_ZIP_VERSION, e->header_at,
		    "%.*s: version %u.%u",
		    ZIP_NAME_SHOWN(p->name, p->name_size), e->version / 10u,
		    e->version % 10u);
	if ((e->odd & ZIP_ODD_ZIP64) != 0)
		visit_find(w->visit, RULE_ZIP_ZIP64, e->header_at, "%.*s",
		    ZIP_NAME_SHOWN(p->name, p->name_size));
	if (e->method == ZIP_STORED && e->packed != e->size &&
	    (e->flags & FLAGS_CLOSED) == 0)
		visit_find(w->visit, RULE_ZIP_SIZE, e->header_at,
		    "%.*s: stored, with two sizes",
		    ZIP_NAME_SHOWN(p->name, p->name_size));
	if (e->method == ZIP_DEFLATED && e->size > DEFLATE_SLACK &&
	    (e->size - DEFLATE_SLACK) / DEFLATE_RATIO > e->packed)
		visit_find(w->visit, RULE_ZIP_SIZE, e->header_at,
		    "%.*s: more than can be packed so",
		    ZIP_NAME_SHOWN(p->name, p->name_size));
	return entry_is_link(e) ? judge_link(w, p) : ERR_OK;
}

bool
zip_headers_lead_elsewhere(const struct zip_part *p, const struct zip_local *l)
{
	if (l->method != p->method)
		return true;
	if ((l->flags & ZIP_FLAG_DESCRIPTOR) != 0)
		return false; /* zeros, or a guess */
	return l->packed != p->packed || l->size != p->size;
}

static bool
names_same(const struct zip_part *p, const struct zip_local *l)
{
	return l->name_size == p->name_size &&
	    memcmp(l->name, p->name,
		(size_t)ckd_min(l->name_size, ZIP_NAME_MAX)) == 0;
}

void
zip_judge_headers(struct zip_walk *w, const struct zip_part *p,
    const struct zip_local *l, const struct zip_seen *seen)
{
	uint16_t closed = (uint16_t)((l->flags ^ p->flags) & FLAGS_CLOSED);

	/* a directory that is encrypted leaves no names before the data */
	if ((p->flags & ZIP_FLAG_MASKED) != 0 && !seen->code)
		return;
	if (!names_same(p, l))
		visit_find(w->visit,
		    w->in_place && seen->pickle ? RULE_ZIP_TWO_NAMES
						: RULE_ZIP_NAMES_DIFFER,
		    p->header_at, "%.*s and %.*s",
		    ZIP_NAME_SHOWN(p->name, p->name_size),
		    ZIP_NAME_SHOWN(l->name, l->name_size));
	if (zip_headers_lead_elsewhere(p, l) || closed != 0 ||
	    ((l->flags & ZIP_FLAG_DESCRIPTOR) == 0 && l->crc != p->crc))
		visit_find(w->visit, RULE_ZIP_HEADERS_DIFFER, p->header_at,
		    "%.*s", ZIP_NAME_SHOWN(p->name, p->name_size));
}
