/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask: what the commands that ask the guard share: connecting, one question and
 * its answer, and how trouble is told.
 */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include <stdbool.h>

#include "cli/cli.h"
#include "talk/talk.h"

struct ask {
	const struct command *command; /* for complaints */
	struct talk talk;
	struct talk_line *line; /* the last one that was heard */
};

/* An item of an answer came: a->line. False: enough, hang up. */
typedef bool (*ask_fn)(struct ask *a, void *context);

/* Connect: to socket, or where CKPTGUARD_SOCKET says, or the default. When it
 * can't be done this is complained of. ask_free(). */
MUST_USE bool ask_open(
    struct ask *a, const struct command *command, const char *socket);
void ask_free(struct ask *a); /* again is fine */

/* End the question (see talk_begin()) and take its answer, item by item; item
 * may be NULL. ERR_OK: it was done, a->line is the last line, or item had
 * enough. ERR_USAGE: it was not; a->line says why. Anything else was complained
 * of. */
MUST_USE enum err ask_question(
    struct ask *a, struct buf *question, ask_fn item, void *context);

/* Hear items for ever, without the last line. False: it was complained of. */
bool ask_follow(struct ask *a, ask_fn item, void *context);

/* Is the "error" of the last line this word? */
bool ask_error_is(const struct ask *a, const char *word);
/* Complain of what the last line says. */
void ask_complain(const struct ask *a);

/* A member of the last line, or of an object in it. */
const struct json_value *ask_member(
    const struct ask *a, const struct json_value *of, const char *name);
uint64_t ask_count(
    const struct ask *a, const struct json_value *of, const char *name);

#endif /* CLI_ASK_H */
