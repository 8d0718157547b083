/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_history: fill a history with made-up events, then ask it.
 *
 *	bench_history DIR EVENTS [--fill]
 *
 * One line for each question: its name, the events that it found, the median
 * and the worst of some runs in ms.  The first line is the writing: events, ms,
 * events a second, bytes of the database.  --fill: only write.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "history/history.h"

enum {
	FLUSH_MS = 600000,
	RUNS = 9,
	PATHS = 20000,
	USERS = 50,
	RARE = 10007, /* one in so many is malicious */
	EVERY_MS = 7000,
	ADD_AT_ONCE = 4096
};

static char path[128], message[160], exe[64];
static size_t found;

static bool
count_one(void *context, const struct history_event *e)
{
	(void)context;
	(void)e;
	found++;
	return true;
}

/* The n-th event of a server's year. */
static void
make(unsigned n, uint64_t begin_ms, struct history_event *e)
{
	unsigned at = (n * 2654435761u) % PATHS;
	bool bad = n % RARE == 0;

	history_event_init(e);
	(void)snprintf(path, sizeof(path),
	    "/srv/models/team%02u/project%03u/checkpoint-%05u.pt", at % 20,
	    at % 400, at);
	(void)snprintf(message, sizeof(message),
	    "loading it imports code that no policy knows: "
	    "project%03u.layers.Block",
	    at % 400);
	(void)snprintf(
	    exe, sizeof(exe), "/home/user%02u/venv/bin/python3.11", n % USERS);
	e->time_ms = begin_ms + (uint64_t)n * EVERY_MS;
	e->uid = 1000 + n % USERS;
	e->kind = bad ? "denied" : "noted";
	e->error = bad ? EPERM : 0;
	e->verdict = bad ? VERDICT_MALICIOUS : VERDICT_UNKNOWN;
	e->path = path;
	e->message = message;
	e->where = "archive/data.pkl";
	e->format = "torch-zip";
	e->rule = bad ? "pickle.import.dangerous" : "pickle.import.unknown";
	e->exe = exe;
	e->comm = "python3.11";
	e->user = "somebody";
	e->dev = 8;
	e->ino = 1000 + at;
	e->size = 100000000 + at;
	e->pid = 10000 + n % 30000;
	e->known = true;
}

static void
fill(struct history *h, unsigned n, struct history_reader *r)
{
	uint64_t began = clock_now(), ms;
	uint64_t now = (uint64_t)time(NULL) * 1000;
	struct history_size size = { 0 };
	struct history_event e;

	for (unsigned i = 0; i < n; i++) {
		make(i, now - (uint64_t)n * EVERY_MS, &e);
		history_add(h, &e);
		if (i % ADD_AT_ONCE == 0)
			history_flush(h, FLUSH_MS);
	}
	history_flush(h, FLUSH_MS);
	ms = (clock_now() - began) / CLOCK_NS_PER_MS + 1;
	if (history_measure(r, &size) != ERR_OK)
		exit(1);
	(void)printf("write %llu %llu %llu %llu\n",
	    (unsigned long long)size.events, (unsigned long long)ms,
	    (unsigned long long)(n * UINT64_C(1000) / ms),
	    (unsigned long long)size.bytes);
}

static int
by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
ask(struct history_reader *r, const char *name, const struct history_filter *f)
{
	struct history_question q = {
		.filter = *f, .limit = 50, .tell = count_one
	};
	double ms[RUNS];

	for (int i = 0; i < RUNS; i++) {
		uint64_t began = clock_now();

		found = 0;
		if (history_find(r, &q) != ERR_OK) {
			(void)printf("%s gave up\n", name);
			return;
		}
		ms[i] = (double)(clock_now() - began) / 1e6;
	}
	qsort(ms, RUNS, sizeof(ms[0]), by_size);
	(void)printf(
	    "%s %zu %.2f %.2f\n", name, found, ms[RUNS / 2], ms[RUNS - 1]);
}

static void
ask_last(struct history_reader *r, const char *name, const char *of)
{
	struct history_file file = {
		.path = of, .dev = 8, .ino = 7, .uid = 1001, .all = true
	};
	double ms[RUNS];

	for (int i = 0; i < RUNS; i++) {
		uint64_t began = clock_now();

		found = 0;
		if (history_last(r, &file, count_one, NULL) != ERR_OK)
			return;
		ms[i] = (double)(clock_now() - began) / 1e6;
	}
	qsort(ms, RUNS, sizeof(ms[0]), by_size);
	(void)printf(
	    "%s %zu %.2f %.2f\n", name, found, ms[RUNS / 2], ms[RUNS - 1]);
}

static void
ask_all(struct history_reader *r)
{
	const struct {
		const char *name;
		struct history_filter f;
	} rows[] = {
		{ "newest", { .path = "", .rule = "" } },
		{ "user",
		    { .path = "", .rule = "", .one_user = true, .uid = 1007 } },
		{ "nobody",
		    { .path = "", .rule = "", .one_user = true, .uid = 7 } },
		{ "malicious",
		    { .path = "",
			.rule = "",
			.one_verdict = true,
			.verdict = VERDICT_MALICIOUS } },
		{ "malicious-of-user",
		    { .path = "",
			.rule = "",
			.one_verdict = true,
			.verdict = VERDICT_MALICIOUS,
			.one_user = true,
			.uid = 1007 } },
		{ "rule", { .path = "", .rule = "pickle.import.dangerous" } },
		{ "rule-none", { .path = "", .rule = "zip.none" } },
		{ "directory", { .path = "/srv/models/team07", .rule = "" } },
		{ "directory-rare",
		    { .path = "/srv/models/team07",
			.rule = "",
			.one_verdict = true,
			.verdict = VERDICT_MALICIOUS } },
		{ "project",
		    { .path = "/srv/models/team07/project007", .rule = "" } },
		{ "no-path", { .path = "/none", .rule = "" } },
		{ "old", { .path = "", .rule = "", .until_ms = 1 } },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ask(r, rows[i].name, &rows[i].f);
	ask_last(r, "why", path);
	ask_last(r, "why-none", "/none");
}

int
main(int argc, char **argv)
{
	static const struct history_bounds bounds = {
		.bytes = UINT64_C(4) << 30, .days = 36500
	};
	struct history *h = NULL;
	struct history_reader *r = NULL;
	int n = argc < 3 ? 0 : atoi(argv[2]);

	if (n <= 0 || history_new(argv[1], &bounds, &h) != ERR_OK ||
	    history_reader_new(h, &r) != ERR_OK) {
		(void)fprintf(
		    stderr, "usage: bench_history DIR EVENTS [--fill]\n");
		return 2;
	}
	fill(h, (unsigned)n, r);
	if (argc == 3)
		ask_all(r);
	history_reader_free(&r);
	history_free(&h);
	return 0;
}
