/* SPDX-License-Identifier: Apache-2.0 */
/* zip_member: unpack one member, hand it on, and look at it afterwards. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/ckd.h"
#include "base/own.h"
#include "byte/inflate.h"
#include "format/hidden.h"
#include "format/script.h"
#include "format/zip_walk.h"

enum {
	CHECK_BLOCK = 16 * 1024,
	/* Pickles are summed up to this size while an open waits; one of this
	 * size is read twice in some milliseconds. */
	CHECK_MAX = 16 * 1024 * 1024,
	/* A pickle is a bomb from so many opcodes, so many for each packed
	 * byte: an honest one has less than one a byte, and packs to no less
	 * than a thirtieth. */
	BOMB_OPCODES = 4 * 1024 * 1024,
	BOMB_RATIO = 100,
	/* A handler is a page or two. */
	HANDLER_MAX = 256 * 1024,
	LINE_SHOWN = 80
};

/* Methods that are read, and how. */
static const struct {
	uint16_t method;
	enum inflate_kind kind;
} methods[] = {
	{ ZIP_DEFLATED, INFLATE_DEFLATE },
	{ ZIP_BZIP2, INFLATE_BZIP2 },
	{ ZIP_LZMA, INFLATE_ZIP_LZMA },
	{ ZIP_ZSTD_OLD, INFLATE_ZSTD },
	{ ZIP_ZSTD, INFLATE_ZSTD },
	{ ZIP_XZ, INFLATE_XZ },
};

/* A member that is being unpacked. */
struct opened {
	struct inflate *inflate; /* NULL: stored */
	struct source bytes;
};

static void
opened_free(struct opened *o)
{
	inflate_free(&o->inflate);
}

/* The packed bytes, as many as are there. */
static enum err
part_packed(
    struct zip_walk *w, const struct zip_part *p, uint64_t n, struct source *s)
{
	uint64_t size = w->source.size;

	if (p->data_at > size) {
		w->cut = true;
		return ERR_SHORT;
	}
	if (n > size - p->data_at) {
		/* what is there is scanned; that it is cut is said at the end
		 */
		w->cut = w->cut || size != SOURCE_UNENDING;
		n = size - p->data_at;
	}
	return source_view(&w->source, p->data_at, n, s);
}

static enum err
part_open(struct zip_walk *w, const struct zip_part *p, struct opened *o)
{
	struct source packed;
	enum err e;

	if (p->method == ZIP_STORED)
		/* miniz takes the unpacked size of a stored member, Python the
		 * smaller: the larger holds both */
		return part_packed(
		    w, p, p->size > p->packed ? p->size : p->packed, &o->bytes);
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (methods[i].method != p->method)
			continue;
		if ((e = part_packed(w, p, p->packed, &packed)) != ERR_OK)
			return e;
		return inflate_open(
		    &packed, methods[i].kind, &o->inflate, &o->bytes);
	}
	return ERR_UNSUPPORTED;
}

/* Does an error end the walk, as against this member? */
static bool
error_is_final(const struct zip_walk *w, enum err e)
{
	if (e == ERR_LIMIT)
		return w->source.budget->spent != BUDGET_NOTHING;
	return e != ERR_OK && err_fault(e) != ERR_FAULT_INPUT;
}

/* Say why a member could not be read, unless that ends the walk. */
static enum err
part_failed(struct zip_walk *w, const struct zip_part *p, enum err e)
{
	enum rule rule = RULE_FILE_MALFORMED;

	if (error_is_final(w, e))
		return e;
	if (e == ERR_UNSUPPORTED) {
		visit_find(w->visit, RULE_ZIP_METHOD, p->header_at,
		    "%.*s: method %u", ZIP_NAME_SHOWN(p->name, p->name_size),
		    p->method);
		return ERR_OK;
	}
	if (e == ERR_SHORT && w->cut)
		return ERR_OK; /* said once, of the whole archive */
	if (e == ERR_LIMIT)
		rule = RULE_SCAN_LIMIT;
	visit_find(w->visit, rule, p->header_at, "%.*s",
	    ZIP_NAME_SHOWN(p->name, p->name_size));
	return ERR_OK;
}

static enum child_kind
part_child_kind(const struct zip_walk *w, const struct zip_part *p)
{
	bool numbers = zip_kind_is_torch(w->kind) &&
	    (p->role & ZIP_ROLE_STORAGE) != 0 &&
	    (p->role & (ZIP_ROLE_PICKLE | ZIP_ROLE_PYTHON)) == 0;

	return numbers ? CHILD_STORAGE : CHILD_MEMBER;
}

static enum err
part_child(struct zip_walk *w, const struct zip_part *p,
    const struct source *bytes, struct zip_seen *seen)
{
	struct child child = { .name = (const char *)p->name,
		.name_size = p->name_size,
		.offset = p->header_at,
		.kind = part_child_kind(w, p) };
	size_t front = (size_t)ckd_min(p->front_size, bytes->size);
	struct child_result result = { .format = NULL };
	enum err e;

	/* what lies in the file as it is was read along with the header */
	if (bytes->base == w->source.base + p->data_at &&
	    bytes->ops == w->source.ops &&
	    (front >= CHILD_FRONT || front == bytes->size)) {
		child.front = p->front;
		child.front_size = front;
	}
	e = visit_child(w->visit, &child, bytes, &result);
	if (result.format != NULL) {
		seen->code = true;
		seen->pickle =
		    seen->pickle || strcmp(result.format->name, "pickle") == 0;
	}
	return e;
}

