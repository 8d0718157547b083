/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flatbuffer: follow the offsets of a FlatBuffer, each held against the file.
 *
 * An offset that leads outside is what exploits of readers are made of, so it
 * is remembered (lied), and what it led to is absent (0).  Of any other error
 * the first is kept in e, and everything after it is absent too.
 *
 * Reference: flatbuffers.dev/internals: a table begins with a signed offset
 * back to its vtable: u16 size of the vtable, u16 size of the table, u16 place
 * of each field in the table or 0; offsets to others are u32, forwards; a
 * vector is a u32 count and its elements, a string a vector of bytes.
 */
#ifndef FORMAT_FLATBUFFER_H
#define FORMAT_FLATBUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "byte/source.h"

enum {
	FLATBUFFER_BLOCK = 4096,
	FLATBUFFER_STRING_MAX = 256, /* of a string, as much is looked at */
};

struct flatbuffer {
	struct source s;
	enum err e;
	bool lied;
	uint64_t lied_at;
	uint64_t block_at;
	size_t fill;
	uint8_t block[FLATBUFFER_BLOCK];
};

struct flatbuffer_vector {
	uint64_t at;    /* of the first element; 0: absent */
	uint32_t count; /* 0: absent */
};

/* Start; positions are offsets from the front of s. */
void flatbuffer_begin(struct flatbuffer *f, const struct source *s);

/* A number of n bytes at a place; 0 outside (which is a lie). */
uint64_t flatbuffer_number(struct flatbuffer *f, uint64_t at, unsigned n);

/* Where the offset at a place leads; 0: outside, or at was 0. */
uint64_t flatbuffer_follow(struct flatbuffer *f, uint64_t at);

/* Where a table's field is; 0: it has none. */
uint64_t flatbuffer_field(struct flatbuffer *f, uint64_t table, unsigned index);

/* A number that is a field; otherwise is what an absent one has. */
uint64_t flatbuffer_value(
    struct flatbuffer *f, uint64_t field, unsigned n, uint64_t otherwise);

/* The vector that a field names, of elements of each bytes. */
struct flatbuffer_vector flatbuffer_list(
    struct flatbuffer *f, uint64_t field, unsigned each);

/* The table that is the i-th of a vector of tables; 0: outside. */
uint64_t flatbuffer_table(
    struct flatbuffer *f, const struct flatbuffer_vector *v, uint32_t i);

/* The string that a field names; its size, 0 when absent.  At most
 * FLATBUFFER_STRING_MAX bytes come into to. */
size_t flatbuffer_string(struct flatbuffer *f, uint64_t field, char *to);

#endif /* FORMAT_FLATBUFFER_H */
