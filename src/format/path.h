/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path: where a path that a file names would lead.
 *
 * Readings of all systems at once: a slash of either kind separates, a drive
 * letter is absolute.
 */
#ifndef FORMAT_PATH_H
#define FORMAT_PATH_H

#include <stdbool.h>
#include <stddef.h>

/* Does a component equal ".."? */
bool path_climbs(const char *s, size_t n);

/* Does it begin at a root, on a drive, on another machine or with "~"? */
bool path_is_absolute(const char *s, size_t n);

/* Does it begin like a URL ("http://", "file:", "gs://")? */
bool path_is_url(const char *s, size_t n);

/* Is there a NUL or another control character in it? */
bool path_has_control(const char *s, size_t n);

/* A name that is used as a key, not as a path: does it climb or hold control
 * characters?  (Slashes are honest there.) */
bool path_is_hostile(const char *s, size_t n);

#endif /* FORMAT_PATH_H */
