/* SPDX-License-Identifier: Apache-2.0 */
/*
 * note: what the desktop is told of the guard's events, in people's words.
 *
 * Owns which events are told, how many at once, and the text.  Names of files
 * and programs are hostile: they reach a title never, and a body only escaped,
 * without markup, control or bidirectional characters.  Knows of no desktop and
 * no clock, so that all of it is tested without either.
 */
#ifndef NOTIFY_NOTE_H
#define NOTIFY_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "model/verdict.h"
#include "talk/talk.h"

enum {
	NOTE_PATH = 4096, /* bytes, with the NUL, as the others */
	NOTE_TEXT = 512,
	NOTE_WORD = 96,
	GROUP_NOTES = 8,      /* files that are told apart */
	GROUP_WAIT_MS = 700,  /* what comes in one go is told in one go */
	GROUP_REST_MS = 8000, /* between two popups */
	BODY_MAX = 64 * 1024
};

/* What happened, as far as people care. */
enum note_kind {
	NOTE_DENIED,      /* an open was denied */
	NOTE_QUARANTINED, /* it was moved to the vault */
	NOTE_FLAGGED,     /* it was found before anybody opened it */
	NOTE_OBSERVED,    /* it was opened: the guard only observes */
	NOTE_KINDS
};

struct note {
	enum note_kind kind;
	enum verdict verdict;
	uint64_t times;
	char path[NOTE_PATH];
	char message[NOTE_TEXT];
	char exe[NOTE_TEXT];
	char rule[NOTE_WORD];
};

/* Take an item of the guard apart.  False: nothing that is told to this user;
 * all: also what happened to others. */
bool note_read(
    const struct talk_line *line, uid_t uid, bool all, struct note *out);

/* Notes that wait to be shown together. */
struct group {
	struct note notes[GROUP_NOTES];
	size_t count;
	uint64_t files;    /* those that found no place included */
	uint64_t first_ms; /* when the first of them came */
	uint64_t shown_ms; /* when something was shown last; 0: never */
};

/* Add one; the same file again is counted. */
void group_add(struct group *g, const struct note *note, uint64_t now_ms);

/* In how many ms it is to be shown: 0 now, -1 there is nothing. */
int group_due(const struct group *g, uint64_t now_ms);

/* It was shown. */
void group_clear(struct group *g, uint64_t now_ms);

/* The title, which holds nothing that came from a file. Static storage or
 * text. */
const char *group_title(const struct group *g, char *text, size_t size);

/* The body; markup: the desktop reads it as such. ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err group_body(
    const struct group *g, bool markup, struct buf *out);

/* All that there is to say of one file: what it is, what to do. ERR_LIMIT,
 * ERR_NOMEM. */
MUST_USE enum err note_details(
    const struct note *n, bool markup, struct buf *out);

#endif /* NOTIFY_NOTE_H */
