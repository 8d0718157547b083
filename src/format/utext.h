/* SPDX-License-Identifier: Apache-2.0 */
/*
 * utext: a text in any of Unicode's encodings, read as UTF-8, byte by byte.
 *
 * Readers of YAML and XML find out the encoding by the first bytes; a scanner
 * that does not is shown one text and the reader another.
 *
 * Reference: XML 1.0, appendix F; YAML 1.2.2, 5.2.
 */
#ifndef FORMAT_UTEXT_H
#define FORMAT_UTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "byte/cursor.h"
#include "byte/source.h"

enum { UTEXT_BLOCK = 4096, UTEXT_END = -1 };

enum utext_kind {
	UTEXT_UTF8, /* or any other superset of ASCII */
	UTEXT_UTF16LE,
	UTEXT_UTF16BE,
	UTEXT_UTF32LE,
	UTEXT_UTF32BE,
	UTEXT_EBCDIC /* the letters and signs that all code pages share */
};

struct utext {
	struct source bytes;
	enum utext_kind kind;
	uint64_t next;   /* offset of the first byte not in the block */
	uint64_t max;    /* no byte behind this offset is read */
	size_t at, fill; /* in the block */
	uint8_t out[4];  /* one character, as UTF-8 */
	unsigned out_at, out_fill;
	enum err err; /* why the text ended: ERR_OK at its end */
	bool cut;     /* it ended at max */
	uint8_t block[UTEXT_BLOCK];
};

/* The encoding that these first bytes show; *mark is the bytes of a byte order
 * mark. */
enum utext_kind utext_tell(struct cursor head, size_t *mark);

/* Are the first bytes printable text in that encoding? */
bool utext_like(struct cursor head);

/* Start at the front; of the source at most max bytes are read. */
void utext_begin(struct utext *t, const struct source *s, uint64_t max);

/* Fetch a block or decode a character; for utext_next() alone. */
int utext_more(struct utext *t);

/* The next byte of the text as UTF-8, or UTEXT_END: then t->err says why. */
static inline int
utext_next(struct utext *t)
{
	if (t->kind == UTEXT_UTF8 && t->at < t->fill)
		return t->block[t->at++];
	return utext_more(t);
}

/* Offset in the source, about. */
static inline uint64_t
utext_at(const struct utext *t)
{
	return t->next - (t->fill - t->at);
}

#endif /* FORMAT_UTEXT_H */
