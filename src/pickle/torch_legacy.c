/* SPDX-License-Identifier: Apache-2.0 */
/* torch_legacy: element sizes by storage key, then jumps. */
#include "pickle/torch_legacy.h"

#include <stdlib.h>
#include <string.h>

#include "base/ckd.h"
#include "base/fnv.h"
#include "base/own.h"
#include "pickle/machine.h"
#include "pickle/scan.h"

enum {
	STORAGES_MAX = 16 * 1024, /* of a file; large models have some 1000 */
	SLOTS = STORAGES_MAX * 2,
	TEXT = 64,
	COUNT_SIZE = 8, /* bytes of the number of elements */
	MAGIC_SIZE = 10,
};

static const uint8_t magic[MAGIC_SIZE] = { 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20,
	0x6a, 0xa8, 0x50, 0x19 };

struct storage {
	uint64_t key;     /* its hash; 0: free */
	uint32_t element; /* bytes */
};

struct storages {
	struct storage by_key[SLOTS];
	size_t known;
	uint64_t order[STORAGES_MAX];
	size_t count;
	bool full;
};

static const struct {
	const char *type; /* without "Storage" */
	uint32_t element;
} types[] = { { "Double", 8 }, { "Float", 4 }, { "Half", 2 }, { "BFloat16", 2 },
	{ "Long", 8 }, { "Int", 4 }, { "Short", 2 }, { "Char", 1 },
	{ "Byte", 1 }, { "Bool", 1 }, { "ComplexDouble", 16 },
	{ "ComplexFloat", 8 }, { "QUInt8", 1 }, { "QInt8", 1 }, { "QInt32", 4 },
	{ "QUInt4x2", 1 }, { "QUInt2x4", 1 }, { "Untyped", 1 } };

struct storages *
storages_new(struct budget *budget)
{
	struct storages *s;

	if (budget_take(budget, BUDGET_MEMORY, sizeof(*s)) != ERR_OK)
		return NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		budget_give(budget, sizeof(*s));
	return s;
}

void
storages_free(struct storages **s, struct budget *budget)
{
	if (*s != NULL)
		budget_give(budget, sizeof(**s));
	free(*s);
	*s = NULL;
}

static uint64_t
key_hash(const uint8_t *key, size_t n)
{
	uint64_t h = fnv_add(FNV_START, key, n);

	h ^= h >> 29;
	return h == 0 ? 1 : h;
}

static size_t
slot_of(const struct storages *s, uint64_t key)
{
	size_t at = (size_t)(key % SLOTS);

	while (s->by_key[at].key != 0 && s->by_key[at].key != key)
		at = (at + 1) % SLOTS;
	return at;
}

/* Bytes of an element of a storage class, or 0. */
static uint32_t
element_size(const char *name, size_t n)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		size_t size = strlen(types[i].type);

		if (n == size + strlen("Storage") &&
		    memcmp(name, types[i].type, size) == 0 &&
		    memcmp(name + size, "Storage", strlen("Storage")) == 0)
			return types[i].element;
	}
	return 0;
}

/* Remember what one id says of its key. */
static void
storage_keep(struct machine *m, value key, value type)
{
	AUTO(buf) struct buf text = buf_new(TEXT);
	struct storages *s = m->scan->storages;
	uint32_t i = (uint32_t)value_payload(type);
	uint64_t hash;
	size_t at;

	if (s == NULL)
		return;
	if (value_kind(key) != KIND_STR || text_read(m, key, &text) != ERR_OK ||
	    i < NAMES_FIRST || s->known == STORAGES_MAX) {
		s->full = true;
		return;
	}
	hash = key_hash(text.data, text.size);
	at = slot_of(s, hash);
	s->known += s->by_key[at].key == 0;
	s->by_key[at] = (struct storage){ .key = hash,
		.element = element_size(
		    names_name(m->scan, i), m->scan->names.at[i].name_size) };
}

enum persistent
storages_note(struct machine *m, value id, const struct items *items)
{
	AUTO(buf) struct buf text = buf_new(TEXT);

	if (value_kind(id) != KIND_TUPLE || items->n < 4 ||
	    value_kind(items->at[0]) != KIND_STR ||
	    text_read(m, items->at[0], &text) != ERR_OK)
		return PERSISTENT_OTHER;
	/* The source is only compared with what is installed. */
	if (strcmp(buf_text(&text), "module") == 0)
		return PERSISTENT_CLASS;
	if (strcmp(buf_text(&text), "storage") != 0 || items->n < 5 ||
	    value_kind(items->at[1]) != KIND_GLOBAL)
		return PERSISTENT_OTHER;
	storage_keep(m, items->at[2], items->at[1]);
	return PERSISTENT_STORAGE;
}

void
storages_key(struct storages *s, const uint8_t *key, size_t n)
{
	if (s == NULL)
		return;
	if (s->count == STORAGES_MAX) {
		s->full = true;
		return;
	}
	s->order[s->count++] = key_hash(key, n);
}

enum err
storages_skip(const struct storages *s, struct stream *in)
{
	if (s->full)
		return ERR_MALFORMED;
	for (size_t i = 0; i < s->count; i++) {
		const struct storage *storage =
		    &s->by_key[slot_of(s, s->order[i])];
		struct cursor head;
		uint64_t size;
		enum err e = stream_fill(in, COUNT_SIZE);

		if (e != ERR_OK)
			return e;
		head = cursor_over(in->at, COUNT_SIZE);
		if (storage->element == 0 ||
		    !ckd_mul(cursor_u64le(&head), storage->element, &size) ||
		    !ckd_add(size, COUNT_SIZE, &size))
			return ERR_MALFORMED;
		if ((e = stream_skip(in, size)) != ERR_OK)
			return e;
	}
	return ERR_OK;
}

bool
legacy_is_magic(const struct machine *m, value v)
{
	uint8_t bytes[2 + MAGIC_SIZE];
	size_t got;

	/* LONG1 and ten bytes, as every pickler writes it. */
	return value_kind(v) == KIND_LONG &&
	    stream_look(m->in, value_payload(v), bytes, sizeof(bytes), &got) ==
	    ERR_OK &&
	    got == sizeof(bytes) && bytes[1] == MAGIC_SIZE &&
	    memcmp(bytes + 2, magic, MAGIC_SIZE) == 0;
}
