/* SPDX-License-Identifier: Apache-2.0 */
/*
 * npy: walk one or more NumPy arrays.
 *
 *	6 bytes magic, u8 major, u8 minor, u16le (version 1) or u32le (2, 3)
 *	size of the header, a Python literal of that size, the data.
 *
 * The data of an array of objects is one pickle.  Numbers are looked at and
 * not read.  numpy.save() may be called several times on one file, so another
 * array may follow; whatever else follows is handed on as it is, and a reader
 * of the array never sees it.
 *
 * Reference: NumPy NEP 1; numpy/lib/format.py.  (A .npy file without the magic
 *	is unpickled by numpy.load(): that is pickle's to find.)
 */
#include <string.h>

#include "base/buf.h"
#include "base/ckd.h"
#include "base/own.h"
#include "format/formats.h"
#include "format/npy_header.h"

enum {
	NPY_MAGIC_SIZE = 6,
	NPY_PREFIX_MAX = 12, /* magic, version and the longer size */
	/* numpy reads 10,000 bytes unless pickles are allowed; a type of a
	 * thousand fields has some 30,000. */
	NPY_HEADER_MAX = 1024 * 1024
};

static const uint8_t npy_magic[NPY_MAGIC_SIZE] = "\x93NUMPY";

static enum sniff
npy_sniff(const struct source *s, struct cursor head)
{
	const uint8_t *magic = cursor_take(&head, NPY_MAGIC_SIZE);

	(void)s;
	return magic != NULL && memcmp(magic, npy_magic, NPY_MAGIC_SIZE) == 0
	    ? SNIFF_YES
	    : SNIFF_NO;
}

/* The fixed part: where the header's text lies, and its size. */
static enum err
npy_prefix(struct cursor c, uint64_t *text_at, size_t *text_size)
{
	uint8_t major;
	uint32_t size;

	(void)cursor_take(&c, NPY_MAGIC_SIZE);
	major = cursor_u8(&c);
	(void)cursor_u8(&c); /* minor: no effect */
	size = major == 1 ? cursor_u16le(&c) : cursor_u32le(&c);
	if (cursor_check(&c) != ERR_OK)
		return ERR_SHORT;
	if (major < 1 || major > 3)
		return ERR_UNSUPPORTED;
	if (size > NPY_HEADER_MAX)
		return ERR_LIMIT;
	*text_at = major == 1 ? NPY_PREFIX_MAX - 2 : NPY_PREFIX_MAX;
	*text_size = size;
	return ERR_OK;
}

/* Read the header at `at`; *data_at is where the array begins. */
static enum err
npy_header_read(struct visit *v, const struct source *s, uint64_t at,
    struct npy_header *header, uint64_t *data_at)
{
	AUTO(buf) struct buf text = buf_new(NPY_HEADER_MAX);
	uint8_t prefix[NPY_PREFIX_MAX];
	uint64_t text_at;
	size_t size, got;
	uint8_t *to;
	enum err e;

	if ((e = source_read_some(s, at, prefix, sizeof(prefix), &got)) !=
		ERR_OK ||
	    (e = npy_prefix(cursor_over(prefix, got), &text_at, &size)) !=
		ERR_OK)
		return e;
	if (!ckd_add(at, text_at, &text_at))
		return ERR_SHORT;
	/* no more than lies in the file is allocated */
	if (s->size != SOURCE_UNENDING &&
	    (text_at > s->size || size > s->size - text_at))
		return ERR_SHORT;
	if ((e = budget_take(s->budget, BUDGET_MEMORY, size)) != ERR_OK)
		return e;
	if ((to = buf_grow(&text, size)) == NULL)
		e = ERR_NOMEM;
	if (e == ERR_OK && (e = source_read(s, text_at, to, size)) == ERR_OK) {
		visit_code(v, to, size);
		*header = npy_header_parse((const char *)to, size);
		*data_at = text_at + size;
	}
	budget_give(s->budget, size);
	return e;
}

/* Hand on n bytes of data at `at`. */
static enum err
npy_child(struct visit *v, const struct source *s, const struct child *child,
    uint64_t n, struct child_result *result)
{
	struct source rest, data;
	enum err e;

	if ((e = source_rest(s, child->offset, &rest)) != ERR_OK ||
	    (e = source_view(&rest, 0, ckd_min(n, rest.size), &data)) != ERR_OK)
		return e;
	return visit_child(v, child, &data, result);
}

