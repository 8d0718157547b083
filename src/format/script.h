/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script: does a text read like a program in Python?
 *
 * Files come without their names.  Programs hold braces that look like a
 * template's, and notes hold words that look like a program's; so lines are
 * looked for that are written in Python alone.
 */
#ifndef FORMAT_SCRIPT_H
#define FORMAT_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

/* Is there a line that imports, defines, or names its interpreter? */
bool script_is_python(const char *s, size_t n);

/*
 * A line of a Python module that calls something as soon as the module is
 * imported, other than what handlers of models set up there (logs, warnings,
 * seeds, numbers of threads); *size is how much of it to show.  NULL: none.
 */
const char *script_acts(const char *s, size_t n, size_t *size);

#endif /* FORMAT_SCRIPT_H */
