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

#endif /* FORMAT_SCRIPT_H */
