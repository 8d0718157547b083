/* SPDX-License-Identifier: Apache-2.0 */
/*
 * talk: a client's end of the daemon's control socket.
 *
 * One question is one line of JSON; its answer is any number of items, a line
 * each, and a last line that has "ok".  docs/control.md is the protocol.  What
 * the daemon sends is bounded here too: whoever answers may be somebody else.
 */
#ifndef TALK_TALK_H
#define TALK_TALK_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "talk/json.h"

enum {
	TALK_VERSION = 1,
	TALK_QUESTION_MAX = 32 * 1024, /* a path, each byte escaped */
	TALK_LINE_MAX = 512 * 1024,    /* bytes of a line of an answer */
	TALK_VALUES_MAX = 8192         /* values in a line of an answer */
};

/* Where the daemon listens when nobody says otherwise. */
#define TALK_SOCKET "/run/ckptguard/control.sock"

struct talk {
	int fd; /* -1: not connected */
	struct buf in;
	size_t read; /* bytes of in that were given out */
};

/* One line of an answer. It borrows from the talk until the next is heard. */
struct talk_line {
	const char *text; /* no NUL behind it */
	size_t size;
	struct json json;
	struct json_value values[TALK_VALUES_MAX];
};

/* Connect. ERR_SYS with errno. *out owns a descriptor and memory: talk_free().
 */
MUST_USE enum err talk_open(const char *path, struct talk *out);
void talk_free(struct talk *t); /* NULL is fine */

/* Begin a question: {"v":1,"command":"name". Then members are added with
 * talk_text() and the like, and talk_ask() ends it. ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err talk_begin(struct buf *out, const char *command);
/* ,"name":"text", which may be any bytes. ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err talk_text(
    struct buf *out, const char *name, const char *text);
/* ,"name":n */
MUST_USE enum err talk_number(struct buf *out, const char *name, uint64_t n);

/* End the question and send it. ERR_SYS with errno. */
MUST_USE enum err talk_ask(struct talk *t, struct buf *question);

/* Wait for the next line, timeout_ms at most (-1: for ever). ERR_SHORT: the
 * daemon hung up. ERR_SYS with errno, ETIMEDOUT too. ERR_PROTO: that was no
 * line of this protocol. ERR_NOMEM. */
MUST_USE enum err talk_hear(
    struct talk *t, int timeout_ms, struct talk_line *out);

/* Is it the last one of an answer?  *ok says what the daemon thinks of the
 * question. */
bool talk_last(const struct talk_line *line, bool *ok);

#endif /* TALK_TALK_H */
