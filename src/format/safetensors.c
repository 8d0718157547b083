/* SPDX-License-Identifier: Apache-2.0 */
/*
 * safetensors: walk one safetensors file by the rules of its reference loader.
 *
 * Reference: huggingface/safetensors, safetensors/src/tensor.rs:
 *	u64le N, N bytes of JSON, then the tensors' bytes
 *	N at most 100000000 and inside the file; the JSON is UTF-8, one object
 *	"name": {"dtype", "shape": [...], "data_offsets": [begin, end]}
 *	"__metadata__": null or a map of strings
 *	by offset, the first tensor begins at 0, each begins where the last one
 *	ended, each is as long as its shape says, and the last ends with the
 *	file
 * Other loaders (MLX, candle, C++) check less, so what the reference refuses
 * is loaded by somebody.  Hands what lies in holes or behind the last tensor to
 * the engine; the tensors themselves are never read.
 */
#include <string.h>

#include "base/ckd.h"
#include "base/own.h"
#include "format/extents.h"
#include "format/formats.h"
#include "format/hidden.h"
#include "format/json_pull.h"
#include "format/path.h"

enum {
	LENGTH_SIZE = 8,
	HEADER_LOOK = 8,        /* bytes that are text, or end the header */
	HEADER_MAX = 100000000, /* MAX_HEADER_SIZE of the reference */
	TEXT_MAX = 64 * 1024,   /* of one name or metadata string */
	RANK_MAX = 64,          /* dimensions; frameworks end at 32 or 64 */
	EVIDENCE = 64,
};

/* dtypes and their bits; Dtype::bitsize() */
static const struct {
	const char *name;
	unsigned bits;
} dtypes[] = {
	{ "BOOL", 8 },
	{ "F4", 4 },
	{ "F6_E2M3", 6 },
	{ "F6_E3M2", 6 },
	{ "U8", 8 },
	{ "I8", 8 },
	{ "F8_E5M2", 8 },
	{ "F8_E4M3", 8 },
	{ "F8_E8M0", 8 },
	{ "F8_E4M3FNUZ", 8 },
	{ "F8_E5M2FNUZ", 8 },
	{ "I16", 16 },
	{ "U16", 16 },
	{ "F16", 16 },
	{ "BF16", 16 },
	{ "I32", 32 },
	{ "U32", 32 },
	{ "F32", 32 },
	{ "C64", 64 },
	{ "F64", 64 },
	{ "I64", 64 },
	{ "U64", 64 },
};

/* One tensor as its header entry says. */
struct tensor {
	uint64_t name;     /* extents_name() */
	unsigned bits;     /* of an element; 0: a dtype that nobody knows */
	uint64_t elements; /* product of the shape */
	uint64_t begin, end;
	unsigned offsets; /* numbers in data_offsets */
	unsigned fields;  /* enum field, those that were seen */
	bool repeated;    /* one of them twice */
	bool overflow;    /* the shape's product */
};

enum field { FIELD_DTYPE = 1, FIELD_SHAPE = 2, FIELD_OFFSETS = 4 };
enum { FIELD_ALL = FIELD_DTYPE | FIELD_SHAPE | FIELD_OFFSETS };

struct safetensors {
	struct visit *v;
	const struct source *s;
	uint64_t header; /* bytes of JSON */
	struct json_pull json;
	struct extents tensors;
	bool metadata; /* "__metadata__" was seen */
};

static void
safetensors_free(struct safetensors *st)
{
	json_pull_free(&st->json);
	extents_free(&st->tensors);
}

