/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mounts: the mount table of this mount namespace, and what kinds of
 * filesystems there are.
 *
 * Read by the keeper at start and by the scout afterwards, never by the gate:
 * looking at a mount may wait for a dead server.
 * Source: proc_pid_mountinfo(5), statx(2), listmount(2), statmount(2).
 */
#ifndef GUARDD_MOUNTS_H
#define GUARDD_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

enum fs_kind {
	FS_GUARDED, /* local, and seen to work with permission events */
	FS_STACKED, /* overlay: opening a file there opens one below */
	FS_KERNEL,  /* proc and the like: no files of users, events refused */
	FS_REMOTE,  /* network or FUSE: waiting for its server can deadlock */
	FS_OTHER    /* nobody tried */
};

struct mount {
	uint64_t id;  /* as facts_of() tells it */
	uint64_t dev; /* of the superblock: the same for all subvolumes */
	const char *root, *point, *type;
	bool removable; /* a place where people expect to unmount at will */
};

struct mounts {
	struct arena arena;
	struct mount *rows;
	size_t count;
};

enum fs_kind fs_kind_of(const char *type);

/* Read the whole table or nothing. ERR_SYS, ERR_LIMIT, ERR_NOMEM, ERR_PROTO
 * (a line makes no sense). */
MUST_USE enum err mounts_read(struct mounts *out);
void mounts_free(struct mounts *m);

/* The row of that mount, or NULL. */
const struct mount *mounts_find(const struct mounts *m, uint64_t id);

/* Parse the text of a mountinfo file; ids are the short ones. text is cut into
 * pieces and borrowed. ERR_PROTO, ERR_NOMEM. */
MUST_USE enum err mounts_parse(char *text, struct mounts *out);

#endif /* GUARDD_MOUNTS_H */
