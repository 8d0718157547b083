/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mountid: from the short number of a mount to the one that is never reused.
 *
 * mountinfo knows only short numbers; where the kernel has listmount(2) and
 * statmount(2) (6.8) each is looked up once.  Without them the short number
 * stands for itself.
 */
#ifndef GUARDD_MOUNTID_H
#define GUARDD_MOUNTID_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct mount_pair {
	uint64_t old, unique;
};

struct mount_ids {
	struct mount_pair *pairs; /* NULL: the kernel has no unique numbers */
	size_t count;
};

/* ERR_NOMEM, ERR_LIMIT, ERR_SYS. */
MUST_USE enum err mount_ids_read(struct mount_ids *out);
void mount_ids_free(struct mount_ids *m);

/* The unique number of an old one; 0 when it is gone (no mount has 0), the old
 * one where there are no others. */
uint64_t mount_ids_unique(const struct mount_ids *m, uint64_t old);

#endif /* GUARDD_MOUNTID_H */
