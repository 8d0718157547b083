/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keep: reports of a scan that go into files.
 *
 * A file has its name only when it is whole: it is written without one, then
 * copied beside that name, and takes its place in one step.  So what was there
 * before stays until then, a scan of the same directory meets no half report,
 * and one that is killed leaves nothing behind.
 */
#ifndef CLI_KEEP_H
#define CLI_KEEP_H

#include <stdbool.h>

#include "out/out.h"

struct keep {
	const char *path; /* borrowed */
	int fd, spool;    /* without names */
	const struct writer *writer;
	struct out out;
};

/* The form that the end of a name asks for, or NULL. */
const struct writer *keep_writer(const char *path);

/* A file without a name in the directory of path, or in memory; -1: errno. */
int keep_spool(const char *path);

/* Begin; path's ending is one that keep_writer() knows.  ERR_SYS: errno says
 * why path can't be written. */
MUST_USE enum err keep_begin(const char *path, struct keep *out);

/* Give it its name. ERR_SYS: errno says why; what was there stays. */
MUST_USE enum err keep_end(struct keep *k);

void keep_free(struct keep *k); /* what has no name goes */

#endif /* CLI_KEEP_H */
