/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"

static void
test_escape(void **state)
{
	struct buf b = buf_new(100);

	(void)state;
	assert_int_equal(text_escape(&b, "a\x1b[0m", 5), ERR_OK);
	assert_string_equal(buf_text(&b), "a\\x1b[0m");
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_escape) };

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
