/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream: a whole file that is compressed: gzip, bzip2, xz, .lzma, zlib,
 * zstd, lz4, and the zlib of joblib before 0.10 ("ZF", the size in hex).
 *
 * joblib.load() and pandas.read_pickle() unpack by themselves, so a compressed
 * pickle is loaded in place; anything else is a packed file, which is unpacked
 * no further than the front while an open waits: the engine looks at the front
 * of the one child, and goes on only in what it recognises.
 *
 * Reference: joblib/compressor.py and numpy_pickle_compat.py, read_zfile();
 *	RFC 1950, 1952, 8878; The .xz File Format 1.1.0; LZ4 Frame Format 1.6.2.
 */
#include <string.h>

#include "base/own.h"
#include "byte/inflate.h"
#include "format/formats.h"

enum {
	MARK_MAX = 10,
	LOOK = 512,           /* bytes that a doubtful stream has to yield */
	ZFILE_HEADER = 21,    /* "ZF" and 19 characters of size */
	SKIPPABLE_LOW = 0x50, /* first byte of a skippable frame's mark */
	SKIPPABLE_HIGH = 0x5f
};

/* A kind by the bytes at the front.  sure: nothing else begins so. */
struct kind {
	const char *name;
	enum inflate_kind inflate;
	bool sure;
	size_t size;
	uint8_t mark[MARK_MAX];
};

static const struct kind kinds[] = {
	{ "gzip", INFLATE_GZIP, true, 3, "\x1f\x8b\x08" },
	{ "bzip2", INFLATE_BZIP2, true, 3, "BZh" },
	{ "xz", INFLATE_XZ, true, 6,
	    "\xfd"
	    "7zXZ\0" },
	{ "zstd", INFLATE_ZSTD, true, 4, "\x28\xb5\x2f\xfd" },
	{ "lz4", INFLATE_LZ4, true, 4, "\x04\x22\x4d\x18" },
	/* the four headers that zlib writes; joblib takes any "x" for zlib */
	{ "zlib", INFLATE_ZLIB, false, 2, "x\x01" },
	{ "zlib", INFLATE_ZLIB, false, 2, "x\x5e" },
	{ "zlib", INFLATE_ZLIB, false, 2, "x\x9c" },
	{ "zlib", INFLATE_ZLIB, false, 2, "x\xda" },
	/* joblib's and liblzma's properties, and a window of whole pages */
	{ "lzma", INFLATE_LZMA, false, 2, "\x5d\x00" },
	{ "joblib-zfile", INFLATE_ZLIB, false, 4, "ZF0x" },
};

/* A frame that readers of zstd and lz4 step over: either may follow. */
static const struct kind skippable[] = {
	{ "zstd", INFLATE_ZSTD, false, 0, "" },
	{ "lz4", INFLATE_LZ4, false, 0, "" },
};

static bool
mark_is_skippable(const uint8_t *p, size_t n)
{
	return n >= 4 && p[0] >= SKIPPABLE_LOW && p[0] <= SKIPPABLE_HIGH &&
	    memcmp(p + 1, "\x2a\x4d\x18", 3) == 0;
}

/* bzip2: the block size, then a block or the end of the stream. */
static bool
mark_is_bzip2(const uint8_t *p, size_t n)
{
	return n >= MARK_MAX && p[3] >= '1' && p[3] <= '9' &&
	    (memcmp(p + 4, "1AY&SY", 6) == 0 ||
		memcmp(p + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);
}

static const struct kind *
kind_find(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct kind *k = &kinds[i];

		if (n < k->size || memcmp(p, k->mark, k->size) != 0)
			continue;
		if (k->inflate != INFLATE_BZIP2 || mark_is_bzip2(p, n))
			return k;
	}
	return NULL;
}

static enum sniff
stream_sniff(const struct source *s, struct cursor head)
{
	size_t n = cursor_left(&head);
	const uint8_t *p = cursor_take(&head, n);
	const struct kind *k = kind_find(p, n);

	(void)s;
	if (k == NULL)
		return mark_is_skippable(p, n) ? SNIFF_MAYBE : SNIFF_NO;
	return k->sure ? SNIFF_YES : SNIFF_MAYBE;
}

