/* SPDX-License-Identifier: Apache-2.0 */
/*
 * begin: does a pickle begin here beyond doubt?
 *
 * For bytes that should be numbers: their front alone is read, for each of
 * thousands of storages, and random ones begin like a pickle all the time.  So
 * only beginnings of 32 bits and more count: a frame of the right size, the
 * first memo, or the name of an import.
 */
#include <string.h>

#include "pickle/pickle.h"

enum {
	PROTOCOL_FIRST = 2,
	PROTOCOL_LAST = 5,
	NAME_MIN = 2, /* letters of a module: "os", "nt" */
	/* Behind PROTO and FRAME, whose size is of what follows. */
	FRAME_END = 2 + 9,
};

static bool
is_word(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* Can these n bytes, if there are any, name a module? */
static bool
is_name(const uint8_t *s, size_t n)
{
	if (s == NULL || n < NAME_MIN)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!is_word(s[i]))
			return false;
	return true;
}

static bool
take_word(struct cursor *c)
{
	size_t n;
	const uint8_t *s = cursor_until(c, '\n', &n);

	return is_name(s, n);
}

/* "cos\nsystem\n" or "ios\nsystem\n", perhaps behind marks. */
static bool
begins_import(struct cursor c)
{
	uint8_t op;

	do
		op = cursor_u8(&c);
	while (op == '(');
	return (op == 'c' || op == 'i') && take_word(&c) && take_word(&c);
}

/* A short string that is a word, as the module of STACK_GLOBAL is. */
static bool
begins_word(struct cursor c)
{
	size_t n;

	if (cursor_u8(&c) != 0x8c) /* SHORT_BINUNICODE */
		return false;
	n = cursor_u8(&c);
	return is_name(cursor_take(&c, n), n);
}

/* An empty list, dictionary or tuple, put into the memo as its first. */
static bool
begins_memo(struct cursor c)
{
	const uint8_t *s = cursor_take(&c, 3);

	return s != NULL && memchr("]})", s[0], 3) != NULL &&
	    memcmp(s + 1, "q\0", 2) == 0;
}

bool
pickle_surely_begins(struct cursor head, uint64_t size)
{
	struct cursor c = head;
	uint8_t proto = cursor_u8(&c), version;

	if (proto != 0x80)
		return begins_import(head);
	version = cursor_u8(&c);
	if (version < PROTOCOL_FIRST || version > PROTOCOL_LAST)
		return false;
	head = c;
	if (cursor_u8(&c) == 0x95) {
		uint64_t frame = cursor_u64le(&c);

		return cursor_check(&c) == ERR_OK && frame > 0 &&
		    size >= FRAME_END && frame <= size - FRAME_END &&
		    frame < UINT32_MAX;
	}
	return begins_import(head) || begins_word(head) || begins_memo(head);
}
