/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/clock.h"

static uint64_t
fixed(void)
{
	return 42;
}

static void
time_never_goes_back(void **state)
{
	uint64_t last = clock_now();

	(void)state;
	assert_true(last > 0);
	for (int i = 0; i < 1000; i++) {
		uint64_t now = clock_now();

		assert_true(now >= last);
		last = now;
	}
}

static void
a_test_can_replace_the_clock_and_give_it_back(void **state)
{
	(void)state;
	clock_replace(fixed);
	assert_int_equal(clock_now(), 42);
	clock_replace(NULL);
	assert_int_not_equal(clock_now(), 42);
}

static void
the_units_are_nanoseconds(void **state)
{
	(void)state;
	assert_true(CLOCK_NS_PER_S == 1000 * CLOCK_NS_PER_MS);
	assert_true(CLOCK_NS_PER_MS == 1000 * CLOCK_NS_PER_US);
	assert_true(CLOCK_NS_PER_US == 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_never_goes_back),
		cmocka_unit_test(a_test_can_replace_the_clock_and_give_it_back),
		cmocka_unit_test(the_units_are_nanoseconds),
	};

	return cmocka_run_group_tests_name("base/clock", tests, NULL, NULL);
}
