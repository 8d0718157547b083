/* SPDX-License-Identifier: Apache-2.0 */
/* pool_world: a pool with the fake worker program, for the tests of pool/. */
#ifndef TESTS_UNIT_POOL_WORLD_H
#define TESTS_UNIT_POOL_WORLD_H

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/own.h"
#include "pool/pool.h"

enum {
	WORKERS = 6,
	IDLE = 3,
	PATIENCE_MS = 20 * 1000, /* then something hangs */
	ANSWERS = 64,
	HANG_S = 300, /* the whole program takes some 3 s */
};

struct answer {
	size_t tag;
	enum err e;
	enum verdict verdict;
	char why[256];
};

struct world {
	struct pool *pool;
	pid_t template;
	int file; /* its first byte is '4': malicious */
	struct answer answers[ANSWERS];
	size_t count;
	uint64_t id;
	int fds; /* descriptors before it all */
};

static inline int
count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n;
}

static inline void
take_answer(void *context, const struct pool_answer *a)
{
	struct world *w = context;
	struct answer *out = &w->answers[w->count];

	assert_true(w->count < ANSWERS);
	*out = (struct answer){ .tag = (size_t)(uintptr_t)a->tag, .e = a->e };
	if (a->e == ERR_OK) {
		struct wire_summary again;

		assert_null(a->why);
		assert_int_equal(
		    wire_summary_decode(a->frame, a->frame_size, &again),
		    ERR_OK);
		assert_int_equal(again.verdict, a->summary->verdict);
		out->verdict = a->summary->verdict;
	} else {
		assert_non_null(a->why);
		assert_null(a->summary);
		(void)snprintf(out->why, sizeof(out->why), "%s", a->why);
	}
	w->count++;
}

/* Wait for something to do and do it. */
static inline enum err
step(struct world *w)
{
	struct pollfd fd = { .fd = pool_fd(w->pool), .events = POLLIN };

	assert_int_equal(poll(&fd, 1, PATIENCE_MS), 1);
	return pool_step(w->pool);
}

static inline void
start_template(struct world *w, const char *mode, int *control)
{
	char path[4096];
	const char *const dirs[] = { "", mode, NULL };
	struct template_config config = { .path = path,
		.rule_dirs = dirs,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1 };

	(void)snprintf(path, sizeof(path), "%s/tests/unit/fake_worker",
	    getenv("CKPT_BUILD") == NULL ? "." : getenv("CKPT_BUILD"));
	assert_int_equal(
	    template_start(&config, control, &w->template), ERR_OK);
}

static inline void
world_start_with(struct world *w, const char *mode, unsigned files)
{
	struct pool_config config = { .files = files,
		.workers = WORKERS,
		.idle = IDLE,
		.report_max = WIRE_REPORT_GATE,
		.answer = take_answer,
		.context = w };

	*w = (struct world){ .fds = count_fds() };
	w->file = memfd_create("file", MFD_CLOEXEC);
	assert_int_equal(write(w->file, "4", 1), 1);
	start_template(w, mode, &config.control);
	assert_int_equal(pool_new(&config, &w->pool), ERR_OK);
}

static inline void
world_start(struct world *w, const char *mode)
{
	world_start_with(w, mode, 1);
}

/* End everything; nothing may be left open. */
static inline void
world_end(struct world *w)
{
	int status;

	pool_free(w->pool);
	(void)close(w->file);
	assert_int_equal(waitpid(w->template, &status, 0), w->template);
	assert_int_equal(count_fds(), w->fds);
}

/* Give the pool a file of that name as soon as a worker is idle. */
static inline void
submit(struct world *w, const char *name, size_t tag)
{
	struct wire_scan scan = { .id = ++w->id, .size = 1 };

	(void)snprintf(scan.name, sizeof(scan.name), "%s", name);
	while (pool_ready(w->pool) == 0)
		assert_int_equal(step(w), ERR_OK);
	assert_int_equal(
	    pool_submit(w->pool, &scan, w->file, (void *)(uintptr_t)tag),
	    ERR_OK);
}

static inline void
wait_answers(struct world *w, size_t count)
{
	while (w->count < count)
		(void)step(w);
	assert_int_equal(w->count, count);
}

#endif /* TESTS_UNIT_POOL_WORLD_H */
