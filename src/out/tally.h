/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tally: how many files of each verdict there are, by name of a group.
 *
 * Groups are directories or formats, in the order in which they came.  Names
 * come from a report or a path: any bytes but NUL.  The number of groups is
 * bounded; files of further ones count in a group of their own.
 */
#ifndef OUT_TALLY_H
#define OUT_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "model/report.h"

struct tally_row {
	const char *name; /* the tally's */
	uint64_t files[VERDICT_COUNT];
	uint64_t failed; /* could not be scanned: in no verdict */
	uint64_t bytes;  /* of all of them */
};

struct tally {
	struct arena arena;
	struct buf groups; /* struct tally_row each; the first is "others" */
	struct buf slots;  /* uint32_t, index + 1 by hash; 0: free */
	size_t max;        /* groups, besides "others" */
};

/* An empty tally of at most max groups; allocates nothing. */
struct tally tally_new(size_t max);
void tally_free(struct tally *t); /* NULL is fine */

/* Count a file.  Without memory it counts among the others. */
void tally_add(
    struct tally *t, const char *name, size_t n, const struct report *r);

/* The groups that have files, the worst first, then the largest, then by name;
 * *count of them (NULL: none).  Nothing may be added afterwards. */
const struct tally_row *tally_sort(struct tally *t, size_t *count);

/* All its files. */
uint64_t tally_row_files(const struct tally_row *g);

#endif /* OUT_TALLY_H */
