/* SPDX-License-Identifier: Apache-2.0 */
/*
 * torch7: the files of Lua Torch (.t7).
 *
 *	i32 kind	0 nil, 1 number (f64), 2 text (i32 size), 5 boolean
 *(i32), 3 table: i32 index; a new one: i32 count, pairs 4 object: i32 index; a
 *new one: texts "V 1" and class; tensor: i32 dimensions, i64 sizes, strides,
 *offset, an object; storage: i64 count, numbers; else a table 6, 7, 8 function:
 *Lua byte code, and what it is bound to
 *
 * or the same as text, a number a line.  Lua loads byte code without a check:
 * who writes it writes machine memory.  So a function is never data.
 *
 * Reference: torch7 File.lua; torch7 generic/Tensor.c, Storage.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ckd.h"
#include "base/own.h"
#include "byte/stream.h"
#include "format/formats.h"

enum {
	KIND_NIL,
	KIND_NUMBER,
	KIND_TEXT,
	KIND_TABLE,
	KIND_OBJECT,
	KIND_BOOLEAN,
	KIND_FUNCTION,
	KIND_FUNCTION_OLD,
	KIND_FUNCTION_NEW,
	DEPTH_MAX = 1024,
	NAME_MAX_SIZE = 64,
	WORD_MAX = 40,
	DIMENSIONS_MAX = 64,
	INDEX_MAX = 1 << 20,
};

struct torch7 {
	struct visit *visit;
	struct stream in;
	bool text;
	size_t depth;
	uint64_t left[DEPTH_MAX]; /* objects to be read, at each depth */
	uint8_t *seen;            /* a bit for each index */
};

static enum sniff
torch7_sniff(const struct source *s, struct cursor head)
{
	static const uint8_t object[] = { 4, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0,
		'V', ' ', '1' };
	static const uint8_t table[] = { 3, 0, 0, 0, 1, 0, 0, 0 };
	size_t n = cursor_left(&head);
	const uint8_t *p = cursor_take(&head, n);

	(void)s;
	if (n >= sizeof(object) && memcmp(p, object, sizeof(object)) == 0)
		return SNIFF_YES;
	if (n >= 12 && memcmp(p, "4\n1\n3\nV 1\n", 10) == 0)
		return SNIFF_YES;
	if (n >= 16 && memcmp(p, table, sizeof(table)) == 0 && p[11] == 0 &&
	    p[12] <= KIND_FUNCTION_NEW && p[13] == 0)
		return SNIFF_MAYBE;
	/* a function alone: its index, the size of its code, Lua's mark */
	if (n >= 16 &&
	    (p[0] == KIND_FUNCTION_NEW || p[0] == KIND_FUNCTION_OLD ||
		p[0] == KIND_FUNCTION) &&
	    p[1] == 0 && p[2] == 0 && p[3] == 0 &&
	    memmem(p, 24 < n ? 24 : n, "\033L", 2) != NULL)
		return SNIFF_MAYBE;
	return n >= 8 && memcmp(p, "3\n1\n", 4) == 0 ? SNIFF_MAYBE : SNIFF_NO;
}

/* A word of the form that is text. */
static enum err
word_read(struct torch7 *t, char word[WORD_MAX])
{
	size_t n = 0;
	enum err e;

	for (;;) {
		bool blank;

		if (stream_left(&t->in) == 0 &&
		    (e = stream_fill(&t->in, 1)) != ERR_OK)
			return e;
		blank = *t->in.at == '\n' || *t->in.at == ' ';
		if (blank && n > 0)
			break;
		if (!blank) {
			if (n + 1 >= WORD_MAX)
				return ERR_MALFORMED;
			word[n++] = (char)*t->in.at;
		}
		t->in.at++;
	}
	t->in.at++; /* one blank ends it */
	word[n] = '\0';
	return ERR_OK;
}

/* A whole number of size bytes. */
static enum err
number_read(struct torch7 *t, unsigned size, int64_t *out)
{
	char word[WORD_MAX], *end;
	uint64_t n = 0;
	enum err e;

	if (t->text) {
		if ((e = word_read(t, word)) != ERR_OK)
			return e;
		*out = strtoll(word, &end, 10);
		return end == word ? ERR_MALFORMED : ERR_OK;
	}
	if (stream_left(&t->in) < size &&
	    (e = stream_fill(&t->in, size)) != ERR_OK)
		return e;
	for (unsigned i = 0; i < size; i++)
		n |= (uint64_t)t->in.at[i] << (8 * i);
	t->in.at += size;
	*out = size == 4 ? (int32_t)(uint32_t)n : (int64_t)n;
	return ERR_OK;
}

