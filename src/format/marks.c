/* SPDX-License-Identifier: Apache-2.0 */
/*
 * marks: formats that are known by their marks and not parsed.
 *
 * What has no place for code (numbers, trees) is said to be what it is.  Of
 * the others the report says that they were not read: nobody may take that
 * for a clean one.  Programs inside are looked for in those that are run.
 *
 * Reference: TensorRT, ExecuTorch schema/program.fbs, CatBoost libs/model,
 *	LightGBM gbdt_model_text.cpp, git-lfs spec.md, fastText src/fasttext.cc,
 *	MXNet ndarray.cc, RKNN, CNTK, MAT-File Format 5, scipy io/_idl.py,
 *	TensorFlow core/util/tensor_bundle.
 */
#include <string.h>

#include "base/own.h"
#include "format/formats.h"
#include "format/hidden.h"

enum {
	MARK_MAX = 16,
	TABLE_FOOTER = 8,
	SEARCH_BLOCK = 64 * 1024,
	SEARCH_OVERLAP = 1024,          /* the headers of a program */
	SEARCH_WAIT = 64 * 1024 * 1024, /* bytes, while an open waits */
	TABLE_LEAST = 4, /* bytes of a FlatBuffer's table of fields */
};

enum check {
	CHECK_NONE,    /* no place for code */
	CHECK_TABLE,   /* the same, if a table of LevelDB ends it */
	CHECK_KNOWN,   /* not parsed */
	CHECK_FLAT,    /* a FlatBuffer: its root must lie in the file */
	CHECK_SIZE,    /* the size of what follows stands behind the mark */
	CHECK_PROGRAMS /* run by its engine: programs are looked for */
};

struct mark {
	const char *name;
	enum check check;
	size_t at, size;
	uint8_t bytes[MARK_MAX];
};

static const struct mark marks[] = {
	{ "tensorrt", CHECK_PROGRAMS, 0, 4, "ptrt" },
	{ "tensorrt", CHECK_PROGRAMS, 0, 4, "ftrt" },
	{ "executorch", CHECK_FLAT, 4, 4, "ET12" },
	{ "torch-mobile", CHECK_FLAT, 4, 4, "PTMF" },
	{ "catboost", CHECK_SIZE, 0, 4, "CBM1" },
	{ "rknn", CHECK_KNOWN, 0, 4, "RKNN" },
	{ "cntk", CHECK_KNOWN, 0, 8, "B\0C\0N\0T\0" },
	{ "fasttext", CHECK_NONE, 0, 8, "\xba\x16\x4f\x2f\x0c\0\0\0" },
	{ "mxnet-params", CHECK_NONE, 0, 16,
	    "\x12\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0" },
	{ "lz4-legacy", CHECK_KNOWN, 0, 4, "\x02\x21\x4c\x18" },
	{ "xgboost-binary", CHECK_KNOWN, 0, 4, "binf" },
	{ "lightgbm", CHECK_NONE, 0, 13, "tree\nversion=v" },
	{ "xgboost-json", CHECK_NONE, 0, 12, "{\"learner\":{" },
	{ "matlab", CHECK_NONE, 0, 16, "MATLAB 5.0 MAT-f" },
	{ "idl-save", CHECK_NONE, 0, 4, "SR\0\4" },
	{ "feather", CHECK_NONE, 0, 4, "FEA1" },
	/* the first entry, packed or not: no key, a header with a version */
	{ "tf-checkpoint", CHECK_TABLE, 0, 4, "\0\0\6\b" },
	{ "tf-checkpoint", CHECK_TABLE, 2, 4, "\0\0\6\b" },
	{ "tf-checkpoint", CHECK_TABLE, 3, 4, "\0\0\6\b" },
	{ "tf-checkpoint", CHECK_TABLE, 4, 4, "\0\0\6\b" },
	{ "tf-checkpoint", CHECK_TABLE, 5, 4, "\0\0\6\b" },
	{ "lfs-pointer", CHECK_NONE, 0, 16, "version https://" },
};

static const struct mark *
mark_find(struct cursor head)
{
	size_t n = cursor_left(&head);
	const uint8_t *p = cursor_take(&head, n);

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (n >= marks[i].at + marks[i].size &&
		    memcmp(p + marks[i].at, marks[i].bytes, marks[i].size) == 0)
			return &marks[i];
	return NULL;
}

static enum sniff
marks_sniff(const struct source *s, struct cursor head)
{
	(void)s;
	return mark_find(head) == NULL ? SNIFF_NO : SNIFF_MAYBE;
}

static enum err
u32_read(const struct source *s, uint64_t at, uint32_t *out)
{
	uint8_t bytes[4];
	struct cursor c = cursor_over(bytes, sizeof(bytes));
	enum err e = source_read(s, at, bytes, sizeof(bytes));

	if (e == ERR_OK)
		*out = cursor_u32le(&c);
	return e;
}

