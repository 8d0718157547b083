/* SPDX-License-Identifier: Apache-2.0 */
/*
 * archive: archives that libarchive unpacks: 7z, cab, cpio, ar, ISO 9660.
 *
 * None is loaded as it is: while an open waits they are only told, and the
 * library is not called.  A scan unpacks them, one member after another, and
 * gives each to the engine.
 *
 * What else libarchive reads is told and not unpacked: rar (its reader has a
 * virtual machine for filters and a history of holes), xar (an XML library),
 * lha (converters of the system's, by a name that the file gives).  mtree is
 * left alone: it names other files.
 *
 * The library allocates by itself: the sandbox's ceiling of memory holds it,
 * and a window that does not fit is a limit, not a fault of the host.
 *
 * Reference: libarchive 3.6 archive_read(3); 7-Zip DOC/7zFormat.txt.
 */
#include "format/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/own.h"
#include "format/formats.h"
#include "format/path.h"
#include "format/spool.h"

enum {
	BLOCK = 64 * 1024,
	/* Charged for the library's own state, so that archives inside of
	 * archives end. */
	STATE_MEMORY = 6 * 1024 * 1024,
	/* A member that cannot be unpacked ends the library's reading: it is
	 * begun anew behind it so often. */
	RESTARTS = 64,
	ISO_MARK_AT = 32769,
	ISO_BOOT_AT = 510,
	HEAD_ZEROS = 16,
	MARK_SIZE = 8,
};

struct kind {
	const char *name;
	size_t at, size;
	uint8_t mark[MARK_SIZE];
	int (*support)(struct archive *); /* NULL: told and not read */
};

static const struct kind kinds[] = {
	{ "7z", 0, 6, "7z\xbc\xaf\x27\x1c", archive_read_support_format_7zip },
	{ "cab", 0, 8, "MSCF\0\0\0\0", archive_read_support_format_cab },
	{ "cpio", 0, 6, "070701", archive_read_support_format_cpio },
	{ "cpio", 0, 6, "070702", archive_read_support_format_cpio },
	{ "cpio", 0, 6, "070707", archive_read_support_format_cpio },
	{ "ar", 0, 8, "!<arch>\n", archive_read_support_format_ar },
	{ "rar", 0, 6, "Rar!\x1a\x07", NULL },
	{ "xar", 0, 4, "xar!", NULL },
	{ "lha", 2, 3, "-lh", NULL },
};
static const struct kind kind_iso = { "iso9660", 0, 0, "",
	archive_read_support_format_iso9660 };

struct archive_walk {
	struct visit *visit;
	const struct kind *kind;
	struct source source;
	struct archive *library;
	uint8_t *block; /* what was read last, for the library */
	uint64_t at;    /* where the library stands in the source */
	uint64_t taken; /* headers read since it was opened */
	unsigned restarts;
	enum err err; /* why our reading failed, for it tells no one */
};

/* The bytes of the present member, which come once, behind what is kept. */
struct unpacked {
	struct archive_walk *walk;
	const struct spool *kept;
	uint64_t at; /* unpacked so far */
};

void
archive_prepare(void)
{
	static const char *const from[] = { "UTF-16LE", "UTF-16BE", "UTF-8" };
	static const char *const to[] = { "ANSI_X3.4-1968", "UTF-8" };

	/* Never closed: closing would unload the converters, and loading them
	 * again is what the sandbox forbids. */
	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++)
		for (size_t k = 0; k < sizeof(to) / sizeof(to[0]); k++)
			(void)iconv_open(to[k], from[i]);
	/* With a zone of no file none is looked for at each date. */
	if (setenv("TZ", "UTC0", 1) == 0)
		tzset();
}

static bool
source_has(const struct source *s, uint64_t at, const char *mark, size_t n)
{
	uint8_t there[MARK_SIZE];

	return source_read(s, at, there, n) == ERR_OK &&
	    memcmp(there, mark, n) == 0;
}