/* n numbers of size bytes that nobody needs. */
static enum err
numbers_skip(struct torch7 *t, uint64_t n, unsigned size)
{
	char word[WORD_MAX];
	uint64_t all;
	enum err e = ERR_OK;

	if (!t->text)
		return ckd_mul(n, size, &all) ? stream_skip(&t->in, all)
					      : ERR_SHORT;
	for (uint64_t i = 0; e == ERR_OK && i < n; i++)
		if ((e = budget_check(t->in.source.budget)) == ERR_OK)
			e = word_read(t, word);
	return e;
}

/* A text, of which name gets the beginning. */
static enum err
text_read(struct torch7 *t, char name[NAME_MAX_SIZE])
{
	int64_t size;
	size_t keep;
	enum err e = number_read(t, 4, &size);

	if (e != ERR_OK)
		return e;
	if (size < 0)
		return ERR_MALFORMED;
	keep = (size_t)ckd_min((uint64_t)size, NAME_MAX_SIZE - 1);
	if (keep > 0 && (e = stream_fill(&t->in, keep)) != ERR_OK)
		return e;
	memcpy(name, t->in.at, keep);
	name[keep] = '\0';
	t->in.at += keep;
	if ((e = stream_skip(&t->in, (uint64_t)size - keep)) != ERR_OK)
		return e;
	/* the text of a text ends in a line feed */
	return t->text ? stream_skip(&t->in, 1) : ERR_OK;
}

static enum err
push(struct torch7 *t, uint64_t n)
{
	if (n == 0)
		return ERR_OK;
	if (t->depth == DEPTH_MAX)
		return ERR_LIMIT;
	t->left[t->depth++] = n;
	return ERR_OK;
}

/* Is what follows under this index new? */
static enum err
index_read(struct torch7 *t, bool *fresh)
{
	int64_t index;
	enum err e = number_read(t, 4, &index);
	uint8_t bit;

	if (e != ERR_OK)
		return e;
	if (index < 0)
		return ERR_MALFORMED;
	if (index >= INDEX_MAX)
		return ERR_LIMIT;
	bit = (uint8_t)(1u << (index % 8));
	*fresh = (t->seen[index / 8] & bit) == 0;
	t->seen[index / 8] |= bit;
	return ERR_OK;
}

static bool
ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), size = strlen(end);

	return n >= size && strcmp(s + n - size, end) == 0;
}

/* Bytes of one number of a storage. */
static unsigned
number_size(const char *class)
{
	static const struct {
		const char *name;
		unsigned size;
	} sizes[] = { { "Double", 8 }, { "Float", 4 }, { "Long", 8 },
		{ "Int", 4 }, { "Short", 2 }, { "Char", 1 }, { "Byte", 1 },
		{ "Half", 2 }, { "CudaStorage", 4 } };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (strstr(class, sizes[i].name) != NULL)
			return sizes[i].size;
	return 0;
}

static enum err
storage_read(struct torch7 *t, const char *class)
{
	unsigned size = number_size(class);
	int64_t n;
	enum err e;

	if (size == 0)
		return ERR_UNSUPPORTED;
	if ((e = number_read(t, 8, &n)) != ERR_OK)
		return e;
	if (n < 0)
		return ERR_MALFORMED;
	/* as text, letters and bytes stand as they are */
	if (t->text && size == 1)
		return stream_skip(&t->in, (uint64_t)n + 1);
	return numbers_skip(t, (uint64_t)n, size);
}

