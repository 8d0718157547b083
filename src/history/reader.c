/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader: questions to the database.
 *
 * A list is newest first.  Of several filters the rarest leads, by an index
 * that has the time behind it, so that nothing is sorted; the others are looked
 * at row by row, and a plus sign keeps the planner from them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/own.h"
#include "history/inside.h"

enum {
	STEPS = 2000,     /* of the database's machine between two looks */
	NARROW_MAX = 5000 /* events of a directory that are worth sorting */
};

struct history_reader {
	struct history *h;
	sqlite3 *db; /* NULL: not open */
	unsigned generation;
	uint64_t until; /* ns: when the question under way is too old */
	bool (*cancelled)(const void *context);
	const void *context;
};

/* Parameters, in any question. */
enum {
	AT_TIME = 1,
	AT_ID,
	AT_END,
	AT_UID,
	AT_VERDICT,
	AT_RULE,
	AT_PATH,
	AT_BELOW,
	AT_BEHIND,
	AT_LIMIT
};

#define WITHIN "(path = ?7 OR (path >= ?8 AND path < ?9))"
#define SELECT_EVENTS \
	"SELECT " STORE_COLUMNS \
	" FROM events e CROSS JOIN paths p ON p.id = e.path WHERE "

/* Behind a place, and not over the other end. */
#define SELECT_DOWNWARDS \
	SELECT_EVENTS \
	"(e.time < ?1 OR (e.time = ?1 AND e.id < ?2))" \
	" AND e.time >= ?3 AND e.time <= ?1"
#define SELECT_UPWARDS \
	SELECT_EVENTS \
	"(e.time > ?1 OR (e.time = ?1 AND e.id > ?2))" \
	" AND e.time <= ?3 AND e.time >= ?1"

static int
progress(void *context)
{
	const struct history_reader *r = context;

	return clock_now() > r->until ||
	    (r->cancelled != NULL && r->cancelled(r->context));
}

static void
reader_close(struct history_reader *r)
{
	(void)sqlite3_close(r->db);
	r->db = NULL;
}

