/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event: one thing that happened to a file, as it is kept and told.
 *
 * Owns the words of its JSON object, which is that of the log, of the control
 * socket and of "ckptguard events --format=jsonl", and what a filter lets
 * through.
 */
#ifndef HISTORY_EVENT_H
#define HISTORY_EVENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/verdict.h"

/* No uid is -1: nobody opened it, and nobody owns it. */
#define HISTORY_NOBODY ((uid_t)-1)

/* Strings are borrowed, never NULL, and "" when there is nothing to say; those
 * of files and processes are hostile. */
struct history_event {
	uint64_t id;      /* rising; 0: not kept yet */
	uint64_t time_ms; /* since 1970, universal time */
	uint32_t uid;     /* whom it concerns */
	const char *kind; /* denied, observed, noted, flagged, ... */
	int error;        /* errno of the opener: 0, EPERM, EIO */
	enum verdict verdict;
	const char *path, *format, *rule, *message, *where;
	uint64_t dev, ino; /* dev: major << 32 | minor */
	uint64_t size;     /* bytes */
	bool in_place, growing;
	uint64_t elapsed_us;
	int64_t pid; /* of the opener; 0: nobody opened it */
	bool known;  /* comm, exe, uid and user are the opener's */
	const char *comm, *exe, *user, *container;
	const char *digest; /* sha256 in hex */
	uint64_t times;     /* as often within a moment */
};

/* What a question lets through. */
struct history_filter {
	uint64_t since_ms, until_ms; /* until 0: without an end */
	bool one_user;
	uint32_t uid;
	bool one_verdict;
	enum verdict verdict;
	const char *path; /* it, and what lies below it; "": all */
	const char *rule; /* "": all */
};

/* Nothing but empty strings. */
void history_event_init(struct history_event *e);

/* Append the object. ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err history_event_json(
    const struct history_event *e, struct buf *out);

/* Parts of it: {"time":"..." ; ,"pid":... of whoever opened it. */
MUST_USE enum err history_time_json(uint64_t ms, struct buf *out);
MUST_USE enum err history_who_json(
    const struct history_event *e, struct buf *out);

bool history_matches(
    const struct history_filter *f, const struct history_event *e);

#endif /* HISTORY_EVENT_H */
