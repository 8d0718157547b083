/* SPDX-License-Identifier: Apache-2.0 */
/* arena: bump allocation in blocks. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ARENA_BLOCK = 16 * 1024, /* bytes of an ordinary block */
	ARENA_ALIGN = 16,
};

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t room;
	_Alignas(ARENA_ALIGN) unsigned char bytes[];
};

struct arena
arena_new(size_t max)
{
	return (struct arena){ .max = max };
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	while (a->blocks != NULL) {
		struct arena_block *next = a->blocks->next;

		free(a->blocks);
		a->blocks = next;
	}
	a->used = 0;
}

static struct arena_block *
arena_block_add(struct arena *a, size_t least)
{
	size_t room = least > ARENA_BLOCK ? least : ARENA_BLOCK;
	struct arena_block *block = malloc(sizeof(*block) + room);

	if (block == NULL)
		return NULL;
	*block = (struct arena_block){ .next = a->blocks, .room = room };
	a->blocks = block;
	return block;
}

void *
arena_take(struct arena *a, size_t size)
{
	struct arena_block *block = a->blocks;
	void *taken;

	if (size > a->max - a->used || size > SIZE_MAX / 2)
		return NULL;
	size = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	if (size > a->max - a->used)
		return NULL;
	if (block == NULL || size > block->room - block->used)
		block = arena_block_add(a, size);
	if (block == NULL)
		return NULL;
	taken = block->bytes + block->used;
	block->used += size;
	a->used += size;
	return memset(taken, 0, size);
}

char *
arena_copy(struct arena *a, const void *data, size_t n)
{
	char *copy = n == SIZE_MAX ? NULL : arena_take(a, n + 1);

	if (copy != NULL && n != 0)
		memcpy(copy, data, n);
	return copy;
}

char *
arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;
	char *text;
	int need;

	va_start(args, format);
	need = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (need < 0 || (text = arena_take(a, (size_t)need + 1)) == NULL)
		return NULL;
	va_start(args, format);
	(void)vsnprintf(text, (size_t)need + 1, format, args);
	va_end(args);
	return text;
}
