/* SPDX-License-Identifier: Apache-2.0 */
/* What errors and claims of formats become. */
#include "engine_fakes.h"

/* What each code becomes: the verdict and the finding. */
static const struct {
	enum err e;
	enum verdict verdict;
	const char *rule;
	bool failed;
} errors[] = {
	{ ERR_OK, VERDICT_CLEAN, NULL, false },
	{ ERR_SHORT, VERDICT_UNVERIFIED, "file.truncated", false },
	{ ERR_MALFORMED, VERDICT_UNVERIFIED, "file.malformed", false },
	{ ERR_LIMIT, VERDICT_UNVERIFIED, "scan.limit", false },
	{ ERR_UNSUPPORTED, VERDICT_UNVERIFIED, "file.unsupported", false },
	{ ERR_NOMEM, VERDICT_UNVERIFIED, "scan.failed", true },
	{ ERR_SYS, VERDICT_UNVERIFIED, "scan.failed", true },
	{ ERR_PROTO, VERDICT_UNVERIFIED, "scan.failed", true },
	{ ERR_USAGE, VERDICT_UNVERIFIED, "scan.failed", true },
	{ ERR_BUG, VERDICT_UNVERIFIED, "scan.failed", true },
};

static void
no_error_of_the_file_becomes_clean(void **state)
{
	(void)state;
	assert_int_equal(sizeof(errors) / sizeof(errors[0]), ERR_COUNT);
	for (size_t i = 0; i < ERR_COUNT; i++) {
		char leaf[] = { 'L', (char)('0' + errors[i].e) };
		struct report r;

		assert_int_equal(errors[i].e, i);
		scan(leaf, sizeof(leaf), &r);
		assert_int_equal(r.verdict, errors[i].verdict);
		assert_string_equal(r.format, "leaf");
		assert_int_equal(r.error != NULL, errors[i].failed);
		if (errors[i].rule != NULL)
			assert_true(has(&r, errors[i].rule, ""));
		assert_int_equal(r.finding_count, errors[i].rule != NULL);
		report_free(&r);
	}
}

static void
no_error_of_a_child_becomes_clean(void **state)
{
	static const char kinds[] = "mn";

	(void)state;
	for (size_t i = 0; i < ERR_COUNT * 2; i++) {
		char shy[] = { 'S', (char)('0' + i / 2), 'y' };
		char leaf[] = { 'L', (char)('0' + i / 2) };
		bool nested = kinds[i % 2] == 'n';
		AUTO(buf)
		struct buf b = box(kinds[i % 2], "in", nested ? shy : leaf,
		    nested ? sizeof(shy) : sizeof(leaf));
		struct report r;

		scan(b.data, b.size, &r);
		assert_true(r.verdict >= errors[i / 2].verdict);
		assert_string_equal(r.format, "box-fine");
		assert_int_equal(r.error != NULL, errors[i / 2].failed);
		if (errors[i / 2].rule != NULL)
			assert_true(has(&r, errors[i / 2].rule, "in"));
		assert_int_equal(
		    r.finding_count, (errors[i / 2].rule != NULL) + nested);
		report_free(&r);
	}
}

static void
what_was_only_a_guess_is_taken_back_but_for_failures(void **state)
{
	(void)state;
	for (int i = 0; i < ERR_COUNT; i++) {
		char shy[] = { 'S', (char)('0' + i), 'n' };
		enum err_fault fault = err_fault((enum err)i);
		bool kept = i == ERR_LIMIT ||
		    (fault != ERR_FAULT_INPUT && fault != ERR_FAULT_NONE);
		struct report r;

		scan(shy, sizeof(shy), &r);
		assert_int_equal(
		    r.verdict, kept ? VERDICT_UNVERIFIED : VERDICT_CLEAN);
		assert_string_equal(r.format, "other");
		assert_false(has(&r, "pickle.import.dangerous", ""));
		report_free(&r);
	}
}

static void
a_guess_that_recognises_itself_keeps_what_it_said(void **state)
{
	struct report r;

	(void)state;
	scan("S0y", 3, &r);
	assert_int_equal(r.verdict, VERDICT_MALICIOUS);
	assert_string_equal(r.format, "shy");
	assert_false(r.in_place);
	report_free(&r);
}

static void
a_file_that_still_has_a_writer_may_end_early(void **state)
{
	struct engine_options o = { .budget = engine_budget_open(),
		.growing = true };
	AUTO(buf) struct buf last = box('m', "in", "L1", 2);
	AUTO(buf) struct buf inner = box('m', "in", "L1", 2);
	struct report r;

	(void)state;
	scan_with(&o, "L1", 2, &r);
	assert_int_equal(r.verdict, VERDICT_CLEAN);
	assert_true(has(&r, "file.growing", ""));
	report_free(&r);
	scan_with(&o, "L2", 2, &r); /* damage is no growth */
	assert_int_equal(r.verdict, VERDICT_UNVERIFIED);
	report_free(&r);
	scan_with(&o, last.data, last.size, &r);
	assert_int_equal(r.verdict, VERDICT_CLEAN);
	report_free(&r);
	/* a member that ends early in the midst of the file is damage */
	assert_int_equal(buf_add(&inner, "m\1x\2\0L0", 7), ERR_OK);
	scan_with(&o, inner.data, inner.size, &r);
	assert_int_equal(r.verdict, VERDICT_UNVERIFIED);
	assert_true(has(&r, "file.truncated", "in"));
	report_free(&r);
}

static void
two_formats_in_one_file_are_both_walked_and_told(void **state)
{
	struct report r;

	(void)state;
	scan("L1Z", 3, &r);
	assert_string_equal(r.format, "leaf+tail");
	assert_int_equal(r.verdict, VERDICT_SUSPICIOUS);
	assert_true(has(&r, "file.polyglot", ""));
	assert_true(has(&r, "file.truncated", ""));
	assert_true(r.in_place);
	report_free(&r);
}

static void
what_is_nested_in_a_stream_does_not_make_it_a_polyglot(void **state)
{
	AUTO(buf) struct buf nested = box('n', "in", "xZ", 2);
	AUTO(buf) struct buf member = box('m', "in", "xZ", 2);
	struct report r;

	(void)state;
	/* the nested bytes end the file: both are "tail" */
	scan(nested.data, nested.size, &r);
	assert_string_equal(r.format, "box-fine+tail");
	assert_int_equal(r.verdict, VERDICT_CLEAN);
	report_free(&r);
	/* a member of an archive is not the archive */
	scan(member.data, member.size, &r);
	assert_true(has(&r, "file.polyglot", ""));
	report_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_error_of_the_file_becomes_clean),
		cmocka_unit_test(no_error_of_a_child_becomes_clean),
		cmocka_unit_test(
		    what_was_only_a_guess_is_taken_back_but_for_failures),
		cmocka_unit_test(
		    a_guess_that_recognises_itself_keeps_what_it_said),
		cmocka_unit_test(a_file_that_still_has_a_writer_may_end_early),
		cmocka_unit_test(
		    two_formats_in_one_file_are_both_walked_and_told),
		cmocka_unit_test(
		    what_is_nested_in_a_stream_does_not_make_it_a_polyglot),
	};

	return cmocka_run_group_tests_name("test_engine", tests, NULL, NULL);
}