static enum sniff
safetensors_sniff(const struct source *s, struct cursor head)
{
	const struct cursor whole = head;
	uint64_t n = cursor_u64le(&head);
	uint8_t brace = cursor_u8(&head), next = cursor_u8(&head);
	bool printable = true;

	if (cursor_check(&head) != ERR_OK || brace != '{' ||
	    strchr("\"} \t\r\n", next) == NULL || next == '\0')
		return SNIFF_NO;
	if (n >= 2 && n <= HEADER_MAX && n <= s->size - LENGTH_SIZE)
		return SNIFF_YES;
	/* A length that lies, or a text with a brace in the ninth place, or
	 * bytes that have one by chance, with no text behind it. */
	for (size_t i = 0; i < LENGTH_SIZE; i++)
		printable =
		    printable && whole.at[i] >= '\t' && whole.at[i] < 0x7f;
	for (size_t i = 0; i < HEADER_LOOK && next != '}'; i++)
		if ((next = cursor_u8(&head)) < ' ' &&
		    memchr("\t\r\n", next, 3) == NULL)
			return SNIFF_NO;
	return printable ? SNIFF_NO : SNIFF_MAYBE;
}

/* The header says what the reference refuses. */
static void
header_find(struct safetensors *st, const char *what)
{
	visit_find(st->v, RULE_SAFETENSORS_HEADER,
	    LENGTH_SIZE + st->json.token_at, "%s", what);
}

static unsigned
dtype_bits(const struct json_pull *j)
{
	for (size_t i = 0; i < sizeof(dtypes) / sizeof(dtypes[0]); i++)
		if (json_pull_is(j, dtypes[i].name))
			return dtypes[i].bits;
	return 0;
}

/* Note a number of the shape or of data_offsets. */
static void
tensor_number(struct tensor *t, enum field field, uint64_t value)
{
	if (field == FIELD_SHAPE) {
		if (!ckd_mul(t->elements, value, &t->elements))
			t->overflow = true;
		return;
	}
	if (t->offsets == 0)
		t->begin = value;
	else if (t->offsets == 1)
		t->end = value;
	t->offsets++;
}

/* An array of whole numbers; anything else is told and skipped. */
static enum err
tensor_numbers(struct safetensors *st, struct tensor *t, enum field field)
{
	enum json_kind kind;
	uint64_t value;
	enum err e;

	if ((e = json_pull_next(&st->json, &kind)) != ERR_OK)
		return e;
	if (kind != JSON_ARRAY) {
		header_find(st, "a shape or offsets that are no list");
		return json_pull_skip(&st->json, kind);
	}
	for (unsigned i = 0;; i++) {
		if ((e = json_pull_next(&st->json, &kind)) != ERR_OK)
			return e;
		if (kind == JSON_ARRAY_END)
			return ERR_OK;
		if (kind != JSON_NUMBER || !json_pull_u64(&st->json, &value) ||
		    i == RANK_MAX) {
			header_find(st, "a shape or offset that is no number");
			if ((e = json_pull_skip(&st->json, kind)) != ERR_OK)
				return e;
			continue;
		}
		tensor_number(t, field, value);
	}
}

static enum err
tensor_dtype(struct safetensors *st, struct tensor *t)
{
	enum json_kind kind;
	enum err e;

	if ((e = json_pull_next(&st->json, &kind)) != ERR_OK)
		return e;
	if (kind == JSON_STRING)
		t->bits = dtype_bits(&st->json);
	return json_pull_skip(&st->json, kind);
}

/* The value behind one key of a tensor's entry. */
static enum err
tensor_field(struct safetensors *st, struct tensor *t)
{
	enum field field;

	if (json_pull_is(&st->json, "dtype"))
		field = FIELD_DTYPE;
	else if (json_pull_is(&st->json, "shape"))
		field = FIELD_SHAPE;
	else if (json_pull_is(&st->json, "data_offsets"))
		field = FIELD_OFFSETS;
	else
		return json_pull_skip(&st->json, JSON_KEY);
	t->repeated = t->repeated || (t->fields & field) != 0;
	t->fields |= field;
	if (field == FIELD_DTYPE)
		return tensor_dtype(st, t);
	return tensor_numbers(st, t, field);
}

/* Do dtype, shape and offsets agree? */
static bool
tensor_agrees(const struct tensor *t)
{
	uint64_t bits;

	return t->begin <= t->end && !t->overflow &&
	    ckd_mul(t->elements, t->bits, &bits) && bits % 8 == 0 &&
	    t->end - t->begin == bits / 8;
}

