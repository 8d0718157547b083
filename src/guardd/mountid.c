/* SPDX-License-Identifier: Apache-2.0 */
/* mountid: the system calls, which older C libraries have no names for. */
#include "guardd/mountid.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guardd/facts.h"

#ifndef SYS_statmount
#define SYS_statmount 457
#endif
#ifndef SYS_listmount
#define SYS_listmount 458
#endif

enum {
	IDS_STEP = 512,
	IDS_MAX = 65536,
	STATMOUNT_BASIC = 2, /* STATMOUNT_MNT_BASIC */
	STATMOUNT_ROOM = 1024,
};

#define LIST_ROOT UINT64_MAX /* LSMT_ROOT: all mounts of the namespace */

/* struct mnt_id_req, first version. */
struct request {
	uint32_t size, spare;
	uint64_t id, param;
};

/* The head of struct statmount; the kernel fills in what was asked for. */
struct answer {
	uint32_t size, spare;
	uint64_t mask;
	uint32_t dev_major, dev_minor;
	uint64_t sb_magic;
	uint32_t sb_flags, fs_type;
	uint64_t id, parent;
	uint32_t old, parent_old;
};

static bool
short_number(uint64_t unique, uint64_t *old)
{
	struct request r = { sizeof(r), 0, unique, STATMOUNT_BASIC };
	union {
		struct answer a;
		char room[STATMOUNT_ROOM];
	} u = { 0 };

	if (syscall(SYS_statmount, &r, &u, sizeof(u), 0) == -1 ||
	    (u.a.mask & STATMOUNT_BASIC) == 0)
		return false;
	*old = u.a.old;
	return true;
}

/* Make room for one more step of pairs. */
static enum err
pairs_grow(struct mount_ids *m)
{
	struct mount_pair *p;

	if (m->count > IDS_MAX - IDS_STEP)
		return ERR_LIMIT;
	p = reallocarray(m->pairs, m->count + IDS_STEP, sizeof(*p));
	if (p == NULL)
		return ERR_NOMEM;
	m->pairs = p;
	return ERR_OK;
}

static enum err
pairs_fill(struct mount_ids *m)
{
	uint64_t ids[IDS_STEP], last = 0;
	long n;

	do {
		struct request r = { sizeof(r), 0, LIST_ROOT, last };
		enum err e;

		n = syscall(SYS_listmount, &r, ids, (size_t)IDS_STEP, 0);
		if (n == -1)
			return errno == ENOSYS || errno == EPERM
			    ? ERR_UNSUPPORTED
			    : ERR_SYS;
		if ((e = pairs_grow(m)) != ERR_OK)
			return e;
		for (long i = 0; i < n; i++) {
			struct mount_pair *p = &m->pairs[m->count];

			last = p->unique = ids[i];
			/* One that went away meanwhile is just left out. */
			if (short_number(p->unique, &p->old))
				m->count++;
		}
	} while (n == IDS_STEP);
	return ERR_OK;
}

static int
pair_order(const void *a, const void *b)
{
	const struct mount_pair *x = a, *y = b;

	return x->old < y->old ? -1 : x->old > y->old;
}

enum err
mount_ids_read(struct mount_ids *out)
{
	struct mount_ids m = { 0 };
	enum err e = facts_unique_mounts() ? pairs_fill(&m) : ERR_UNSUPPORTED;

	if (e != ERR_OK) {
		mount_ids_free(&m);
		/* Unique numbers without a list of them place no file: then
		 * everything is watched, which is dear but not wrong. */
		return e == ERR_UNSUPPORTED ? ERR_OK : e;
	}
	if (m.count != 0)
		qsort(m.pairs, m.count, sizeof(*m.pairs), pair_order);
	*out = m;
	return ERR_OK;
}

void
mount_ids_free(struct mount_ids *m)
{
	free(m->pairs);
	*m = (struct mount_ids){ 0 };
}

uint64_t
mount_ids_unique(const struct mount_ids *m, uint64_t old)
{
	struct mount_pair key = { .old = old };
	const struct mount_pair *p;

	if (m->pairs == NULL)
		return old;
	p = bsearch(&key, m->pairs, m->count, sizeof(key), pair_order);
	return p == NULL ? 0 : p->unique;
}
