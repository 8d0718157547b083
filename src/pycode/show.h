/* SPDX-License-Identifier: Apache-2.0 */
/*
 * show: what a code object is about, in words for a person.
 *
 * Nothing is decompiled: its names and texts are listed, as far as a line has
 * room for them.
 */
#ifndef PYCODE_SHOW_H
#define PYCODE_SHOW_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "pycode/pycode.h"

/*
 * Append "which uses a, b and the texts 'c', 'd'" of n bytes of marshalled code
 * that was judged; nothing when it has neither.  The worst word stands first.
 * Hostile text is quoted.  Errors as marshal_walk() and buf_add(); then out is
 * as it was.
 */
MUST_USE enum err pycode_show(
    struct buf *out, const struct pycode *judged, const void *data, size_t n);

#endif /* PYCODE_SHOW_H */
