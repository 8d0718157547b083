/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prepare: everything that is opened or looked up before any mark exists.
 *
 * Each says in one sentence what is missing and what to do.
 */
#ifndef GUARDD_PREPARE_H
#define GUARDD_PREPARE_H

#include <limits.h>

#include "guardd/journal.h"
#include "guardd/options.h"
#include "pool/pool.h"

enum { PREPARE_WHY_MAX = 2 * PATH_MAX };

struct prepared {
	char *watch[OPTIONS_WATCH_MAX]; /* absolute, owned */
	uint8_t watch_policy[OPTIONS_WATCH_MAX];
	size_t watch_count;
	char state[PATH_MAX];
	bool state_ours; /* made for this run: goes with it */
	struct journal journal;
	int control; /* listening socket; -1: none */
	struct paths paths;
	uid_t uid; /* whom the workers become */
	gid_t gid;
	unsigned workers;
	char why[PREPARE_WHY_MAX];
};

/* ERR_USAGE: why holds the sentence. */
MUST_USE enum err prepare(const struct options *o, struct prepared *p);

/* Only the directories: p->watch gets them, absolute, patterns expanded. */
MUST_USE enum err prepare_watches(const struct options *o, struct prepared *p);

/* Remove what was made for this run only. */
void prepare_undo(struct prepared *p);

#endif /* GUARDD_PREPARE_H */
