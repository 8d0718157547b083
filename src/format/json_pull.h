/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_pull: read JSON token by token from hostile bytes.
 *
 * Why not jansson: it builds a tree of what a stranger wrote (a 100 MB header
 * becomes gigabytes), keeps one of two equal keys without a word, and refuses
 * what Python's json reads (NaN, lone surrogates).  What one reader refuses or
 * drops is what another loads.  This one holds a block and the present token,
 * shows every key, and reads what any of the loaders reads; what strict
 * readers would refuse is in json_pull.odd.
 *
 * Reference: RFC 8259; CPython Lib/json (NaN, Infinity, control characters
 * with strict=False, surrogates); serde_json 1.0 (none of them, depth 128).
 */
#ifndef FORMAT_JSON_PULL_H
#define FORMAT_JSON_PULL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "byte/source.h"

enum {
	/* Nested deeper than any loader reads: CPython's recursion ends near
	 * 1000, serde_json's at 128. */
	JSON_DEPTH_MAX = 1024,
	JSON_BLOCK = 4096, /* bytes read at once */
};

enum json_kind {
	JSON_OBJECT,
	JSON_OBJECT_END,
	JSON_ARRAY,
	JSON_ARRAY_END,
	JSON_KEY,    /* text is the key; its value is the next token */
	JSON_STRING, /* text is the string, as UTF-8 */
	JSON_NUMBER, /* text is the number as written */
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL,
	JSON_END /* the value is whole; nothing but blanks follows */
};

/* What a strict reader would have refused. */
enum json_odd {
	JSON_ODD_NONFINITE = 1, /* NaN, Infinity, -Infinity */
	JSON_ODD_CONTROL = 2,   /* a raw control character in a string */
	JSON_ODD_UTF8 = 4,      /* bytes that are no UTF-8 */
	JSON_ODD_SURROGATE = 8, /* half a surrogate pair */
	JSON_ODD_BOM = 16,      /* a byte order mark in front */
};

struct json_pull {
	struct source bytes;
	uint64_t next;   /* offset of the first byte not in the block */
	size_t at, fill; /* in the block */
	uint8_t block[JSON_BLOCK];
	uint8_t nest[JSON_DEPTH_MAX / 8]; /* a bit a level: is it an object */
	unsigned depth;                   /* levels open */
	bool begun;        /* something was read at this level already */
	bool ended;        /* the outermost value is complete */
	bool in_pair;      /* a key was read, its value is due */
	unsigned odd;      /* enum json_odd, of all that was read */
	uint64_t token_at; /* offset of the present token */
	struct buf text;   /* of a key, string or number */
	bool cut;          /* it was longer than text_max, the rest skipped */
};

/* Start at the front of bytes.  Of each key, string and number at most
 * text_max bytes are kept. */
void json_pull_begin(
    struct json_pull *j, const struct source *bytes, size_t text_max);

/*
 * The next token.  *out is written only on ERR_OK; after JSON_END there is
 * none.
 * ERR_SHORT	the bytes end inside the value
 * ERR_MALFORMED	no reader would take this
 * ERR_LIMIT	nested deeper than JSON_DEPTH_MAX, or the budget is spent
 * ERR_NOMEM, ERR_SYS
 */
MUST_USE enum err json_pull_next(struct json_pull *j, enum json_kind *out);

/* Read to the end of the object or array whose opening was the last token, or
 * nothing after any other token but a key, whose value is read.  Errors as
 * json_pull_next(). */
MUST_USE enum err json_pull_skip(struct json_pull *j, enum json_kind last);

/* Is the present text equal to this C string? */
bool json_pull_is(const struct json_pull *j, const char *text);

/* The present text as a whole number without sign, exponent or fraction. */
bool json_pull_u64(const struct json_pull *j, uint64_t *out);

/* Offset behind the last byte that was used. */
uint64_t json_pull_at(const struct json_pull *j);

/* Release the text. NULL is fine. */
void json_pull_free(struct json_pull *j);

#endif /* FORMAT_JSON_PULL_H */
