/* SPDX-License-Identifier: Apache-2.0 */
/* buf: growth by doubling, under a ceiling. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUF_FIRST = 256 }; /* bytes of the first allocation */

struct buf
buf_new(size_t max)
{
	return (struct buf){ .max = max };
}

void
buf_free(struct buf *b)
{
	if (b == NULL)
		return;
	free(b->data);
	*b = (struct buf){ .max = b->max };
}

void
buf_clear(struct buf *b)
{
	b->size = 0;
	if (b->data != NULL)
		b->data[0] = 0;
}

static enum err
buf_reserve(struct buf *b, size_t n)
{
	size_t room = b->room == 0 ? BUF_FIRST : b->room;
	uint8_t *data;

	if (n > b->max - b->size)
		return ERR_LIMIT;
	if (b->room > b->size && n < b->room - b->size)
		return ERR_OK;
	/* size + n <= max, so neither the sum nor the doubling can wrap as long
	 * as max is below half the address space, which every caller's is. */
	while (room - b->size <= n)
		room = room > SIZE_MAX / 2 ? b->size + n + 1 : room * 2;
	data = realloc(b->data, room);
	if (data == NULL)
		return ERR_NOMEM;
	b->data = data;
	b->room = room;
	return ERR_OK;
}

enum err
buf_add(struct buf *b, const void *data, size_t n)
{
	enum err e = buf_reserve(b, n);

	if (e != ERR_OK)
		return e;
	if (n != 0)
		memcpy(b->data + b->size, data, n);
	b->size += n;
	b->data[b->size] = 0;
	return ERR_OK;
}

enum err
buf_puts(struct buf *b, const char *text)
{
	return buf_add(b, text, strlen(text));
}

enum err
buf_printf(struct buf *b, const char *format, ...)
{
	va_list args;
	int need;
	enum err e;

	va_start(args, format);
	need = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (need < 0)
		return ERR_BUG;
	if ((e = buf_reserve(b, (size_t)need)) != ERR_OK)
		return e;
	va_start(args, format);
	(void)vsnprintf(
	    (char *)b->data + b->size, (size_t)need + 1, format, args);
	va_end(args);
	b->size += (size_t)need;
	return ERR_OK;
}

uint8_t *
buf_grow(struct buf *b, size_t n)
{
	if (buf_reserve(b, n) != ERR_OK)
		return NULL;
	b->data[b->size + n] = 0;
	return b->data + b->size;
}

const char *
buf_text(const struct buf *b)
{
	return b->data == NULL ? "" : (const char *)b->data;
}
