/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter: does an opened file lie under a watched directory?
 *
 * A filesystem mark brings every open on the filesystem; this says which are
 * ours.  The scout drafts an image of the mount table and of the watched
 * roots; the gate gets it whole and only reads it.  Pure: it opens nothing.
 *
 * A path is turned into the path inside its filesystem by the mount that it
 * was opened through, because the same directory has other paths through bind
 * mounts.  Whatever can't be placed is watched: a mount that is not in the
 * table (another namespace, the layers of an overlay), a path that doesn't
 * begin with its mount point, no path at all.
 */
#ifndef GUARDD_FILTER_H
#define GUARDD_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum {
	/* An image: some ten thousand mounts of a busy container host. */
	FILTER_IMAGE_MAX = 16 * 1024 * 1024,
	FILTER_PATH_MAX = 8192 /* two paths of PATH_MAX, joined */
};

enum filter_flag {
	/* People expect to unmount it at will: nothing may be kept open on it
	 * for long. */
	FILTER_BRIEF = 1
};

struct filter_mount {
	uint64_t id;    /* of the mount, as statx(2) tells it */
	uint32_t group; /* of the filesystem that is mounted */
	uint32_t root;  /* what of it is mounted: offset into the text */
	uint32_t point; /* where: offset into the text */
	uint32_t flags; /* enum filter_flag */
};

struct filter_root {
	uint32_t group;
	uint32_t policy; /* of what lies below: of the innermost root */
	uint32_t path;   /* inside the filesystem: offset into the text */
};

/* A filter borrows its image. */
struct filter {
	const struct filter_mount *mounts; /* by id, rising */
	const struct filter_root *roots;
	const char *text;
	uint32_t mount_count, root_count, text_size;
};

/* Take an image apart. ERR_PROTO: it is none. */
MUST_USE enum err filter_open(const void *image, size_t n, struct filter *out);

/* Is path, as the kernel names a file of group opened through a mount, under a
 * watched root (or can't it be told)?  path may be NULL: unknown. */
bool filter_watched(
    const struct filter *f, uint32_t group, uint64_t mount, const char *path);

/* The policy of the innermost root that such a path lies under; none: it can't
 * be placed. */
uint32_t filter_policy(const struct filter *f, uint32_t group, uint64_t mount,
    const char *path, uint32_t none);

/* Is it a mount of ours?  Those of other namespaces, and the layers of an
 * overlay, are not: their files can't be placed by path. */
bool filter_knows(const struct filter *f, uint64_t mount);

/* May files of this mount be kept open for long?  Not those of a mount that
 * nobody knows: another namespace wants to end some day. */
bool filter_lasting(const struct filter *f, uint64_t mount);

/* Is path, inside the filesystem of group, a watched root or under one? */
bool filter_inside(const struct filter *f, uint32_t group, const char *path);

/* The path inside its filesystem of a path below a mount point, into out.
 * False: it doesn't lie below, or is too long. */
bool filter_inner(const char *root, const char *point, const char *path,
    char out[FILTER_PATH_MAX]);

/* Does path equal dir or lie below it? Both absolute, without a slash at the
 * end (save "/"). */
bool filter_below(const char *dir, const char *path);

/* An image under construction; draft_free() it. */
struct draft {
	struct buf mounts, roots, text;
};

struct draft draft_new(void);
void draft_free(struct draft *d);
/* ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err draft_mount(struct draft *d, const struct filter_mount *m,
    const char *root, const char *point);
MUST_USE enum err draft_root(
    struct draft *d, uint32_t group, uint32_t policy, const char *path);
/* Append the image to out, which was empty. ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err draft_finish(struct draft *d, struct buf *out);

#endif /* GUARDD_FILTER_H */
