/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arrow: tables of Arrow and Parquet, for the one thing that can run code.
 *
 * A column may be of a type that Python defines.  Its description lies in the
 * schema as a pickle, which pyarrow up to 14.0.0 loads as soon as the schema is
 * read.  Data sets of that time have such types honestly; the pickle is judged
 * as every pickle is.  Columns themselves are not read.
 *
 *	ARROW1 0 0  message(schema) ...  footer  i32 size  ARROW1
 *	PAR1  columns ...  metadata(Thrift)  u32 size  PAR1
 *
 * In Parquet the schema stands in the metadata under "ARROW:schema", in base64.
 *
 * Reference: arrow format/File.fbs, Schema.fbs; parquet-format README;
 *	CVE-2023-47248.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ckd.h"
#include "base/own.h"
#include "format/base64.h"
#include "format/formats.h"

enum {
	ARROW_MARK = 6,
	PARQUET_MARK = 4,
	MESSAGE_AT = 8,   /* of the schema, behind mark and padding */
	MESSAGE_HEAD = 8, /* ff ff ff ff, size */
	SIZE_SIZE = 4,
	/* Schemas of some thousand columns have a megabyte; what a schema of
	 * Arrow may hold, a reader reads whole. */
	SCHEMA_MAX = 16 * 1024 * 1024,
	STRING_MIN = 4,
	VARINT_MAX = 5,
	THRIFT_BINARY = 8, /* low half of a field's head: text or bytes */
};

static const char python_type[] = "arrow.py_extension_type";
static const char schema_key[] = "ARROW:schema";

static enum sniff
arrow_sniff(const struct source *s, struct cursor head)
{
	const uint8_t *p = cursor_take(&head, MESSAGE_AT);

	if (p == NULL || s->size == SOURCE_UNENDING)
		return SNIFF_NO;
	if (memcmp(p, "ARROW1\0\0", MESSAGE_AT) == 0)
		return SNIFF_YES;
	return memcmp(p, "PAR1", PARQUET_MARK) == 0 ? SNIFF_MAYBE : SNIFF_NO;
}

static uint32_t
u32_at(const uint8_t *p)
{
	struct cursor c = cursor_over(p, SIZE_SIZE);

	return cursor_u32le(&c);
}

/* The texts of a FlatBuffer: a length, the bytes, a NUL.  The type's pickle is
 * one of them, under a key that anything may follow. */
static enum err
strings_judge(struct visit *v, const uint8_t *p, size_t n, uint64_t at)
{
	struct child child = { .name = "(type of a column)",
		.name_size = 18,
		.kind = CHILD_NESTED };
	enum err e = ERR_OK;

	for (size_t i = 0; e == ERR_OK && i + SIZE_SIZE < n; i += SIZE_SIZE) {
		uint32_t size = u32_at(p + i);
		const uint8_t *text = p + i + SIZE_SIZE;
		struct source bytes;

		if (size < STRING_MIN || size >= n - i - SIZE_SIZE ||
		    text[size] != '\0')
			continue;
		child.offset = at + i + SIZE_SIZE;
		bytes = source_memory(text, size, v->budget);
		e = visit_child(v, &child, &bytes, NULL);
	}
	return e;
}

static enum err
schema_judge(struct visit *v, const uint8_t *p, size_t n, uint64_t at)
{
	if (memmem(p, n, python_type, sizeof(python_type) - 1) == NULL)
		return ERR_OK;
	visit_recognise(v, v->name, true);
	visit_find(v, RULE_ARROW_PICKLE, at, NULL);
	return strings_judge(v, p, n, at);
}

/* The value behind the key: a field's head, a length, base64. */
static enum err
parquet_schema(struct visit *v, const uint8_t *p, size_t n, uint64_t at)
{
	AUTO(buf) struct buf schema = buf_new(SCHEMA_MAX);
	size_t i = 0, shift = 0;
	uint64_t size = 0;
	enum err e;

	if (n < 2 || (p[i++] & 0xf) != THRIFT_BINARY)
		return ERR_OK;
	do {
		size |= (uint64_t)(p[i] & 0x7f) << shift;
		shift += 7;
	} while ((p[i++] & 0x80) != 0 && i < n && i <= VARINT_MAX);
	e = base64_decode(
	    &schema, (const char *)p + i, (size_t)ckd_min(size, n - i));
	if (e != ERR_OK)
		return e;
	return schema_judge(
	    v, (const uint8_t *)buf_text(&schema), schema.size, at);
}

