/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree: what happens in directories and below them, told by inotify.
 *
 * Owns the watches and the path of each.  Needs no rights but reading.  What is
 * told is a name at a time: whoever opens it looks again what it is.
 */
#ifndef CLI_TREE_H
#define CLI_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum tree_what {
	TREE_FILE,   /* written and closed, or moved here */
	TREE_MADE,   /* made here, to be written now; or linked */
	TREE_FOLDER, /* made or moved here: what is in it was not told */
	TREE_LOST,   /* too much happened at once: look at everything again */
	TREE_GONE    /* a watched directory was removed or unmounted */
};

typedef void tree_fn(void *context, enum tree_what what, const char *path);

struct tree {
	int fd;           /* inotify; readable: tree_read() */
	struct buf paths; /* char *, by number of the watch; NULL: none */
	size_t count;     /* watches */
	uint64_t refused; /* directories that could not be watched */
};

/* ERR_SYS: errno says why. */
MUST_USE enum err tree_new(struct tree *out);
void tree_free(struct tree *t); /* NULL is fine */

/* Watch a directory: dir is a descriptor of it, path how it is called.  One
 * that is watched already is called so from now on.  ERR_SYS: errno; ERR_NOMEM.
 */
MUST_USE enum err tree_add(struct tree *t, int dir, const char *path);

/* Take in what is there and call fn for each; path until it returns. ERR_SYS.
 */
MUST_USE enum err tree_read(struct tree *t, tree_fn *fn, void *context);

/* Why tree_new() or tree_add() failed with this errno, and what to do.  Static
 * storage, or text. */
const char *tree_why(int error, char *text, size_t size);

#endif /* CLI_TREE_H */
