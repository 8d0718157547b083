/* SPDX-License-Identifier: Apache-2.0 */
/* base64: decode as Python's binascii does. */
#ifndef FORMAT_BASE64_H
#define FORMAT_BASE64_H

#include <stddef.h>

#include "base/buf.h"

/* The value of a character of the alphabet, or -1. */
int base64_value(char c);

/*
 * Decode n characters to the end of out; characters outside the alphabet are
 * passed over, and padding ends it.  ERR_LIMIT, ERR_NOMEM: out's ceiling.
 */
MUST_USE enum err base64_decode(struct buf *out, const char *s, size_t n);

#endif /* FORMAT_BASE64_H */
