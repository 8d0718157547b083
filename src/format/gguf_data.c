/* SPDX-License-Identifier: Apache-2.0 */
/* gguf_data: a block of bytes; tensors by place. */
#include "format/gguf_data.h"

#include <stdlib.h>
#include <string.h>

#include "format/hidden.h"
#include "format/jinja.h"
#include "model/limits.h"

/* Elements and bytes of a block of each type, by its number; 0: gone or not
 * given out.  Source: ggml/src/ggml.c, type_traits, and gguf-py/gguf/
 * constants.py, GGML_QUANT_SIZES. */
static const struct {
	uint16_t elements;
	uint16_t bytes;
} types[] = {
	{ 1, 4 },     /* F32 */
	{ 1, 2 },     /* F16 */
	{ 32, 18 },   /* Q4_0 */
	{ 32, 20 },   /* Q4_1 */
	{ 0, 0 },     /* Q4_2 */
	{ 0, 0 },     /* Q4_3 */
	{ 32, 22 },   /* Q5_0 */
	{ 32, 24 },   /* Q5_1 */
	{ 32, 34 },   /* Q8_0 */
	{ 32, 36 },   /* Q8_1 */
	{ 256, 84 },  /* Q2_K */
	{ 256, 110 }, /* Q3_K */
	{ 256, 144 }, /* Q4_K */
	{ 256, 176 }, /* Q5_K */
	{ 256, 210 }, /* Q6_K */
	{ 256, 292 }, /* Q8_K */
	{ 256, 66 },  /* IQ2_XXS */
	{ 256, 74 },  /* IQ2_XS */
	{ 256, 98 },  /* IQ3_XXS */
	{ 256, 50 },  /* IQ1_S */
	{ 32, 18 },   /* IQ4_NL */
	{ 256, 110 }, /* IQ3_S */
	{ 256, 82 },  /* IQ2_S */
	{ 256, 136 }, /* IQ4_XS */
	{ 1, 1 },     /* I8 */
	{ 1, 2 },     /* I16 */
	{ 1, 4 },     /* I32 */
	{ 1, 8 },     /* I64 */
	{ 1, 8 },     /* F64 */
	{ 256, 56 },  /* IQ1_M */
	{ 1, 2 },     /* BF16 */
	{ 32, 18 },   /* Q4_0_4_4, gone since, as are the next two */
	{ 32, 18 },   /* Q4_0_4_8 */
	{ 32, 18 },   /* Q4_0_8_8 */
	{ 256, 54 },  /* TQ1_0 */
	{ 256, 66 },  /* TQ2_0 */
	{ 32, 18 },   /* IQ4_NL_4_4 */
	{ 32, 18 },   /* IQ4_NL_4_8 */
	{ 32, 18 },   /* IQ4_NL_8_8 */
	{ 32, 17 },   /* MXFP4 */
};

enum err
gguf_begin(struct visit *v, const struct source *s, struct gguf **out)
{
	struct gguf *g;

	if (budget_take(v->budget, BUDGET_MEMORY, sizeof(*g)) != ERR_OK)
		return ERR_LIMIT;
	if ((g = calloc(1, sizeof(*g))) == NULL) {
		budget_give(v->budget, sizeof(*g));
		return ERR_NOMEM;
	}
	g->v = v;
	g->s = s;
	g->in.bytes = *s;
	g->alignment = GGUF_ALIGNMENT;
	g->sizes_known = true;
	g->key = buf_new(LIMIT_WHERE * 64);
	g->text = buf_new(JINJA_MAX);
	g->keys.budget = g->tensors.budget = v->budget;
	*out = g;
	return ERR_OK;
}

void
gguf_free(struct gguf **g)
{
	if (*g == NULL)
		return;
	buf_free(&(*g)->key);
	buf_free(&(*g)->text);
	extents_free(&(*g)->keys);
	extents_free(&(*g)->tensors);
	budget_give((*g)->v->budget, sizeof(**g));
	free(*g);
	*g = NULL;
}

/* Copy the next n bytes. */
static enum err
in_take(struct gguf_in *in, void *to, size_t n)
{
	uint8_t *at = to;
	enum err e;

	while (n > 0) {
		size_t part;

		if (in->at == in->fill) {
			in->at = in->fill = 0;
			if ((e = budget_check(in->bytes.budget)) != ERR_OK ||
			    (e = source_read_some(&in->bytes, in->next,
				 in->block, sizeof(in->block), &in->fill)) !=
				ERR_OK)
				return e;
			if (in->fill == 0)
				return ERR_SHORT;
		}
		part = (size_t)ckd_min(n, in->fill - in->at);
		memcpy(at, in->block + in->at, part);
		in->at += part;
		in->next += part;
		at += part;
		n -= part;
	}
	return ERR_OK;
}

enum err
gguf_u32(struct gguf *g, uint32_t *out)
{
	uint8_t raw[4];
	enum err e;

	if ((e = in_take(&g->in, raw, sizeof(raw))) != ERR_OK)
		return e;
	*out = (uint32_t)raw[0] | (uint32_t)raw[1] << 8 |
	    (uint32_t)raw[2] << 16 | (uint32_t)raw[3] << 24;
	if (g->big)
		*out = __builtin_bswap32(*out);
	return ERR_OK;
}

enum err
gguf_u64(struct gguf *g, uint64_t *out)
{
	uint32_t low, high;
	enum err e;

	if ((e = gguf_u32(g, &low)) != ERR_OK ||
	    (e = gguf_u32(g, &high)) != ERR_OK)
		return e;
	*out = g->big ? (uint64_t)low << 32 | high : (uint64_t)high << 32 | low;
	return ERR_OK;
}

