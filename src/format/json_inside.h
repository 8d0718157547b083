/* SPDX-License-Identifier: Apache-2.0 */
/* json_inside: what json_pull.c and json_string.c share, for them alone. */
#ifndef FORMAT_JSON_INSIDE_H
#define FORMAT_JSON_INSIDE_H

#include "format/json_pull.h"

/* No byte: the bytes are at their end. */
enum { JSON_NOTHING = -1 };

/* The next byte without using it, or JSON_NOTHING. */
MUST_USE enum err json_peek(struct json_pull *j, int *out);

/* The next byte, used. ERR_SHORT at the end. */
MUST_USE enum err json_byte(struct json_pull *j, uint8_t *out);

/* Start a text; add to it what fits, the rest is only marked as cut. */
void json_text_begin(struct json_pull *j);
MUST_USE enum err json_text_add(
    struct json_pull *j, const void *data, size_t n);

/* Read the string whose quote was just used into the text. */
MUST_USE enum err json_string(struct json_pull *j);

#endif /* FORMAT_JSON_INSIDE_H */
