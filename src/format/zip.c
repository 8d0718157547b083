/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zip: walk a zip archive, and torch's files, which are zips.
 *
 * Both views are walked: the directory's entries in the order of their
 * offsets, and between them whatever local headers lie in the gaps.  What is
 * in one view only, or differs, is a finding, and its content is scanned both
 * ways.
 *
 * An archive that no loader reads as it is (holiday pictures) is not unpacked
 * while an open waits: its files are judged when they are opened themselves.
 *
 * Reference: APPNOTE.TXT 6.3.10; torch caffe2/serialize/inline_container.cc.
 */
#include <string.h>

#include "base/ckd.h"
#include "base/own.h"
#include "format/formats.h"
#include "format/hidden.h"
#include "format/spool.h"
#include "format/zip_walk.h"

enum {
	/* Every member is looked at for arrays in archives of so few members,
	 * or of more that lie close together; in larger ones not those that
	 * are named like pictures: each look is a seek. */
	ARRAYS_FEW = 256,
	ARRAYS_MORE = 4096,
	ARRAYS_BYTES = 256 * 1024 * 1024
};

static void
zip_walk_free(struct zip_walk *w)
{
	zip_dir_free(&w->dir);
}

static enum sniff
zip_sniff(const struct source *s, struct cursor head)
{
	static const uint8_t local[4] = "PK\x03\x04";
	static const uint8_t empty[4] = "PK\x05\x06";
	static const uint8_t span[4] = "PK\x07\x08";
	const uint8_t *p = cursor_take(&head, sizeof(local));

	if (p == NULL)
		return SNIFF_NO;
	if (memcmp(p, local, sizeof(local)) == 0)
		return SNIFF_YES;
	if (memcmp(p, empty, sizeof(empty)) == 0 ||
	    memcmp(p, span, sizeof(span)) == 0 || zip_dir_present(s))
		return SNIFF_MAYBE;
	return SNIFF_NO;
}

/* Is there an array in it?  numpy.load reads any member that begins like one,
 * whatever it is called. */
static enum err
walk_find_arrays(struct zip_walk *w)
{
	static const uint8_t mark[6] = "\x93NUMPY";
	uint8_t front[sizeof(mark)];
	size_t got;
	bool all = w->dir.entry_count <= ARRAYS_FEW ||
	    (w->dir.entry_count <= ARRAYS_MORE &&
		w->source.size <= ARRAYS_BYTES);
	bool begins = false;

	for (size_t i = 0; !begins && i < w->dir.entry_count; i++) {
		const struct zip_entry *entry = &w->dir.entries[i];
		struct zip_local l;
		struct zip_part p;
		enum err e;

		if (entry->size == 0 ||
		    (!all && (entry->role & ZIP_ROLE_MEDIA) != 0))
			continue;
		if ((e = budget_check(w->source.budget)) != ERR_OK)
			return e;
		e = zip_local_read(&w->source, entry->header_at, &l);
		if (e == ERR_SHORT || e == ERR_MALFORMED)
			continue;
		if (e != ERR_OK)
			return e;
		p = zip_part_of_entry(entry, &l);
		if ((e = zip_member_front(w, &p, front, sizeof(front), &got)) !=
		    ERR_OK)
			return e;
		begins = got == sizeof(mark) &&
		    memcmp(front, mark, sizeof(mark)) == 0;
	}
	if (begins)
		w->kind = ZIP_KIND_NPZ;
	return ERR_OK;
}

/* Weights behind a program: a llamafile. */
static enum err
walk_find_program(struct zip_walk *w)
{
	static const uint8_t ape[6] = "MZqFpD", other[6] = "jartsr";
	uint8_t front[SNIFF_MAX];
	size_t got;
	enum err e;

	if ((w->names.roles & ZIP_ROLE_GGUF) == 0 || w->dir.view_count == 0 ||
	    w->dir.views[0].lowest == 0)
		return ERR_OK;
	e = source_read_some(&w->source, 0, front, sizeof(front), &got);
	if (e != ERR_OK || got < sizeof(ape))
		return e;
	if (memcmp(front, ape, sizeof(ape)) != 0 &&
	    memcmp(front, other, sizeof(other)) != 0 &&
	    !hidden_is_program(cursor_over(front, got)))
		return ERR_OK;
	w->kind = ZIP_KIND_LLAMAFILE;
	visit_find(w->visit, RULE_LLAMAFILE, 0, NULL);
	return ERR_OK;
}

/* Say which name leads out of the archive. */
static enum err
walk_escape(struct zip_walk *w, const struct zip_entry *entry)
{
	const uint8_t *name;
	enum err e = zip_dir_name(&w->dir, entry, ZIP_NAME_MAX, &name);

	if (e == ERR_OK)
		visit_find(w->visit, RULE_ZIP_PATH, entry->header_at, "%.*s",
		    ZIP_NAME_SHOWN(name, entry->name_size));
	return e;
}

/* An archive that is not unpacked: what its directory shows. */
static enum err
walk_outside(struct zip_walk *w)
{
	enum err e;
	const uint16_t marks =
	    ZIP_FLAG_ENCRYPTED | ZIP_FLAG_STRONG | ZIP_FLAG_MASKED;

	for (size_t i = 0; i < w->dir.entry_count; i++) {
		const struct zip_entry *entry = &w->dir.entries[i];

		if ((entry->flags & marks) != 0 || entry->method == ZIP_AES)
			visit_find(w->visit, RULE_ZIP_ENCRYPTED,
			    entry->header_at, NULL);
		if (entry->header_at >= w->source.size)
			w->cut = true;
		/* old tools write absolute names, which unzip mends */
		if ((entry->role & ZIP_ROLE_CLIMBS) != 0 &&
		    (e = walk_escape(w, entry)) != ERR_OK)
			return e;
	}
	return ERR_OK;
}

