/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json: one line of JSON, taken apart without copying it.
 *
 * For what a client and the daemon say to each other: small, and hostile in
 * both directions.  Strict (RFC 8259), in one pass, no recursion, no memory of
 * its own: the caller says how many values there may be.  Bytes that are not
 * UTF-8 come as lone low surrogates, as text_json() writes them, and are bytes
 * again after json_string().
 */
#ifndef TALK_JSON_H
#define TALK_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { JSON_DEPTH = 8 }; /* lists and objects in each other */

enum json_type {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING, /* at and size are what is between the quotes */
	JSON_LIST,
	JSON_OBJECT
};

struct json_value {
	enum json_type type;
	uint32_t at, size; /* bytes of the text */
	uint32_t after;    /* the first value behind it and all within it */
};

/* What was taken apart: value 0 is the whole. Borrows text and values. */
struct json {
	const char *text;
	const struct json_value *values;
	uint32_t count;
};

/* Take n bytes apart into at most room values. ERR_MALFORMED; ERR_LIMIT: too
 * many values, or too deep. */
MUST_USE enum err json_read(const char *text, size_t n,
    struct json_value *values, uint32_t room, struct json *out);

/* The value of a member of an object (its first, if it is there twice); NULL:
 * there is none, or of is no object.  of NULL is fine. */
const struct json_value *json_member(
    const struct json *j, const struct json_value *of, const char *key);

/* The first value in a list, and the one behind v; NULL: no more. */
const struct json_value *json_first(
    const struct json *j, const struct json_value *list);
const struct json_value *json_next(const struct json *j,
    const struct json_value *list, const struct json_value *v);

/*
 * Decode a string into out with a NUL behind it. ERR_MALFORMED: v is none (or
 * NULL), or has a NUL in it; ERR_LIMIT: it does not fit in room bytes.
 */
MUST_USE enum err json_string(
    const struct json *j, const struct json_value *v, char *out, size_t room);

/* A whole number from 0 on; false: v is none (or NULL). */
bool json_number(
    const struct json *j, const struct json_value *v, uint64_t *out);

#endif /* TALK_JSON_H */
