/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fnv: FNV-1a, 64 bits: tells apart what differs by chance, never what
 * somebody made alike on purpose.
 *
 * Reference: http://www.isthe.com/chongo/tech/comp/fnv/.
 */
#ifndef BASE_FNV_H
#define BASE_FNV_H

#include <stddef.h>
#include <stdint.h>

#define FNV_START UINT64_C(0xcbf29ce484222325)

/* Go on from h, which begins as FNV_START. */
static inline uint64_t
fnv_byte(uint64_t h, uint8_t byte)
{
	return (h ^ byte) * UINT64_C(0x100000001b3);
}

static inline uint64_t
fnv_add(uint64_t h, const void *data, size_t n)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < n; i++)
		h = fnv_byte(h, p[i]);
	return h;
}

#endif /* BASE_FNV_H */
