/* SPDX-License-Identifier: Apache-2.0 */
/*
 * series: the pickles of one file, one behind the other.
 *
 * Programs load from a file until it ends, torch's old format has five pickles
 * in a row, joblib puts pickles between opcodes, and whatever breaks a pickle
 * does not undo what ran before.  So each pickle is run; behind a broken one,
 * or behind bytes that are none, the next plausible one is looked for.
 */
#ifndef PICKLE_SERIES_H
#define PICKLE_SERIES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "byte/stream.h"
#include "model/format.h"
#include "pickle/machine.h"
#include "pickle/scan.h"

struct series {
	struct visit *visit;
	const struct source *source;
	struct stream in;
	struct scan scan;
	struct machine m;
	uint64_t pickles;  /* that ended with STOP */
	uint64_t reruns;   /* readings of frames that were followed */
	uint64_t searched; /* opcodes spent on what may be no pickle */
	bool recognised;   /* one of them was a pickle */
	bool arrays;       /* joblib's */
	bool bare;     /* one of them, in the last pickle, without padding */
	bool legacy;   /* torch's five pickles */
	bool computed; /* the first pickle names globals */
	bool broken;   /* the last one has no end */
};

/* Where a series was, to go back to. */
struct series_mark {
	struct report_mark report;
	uint64_t pos, imports, calls;
	size_t names, extensions;
	bool strong, known, named, arrays;
};

struct series_mark series_mark(const struct series *s);

/* Take back all that was said since the mark, and go there. */
void series_take_back(struct series *s, const struct series_mark *mark);

/* The same, but for what was imported: who loads on behind a pickle imports
 * that, and only then sees that these bytes were none. */
void series_take_back_most(struct series *s, const struct series_mark *mark);

/* Run what may be a pickle; take it back if it is none, but for what was
 * imported if loaders reach it. */
bool series_try(struct series *s, bool reached);

/* ERR_NOMEM, ERR_LIMIT (memory). series_free() it even then. */
MUST_USE enum err series_open(
    struct series *s, struct visit *v, const struct source *source);
void series_free(struct series *s); /* NULL is fine */

/* Run one pickle from the stream's place, with what stands between its
 * opcodes. */
enum step series_run(struct series *s);

/* m has run the pickle at start: where it crossed frames or went below a mark,
 * run it again as each loader does that goes on there. */
void series_reread(struct series *s, const struct machine *m, uint64_t start);

/* The pickle at start has raw arrays that other unpicklers than joblib's take
 * for opcodes: run it as they do. */
void series_reread_plain(struct series *s, uint64_t start);

/* Was what the machine ran a pickle of this file?  first: nothing before it
 * was. */
bool series_believes(const struct series *s, enum step end, bool first);

/* Look for a pickle from the stream's place on and run it, again and again,
 * to the end or until that has cost enough. */
void series_search(struct series *s);

#endif /* PICKLE_SERIES_H */
