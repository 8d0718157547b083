/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lane: threads of the recorder for questions that may take their time.
 *
 * One thread for each lane but NOW; a question goes in whole and comes back
 * with its answer.  Nothing else is shared.  Who asks in a row waits longer: of
 * those who wait, the one whose user was not served last goes first.
 */
#ifndef GUARDD_LANE_H
#define GUARDD_LANE_H

#include <pthread.h>

#include "guardd/ask.h"

struct lane {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct ask *queue; /* oldest first */
	uid_t served;      /* the user of the last one */
	bool running, stopping;
	struct lanes *home;
};

struct lanes {
	struct lane lane[LANE_COUNT]; /* that of NOW is not used */
	pthread_mutex_t lock;         /* of done */
	struct ask *done;
	int wake; /* eventfd: something is done */
};

/* ERR_SYS. */
MUST_USE enum err lanes_begin(struct lanes *l);

/* Wait for what is under way to end, and forget the rest. */
void lanes_end(struct lanes *l);

/* Give an ask to its lane, which owns it then. ERR_SYS: there is no thread for
 * it; the ask is still the caller's. */
MUST_USE enum err lanes_put(struct lanes *l, struct ask *ask);

/* Take one that is done, or NULL. The caller owns it. */
struct ask *lanes_take(struct lanes *l);

#endif /* GUARDD_LANE_H */
