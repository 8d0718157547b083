/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "byte/cursor.h"

static void
test_cursor(void **state)
{
	struct cursor c = cursor_over("ab", 2);

	(void)state;
	assert_int_equal(cursor_u16le(&c), 0x6261);
	assert_int_equal(cursor_u8(&c), 0);
	assert_int_equal(cursor_check(&c), ERR_SHORT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cursor) };

	return cmocka_run_group_tests_name("byte", tests, NULL, NULL);
}
