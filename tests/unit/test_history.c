/* SPDX-License-Identifier: Apache-2.0 */
/* The history: what is kept is found again, and nothing hurts the guard. */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include <sqlite3.h>

#include "unit/history_world.h"

static void
test_a_question_finds_what_its_filter_lets_through(void **state)
{
	enum { EVENTS = 300, FILTERS = 1024 };

	(void)state;
	fill(EVENTS);
	for (unsigned n = 0; n < FILTERS; n++) {
		struct history_filter f = filter(n);
		struct history_question q = question(&f);
		size_t want = 0;

		q.oldest_first = n % 2 == 1;
		found_count = 0;
		assert_int_equal(history_find(reader, &q), ERR_OK);
		for (unsigned k = EVENTS; k-- > 0;) {
			unsigned i = q.oldest_first ? EVENTS - 1 - k : k;
			struct history_event e = made(i);

			if (!history_matches(&f, &e))
				continue;
			assert_true(want < found_count);
			if (found[want++] != i)
				fail_msg("filter %u: %u is not there", n, i);
		}
		assert_int_equal(want, found_count);
	}
}

/* 100 events in pages of 7, either way. */
static void
pages(bool oldest_first)
{
	struct history_filter f = filter(0);
	struct history_question q = question(&f);
	unsigned seen = 0;

	q.limit = 7;
	q.oldest_first = oldest_first;
	do {
		found_count = 0;
		assert_int_equal(history_find(reader, &q), ERR_OK);
		for (size_t i = 0; i < found_count; i++, seen++)
			assert_int_equal(
			    found[i], oldest_first ? seen : 99 - seen);
		q.behind = found_last;
	} while (found_count == q.limit);
	assert_int_equal(seen, 100);
}

static void
test_pages_join_without_a_gap(void **state)
{
	(void)state;
	fill(100);
	pages(false);
	pages(true);
}

static struct history_event kept;
static char kept_path[16], kept_message[32];

static bool
keep_one(void *context, const struct history_event *e)
{
	(void)context;
	kept = *e;
	(void)snprintf(kept_path, sizeof(kept_path), "%s", e->path);
	(void)snprintf(kept_message, sizeof(kept_message), "%s", e->message);
	return true;
}

static void
test_what_is_read_is_what_was_written(void **state)
{
	struct history_filter f = filter(0);
	struct history_question q = question(&f);
	struct history_event e = made(4);

	(void)state;
	e.dev = UINT64_MAX;
	e.ino = UINT64_MAX - 1;
	e.message = "\xff\x01 text";
	e.pid = 42;
	e.known = e.growing = true;
	e.times = 3;
	history_add(history, &e);
	history_flush(history, FLUSH_MS);
	q.tell = keep_one;
	assert_int_equal(history_find(reader, &q), ERR_OK);
	assert_string_equal(kept_path, e.path);
	assert_string_equal(kept_message, e.message);
	assert_true(kept.dev == e.dev && kept.ino == e.ino);
	assert_true(kept.known && kept.growing && !kept.in_place);
	assert_true(kept.pid == 42 && kept.times == 3 && kept.error == EPERM);
	assert_true(kept.uid == e.uid && kept.time_ms == e.time_ms);
	assert_int_equal(kept.verdict, e.verdict);
}

static void
test_the_last_of_a_file_is_its_users(void **state)
{
	static const struct {
		struct history_file file;
		uint64_t want; /* its size; 99: nothing */
	} rows[] = {
		{ { .path = "/a/x", .all = true }, 40 },
		{ { .path = "/a/x", .uid = 1001 }, 40 },
		{ { .path = "/a/x", .uid = 1002 }, 32 },
		{ { .path = "/a/x", .uid = 7 }, 99 },
		{ { .path = "/none", .all = true }, 99 },
		{ { .path = "/none", .dev = 7, .ino = 3, .all = true }, 47 },
		{ { .path = "/none", .dev = 8, .ino = 3, .all = true }, 99 },
		{ { .path = "/a", .all = true }, 41 },
	};

	(void)state;
	fill(48);
	for (size_t i = 0; i < COUNT(rows); i++) {
		kept.size = 99;
		assert_int_equal(
		    history_last(reader, &rows[i].file, keep_one, NULL),
		    ERR_OK);
		if (kept.size != rows[i].want)
			fail_msg("row %zu: %u", i, (unsigned)kept.size);
	}
}

