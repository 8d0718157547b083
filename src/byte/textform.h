/* SPDX-License-Identifier: Apache-2.0 */
/*
 * textform: bytes that travel as text, in base64 or hexadecimal.
 *
 * Told by their first characters alone, for every string of a file is looked
 * at: those that stand for the front of a pickle, an archive or a packed
 * stream.  What is inside is for others to say.
 */
#ifndef BYTE_TEXTFORM_H
#define BYTE_TEXTFORM_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum {
	TEXTFORM_MIN = 16,   /* characters: less holds nothing that does harm */
	TEXTFORM_FRONT = 96, /* that tell what it is */
};

enum textform { TEXTFORM_NONE, TEXTFORM_BASE64, TEXTFORM_HEX };

/* A text that comes in pieces. */
struct textform_piece {
	enum textform form;
	uint32_t bits;
	unsigned have;
};

/* Which form the n characters at s, of which TEXTFORM_FRONT do, may be of
 * something that is loaded or unpacked. */
enum textform textform_tell(const uint8_t *s, size_t n);

/*
 * Undo the form of n more characters, to the end of out.  Those that are none
 * of the form are left out, as Python's decoders do; base64 may be in either
 * alphabet.  ERR_LIMIT, ERR_NOMEM: out's ceiling.
 */
MUST_USE enum err textform_undo(
    struct textform_piece *piece, const uint8_t *s, size_t n, struct buf *out);

#endif /* BYTE_TEXTFORM_H */
