/* SPDX-License-Identifier: Apache-2.0 */
/* h5_search: a model's JSON in bytes whose structure is broken. */
#include <string.h>

#include "format/h5_file.h"

enum {
	SEARCH_MAX = 256 << 20, /* bytes that are searched */
	SEARCH_BLOCK = 64 * 1024,
	SEARCH_HITS = 16,
	BEGIN_MAX = 32, /* the longest beginning that is looked for */
};

/* A model's JSON begins like one of these. */
static bool
is_model(const uint8_t *s, size_t n)
{
	static const char *const begin[] = { "{\"class_name\"", "{\"module\"",
		"{\"config\"", "{\"name\"", "{\"registered_name\"" };

	for (size_t i = 0; i < sizeof(begin) / sizeof(begin[0]); i++)
		if (strlen(begin[i]) <= n &&
		    memcmp(s, begin[i], strlen(begin[i])) == 0)
			return true;
	return false;
}

static enum err
search_hit(struct visit *v, const struct source *s, uint64_t at)
{
	struct child child = { .name = "(found by search)",
		.name_size = 17,
		.offset = at,
		.kind = CHILD_NESTED };
	struct source rest;
	enum err e;

	if ((e = source_rest(s, at, &rest)) != ERR_OK)
		return e;
	return visit_child(v, &child, &rest, NULL);
}

enum err
h5_search(struct visit *v, const struct source *s)
{
	uint8_t block[SEARCH_BLOCK];
	uint64_t at = 0;
	unsigned hits = 0;
	size_t got;
	enum err e;

	while (at < SEARCH_MAX && hits < SEARCH_HITS) {
		if ((e = budget_check(v->budget)) != ERR_OK ||
		    (e = source_read_some(s, at, block, sizeof(block), &got)) !=
			ERR_OK)
			return e;
		for (size_t i = 0; i < got && hits < SEARCH_HITS; i++) {
			if (block[i] != '{' || !is_model(block + i, got - i))
				continue;
			hits++;
			if ((e = search_hit(v, s, at + i)) != ERR_OK)
				return e;
		}
		if (got < sizeof(block))
			return ERR_OK;
		at += got - BEGIN_MAX; /* a beginning may lie across blocks */
	}
	return ERR_OK;
}