static enum err
tensor_judge(struct safetensors *st, const struct tensor *t)
{
	struct extent extent = { t->begin, t->end, t->name };

	if (t->repeated)
		visit_find(st->v, RULE_SAFETENSORS_DUPLICATE,
		    LENGTH_SIZE + st->json.token_at, "a field of a tensor");
	if (t->fields != FIELD_ALL || t->offsets != 2 || t->bits == 0) {
		header_find(st, "a tensor without dtype, shape or offsets");
		return ERR_OK;
	}
	if (!tensor_agrees(t))
		visit_find(st->v, RULE_SAFETENSORS_EXTENT,
		    LENGTH_SIZE + st->json.token_at,
		    "a tensor of another size than its shape");
	if (extent.end < extent.begin)
		extent.end = extent.begin;
	return extents_add(&st->tensors, extent);
}

/* The entry of one tensor; its name is the present key. */
static enum err
header_tensor(struct safetensors *st)
{
	struct json_pull *j = &st->json;
	struct tensor t = { .elements = 1 };
	enum json_kind kind;
	enum err e;

	t.name = extents_name(buf_text(&j->text), j->text.size);
	if (j->cut || path_is_hostile(buf_text(&j->text), j->text.size))
		visit_find(st->v, RULE_SAFETENSORS_NAME,
		    LENGTH_SIZE + j->token_at, "%.*s", EVIDENCE,
		    buf_text(&j->text));
	if ((e = json_pull_next(j, &kind)) != ERR_OK)
		return e;
	if (kind != JSON_OBJECT) {
		header_find(st, "a tensor that is no object");
		return json_pull_skip(j, kind);
	}
	for (;;) {
		if ((e = json_pull_next(j, &kind)) != ERR_OK)
			return e;
		if (kind == JSON_OBJECT_END)
			return tensor_judge(st, &t);
		if ((e = tensor_field(st, &t)) != ERR_OK)
			return e;
	}
}

/* Free text that writers put in; rules may look at it. */
static enum err
header_metadata(struct safetensors *st)
{
	struct json_pull *j = &st->json;
	enum json_kind kind;
	enum err e;

	if (st->metadata)
		visit_find(st->v, RULE_SAFETENSORS_DUPLICATE,
		    LENGTH_SIZE + j->token_at, "__metadata__");
	st->metadata = true;
	if ((e = json_pull_next(j, &kind)) != ERR_OK || kind == JSON_NULL)
		return e;
	if (kind != JSON_OBJECT) {
		header_find(st, "metadata that is no map");
		return json_pull_skip(j, kind);
	}
	for (;;) {
		if ((e = json_pull_next(j, &kind)) != ERR_OK)
			return e;
		if (kind == JSON_OBJECT_END)
			return ERR_OK;
		if (kind == JSON_KEY || kind == JSON_STRING) {
			visit_string(st->v, buf_text(&j->text), j->text.size);
			continue;
		}
		header_find(st, "metadata that is no text");
		if ((e = json_pull_skip(j, kind)) != ERR_OK)
			return e;
	}
}

static enum err
header_entries(struct safetensors *st)
{
	enum json_kind kind;
	enum err e;

	if ((e = json_pull_next(&st->json, &kind)) != ERR_OK)
		return e;
	if (kind != JSON_OBJECT)
		return ERR_MALFORMED;
	for (;;) {
		if ((e = json_pull_next(&st->json, &kind)) != ERR_OK)
			return e;
		if (kind == JSON_OBJECT_END)
			return json_pull_next(&st->json, &kind);
		e = json_pull_is(&st->json, "__metadata__")
		    ? header_metadata(st)
		    : header_tensor(st);
		if (e != ERR_OK)
			return e;
	}
}

