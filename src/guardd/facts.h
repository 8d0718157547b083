/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts: what one statx(2) on a descriptor tells about a file.
 *
 * Opens nothing and resolves no name, so the gate may ask.
 */
#ifndef GUARDD_FACTS_H
#define GUARDD_FACTS_H

#include <stdbool.h>
#include <stdint.h>

struct facts {
	uint64_t dev, ino;
	uint64_t size;        /* bytes */
	int64_t mtime, ctime; /* ns since 1970 */
	int64_t born;         /* the same; ctime where it isn't known */
	uint64_t mount;       /* the mount that it was opened through */
	uint32_t links;
	uint32_t owner; /* uid */
	bool regular, directory;
};

/* Do mounts have numbers that are never reused (6.8)?  A short number goes to
 * another mount as soon as it is free, so that a table which is a moment old
 * would misplace a file.  Asked once: all numbers of a process are of one
 * kind. */
bool facts_unique_mounts(void);

/* False with errno. fd may be O_PATH. */
bool facts_of(int fd, struct facts *out);

#endif /* GUARDD_FACTS_H */
