/* SPDX-License-Identifier: Apache-2.0 */
/*
 * torch_legacy: torch.save() before 1.6: five pickles and the storages.
 *
 *	magic number, protocol version, system information, the object,
 *	the list of storage keys; then for each key in turn an i64 with the
 *	number of elements, and so many of them
 *
 * Only the fourth pickle may name globals.
 *
 * Reference: torch/serialization.py, _legacy_save() and _legacy_load()
 */
#ifndef PICKLE_TORCH_LEGACY_H
#define PICKLE_TORCH_LEGACY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "byte/budget.h"
#include "pickle/value.h"

struct machine;
struct stream;

enum {
	LEGACY_PICKLES = 5,
	LEGACY_OBJECT = 3, /* the one that may name globals, from 0 */
	LEGACY_VERSION = 1001,
};

struct storages;

/* Storages of one file. NULL: no memory (or none in the budget). */
struct storages *storages_new(struct budget *budget);
void storages_free(struct storages **s, struct budget *budget);

enum persistent {
	PERSISTENT_OTHER,
	PERSISTENT_STORAGE,
	PERSISTENT_CLASS /* of a module: its second item, with its source */
};

/* What a persistent id asks for; what it says of a storage is kept. */
enum persistent storages_note(
    struct machine *m, value id, const struct items *items);

/* The next key in the order of the file. */
void storages_key(struct storages *s, const uint8_t *key, size_t n);

/* Skip all storages. ERR_MALFORMED: a key that no id has named, or no room for
 * all keys; ERR_SHORT; errors of the stream. */
MUST_USE enum err storages_skip(const struct storages *s, struct stream *in);

/* Is the value the magic number? */
bool legacy_is_magic(const struct machine *m, value v);

#endif /* PICKLE_TORCH_LEGACY_H */
