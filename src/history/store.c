/* SPDX-License-Identifier: Apache-2.0 */
/* store: schema, migrations, writing and pruning. */
#include "history/store.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	PRUNE_ROWS = 2000,   /* deleted in one transaction */
	SHRINK_PAGES = 1000, /* given back to the filesystem in one go */
	FREE_SHARE = 4,      /* when a quarter of the file is free */
	MS_PER_DAY = 86400000,
	BUSY_MS = 1000
};

/* What each version adds to the one before. */
static const char *const migrations[STORE_VERSION] = {
	"CREATE TABLE paths(id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE,"
	" n INTEGER NOT NULL);"
	"CREATE TABLE events(id INTEGER PRIMARY KEY, time INTEGER NOT NULL,"
	" uid INTEGER NOT NULL, kind BLOB NOT NULL, error INTEGER NOT NULL,"
	" verdict INTEGER NOT NULL, path INTEGER NOT NULL, dev INTEGER,"
	" ino INTEGER, size INTEGER, flags INTEGER, elapsed INTEGER,"
	" pid INTEGER, times INTEGER, format BLOB, rule BLOB, message BLOB,"
	" place BLOB, comm BLOB, exe BLOB, user BLOB, container BLOB,"
	" digest BLOB);"
	"CREATE INDEX by_time ON events(time);"
	"CREATE INDEX by_uid ON events(uid, time);"
	"CREATE INDEX by_verdict ON events(verdict, time);"
	"CREATE INDEX by_rule ON events(rule, time);"
	"CREATE INDEX by_path ON events(path, time);"
	"CREATE INDEX by_file ON events(ino, dev, time);"
	/* A path goes with the last event that names it. */
	"CREATE TRIGGER forget AFTER DELETE ON events BEGIN"
	" UPDATE paths SET n = n - 1 WHERE id = old.path;"
	" DELETE FROM paths WHERE id = old.path AND n <= 0;"
	"END;",
};

static const char *const texts[STORE_COUNT] = {
	[STORE_BEGIN] = "BEGIN IMMEDIATE",
	[STORE_COMMIT] = "COMMIT",
	[STORE_ROLLBACK] = "ROLLBACK",
	[STORE_PATH_COUNT] = "INSERT INTO paths(path, n) VALUES(?1, 1)"
			     " ON CONFLICT(path) DO UPDATE SET n = n + 1",
	[STORE_PATH_ID] = "SELECT id FROM paths WHERE path = ?1",
	[STORE_INSERT] =
	    "INSERT INTO events(time, uid, kind, error, verdict, path, dev,"
	    " ino, size, flags, elapsed, pid, times, format, rule, message,"
	    " place, comm, exe, user, container, digest) VALUES(?1, ?2, ?3,"
	    " ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,"
	    " ?18, ?19, ?20, ?21, ?22)",
	[STORE_PAGES] = "SELECT page_count, page_size"
			" FROM pragma_page_count, pragma_page_size",
	[STORE_FREE] = "SELECT freelist_count FROM pragma_freelist_count",
	[STORE_OLD] = "DELETE FROM events WHERE id IN (SELECT id FROM events"
		      " WHERE time < ?1 ORDER BY time LIMIT ?2)",
	[STORE_OLDEST] = "DELETE FROM events WHERE id IN (SELECT id FROM events"
			 " ORDER BY time LIMIT ?1)",
};

