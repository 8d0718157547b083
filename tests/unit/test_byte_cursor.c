/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "byte/cursor.h"

static void
numbers_are_little_endian(void **state)
{
	struct cursor c = cursor_over(BYTES(
	    "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"));

	(void)state;
	assert_int_equal(cursor_u8(&c), 0x01);
	assert_int_equal(cursor_u16le(&c), 0x0302);
	assert_int_equal(cursor_u32le(&c), 0x07060504);
	assert_true(cursor_u64le(&c) == UINT64_C(0x0f0e0d0c0b0a0908));
	assert_int_equal(cursor_left(&c), 0);
	assert_int_equal(cursor_check(&c), ERR_OK);
}

static void
the_highest_values_keep_every_bit(void **state)
{
	struct cursor c = cursor_over(BYTES(
	    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"));

	(void)state;
	assert_int_equal(cursor_u8(&c), UINT8_MAX);
	assert_int_equal(cursor_u16le(&c), UINT16_MAX);
	assert_true(cursor_u32le(&c) == UINT32_MAX);
	assert_true(cursor_u64le(&c) == UINT64_MAX);
}

static void
a_read_past_the_end_yields_zero_and_spends_the_cursor(void **state)
{
	struct cursor c = cursor_over(BYTES("\x11\x22\x33"));

	(void)state;
	assert_true(cursor_u32le(&c) == 0);
	assert_int_equal(cursor_check(&c), ERR_SHORT);
	assert_int_equal(cursor_left(&c), 0);
	/* the three bytes are there, and are not given any more */
	assert_int_equal(cursor_u8(&c), 0);
	assert_null(cursor_take(&c, 0));
	assert_null(cursor_take(&c, 1));
}

static void
a_take_of_any_length_is_bounded(void **state)
{
	static const size_t lengths[] = { 4, 5, 1000, SIZE_MAX / 2,
		SIZE_MAX - 1, SIZE_MAX };
	static const char data[] = "abc";

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct cursor c = cursor_over(data, 3);

		assert_ptr_equal(cursor_take(&c, 1), data);
		assert_null(cursor_take(&c, lengths[i]));
		assert_int_equal(cursor_check(&c), ERR_SHORT);
	}
}

static void
a_take_to_the_last_byte_is_fine(void **state)
{
	static const char data[] = "abc";
	struct cursor c = cursor_over(data, 3);

	(void)state;
	assert_ptr_equal(cursor_take(&c, 3), data);
	assert_ptr_equal(cursor_take(&c, 0), data + 3);
	assert_int_equal(cursor_check(&c), ERR_OK);
}

static void
until_gives_what_stands_before_the_stop_and_steps_over_it(void **state)
{
	static const char data[] = "ab\n\ncd";
	struct cursor c = cursor_over(data, 6);
	size_t n = 99;

	(void)state;
	assert_ptr_equal(cursor_until(&c, '\n', &n), data);
	assert_int_equal(n, 2);
	assert_ptr_equal(cursor_until(&c, '\n', &n), data + 3);
	assert_int_equal(n, 0);
	n = 99;
	assert_null(cursor_until(&c, '\n', &n));
	assert_int_equal(n, 99);
	assert_int_equal(cursor_check(&c), ERR_SHORT);
}

static void
until_does_not_look_behind_the_end(void **state)
{
	struct cursor c = cursor_over("ab\n", 2);
	size_t n;

	(void)state;
	assert_null(cursor_until(&c, '\n', &n));
}

static void
a_cursor_over_nothing_is_empty_and_not_spent(void **state)
{
	struct cursor none = cursor_over(NULL, 10);
	struct cursor empty = cursor_over("", 0);
	size_t n;

	(void)state;
	assert_int_equal(cursor_left(&none), 0);
	(void)cursor_take(&none, 0); /* undefined, were 0 added to NULL */
	assert_int_equal(cursor_check(&none), ERR_OK);
	assert_null(cursor_until(&none, 0, &n));
	assert_int_equal(cursor_left(&empty), 0);
	assert_int_equal(cursor_check(&empty), ERR_OK);
	assert_int_equal(cursor_u8(&empty), 0);
	assert_int_equal(cursor_check(&empty), ERR_SHORT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_little_endian),
		cmocka_unit_test(the_highest_values_keep_every_bit),
		cmocka_unit_test(
		    a_read_past_the_end_yields_zero_and_spends_the_cursor),
		cmocka_unit_test(a_take_of_any_length_is_bounded),
		cmocka_unit_test(a_take_to_the_last_byte_is_fine),
		cmocka_unit_test(
		    until_gives_what_stands_before_the_stop_and_steps_over_it),
		cmocka_unit_test(until_does_not_look_behind_the_end),
		cmocka_unit_test(a_cursor_over_nothing_is_empty_and_not_spent),
	};

	return cmocka_run_group_tests_name("byte/cursor", tests, NULL, NULL);
}
