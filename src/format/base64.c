/* SPDX-License-Identifier: Apache-2.0 */
#include "format/base64.h"

#include <stdint.h>

int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

enum err
base64_decode(struct buf *out, const char *s, size_t n)
{
	uint32_t bits = 0;
	unsigned held = 0;
	enum err e;

	for (size_t i = 0; i < n && s[i] != '='; i++) {
		int value = base64_value(s[i]);
		uint8_t byte;

		if (value < 0)
			continue;
		bits = (bits << 6 | (uint32_t)value) & 0xffffff;
		held += 6;
		if (held < 8)
			continue;
		held -= 8;
		byte = (uint8_t)(bits >> held);
		if ((e = buf_add(out, &byte, 1)) != ERR_OK)
			return e;
	}
	return ERR_OK;
}
