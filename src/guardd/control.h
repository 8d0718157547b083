/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control: the socket on which root may ask how the guard is.
 *
 * One question a line, one answer a line:
 *
 *	{"command":"status"}
 *	{"guarding":["..."],"warnings":["..."],"counters":{...}}
 *
 * Who asks is decided by SO_PEERCRED.  A client that says nothing, too much or
 * doesn't read its answer is dropped; nothing here waits for one.
 */
#ifndef GUARDD_CONTROL_H
#define GUARDD_CONTROL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum {
	CONTROL_CLIENTS = 8,
	CONTROL_LINE = 256,    /* bytes of a question */
	CONTROL_WARNINGS = 16, /* the last ones, kept for the answer */
	CONTROL_TEXT = 512     /* bytes of one */
};

struct control_client {
	int fd;     /* -1: free */
	bool waits; /* for the counters */
	char line[CONTROL_LINE];
	size_t used;
};

struct control {
	int listener; /* -1: there is no socket */
	struct control_client clients[CONTROL_CLIENTS];
	char guarding[8192]; /* lines */
	char warnings[CONTROL_WARNINGS][CONTROL_TEXT];
	size_t warned; /* how many there have been */
};

/* Make the socket, mode 0600, in place of a dead one.  ERR_SYS. */
MUST_USE enum err control_listen(const char *path, int *out);

void control_begin(struct control *c, int listener);

/* Fill in what is to be polled: CONTROL_CLIENTS + 1 entries. */
void control_poll(const struct control *c, struct pollfd *p);

/* Take in what is there.  True: somebody wants the counters. */
bool control_step(struct control *c, const struct pollfd *p);

/* The counters came (members of an object): answer whoever waits. */
void control_answer(struct control *c, const char *counters);

/* Remember what the answer will tell. */
void control_guarding(struct control *c, const char *lines);
void control_warning(struct control *c, const char *text);

#endif /* GUARDD_CONTROL_H */
