/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exempt: openers to whom a denial does not apply.
 *
 * They are known by their real user, or by the very file that they run: device,
 * inode and time of change, as when the configuration was read, and never by a
 * name alone.  They are looked at only when a denial is due, while the opener
 * is blocked; whoever can't be looked at in time is denied.
 */
#ifndef GUARDD_EXEMPT_H
#define GUARDD_EXEMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "conf/conf.h"
#include "guardd/who.h"

struct exempt_program {
	uint64_t path; /* hash: only what has this name is looked at */
	uint64_t dev, ino;
	int64_t ctime; /* ns since 1970 */
};

struct exempt {
	uint32_t users[CONF_LIST_MAX];
	struct exempt_program programs[CONF_LIST_MAX];
	uint32_t user_count, program_count;
};

/* What the configuration names, as it is now.  What is not there exempts
 * nobody; a line for each goes into why. */
void exempt_find(const struct conf *c, struct exempt *out, struct buf *why);

/* Is this opener one of them? */
bool exempt_is(const struct exempt *x, const struct who *who);

#endif /* GUARDD_EXEMPT_H */