/* Without a directory there is no archive for any loader; what its local
 * headers hold is looked at, for whoever recovers it. */
static enum err
walk_lost(struct zip_walk *w)
{
	uint64_t at = 0;
	enum err e;

	w->cut = !w->forward;
	w->kind = ZIP_KIND_TORCH; /* until the names say otherwise */
	e = zip_walk_gap(w, &at, w->source.size);
	w->kind = torch_kind(w->names.roles);
	if (w->visit->recognised)
		visit_recognise(w->visit, zip_kind_name(w->kind), false);
	return e;
}

/* A pickle that holds an archive looks like one from behind; if every reader
 * finds that very one, it was judged in the pickle. */
static bool
walk_is_nested(const struct zip_walk *w)
{
	const struct visit *v = w->visit;
	const struct zip_view *view = &w->dir.views[0];

	return v->nested_end != 0 && w->dir.end == v->nested_end &&
	    w->dir.view_count == 1 && view->shift == (int64_t)v->nested_at &&
	    view->lowest >= v->nested_at &&
	    !zip_dir_fact(&w->dir, ZIP_FACT_MORE_ENDS);
}

/*
 * A test of archives has several in it, and an installer what its signer put
 * behind: with other bytes in front as well no loader reads such a file, and
 * whoever unpacks it has files that are judged when they are opened.
 */
static enum err
walk_is_none(struct zip_walk *w, bool *none)
{
	static const uint8_t local[4] = "PK\x03\x04";
	uint8_t front[sizeof(local)];
	size_t got;
	enum err e =
	    source_read_some(&w->source, 0, front, sizeof(front), &got);

	if (e != ERR_OK)
		return e;
	if (got == sizeof(local) && memcmp(front, local, got) == 0)
		return ERR_OK;
	*none = walk_is_nested(w) ||
	    (!w->in_place && w->dir.entry_count > 0 &&
		(zip_dir_fact(&w->dir, ZIP_FACT_MORE_ENDS) ||
		    w->dir.end != w->source.size));
	return ERR_OK;
}

static enum err
walk_archive(struct zip_walk *w)
{
	bool none = false;
	enum err e;

	w->kind = torch_kind(w->names.roles);
	if (w->kind == ZIP_KIND_PLAIN && (e = walk_find_arrays(w)) != ERR_OK)
		return e;
	if (w->kind == ZIP_KIND_PLAIN && (e = walk_find_program(w)) != ERR_OK)
		return e;
	w->in_place = w->kind != ZIP_KIND_PLAIN;
	if ((e = walk_is_none(w, &none)) != ERR_OK)
		return e;
	if (none)
		return ERR_OK;
	visit_recognise(w->visit, zip_kind_name(w->kind), w->in_place);
	if ((e = zip_judge_archive(w)) != ERR_OK)
		return e;
	return w->in_place || w->visit->unpack ? zip_walk_members(w)
					       : walk_outside(w);
}

static enum err
walk_source(struct visit *v, const struct source *s)
{
	AUTO(zip_walk) struct zip_walk w = { .visit = v, .source = *s };
	enum err e = zip_dir_read(s, torch_name_role, &w.names, &w.dir);

	if (e != ERR_OK)
		return e;
	/* the last members' headers often lie in what was read */
	w.kept = (struct source_kept){ .next = s->kept,
		.bytes = w.dir.tail,
		.at = s->base + w.dir.tail_at,
		.size = w.dir.tail_size };
	w.source.kept = &w.kept;
	e = w.dir.view_count == 0 ? walk_lost(&w) : walk_archive(&w);
	return e == ERR_OK && w.cut ? ERR_SHORT : e;
}

/* An archive that is unpacked on the way and too large to be kept. */
static enum err
walk_forward(struct visit *v, const struct source *s)
{
	AUTO(zip_walk)
	struct zip_walk w = { .visit = v, .source = *s, .forward = true };
	enum err e = walk_lost(&w);

	visit_find(v, RULE_ZIP_FORWARD, 0, NULL);
	return e;
}

/* A packed archive: a small one is kept, to be read from both ends. */
static enum err
walk_unending(struct visit *v, const struct source *s)
{
	AUTO(spool) struct spool kept = { .data = NULL };
	struct source memory;
	enum err e;

	if ((e = spool_read(s, &kept)) != ERR_OK)
		return e;
	if (!kept.whole) {
		spool_free(&kept);
		return walk_forward(v, s);
	}
	memory = spool_source(&kept);
	e = walk_source(v, &memory);
	return e == ERR_OK ? kept.damage : e;
}

static enum err
zip_walk(struct visit *v, const struct source *s)
{
	return s->size == SOURCE_UNENDING ? walk_unending(v, s)
					  : walk_source(v, s);
}

const struct format format_zip = {
	.name = "zip",
	.title = "zip archive, PyTorch checkpoint",
	.extensions = ".zip .pt .pth .bin .ckpt .ptl .npz",
	.reference = "APPNOTE.TXT 6.3.10",
	.in_place = false,
	.sniff = zip_sniff,
	.walk = zip_walk,
};
