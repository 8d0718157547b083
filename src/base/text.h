/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text: print hostile text so that it stays text.
 *
 * Names, paths and strings of a scanned file go to terminals, logs and JSON
 * only through here: an escape sequence in a member name must not move a
 * cursor, forge a log line or end a JSON string.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Append n bytes for a terminal or a one-line log: printable UTF-8 as it is;
 * control characters (C0, C1, DEL), bidirectional overrides and malformed
 * bytes as \xNN or \u{NNNN}; a backslash doubled.  ERR_LIMIT, ERR_NOMEM.
 */
MUST_USE enum err text_escape(struct buf *out, const char *s, size_t n);

/*
 * Append n bytes as the inside of a JSON string (no quotes): printable UTF-8 as
 * it is; quotes, backslashes and whatever text_escape() would escape as \uNNNN
 * (JSON goes to terminals too); each malformed byte b as the lone low surrogate
 * \udc80 + (b - 0x80), Python's surrogateescape, so that a name survives the
 * round trip through os.fsencode().  ERR_LIMIT, ERR_NOMEM.
 */
MUST_USE enum err text_json(struct buf *out, const char *s, size_t n);

/* Append ,"name":"text" to a JSON object that has begun; name is escaped by
 * nobody.  ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err text_json_member(
    struct buf *out, const char *name, const char *text);

/* As text_escape(), for text whose backslashes are escapes already: they stay
 * single. */
MUST_USE enum err text_escape_again(struct buf *out, const char *s, size_t n);

/*
 * Append n bytes as a string literal: in single quotes, escaped so that the
 * quote that ends it is the only one.  raw: all that is not ASCII is escaped
 * byte by byte.  ERR_LIMIT, ERR_NOMEM.
 */
MUST_USE enum err text_quote(
    struct buf *out, const char *s, size_t n, bool raw);

/* Decode one UTF-8 character of at most n bytes at s: its length in bytes and
 * *point, or 0 when malformed (overlong, surrogate, beyond U+10FFFF, cut). */
size_t text_utf8(const char *s, size_t n, unsigned *point);

/* Is [s, s+n) an ASCII Python identifier? */
bool text_identifier(const char *s, size_t n);

/* Is [s, s+n), which may hold any bytes, one of the count strings? */
bool text_is_in(const char *const *list, size_t count, const char *s, size_t n);

#endif /* BASE_TEXT_H */
