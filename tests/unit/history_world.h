/* SPDX-License-Identifier: Apache-2.0 */
/* history_world: a history of the test's own, made-up events, and every pair of
 * filters. */
#ifndef TESTS_UNIT_HISTORY_WORLD_H
#define TESTS_UNIT_HISTORY_WORLD_H

#include "unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "history/history.h"

enum { FLUSH_MS = 10000, FOUND_MAX = 4096 };

static const struct history_bounds wide = { .bytes = 1 << 30, .days = 36500 };

static char dir[32], path[64];
static struct history *history;
static struct history_reader *reader;

static uint64_t found[FOUND_MAX];
static struct history_place found_last;
static size_t found_count;

static bool
find_one(void *context, const struct history_event *e)
{
	(void)context;
	assert_true(found_count < FOUND_MAX);
	found[found_count++] = e->size;
	found_last = (struct history_place){ e->time_ms, e->id };
	return true;
}

static int
begin(void **state)
{
	(void)state;
	/* In memory, where nothing waits for a disk, if there is such a place.
	 */
	(void)snprintf(dir, sizeof(dir), "%s/history-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/history.db", dir);
	return history_new(dir, &wide, &history) == ERR_OK &&
		history_reader_new(history, &reader) == ERR_OK
	    ? 0
	    : -1;
}

static int
end(void **state)
{
	char command[128];

	(void)state;
	history_reader_free(&reader);
	history_free(&history);
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

/* The n-th event of a made-up world: its size is n. */
static struct history_event
made(unsigned n)
{
	static const char *const paths[] = { "/a/x", "/a", "/ab", "/a/y/z",
		"/b/\xff\n", "/a0", "/a/", "/b/'; DROP TABLE events --" };
	static const char *const rules[] = { "", "pickle.x", "zip.y" };
	struct history_event e;

	history_event_init(&e);
	e.size = n;
	e.time_ms = 1000 + n / 3;
	e.uid = 1000 + n % 3;
	e.kind = "denied";
	e.error = EPERM;
	e.verdict = (enum verdict)(n % VERDICT_COUNT);
	e.path = paths[n % COUNT(paths)];
	e.rule = rules[n / 2 % COUNT(rules)];
	e.dev = 7;
	e.ino = n % 11;
	return e;
}

static void
fill(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct history_event e = made(i);

		history_add(history, &e);
	}
	history_flush(history, FLUSH_MS);
}

static struct history_question
question(const struct history_filter *f)
{
	return (struct history_question){
		.filter = *f, .limit = FOUND_MAX, .tell = find_one
	};
}

/* The filters' whole world: each alone, and each two together. */
static struct history_filter
filter(unsigned n)
{
	static const char *const paths[] = { "", "/a", "/a/", "/a/x",
		"/b/\xff\n", "/", "/none", "/b/'; DROP TABLE events --" };
	static const char *const rules[] = { "", "pickle.x", "none" };
	struct history_filter f = { .path = paths[n / 2 % 8],
		.rule = rules[n / 16 % 3],
		.one_user = (n & 64) != 0,
		.uid = 1001,
		.one_verdict = (n & 128) != 0,
		.verdict = VERDICT_SUSPICIOUS,
		.since_ms = (n & 256) != 0 ? 1020 : 0,
		.until_ms = (n & 512) != 0 ? 1050 : 0 };

	return f;
}

#endif /* TESTS_UNIT_HISTORY_WORLD_H */
