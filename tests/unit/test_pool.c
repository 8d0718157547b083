/* SPDX-License-Identifier: Apache-2.0 */
/* A worker that dies, hangs or lies costs one file, and nothing else. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "pool_world.h"

/* Allocations by ours, counted. */
static size_t allocations;
void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

void *
__wrap_malloc(size_t n)
{
	allocations++;
	return __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	allocations++;
	return __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	allocations++;
	return __real_realloc(p, n);
}

static void
test_file_gets_its_answer(void **state)
{
	struct world w;
	const char *problems;

	(void)state;
	world_start(&w, "");
	for (size_t i = 0; i < ANSWERS; i++) {
		submit(&w, i % 2 == 0 ? "honest" : "dribble", i + 1);
		wait_answers(&w, i + 1);
		assert_int_equal(w.answers[i].e, ERR_OK);
		assert_int_equal(w.answers[i].tag, i + 1);
		assert_int_equal(w.answers[i].verdict, VERDICT_MALICIOUS);
	}
	assert_true(pool_is_ready(w.pool, &problems));
	assert_string_equal(problems, "");
	assert_int_equal(pool_stats(w.pool).answered, ANSWERS);
	assert_int_equal(pool_stats(w.pool).submitted, ANSWERS);
	assert_int_equal(pool_stats(w.pool).died, 0);
	assert_int_equal(pool_stats(w.pool).lied, 0);
	world_end(&w);
}

struct wrong {
	const char *name;
	const char *why; /* a part of it */
	uint64_t died, lied;
};

static const struct wrong wrongs[] = {
	{ "crash", "crashed (signal 11)", 1, 0 },
	{ "forbidden", "sandbox forbids", 1, 0 },
	{ "exit", "without an answer (exit status 3)", 1, 0 },
	{ "half", "without an answer (exit status 0)", 1, 0 },
	{ "hide", "", 1, 0 },
	{ "garbage", "no answer", 0, 1 },
	{ "huge", "no answer", 0, 1 },
	{ "nonsense", "malformed", 0, 1 },
	{ "other", "for another file", 0, 1 },
	{ "twice", "more than one", 0, 1 },
	{ "fds", "sent a descriptor", 0, 1 },
	{ "laden", "sent a descriptor", 0, 1 },
	{ "flood", "more than one", 0, 1 },
	{ "brimful", "for another file", 0, 1 },
};

static void
test_worker_that_dies_or_lies_costs_one_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		struct world w;

		print_message("%s\n", wrongs[i].name);
		world_start(&w, "");
		submit(&w, wrongs[i].name, 1);
		wait_answers(&w, 1);
		assert_int_equal(w.answers[0].e, ERR_PROTO);
		assert_int_equal(w.answers[0].tag, 1);
		assert_non_null(strstr(w.answers[0].why, wrongs[i].why));
		assert_int_equal(pool_stats(w.pool).died, wrongs[i].died);
		assert_int_equal(pool_stats(w.pool).lied, wrongs[i].lied);
		submit(&w, "honest", 2);
		wait_answers(&w, 2);
		assert_int_equal(w.answers[1].e, ERR_OK);
		world_end(&w);
	}
}

static void
test_hanging_worker_is_killed_on_request(void **state)
{
	struct world w;

	(void)state;
	world_start(&w, "");
	submit(&w, "hang", 1);
	submit(&w, "honest", 2);
	wait_answers(&w, 1);
	assert_int_equal(w.answers[0].tag, 2);
	pool_kill(w.pool, (void *)1);
	pool_kill(w.pool, (void *)1);
	pool_kill(w.pool, (void *)99);
	wait_answers(&w, 2);
	assert_int_equal(w.answers[1].tag, 1);
	assert_int_equal(w.answers[1].e, ERR_PROTO);
	assert_int_equal(pool_stats(w.pool).killed, 1);
	submit(&w, "honest", 3);
	wait_answers(&w, 3);
	assert_int_equal(w.answers[2].e, ERR_OK);
	world_end(&w);
}

/* More hanging workers than there may be: all come back. */
static void
test_pool_recovers_from_a_full_house(void **state)
{
	struct world w;

	(void)state;
	world_start(&w, "");
	for (size_t i = 1; i <= WORKERS; i++)
		submit(&w, "hang", i);
	assert_int_equal(pool_ready(w.pool), 0);
	assert_int_equal(
	    pool_submit(w.pool, &(struct wire_scan){ .id = 5 }, w.file, NULL),
	    ERR_LIMIT);
	for (size_t i = 1; i <= WORKERS; i++)
		pool_kill(w.pool, (void *)(uintptr_t)i);
	wait_answers(&w, WORKERS);
	for (size_t i = 0; i < 2 * (size_t)WORKERS; i++)
		submit(&w, "honest", 100 + i);
	wait_answers(&w, 3 * (size_t)WORKERS);
	assert_int_equal(pool_stats(w.pool).answered, 2 * WORKERS);
	world_end(&w);
}

static void
test_worker_that_answers_and_stays_is_removed(void **state)
{
	struct world w;

	(void)state;
	world_start(&w, "");
	for (size_t i = 1; i <= 2 * (size_t)WORKERS; i++)
		submit(&w, "linger", i);
	wait_answers(&w, 2 * (size_t)WORKERS);
	for (size_t i = 0; i < 2 * (size_t)WORKERS; i++)
		assert_int_equal(w.answers[i].e, ERR_OK);
	world_end(&w);
}

