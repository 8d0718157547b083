/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hasher: sums up files that the gate sends it, and says what came out.
 *
 * Has the rights of a worker: none, one socket, and the descriptors that come.
 * It reads hostile bytes without looking into them.  Several files take turns,
 * so that a large one keeps no small one waiting.
 */
#ifndef GUARDD_HASHER_H
#define GUARDD_HASHER_H

#include <sys/types.h>

struct hasher_start {
	int gate; /* channel */
	uid_t uid;
	gid_t gid;
};

/* Be the hasher until the gate is gone; returns the exit status. */
int hasher_run(const struct hasher_start *start);

#endif /* GUARDD_HASHER_H */
