/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal: the log file, appended to and rotated by size.
 */
#ifndef GUARDD_JOURNAL_H
#define GUARDD_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct journal {
	int dir; /* the state directory; borrowed */
	int fd;  /* the log; owned */
	uint64_t size;
};

/* Open (or create, mode 0600) log.jsonl in dir and lock it for this daemon.
 * ERR_SYS; errno EWOULDBLOCK: another daemon writes to it. */
MUST_USE enum err journal_open(int dir, struct journal *out);

/* Append whole lines, and begin a new file when this one is full.  What can't
 * be written is lost: a full disk must not stop the guard. */
void journal_write(struct journal *j, const void *lines, size_t n);

#endif /* GUARDD_JOURNAL_H */
