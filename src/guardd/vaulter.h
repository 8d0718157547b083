/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vaulter: the process that moves flagged files aside and gives them back, and
 * keeps what was decided about contents.
 *
 * The only one that changes files of users.  It parses nothing of them.  The
 * gate tells it what to take (and never waits for it); the recorder passes on
 * what people ask, whom the kernel named; the keeper hands its list of
 * decisions to the gate.
 */
#ifndef GUARDD_VAULTER_H
#define GUARDD_VAULTER_H

#include "guardd/action.h"

struct vaulter_start {
	int keeper, gate;  /* channels; -1: none yet */
	int dir;           /* the state directory */
	bool lasting;      /* which is there after the end, too */
	const char *lists; /* path of the directory of hash lists */
	struct settings set;
};

/* Be it until told to stop; returns the exit status. */
int vaulter_run(const struct vaulter_start *start);

#endif /* GUARDD_VAULTER_H */
