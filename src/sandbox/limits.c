/* SPDX-License-Identifier: Apache-2.0 */
/* limits: ceilings of the kernel's, and nothing left behind. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/ckd.h"
#include "base/own.h"
#include "sandbox/internal.h"

static enum err
limit(int what, uint64_t value)
{
	struct rlimit l;

	/* The hard limit may be lower already: that is as well. */
	if (getrlimit((__rlimit_resource_t)what, &l) == -1)
		return ERR_SYS;
	l.rlim_max = (rlim_t)ckd_min(value, l.rlim_max);
	l.rlim_cur = l.rlim_max;
	return setrlimit((__rlimit_resource_t)what, &l) == -1 ? ERR_SYS
							      : ERR_OK;
}

#if !SANDBOX_SANITIZERS
/* Bytes of address space that are mapped now: the first number of statm. */
static enum err
mapped_now(uint64_t *out)
{
	AUTO_CLOSE int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	char text[128], *end;
	unsigned long pages;
	long page = sysconf(_SC_PAGESIZE);
	ssize_t n;

	if (fd == -1 || page <= 0 ||
	    (n = read(fd, text, sizeof(text) - 1)) <= 0)
		return ERR_SYS;
	text[n] = '\0';
	pages = strtoul(text, &end, 10);
	if (end == text || *end != ' ' || !ckd_mul(pages, (uint64_t)page, out))
		return ERR_SYS;
	return ERR_OK;
}
#endif

static enum err
limit_memory(uint64_t beyond)
{
#if SANDBOX_SANITIZERS
	(void)beyond; /* shadow memory is terabytes of address space */
	return ERR_OK;
#else
	uint64_t now, sum;
	enum err e = mapped_now(&now);

	if (e != ERR_OK)
		return e;
	return ckd_add(now, beyond, &sum) ? limit(RLIMIT_AS, sum) : ERR_OK;
#endif
}

enum err
sandbox_limits(uint64_t memory_bytes, unsigned descriptors)
{
	enum err e;

	if ((e = limit_memory(memory_bytes)) != ERR_OK ||
	    (e = limit(RLIMIT_NOFILE, descriptors)) != ERR_OK ||
	    (e = limit(RLIMIT_FSIZE, 0)) != ERR_OK)
		return e;
	return sandbox_no_core();
}

enum err
sandbox_no_core(void)
{
	enum err e = limit(RLIMIT_CORE, 0);

	if (e != ERR_OK)
		return e;
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1 ? ERR_SYS : ERR_OK;
}
