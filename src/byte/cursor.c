/* SPDX-License-Identifier: Apache-2.0 */
/* cursor: everything is built on cursor_take. */
#include "byte/cursor.h"

#include <string.h>

struct cursor
cursor_over(const void *data, size_t size)
{
	const uint8_t *at = data;

	if (at == NULL)
		return (struct cursor){ 0 };
	return (struct cursor){ .at = at, .end = at + size };
}

size_t
cursor_left(const struct cursor *c)
{
	return c->spent ? 0 : (size_t)(c->end - c->at);
}

const uint8_t *
cursor_take(struct cursor *c, size_t n)
{
	const uint8_t *taken = c->at;

	if (c->spent || n > cursor_left(c)) {
		c->spent = true;
		return NULL;
	}
	/* Over nothing it stands at no address, to which nothing is added. */
	if (n != 0)
		c->at += n;
	return taken;
}

const uint8_t *
cursor_until(struct cursor *c, uint8_t stop, size_t *n)
{
	const uint8_t *from = c->at;
	size_t left = cursor_left(c);
	const uint8_t *hit = left == 0 ? NULL : memchr(from, stop, left);

	if (hit == NULL) {
		c->spent = true;
		return NULL;
	}
	*n = (size_t)(hit - from);
	c->at = hit + 1;
	return from;
}

uint64_t
cursor_le(struct cursor *c, size_t n)
{
	const uint8_t *p = cursor_take(c, n);
	uint64_t value = 0;

	for (size_t i = n; p != NULL && i > 0; i--)
		value = value << 8 | p[i - 1];
	return value;
}

uint8_t
cursor_u8(struct cursor *c)
{
	return (uint8_t)cursor_le(c, 1);
}

uint16_t
cursor_u16le(struct cursor *c)
{
	return (uint16_t)cursor_le(c, 2);
}

uint32_t
cursor_u32le(struct cursor *c)
{
	return (uint32_t)cursor_le(c, 4);
}

uint64_t
cursor_u64le(struct cursor *c)
{
	return cursor_le(c, 8);
}

enum err
cursor_check(const struct cursor *c)
{
	return c->spent ? ERR_SHORT : ERR_OK;
}
