/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gguf: walk a GGUF file's keys and tensors, never its weights.
 *
 * Reference: ggml docs/gguf.md and llama.cpp ggml/src/gguf.cpp:
 *	"GGUF", u32 version, counts of tensors and of keys (u32 in version 1,
 *	u64 from 2), then the keys: string, u32 type, value; then the tensors:
 *	string, u32 rank, u64 sizes (u32 in version 1), u32 type, u64 offset;
 *	then, aligned, the data.  A string is a length (as the counts) and
 *	bytes; an array is a u32 type, a count and the elements.  All numbers
 *	are in the writer's byte order, which the version betrays.
 * llama.cpp, Ollama and others read counts and lengths into sums and
 * allocations (CVE-2024-25664 to -25668, -21802, -23496, CVE-2025-53630,
 * CVE-2026-7482), so a number that the file cannot hold is an attack and not
 * damage.  Also known by their marks, and not read: the formats before GGUF.
 */
#include <string.h>

#include "base/own.h"
#include "format/formats.h"
#include "format/gguf_data.h"
#include "format/jinja.h"

enum {
	MAGIC_SIZE = 4,
	VERSION_MAX = 3,
	KEY_MAX = 65535, /* gguf.md: at most 2^16-1 bytes */
	NAME_SIZE = 64,  /* GGML_MAX_NAME, with its NUL; loaders refuse more */
	STRING_MAX = 64 * 1024, /* of a string that rules may look at */
	/* Least bytes of a key (empty name, a byte) and of a tensor. */
	PAIR_MIN = 4 + 4 + 1,
	TENSOR_MIN = 4 + 4 + 4 + 8,
	NESTED_MAX = 4, /* arrays of arrays; loaders refuse any */
	EVIDENCE = 64,
	/* Above every honest length or count: vocabularies have some 100000
	 * words, templates some 30 kB. */
	COUNT_HONEST = 1 << 26,
};

enum value_type { TYPE_STRING = 8, TYPE_ARRAY = 9, TYPE_COUNT = 13 };

/* Bytes of a value of each type; 0: its own length. */
static const uint8_t type_sizes[TYPE_COUNT] = { 1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8,
	8, 8 };

static bool
magic_is_old(const uint8_t *p)
{
	/* "ggml", "ggmf", "ggjt", "ggla", "ggsn" as little-endian numbers */
	static const char magics[][MAGIC_SIZE + 1] = { "lmgg", "fmgg", "tjgg",
		"algg", "nsgg" };

	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (memcmp(p, magics[i], MAGIC_SIZE) == 0)
			return true;
	return false;
}

static enum sniff
gguf_sniff(const struct source *s, struct cursor head)
{
	const uint8_t *magic = cursor_take(&head, MAGIC_SIZE);

	(void)s;
	if (magic == NULL || cursor_left(&head) < 4)
		return SNIFF_NO;
	if (memcmp(magic, "GGUF", MAGIC_SIZE) != 0 && !magic_is_old(magic))
		return SNIFF_NO;
	return SNIFF_YES;
}

/* A number that no file of this size can hold. */
static enum err
number_find(struct gguf *g, const char *what)
{
	if (g->v->growing)
		return ERR_SHORT;
	visit_find(g->v, RULE_GGUF_NUMBER, g->in.next, "%s", what);
	g->lost = true;
	return ERR_OK;
}

/* A length or count is beyond the end.  Of a file that was cut off it is
 * small; only a lie is large. */
static enum err
count_find(struct gguf *g, const char *what, uint64_t count)
{
	return count < COUNT_HONEST ? ERR_SHORT : number_find(g, what);
}

/* The length of a string: never more than is left. */
static enum err
string_size(struct gguf *g, const char *what, uint64_t *out)
{
	uint64_t size;
	enum err e;

	if ((e = gguf_count(g, &size)) != ERR_OK)
		return e;
	if (size > gguf_left(g)) {
		*out = 0;
		return count_find(g, what, size);
	}
	*out = size;
	return ERR_OK;
}

static bool
key_is(const struct gguf *g, const char *prefix)
{
	size_t n = strlen(prefix);

	return g->key.size >= n && memcmp(buf_text(&g->key), prefix, n) == 0;
}

/* A string value of a key: a template is judged, other texts are shown to the
 * rules, the vocabulary is passed over. */
