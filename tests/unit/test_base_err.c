/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>

#include "base/err.h"

static void
every_code_has_its_own_name_and_a_sentence(void **state)
{
	(void)state;
	for (int i = 0; i < ERR_COUNT; i++) {
		const char *text = err_text((enum err)i);

		assert_true(strlen(err_name((enum err)i)) > 0);
		assert_true(strlen(text) > 0);
		assert_int_not_equal(text[strlen(text) - 1], '.');
		for (int j = 0; j < i; j++)
			assert_string_not_equal(
			    err_name((enum err)i), err_name((enum err)j));
	}
}

static void
only_success_is_nobodys_fault(void **state)
{
	(void)state;
	assert_int_equal(ERR_OK, 0);
	for (int i = 0; i < ERR_COUNT; i++)
		assert_true((err_fault((enum err)i) == ERR_FAULT_NONE) ==
		    (i == ERR_OK));
}

static void
a_number_that_is_no_code_is_a_bug(void **state)
{
	(void)state;
	assert_string_equal(err_name((enum err)1000), err_name(ERR_BUG));
	assert_string_equal(err_text(ERR_COUNT), err_text(ERR_BUG));
	assert_int_equal(err_fault((enum err) - 1), ERR_FAULT_US);
}

static void
faults_are_told_apart(void **state)
{
	static const struct {
		enum err e;
		enum err_fault fault;
	} rows[] = {
		{ ERR_SHORT, ERR_FAULT_INPUT },
		{ ERR_MALFORMED, ERR_FAULT_INPUT },
		{ ERR_LIMIT, ERR_FAULT_INPUT },
		{ ERR_UNSUPPORTED, ERR_FAULT_INPUT },
		{ ERR_NOMEM, ERR_FAULT_HOST },
		{ ERR_SYS, ERR_FAULT_HOST },
		{ ERR_PROTO, ERR_FAULT_PEER },
		{ ERR_USAGE, ERR_FAULT_USER },
		{ ERR_BUG, ERR_FAULT_US },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(err_fault(rows[i].e), rows[i].fault);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_has_its_own_name_and_a_sentence),
		cmocka_unit_test(only_success_is_nobodys_fault),
		cmocka_unit_test(a_number_that_is_no_code_is_a_bug),
		cmocka_unit_test(faults_are_told_apart),
	};

	return cmocka_run_group_tests_name("base/err", tests, NULL, NULL);
}
