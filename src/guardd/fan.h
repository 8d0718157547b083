/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fan: the fanotify calls of this daemon, each with the flags that it needs.
 *
 * Owns the flags and the constants that older headers lack.  Must not own any
 * decision: who calls says what to mark and what to answer.
 * Source: fanotify_init(2), fanotify_mark(2), fanotify(7).
 */
#ifndef GUARDD_FAN_H
#define GUARDD_FAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/fanotify.h>

#include "base/err.h"

/* What a kernel's groups can do, found out by trying. */
struct fan_features {
	bool errnos; /* pre-content class: a denial may carry an errno (6.14) */
	bool audit;  /* a denial may be told to the kernel's audit */
	bool ignores; /* FAN_MARK_IGNORE: directories can be ignored (6.0) */
};

/*
 * A new group for permission events, non-blocking, close-on-exec.  *features
 * says what it can.  ERR_SYS (EPERM: not root; ENOSYS or EINVAL: no kernel of
 * 5.15 or later with permission events).
 */
MUST_USE enum err fan_open(int *group, struct fan_features *features);

/* Raise an event for every open on the filesystem that fd (also O_PATH) is on.
 * ERR_SYS. */
MUST_USE enum err fan_guard(int group, int fd);

/* Raise no more events for any filesystem; those that wait are not answered. */
void fan_unguard(int group);

/* Forget all ignore marks of the group: files and directories. */
void fan_heed_all(int group);

/* No event for opens of this very file, until it is modified or heeded. fd is
 * a descriptor of it. ERR_SYS. */
MUST_USE enum err fan_ignore_file(
    int group, const struct fan_features *features, int fd);
void fan_heed_file(int group, const struct fan_features *features, int fd);

/* No event for opens of the files that lie directly in a directory (fd may be
 * O_PATH); the kernel may forget it when memory is short.  ERR_SYS. */
MUST_USE enum err fan_ignore_dir(int group, int dirfd);
void fan_heed_dir(int group, int dirfd);

/*
 * Answer the event that came with descriptor number fd: error 0 allows, EPERM
 * or EIO deny, with an audit record where features say so.  Where no errno can
 * be told, the opener gets EPERM.
 * ERR_SYS with ENOENT: nobody waits for this number (any more).
 */
MUST_USE enum err fan_answer(
    int group, const struct fan_features *features, int fd, int error);

/* Answer whatever the descriptor numbers from 0 to limit - 1 stand for: what
 * a dead reader left. Returns how many waited. */
unsigned fan_sweep(
    int group, const struct fan_features *features, int limit, int error);

/* A group that tells of directories being renamed on the filesystem that fd is
 * on: where to, by its handle; with files also of files that were written or
 * moved, by theirs. -1 with errno where there is no such thing (on
 * subvolumes). */
int fan_renames(int fd, bool files);

/* One event out of what read(2) gave. */
struct fan_event {
	struct fanotify_event_metadata head;
	const char *info; /* records behind the head; borrowed */
	size_t info_size;
};

/* Take the next event off the bytes at *at; false: there is none.  Copies,
 * because records with file handles leave the next event misaligned. */
bool fan_next(const char **at, size_t *left, struct fan_event *out);

/* The body of the first record of that type, its length in *size; NULL. */
const char *fan_info(const struct fan_event *e, int type, size_t *size);

/* Have such a group tell of the filesystem that on is on; again is no error.
 * ERR_SYS. */
MUST_USE enum err fan_renames_mark(int group, int on, bool files);

/* A group that tells of deletions, of files named to it; -1 with errno. */
int fan_deletions(void);
/* Name a file (its descriptor) to it, or take it back.  It tells of other
 * changes of the inode as well. ERR_SYS: not on this filesystem. */
MUST_USE enum err fan_deletions_watch(int group, int fd);
void fan_deletions_ignore(int group, int fd);

#endif /* GUARDD_FAN_H */