static struct history_size
measured(void)
{
	struct history_size s = { 0 };

	history_flush(history, FLUSH_MS);
	assert_int_equal(history_measure(reader, &s), ERR_OK);
	return s;
}

static void
test_the_oldest_go_when_there_are_too_many_bytes(void **state)
{
	struct history_bounds small = { .bytes = 512 * 1024, .days = 36500 };
	struct history_filter f = filter(0);
	struct history_question q = question(&f);
	struct history_size s;

	(void)state;
	history_bound(history, &small);
	for (unsigned i = 0; i < 20; i++) {
		for (unsigned k = 0; k < 500; k++) {
			struct history_event e = made(i * 500 + k);

			history_add(history, &e);
		}
		history_flush(history, FLUSH_MS);
	}
	for (int i = 0; i < 100 && (s = measured()).bytes > 1024 * 1024; i++)
		(void)usleep(10000);
	assert_in_range(s.bytes, 1, 1024 * 1024);
	assert_in_range(s.events, 500, 9000);
	q.limit = 1;
	found_count = 0;
	assert_int_equal(history_find(reader, &q), ERR_OK);
	assert_int_equal(found[0], 9999);
}

static void
test_what_is_too_old_goes(void **state)
{
	struct history_bounds week = { .bytes = 1 << 30, .days = 7 };
	struct history_event e = made(1);
	struct history_size s = { .events = 99 };

	(void)state;
	fill(100);
	e.time_ms = (uint64_t)time(NULL) * 1000;
	history_add(history, &e);
	history_flush(history, FLUSH_MS);
	history_reader_free(&reader);
	history_free(&history);
	assert_int_equal(history_new(dir, &week, &history), ERR_OK);
	assert_int_equal(history_reader_new(history, &reader), ERR_OK);
	for (int i = 0; i < 500 && (s = measured()).events != 1; i++)
		(void)usleep(10000);
	assert_int_equal(s.events, 1);
	assert_true(s.oldest_ms == e.time_ms);
}

static bool
told(const char *part)
{
	char text[HISTORY_TOLD_MAX];
	bool bad;

	history_flush(history, FLUSH_MS);
	for (int i = 0; i < 500; i++) {
		if (history_told(history, text, &bad) &&
		    strstr(text, part) != NULL)
			return true;
		(void)usleep(10000);
	}
	return false;
}

static void
test_a_damaged_database_is_set_aside(void **state)
{
	char old[80];
	int fd;

	(void)state;
	fill(3);
	history_reader_free(&reader);
	history_free(&history);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, "this is no database", 19, 0), 19);
	(void)close(fd);
	assert_int_equal(history_new(dir, &wide, &history), ERR_OK);
	assert_int_equal(history_reader_new(history, &reader), ERR_OK);
	assert_true(told("begins anew"));
	fill(2);
	assert_int_equal(measured().events, 2);
	(void)snprintf(old, sizeof(old), "%s.damaged", path);
	assert_int_equal(access(old, F_OK), 0);
}

static void
test_damage_in_the_middle_is_met_while_it_runs(void **state)
{
	static char junk[4096];
	struct stat st;
	int fd;

	(void)state;
	fill(2000);
	history_reader_free(&reader);
	history_free(&history);
	memset(junk, 0x5a, sizeof(junk));
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(fstat(fd, &st), 0);
	for (off_t at = 4096; at < st.st_size; at += 4096)
		assert_int_equal(pwrite(fd, junk, sizeof(junk), at), 4096);
	(void)close(fd);
	assert_int_equal(history_new(dir, &wide, &history), ERR_OK);
	assert_int_equal(history_reader_new(history, &reader), ERR_OK);
	fill(2);
	assert_true(told("begins anew"));
	fill(2);
	assert_in_range(measured().events, 2, 4);
}

static void
test_a_later_programs_database_is_not_touched(void **state)
{
	char old[80];
	sqlite3 *db;

	(void)state;
	fill(3);
	history_reader_free(&reader);
	history_free(&history);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db, "PRAGMA user_version = 999", NULL, NULL, NULL),
	    SQLITE_OK);
	(void)sqlite3_close(db);
	assert_int_equal(history_new(dir, &wide, &history), ERR_OK);
	assert_int_equal(history_reader_new(history, &reader), ERR_OK);
	fill(1);
	assert_int_equal(measured().events, 1);
	(void)snprintf(old, sizeof(old), "%s.damaged", path);
	assert_int_equal(sqlite3_open(old, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db, "SELECT size FROM events", NULL, NULL, NULL),
	    SQLITE_OK);
	(void)sqlite3_close(db);
}

