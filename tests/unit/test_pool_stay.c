/* SPDX-License-Identifier: Apache-2.0 */
/* Workers that may serve several files do so while the files are ordinary. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pool_world.h"

enum { FILES = 4, ROUNDS = 12, HANG_ALARM_S = 300 };

/* The file's first byte decides the fake worker's verdict. */
static void
file_becomes(struct world *w, char byte)
{
	assert_int_equal(pwrite(w->file, &byte, 1, 0), 1);
}

/* One file after another; how many different workers served them.  None serves
 * more than FILES. */
static size_t
workers_of(struct world *w, char byte, const char *name)
{
	pid_t seen[ROUNDS];
	size_t served[ROUNDS] = { 0 };
	size_t count = 0;

	file_becomes(w, byte);
	for (size_t i = 0; i < ROUNDS; i++) {
		size_t at = 0;
		size_t before = w->count;
		pid_t pid;

		submit(w, name, i + 1);
		pid = pool_worker(w->pool, (void *)(uintptr_t)(i + 1));
		assert_true(pid > 0);
		while (at < count && seen[at] != pid)
			at++;
		if (at == count)
			seen[count++] = pid;
		assert_in_range(++served[at], 1, FILES);
		wait_answers(w, before + 1);
		assert_int_equal(w->answers[before].tag, i + 1);
	}
	return count;
}

static void
test_ordinary_files_share_a_worker_up_to_the_bound(void **state)
{
	struct world w;

	(void)state;
	world_start_with(&w, "", FILES);
	/* more than the least when a spare one got ready in between */
	assert_in_range(
	    workers_of(&w, '0', "honest"), ROUNDS / FILES, ROUNDS - 1);
	assert_int_equal(pool_stats(w.pool).died, 0);
	world_end(&w);
}

static void
test_a_worker_goes_after_a_file_that_is_not_ordinary(void **state)
{
	(void)state;
	for (char byte = '2'; byte <= '4'; byte++) {
		struct world w;

		world_start_with(&w, "", FILES);
		assert_int_equal(workers_of(&w, byte, "honest"), ROUNDS);
		world_end(&w);
	}
}

static void
test_a_lie_ends_a_worker_that_might_have_stayed(void **state)
{
	struct world w;

	(void)state;
	world_start_with(&w, "", FILES);
	assert_int_equal(workers_of(&w, '0', "twice"), ROUNDS);
	assert_int_equal(pool_stats(w.pool).lied, ROUNDS);
	world_end(&w);
}

static void
test_without_a_bound_each_file_has_its_worker(void **state)
{
	struct world w;

	(void)state;
	world_start_with(&w, "", 0);
	assert_int_equal(workers_of(&w, '0', "honest"), ROUNDS);
	world_end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_ordinary_files_share_a_worker_up_to_the_bound),
		cmocka_unit_test(
		    test_a_worker_goes_after_a_file_that_is_not_ordinary),
		cmocka_unit_test(
		    test_a_lie_ends_a_worker_that_might_have_stayed),
		cmocka_unit_test(test_without_a_bound_each_file_has_its_worker),
	};

	(void)alarm(HANG_ALARM_S);
	return cmocka_run_group_tests_name("pool stay", tests, NULL, NULL);
}
