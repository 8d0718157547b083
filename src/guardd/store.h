/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store: what outlives this daemon, in its service manager's hands.
 *
 * A manager keeps descriptors for a service that ends and begins again
 * (FDSTORE=1).  Kept are two that lead to the gate, which goes on guarding when
 * all others have ended, until its successor guards:
 *
 * - the baton, one end of a socket; the gate has the other.  STORE_ASK is
 *   answered by the same, STORE_LEAVE says that the successor guards.  Its end
 *   without that: the manager has let go of it, nobody will come.
 * - the gate's pidfd, to end it if it does not go.
 *
 * The groups themselves are not kept there: were all of this daemon killed,
 * openers would wait for a successor, and whoever has to start one (the manager
 * too) may be among them.
 * Source: sd_notify(3), sd_listen_fds(3), systemd.service(5).
 */
#ifndef GUARDD_STORE_H
#define GUARDD_STORE_H

#include <stdbool.h>
#include <stdint.h>

enum { STORE_ASK = '?', STORE_LEAVE = '.' };

/* What leads to a predecessor's gate; -1: there is none. */
struct store {
	int baton, gate;
	bool leaving;   /* it was asked to */
	uint64_t until; /* ns: by then it has answered or left, or is ended */
};

/* Take what the environment says that there is, forget that it said so, and
 * close every other descriptor from 3 on. */
void store_take(struct store *out);

/* Give what leads to the gate to the manager. False: nobody took it. */
bool store_give(int baton, int pidfd);

/* Before anything is opened: is the predecessor's gate alive?  One that isn't
 * would keep us waiting, too. */
void store_ask(struct store *s);

/* We guard: ask the predecessor's gate to leave. */
void store_succeed(struct store *s);

/* When something is to be done (ns); UINT64_MAX: never. */
uint64_t store_due(const struct store *s);

/* Has it answered, or left?  End it when it is late. */
void store_step(struct store *s);

#endif /* GUARDD_STORE_H */
