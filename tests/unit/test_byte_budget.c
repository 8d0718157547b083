/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>

#include "base/clock.h"
#include "byte/budget.h"

enum { CALLS = 200 }; /* more than the calls between two looks at the clock */

static uint64_t fake_now;
static unsigned fake_reads;

static uint64_t
fake_clock(void)
{
	fake_reads++;
	return fake_now;
}

static int
teardown(void **state)
{
	(void)state;
	clock_replace(NULL);
	return 0;
}

static const enum budget_what counted[] = { BUDGET_BYTES, BUDGET_MEMBERS,
	BUDGET_OPCODES, BUDGET_MEMORY };

static struct budget
ten_of_each(void)
{
	return (struct budget){ .bytes = 10,
		.members = 10,
		.opcodes = 10,
		.memory = 10,
		.depth = 2 };
}

static void
each_resource_is_spent_to_its_last_unit_and_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(counted); i++) {
		struct budget b = ten_of_each();

		assert_int_equal(budget_take(&b, counted[i], 4), ERR_OK);
		assert_int_equal(budget_take(&b, counted[i], 6), ERR_OK);
		assert_int_equal(budget_take(&b, counted[i], 0), ERR_OK);
		assert_int_equal(b.spent, BUDGET_NOTHING);
		assert_int_equal(budget_take(&b, counted[i], 1), ERR_LIMIT);
		assert_int_equal(b.spent, counted[i]);
		assert_int_equal(
		    b.bytes + b.members + b.opcodes + b.memory, 30);
	}
}

static void
a_refusal_takes_nothing(void **state)
{
	struct budget b = ten_of_each();

	(void)state;
	assert_int_equal(budget_take(&b, BUDGET_BYTES, 11), ERR_LIMIT);
	assert_int_equal(budget_take(&b, BUDGET_BYTES, UINT64_MAX), ERR_LIMIT);
	assert_int_equal(b.bytes, 10);
	assert_int_equal(budget_take(&b, BUDGET_BYTES, 10), ERR_OK);
}

static void
the_first_that_ran_out_is_remembered(void **state)
{
	struct budget b = ten_of_each();

	(void)state;
	assert_int_equal(budget_take(&b, BUDGET_MEMBERS, 11), ERR_LIMIT);
	assert_int_equal(budget_take(&b, BUDGET_BYTES, 11), ERR_LIMIT);
	budget_exhaust(&b, BUDGET_OPCODES);
	assert_int_equal(b.spent, BUDGET_MEMBERS);
	assert_string_equal(budget_name(b.spent), "members");
}

static void
what_cannot_be_taken_is_a_bug(void **state)
{
	struct budget b = ten_of_each();

	(void)state;
	assert_int_equal(budget_take(&b, BUDGET_TIME, 1), ERR_BUG);
	assert_int_equal(budget_take(&b, BUDGET_DEPTH, 1), ERR_BUG);
	assert_int_equal(budget_take(&b, BUDGET_NOTHING, 1), ERR_BUG);
	assert_int_equal(budget_take(&b, BUDGET_COUNT, 1), ERR_BUG);
}

static void
memory_comes_back_and_never_wraps(void **state)
{
	struct budget b = ten_of_each();

	(void)state;
	assert_int_equal(budget_take(&b, BUDGET_MEMORY, 10), ERR_OK);
	budget_give(&b, 10);
	assert_int_equal(budget_take(&b, BUDGET_MEMORY, 10), ERR_OK);
	budget_give(&b, 10);
	budget_give(&b, UINT64_MAX);
	assert_int_equal(b.memory, 10);
}

static void
depth_ends_at_the_bottom_and_comes_back(void **state)
{
	struct budget b = ten_of_each();

	(void)state;
	assert_int_equal(budget_enter(&b), ERR_OK);
	assert_int_equal(budget_enter(&b), ERR_OK);
	assert_int_equal(budget_enter(&b), ERR_LIMIT);
	assert_int_equal(b.spent, BUDGET_DEPTH);
	budget_leave(&b);
	assert_int_equal(budget_enter(&b), ERR_OK);
}

/* Call budget_check() often enough that it must have read the clock. */
static enum err
check_often(struct budget *b)
{
	enum err e = ERR_OK;

	for (int i = 0; i < CALLS && e == ERR_OK; i++)
		e = budget_check(b);
	return e;
}

static void
time_runs_out_at_the_deadline(void **state)
{
	struct budget b = { .deadline = 1000 };

	(void)state;
	clock_replace(fake_clock);
	fake_now = 999;
	assert_int_equal(check_often(&b), ERR_OK);
	fake_now = 1000;
	assert_int_equal(check_often(&b), ERR_LIMIT);
	assert_int_equal(b.spent, BUDGET_TIME);
	assert_int_equal(budget_check(&b), ERR_LIMIT);
}

static void
time_runs_out_also_after_something_else_did(void **state)
{
	struct budget b = { .deadline = 1000 };

	(void)state;
	clock_replace(fake_clock);
	fake_now = 1;
	assert_int_equal(budget_take(&b, BUDGET_BYTES, 1), ERR_LIMIT);
	assert_int_equal(check_often(&b), ERR_OK);
	fake_now = 1001;
	assert_int_equal(check_often(&b), ERR_LIMIT);
	assert_int_equal(budget_check(&b), ERR_LIMIT);
	assert_int_equal(b.spent, BUDGET_BYTES);
}

static void
without_a_deadline_the_clock_is_never_read(void **state)
{
	struct budget b = { .deadline = 0 };

	(void)state;
	clock_replace(fake_clock);
	fake_reads = 0;
	fake_now = UINT64_MAX;
	assert_int_equal(check_often(&b), ERR_OK);
	assert_int_equal(fake_reads, 0);
}

static void
the_clock_is_read_once_in_many_calls(void **state)
{
	struct budget b = { .deadline = UINT64_MAX };

	(void)state;
	clock_replace(fake_clock);
	fake_reads = 0;
	fake_now = 0;
	assert_int_equal(check_often(&b), ERR_OK);
	assert_in_range(fake_reads, 1, CALLS / 32);
}

static void
every_resource_has_a_name(void **state)
{
	(void)state;
	for (int i = 0; i < BUDGET_COUNT; i++)
		assert_true(strlen(budget_name((enum budget_what)i)) > 0);
	assert_string_equal(budget_name(BUDGET_TIME), "time");
	assert_string_equal(budget_name((enum budget_what)99), "nothing");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    each_resource_is_spent_to_its_last_unit_and_alone),
		cmocka_unit_test(a_refusal_takes_nothing),
		cmocka_unit_test(the_first_that_ran_out_is_remembered),
		cmocka_unit_test(what_cannot_be_taken_is_a_bug),
		cmocka_unit_test(memory_comes_back_and_never_wraps),
		cmocka_unit_test(depth_ends_at_the_bottom_and_comes_back),
		cmocka_unit_test_teardown(
		    time_runs_out_at_the_deadline, teardown),
		cmocka_unit_test_teardown(
		    time_runs_out_also_after_something_else_did, teardown),
		cmocka_unit_test_teardown(
		    without_a_deadline_the_clock_is_never_read, teardown),
		cmocka_unit_test_teardown(
		    the_clock_is_read_once_in_many_calls, teardown),
		cmocka_unit_test(every_resource_has_a_name),
	};

	return cmocka_run_group_tests_name("byte/budget", tests, NULL, NULL);
}
