/* SPDX-License-Identifier: Apache-2.0 */
/* sealed: pickles and the like that stand as text in a model's other texts. */
#ifndef FORMAT_SEALED_H
#define FORMAT_SEALED_H

#include <stdbool.h>

#include "model/format.h"

/*
 * Hand what n characters of text stand for to the engine, if that is base64 or
 * hexadecimal of something that is loaded or unpacked, under the child's name
 * and offset.  *pickle is set if it was a pickle, and else left alone.
 * ERR_LIMIT (budget), ERR_NOMEM, ERR_SYS.
 */
MUST_USE enum err sealed_judge(struct visit *v, const struct child *child,
    const char *text, size_t n, bool *pickle);

#endif /* FORMAT_SEALED_H */