/* Unpack everything: its checksum and size. */
static enum err
part_sum(const struct source *bytes, uint32_t *crc, uint64_t *size)
{
	uint8_t block[CHECK_BLOCK];
	size_t got;
	enum err e;

	*crc = (uint32_t)crc32(0, NULL, 0);
	*size = 0;
	do {
		if ((e = budget_check(bytes->budget)) == ERR_OK)
			e = source_read_some(
			    bytes, *size, block, sizeof(block), &got);
		if (e != ERR_OK)
			return e;
		*crc = (uint32_t)crc32_z(*crc, block, got);
		*size += got;
	} while (got > 0);
	return ERR_OK;
}

/*
 * Are checksum and size right?  Only of pickles, which were read whole for
 * their code: storages and arrays are gigabytes, nothing in them runs, and no
 * verdict hangs on them.  A deep scan reads everything.
 */
static enum err
part_check(
    struct zip_walk *w, const struct zip_part *p, const struct source *bytes)
{
	uint64_t size;
	uint32_t crc;
	enum err e;

	if (!p->sizes_known || (!w->visit->unpack && p->size > CHECK_MAX))
		return ERR_OK;
	if ((e = part_sum(bytes, &crc, &size)) != ERR_OK)
		return part_failed(w, p, e);
	if (w->cut)
		return ERR_OK; /* it is not all there */
	if (size != p->size)
		visit_find(w->visit, RULE_ZIP_SIZE, p->header_at,
		    "%.*s: %llu bytes, not %llu",
		    ZIP_NAME_SHOWN(p->name, p->name_size),
		    (unsigned long long)size, (unsigned long long)p->size);
	/* torch can be told to compute no checksums: then they are 0 */
	else if (crc != p->crc && !(p->crc == 0 && zip_kind_is_torch(w->kind)))
		visit_find(w->visit, RULE_ZIP_CRC, p->header_at, "%.*s",
		    ZIP_NAME_SHOWN(p->name, p->name_size));
	return ERR_OK;
}

/* A handler of TorchServe is imported before it is asked for anything. */
static enum err
part_handler(
    struct zip_walk *w, const struct zip_part *p, const struct source *bytes)
{
	AUTO_FREE char *text = malloc(HANDLER_MAX);
	const char *line;
	size_t n;
	enum err e;

	if (text == NULL)
		return ERR_NOMEM;
	visit_find(w->visit, RULE_MAR_HANDLER, p->header_at, "%.*s",
	    ZIP_NAME_SHOWN(p->name, p->name_size));
	e = source_read_some(bytes, 0, text, HANDLER_MAX, &n);
	if (e != ERR_OK)
		return part_failed(w, p, e);
	if ((line = script_acts(text, n, &n)) != NULL)
		visit_find(w->visit, RULE_MAR_IMPORT, p->header_at,
		    "%.*s: %.*s", ZIP_NAME_SHOWN(p->name, p->name_size),
		    (int)ckd_min(n, LINE_SHOWN), line);
	return ERR_OK;
}

/* Source text that a loader compiles. */
static enum err
part_code(
    struct zip_walk *w, const struct zip_part *p, const struct source *bytes)
{
	bool python = (p->role & ZIP_ROLE_PYTHON) != 0;
	bool script = !python || w->kind == ZIP_KIND_TORCHSCRIPT;
	const char *word;
	enum err e;

	if ((!zip_kind_is_torch(w->kind) && w->kind != ZIP_KIND_MAR) ||
	    (p->role & (ZIP_ROLE_PYTHON | ZIP_ROLE_CODE)) == 0 ||
	    (p->role & ZIP_ROLE_PICKLE) != 0)
		return ERR_OK;
	if (python && w->kind == ZIP_KIND_PACKAGE)
		visit_find(
		    w->visit, RULE_TORCH_PACKAGE_CODE, p->header_at, NULL);
	if (python && w->kind == ZIP_KIND_MAR &&
	    (e = part_handler(w, p, bytes)) != ERR_OK)
		return e;
	if (script && (p->role & ZIP_ROLE_CODE) != 0) {
		if ((e = torch_code_look(bytes, true, &word)) != ERR_OK)
			return part_failed(w, p, e);
		if (word != NULL)
			visit_find(w->visit, RULE_TORCHSCRIPT_FILES,
			    p->header_at, "%.*s: %s",
			    ZIP_NAME_SHOWN(p->name, p->name_size), word);
	}
	if (!python)
		return ERR_OK;
	if ((e = torch_code_look(bytes, false, &word)) != ERR_OK)
		return part_failed(w, p, e);
	if (word != NULL)
		visit_find(w->visit, RULE_TORCH_PYTHON, p->header_at,
		    "%.*s: %s", ZIP_NAME_SHOWN(p->name, p->name_size), word);
	return ERR_OK;
}

