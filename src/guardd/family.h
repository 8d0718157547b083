/* SPDX-License-Identifier: Apache-2.0 */
/*
 * family: the processes of this daemon, whose opens are never held up.
 *
 * A child joins before it opens or executes anything and leaves before it is
 * reaped, so a pid in the set can't be anybody else's.
 */
#ifndef GUARDD_FAMILY_H
#define GUARDD_FAMILY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { FAMILY_MAX = 16 }; /* six roles, each perhaps with a dying one */

struct family {
	pid_t pids[FAMILY_MAX];
	size_t count;
};

static inline bool
family_has(const struct family *f, pid_t pid)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->pids[i] == pid)
			return true;
	return false;
}

/* False when the set is full. */
static inline bool
family_add(struct family *f, pid_t pid)
{
	if (family_has(f, pid))
		return true;
	if (f->count == FAMILY_MAX)
		return false;
	f->pids[f->count++] = pid;
	return true;
}

static inline void
family_drop(struct family *f, pid_t pid)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->pids[i] == pid) {
			f->pids[i] = f->pids[--f->count];
			return;
		}
}

#endif /* GUARDD_FAMILY_H */