static enum err
object_read(struct torch7 *t)
{
	char class[NAME_MAX_SIZE];
	bool fresh;
	int64_t n;
	enum err e = index_read(t, &fresh);

	if (e != ERR_OK || !fresh)
		return e;
	if ((e = text_read(t, class)) != ERR_OK)
		return e;
	/* before versions the class stood alone */
	if (strncmp(class, "V ", 2) == 0 && (e = text_read(t, class)) != ERR_OK)
		return e;
	if (strncmp(class, "torch.", 6) != 0)
		return push(t, 1);
	if (ends_with(class, "Storage"))
		return storage_read(t, class);
	if (!ends_with(class, "Tensor"))
		return push(t, 1);
	if ((e = number_read(t, 4, &n)) != ERR_OK)
		return e;
	if (n < 0 || n > DIMENSIONS_MAX)
		return ERR_MALFORMED;
	if ((e = numbers_skip(t, 2 * (uint64_t)n + 1, 8)) != ERR_OK)
		return e;
	return push(t, 1);
}

static enum err
table_read(struct torch7 *t)
{
	bool fresh;
	int64_t n;
	enum err e = index_read(t, &fresh);

	if (e != ERR_OK || !fresh)
		return e;
	if ((e = number_read(t, 4, &n)) != ERR_OK)
		return e;
	return n < 0 ? ERR_MALFORMED : push(t, 2 * (uint64_t)n);
}

static enum err
function_read(struct torch7 *t, int64_t kind)
{
	char code[NAME_MAX_SIZE];
	bool fresh = true;
	enum err e;

	visit_find(t->visit, RULE_TORCH7_FUNCTION, stream_pos(&t->in), NULL);
	if (kind != KIND_FUNCTION && (e = index_read(t, &fresh)) != ERR_OK)
		return e;
	if (!fresh)
		return ERR_OK;
	if ((e = text_read(t, code)) != ERR_OK)
		return e;
	return push(t, 1);
}

static enum err
item_read(struct torch7 *t)
{
	char text[NAME_MAX_SIZE];
	int64_t kind;
	enum err e = number_read(t, 4, &kind);

	if (e != ERR_OK)
		return e;
	switch (kind) {
	case KIND_NIL:
		return ERR_OK;
	case KIND_NUMBER:
		return numbers_skip(t, 1, 8);
	case KIND_TEXT:
		return text_read(t, text);
	case KIND_TABLE:
		return table_read(t);
	case KIND_OBJECT:
		return object_read(t);
	case KIND_BOOLEAN:
		return numbers_skip(t, 1, 4);
	case KIND_FUNCTION:
	case KIND_FUNCTION_OLD:
	case KIND_FUNCTION_NEW:
		return function_read(t, kind);
	default:
		return ERR_MALFORMED;
	}
}

static enum err
items_walk(struct torch7 *t)
{
	enum err e = push(t, 1);

	while (e == ERR_OK && t->depth > 0) {
		if (--t->left[t->depth - 1] == 0)
			t->depth--;
		if ((e = budget_check(t->in.source.budget)) == ERR_OK)
			e = item_read(t);
	}
	return e;
}

static enum err
source_walk(struct torch7 *t, const struct source *s)
{
	uint8_t first;
	enum err e = source_read(s, 0, &first, 1);

	if (e != ERR_OK || (e = stream_open(&t->in, s)) != ERR_OK)
		return e;
	t->text = first >= '0';
	e = items_walk(t);
	if (e == ERR_OK || t->visit->report->verdict > VERDICT_UNKNOWN)
		visit_recognise(t->visit, "torch7", true);
	stream_free(&t->in);
	return e;
}

static enum err
torch7_walk(struct visit *v, const struct source *s)
{
	const uint64_t memory = sizeof(struct torch7) + INDEX_MAX / 8;
	AUTO_FREE struct torch7 *t = NULL;
	AUTO_FREE uint8_t *seen = NULL;
	enum err e = budget_take(s->budget, BUDGET_MEMORY, memory);

	if (e != ERR_OK)
		return e;
	t = calloc(1, sizeof(*t));
	seen = calloc(1, INDEX_MAX / 8);
	if (t == NULL || seen == NULL) {
		e = ERR_NOMEM;
	} else {
		t->visit = v;
		t->seen = seen;
		e = source_walk(t, s);
	}
	budget_give(s->budget, memory);
	return e;
}

const struct format format_torch7 = {
	.name = "torch7",
	.title = "Lua Torch object",
	.extensions = ".t7 .th .net",
	.reference = "torch7 File.lua",
	.in_place = true,
	.sniff = torch7_sniff,
	.walk = torch7_walk,
};
