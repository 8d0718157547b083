/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hidden: bytes that a format does not account for.
 *
 * Holes between tensors and what stands behind the last one are read by no
 * loader of the format; whoever puts something there wants it carried past
 * somebody.
 */
#ifndef FORMAT_HIDDEN_H
#define FORMAT_HIDDEN_H

#include <stdbool.h>

#include "model/format.h"

/* Is this the beginning of a program (ELF, PE, Mach-O), headers checked?  Four
 * bytes alone stand in random numbers once in 4 GB. */
bool hidden_is_program(struct cursor head);

/*
 * Have the engine look at size bytes at offset of s (not more than there are),
 * and report rule there if they are something that can be loaded or run.
 * name is shown in the path.  Errors as visit_child().
 */
MUST_USE enum err hidden_judge(struct visit *v, const struct source *s,
    const struct child *child, uint64_t size, enum rule rule);

#endif /* FORMAT_HIDDEN_H */