static enum err
metadata_judge(struct visit *v, const uint8_t *p, size_t n, uint64_t at)
{
	const size_t key = sizeof(schema_key) - 1;
	const uint8_t *found = p;
	enum err e = ERR_OK;

	while (e == ERR_OK &&
	    (found = memmem(found, n - (size_t)(found - p), schema_key, key)) !=
		NULL) {
		found += key;
		e = parquet_schema(v, found, n - (size_t)(found - p),
		    at + (size_t)(found - p));
	}
	return e;
}

typedef enum err judge_fn(
    struct visit *v, const uint8_t *p, size_t n, uint64_t at);

/* size bytes at at, which a number of the file says are there. */
static enum err
piece_judge(struct visit *v, const struct source *s, uint64_t at, uint64_t size,
    judge_fn *judge)
{
	AUTO_FREE uint8_t *piece = NULL;
	size_t n = (size_t)size;
	enum err e;

	if (at > s->size || size > s->size - at)
		return ERR_SHORT;
	if (size > SCHEMA_MAX)
		return ERR_LIMIT;
	if ((e = budget_take(v->budget, BUDGET_MEMORY, n)) != ERR_OK)
		return e;
	if ((piece = malloc(n + 1)) == NULL)
		e = ERR_NOMEM;
	else if ((e = source_read(s, at, piece, n)) == ERR_OK)
		e = judge(v, piece, n, at);
	budget_give(v->budget, n);
	return e;
}

/* The piece in front of its size and the mark at the end. */
static enum err
footer_judge(
    struct visit *v, const struct source *s, size_t mark, judge_fn *judge)
{
	uint8_t end[SIZE_SIZE];
	uint64_t at = s->size - mark - SIZE_SIZE;
	enum err e = source_read(s, at, end, sizeof(end));

	if (e != ERR_OK)
		return e;
	if (u32_at(end) > at)
		return ERR_SHORT;
	return piece_judge(v, s, at - u32_at(end), u32_at(end), judge);
}

static bool
ends_with(const struct source *s, const char *mark, size_t n)
{
	uint8_t end[ARROW_MARK];

	return s->size >= MESSAGE_AT + SIZE_SIZE + n &&
	    source_read(s, s->size - n, end, n) == ERR_OK &&
	    memcmp(end, mark, n) == 0;
}

/* Who reads it as a stream takes the schema in front, else the one behind. */
static enum err
arrow_file(struct visit *v, const struct source *s)
{
	uint8_t head[MESSAGE_HEAD];
	enum err e = source_read(s, MESSAGE_AT, head, sizeof(head));

	if (e == ERR_OK)
		e = u32_at(head) == UINT32_MAX
		    ? piece_judge(v, s, MESSAGE_AT + MESSAGE_HEAD,
			  u32_at(head + SIZE_SIZE), schema_judge)
		    : piece_judge(v, s, MESSAGE_AT + SIZE_SIZE, u32_at(head),
			  schema_judge);
	if (e != ERR_OK)
		return e;
	if (!ends_with(s, "ARROW1", ARROW_MARK))
		return ERR_SHORT;
	return footer_judge(v, s, ARROW_MARK, schema_judge);
}

static enum err
arrow_walk(struct visit *v, const struct source *s)
{
	uint8_t first;
	enum err e = source_read(s, 0, &first, 1);

	if (e != ERR_OK)
		return e;
	if (first == 'A') {
		visit_recognise(v, "arrow", false);
		return arrow_file(v, s);
	}
	if (!ends_with(s, "PAR1", PARQUET_MARK))
		return ERR_OK;
	visit_recognise(v, "parquet", false);
	return footer_judge(v, s, PARQUET_MARK, metadata_judge);
}

const struct format format_arrow = {
	.name = "arrow",
	.title = "table of Arrow or Parquet",
	.extensions = ".arrow .feather .parquet",
	.reference = "arrow format/File.fbs; CVE-2023-47248",
	.in_place = false,
	.sniff = arrow_sniff,
	.walk = arrow_walk,
};
