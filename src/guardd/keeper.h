/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper: the parent: starts, holds, replaces and ends the others.
 *
 * Owns a duplicate of every permission group, so that openers wait instead of
 * passing while a gate is replaced, and the state that a new gate inherits:
 * family, groups, table.  Never reads an event, and never opens anything that
 * the gate doesn't know it may.
 *
 * If the keeper itself dies its children end in order, which opens everything:
 * there is nobody left who could replace them.  Under a service manager that
 * keeps descriptors the gate goes on until the next keeper guards: store.h.
 */
#ifndef GUARDD_KEEPER_H
#define GUARDD_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "guardd/journal.h"
#include "guardd/options.h"
#include "guardd/store.h"
#include "pool/pool.h"

/* Everything that was opened and found out before any mark exists. */
struct keeper_start {
	const struct options *options;
	const char *const *watch; /* absolute, without symbolic links */
	size_t watch_count;
	const uint8_t *watch_policy; /* of each */
	struct journal journal;
	bool brief;        /* the state directory is of this run alone */
	int control;       /* listening socket; -1: none */
	const char *lists; /* the directory of hash lists */
	struct template_config template;
	struct store store; /* what a predecessor left */
	int fd_limit;
	unsigned workers; /* at most so many at once */
	int out, err;     /* where people read; -1: nobody does */
	int detach;       /* write a byte when ready, then let go of the
			   * terminal; -1: stay */
};

/* Guard until told to stop; returns the exit status. */
int keeper_run(const struct keeper_start *start);

#endif /* GUARDD_KEEPER_H */
