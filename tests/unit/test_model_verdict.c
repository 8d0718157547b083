/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>

#include "model/verdict.h"

static void
verdicts_rise_from_clean_to_malicious(void **state)
{
	(void)state;
	assert_int_equal(VERDICT_CLEAN, 0);
	for (int a = 0; a < VERDICT_COUNT; a++)
		for (int b = 0; b < VERDICT_COUNT; b++)
			assert_int_equal(
			    verdict_worse((enum verdict)a, (enum verdict)b),
			    a > b ? a : b);
	assert_true(VERDICT_UNKNOWN < VERDICT_UNVERIFIED);
	assert_true(VERDICT_UNVERIFIED < VERDICT_SUSPICIOUS);
	assert_true(VERDICT_SUSPICIOUS < VERDICT_MALICIOUS);
}

static void
names_go_there_and_back(void **state)
{
	(void)state;
	for (int i = 0; i < VERDICT_COUNT; i++) {
		enum verdict v = VERDICT_COUNT;

		assert_true(verdict_parse(verdict_name((enum verdict)i), &v));
		assert_int_equal(v, i);
	}
	for (int i = 0; i < SEVERITY_COUNT; i++) {
		enum severity s = SEVERITY_COUNT;

		assert_true(
		    severity_parse(severity_name((enum severity)i), &s));
		assert_int_equal(s, i);
	}
}

static void
a_name_that_is_none_changes_nothing(void **state)
{
	static const char *const names[] = { "", "Clean", "cleaner", "clea" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		enum verdict v = VERDICT_SUSPICIOUS;
		enum severity s = SEVERITY_LOW;

		assert_false(verdict_parse(names[i], &v));
		assert_int_equal(v, VERDICT_SUSPICIOUS);
		assert_false(severity_parse(names[i], &s));
		assert_int_equal(s, SEVERITY_LOW);
	}
}

static void
a_number_that_is_no_verdict_is_never_called_clean(void **state)
{
	(void)state;
	assert_string_equal(verdict_name(VERDICT_COUNT), "unverified");
	assert_string_equal(verdict_name((enum verdict) - 1), "unverified");
	assert_string_equal(severity_name((enum severity)99), "medium");
	assert_int_equal(rule_row(RULE_COUNT)->verdict, VERDICT_UNVERIFIED);
}

static void
every_rule_has_an_id_of_its_own_and_a_sentence(void **state)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";

	(void)state;
	for (int i = 0; i < RULE_COUNT; i++) {
		const struct rule_row *row = rule_row((enum rule)i);
		size_t sentence = strlen(row->sentence);

		print_message("%s\n", row->id);
		assert_true(strspn(row->id, allowed) == strlen(row->id));
		assert_non_null(strchr(row->id, '.'));
		assert_true(sentence > 10);
		assert_int_not_equal(row->sentence[sentence - 1], '.');
		for (int j = 0; j < i; j++)
			assert_string_not_equal(
			    row->id, rule_row((enum rule)j)->id);
	}
}

/* A finding that is worth a denial is worth more than a shrug, and an error is
 * never clean. */
static void
severity_and_verdict_of_a_rule_agree(void **state)
{
	(void)state;
	for (int i = 0; i < RULE_COUNT; i++) {
		const struct rule_row *row = rule_row((enum rule)i);

		print_message("%s\n", row->id);
		if (row->verdict >= VERDICT_SUSPICIOUS)
			assert_true(row->severity >= SEVERITY_MEDIUM);
		if (row->verdict == VERDICT_MALICIOUS)
			assert_true(row->severity >= SEVERITY_HIGH);
		if (row->verdict <= VERDICT_UNKNOWN)
			assert_true(row->severity <= SEVERITY_LOW);
		if (strncmp(row->id, "scan.", 5) == 0)
			assert_true(row->verdict >= VERDICT_UNVERIFIED);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_rise_from_clean_to_malicious),
		cmocka_unit_test(names_go_there_and_back),
		cmocka_unit_test(a_name_that_is_none_changes_nothing),
		cmocka_unit_test(
		    a_number_that_is_no_verdict_is_never_called_clean),
		cmocka_unit_test(
		    every_rule_has_an_id_of_its_own_and_a_sentence),
		cmocka_unit_test(severity_and_verdict_of_a_rule_agree),
	};

	return cmocka_run_group_tests_name("model/verdict", tests, NULL, NULL);
}
