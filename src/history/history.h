/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history: what happened, kept in a database that is bounded in size and age.
 *
 * history_add() only copies into a bounded queue: a thread writes, many events
 * in one transaction, and nobody who answers openers ever waits for a disk.
 * What doesn't fit into the queue is counted.  When the disk is full or the
 * directory cannot be written the history pauses and tries again; a database
 * that is damaged is set aside and begun anew.  Both are told, by
 * history_told().
 *
 * Questions are asked through a reader, from one thread of its own.
 *
 * Owns the database.  Must not own who may see what.
 */
#ifndef HISTORY_HISTORY_H
#define HISTORY_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "history/event.h"

enum {
	HISTORY_TOLD_MAX = 512, /* bytes of a sentence, with its NUL */
	HISTORY_QUEUE = 8192,   /* events that wait to be written */
	HISTORY_ASK_MS = 2000   /* a question may take so long */
};

struct history_bounds {
	uint64_t bytes; /* of the database, about; 0: keep nothing */
	uint64_t days;  /* events older than this go */
};

struct history_size {
	uint64_t events, bytes;
	uint64_t oldest_ms; /* 0: there are none */
	uint64_t lost;      /* events that were not kept since the start */
	bool pausing;
};

struct history;

/* Begin, with the database in the directory of that path. ERR_NOMEM, ERR_SYS
 * (no thread). *out: history_free(). */
MUST_USE enum err history_new(
    const char *dir, const struct history_bounds *bounds, struct history **out);

/* Write what waits, at most for some 200 ms, and end. */
void history_free(struct history **h); /* NULL in it is fine */

void history_bound(struct history *h, const struct history_bounds *bounds);

/* Keep a copy. Never waits. */
void history_add(struct history *h, const struct history_event *e);

/* Wait until what was added is written, ms at most. */
void history_flush(struct history *h, unsigned ms);

/* A descriptor that is readable when there is something to tell, and what it
 * is: false, nothing.  bad: it is a warning. */
int history_wake(const struct history *h);
bool history_told(struct history *h, char out[HISTORY_TOLD_MAX], bool *bad);

struct history_reader;

/* For one thread. ERR_NOMEM. */
MUST_USE enum err history_reader_new(
    struct history *h, struct history_reader **out);
void history_reader_free(struct history_reader **r);

/* Where a list of events goes on: behind this one. All 0: at its beginning. */
struct history_place {
	uint64_t time_ms, id;
};

/* What is done with an event of an answer; it borrows. False: no more. */
typedef bool (*history_fn)(void *context, const struct history_event *e);

struct history_question {
	struct history_filter filter;
	struct history_place behind;
	bool oldest_first;
	size_t limit;                           /* events at most */
	bool (*cancelled)(const void *context); /* NULL: never */
	history_fn tell;
	void *context;
};

/* Tell events, newest first unless it says otherwise. ERR_LIMIT: it took too
 * long, or was cancelled; ERR_SYS: the database can't be read now. */
MUST_USE enum err history_find(
    struct history_reader *r, const struct history_question *q);

/* The last event of a file, by its path, or else as the file dev, ino (0: not
 * asked for).  uid: whose; everybody's if all. */
struct history_file {
	const char *path;
	uint64_t dev, ino;
	bool all;
	uint32_t uid;
};

/* As history_find(), with one event at most. */
MUST_USE enum err history_last(struct history_reader *r,
    const struct history_file *file, history_fn tell, void *context);

/* ERR_SYS, ERR_LIMIT. */
MUST_USE enum err history_measure(
    struct history_reader *r, struct history_size *out);

#endif /* HISTORY_HISTORY_H */