/* Machine code in a model, whatever it is called: loaders of some formats load
 * it.  A llamafile says so by itself. */
static enum err
part_program(
    struct zip_walk *w, const struct zip_part *p, const struct source *bytes)
{
	uint8_t front[SNIFF_MAX];
	size_t got;
	enum err e;

	if (!w->in_place || w->kind == ZIP_KIND_LLAMAFILE)
		return ERR_OK;
	/* most members show by what was read along that they are none */
	if (p->front_size > 0 && p->method == ZIP_STORED &&
	    p->front[0] != 0x7f && p->front[0] != 'M' && p->front[0] < 0xce)
		return ERR_OK;
	e = source_read_some(bytes, 0, front, sizeof(front), &got);
	if (e != ERR_OK)
		return part_failed(w, p, e);
	if (hidden_is_program(cursor_over(front, got)))
		visit_find(w->visit, RULE_MODEL_PROGRAM, p->header_at, "%.*s",
		    ZIP_NAME_SHOWN(p->name, p->name_size));
	return ERR_OK;
}

/* A few packed bytes that unpack to very much work. */
static void
part_effort(
    struct zip_walk *w, const struct zip_part *p, uint64_t opcodes_before)
{
	uint64_t done = opcodes_before - w->source.budget->opcodes;

	if (done > BOMB_OPCODES && done / BOMB_RATIO > p->packed)
		visit_find(w->visit, RULE_ZIP_BOMB, p->header_at,
		    "%.*s: %llu opcodes in %llu bytes",
		    ZIP_NAME_SHOWN(p->name, p->name_size),
		    (unsigned long long)done, (unsigned long long)p->packed);
}

enum err
zip_member_visit(
    struct zip_walk *w, const struct zip_part *p, struct zip_seen *seen)
{
	AUTO(opened) struct opened o = { .inflate = NULL };
	uint64_t opcodes = w->source.budget->opcodes;
	uint8_t front;
	size_t got;
	enum err e;

	if ((e = part_open(w, p, &o)) != ERR_OK)
		return part_failed(w, p, e);
	/* What does not unpack at all has nothing to hand on. */
	if (o.inflate != NULL &&
	    (e = source_read_some(&o.bytes, 0, &front, 1, &got)) != ERR_OK)
		return part_failed(w, p, e);
	seen->unpacked = true;
	if ((e = part_child(w, p, &o.bytes, seen)) != ERR_OK)
		return e;
	part_effort(w, p, opcodes);
	if (!seen->code && (e = part_program(w, p, &o.bytes)) != ERR_OK)
		return e;
	if ((e = part_code(w, p, &o.bytes)) != ERR_OK)
		return e;
	return seen->pickle || w->visit->deep ? part_check(w, p, &o.bytes)
					      : ERR_OK;
}

enum err
zip_member_visit_raw(
    struct zip_walk *w, const struct zip_part *p, struct zip_seen *seen)
{
	struct source bytes;
	enum err e = part_packed(w, p, p->packed, &bytes);

	return e != ERR_OK ? part_failed(w, p, e)
			   : part_child(w, p, &bytes, seen);
}

enum err
zip_member_readable(
    struct zip_walk *w, const struct zip_part *p, bool *readable)
{
	AUTO(opened) struct opened o = { .inflate = NULL };
	uint64_t size;
	uint32_t crc;
	enum err e;

	*readable = false;
	if (!w->visit->unpack && p->size > CHECK_MAX)
		return ERR_OK;
	if ((e = part_open(w, p, &o)) == ERR_OK)
		e = part_sum(&o.bytes, &crc, &size);
	if (e == ERR_OK)
		*readable = crc == p->crc && size > 0;
	return error_is_final(w, e) ? e : ERR_OK;
}

enum err
zip_member_front(struct zip_walk *w, const struct zip_part *p, uint8_t *front,
    size_t n, size_t *got)
{
	AUTO(opened) struct opened o = { .inflate = NULL };
	enum err e;

	*got = 0;
	if ((e = part_open(w, p, &o)) == ERR_OK)
		e = source_read_some(&o.bytes, 0, front, n, got);
	return error_is_final(w, e) ? e : ERR_OK;
}

enum err
zip_member_measure(struct zip_walk *w, struct zip_part *p)
{
	AUTO(opened) struct opened o = { .inflate = NULL };
	struct zip_part all = *p;
	uint64_t end = w->source.size;
	enum err e;

	if (p->data_at > end)
		return ERR_OK;
	if (p->method == ZIP_STORED) {
		/* such a member ends only where the next one begins */
		e = zip_local_find(&w->source, p->data_at, end, &end);
		p->packed = p->size = end - p->data_at;
		return e;
	}
	all.packed = end - p->data_at;
	if ((e = part_open(w, &all, &o)) == ERR_OK)
		e = part_sum(&o.bytes, &p->crc, &p->size);
	if (o.inflate != NULL)
		p->packed = inflate_consumed(o.inflate);
	return error_is_final(w, e) ? e : ERR_OK;
}
