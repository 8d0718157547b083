/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox: take rights away; never give any back.
 *
 * Profiles are rows of sandbox/syscalls.def: SYSCALL(profile, name, why).
 * Entering is final: no new privileges, capabilities, limits, landlock
 * (everything denied), then seccomp with the profile's list; anything else
 * kills the process.
 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum sandbox_profile {
	SANDBOX_WORKER,   /* reads the descriptor it was sent; nothing else */
	SANDBOX_TEMPLATE, /* forks and kills workers; opens nothing */
	SANDBOX_COUNT
};

struct sandbox_report {
	bool seccomp;
	bool landlock; /* false: the kernel has none */
};

/*
 * Become uid and gid (no supplementary groups, no capabilities in any set);
 * with uid (uid_t)-1 only capabilities are dropped.  ERR_SYS.
 */
MUST_USE enum err sandbox_drop_to(uid_t uid, gid_t gid);

/*
 * Keep exactly these capabilities (bit masks as 1 << CAP_x, effective and
 * permitted; bounding set cut to them, ambient and inheritable empty) and set
 * no-new-privileges.  ERR_SYS.
 */
MUST_USE enum err sandbox_keep_caps(uint64_t caps);

/* Memory ceiling (bytes of address space beyond what is mapped now), no core,
 * no dumps, few descriptors, no files written. ERR_SYS. */
MUST_USE enum err sandbox_limits(uint64_t memory_bytes, unsigned descriptors);

/* No core file and not dumpable: nothing of this process leaks. ERR_SYS. */
MUST_USE enum err sandbox_no_core(void);

/*
 * Enter a profile for good.  allow_degraded: go on without landlock when the
 * kernel has none (never without seccomp).  ERR_SYS, ERR_UNSUPPORTED.
 */
MUST_USE enum err sandbox_enter(enum sandbox_profile profile,
    bool allow_degraded, struct sandbox_report *out);

#endif /* SANDBOX_SANDBOX_H */
