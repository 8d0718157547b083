/* SPDX-License-Identifier: Apache-2.0 */
/* The page of numbers that the gate writes and others read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "guardd/metrics.h"

static void
test_json_is_cut_at_a_member(void **state)
{
	struct metrics m = {
		.count.events = 12, .count.swept = 7, .now.turn_at = 9
	};
	char all[8192], some[40];
	size_t n;

	(void)state;
	n = metrics_json(&m, all, sizeof(all));
	assert_true(n > 0 && n < sizeof(all) - 1);
	assert_non_null(strstr(all, "\"events\":12,"));
	assert_non_null(strstr(all, ",\"swept\":7"));
	assert_non_null(strstr(all, ",\"turn_at\":9"));
	assert_non_null(strstr(all, ",\"scan_p99_us\":0"));
	n = metrics_json(&m, some, sizeof(some));
	assert_int_equal(n, strlen(some));
	assert_memory_equal(some, all, strlen(some));
	assert_int_equal(all[n], ',');
}

static void
test_every_row_has_a_name_a_text_and_a_place_of_its_own(void **state)
{
	const struct metric *tables[] = { metric_counters, metric_gauges };
	size_t counts[] = { metric_counter_count, metric_gauge_count };
	struct metrics m;
	uint64_t *words = (uint64_t *)(void *)&m;

	(void)state;
	for (size_t i = 0; i < sizeof(m) / sizeof(*words); i++)
		words[i] = i + 1;
	for (size_t t = 0; t < 2; t++)
		for (size_t i = 0; i < counts[t]; i++) {
			assert_true(strlen(tables[t][i].name) > 0);
			assert_true(strlen(tables[t][i].text) > 0);
			assert_int_equal(metric_value(&m, &tables[t][i]),
			    tables[t][i].at / sizeof(*words) + 1);
		}
	assert_int_equal(metric_value(&m, &metric_gauges[0]), m.now.tokens);
	assert_ptr_equal(
	    metric_latency(&m, &metric_latencies[1]), &m.took.scanned);
}

static void
test_a_latency_lies_in_the_bucket_of_its_power_of_two(void **state)
{
	static const struct {
		uint64_t us;
		unsigned bucket;
	} rows[] = {
		{ 0, 0 },
		{ 1, 1 },
		{ 2, 2 },
		{ 3, 2 },
		{ 4, 3 },
		{ 1023, 10 },
		{ 1024, 11 },
		{ UINT64_C(1) << 26, 27 },
		{ UINT64_C(1) << 40, 27 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct latency l = { 0 };

		latency_add(&l, rows[i].us * CLOCK_NS_PER_US + 999);
		assert_int_equal(l.buckets[rows[i].bucket], 1);
		assert_int_equal(l.count, 1);
		assert_int_equal(l.sum_us, rows[i].us);
	}
}

static void
test_a_quantile_is_an_upper_bound(void **state)
{
	struct latency l = { 0 };

	(void)state;
	assert_int_equal(latency_quantile(&l, 0.5), 0);
	for (int i = 0; i < 99; i++)
		latency_add(&l, 3 * CLOCK_NS_PER_US);
	latency_add(&l, 900 * CLOCK_NS_PER_US);
	assert_int_equal(latency_quantile(&l, 0.5), 4);
	assert_int_equal(latency_quantile(&l, 0.99), 4);
	assert_int_equal(latency_quantile(&l, 1), 1024);
	assert_int_equal(latency_below(&l, 2), 99);
	assert_int_equal(latency_below(&l, LATENCY_BUCKETS - 1), 100);
	latency_add(&l, UINT64_MAX);
	assert_int_equal(latency_quantile(&l, 1), UINT64_MAX);
}

static void
test_a_fork_s_numbers_are_seen_and_a_reader_can_t_write(void **state)
{
	struct metrics *page = NULL, copy;
	int status = 0;
	pid_t pid;

	(void)state;
	assert_int_equal(metrics_new(&page), ERR_OK);
	if ((pid = fork()) == 0) {
		page->count.events = 41;
		metrics_only_read(page);
		/* Not cmocka's: the child would go on as a second runner. */
		signal(SIGSEGV, SIG_DFL);
		*(volatile uint64_t *)&page->count.events = 42;
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	metrics_read(page, &copy);
	assert_int_equal(copy.count.events, 41);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSEGV);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_is_cut_at_a_member),
		cmocka_unit_test(
		    test_every_row_has_a_name_a_text_and_a_place_of_its_own),
		cmocka_unit_test(
		    test_a_latency_lies_in_the_bucket_of_its_power_of_two),
		cmocka_unit_test(test_a_quantile_is_an_upper_bound),
		cmocka_unit_test(
		    test_a_fork_s_numbers_are_seen_and_a_reader_can_t_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