static enum err
header_read(struct safetensors *st)
{
	struct source text;
	enum err e;

	if ((e = source_view(st->s, LENGTH_SIZE, st->header, &text)) != ERR_OK)
		return e;
	json_pull_begin(&st->json, &text, TEXT_MAX);
	e = header_entries(st);
	if (e == ERR_MALFORMED || e == ERR_SHORT) {
		header_find(st, "no JSON object");
		return ERR_OK;
	}
	if (st->json.odd != 0)
		header_find(st, "JSON that the reference does not read");
	return e;
}

/* What lies between begin and end of the data belongs to no tensor. */
static enum err
data_hidden(
    struct safetensors *st, uint64_t begin, uint64_t end, const char *name)
{
	uint64_t data = st->header + LENGTH_SIZE;
	struct child child = { .name = name,
		.name_size = strlen(name),
		.offset = data + begin,
		.kind = CHILD_MEMBER };

	return hidden_judge(
	    st->v, st->s, &child, end - begin, RULE_SAFETENSORS_HIDDEN);
}

/* What no tensor covers, from at to the end. */
static enum err
data_tail(struct safetensors *st, uint64_t at)
{
	uint64_t size = st->s->size - LENGTH_SIZE - st->header;

	/* Of what is unpacked as it is read nobody knows the end. */
	if (st->s->size == SOURCE_UNENDING)
		return ERR_OK;
	if (at > size) {
		if (st->v->growing)
			return ERR_SHORT;
		visit_find(st->v, RULE_SAFETENSORS_EXTENT, st->s->size,
		    "a tensor lies outside the file");
		return ERR_OK;
	}
	if (at == size)
		return ERR_OK;
	visit_find(st->v, RULE_SAFETENSORS_TRAILING,
	    st->header + LENGTH_SIZE + at, NULL);
	return data_hidden(st, at, size, "behind the tensors");
}

/* Tensors in the order in which they lie. */
static enum err
data_judge(struct safetensors *st)
{
	uint64_t at = 0, size = st->s->size - LENGTH_SIZE - st->header;
	enum err e;

	extents_sort(&st->tensors);
	for (size_t i = 0; i < st->tensors.count; i++) {
		struct extent x = st->tensors.list[i];

		if (x.begin != at)
			visit_find(st->v, RULE_SAFETENSORS_EXTENT,
			    st->header + LENGTH_SIZE,
			    x.begin < at ? "two tensors overlap"
					 : "a hole between two tensors");
		if (x.begin > at && at < size &&
		    (e = data_hidden(st, at, ckd_min(x.begin, size),
			 "between the tensors")) != ERR_OK)
			return e;
		if (x.end > at)
			at = x.end;
	}
	return data_tail(st, at);
}

static enum err
safetensors_walk(struct visit *v, const struct source *s)
{
	uint8_t raw[LENGTH_SIZE];
	struct cursor c;
	AUTO(safetensors)
	struct safetensors st = {
		.v = v, .s = s, .tensors = { .budget = v->budget }
	};
	enum err e;

	if ((e = source_read(s, 0, raw, sizeof(raw))) != ERR_OK)
		return e;
	c = cursor_over(raw, sizeof(raw));
	st.header = cursor_u64le(&c);
	visit_recognise(v, "safetensors", true);
	if (st.header > HEADER_MAX || st.header > s->size - LENGTH_SIZE) {
		if (v->growing && st.header <= HEADER_MAX)
			return ERR_SHORT;
		visit_find(v, RULE_SAFETENSORS_HEADER, 0,
		    "its length is beyond the limit or the file");
		return ERR_OK;
	}
	if ((e = header_read(&st)) != ERR_OK || (e = data_judge(&st)) != ERR_OK)
		return e;
	if (extents_repeat(&st.tensors))
		visit_find(v, RULE_SAFETENSORS_DUPLICATE, LENGTH_SIZE,
		    "two tensors of one name");
	return ERR_OK;
}

const struct format format_safetensors = {
	.name = "safetensors",
	.title = "safetensors",
	.extensions = ".safetensors",
	.reference = "huggingface/safetensors, tensor.rs",
	.in_place = true,
	.sniff = safetensors_sniff,
	.walk = safetensors_walk,
};
