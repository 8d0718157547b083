/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ckd: arithmetic on numbers that came from outside.
 *
 * Each returns true when the exact result fits and was stored, false when it
 * does not (then *out is untouched).  -Wconversion is silent about two
 * uint64_t that wrap, so wire numbers never meet a plain + or *.
 */
#ifndef BASE_CKD_H
#define BASE_CKD_H

#include <stdbool.h>
#include <stdint.h>

static inline bool
ckd_add(uint64_t a, uint64_t b, uint64_t *out)
{
	uint64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return false;
	*out = sum;
	return true;
}

static inline bool
ckd_mul(uint64_t a, uint64_t b, uint64_t *out)
{
	uint64_t product;

	if (__builtin_mul_overflow(a, b, &product))
		return false;
	*out = product;
	return true;
}

/* The smaller of the two. */
static inline uint64_t
ckd_min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

#endif /* BASE_CKD_H */
