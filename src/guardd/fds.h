/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fds: which descriptors a forked process keeps.
 *
 * A group that stays open in a process which doesn't know of it keeps openers
 * waiting after everybody else has let go.
 */
#ifndef GUARDD_FDS_H
#define GUARDD_FDS_H

#include <stddef.h>

enum { FDS_KEEP_MAX = 256 };

struct fds {
	int keep[FDS_KEEP_MAX];
	size_t count;
};

/* Note one to keep; -1 is none. */
void fds_keep(struct fds *f, int fd);

/* Close everything above stdio that was not noted. */
void fds_close_others(struct fds *f);

#endif /* GUARDD_FDS_H */
