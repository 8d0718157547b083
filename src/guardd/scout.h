/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scout: looks after names, so that the gate need not.
 *
 * Owns the mount table, the watched roots, the making of groups and marks, the
 * ignoring of directories outside, and the canaries.  May be held up by a dead
 * server at any moment: nothing waits for it, and what only it can notice (a
 * directory that moves into a watch) is given up by the gate when it is silent.
 */
#ifndef GUARDD_SCOUT_H
#define GUARDD_SCOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "guardd/gate.h"
#include "guardd/options.h"

/* What a new scout inherits from the keeper. */
struct scout_start {
	int keeper, gate; /* channels */
	unsigned settle;  /* seconds */
	bool scan_new;    /* look at what was written or moved in */
	const struct options *options;
	const char *const *watch; /* absolute, without symbolic links */
	size_t watch_count;
	const uint8_t *watch_policy; /* of each */
	const struct group *groups;  /* GROUPS_MAX of them */
	const uint64_t *devs;        /* the filesystem of each */
};

/* Be the scout until told to stop; returns the exit status. */
int scout_run(const struct scout_start *start);

#endif /* GUARDD_SCOUT_H */
