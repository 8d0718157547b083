/* SPDX-License-Identifier: Apache-2.0 */
/*
 * already: files below a watch that were open, or mapped, before the guard
 * began.
 *
 * No event ever comes for these: who has one reads on.  So they are found, in
 * /proc, by the path that the kernel has for them now, and told of.  A file of
 * a process in another mount namespace has a path of that namespace, and one
 * that is known by another hard link's name is not found.
 */
#ifndef GUARDD_ALREADY_H
#define GUARDD_ALREADY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* One of them; path is hostile. */
typedef void (*already_fn)(
    void *context, const char *path, pid_t pid, bool mapped);

/* Tell of each regular file below one of the n watches that a process has open
 * or mapped, save the processes of keeper and below.  A mapped one may be told
 * of more than once. */
void already_find(const char *const *watch, size_t n, pid_t keeper,
    already_fn tell, void *context);

#endif /* GUARDD_ALREADY_H */
