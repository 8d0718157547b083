/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk: the regular files under the paths that a person named.
 *
 * Follows a symbolic link that was named, none inside a directory; opens
 * nothing that could block or act when it is opened (pipes, devices, sockets);
 * reaches each file through the descriptor of its directory, so that a rename
 * on the way leads nowhere else and no path is too long.
 */
#ifndef CLI_WALK_H
#define CLI_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct walk;

enum walk_what {
	WALK_END,      /* nothing is left of the path named last */
	WALK_FILE,     /* fd and size; fd is the caller's */
	WALK_SKIPPED,  /* not a regular file, met in a directory */
	WALK_EXCLUDED, /* a pattern fits it */
	WALK_TROUBLE   /* why says what is wrong with path */
};

struct walk_item {
	enum walk_what what;
	int fd;
	uint64_t size;    /* bytes */
	const char *path; /* until the next call */
	const char *why;  /* static storage or until the next call */
};

/* NULL: out of memory. */
struct walk *walk_new(void);

/*
 * Leave out what is met in directories and fits one of the patterns (borrowed),
 * directories with all that is in them.  A pattern without a slash is compared
 * with a name, one with a slash with the path as walk_item has it; an asterisk
 * stands for any characters, slashes included.
 */
void walk_exclude(struct walk *w, const char *const *patterns, size_t count);

/* Would a file or directory of that path be left out, wherever it was met? */
bool walk_leaves_out(const struct walk *w, const char *path);

/* Called for each directory before it is read, with a descriptor of it and its
 * path; false: leave it out. */
typedef bool walk_enter_fn(void *context, int dir, const char *path);
void walk_entering(struct walk *w, walk_enter_fn *enter, void *context);

/* Follow no symbolic link, not even one that was named. */
void walk_nofollow(struct walk *w, bool on);

/* Only name what there is: nothing but directories is opened, fd is -1 and size
 * 0.  For a count beforehand. */
void walk_names_only(struct walk *w, bool on);

void walk_free(struct walk *w);

/* Begin with a path; what was left of the one before is dropped. */
struct walk_item walk_named(struct walk *w, const char *path);

/* Only a regular file: a directory is trouble. */
struct walk_item walk_file(struct walk *w, const char *path);

/* What comes next under the path named last. */
struct walk_item walk_next(struct walk *w);

#endif /* CLI_WALK_H */
