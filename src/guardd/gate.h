/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gate: the only reader of permission events, and the only answerer.
 *
 * Owns the groups' events, the cache with its leases and marks, the deadlines.
 * Must not open or resolve anything, wait for anybody, or allocate while it
 * answers: half the machine may be waiting for it.  What it needs done in the
 * world of names it asks the scout for, what it has to tell it gives to the
 * recorder, and neither need answer.
 */
#ifndef GUARDD_GATE_H
#define GUARDD_GATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "guardd/action.h"
#include "guardd/family.h"
#include "guardd/fan.h"
#include "guardd/metrics.h"

enum {
	GROUPS_MAX = 64,        /* filesystems guarded at once */
	GATE_FD_LIMIT = 131072, /* descriptors: two for each opener that waits,
				 * one for each token */
	GATE_FD_LEAST = 1024
};

/* The permission group of one filesystem. */
struct group {
	int fd; /* -1: the number is free */
	struct fan_features features;
};

/* What a new gate inherits from the keeper. */
struct gate_start {
	struct settings set;
	unsigned workers;            /* at most so many at once */
	int keeper, recorder, scout; /* channels; -1: none */
	int vault, hasher;
	pid_t scout_pid;
	struct family family;
	struct group groups[GROUPS_MAX];
	int image;               /* the filter's, in memory; -1: none yet */
	int known;               /* contents decided on; -1: none yet */
	bool sweep;              /* a gate died: answer what it left */
	int baton;               /* to its successor: store.h; -1: none */
	int fd_limit;            /* RLIMIT_NOFILE */
	struct metrics *metrics; /* shared with all, kept from gate to gate */
};

/* Be the gate until told to stop; returns the exit status. */
int gate_run(const struct gate_start *start);

#endif /* GUARDD_GATE_H */
