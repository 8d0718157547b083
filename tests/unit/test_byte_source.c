/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "byte/source.h"

#define TEXT "0123456789"
enum { TEXT_SIZE = 10 };

struct fixture {
	FILE *file;
	struct budget budget;
	struct source of_file;
	struct source of_memory;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL || (f->file = tmpfile()) == NULL)
		return -1;
	(void)fputs(TEXT, f->file);
	(void)fflush(f->file);
	f->budget = (struct budget){ .bytes = 1000 };
	f->of_file = source_fd(fileno(f->file), TEXT_SIZE, &f->budget);
	f->of_memory = source_memory(TEXT, TEXT_SIZE, &f->budget);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	(void)fclose(f->file);
	free(f);
	return 0;
}

static const struct {
	uint64_t off;
	size_t n;
	enum err want;    /* of source_read */
	const char *some; /* what source_read_some gives */
} reads[] = {
	{ 0, 3, ERR_OK, "012" },
	{ 7, 3, ERR_OK, "789" },
	{ 0, 0, ERR_OK, "" },
	{ 10, 0, ERR_OK, "" },
	{ 8, 3, ERR_SHORT, "89" },
	{ 0, 11, ERR_SHORT, "0123456789" },
	{ 10, 1, ERR_SHORT, "" },
	{ 11, 0, ERR_SHORT, "" },
	{ 11, 1, ERR_SHORT, "" },
	{ UINT64_MAX, 1, ERR_SHORT, "" },
	{ UINT64_MAX - 1, 12, ERR_SHORT, "" },
};

static void
reads_of(const struct source *s)
{
	for (size_t i = 0; i < COUNT(reads); i++) {
		char buf[16] = "";
		size_t got = 99;

		print_message("row %zu\n", i);
		assert_int_equal(source_read(s, reads[i].off, buf, reads[i].n),
		    reads[i].want);
		if (reads[i].want == ERR_OK)
			assert_memory_equal(buf, reads[i].some, reads[i].n);
		assert_int_equal(
		    source_read_some(s, reads[i].off, buf, reads[i].n, &got),
		    ERR_OK);
		assert_int_equal(got, strlen(reads[i].some));
		assert_memory_equal(buf, reads[i].some, got);
	}
}

static void
reads_stay_inside_a_file(void **state)
{
	struct fixture *f = *state;

	reads_of(&f->of_file);
}

static void
reads_stay_inside_memory(void **state)
{
	struct fixture *f = *state;

	reads_of(&f->of_memory);
}

static const struct {
	uint64_t off, size;
	enum err want;
} views[] = {
	{ 0, 10, ERR_OK },
	{ 10, 0, ERR_OK },
	{ 3, 4, ERR_OK },
	{ 0, 11, ERR_SHORT },
	{ 11, 0, ERR_SHORT },
	{ 9, 2, ERR_SHORT },
	{ 5, UINT64_MAX, ERR_SHORT },
	{ UINT64_MAX, 1, ERR_SHORT },
	{ UINT64_MAX, UINT64_MAX, ERR_SHORT },
};

static void
a_view_lies_inside_what_it_views(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(views); i++) {
		struct source v = { .size = 4711 };

		print_message("row %zu\n", i);
		assert_int_equal(
		    source_view(&f->of_file, views[i].off, views[i].size, &v),
		    views[i].want);
		assert_int_equal(
		    v.size, views[i].want == ERR_OK ? views[i].size : 4711);
	}
}

static void
a_view_of_a_view_counts_from_its_own_start(void **state)
{
	struct fixture *f = *state;
	struct source both[] = { f->of_file, f->of_memory };

	for (size_t i = 0; i < COUNT(both); i++) {
		struct source outer, inner, rest;
		char buf[4] = "";
		size_t got;

		assert_int_equal(source_view(&both[i], 2, 6, &outer), ERR_OK);
		assert_int_equal(source_view(&outer, 3, 3, &inner), ERR_OK);
		assert_int_equal(source_view(&outer, 3, 4, &rest), ERR_SHORT);
		assert_int_equal(source_read(&inner, 1, buf, 2), ERR_OK);
		assert_string_equal(buf, "67");
		assert_int_equal(source_read(&inner, 1, buf, 3), ERR_SHORT);
		assert_int_equal(source_rest(&outer, 4, &rest), ERR_OK);
		assert_int_equal(rest.size, 2);
		assert_int_equal(
		    source_read_some(&rest, 0, buf, 4, &got), ERR_OK);
		assert_int_equal(got, 2);
		assert_int_equal(source_rest(&outer, 7, &rest), ERR_SHORT);
	}
}

static void
a_view_of_memory_is_memory_and_of_a_file_is_not(void **state)
{
	struct fixture *f = *state;
	struct source view;

	assert_int_equal(source_view(&f->of_memory, 4, 2, &view), ERR_OK);
	assert_memory_equal(source_bytes(&view), "45", 2);
	assert_null(source_bytes(&f->of_file));
}

static void
a_file_that_shrinks_is_a_short_read(void **state)
{
	struct fixture *f = *state;
	char buf[16];
	size_t got = 99;

	assert_int_equal(ftruncate(fileno(f->file), 4), 0);
	assert_int_equal(source_read(&f->of_file, 0, buf, 4), ERR_OK);
	assert_int_equal(source_read(&f->of_file, 0, buf, 5), ERR_SHORT);
	assert_int_equal(source_read(&f->of_file, 6, buf, 1), ERR_SHORT);
	assert_int_equal(
	    source_read_some(&f->of_file, 2, buf, 8, &got), ERR_OK);
	assert_int_equal(got, 2);
}

