/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask: a question that somebody asked over the control socket, and its answer.
 *
 * A command is one row of asks.def and one function, ask_NAME().  It reads the
 * question with ask_text() and the like, says any number of items, and ends
 * with ask_ok() or ask_fail().  The row says who may ask and on which lane the
 * function runs: NOW is the recorder's own thread, which must not wait for
 * anything (openers wait for it); the other lanes have a thread each and may
 * take their time, but must touch only what is theirs.
 *
 * docs/control.md is the protocol, and says how to add a command.
 */
#ifndef GUARDD_ASK_H
#define GUARDD_ASK_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "talk/talk.h"

enum {
	ASK_VALUES = 128,             /* values in a question */
	ASK_ANSWER_MAX = 1024 * 1024, /* bytes of all lines of an answer */
	ASK_REASON_MAX = 1024         /* bytes of a sentence of ask_fail() */
};

enum ask_lane { LANE_NOW, LANE_HISTORY, LANE_VAULT, LANE_COUNT };

/* Who may ask. OWN: anybody, and the function shows him his own only: see
 * ask_owns(). */
enum ask_right { ASK_ANYBODY, ASK_OWN, ASK_ADMIN };

/* Why there is no answer: "error" of the last line. */
enum ask_error {
	ASK_MALFORMED, /* no question of this protocol */
	ASK_UNKNOWN,   /* no such command */
	ASK_FORBIDDEN, /* not for you */
	ASK_WRONG,     /* an argument is missing or makes no sense */
	ASK_MISSING,   /* there is no such thing */
	ASK_BUSY,      /* too much at once: try again */
	ASK_FAILED,    /* it could not be done */
	ASK_ERROR_COUNT
};

/* Who asks, as the kernel said when he connected. */
struct asker {
	uid_t uid;
	gid_t gid;
	pid_t pid;
	bool admin; /* root, or of the administrators' group */
};

struct ask;

struct ask_row {
	const char *name;
	enum ask_right right;
	enum ask_lane lane;
	void (*answer)(struct ask *ask);
	const char *text; /* what it is, for docs and tests */
};

struct ask {
	void *world; /* struct recorder, for its own functions */
	const struct ask_row *row;
	struct asker by;
	struct json question;
	struct json_value values[ASK_VALUES];
	char *line; /* the question's text, owned */
	struct buf out;
	struct ask *next; /* of a lane's queue */
	bool done;        /* the last line was said */
	bool waits;       /* NOW only: somebody will say it later */
	bool follows;     /* after this, each new event that he may see */
	int cancelled;    /* atomic: nobody wants to know any more */
};

/* The rows of asks.def. */
extern const struct ask_row ask_rows[];
extern const size_t ask_row_count;

/* Take a line apart and find its row, with a reason when there is none. The
 * ask is the caller's: ask_free(). Done means that it was answered. ERR_NOMEM.
 */
MUST_USE enum err ask_new(const char *line, size_t n,
    const struct ask_row *rows, size_t count, struct ask **out);
void ask_free(struct ask **ask); /* NULL in it is fine */

/* May this one be shown what happened to uid? */
bool ask_owns(const struct ask *ask, uid_t uid);

/* Is there a member of that name? */
bool ask_has(const struct ask *ask, const char *name);
/* A string, any bytes but NUL; false: there is none, or it doesn't fit (*out
 * is as it was). */
bool ask_text(const struct ask *ask, const char *name, char *out, size_t room);
/* A whole number from 0 on. */
bool ask_number(const struct ask *ask, const char *name, uint64_t *out);
/* "name":true */
bool ask_flag(const struct ask *ask, const char *name);

/* Say one item, {"v":1,"name":json}. False: no room for it; the answer has to
 * end. */
bool ask_item(struct ask *ask, const char *name, const char *json);
/* Say the last line. members is JSON without braces, "" for none. */
void ask_ok(struct ask *ask, const char *members);
/* Say that it wasn't done, and why, as a sentence. */
void ask_fail(struct ask *ask, enum ask_error error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Has the one who asked gone?  For functions that take long. */
bool ask_cancelled(const struct ask *ask);

#endif /* GUARDD_ASK_H */
