/* SPDX-License-Identifier: Apache-2.0 */
/*
 * texts: the content of constant strings and bytes.
 *
 * A value only says where its opcode stands.  When it matters, the opcode is
 * read again, from the window or the file.  Behind a decompressor what has
 * passed is gone, so there short strings are copied as they pass: the latest
 * megabyte of them, and all that were once part of a name.
 */
#ifndef PICKLE_TEXTS_H
#define PICKLE_TEXTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "byte/source.h"
#include "pickle/value.h"

struct machine;

struct text_slot {
	uint64_t pos; /* of the opcode, plus 1; 0: free */
	uint32_t at;  /* where in bytes */
	uint32_t size;
};

struct texts {
	struct buf bytes;
	struct text_slot *slots;
	size_t room, used;
	struct budget *budget;
};

struct texts texts_new(struct budget *budget);
void texts_free(struct texts *t); /* NULL is fine */

/* Copy an opcode with its argument, n bytes; when the room is used up, all
 * that was copied before is forgotten (unless keep: then this is). */
void texts_copy(
    struct texts *t, uint64_t pos, const void *opcode, size_t n, bool keep);

/*
 * Append the content of a KIND_STR as UTF-8, of KIND_BYTES as it is, to out.
 * ERR_LIMIT	longer than out may become
 * ERR_UNSUPPORTED	forgotten
 * ERR_MALFORMED	escapes that no loader takes
 * and errors of the source.
 */
MUST_USE enum err text_read(const struct machine *m, value v, struct buf *out);

/* As text_read(), but a string of one byte characters is their bytes. */
MUST_USE enum err text_read_raw(
    const struct machine *m, value v, struct buf *out);

/* Where the payload of a bytes or string opcode stands in the stream, and how
 * many bytes it has.  Errors as text_read(). */
MUST_USE enum err text_find(
    const struct machine *m, value v, uint64_t *pos, uint64_t *size);

/* v is part of a name: remember its content for good. */
void text_keep(struct machine *m, value v);

#endif /* PICKLE_TEXTS_H */
