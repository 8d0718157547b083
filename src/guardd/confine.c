/* SPDX-License-Identifier: Apache-2.0 */
/* confine: capabilities, limits, memory. */
#include "guardd/confine.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/own.h"
#include "guardd/gate.h"
#include "guardd/gate_calls.h"
#include "sandbox/sandbox.h"

enum {
	GATE_NICE = -10, /* everybody waits for the gate */
	SCOUT_NICE = -10 /* a directory that moves in must not wait */
};

#define CAP(name) (UINT64_C(1) << CAP_##name)

/* What the keeper's children need; the keeper starts them again. */
/* FOWNER: looking at others' files must not change when they were read. */
#define CAPS_SCOUT \
	(CAP(SYS_ADMIN) | CAP(DAC_READ_SEARCH) | CAP(DAC_OVERRIDE) | \
	    CAP(AUDIT_WRITE) | CAP(FOWNER))
#define CAPS_GATE (CAP(SYS_ADMIN) | CAP(DAC_READ_SEARCH) | CAP(LEASE))
#define CAPS_RECORDER (CAP(SYS_PTRACE) | CAP(DAC_READ_SEARCH))
/* Others' files: read, move, and make what they were.  SETUID and SETGID so
 * that a user's restore goes only where that user may write. */
#define CAPS_VAULTER \
	(CAP(DAC_READ_SEARCH) | CAP(DAC_OVERRIDE) | CAP(FOWNER) | CAP(CHOWN) | \
	    CAP(FSETID) | CAP(SETFCAP) | CAP(LEASE) | CAP(SETUID) | \
	    CAP(SETGID))
#define CAPS_TEMPLATE (CAP(SETUID) | CAP(SETGID) | CAP(SETPCAP))
#define CAPS_KEEPER \
	(CAPS_SCOUT | CAPS_GATE | CAPS_RECORDER | CAPS_VAULTER | \
	    CAPS_TEMPLATE | CAP(KILL) | CAP(SYS_NICE) | CAP(SYS_RESOURCE) | \
	    CAP(IPC_LOCK))

/* Keep these, of what there is: root in a container may lack some, and those
 * that are really needed will be missed soon enough, with a sentence. */
static enum err
caps_keep(uint64_t want)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct have[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &head, have) == -1)
		return ERR_SYS;
	return sandbox_keep_caps(
	    want & ((uint64_t)have[1].permitted << 32 | have[0].permitted));
}

/* Raise one limit as far as it goes, to want at most. */
static rlim_t
limit_raise(__rlimit_resource_t what, rlim_t want)
{
	struct rlimit old, new = { want, want };

	if (getrlimit(what, &old) == -1)
		return 0;
	if (old.rlim_cur >= want && old.rlim_cur != RLIM_INFINITY)
		new = old;
	if (setrlimit(what, &new) == 0)
		return new.rlim_cur;
	new.rlim_cur = new.rlim_max = old.rlim_max;
	(void)setrlimit(what, &new);
	return new.rlim_cur;
}

void
confine_limits(int *fd_limit)
{
	rlim_t fds = limit_raise(RLIMIT_NOFILE, GATE_FD_LIMIT);

	/* More than the gate counts with would only lengthen its sweep. */
	*fd_limit = fds == 0 || fds > GATE_FD_LIMIT ? GATE_FD_LIMIT : (int)fds;
	(void)limit_raise(RLIMIT_MEMLOCK, RLIM_INFINITY);
	/* One signal may be on its way for each lease. */
	(void)limit_raise(RLIMIT_SIGPENDING, GATE_FD_LIMIT);
}

void
confine_oom(int score)
{
	AUTO_CLOSE int fd =
	    open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd != -1)
		(void)dprintf(fd, "%d", score);
}

enum err
confine_keeper(void)
{
	enum err e = sandbox_no_core();

	return e != ERR_OK ? e : caps_keep(CAPS_KEEPER);
}

enum err
confine_gate(void)
{
	struct rlimit memory;
	enum err e;

	(void)setpriority(PRIO_PROCESS, 0, GATE_NICE);
	/* All that is there now, and later whatever gets touched: the big
	 * tables are mostly never used.  Where the limit is low, later memory
	 * is not locked, because it could not even be had. */
	if (mlockall(MCL_CURRENT) == -1)
		return ERR_SYS;
	if (getrlimit(RLIMIT_MEMLOCK, &memory) == 0 &&
	    memory.rlim_cur == RLIM_INFINITY &&
	    mlockall(MCL_FUTURE | MCL_ONFAULT) == -1)
		return ERR_SYS;
	if ((e = sandbox_no_core()) != ERR_OK ||
	    (e = caps_keep(CAPS_GATE)) != ERR_OK)
		return e;
	return gate_calls_only();
}

enum err
confine_scout(void)
{
	enum err e = sandbox_no_core();

	(void)setpriority(PRIO_PROCESS, 0, SCOUT_NICE);
	return e != ERR_OK ? e : caps_keep(CAPS_SCOUT);
}

enum err
confine_recorder(void)
{
	enum err e = sandbox_no_core();

	return e != ERR_OK ? e : caps_keep(CAPS_RECORDER);
}

enum err
confine_vaulter(void)
{
	enum err e = sandbox_no_core();

	return e != ERR_OK ? e : caps_keep(CAPS_VAULTER);
}