/* A disk image: nothing at the front, or the code of a boot loader. */
static bool
is_iso(const struct source *s, struct cursor head)
{
	const uint8_t *p = cursor_take(&head, SNIFF_MAX);
	static const uint8_t none[HEAD_ZEROS] = { 0 };

	if (p == NULL || s->size < ISO_MARK_AT || s->size == SOURCE_UNENDING ||
	    (memcmp(p, none, sizeof(none)) != 0 &&
		memcmp(p + ISO_BOOT_AT, "\x55\xaa", 2) != 0))
		return false;
	return source_has(s, ISO_MARK_AT, "CD001", 5);
}

static const struct kind *
kind_find(const struct source *s, struct cursor head)
{
	struct cursor whole = head;
	size_t n = cursor_left(&head);
	const uint8_t *p = cursor_take(&head, n);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct kind *k = &kinds[i];

		if (n >= k->at + k->size &&
		    memcmp(p + k->at, k->mark, k->size) == 0)
			return k;
	}
	return is_iso(s, whole) ? &kind_iso : NULL;
}

static enum sniff
archive_sniff(const struct source *s, struct cursor head)
{
	const struct kind *k = kind_find(s, head);

	if (k == NULL)
		return SNIFF_NO;
	return k->at == 0 ? SNIFF_YES : SNIFF_MAYBE;
}

/* The library reads through these.  A failure is kept, as it only knows that
 * there was one. */
static la_ssize_t
feed_read(struct archive *library, void *context, const void **block)
{
	struct archive_walk *w = context;
	size_t got = 0;

	(void)library;
	if ((w->err = budget_check(w->source.budget)) == ERR_OK)
		w->err =
		    source_read_some(&w->source, w->at, w->block, BLOCK, &got);
	if (w->err != ERR_OK)
		return ARCHIVE_FATAL;
	w->at += got;
	*block = w->block;
	return (la_ssize_t)got;
}

static la_int64_t
feed_skip(struct archive *library, void *context, la_int64_t n)
{
	struct archive_walk *w = context;
	uint64_t left = w->at < w->source.size ? w->source.size - w->at : 0;
	uint64_t step = n < 0 ? 0 : (uint64_t)n;

	(void)library;
	if (step > left)
		step = left;
	w->at += step;
	return (la_int64_t)step;
}

static la_int64_t
feed_seek(struct archive *library, void *context, la_int64_t off, int whence)
{
	struct archive_walk *w = context;
	int64_t from = 0, to;

	(void)library;
	if (whence == SEEK_CUR)
		from = (int64_t)w->at;
	else if (whence == SEEK_END)
		from = (int64_t)w->source.size;
	if (__builtin_add_overflow(from, off, &to) || to < 0)
		return ARCHIVE_FATAL;
	w->at = (uint64_t)to;
	return (la_int64_t)to;
}

/* What the library's failure means.  Its words are English and its numbers
 * few: what it cannot do it calls unsupported. */
static enum err
library_error(struct archive_walk *w)
{
	const char *text = archive_error_string(w->library);

	if (w->err != ERR_OK)
		return w->err;
	if (archive_errno(w->library) == ENOMEM)
		return ERR_LIMIT;
	if (text != NULL &&
	    (strstr(text, "upported") != NULL || strstr(text, "rypt") != NULL))
		return ERR_UNSUPPORTED;
	return text != NULL && strstr(text, "runcated") != NULL ? ERR_SHORT
								: ERR_MALFORMED;
}

static void
library_close(struct archive_walk *w)
{
	if (w->library != NULL)
		(void)archive_read_free(w->library);
	w->library = NULL;
}

/* Begin at the front. */
static enum err
library_open(struct archive_walk *w)
{
	library_close(w);
	w->at = 0;
	w->taken = 0;
	w->err = ERR_OK;
	if ((w->library = archive_read_new()) == NULL)
		return ERR_NOMEM;
	if (w->kind->support(w->library) != ARCHIVE_OK ||
	    archive_read_set_read_callback(w->library, feed_read) !=
		ARCHIVE_OK ||
	    archive_read_set_skip_callback(w->library, feed_skip) !=
		ARCHIVE_OK ||
	    archive_read_set_seek_callback(w->library, feed_seek) !=
		ARCHIVE_OK ||
	    archive_read_set_callback_data(w->library, w) != ARCHIVE_OK)
		return ERR_NOMEM;
	return archive_read_open1(w->library) < ARCHIVE_WARN ? library_error(w)
							     : ERR_OK;
}