/* The database as it is now: another one may have taken its place. */
static enum err
reader_open(struct history_reader *r)
{
	unsigned generation =
	    __atomic_load_n(&r->h->generation, __ATOMIC_ACQUIRE);

	r->until = clock_now() + HISTORY_ASK_MS * CLOCK_NS_PER_MS;
	if (r->db != NULL && r->generation == generation)
		return ERR_OK;
	reader_close(r);
	r->generation = generation;
	if (sqlite3_open_v2(r->h->path, &r->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK) {
		reader_close(r);
		return ERR_SYS;
	}
	(void)sqlite3_busy_timeout(r->db, HISTORY_ASK_MS / 4);
	(void)sqlite3_db_config(r->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_exec(r->db,
	    "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;"
	    "PRAGMA trusted_schema = OFF; PRAGMA cache_size = -8192;",
	    NULL, NULL, NULL);
	sqlite3_progress_handler(r->db, STEPS, progress, r);
	return ERR_OK;
}

enum err
history_reader_new(struct history *h, struct history_reader **out)
{
	struct history_reader *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return ERR_NOMEM;
	r->h = h;
	*out = r;
	return ERR_OK;
}

void
history_reader_free(struct history_reader **r)
{
	if (*r == NULL)
		return;
	reader_close(*r);
	free(*r);
	*r = NULL;
}

static const char *
column(sqlite3_stmt *q, int at)
{
	const unsigned char *text = sqlite3_column_text(q, at);

	return text == NULL ? "" : (const char *)text;
}

static uint64_t
count_of(sqlite3_stmt *q, int at)
{
	return (uint64_t)sqlite3_column_int64(q, at);
}

/* STORE_COLUMNS. */
static void
event_of(sqlite3_stmt *q, struct history_event *e)
{
	unsigned flags = (unsigned)sqlite3_column_int(q, 10);
	unsigned verdict = (unsigned)sqlite3_column_int(q, 5);

	*e = (struct history_event){ .id = count_of(q, 0),
		.time_ms = count_of(q, 1),
		.uid = (uint32_t)count_of(q, 2),
		.kind = column(q, 3),
		.error = sqlite3_column_int(q, 4),
		.verdict = verdict < VERDICT_COUNT ? (enum verdict)verdict
						   : VERDICT_MALICIOUS,
		.path = column(q, 6),
		.dev = count_of(q, 7),
		.ino = count_of(q, 8),
		.size = count_of(q, 9),
		.in_place = (flags & STORE_IN_PLACE) != 0,
		.growing = (flags & STORE_GROWING) != 0,
		.known = (flags & STORE_KNOWN) != 0,
		.elapsed_us = count_of(q, 11),
		.pid = sqlite3_column_int64(q, 12),
		.times = count_of(q, 13),
		.format = column(q, 14),
		.rule = column(q, 15),
		.message = column(q, 16),
		.where = column(q, 17),
		.comm = column(q, 18),
		.exe = column(q, 19),
		.user = column(q, 20),
		.container = column(q, 21),
		.digest = column(q, 22) };
}

static enum err
err_of(struct history_reader *r, int rc)
{
	if (rc == SQLITE_OK || rc == SQLITE_DONE || rc == SQLITE_ROW)
		return ERR_OK;
	if ((rc & 0xff) == SQLITE_INTERRUPT)
		return ERR_LIMIT;
	/* The thread that writes will see that it is damaged, too. */
	reader_close(r);
	return ERR_SYS;
}

/* Tell every row. */
static enum err
tell_rows(
    struct history_reader *r, sqlite3_stmt *q, history_fn tell, void *context)
{
	struct history_event e;
	int rc;

	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		event_of(q, &e);
		if (!tell(context, &e))
			break;
	}
	(void)sqlite3_finalize(q);
	return err_of(r, rc);
}

/* Both ends of what is below a directory: "dir/" and "dir0". */
static enum err
bind_path(sqlite3_stmt *q, const char *path)
{
	size_t n = strlen(path);
	char *ends = NULL;

	while (n > 0 && path[n - 1] == '/')
		n--;
	ends = malloc(n + 1);
	if (ends == NULL)
		return ERR_NOMEM;
	memcpy(ends, path, n);
	(void)sqlite3_bind_blob64(q, AT_PATH, ends, n, SQLITE_TRANSIENT);
	ends[n] = '/';
	(void)sqlite3_bind_blob64(q, AT_BELOW, ends, n + 1, SQLITE_TRANSIENT);
	ends[n] = '/' + 1;
	(void)sqlite3_bind_blob64(q, AT_BEHIND, ends, n + 1, SQLITE_TRANSIENT);
	free(ends);
	return ERR_OK;
}

/* Has a directory so few events that they may be sorted? */
static bool
narrow(struct history_reader *r, const char *path)
{
	static const char sql[] =
	    "SELECT sum(n) FROM (SELECT n FROM paths WHERE " WITHIN
	    " LIMIT 2000)";
	sqlite3_stmt *q = NULL;
	uint64_t n = UINT64_MAX;

	if (sqlite3_prepare_v2(r->db, sql, -1, &q, NULL) == SQLITE_OK &&
	    bind_path(q, path) == ERR_OK && sqlite3_step(q) == SQLITE_ROW)
		n = count_of(q, 0);
	(void)sqlite3_finalize(q);
	return n <= NARROW_MAX;
}

/* One condition more; it leads if none does yet. */
static enum err
condition(struct buf *sql, bool *led, const char *column_is)
{
	const char *plus = *led ? "+" : "";

	*led = true;
	return buf_printf(sql, " AND %s%s", plus, column_is);
}

static enum err
compose(
    struct history_reader *r, const struct history_question *q, struct buf *sql)
{
	const struct history_filter *f = &q->filter;
	bool led = false, path = f->path[0] != '\0';
	enum err e =
	    buf_puts(sql, q->oldest_first ? SELECT_UPWARDS : SELECT_DOWNWARDS);

	if (e == ERR_OK && path && narrow(r, f->path))
		e = condition(sql, &led,
		    "e.path IN (SELECT id FROM paths WHERE " WITHIN ")");
	else if (e == ERR_OK && path)
		e = buf_puts(sql,
		    " AND (+p.path = ?7 OR (+p.path >= ?8 AND +p.path < ?9))");
	if (e == ERR_OK && f->rule[0] != '\0')
		e = condition(sql, &led, "e.rule = ?6");
	if (e == ERR_OK && f->one_verdict)
		e = condition(sql, &led, "e.verdict = ?5");
	if (e == ERR_OK && f->one_user)
		e = condition(sql, &led, "e.uid = ?4");
	if (e != ERR_OK)
		return e;
	return buf_puts(sql,
	    q->oldest_first ? " ORDER BY e.time, e.id LIMIT ?10"
			    : " ORDER BY e.time DESC, e.id DESC LIMIT ?10");
}

/* The place that a list begins behind, and the time that it ends with. */
static void
bind_ends(sqlite3_stmt *q, const struct history_question *question)
{
	const struct history_filter *f = &question->filter;
	struct history_place at = question->behind;
	uint64_t last = f->until_ms == 0 ? INT64_MAX : f->until_ms - 1;
	uint64_t end = question->oldest_first ? last : f->since_ms;

	if (question->oldest_first && at.time_ms < f->since_ms)
		at = (struct history_place){ f->since_ms, 0 };
	if (!question->oldest_first && at.time_ms == 0 && at.id == 0)
		at = (struct history_place){ INT64_MAX, INT64_MAX };
	if (!question->oldest_first && at.time_ms > last)
		at = (struct history_place){ last, INT64_MAX };
	(void)sqlite3_bind_int64(q, AT_TIME, (sqlite3_int64)at.time_ms);
	(void)sqlite3_bind_int64(q, AT_ID, (sqlite3_int64)at.id);
	(void)sqlite3_bind_int64(q, AT_END, (sqlite3_int64)end);
}

static void
bind_question(sqlite3_stmt *q, const struct history_question *question)
{
	const struct history_filter *f = &question->filter;

	bind_ends(q, question);
	(void)sqlite3_bind_int64(q, AT_UID, f->uid);
	(void)sqlite3_bind_int64(q, AT_VERDICT, f->verdict);
	(void)sqlite3_bind_blob64(
	    q, AT_RULE, f->rule, strlen(f->rule), SQLITE_STATIC);
	(void)sqlite3_bind_int64(q, AT_LIMIT, (sqlite3_int64)question->limit);
}

enum err
history_find(struct history_reader *r, const struct history_question *question)
{
	AUTO(buf) struct buf sql = buf_new(4096);
	sqlite3_stmt *q = NULL;
	enum err e = reader_open(r);
	int rc;

	if (e != ERR_OK)
		return e;
	r->cancelled = question->cancelled;
	r->context = question->context;
	if ((e = compose(r, question, &sql)) != ERR_OK)
		return e;
	rc = sqlite3_prepare_v2(r->db, buf_text(&sql), -1, &q, NULL);
	if (rc != SQLITE_OK)
		return err_of(r, rc);
	bind_question(q, question);
	if ((e = bind_path(q, question->filter.path)) != ERR_OK) {
		(void)sqlite3_finalize(q);
		return e;
	}
	return tell_rows(r, q, question->tell, question->context);
}

struct last {
	history_fn tell;
	void *context;
	bool found;
};

static bool
last_tell(void *context, const struct history_event *e)
{
	struct last *l = context;

	l->found = true;
	return l->tell(l->context, e);
}

static enum err
last_by(struct history_reader *r, const struct history_file *file,
    const char *sql, struct last *l)
{
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(r->db, sql, -1, &q, NULL);

	if (rc != SQLITE_OK)
		return err_of(r, rc);
	(void)sqlite3_bind_int64(q, 1, file->all);
	(void)sqlite3_bind_int64(q, 2, file->uid);
	(void)sqlite3_bind_blob64(
	    q, 3, file->path, strlen(file->path), SQLITE_STATIC);
	(void)sqlite3_bind_int64(q, 4, (sqlite3_int64)file->ino);
	(void)sqlite3_bind_int64(q, 5, (sqlite3_int64)file->dev);
	return tell_rows(r, q, last_tell, l);
}

#define OF_USER \
	" AND (?1 OR +e.uid = ?2) ORDER BY e.time DESC, e.id DESC LIMIT 1"

enum err
history_last(struct history_reader *r, const struct history_file *file,
    history_fn tell, void *context)
{
	struct last l = { tell, context, false };
	enum err e = reader_open(r);

	r->cancelled = NULL;
	if (e == ERR_OK)
		e = last_by(r, file,
		    SELECT_EVENTS "e.path = (SELECT id FROM paths WHERE "
				  "path = ?3)" OF_USER,
		    &l);
	if (e == ERR_OK && !l.found && file->ino != 0)
		e = last_by(r, file,
		    SELECT_EVENTS "e.ino = ?4 AND e.dev = ?5" OF_USER, &l);
	return e;
}

enum err
history_measure(struct history_reader *r, struct history_size *out)
{
	static const char sql[] =
	    "SELECT (SELECT count(*) FROM events),"
	    " (SELECT min(time) FROM events), page_count * page_size"
	    " FROM pragma_page_count, pragma_page_size";
	sqlite3_stmt *q = NULL;
	enum err e = reader_open(r);
	int rc;

	r->cancelled = NULL;
	if (e != ERR_OK)
		return e;
	rc = sqlite3_prepare_v2(r->db, sql, -1, &q, NULL);
	if (rc == SQLITE_OK && (rc = sqlite3_step(q)) == SQLITE_ROW)
		*out = (struct history_size){ .events = count_of(q, 0),
			.oldest_ms = count_of(q, 1),
			.bytes = count_of(q, 2),
			.lost = __atomic_load_n(&r->h->lost, __ATOMIC_RELAXED),
			.pausing =
			    __atomic_load_n(&r->h->pausing, __ATOMIC_RELAXED) };
	(void)sqlite3_finalize(q);
	return err_of(r, rc);
}
