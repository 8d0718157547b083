/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "byte/budget.h"

static uint64_t test_time;

static uint64_t
test_clock(void)
{
	return test_time;
}

static void
time_runs_out_even_after_another_limit_did(void **state)
{
	struct budget b = { .deadline = 100 };

	(void)state;
	clock_replace(test_clock);
	assert_int_equal(budget_enter(&b), ERR_LIMIT);
	assert_int_equal(b.spent, BUDGET_DEPTH);
	test_time = 99;
	b.tick = 0;
	assert_int_equal(budget_check(&b), ERR_OK);
	test_time = 100;
	b.tick = 0;
	assert_int_equal(budget_check(&b), ERR_LIMIT);
	assert_int_equal(budget_check(&b), ERR_LIMIT); /* between two looks */
	assert_int_equal(b.spent, BUDGET_DEPTH);       /* the first counts */
	clock_replace(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_runs_out_even_after_another_limit_did),
	};

	return cmocka_run_group_tests_name("budget", tests, NULL, NULL);
}
