/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control: the socket on which people and programs ask the guard.
 *
 * Anybody may connect; who may ask what is decided by SO_PEERCRED and the row
 * of the command (ask.h).  A client that says nothing, too much or too often,
 * or doesn't read its answer, waits or is dropped; nothing here waits for one,
 * and one user's clients can't take all the places.
 */
#ifndef GUARDD_CONTROL_H
#define GUARDD_CONTROL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "guardd/ask.h"
#include "guardd/lane.h"

enum {
	CONTROL_CLIENTS = 64,
	CONTROL_USER = 8,    /* of one user, who is no administrator */
	CONTROL_KEPT = 8,    /* places that only administrators may take */
	CONTROL_BURST = 20,  /* questions in a row; then so many a second */
	CONTROL_LAG = 262144 /* bytes that a follower may be behind */
};

struct control_client {
	int fd; /* -1: free */
	struct asker by;
	struct buf in, out;
	size_t sent;     /* bytes of out */
	bool ended;      /* it will say no more */
	bool follows;    /* it gets each event that it may see */
	uint64_t missed; /* events it was too slow for */
	struct ask *ask; /* under way; a lane's, or ours if it waits */
	uint64_t since;  /* ns: when it last did something */
	uint64_t earned; /* ns: up to when its questions are paid for */
};

struct control {
	int listener; /* -1: there is no socket */
	const struct ask_row *rows;
	size_t row_count;
	void *world;
	gid_t admins; /* (gid_t)-1: root alone */
	struct lanes lanes;
	struct control_client clients[CONTROL_CLIENTS];
};

/* How many pollfds control_poll() fills in. */
enum { CONTROL_POLLS = CONTROL_CLIENTS + 2 };

/*
 * Make the socket, which all may connect to, in place of a dead one. ERR_SYS
 * with errno: EADDRINUSE, another daemon listens there; EPERM, the directory
 * isn't root's alone to change.
 */
MUST_USE enum err control_listen(const char *path, int *out);

/* Begin with these commands. listener may be -1. ERR_SYS. */
MUST_USE enum err control_begin(struct control *c, int listener,
    const struct ask_row *rows, size_t count, void *world);
void control_end(struct control *c);

void control_poll(const struct control *c, struct pollfd p[CONTROL_POLLS]);

/* The next moment at which something is due without a descriptor saying so
 * (ns); UINT64_MAX: none. */
uint64_t control_due(const struct control *c);

/* Take in what is there, answer what is asked. */
void control_step(struct control *c, const struct pollfd p[CONTROL_POLLS]);

/* Asks that wait and whose answer is this function: it is called for each, and
 * those that it finishes are answered. */
void control_answer(struct control *c, void (*answer)(struct ask *ask),
    void (*finish)(struct ask *ask, const void *with), const void *with);

/* Something happened to that user: tell those who follow and may know. json is
 * the object of the event. */
void control_publish(struct control *c, uid_t uid, const char *json);

#endif /* GUARDD_CONTROL_H */