static void
test_a_full_disk_pauses_it(void **state)
{
	struct rlimit old, none = { 4096, 4096 };
	struct history_size s = { 0 };

	(void)state;
	fill(1);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	none.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	fill(200);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_true(told("the history pauses, the guard goes on"));
	s = measured();
	assert_int_equal(s.events, 1);
	assert_true(s.pausing);
	assert_true(s.lost > 0);
}

/* Write for ever; say so once the first of it has been handed on. */
static void
write_on(int said)
{
	if (history_new(dir, &wide, &history) != ERR_OK)
		_exit(1);
	for (unsigned i = 0;; i++) {
		struct history_event e = made(i);

		history_add(history, &e);
		if (i % 100 != 99)
			continue;
		history_flush(history, FLUSH_MS);
		if (i == 99 && write(said, "", 1) != 1)
			_exit(1);
	}
}

static void
test_a_kill_while_it_writes_leaves_it_sound(void **state)
{
	sqlite3 *db;
	sqlite3_stmt *q;
	pid_t pid;
	int said[2];
	char c;

	(void)state;
	history_reader_free(&reader);
	history_free(&history);
	for (unsigned round = 0; round < 5; round++) {
		assert_int_equal(pipe(said), 0);
		pid = fork();
		if (pid == 0)
			write_on(said[1]);
		assert_int_equal(read(said[0], &c, 1), 1);
		/* Wherever it is by then. */
		(void)usleep(round * 7000);
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		(void)close(said[0]);
		(void)close(said[1]);
	}
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &q, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(q, 0), "ok");
	(void)sqlite3_finalize(q);
	(void)sqlite3_close(db);
	assert_int_equal(history_new(dir, &wide, &history), ERR_OK);
	assert_int_equal(history_reader_new(history, &reader), ERR_OK);
	assert_true(measured().events > 0);
}

static bool
always(const void *context)
{
	(void)context;
	return true;
}

static void
test_a_question_that_nobody_waits_for_ends(void **state)
{
	struct history_filter f = filter(0);
	struct history_question q = question(&f);

	(void)state;
	fill(2000);
	q.cancelled = always;
	f.path = "/none";
	found_count = 0;
	assert_int_equal(history_find(reader, &q), ERR_LIMIT);
}

static void
test_an_object_has_its_words(void **state)
{
	struct buf out = buf_new(4096);
	struct history_event e = made(3);

	(void)state;
	e.path = "/a\n\"";
	e.message = "m";
	e.where = "w";
	e.format = "pickle";
	e.pid = 5;
	e.known = true;
	e.comm = "c";
	e.exe = "/x";
	e.user = "u";
	e.container = "id";
	e.digest = "00ff";
	e.times = 2;
	assert_int_equal(history_event_json(&e, &out), ERR_OK);
	assert_string_equal(buf_text(&out),
	    "{\"time\":\"1970-01-01T00:00:01.001Z\",\"event\":\"denied\","
	    "\"errno\":\"EPERM\",\"path\":\"/a\\u000a\\\"\","
	    "\"verdict\":\"suspicious\",\"format\":\"pickle\","
	    "\"rule\":\"pickle.x\",\"message\":\"m\",\"where\":\"w\","
	    "\"dev\":7,\"ino\":3,\"size\":3,\"sha256\":\"00ff\","
	    "\"in_place\":false,\"growing\":false,\"elapsed_us\":0,"
	    "\"pid\":5,\"comm\":\"c\",\"exe\":\"/x\",\"uid\":1000,"
	    "\"user\":\"u\",\"container\":\"id\",\"times\":2}");
	buf_free(&out);
}

int
main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		ROW(test_a_question_finds_what_its_filter_lets_through),
		ROW(test_pages_join_without_a_gap),
		ROW(test_what_is_read_is_what_was_written),
		ROW(test_the_last_of_a_file_is_its_users),
		ROW(test_the_oldest_go_when_there_are_too_many_bytes),
		ROW(test_what_is_too_old_goes),
		ROW(test_a_damaged_database_is_set_aside),
		ROW(test_damage_in_the_middle_is_met_while_it_runs),
		ROW(test_a_later_programs_database_is_not_touched),
		ROW(test_a_full_disk_pauses_it),
		ROW(test_a_kill_while_it_writes_leaves_it_sound),
		ROW(test_a_question_that_nobody_waits_for_ends),
		cmocka_unit_test(test_an_object_has_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
