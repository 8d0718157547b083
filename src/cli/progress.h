/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress: a line on the terminal that says how far a scan is.
 *
 * It comes after half a second and is written over at most ten times a second,
 * whatever happens; whoever prints something else on the terminal clears it
 * first.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct progress {
	bool on;
	bool always;  /* also when it is over in a moment */
	bool unicode; /* the bar may be drawn with more than ASCII */
	bool colour;
	bool drawn;     /* it stands on the terminal now */
	int fd;         /* borrowed */
	uint64_t begun; /* clock_now(), as drawn_at */
	uint64_t drawn_at;
	uint64_t total; /* files; 0: not known */
	uint64_t done;
	uint64_t found;
};

/* Begin; total may be set later. */
void progress_begin(struct progress *p);

/* One more file is done. */
void progress_file(struct progress *p, bool found);

/* Draw it when that is due; in how many ms it is next, or -1. */
int progress_tick(struct progress *p);

/* Take it from the terminal; the next tick that is due draws it again.
 * context is a struct progress. */
void progress_clear(void *context);

/* The last state, then nothing any more. */
void progress_end(struct progress *p);

/* The line at a time, in at most so many columns. ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err progress_line(
    const struct progress *p, uint64_t now, unsigned columns, struct buf *out);

/* Does the environment say that the terminal's characters are UTF-8? */
bool progress_unicode(void);

#endif /* CLI_PROGRESS_H */
