/* SPDX-License-Identifier: Apache-2.0 */
/* inside: what the files of history share; nobody else includes this. */
#ifndef HISTORY_INSIDE_H
#define HISTORY_INSIDE_H

#include <pthread.h>

#include "history/history.h"
#include "history/store.h"

struct history {
	/* Of the thread. */
	struct store store;
	uint64_t retry; /* ns: when to try again while pausing */
	/* Under the lock. */
	pthread_mutex_t lock;
	pthread_cond_t more, written;
	struct store_event *first, **last;
	size_t count;
	struct history_bounds bounds;
	bool stopping, ended, writing;
	char told[HISTORY_TOLD_MAX];
	bool told_bad;
	/* Atomic. */
	uint64_t lost;
	bool pausing;
	unsigned generation; /* how often the database was begun anew */
	/* Constant. */
	pthread_t thread;
	int wake;
	char path[STORE_PATH_MAX];
};

#endif /* HISTORY_INSIDE_H */
