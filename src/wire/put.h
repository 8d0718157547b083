/* SPDX-License-Identifier: Apache-2.0 */
/*
 * put: write little-endian numbers and strings into a bounded run of memory;
 * the opposite of a cursor.  The first write past the end marks it full, and
 * nothing is written from then on.
 */
#ifndef WIRE_PUT_H
#define WIRE_PUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct put {
	uint8_t *at;  /* where the next byte goes */
	uint8_t *end; /* one past the last byte that may be written */
	bool full;    /* something did not fit */
};

/* Start at data, which has room for n bytes. */
struct put put_over(void *data, size_t n);

void put_u8(struct put *p, uint8_t v);
void put_u16(struct put *p, uint16_t v);
void put_u32(struct put *p, uint32_t v);
void put_u64(struct put *p, uint64_t v);
void put_bytes(struct put *p, const void *data, size_t n);

/* A string: u32 length, the bytes, a NUL (see PUT_STRING). */
void put_string(struct put *p, const char *s, size_t n);

/* Bytes that put_string() adds to the string's own. */
#define PUT_STRING ((size_t)5)

#endif /* WIRE_PUT_H */