/* The next header; *entry is NULL behind the last. */
static enum err
library_next(struct archive_walk *w, struct archive_entry **entry)
{
	int r;

	do {
		enum err e = budget_check(w->source.budget);

		if (e != ERR_OK)
			return e;
		r = archive_read_next_header(w->library, entry);
		w->taken++;
	} while (r == ARCHIVE_RETRY);
	if (r == ARCHIVE_EOF)
		*entry = NULL;
	return r < ARCHIVE_WARN && r != ARCHIVE_EOF ? library_error(w) : ERR_OK;
}

/* Go to where taken headers were read. */
static enum err
library_again(struct archive_walk *w, uint64_t taken)
{
	struct archive_entry *entry = NULL;
	enum err e;

	if (w->restarts++ >= RESTARTS)
		return ERR_LIMIT;
	if ((e = library_open(w)) != ERR_OK)
		return e;
	while (e == ERR_OK && w->taken < taken) {
		e = library_next(w, &entry);
		if (e == ERR_OK && entry == NULL)
			e = ERR_MALFORMED;
	}
	return e;
}

/* Unpack up to n bytes more. */
static enum err
member_unpack(struct unpacked *m, void *to, size_t n, size_t *got)
{
	struct archive_walk *w = m->walk;
	la_ssize_t r;
	enum err e;

	if ((e = budget_take(w->source.budget, BUDGET_BYTES, n)) != ERR_OK ||
	    (e = budget_check(w->source.budget)) != ERR_OK)
		return e;
	r = archive_read_data(w->library, to, n);
	if (r < 0)
		return library_error(w);
	m->at += (uint64_t)r;
	*got = (size_t)r;
	return ERR_OK;
}

static enum err
member_read(
    const struct source *s, uint64_t off, void *buf, size_t n, size_t *got)
{
	struct unpacked *m = s->context;
	uint8_t drop[4096];
	enum err e = ERR_OK;

	*got = 0;
	if (m->kept != NULL && off < m->kept->size) {
		size_t left = m->kept->size - (size_t)off;

		*got = n < left ? n : left;
		memcpy(buf, m->kept->data + off, *got);
		return ERR_OK;
	}
	if (off < m->at) {
		if ((e = library_again(m->walk, m->walk->taken)) != ERR_OK)
			return e;
		m->at = 0;
	}
	while (m->at < off) {
		uint64_t left = off - m->at;
		size_t step;

		e = member_unpack(m, drop,
		    left < sizeof(drop) ? (size_t)left : sizeof(drop), &step);
		if (e != ERR_OK || step == 0)
			return e;
	}
	while (*got < n) {
		size_t step;

		e = member_unpack(m, (uint8_t *)buf + *got, n - *got, &step);
		if (e != ERR_OK || step == 0)
			return *got > 0 ? ERR_OK : e;
		*got += step;
	}
	return ERR_OK;
}

static const struct source_ops member_ops = { member_read };

/* Give the engine a member.  A small one is kept, so that it is unpacked once
 * however often it is looked at. */
static enum err
member_visit(struct archive_walk *w, const char *name)
{
	struct unpacked m = { .walk = w };
	struct source bytes = { .ops = &member_ops,
		.context = &m,
		.fd = -1,
		.size = SOURCE_UNENDING,
		.budget = w->source.budget };
	struct child child = {
		.name = name, .name_size = strlen(name), .kind = CHILD_MEMBER
	};
	AUTO(spool) struct spool kept = { .data = NULL };
	enum err e = spool_read(&bytes, &kept);

	if (e == ERR_OK && kept.size > 0) {
		m.kept = &kept;
		if (kept.whole)
			bytes = spool_source(&kept);
		e = visit_child(w->visit, &child, &bytes, NULL);
	}
	if (e != ERR_OK)
		return e;
	return kept.damage;
}