bool
store_damaged(int rc)
{
	return (rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB;
}

void
store_close(struct store *s)
{
	for (size_t i = 0; i < STORE_COUNT; i++)
		(void)sqlite3_finalize(s->statements[i]);
	(void)sqlite3_close(s->db);
	*s = (struct store){ 0 };
}

static int
run(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/* One number that a question has for an answer. */
static int
number(sqlite3 *db, const char *sql, int *out)
{
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &q, NULL);

	if (rc == SQLITE_OK && (rc = sqlite3_step(q)) == SQLITE_ROW) {
		*out = sqlite3_column_int(q, 0);
		rc = SQLITE_OK;
	}
	(void)sqlite3_finalize(q);
	return rc;
}

/* From whatever version is there to ours, one transaction each. */
static int
migrate(sqlite3 *db)
{
	char sql[64];
	int rc, version = 0;

	rc = number(db, "PRAGMA user_version", &version);
	if (rc == SQLITE_OK && (version < 0 || version > STORE_VERSION))
		return SQLITE_NOTADB; /* a later program's: not for us */
	for (; rc == SQLITE_OK && version < STORE_VERSION; version++) {
		(void)snprintf(
		    sql, sizeof(sql), "PRAGMA user_version = %d", version + 1);
		if ((rc = run(db, "BEGIN IMMEDIATE")) != SQLITE_OK)
			return rc;
		if ((rc = run(db, migrations[version])) != SQLITE_OK ||
		    (rc = run(db, sql)) != SQLITE_OK ||
		    (rc = run(db, "COMMIT")) != SQLITE_OK)
			(void)run(db, "ROLLBACK");
	}
	return rc;
}

static int
setup(struct store *s)
{
	int rc;

	(void)sqlite3_busy_timeout(s->db, BUSY_MS);
	(void)sqlite3_extended_result_codes(s->db, 1);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if ((rc = run(s->db,
		 "PRAGMA auto_vacuum = INCREMENTAL;"
		 "PRAGMA journal_mode = WAL;"
		 /* After a power cut the last events may be missing, and the
		  * database is sound. */
		 "PRAGMA synchronous = NORMAL;"
		 "PRAGMA temp_store = MEMORY;"
		 "PRAGMA trusted_schema = OFF;"
		 "PRAGMA cache_size = -8192;"
		 "PRAGMA journal_size_limit = 4194304;")) != SQLITE_OK ||
	    (rc = migrate(s->db)) != SQLITE_OK)
		return rc;
	for (size_t i = 0; i < STORE_COUNT && rc == SQLITE_OK; i++)
		rc = sqlite3_prepare_v3(s->db, texts[i], -1,
		    SQLITE_PREPARE_PERSISTENT, &s->statements[i], NULL);
	return rc;
}

int
store_open(const char *path, struct store *out)
{
	struct store s = { 0 };
	int rc = sqlite3_open_v2(path, &s.db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
	    NULL);

	if (rc == SQLITE_OK)
		rc = setup(&s);
	if (rc != SQLITE_OK) {
		store_close(&s);
		return rc;
	}
	*out = s;
	return SQLITE_OK;
}

/* Run a statement to its end; *out gets the first column, if there is a row. */
static int
step(struct store *s, enum store_statement which, sqlite3_int64 *out)
{
	sqlite3_stmt *q = s->statements[which];
	int rc = sqlite3_step(q), again;

	if (rc == SQLITE_ROW) {
		if (out != NULL)
			*out = sqlite3_column_int64(q, 0);
		rc = SQLITE_DONE;
	}
	again = sqlite3_reset(q);
	return rc == SQLITE_DONE ? SQLITE_OK : again;
}

static void
bind_text(sqlite3_stmt *q, int *at, const char *text)
{
	(void)sqlite3_bind_blob64(
	    q, (*at)++, text, (sqlite3_uint64)strlen(text), SQLITE_STATIC);
}

static void
bind_number(sqlite3_stmt *q, int *at, uint64_t n)
{
	(void)sqlite3_bind_int64(q, (*at)++, (sqlite3_int64)n);
}

static unsigned
flags_of(const struct history_event *e)
{
	return (e->in_place ? STORE_IN_PLACE : 0u) |
	    (e->growing ? STORE_GROWING : 0u) | (e->known ? STORE_KNOWN : 0u);
}

static int
insert(struct store *s, const struct history_event *e)
{
	sqlite3_stmt *q = s->statements[STORE_INSERT];
	sqlite3_int64 path = 0;
	int rc, at = 1, one = 1;

	bind_text(s->statements[STORE_PATH_COUNT], &one, e->path);
	one = 1;
	bind_text(s->statements[STORE_PATH_ID], &one, e->path);
	if ((rc = step(s, STORE_PATH_COUNT, NULL)) != SQLITE_OK ||
	    (rc = step(s, STORE_PATH_ID, &path)) != SQLITE_OK)
		return rc;
	bind_number(q, &at, e->time_ms);
	bind_number(q, &at, e->uid);
	bind_text(q, &at, e->kind);
	bind_number(q, &at, (uint64_t)e->error);
	bind_number(q, &at, e->verdict);
	bind_number(q, &at, (uint64_t)path);
	bind_number(q, &at, e->dev);
	bind_number(q, &at, e->ino);
	bind_number(q, &at, e->size);
	bind_number(q, &at, flags_of(e));
	bind_number(q, &at, e->elapsed_us);
	bind_number(q, &at, (uint64_t)e->pid);
	bind_number(q, &at, e->times);
	bind_text(q, &at, e->format);
	bind_text(q, &at, e->rule);
	bind_text(q, &at, e->message);
	bind_text(q, &at, e->where);
	bind_text(q, &at, e->comm);
	bind_text(q, &at, e->exe);
	bind_text(q, &at, e->user);
	bind_text(q, &at, e->container);
	bind_text(q, &at, e->digest);
	return step(s, STORE_INSERT, NULL);
}

int
store_write(struct store *s, const struct store_event *list)
{
	int rc = step(s, STORE_BEGIN, NULL);

	if (rc != SQLITE_OK)
		return rc;
	for (; list != NULL && rc == SQLITE_OK; list = list->next)
		rc = insert(s, &list->e);
	if (rc == SQLITE_OK)
		rc = step(s, STORE_COMMIT, NULL);
	if (rc != SQLITE_OK)
		(void)step(s, STORE_ROLLBACK, NULL);
	return rc;
}

/* Bytes of the file, and how many of them are free. */
static int
measure(struct store *s, uint64_t *bytes, uint64_t *unused)
{
	sqlite3_stmt *q = s->statements[STORE_PAGES];
	sqlite3_int64 size, none = 0;
	int rc = sqlite3_step(q);

	if (rc == SQLITE_ROW) {
		size = sqlite3_column_int64(q, 1);
		*bytes = (uint64_t)(sqlite3_column_int64(q, 0) * size);
		rc = step(s, STORE_FREE, &none);
		*unused = (uint64_t)(none * size);
	}
	(void)sqlite3_reset(q);
	return rc;
}

static int
shrink(struct store *s)
{
	char sql[64];

	(void)snprintf(
	    sql, sizeof(sql), "PRAGMA incremental_vacuum(%d)", SHRINK_PAGES);
	return run(s->db, sql);
}

int
store_prune(struct store *s, const struct history_bounds *bounds,
    uint64_t now_ms, bool *more)
{
	uint64_t age = bounds->days * MS_PER_DAY, bytes = 0, unused = 0;
	sqlite3_stmt *old = s->statements[STORE_OLD];
	int rc, gone;

	(void)sqlite3_bind_int64(
	    old, 1, (sqlite3_int64)(now_ms > age ? now_ms - age : 0));
	(void)sqlite3_bind_int(old, 2, PRUNE_ROWS);
	if ((rc = step(s, STORE_OLD, NULL)) != SQLITE_OK ||
	    (gone = sqlite3_changes(s->db)) < 0 ||
	    (rc = measure(s, &bytes, &unused)) != SQLITE_OK)
		return rc;
	if (bytes - unused > bounds->bytes) {
		(void)sqlite3_bind_int(
		    s->statements[STORE_OLDEST], 1, PRUNE_ROWS);
		if ((rc = step(s, STORE_OLDEST, NULL)) != SQLITE_OK)
			return rc;
		gone += sqlite3_changes(s->db);
	}
	if (unused > bytes / FREE_SHARE && (rc = shrink(s)) != SQLITE_OK)
		return rc;
	*more = gone >= PRUNE_ROWS;
	return SQLITE_OK;
}

void
store_set_aside(const char *path)
{
	static const char *const ends[] = { "-wal", "-shm", "" };
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX];

	/* The file itself goes last: as long as it is there, its log is. */
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (snprintf(from, sizeof(from), "%s%s", path, ends[i]) >=
			(int)sizeof(from) ||
		    snprintf(to, sizeof(to), "%s.damaged%s", path, ends[i]) >=
			(int)sizeof(to))
			continue;
		if (rename(from, to) == -1)
			(void)unlink(from);
	}
}