static void
bytes_of_a_file_are_paid_for_and_memory_is_free(void **state)
{
	struct fixture *f = *state;
	char buf[16];
	size_t got;

	f->budget.bytes = 12;
	assert_int_equal(source_read(&f->of_file, 0, buf, 10), ERR_OK);
	assert_int_equal(f->budget.bytes, 2);
	assert_int_equal(f->budget.read, 10);
	assert_int_equal(source_read(&f->of_file, 0, buf, 3), ERR_LIMIT);
	assert_int_equal(
	    source_read_some(&f->of_file, 0, buf, 3, &got), ERR_LIMIT);
	assert_int_equal(got, 0);
	assert_int_equal(f->budget.spent, BUDGET_BYTES);
	assert_int_equal(f->budget.read, 10);
	assert_int_equal(source_read(&f->of_memory, 0, buf, 10), ERR_OK);
	assert_int_equal(f->budget.bytes, 2);
}

static void
a_failing_descriptor_is_a_system_error(void **state)
{
	struct fixture *f = *state;
	struct source s = source_fd(-1, 10, &f->budget);
	char buf[4];

	errno = 0;
	assert_int_equal(source_read(&s, 0, buf, 1), ERR_SYS);
	assert_int_equal(errno, EBADF);
}

static void
an_offset_beyond_what_the_kernel_takes_is_short(void **state)
{
	struct fixture *f = *state;
	struct source s =
	    source_fd(fileno(f->file), SOURCE_UNENDING, &f->budget);
	struct source view;
	char buf[4];
	size_t got;

	assert_int_equal(
	    source_read(&s, (uint64_t)INT64_MAX + 1, buf, 1), ERR_SHORT);
	assert_int_equal(
	    source_read(&s, (uint64_t)INT64_MAX - 1, buf, 4), ERR_SHORT);
	/* base + offset must not wrap round to the front of the file */
	assert_int_equal(source_rest(&s, 100, &view), ERR_OK);
	assert_int_equal(
	    source_read_some(&view, UINT64_MAX - 50, buf, 1, &got), ERR_SHORT);
	assert_int_equal(source_rest(&view, UINT64_MAX - 50, &view), ERR_SHORT);
}

static void
a_source_without_an_end_is_read_to_where_it_ends(void **state)
{
	struct fixture *f = *state;
	struct source s =
	    source_fd(fileno(f->file), SOURCE_UNENDING, &f->budget);
	struct source rest;
	char buf[16] = "";
	size_t got;

	assert_int_equal(source_rest(&s, 6, &rest), ERR_OK);
	assert_true(rest.size == SOURCE_UNENDING);
	assert_int_equal(
	    source_read_some(&rest, 0, buf, sizeof(buf), &got), ERR_OK);
	assert_int_equal(got, 4);
	assert_memory_equal(buf, "6789", 4);
	assert_int_equal(source_read(&rest, 0, buf, 5), ERR_SHORT);
}

static void
what_is_kept_of_a_file_is_not_read_again(void **state)
{
	struct fixture *f = *state;
	const struct source_kept back = { NULL, (const uint8_t *)"GHIJ", 6, 4 };
	const struct source_kept front = { &back, (const uint8_t *)"ABC", 0,
		3 };
	static const struct {
		uint64_t off;
		size_t n;
		const char *want;
		bool paid;
	} rows[] = {
		{ 0, 3, "ABC", false }, { 2, 1, "C", false },
		{ 2, 2, "23", true }, /* half of it: all is read */
		{ 3, 1, "3", true }, { 5, 2, "56", true },
		{ 6, 4, "GHIJ", false },
		{ 9, 5, "J", false }, /* cut at the end, then kept */
	};
	struct source view;

	f->of_file.kept = &front;
	assert_int_equal(source_rest(&f->of_file, 0, &view), ERR_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t before = f->budget.read;
		char buf[8];
		size_t got;

		assert_int_equal(
		    source_read_some(&view, rows[i].off, buf, rows[i].n, &got),
		    ERR_OK);
		assert_int_equal(got, strlen(rows[i].want));
		assert_memory_equal(buf, rows[i].want, got);
		assert_int_equal(f->budget.read != before, rows[i].paid);
	}
	/* a view counts from the file's start all the same */
	assert_int_equal(source_view(&f->of_file, 7, 2, &view), ERR_OK);
	{
		char buf[2];

		assert_int_equal(source_read(&view, 0, buf, 2), ERR_OK);
		assert_memory_equal(buf, "HI", 2);
	}
}

#define WITH_FIXTURE(test) \
	cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(reads_stay_inside_a_file),
		WITH_FIXTURE(reads_stay_inside_memory),
		WITH_FIXTURE(a_view_lies_inside_what_it_views),
		WITH_FIXTURE(a_view_of_a_view_counts_from_its_own_start),
		WITH_FIXTURE(a_view_of_memory_is_memory_and_of_a_file_is_not),
		WITH_FIXTURE(a_file_that_shrinks_is_a_short_read),
		WITH_FIXTURE(bytes_of_a_file_are_paid_for_and_memory_is_free),
		WITH_FIXTURE(a_failing_descriptor_is_a_system_error),
		WITH_FIXTURE(an_offset_beyond_what_the_kernel_takes_is_short),
		WITH_FIXTURE(what_is_kept_of_a_file_is_not_read_again),
		WITH_FIXTURE(a_source_without_an_end_is_read_to_where_it_ends),
	};

	return cmocka_run_group_tests_name("byte/source", tests, NULL, NULL);
}
