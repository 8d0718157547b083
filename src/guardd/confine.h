/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confine: what each process of the daemon keeps of root's rights.
 *
 * Each is called once by the process itself, before it does its work; there is
 * no way back.
 */
#ifndef GUARDD_CONFINE_H
#define GUARDD_CONFINE_H

#include "base/err.h"

/* Raise the limits that the children need, while that is allowed. *fd_limit:
 * how many descriptors there may be. */
void confine_limits(int *fd_limit);

enum {
	CONFINE_OOM_LAST = -900, /* everybody waits for the gate */
	CONFINE_OOM_EARLY = 300  /* a worker costs one file */
};

enum {
	CONFINE_NICE_WAITED = -5, /* a worker whose opener waits */
	CONFINE_NICE_CALM = 15    /* one that nobody waits for any more */
};

/* How soon this process goes when memory runs out; as far as it is allowed. */
void confine_oom(int score);

/* Each: ERR_SYS, ERR_UNSUPPORTED. */
MUST_USE enum err confine_keeper(void);
/* Memory locked, nothing dumped, only the system calls that it makes. */
MUST_USE enum err confine_gate(void);
MUST_USE enum err confine_scout(void);
MUST_USE enum err confine_recorder(void);
MUST_USE enum err confine_vaulter(void);

#endif /* GUARDD_CONFINE_H */
