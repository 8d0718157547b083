/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recorder: writes down what the gate decided, and says it to people.
 *
 * Owns the log and the terminal.  Must not parse model files, nor be needed:
 * when it is slow, stuck or dead the gate drops records and counts them.
 */
#ifndef GUARDD_RECORDER_H
#define GUARDD_RECORDER_H

#include <stdbool.h>

#include "guardd/journal.h"
#include "guardd/keeping.h"
#include "guardd/metrics.h"

struct recorder_start {
	int keeper, gate; /* channels; -1: none yet */
	struct journal journal;
	int control;              /* listening socket; -1: none */
	const char *const *watch; /* what is guarded */
	size_t watch_count;
	const struct metrics *metrics; /* what the gate counts */
	struct keeping set;
	bool brief; /* the state directory is of this run alone */
	bool print; /* say it on standard output too */
	bool again; /* another one died: it may have begun a new log */
};

/* Be the recorder until told to stop; returns the exit status. */
int recorder_run(const struct recorder_start *start);

#endif /* GUARDD_RECORDER_H */
