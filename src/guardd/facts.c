/* SPDX-License-Identifier: Apache-2.0 */
/* facts: statx(2). */
#include "guardd/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum {
	WANT_MNT_ID = 0x1000,        /* STATX_MNT_ID, Linux 5.8 */
	WANT_MNT_ID_UNIQUE = 0x4000, /* STATX_MNT_ID_UNIQUE, 6.8 */
};

#define NS_PER_S INT64_C(1000000000)

bool
facts_unique_mounts(void)
{
	static int known = -1;
	struct statx sx;

	if (known == -1)
		known = statx(AT_FDCWD, "/", 0, WANT_MNT_ID_UNIQUE, &sx) == 0 &&
		    (sx.stx_mask & WANT_MNT_ID_UNIQUE) != 0;
	return known == 1;
}

static int64_t
stamp(const struct statx_timestamp *t)
{
	/* Wrapping is no harm: a stamp is only compared with itself. */
	return (int64_t)((uint64_t)t->tv_sec * (uint64_t)NS_PER_S + t->tv_nsec);
}

bool
facts_of(int fd, struct facts *out)
{
	unsigned id = facts_unique_mounts() ? WANT_MNT_ID_UNIQUE : WANT_MNT_ID;
	struct statx sx;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME | id,
		&sx) == -1)
		return false;
	if ((sx.stx_mask & id) == 0) {
		errno = ENOSYS;
		return false;
	}
	*out = (struct facts){
		.dev = (uint64_t)sx.stx_dev_major << 32 | sx.stx_dev_minor,
		.ino = sx.stx_ino,
		.size = sx.stx_size,
		.mtime = stamp(&sx.stx_mtime),
		.ctime = stamp(&sx.stx_ctime),
		.born = stamp((sx.stx_mask & STATX_BTIME) != 0 ? &sx.stx_btime
							       : &sx.stx_ctime),
		.mount = sx.stx_mnt_id,
		.links = sx.stx_nlink,
		.owner = sx.stx_uid,
		.regular = (sx.stx_mode & S_IFMT) == S_IFREG,
		.directory = (sx.stx_mode & S_IFMT) == S_IFDIR,
	};
	return true;
}
