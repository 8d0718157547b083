/* SPDX-License-Identifier: Apache-2.0 */
/* The line of progress says what is true, and fits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/own.h"
#include "cli/progress.h"

enum { ROOM = 4096 };

struct row {
	uint64_t total, done, found;
	unsigned ms, columns;
	const char *line;
};

static const struct row rows[] = {
	{ 0, 0, 0, 0, 80, "0 files" },
	{ 0, 100, 0, 1000, 80, "100 files  100/s" },
	{ 0, 3, 1, 1000, 80, "3 files  3.0/s  1 found" },
	{ 200, 50, 0, 1000, 60,
	    "[####..............]   25%  50 of 200 files  50/s  0:03 left" },
	/* more came than were counted */
	{ 10, 20, 0, 1000, 40, "100%  20 of 20 files  20/s  0:00 left" },
	{ 100000, 10, 0, 1000, 52,
	    "  0%  10 of 100000 files  10/s  2:46:39 left" },
	/* where there is no room the count stays, from the left */
	{ 200, 50, 0, 1000, 10, " 25%  50 o" },
	/* the first moments say nothing about the rest */
	{ 200, 50, 0, 100, 30, " 25%  50 of 200 files" },
};

static void
test_line_of_progress_is_true(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO(buf) struct buf line = buf_new(ROOM);
		struct progress p = { .total = rows[i].total,
			.done = rows[i].done,
			.found = rows[i].found,
			.begun = CLOCK_NS_PER_S };
		uint64_t now = p.begun + rows[i].ms * CLOCK_NS_PER_MS;

		assert_int_equal(
		    progress_line(&p, now, rows[i].columns, &line), ERR_OK);
		assert_string_equal(buf_text(&line), rows[i].line);
	}
}

/* Columns of text with escape sequences in it. */
static size_t
columns_of(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++) {
		if (*s == '\x1b')
			s += strcspn(s, "m");
		else
			n += ((uint8_t)*s & 0xc0) != 0x80;
	}
	return n;
}

static void
test_line_of_progress_never_wraps(void **state)
{
	(void)state;
	for (unsigned columns = 1; columns < 200; columns++) {
		for (unsigned kind = 0; kind < 4; kind++) {
			AUTO(buf) struct buf line = buf_new(ROOM);
			struct progress p = { .total = UINT64_MAX / 200,
				.done = UINT64_MAX / 300,
				.found = 12345,
				.colour = (kind & 1) != 0,
				.unicode = (kind & 2) != 0 };

			assert_int_equal(progress_line(&p, 10 * CLOCK_NS_PER_S,
					     columns, &line),
			    ERR_OK);
			assert_true(columns_of(buf_text(&line)) <= columns);
		}
	}
}

static uint64_t clock_value;

static uint64_t
clock_of_test(void)
{
	return clock_value;
}

static void
test_progress_is_drawn_ten_times_a_second_at_most(void **state)
{
	struct progress p = { .on = true, .fd = -1 };
	unsigned drawn = 0;

	(void)state;
	clock_value = CLOCK_NS_PER_S;
	clock_replace(clock_of_test);
	progress_begin(&p);
	for (unsigned i = 0; i < 10000; i++) {
		clock_value += CLOCK_NS_PER_MS / 10;
		assert_true(progress_tick(&p) > 0);
		drawn += p.drawn;
		progress_clear(&p);
		assert_false(p.drawn);
	}
	clock_replace(NULL);
	/* the first after half a second */
	assert_int_equal(drawn, 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line_of_progress_is_true),
		cmocka_unit_test(test_line_of_progress_never_wraps),
		cmocka_unit_test(
		    test_progress_is_drawn_ten_times_a_second_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
