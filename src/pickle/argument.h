/* SPDX-License-Identifier: Apache-2.0 */
/*
 * argument: the text forms of pickle arguments, as lenient as the most
 * lenient loader.
 *
 * The C unpickler reads numbers with strtol and PyLong_FromString, pickle.py
 * with int(x, 0) and float(x), Python 2 in ways of its own; attackers write
 * what one of them takes and a scanner does not.  Each function says whether
 * any loader accepts, and whether a pickler would have written it so.
 *
 * Reference: CPython Modules/_pickle.c, Lib/pickle.py, 2.7 and 3.6 to 3.13
 */
#ifndef PICKLE_ARGUMENT_H
#define PICKLE_ARGUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct number {
	int64_t value; /* meaningless when big */
	bool big;      /* more than 64 bits */
	bool odd;      /* no pickler writes it like that */
};

/* INT: n bytes, without the newline. False: no loader takes it. */
bool argument_int(const uint8_t *s, size_t n, struct number *out);

/* LONG, with or without its L. */
bool argument_long(const uint8_t *s, size_t n, struct number *out);

/* The key of GET and PUT: decimal, as int() reads it. */
bool argument_key(const uint8_t *s, size_t n, struct number *out);

/* FLOAT. */
bool argument_float(const uint8_t *s, size_t n, bool *odd);

/* STRING: find what stands between the quotes. False: no loader takes it. */
bool argument_quoted(
    const uint8_t *s, size_t n, const uint8_t **inside, size_t *inside_size);

/* Undo the escapes of a quoted STRING; bytes become UTF-8 as latin-1 does,
 * or stay raw bytes.  ERR_MALFORMED, ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err argument_unescape(
    struct buf *out, const uint8_t *s, size_t n, bool raw);

/* Decode UNICODE (raw-unicode-escape) to UTF-8, surrogates as they are.
 * ERR_MALFORMED, ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err argument_unicode(struct buf *out, const uint8_t *s, size_t n);

/* Latin-1 to UTF-8. ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err argument_latin1(struct buf *out, const uint8_t *s, size_t n);

#endif /* PICKLE_ARGUMENT_H */