/* An array of objects: one pickle, which says itself where it ends. */
static enum err
npy_objects(struct visit *v, const struct source *s, uint64_t at,
    const struct npy_header *h)
{
	static const char name[] = "(objects)";
	struct child child = { .name = name,
		.name_size = sizeof(name) - 1,
		.offset = at,
		.kind = CHILD_MEMBER };
	struct child_result result = { .format = NULL };
	enum err e = npy_child(v, s, &child, SOURCE_UNENDING, &result);

	if (e == ERR_OK && h->sure && h->items != 0 && result.format == NULL)
		visit_find(v, RULE_NPY_NO_PICKLE, at, NULL);
	return e;
}

/* An array of numbers; *end is where it ends, or 0 when nobody knows. */
static enum err
npy_numbers(struct visit *v, const struct source *s, uint64_t at,
    const struct npy_header *h, uint64_t *end)
{
	static const char name[] = "(numbers)";
	struct child child = { .name = name,
		.name_size = sizeof(name) - 1,
		.offset = at,
		.kind = CHILD_STORAGE };
	uint64_t size = SOURCE_UNENDING;
	enum err e;

	*end = 0;
	if (h->sized &&
	    (!ckd_mul(h->items, h->item_size, &size) ||
		!ckd_add(at, size, end)))
		return ERR_MALFORMED;
	/* nobody unpickles them: only a deep scan looks */
	if (v->deep && size != 0 &&
	    (e = npy_child(v, s, &child, size, NULL)) != ERR_OK)
		return e;
	if (s->size != SOURCE_UNENDING && *end > s->size)
		return ERR_SHORT;
	return ERR_OK;
}

/* What follows an array: another one (its offset is *next), or a child. */
static enum err
npy_behind(struct visit *v, const struct source *s, uint64_t at, uint64_t *next)
{
	static const char name[] = "(behind the array)";
	struct child child = { .name = name,
		.name_size = sizeof(name) - 1,
		.offset = at,
		.kind = CHILD_MEMBER };
	uint8_t magic[NPY_MAGIC_SIZE];
	struct source rest;
	size_t got;
	enum err e;

	*next = 0;
	/* to look behind a packed array means to unpack its numbers */
	if (s->size == SOURCE_UNENDING && !v->deep)
		return ERR_OK;
	e = source_read_some(s, at, magic, sizeof(magic), &got);
	if (e != ERR_OK || got == 0)
		return e;
	if (got == sizeof(magic) && memcmp(magic, npy_magic, got) == 0) {
		*next = at;
		return ERR_OK;
	}
	if ((e = source_rest(s, at, &rest)) != ERR_OK)
		return e;
	return visit_child(v, &child, &rest, NULL);
}

/* The array at *at; then *at is that of the next one, or 0. */
static enum err
npy_array(struct visit *v, const struct source *s, uint64_t *at)
{
	struct npy_header header;
	uint64_t data_at, end = 0;
	enum err e;

	if ((e = npy_header_read(v, s, *at, &header, &data_at)) != ERR_OK)
		return e;
	visit_recognise(v, format_npy.name, true);
	if (header.odd)
		visit_find(v, RULE_NPY_HEADER, *at, NULL);
	e = header.object ? npy_objects(v, s, data_at, &header)
			  : npy_numbers(v, s, data_at, &header, &end);
	*at = 0;
	return e == ERR_OK && end != 0 ? npy_behind(v, s, end, at) : e;
}

static enum err
npy_walk(struct visit *v, const struct source *s)
{
	uint64_t at = 0;
	enum err e;

	do {
		if ((e = budget_check(s->budget)) == ERR_OK)
			e = budget_take(s->budget, BUDGET_MEMBERS, 1);
		if (e == ERR_OK)
			e = npy_array(v, s, &at);
	} while (e == ERR_OK && at != 0);
	return e;
}

const struct format format_npy = {
	.name = "npy",
	.title = "NumPy array",
	.extensions = ".npy",
	.reference = "NumPy NEP 1",
	.in_place = true,
	.sniff = npy_sniff,
	.walk = npy_walk,
};
