/* SPDX-License-Identifier: Apache-2.0 */
/*
 * landlock: refuse every access to files, network and other domains.
 *
 * Raw system calls and numbers of our own: libc wraps none of it, and the
 * header of the machine that builds may be older than the kernel that runs.
 *
 * Reference: Documentation/userspace-api/landlock.rst
 */
#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/own.h"
#include "sandbox/internal.h"

/* Numbers of the generic table; the same on every architecture. */
enum {
	NR_CREATE_RULESET = 444,
	NR_RESTRICT_SELF = 446,
	CREATE_VERSION = 1,
};

/* struct landlock_ruleset_attr as of ABI 6; older kernels take a prefix. */
struct ruleset {
	uint64_t fs, net, scoped;
};

/* What each ABI added. A right that is handled and never granted is denied. */
static const struct {
	int abi;
	struct ruleset rights;
} grown[] = {
	{ 1, { .fs = 0x1fff } },  /* read, write, execute, make, remove */
	{ 2, { .fs = 1 << 13 } }, /* link and rename across */
	{ 3, { .fs = 1 << 14 } }, /* truncate */
	{ 4, { .net = 3 } },      /* bind and connect TCP */
	{ 5, { .fs = 1 << 15 } }, /* ioctl on devices */
	{ 6, { .scoped = 3 } },   /* abstract sockets, signals outside */
};

static size_t
ruleset_size(int abi)
{
	if (abi < 4)
		return sizeof(uint64_t);
	return abi < 6 ? 2 * sizeof(uint64_t) : sizeof(struct ruleset);
}

enum err
landlock_enter(void)
{
	long abi = syscall(NR_CREATE_RULESET, NULL, 0, CREATE_VERSION);
	struct ruleset all = { 0 };
	AUTO_CLOSE int fd = -1;

	if (abi < 1)
		return errno == ENOSYS || errno == EOPNOTSUPP ? ERR_UNSUPPORTED
							      : ERR_SYS;
	for (size_t i = 0; i < sizeof(grown) / sizeof(grown[0]); i++) {
		if (grown[i].abi > abi)
			break;
		all.fs |= grown[i].rights.fs;
		all.net |= grown[i].rights.net;
		all.scoped |= grown[i].rights.scoped;
	}
	fd = (int)syscall(NR_CREATE_RULESET, &all, ruleset_size((int)abi), 0);
	if (fd == -1 || syscall(NR_RESTRICT_SELF, fd, 0) == -1)
		return ERR_SYS;
	return ERR_OK;
}
