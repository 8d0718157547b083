/* SPDX-License-Identifier: Apache-2.0 */
/* store: the database as the writing thread sees it; nobody outside history
 * includes this.  Results are those of SQLite. */
#ifndef HISTORY_STORE_H
#define HISTORY_STORE_H

#include <sqlite3.h>

#include "history/history.h"

enum {
	STORE_VERSION = 1, /* user_version of what this program writes */
	STORE_PATH_MAX = 4096
};

enum store_statement {
	STORE_BEGIN,
	STORE_COMMIT,
	STORE_ROLLBACK,
	STORE_PATH_COUNT, /* a path is named once more */
	STORE_PATH_ID,
	STORE_INSERT,
	STORE_PAGES,
	STORE_FREE,
	STORE_OLD,    /* delete some that are older than */
	STORE_OLDEST, /* delete the oldest */
	STORE_COUNT
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *statements[STORE_COUNT];
};

/* An event in the queue, with its strings. */
struct store_event {
	struct store_event *next;
	struct history_event e;
};

/* The columns of an event, as the reader gets them. */
#define STORE_COLUMNS \
	"e.id, e.time, e.uid, e.kind, e.error, e.verdict, p.path, e.dev, " \
	"e.ino, e.size, e.flags, e.elapsed, e.pid, e.times, e.format, " \
	"e.rule, e.message, e.place, e.comm, e.exe, e.user, e.container, " \
	"e.digest"

enum store_flag { STORE_IN_PLACE = 1, STORE_GROWING = 2, STORE_KNOWN = 4 };

/* Does this result mean that the file is no sound database? */
bool store_damaged(int rc);

/* Open, make or migrate. On failure nothing is open. */
int store_open(const char *path, struct store *out);
void store_close(struct store *s); /* again is fine */

/* Write all of a list in one transaction, or nothing of it. */
int store_write(struct store *s, const struct store_event *list);

/* Delete some of what is over the bounds; *more: there may be more. */
int store_prune(struct store *s, const struct history_bounds *bounds,
    uint64_t now_ms, bool *more);

/* Move the files of a database out of the way; its old place is free then. */
void store_set_aside(const char *path);

#endif /* HISTORY_STORE_H */
