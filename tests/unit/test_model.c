/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/report.h"

static void
test_findings(void **state)
{
	struct report r;

	(void)state;
	report_init(&r);
	report_find(&r, RULE_SCAN_LIMIT, "", 0, "%s", "time");
	assert_int_equal(r.verdict, VERDICT_UNVERIFIED);
	report_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_findings) };

	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