static enum err
string_value(struct gguf *g, uint64_t size, bool element)
{
	uint64_t at = g->in.next;
	struct jinja_result result;
	bool template = key_is(g, "tokenizer.chat_template");
	enum err e;

	if (!template && (element || size > STRING_MAX))
		return gguf_skip(g, size);
	if (size > JINJA_MAX) {
		visit_find(g->v, RULE_TEMPLATE_BROKEN, at, "too long");
		return gguf_skip(g, size);
	}
	if ((e = gguf_bytes(g, &g->text, size)) != ERR_OK)
		return e;
	if (!template) {
		visit_string(g->v, buf_text(&g->text), g->text.size);
		return ERR_OK;
	}
	visit_code(g->v, buf_text(&g->text), g->text.size);
	return jinja_judge(g->v, buf_text(&g->text), g->text.size, at, &result);
}

static enum err
string_read(struct gguf *g, bool element)
{
	uint64_t size;
	enum err e;

	if ((e = string_size(g, "the length of a string", &size)) != ERR_OK ||
	    g->lost)
		return e;
	return string_value(g, size, element);
}

/* The head of an array: its type and count, checked against the file. */
static enum err
array_head(struct gguf *g, uint32_t *type, uint64_t *count)
{
	enum err e;

	if ((e = gguf_u32(g, type)) != ERR_OK ||
	    (e = gguf_count(g, count)) != ERR_OK)
		return e;
	if (*type >= TYPE_COUNT)
		return number_find(g, "the type of an array");
	/* a string or an array takes at least its length */
	if (*count >
	    gguf_left(g) / (type_sizes[*type] != 0 ? type_sizes[*type] : 4))
		return count_find(g, "the count of an array", *count);
	return ERR_OK;
}

/*
 * An array.  Those of arrays, which no writer makes and some readers follow,
 * are read as one run: counts of what is still due on each level.
 */
static enum err
array_read(struct gguf *g)
{
	uint64_t due[NESTED_MAX];
	uint32_t type[NESTED_MAX];
	unsigned level = 0;
	enum err e;

	if ((e = array_head(g, &type[0], &due[0])) != ERR_OK || g->lost)
		return e;
	for (;;) {
		while (level > 0 && due[level] == 0)
			level--;
		if (due[level] == 0)
			return ERR_OK;
		if (type[level] != TYPE_STRING && type[level] != TYPE_ARRAY)
			e = gguf_skip(g, due[level] * type_sizes[type[level]]);
		if (type[level] != TYPE_STRING && type[level] != TYPE_ARRAY)
			due[level] = 0;
		else
			due[level]--;
		if (type[level] == TYPE_STRING)
			e = string_read(g, true);
		if (e != ERR_OK || g->lost)
			return e;
		if (type[level] != TYPE_ARRAY)
			continue;
		if (level + 1 == NESTED_MAX)
			return number_find(g, "arrays of arrays of arrays");
		if (level == 0)
			visit_find(g->v, RULE_GGUF_KEY, g->in.next,
			    "an array of arrays");
		level++;
		if ((e = array_head(g, &type[level], &due[level])) != ERR_OK ||
		    g->lost)
			return e;
	}
}

/* general.alignment: a power of two, and no wonder. */
static enum err
alignment_read(struct gguf *g)
{
	uint32_t value;
	enum err e;

	if ((e = gguf_u32(g, &value)) != ERR_OK)
		return e;
	if (value == 0 || (value & (value - 1)) != 0)
		return number_find(g, "the alignment");
	g->alignment = value;
	return ERR_OK;
}

static enum err
value_read(struct gguf *g)
{
	uint32_t type;
	enum err e;

	if ((e = gguf_u32(g, &type)) != ERR_OK)
		return e;
	if (type >= TYPE_COUNT)
		return number_find(g, "the type of a value");
	if (type == TYPE_STRING)
		return string_read(g, false);
	if (type == TYPE_ARRAY)
		return array_read(g);
	if (g->key.size == strlen("general.alignment") &&
	    key_is(g, "general.alignment") && type_sizes[type] == 4)
		return alignment_read(g);
	return gguf_skip(g, type_sizes[type]);
}

static enum err
pair_read(struct gguf *g)
{
	uint64_t at = g->in.next, size;
	struct extent key = { 0 };
	enum err e;

	if ((e = string_size(g, "the length of a key", &size)) != ERR_OK ||
	    g->lost)
		return e;
	if (size > KEY_MAX)
		return number_find(g, "the length of a key");
	if ((e = gguf_bytes(g, &g->key, size)) != ERR_OK)
		return e;
	key.name = extents_name(buf_text(&g->key), g->key.size);
	if (path_has_control(buf_text(&g->key), g->key.size))
		visit_find(g->v, RULE_GGUF_KEY, at, "%.*s", EVIDENCE,
		    buf_text(&g->key));
	if ((e = extents_add(&g->keys, key)) != ERR_OK)
		return e;
	return value_read(g);
}

