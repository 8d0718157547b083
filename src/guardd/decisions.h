/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decisions: what somebody has decided about contents, on the disk.
 *
 * Our own stand in two files of the state directory, which are ClamAV's lists
 * too; lists of others in a directory of the administrator's, where *.hsb
 * denies and *.sfp allows.  Our own count more than a list.
 */
#ifndef GUARDD_DECISIONS_H
#define GUARDD_DECISIONS_H

#include "digest/known.h"

struct decisions {
	int dir;               /* the state directory; the caller's */
	const char *lists;     /* path of the directory of lists */
	struct known_list own; /* what was decided here */
	size_t listed;         /* entries of lists, when last read */
};

/* Read our own. ERR_SYS, ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err decisions_read(struct decisions *d);
void decisions_free(struct decisions *d);

/* Decide (kind) or take back what was decided (KNOWN_NOT) about that content,
 * and write it to the disk.  On failure nothing has changed. */
MUST_USE enum err decisions_set(
    struct decisions *d, const struct known_entry *entry);

/* What was decided here about it. */
enum known_kind decisions_own(
    const struct decisions *d, uint64_t size, const struct digest *digest);

/* Everything as an image for the gate.  What is wrong with a list goes to say,
 * as a sentence; the others count. ERR_LIMIT, ERR_NOMEM. */
typedef void decisions_say_fn(void *context, const char *text);
MUST_USE enum err decisions_image(const struct decisions *d,
    decisions_say_fn *say, void *context, struct buf *out);

#endif /* GUARDD_DECISIONS_H */