static void
test_serving_allocates_nothing(void **state)
{
	struct world w;
	size_t before;

	(void)state;
	world_start(&w, "");
	before = allocations;
	for (size_t i = 0; i < 10; i++) {
		submit(&w, "honest", i + 1);
		submit(&w, "crash", i + 1);
		submit(&w, "garbage", i + 1);
		submit(&w, "dribble", i + 1);
	}
	wait_answers(&w, 40);
	assert_int_equal(allocations, before);
	world_end(&w);
}

static void
test_lost_template_is_told_and_replaced(void **state)
{
	struct world w;
	int control, status;

	(void)state;
	world_start(&w, "");
	submit(&w, "hang", 1);
	submit(&w, "honest", 2);
	wait_answers(&w, 1);
	(void)kill(w.template, SIGKILL);
	assert_int_equal(waitpid(w.template, &status, 0), w.template);
	while (step(&w) == ERR_OK)
		;
	assert_int_equal(pool_step(w.pool), ERR_PROTO);
	assert_int_equal(pool_ready(w.pool), 0);
	assert_int_equal(w.count, 1);
	start_template(&w, "problem", &control);
	pool_template(w.pool, control);
	submit(&w, "honest", 3);
	wait_answers(&w, 2);
	assert_int_equal(w.answers[1].tag, 3);
	assert_int_equal(w.answers[1].e, ERR_OK);
	/* The worker of the old one is on its own, but not forgotten. */
	pool_kill(w.pool, (void *)1);
	wait_answers(&w, 3);
	assert_int_equal(w.answers[2].tag, 1);
	assert_int_equal(w.answers[2].e, ERR_PROTO);
	world_end(&w);
}

static void
test_problems_of_the_rules_are_named(void **state)
{
	struct world w;
	const char *problems;

	(void)state;
	world_start(&w, "problem");
	while (!pool_is_ready(w.pool, &problems))
		assert_int_equal(step(&w), ERR_OK);
	assert_string_equal(problems, "a.yar:1: syntax error");
	world_end(&w);
}

static void
test_template_that_makes_no_sense_is_dropped(void **state)
{
	static const char *const modes[] = { "mad", "forgetful" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct world w;

		world_start(&w, modes[i]);
		while (step(&w) == ERR_OK)
			;
		assert_int_equal(pool_ready(w.pool), 0);
		(void)kill(w.template, SIGKILL);
		world_end(&w);
	}
}

static void
test_workers_that_never_come_are_noticed(void **state)
{
	static const char *const modes[] = { "stillborn", "chatty", "barren" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct world w;

		world_start(&w, modes[i]);
		while (!pool_is_stuck(w.pool))
			assert_int_equal(step(&w), ERR_OK);
		assert_true(pool_stats(w.pool).spawned < 100);
		world_end(&w);
	}
}

static void
test_missing_program_is_an_error(void **state)
{
	struct template_config config = { .path = "/nonexistent/worker",
		.uid = (uid_t)-1,
		.gid = (gid_t)-1 };
	int fds = count_fds(), control = -1;
	pid_t pid;

	(void)state;
	assert_int_equal(template_start(&config, &control, &pid), ERR_SYS);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(control, -1);
	assert_int_equal(count_fds(), fds);
}

static void
test_file_that_is_none_costs_no_worker(void **state)
{
	struct wire_scan scan = { .id = 1, .name = "honest" };
	struct world w;
	unsigned ready;

	(void)state;
	world_start(&w, "");
	submit(&w, "honest", 1);
	wait_answers(&w, 1);
	while (pool_ready(w.pool) == 0)
		assert_int_equal(step(&w), ERR_OK);
	ready = pool_ready(w.pool);
	assert_int_equal(pool_submit(w.pool, &scan, 9999, NULL), ERR_SYS);
	assert_int_equal(errno, EBADF);
	assert_int_equal(pool_submit(w.pool, &scan, -1, NULL), ERR_USAGE);
	memset(scan.name, 'x', sizeof(scan.name));
	assert_int_equal(pool_submit(w.pool, &scan, w.file, NULL), ERR_USAGE);
	assert_int_equal(pool_ready(w.pool), ready);
	world_end(&w);
}

static void
test_paths_lead_into_the_build_and_source(void **state)
{
	struct paths p;

	(void)state;
	assert_int_equal(paths_find(&p), ERR_OK);
	assert_string_equal(strrchr(p.worker, '/'), "/ckptguard-worker");
	assert_int_equal(access(p.rules, R_OK), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file_gets_its_answer),
		cmocka_unit_test(test_worker_that_dies_or_lies_costs_one_file),
		cmocka_unit_test(test_hanging_worker_is_killed_on_request),
		cmocka_unit_test(test_pool_recovers_from_a_full_house),
		cmocka_unit_test(test_worker_that_answers_and_stays_is_removed),
		cmocka_unit_test(test_serving_allocates_nothing),
		cmocka_unit_test(test_lost_template_is_told_and_replaced),
		cmocka_unit_test(test_problems_of_the_rules_are_named),
		cmocka_unit_test(test_template_that_makes_no_sense_is_dropped),
		cmocka_unit_test(test_workers_that_never_come_are_noticed),
		cmocka_unit_test(test_missing_program_is_an_error),
		cmocka_unit_test(test_file_that_is_none_costs_no_worker),
		cmocka_unit_test(test_paths_lead_into_the_build_and_source),
	};

	(void)alarm(HANG_S);
	return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