/* The root of a FlatBuffer, and its table of fields. */
static enum err
flat_check(const struct source *s, bool *good)
{
	uint32_t root, back, size;
	uint64_t table;
	enum err e;

	*good = false;
	if ((e = u32_read(s, 0, &root)) != ERR_OK ||
	    (e = u32_read(s, root, &back)) != ERR_OK)
		return e;
	/* the distance back is signed */
	table = (back & 0x80000000) == 0
	    ? (uint64_t)root - back
	    : (uint64_t)root + (0x100000000 - back);
	if (root < 8 || table > s->size)
		return ERR_OK;
	if ((e = u32_read(s, table, &size)) != ERR_OK)
		return e;
	size &= 0xffff;
	*good = size >= TABLE_LEAST && size % 2 == 0 && size <= s->size - table;
	return ERR_OK;
}

static void
block_search(struct visit *v, const uint8_t *p, size_t n, uint64_t at)
{
	for (size_t i = 0; i < n; i++)
		if ((p[i] == 0x7f || p[i] == 'M' || p[i] >= 0xce) &&
		    hidden_is_program(cursor_over(p + i, n - i)))
			visit_find(v, RULE_MODEL_PROGRAM, at + i, NULL);
}

/* Programs, wherever they lie. */
static enum err
programs_search(struct visit *v, const struct source *s)
{
	AUTO_FREE uint8_t *block = malloc(SEARCH_BLOCK);
	uint64_t max = v->unpack ? UINT64_MAX : SEARCH_WAIT;
	size_t got = SEARCH_BLOCK;
	enum err e;

	if (block == NULL)
		return ERR_NOMEM;
	for (uint64_t at = 0; at < max && got == SEARCH_BLOCK;
	     at += got - SEARCH_OVERLAP) {
		if ((e = budget_check(s->budget)) != ERR_OK ||
		    (e = source_read_some(s, at, block, SEARCH_BLOCK, &got)) !=
			ERR_OK)
			return e;
		block_search(v, block, got, at);
	}
	return ERR_OK;
}

/* An end that comes early says that an offset is wrong. */
static enum err
offset_judge(struct visit *v, enum err e, bool good)
{
	if (e != ERR_OK && e != ERR_SHORT)
		return e;
	if (e == ERR_SHORT || !good)
		visit_find(v, RULE_MARK_OFFSET, 0, NULL);
	return ERR_OK;
}

static bool
is_table(const struct source *s)
{
	static const uint8_t magic[TABLE_FOOTER] = { 0x57, 0xfb, 0x80, 0x8b,
		0x24, 0x75, 0x47, 0xdb };
	uint8_t end[TABLE_FOOTER];

	return s->size != SOURCE_UNENDING && s->size > TABLE_FOOTER &&
	    source_read(s, s->size - TABLE_FOOTER, end, TABLE_FOOTER) ==
	    ERR_OK &&
	    memcmp(end, magic, TABLE_FOOTER) == 0;
}

static enum err
mark_walk(struct visit *v, const struct source *s, const struct mark *m)
{
	bool good = false;
	uint32_t size;
	bool plain = m->check == CHECK_NONE || m->check == CHECK_TABLE;
	enum err e;

	if (m->check == CHECK_TABLE && !is_table(s))
		return ERR_OK;
	visit_recognise(v, m->name, !plain);
	if (!plain)
		visit_find(v, RULE_FORMAT_UNREAD, 0, "%s", m->name);
	switch (m->check) {
	case CHECK_NONE:
	case CHECK_TABLE:
	case CHECK_KNOWN:
		return ERR_OK;
	case CHECK_FLAT:
		if (s->size == SOURCE_UNENDING)
			return ERR_OK;
		e = flat_check(s, &good);
		return offset_judge(v, e, good);
	case CHECK_SIZE:
		if ((e = u32_read(s, m->at + m->size, &size)) == ERR_OK)
			good = size <= s->size - (m->at + m->size + 4);
		return offset_judge(v, e, good);
	case CHECK_PROGRAMS:
		return programs_search(v, s);
	}
	return ERR_BUG;
}

static enum err
marks_walk(struct visit *v, const struct source *s)
{
	uint8_t front[SNIFF_MAX];
	const struct mark *m;
	size_t got;
	enum err e = source_read_some(s, 0, front, sizeof(front), &got);

	if (e != ERR_OK)
		return e;
	m = mark_find(cursor_over(front, got));
	return m == NULL ? ERR_OK : mark_walk(v, s, m);
}

const struct format format_marks = {
	.name = "marks",
	.title = "TensorRT, ExecuTorch, CatBoost and others, by their marks",
	.extensions = ".engine .plan .pte .cbm .rknn .params",
	.reference = "each format's own reader",
	.in_place = true,
	.sniff = marks_sniff,
	.walk = marks_walk,
};