/* Did this member's failure end only itself? */
static bool
error_is_local(const struct archive_walk *w, enum err e)
{
	return err_fault(e) == ERR_FAULT_INPUT &&
	    w->source.budget->spent == BUDGET_NOTHING;
}

static enum err
entry_walk(struct archive_walk *w, struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);
	uint64_t taken = w->taken;
	enum err e;

	if (name == NULL)
		name = "(unnamed)";
	if (path_climbs(name, strlen(name)))
		visit_find(w->visit, RULE_ARCHIVE_PATH, 0, "%s", name);
	if (archive_entry_is_encrypted(entry)) {
		visit_find(w->visit, RULE_ARCHIVE_ENCRYPTED, 0, NULL);
		return ERR_OK;
	}
	/* 7z need not say what a member is; what has no bytes is no file */
	if (archive_entry_symlink(entry) != NULL ||
	    archive_entry_hardlink(entry) != NULL)
		return ERR_OK;
	e = member_visit(w, name);
	if (e == ERR_OK || !error_is_local(w, e))
		return e;
	visit_find(w->visit, RULE_ARCHIVE_MEMBER, 0, "%s: %s", name,
	    e == ERR_UNSUPPORTED ? "packed in a way that is not read"
				 : err_text(e));
	return library_again(w, taken);
}

static enum err
archive_members(struct archive_walk *w)
{
	struct archive_entry *entry = NULL;
	enum err e = library_open(w);

	while (e == ERR_OK) {
		if ((e = library_next(w, &entry)) != ERR_OK || entry == NULL)
			break;
		e = entry_walk(w, entry);
	}
	if (e != ERR_OK && w->library != NULL &&
	    archive_read_has_encrypted_entries(w->library) > 0)
		visit_find(w->visit, RULE_ARCHIVE_ENCRYPTED, 0, NULL);
	return e;
}

static enum err
walk_source(struct visit *v, const struct source *s, const struct kind *k)
{
	struct archive_walk w = { .visit = v, .kind = k, .source = *s };
	AUTO_FREE uint8_t *block = NULL;
	enum err e = budget_take(s->budget, BUDGET_MEMORY, STATE_MEMORY);

	if (e != ERR_OK)
		return e;
	w.block = block = calloc(1, BLOCK);
	e = block == NULL ? ERR_NOMEM : archive_members(&w);
	library_close(&w);
	budget_give(s->budget, STATE_MEMORY);
	return e;
}

/* Packed itself: the library seeks, so it is kept. */
static enum err
walk_unending(struct visit *v, const struct source *s, const struct kind *k)
{
	AUTO(spool) struct spool kept = { .data = NULL };
	struct source memory;
	enum err e = spool_read(s, &kept);

	if (e != ERR_OK)
		return e;
	if (!kept.whole)
		return ERR_UNSUPPORTED;
	memory = spool_source(&kept);
	e = walk_source(v, &memory, k);
	return e == ERR_OK ? kept.damage : e;
}

static enum err
archive_walk(struct visit *v, const struct source *s)
{
	uint8_t front[SNIFF_MAX];
	const struct kind *k;
	size_t got;
	enum err e;

	if ((e = source_read_some(s, 0, front, sizeof(front), &got)) != ERR_OK)
		return e;
	if ((k = kind_find(s, cursor_over(front, got))) == NULL)
		return ERR_OK;
	visit_recognise(v, k->name, false);
	if (k->support == NULL)
		return ERR_UNSUPPORTED;
	if (!v->unpack)
		return ERR_OK;
	return s->size == SOURCE_UNENDING ? walk_unending(v, s, k)
					  : walk_source(v, s, k);
}

const struct format format_archive = {
	.name = "archive",
	.title = "7z, cab, cpio, ar or ISO 9660 archive",
	.extensions = ".7z .cab .cpio .a .deb .iso",
	.reference = "libarchive 3.6",
	.in_place = false,
	.sniff = archive_sniff,
	.walk = archive_walk,
};