/* How a stream begins. */
struct begin {
	size_t got;   /* bytes of the first LOOK that came out */
	bool unpacks; /* to its end, or for a good while */
};

static enum err
stream_begin(
    const struct source *out, const struct inflate *f, struct begin *begin)
{
	uint8_t look[LOOK];
	size_t got = 0;
	enum err e = source_read_some(out, 0, look, sizeof(look), &got);

	if (e != ERR_OK &&
	    (err_fault(e) != ERR_FAULT_INPUT ||
		out->budget->spent != BUDGET_NOTHING))
		return e;
	begin->got = e == ERR_OK ? got : 0;
	begin->unpacks =
	    begin->got == sizeof(look) || (begin->got > 0 && inflate_ended(f));
	return ERR_OK;
}

/* Do joblib and pandas unpack this by themselves and load it? */
static bool
child_is_loaded(const struct child_result *result)
{
	return result->format != NULL &&
	    strcmp(result->format->name, "pickle") == 0;
}

/*
 * Walk raw as kind k.  A doubtful one is that when it unpacks well, or when
 * something comes out of it, however damaged it is behind that.
 */
static enum err
stream_walk_kind(
    struct visit *v, const struct source *raw, const struct kind *k)
{
	static const char name[] = "(unpacked)";
	struct child child = { .name = name,
		.name_size = sizeof(name) - 1,
		.kind = CHILD_MEMBER };
	AUTO(inflate) struct inflate *f = NULL;
	struct child_result result = { .format = NULL };
	struct begin begin = { .got = 0 };
	/* Bytes in a stream may begin like anything. */
	bool sure = k->sure && v->kind != CHILD_NESTED;
	struct source out;
	enum err e;

	if ((e = inflate_open(raw, k->inflate, &f, &out)) != ERR_OK ||
	    (e = stream_begin(&out, f, &begin)) != ERR_OK)
		return e;
	if (begin.got == 0 && !sure)
		return ERR_OK;
	if ((e = visit_child(v, &child, &out, &result)) != ERR_OK)
		return e;
	if (sure || begin.unpacks || result.format != NULL)
		visit_recognise(v, k->name, child_is_loaded(&result));
	return ERR_OK;
}

/* "ZF", 19 characters of size, and one blank more from Python 2. */
static enum err
stream_walk_zfile(struct visit *v, const struct source *s, const struct kind *k)
{
	struct source raw;
	uint8_t next;
	enum err e;

	if ((e = source_read(s, ZFILE_HEADER, &next, 1)) != ERR_OK ||
	    (e = source_rest(
		 s, ZFILE_HEADER + (next == ' ' ? 1u : 0u), &raw)) != ERR_OK)
		return e;
	return stream_walk_kind(v, &raw, k);
}

static enum err
stream_walk(struct visit *v, const struct source *s)
{
	uint8_t front[MARK_MAX];
	const struct kind *k;
	size_t got;
	enum err e;

	if ((e = source_read_some(s, 0, front, sizeof(front), &got)) != ERR_OK)
		return e;
	k = kind_find(front, got);
	if (k != NULL && memcmp(k->mark, "ZF", 2) == 0)
		return stream_walk_zfile(v, s, k);
	if (k != NULL)
		return stream_walk_kind(v, s, k);
	for (size_t i = 0; e == ERR_OK && !v->recognised &&
	     i < sizeof(skippable) / sizeof(skippable[0]);
	     i++)
		e = stream_walk_kind(v, s, &skippable[i]);
	return e;
}

const struct format format_stream = {
	.name = "stream",
	.title = "compressed file",
	.extensions = ".gz .bz2 .xz .lzma .zst .lz4 .z .joblib",
	.reference = "joblib/compressor.py",
	.in_place = false,
	.sniff = stream_sniff,
	.walk = stream_walk,
};
