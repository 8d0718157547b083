/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox: take rights away; never give any back.
 *
 * Profiles are rows of sandbox/syscalls.def: SYSCALL(profile, name, why).
 * Entering is final: no new privileges, landlock (everything denied), then
 * seccomp with the profile's list; anything else kills the process.
 * Capabilities and limits are calls of their own, made before.
 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/* Sanitizers do things of their own that a profile must let them. */
#if defined(__SANITIZE_ADDRESS__)
#define SANDBOX_SANITIZERS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANDBOX_SANITIZERS 1
#endif
#endif
#ifndef SANDBOX_SANITIZERS
#define SANDBOX_SANITIZERS 0
#endif

/* The descriptor of the socket that a sandboxed process talks on: the profiles
 * allow no other. */
enum { SANDBOX_SOCKET = 3 };

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
 * Make a profile's program ahead, so that sandbox_enter() costs two system
 * calls, also in processes forked later.  Not after sandbox_limits(), which
 * would stop it.  ERR_NOMEM, ERR_SYS, ERR_UNSUPPORTED.
 */
MUST_USE enum err sandbox_prepare(enum sandbox_profile profile);

/*
 * Make large private memory cheap to fork: see sandbox/freeze.c.  Changes no
 * byte and no address.  For a process of one thread, before sandbox_limits().
 * ERR_SYS; what was not done then is only slower.
 */
MUST_USE enum err sandbox_freeze(void);

/* Zeros that this process and what it forks later share; no file's memory, so
 * nobody can truncate it. ERR_SYS. */
MUST_USE enum err sandbox_share(size_t size, void **out);

/* This process only reads it from now on. */
void sandbox_share_only_read(void *at, size_t size);

/*
 * Enter a profile for good.  allow_degraded: go on without landlock when the
 * kernel has none (never without seccomp).  Landlock is entered once: what is
 * forked from a process that did has it.  ERR_SYS, ERR_UNSUPPORTED.
 */
MUST_USE enum err sandbox_enter(enum sandbox_profile profile,
    bool allow_degraded, struct sandbox_report *out);

#endif /* SANDBOX_SANDBOX_H */
