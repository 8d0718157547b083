/* SPDX-License-Identifier: Apache-2.0 */
/*
 * textform: two alphabets, and how what matters begins in them.
 *
 * Reference: RFC 4648; binascii.a2b_base64() and unhexlify().
 */
#include "byte/textform.h"

#include <string.h>

enum { NO_DIGIT = 64 };

static unsigned
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - (unsigned)'0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - (unsigned)'a' + 10 : NO_DIGIT;
}

static unsigned
base64_digit(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - (unsigned)'A';
	if (c >= 'a' && c <= 'z')
		return c - (unsigned)'a' + 26;
	if (c >= '0' && c <= '9')
		return c - (unsigned)'0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : NO_DIGIT;
}

static const struct {
	unsigned (*digit)(uint8_t);
	unsigned width; /* bits of a character */
} forms[] = {
	[TEXTFORM_BASE64] = { base64_digit, 6 },
	[TEXTFORM_HEX] = { hex_digit, 4 },
};

/*
 * How it begins.  A letter behind it: one of these.  Of base64, the second or
 * third character is partly of the byte that follows, which is a letter of a
 * name, an opcode, or a version.
 */
static const struct {
	enum textform form;
	const char *begin, *more;
} begins[] = {
	/* PROTO, versions 2 to 5 */
	{ TEXTFORM_BASE64, "gA", "IJKLMNOPQRSTUVWX" },
	{ TEXTFORM_HEX, "800", "2345" },
	/* GLOBAL, INST and a name; MARK, a list, a dictionary */
	{ TEXTFORM_BASE64, "Y", "0123" },
	{ TEXTFORM_BASE64, "a", "UVWX" },
	{ TEXTFORM_BASE64, "K", "CEFGH" },
	{ TEXTFORM_BASE64, "X", "SX" },
	{ TEXTFORM_BASE64, "f", "SX" },
	{ TEXTFORM_HEX, "63", "4567" },
	{ TEXTFORM_HEX, "69", "4567" },
	{ TEXTFORM_HEX, "28", "24567" },
	/* zip, gzip, bzip2, xz, zstd, lz4, zlib, NumPy */
	{ TEXTFORM_BASE64, "UEs", "D" },
	{ TEXTFORM_HEX, "504b030", "4" },
	{ TEXTFORM_BASE64, "H4s", "I" },
	{ TEXTFORM_HEX, "1f8b0", "8" },
	{ TEXTFORM_BASE64, "Qlp", "o" },
	{ TEXTFORM_HEX, "425a6", "8" },
	{ TEXTFORM_BASE64, "/Td6W", "F" },
	{ TEXTFORM_BASE64, "KLU", "v" },
	{ TEXTFORM_BASE64, "BCJ", "N" },
	{ TEXTFORM_BASE64, "eJ", "wxyz" },
	{ TEXTFORM_BASE64, "eN", "opqr" },
	{ TEXTFORM_BASE64, "eA", "EFGH" },
	{ TEXTFORM_BASE64, "eF", "4567" },
	{ TEXTFORM_HEX, "78", "9d05" },
	{ TEXTFORM_BASE64, "k05", "V" },
};

enum textform
textform_tell(const uint8_t *s, size_t n)
{
	static const char firsts[] = "gYaKXfUHQ/Bek1245678";

	if (n < TEXTFORM_MIN || strchr(firsts, s[0]) == NULL || s[0] == '\0')
		return TEXTFORM_NONE;
	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++) {
		size_t size = strlen(begins[i].begin), k = 0;

		if (memcmp(s, begins[i].begin, size) != 0 || s[size] == '\0' ||
		    strchr(begins[i].more, s[size]) == NULL)
			continue;
		while (k < TEXTFORM_MIN &&
		    forms[begins[i].form].digit(s[k]) != NO_DIGIT)
			k++;
		if (k == TEXTFORM_MIN)
			return begins[i].form;
	}
	return TEXTFORM_NONE;
}

enum err
textform_undo(
    struct textform_piece *piece, const uint8_t *s, size_t n, struct buf *out)
{
	unsigned width = forms[piece->form].width;
	enum err e = ERR_OK;

	for (size_t i = 0; e == ERR_OK && i < n; i++) {
		unsigned d = forms[piece->form].digit(s[i]);
		uint8_t byte;

		if (d == NO_DIGIT)
			continue;
		piece->bits = piece->bits << width | d;
		piece->have += width;
		if (piece->have < 8)
			continue;
		piece->have -= 8;
		byte = (uint8_t)(piece->bits >> piece->have);
		e = buf_add(out, &byte, 1);
	}
	return e;
}
