/* SPDX-License-Identifier: Apache-2.0 */
/* put: everything is built on put_bytes. */
#include "wire/put.h"

#include <string.h>

struct put
put_over(void *data, size_t n)
{
	uint8_t *at = data;

	return (struct put){ .at = at, .end = at + n };
}

void
put_bytes(struct put *p, const void *data, size_t n)
{
	if (p->full || n > (size_t)(p->end - p->at)) {
		p->full = true;
		return;
	}
	if (n != 0)
		memcpy(p->at, data, n);
	p->at += n;
}

/* The low n bytes of v. */
static void
put_le(struct put *p, uint64_t v, size_t n)
{
	uint8_t bytes[sizeof(v)];

	for (size_t i = 0; i < sizeof(v); i++)
		bytes[i] = (uint8_t)(v >> (8 * i));
	put_bytes(p, bytes, n);
}

void
put_u8(struct put *p, uint8_t v)
{
	put_le(p, v, 1);
}

void
put_u16(struct put *p, uint16_t v)
{
	put_le(p, v, 2);
}

void
put_u32(struct put *p, uint32_t v)
{
	put_le(p, v, 4);
}

void
put_u64(struct put *p, uint64_t v)
{
	put_le(p, v, 8);
}

void
put_string(struct put *p, const char *s, size_t n)
{
	if (n > UINT32_MAX) {
		p->full = true;
		return;
	}
	put_u32(p, (uint32_t)n);
	put_bytes(p, s, n);
	put_u8(p, 0);
}
