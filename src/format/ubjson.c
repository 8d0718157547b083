/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ubjson: models of XGBoost, as Universal Binary JSON.
 *
 * It has no place for code; what an attacker can write are counts that a
 * reader allocates or reads beyond its end.
 *
 * Reference: ubjson.org draft 12; xgboost src/common/json.cc, UBJReader.
 */
#include <string.h>

#include "base/ckd.h"
#include "byte/stream.h"
#include "format/formats.h"

enum { DEPTH_MAX = 256, ENDLESS = 0 };

struct level {
	uint64_t left; /* values to be read; ENDLESS: until the bracket */
	bool object;
	bool counted;
};

struct ubjson {
	struct visit *visit;
	struct stream in;
	uint64_t size;
	size_t depth;
	struct level levels[DEPTH_MAX];
};

static enum sniff
ubjson_sniff(const struct source *s, struct cursor head)
{
	size_t n = cursor_left(&head);
	const uint8_t *p = cursor_take(&head, n);

	(void)s;
	/* XGBoost's first key, its length in any width */
	return n > 20 && p[0] == '{' && strchr("iUIlL", p[1]) != NULL &&
		(memmem(p, 20, "\007learner", 8) != NULL ||
		    memmem(p, 20, "\006Config", 7) != NULL)
	    ? SNIFF_MAYBE
	    : SNIFF_NO;
}

static unsigned
kind_size(uint8_t kind)
{
	switch (kind) {
	case 'i':
	case 'U':
	case 'C':
		return 1;
	case 'I':
		return 2;
	case 'l':
	case 'd':
		return 4;
	case 'L':
	case 'D':
		return 8;
	default:
		return 0;
	}
}

static enum err
byte_read(struct ubjson *u, uint8_t *out)
{
	enum err e;

	if (stream_left(&u->in) == 0 && (e = stream_fill(&u->in, 1)) != ERR_OK)
		return e;
	*out = *u->in.at++;
	return ERR_OK;
}

/* A length: its kind, then itself. */
static enum err
length_read(struct ubjson *u, uint64_t *out)
{
	uint8_t kind, b;
	uint64_t n = 0;
	unsigned size;
	enum err e = byte_read(u, &kind);

	if (e != ERR_OK)
		return e;
	size = kind_size(kind);
	if (size == 0 || kind == 'd' || kind == 'D' || kind == 'C')
		return ERR_MALFORMED;
	for (unsigned i = 0; i < size; i++) {
		if ((e = byte_read(u, &b)) != ERR_OK)
			return e;
		n = n << 8 | b;
	}
	*out = n;
	return ERR_OK;
}

/* More than the file holds is no length. */
static enum err
length_check(struct ubjson *u, uint64_t n, unsigned each)
{
	uint64_t all;

	if (!ckd_mul(n, each, &all) ||
	    (u->size != SOURCE_UNENDING &&
		all > u->size - stream_pos(&u->in))) {
		visit_find(
		    u->visit, RULE_UBJSON_COUNT, stream_pos(&u->in), NULL);
		return ERR_SHORT;
	}
	return ERR_OK;
}

static enum err
text_skip(struct ubjson *u)
{
	uint64_t n;
	enum err e;

	if ((e = length_read(u, &n)) != ERR_OK ||
	    (e = length_check(u, n, 1)) != ERR_OK)
		return e;
	return stream_skip(&u->in, n);
}

static enum err
enter(struct ubjson *u, bool object, bool counted, uint64_t n)
{
	if (counted && n == 0)
		return ERR_OK;
	if (u->depth == DEPTH_MAX)
		return ERR_LIMIT;
	u->levels[u->depth++] =
	    (struct level){ .left = n, .object = object, .counted = counted };
	return ERR_OK;
}

/* [, {: perhaps $ and the kind of all, # and their count. */
static enum err
container_read(struct ubjson *u, bool object)
{
	uint8_t b, kind = 0;
	uint64_t n;
	enum err e = byte_read(u, &b);

	if (e != ERR_OK)
		return e;
	if (b == '$') {
		if ((e = byte_read(u, &kind)) != ERR_OK ||
		    (e = byte_read(u, &b)) != ERR_OK)
			return e;
		if (b != '#' || kind_size(kind) == 0 || object)
			return ERR_MALFORMED;
	}
	if (b != '#') {
		u->in.at--;
		return enter(u, object, false, ENDLESS);
	}
	if ((e = length_read(u, &n)) != ERR_OK)
		return e;
	if (kind == 0) {
		if ((e = length_check(u, n, 1)) != ERR_OK)
			return e;
		return enter(u, object, true, n);
	}
	if ((e = length_check(u, n, kind_size(kind))) != ERR_OK)
		return e;
	return stream_skip(&u->in, n * kind_size(kind));
}

static enum err
value_read(struct ubjson *u, uint8_t kind)
{
	switch (kind) {
	case '{':
	case '[':
		return container_read(u, kind == '{');
	case 'S':
	case 'H':
		return text_skip(u);
	case 'Z':
	case 'T':
	case 'F':
	case 'N':
		return ERR_OK;
	default:
		return kind_size(kind) == 0
		    ? ERR_MALFORMED
		    : stream_skip(&u->in, kind_size(kind));
	}
}

static enum err
step(struct ubjson *u)
{
	struct level *l = &u->levels[u->depth - 1];
	bool object = l->object;
	uint8_t b;
	enum err e = byte_read(u, &b);

	if (e != ERR_OK)
		return e;
	if (!l->counted && b == (object ? '}' : ']')) {
		u->depth--;
		return ERR_OK;
	}
	if (l->counted && --l->left == 0)
		u->depth--;
	if (!object)
		return value_read(u, b);
	u->in.at--; /* the kind of the key's length */
	if ((e = text_skip(u)) != ERR_OK || (e = byte_read(u, &b)) != ERR_OK)
		return e;
	return value_read(u, b);
}

static enum err
ubjson_walk(struct visit *v, const struct source *s)
{
	struct ubjson u = { .visit = v, .size = s->size };
	uint8_t first;
	enum err e = stream_open(&u.in, s);

	if (e != ERR_OK)
		return e;
	visit_recognise(v, "xgboost", true);
	if ((e = byte_read(&u, &first)) == ERR_OK)
		e = value_read(&u, first);
	while (e == ERR_OK && u.depth > 0)
		if ((e = budget_check(s->budget)) == ERR_OK)
			e = step(&u);
	stream_free(&u.in);
	return e;
}

const struct format format_ubjson = {
	.name = "ubjson",
	.title = "XGBoost model (UBJSON)",
	.extensions = ".ubj",
	.reference = "xgboost src/common/json.cc",
	.in_place = true,
	.sniff = ubjson_sniff,
	.walk = ubjson_walk,
};