enum err
gguf_count(struct gguf *g, uint64_t *out)
{
	uint32_t narrow;
	enum err e;

	if (g->version != 1)
		return gguf_u64(g, out);
	if ((e = gguf_u32(g, &narrow)) == ERR_OK)
		*out = narrow;
	return e;
}

uint64_t
gguf_left(const struct gguf *g)
{
	return g->in.next < g->s->size ? g->s->size - g->in.next : 0;
}

enum err
gguf_skip(struct gguf *g, uint64_t n)
{
	struct gguf_in *in = &g->in;

	if (n > gguf_left(g))
		return ERR_SHORT;
	if (n <= in->fill - in->at) {
		in->at += (size_t)n;
	} else {
		in->at = in->fill = 0;
	}
	in->next += n;
	return ERR_OK;
}

enum err
gguf_bytes(struct gguf *g, struct buf *to, uint64_t n)
{
	uint8_t *at;
	enum err e;

	buf_clear(to);
	if (n > gguf_left(g))
		return ERR_SHORT;
	if (n > to->max)
		return ERR_LIMIT;
	if ((at = buf_grow(to, (size_t)n)) == NULL)
		return ERR_NOMEM;
	if ((e = in_take(&g->in, at, (size_t)n)) != ERR_OK)
		return e;
	to->size = (size_t)n;
	at[n] = '\0';
	return ERR_OK;
}

static void
tensor_find(struct gguf *g, const char *what)
{
	visit_find(g->v, RULE_GGUF_TENSOR, g->in.next, "%s", what);
}

enum err
gguf_tensor_add(struct gguf *g, const struct gguf_tensor *t)
{
	struct extent x = { t->offset, t->offset, t->name };
	uint64_t size = 0;

	if (t->type >= sizeof(types) / sizeof(types[0]) ||
	    types[t->type].elements == 0) {
		g->sizes_known = false;
		return extents_add(&g->tensors, x);
	}
	if (t->row % types[t->type].elements != 0)
		tensor_find(g, "a row that is no whole number of blocks");
	if (!ckd_mul(t->elements / types[t->type].elements,
		types[t->type].bytes, &size) ||
	    !ckd_add(t->offset, size, &x.end)) {
		tensor_find(g, "a tensor larger than any file");
		x.end = t->offset;
	}
	if (t->offset % g->alignment != 0)
		tensor_find(g, "a tensor that is not aligned");
	return extents_add(&g->tensors, x);
}

/* at, rounded up to the alignment; UINT64_MAX when that is beyond. */
static uint64_t
aligned(const struct gguf *g, uint64_t at)
{
	uint64_t up;

	if (!ckd_add(at, g->alignment - 1, &up))
		return UINT64_MAX;
	return up & ~(uint64_t)(g->alignment - 1);
}

/* What no tensor covers, from begin to end of the file. */
static enum err
data_hidden(struct gguf *g, uint64_t begin, uint64_t end, const char *name)
{
	struct child child = { .name = name,
		.name_size = strlen(name),
		.offset = begin,
		.kind = CHILD_MEMBER };

	if (begin >= end)
		return ERR_OK;
	return hidden_judge(g->v, g->s, &child, end - begin, RULE_GGUF_HIDDEN);
}

/* Tensors by place: from data on; *last is where the last one ends. */
static enum err
data_places(struct gguf *g, uint64_t data, uint64_t *last)
{
	uint64_t size = data < g->s->size ? g->s->size - data : 0, at = 0;
	enum err e;

	for (size_t i = 0; i < g->tensors.count; i++) {
		struct extent x = g->tensors.list[i];

		if (x.begin < at && x.end > x.begin)
			tensor_find(g, "two tensors overlap");
		if (x.begin > aligned(g, at) && g->sizes_known) {
			tensor_find(g, "a hole between two tensors");
			if (at < size &&
			    (e = data_hidden(g, data + at,
				 data + ckd_min(x.begin, size),
				 "between the tensors")) != ERR_OK)
				return e;
		}
		if (x.end > at)
			at = x.end;
	}
	*last = at;
	return ERR_OK;
}

/* What the end of the last tensor, in the file, says. */
static enum err
data_end(struct gguf *g, uint64_t end)
{
	enum err e;

	/* Of what is unpacked as it is read nobody knows the end. */
	if (g->s->size == SOURCE_UNENDING)
		return ERR_OK;
	if (g->tensors.count > 0 && end > g->s->size) {
		if (g->v->growing)
			return ERR_SHORT;
		tensor_find(g, "a tensor lies outside the file");
	}
	if (g->sizes_known && aligned(g, end) < g->s->size) {
		visit_find(g->v, RULE_GGUF_TRAILING, end, NULL);
		if ((e = data_hidden(
			 g, end, g->s->size, "behind the tensors")) != ERR_OK)
			return e;
	}
	return ERR_OK;
}

enum err
gguf_data_judge(struct gguf *g)
{
	uint64_t data = aligned(g, g->in.next), last = 0, end;
	enum err e;

	extents_sort(&g->tensors);
	if ((e = data_places(g, data, &last)) != ERR_OK)
		return e;
	if (!ckd_add(data, last, &end))
		end = UINT64_MAX;
	if ((e = data_end(g, end)) != ERR_OK)
		return e;
	if (extents_repeat(&g->tensors))
		visit_find(g->v, RULE_GGUF_DUPLICATE, 0, "two tensors");
	return ERR_OK;
}