static enum err
tensor_name(struct gguf *g, struct gguf_tensor *t)
{
	uint64_t at = g->in.next, size;
	const char *name;
	enum err e;

	if ((e = string_size(g, "the length of a tensor's name", &size)) !=
		ERR_OK ||
	    g->lost)
		return e;
	if (size > KEY_MAX)
		return number_find(g, "the length of a tensor's name");
	if ((e = gguf_bytes(g, &g->key, size)) != ERR_OK)
		return e;
	name = buf_text(&g->key);
	t->name = extents_name(name, g->key.size);
	if (size >= NAME_SIZE || path_is_hostile(name, g->key.size))
		visit_find(g->v, RULE_GGUF_NAME, at, "%.*s", EVIDENCE, name);
	return ERR_OK;
}

static enum err
tensor_read(struct gguf *g)
{
	struct gguf_tensor t = { .elements = 1 };
	uint32_t rank;
	enum err e;

	if ((e = tensor_name(g, &t)) != ERR_OK || g->lost)
		return e;
	if ((e = gguf_u32(g, &rank)) != ERR_OK)
		return e;
	if (rank > GGUF_RANK_MAX)
		return number_find(g, "the dimensions of a tensor");
	for (uint32_t i = 0; i < rank; i++) {
		uint64_t size;

		if ((e = gguf_count(g, &size)) != ERR_OK)
			return e;
		if (i == 0)
			t.row = size;
		if (!ckd_mul(t.elements, size, &t.elements) ||
		    t.elements > INT64_MAX)
			return number_find(g, "the sizes of a tensor");
	}
	if ((e = gguf_u32(g, &t.type)) != ERR_OK ||
	    (e = gguf_u64(g, &t.offset)) != ERR_OK)
		return e;
	return gguf_tensor_add(g, &t);
}

static enum err
gguf_header(struct gguf *g)
{
	enum err e;

	if ((e = gguf_skip(g, MAGIC_SIZE)) != ERR_OK ||
	    (e = gguf_u32(g, &g->version)) != ERR_OK)
		return e;
	if ((g->version & 0xffff) == 0) {
		g->big = true;
		g->version = __builtin_bswap32(g->version);
	}
	if (g->version == 0 || g->version > VERSION_MAX)
		return ERR_UNSUPPORTED;
	if ((e = gguf_count(g, &g->tensor_count)) != ERR_OK ||
	    (e = gguf_count(g, &g->pair_count)) != ERR_OK)
		return e;
	if (g->tensor_count > gguf_left(g) / TENSOR_MIN)
		return count_find(g, "the count of tensors", g->tensor_count);
	if (g->pair_count > gguf_left(g) / PAIR_MIN)
		return count_find(g, "the count of keys", g->pair_count);
	return ERR_OK;
}

static enum err
gguf_read(struct gguf *g)
{
	enum err e;

	if ((e = gguf_header(g)) != ERR_OK)
		return e;
	for (uint64_t i = 0; i < g->pair_count && !g->lost; i++)
		if ((e = pair_read(g)) != ERR_OK)
			return e;
	for (uint64_t i = 0; i < g->tensor_count && !g->lost; i++)
		if ((e = tensor_read(g)) != ERR_OK)
			return e;
	if (extents_repeat(&g->keys))
		visit_find(g->v, RULE_GGUF_DUPLICATE, 0, "two keys");
	return g->lost ? ERR_OK : gguf_data_judge(g);
}

static enum err
gguf_walk(struct visit *v, const struct source *s)
{
	uint8_t magic[MAGIC_SIZE];
	AUTO(gguf) struct gguf *g = NULL;
	enum err e;

	if ((e = source_read(s, 0, magic, sizeof(magic))) != ERR_OK)
		return e;
	if (magic_is_old(magic)) {
		visit_recognise(v, "ggml", true);
		visit_find(v, RULE_GGUF_OLD, 0, "%.4s", (char *)magic);
		return ERR_OK;
	}
	visit_recognise(v, "gguf", true);
	if ((e = gguf_begin(v, s, &g)) != ERR_OK)
		return e;
	e = gguf_read(g);
	return e;
}

const struct format format_gguf = {
	.name = "gguf",
	.title = "GGUF, and GGML before it",
	.extensions = ".gguf .ggml .bin",
	.reference = "llama.cpp, ggml/src/gguf.cpp",
	.in_place = true,
	.sniff = gguf_sniff,
	.walk = gguf_walk,
};
