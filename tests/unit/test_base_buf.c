/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/ckd.h"
#include "base/own.h"

static void
a_new_buf_is_empty_text_and_owns_nothing(void **state)
{
	struct buf b = buf_new(10);

	(void)state;
	assert_null(b.data);
	assert_int_equal(b.size, 0);
	assert_string_equal(buf_text(&b), "");
}

static void
what_is_added_stands_there_with_a_nul_behind_it(void **state)
{
	AUTO(buf) struct buf b = buf_new(100);

	(void)state;
	assert_int_equal(buf_add(&b, "ab\0c", 4), ERR_OK);
	assert_int_equal(buf_puts(&b, "de"), ERR_OK);
	assert_int_equal(buf_printf(&b, "%d-%s", 7, "x"), ERR_OK);
	assert_int_equal(buf_add(&b, NULL, 0), ERR_OK);
	assert_int_equal(b.size, 9);
	assert_memory_equal(b.data, "ab\0cde7-x", 10);
}

static void
the_ceiling_holds_and_a_refusal_changes_nothing(void **state)
{
	AUTO(buf) struct buf b = buf_new(5);

	(void)state;
	assert_int_equal(buf_puts(&b, "123"), ERR_OK);
	assert_int_equal(buf_puts(&b, "456"), ERR_LIMIT);
	assert_int_equal(buf_printf(&b, "%s", "456"), ERR_LIMIT);
	assert_int_equal(buf_add(&b, "", SIZE_MAX), ERR_LIMIT);
	assert_null(buf_grow(&b, 3));
	assert_string_equal(buf_text(&b), "123");
	assert_int_equal(buf_puts(&b, "45"), ERR_OK);
	assert_string_equal(buf_text(&b), "12345");
	assert_int_equal(buf_puts(&b, ""), ERR_OK);
	assert_int_equal(buf_puts(&b, "6"), ERR_LIMIT);
}

static void
growth_keeps_every_byte(void **state)
{
	enum { TOTAL = 5000 };
	AUTO(buf) struct buf b = buf_new(TOTAL);

	(void)state;
	for (unsigned i = 0; i < TOTAL; i++) {
		uint8_t byte = (uint8_t)(i * 7);

		assert_int_equal(buf_add(&b, &byte, 1), ERR_OK);
	}
	for (unsigned i = 0; i < TOTAL; i++)
		assert_int_equal(b.data[i], (uint8_t)(i * 7));
	assert_true(b.room > b.size);
}

static void
a_long_printf_is_not_cut(void **state)
{
	AUTO(buf) struct buf b = buf_new(3000);

	(void)state;
	assert_int_equal(buf_printf(&b, "%2000d|", 1), ERR_OK);
	assert_int_equal(b.size, 2001);
	assert_int_equal(b.data[1999], '1');
	assert_int_equal(b.data[2000], '|');
}

static void
grow_gives_room_that_the_caller_fills(void **state)
{
	AUTO(buf) struct buf b = buf_new(1000);
	uint8_t *to;

	(void)state;
	assert_int_equal(buf_puts(&b, "ab"), ERR_OK);
	to = buf_grow(&b, 700);
	assert_non_null(to);
	memset(to, 'c', 700);
	b.size += 700;
	assert_memory_equal(b.data, "abc", 3);
	assert_int_equal(strlen(buf_text(&b)), 702);
}

static void
a_cleared_or_freed_buf_is_usable_again(void **state)
{
	AUTO(buf) struct buf b = buf_new(4);

	(void)state;
	assert_int_equal(buf_puts(&b, "1234"), ERR_OK);
	buf_clear(&b);
	assert_string_equal(buf_text(&b), "");
	assert_int_equal(buf_puts(&b, "5678"), ERR_OK);
	buf_free(&b);
	assert_string_equal(buf_text(&b), "");
	assert_int_equal(buf_puts(&b, "9abc"), ERR_OK);
	assert_int_equal(buf_puts(&b, "d"), ERR_LIMIT);
	buf_free(NULL);
}

static void
checked_sums_store_only_what_fits(void **state)
{
	uint64_t out = 7;

	(void)state;
	assert_true(ckd_add(UINT64_MAX - 1, 1, &out));
	assert_true(out == UINT64_MAX);
	assert_false(ckd_add(UINT64_MAX, 1, &out));
	assert_true(out == UINT64_MAX);
	assert_true(ckd_mul(UINT32_MAX, UINT32_MAX, &out));
	assert_true(out == UINT64_C(0xfffffffe00000001));
	assert_false(ckd_mul(UINT64_C(1) << 32, UINT64_C(1) << 32, &out));
	assert_true(out == UINT64_C(0xfffffffe00000001));
	assert_int_equal(ckd_min(3, 4), 3);
	assert_int_equal(ckd_min(4, 3), 3);
}

static void
a_stolen_pointer_or_descriptor_leaves_nothing_behind(void **state)
{
	char *p = malloc(1);
	char *taken = STEAL_PTR(p);
	int fd = 5;

	(void)state;
	assert_null(p);
	assert_non_null(taken);
	free(taken);
	assert_int_equal(steal_fd(&fd), 5);
	assert_int_equal(fd, -1);
	own_close(&fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_buf_is_empty_text_and_owns_nothing),
		cmocka_unit_test(
		    what_is_added_stands_there_with_a_nul_behind_it),
		cmocka_unit_test(
		    the_ceiling_holds_and_a_refusal_changes_nothing),
		cmocka_unit_test(growth_keeps_every_byte),
		cmocka_unit_test(a_long_printf_is_not_cut),
		cmocka_unit_test(grow_gives_room_that_the_caller_fills),
		cmocka_unit_test(a_cleared_or_freed_buf_is_usable_again),
		cmocka_unit_test(checked_sums_store_only_what_fits),
		cmocka_unit_test(
		    a_stolen_pointer_or_descriptor_leaves_nothing_behind),
	};

	return cmocka_run_group_tests_name("base/buf", tests, NULL, NULL);
}
