/* SPDX-License-Identifier: Apache-2.0 */
/* Each verdict leads to the answer that the profile promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "guardd/action.h"

static const struct policy balanced = { .profile = PROFILE_BALANCED };
static const struct policy strict = { .profile = PROFILE_STRICT };

struct row {
	const char *about;
	enum profile profile;
	struct judgement j;
	int want;
	bool want_record;
};

#define IN_PLACE true, false, false, false
#define ARCHIVE false, false, false, false
#define GROWING true, true, false, false
#define FAILED false, false, true, false

static const struct row rows[] = {
	{ "clean opens", PROFILE_BALANCED, { VERDICT_CLEAN, IN_PLACE }, 0,
	    false },
	{ "clean opens in strict", PROFILE_STRICT, { VERDICT_CLEAN, IN_PLACE },
	    0, false },
	{ "unknown opens and is recorded", PROFILE_BALANCED,
	    { VERDICT_UNKNOWN, IN_PLACE }, 0, true },
	{ "unknown is denied in strict", PROFILE_STRICT,
	    { VERDICT_UNKNOWN, IN_PLACE }, EPERM, true },
	{ "unverified is EIO where a loader reads it", PROFILE_BALANCED,
	    { VERDICT_UNVERIFIED, IN_PLACE }, EIO, true },
	{ "an unverified archive opens", PROFILE_BALANCED,
	    { VERDICT_UNVERIFIED, ARCHIVE }, 0, true },
	{ "an unverified archive is EIO in strict", PROFILE_STRICT,
	    { VERDICT_UNVERIFIED, ARCHIVE }, EIO, true },
	{ "a download under way may be incomplete", PROFILE_BALANCED,
	    { VERDICT_UNVERIFIED, GROWING }, 0, true },
	{ "also in strict", PROFILE_STRICT, { VERDICT_UNVERIFIED, GROWING }, 0,
	    true },
	{ "but not malicious", PROFILE_BALANCED, { VERDICT_MALICIOUS, GROWING },
	    EPERM, true },
	{ "nor unknown in strict", PROFILE_STRICT, { VERDICT_UNKNOWN, GROWING },
	    EPERM, true },
	{ "suspicious is denied", PROFILE_BALANCED,
	    { VERDICT_SUSPICIOUS, ARCHIVE }, EPERM, true },
	{ "malicious is denied", PROFILE_BALANCED,
	    { VERDICT_MALICIOUS, ARCHIVE }, EPERM, true },
	{ "no verdict is never clean", PROFILE_BALANCED,
	    { VERDICT_CLEAN, FAILED }, EIO, true },
	{ "nor in strict", PROFILE_STRICT, { VERDICT_CLEAN, FAILED }, EIO,
	    true },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct action a = action_of(
		    &(struct policy){ .profile = rows[i].profile }, &rows[i].j);

		print_message("%s\n", rows[i].about);
		assert_int_equal(a.error, rows[i].want);
		assert_int_equal(a.record, rows[i].want_record);
	}
}

static void
test_failure_beats_growth(void **state)
{
	struct judgement j = { VERDICT_UNVERIFIED, true, true, true, false };

	(void)state;
	assert_int_equal(action_of(&balanced, &j).error, EIO);
}

/* Nothing worse than clean is ever answered more kindly in strict. */
static void
test_strict_is_stricter(void **state)
{
	(void)state;
	for (int v = 0; v < VERDICT_COUNT; v++)
		for (int place = 0; place < 2; place++) {
			struct judgement j = { (enum verdict)v, place != 0,
				false, false, false };

			if (action_of(&balanced, &j).error != 0)
				assert_int_not_equal(
				    action_of(&strict, &j).error, 0);
		}
}

static void
test_names_go_both_ways(void **state)
{
	enum profile p = PROFILE_COUNT;

	(void)state;
	assert_true(profile_parse("strict", &p));
	assert_int_equal(p, PROFILE_STRICT);
	assert_string_equal(profile_name(PROFILE_BALANCED), "balanced");
	assert_false(profile_parse("lax", &p));
	assert_int_equal(p, PROFILE_STRICT);
}

struct act_row {
	enum act act;
	enum verdict verdict;
	int error;
};

static const struct act_row act_rows[] = {
	{ ACT_PROFILE, VERDICT_UNKNOWN, 0 },
	{ ACT_NOTIFY, VERDICT_UNKNOWN, 0 },
	{ ACT_DENY, VERDICT_UNKNOWN, EPERM },
	{ ACT_ALLOW, VERDICT_UNVERIFIED, 0 },
	{ ACT_DENY, VERDICT_UNVERIFIED, EIO },
	{ ACT_ALLOW, VERDICT_MALICIOUS, 0 },
	{ ACT_PROFILE, VERDICT_MALICIOUS, EPERM },
	{ ACT_DENY, VERDICT_CLEAN, 0 },
};

static void
test_what_is_said_of_a_verdict_counts_instead(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(act_rows) / sizeof(act_rows[0]); i++) {
		const struct act_row *r = &act_rows[i];
		struct policy p = { .acts[VERDICT_CLEAN] = ACT_DENY };
		struct judgement j = { .verdict = r->verdict };
		struct action a;

		p.acts[r->verdict] = r->act;
		a = action_of(&p, &j);
		assert_int_equal(a.error, r->error);
		j.failed = true;
		assert_int_equal(action_of(&p, &j).error, EIO);
	}
}

static void
test_what_has_no_one_policy_gets_the_strictest(void **state)
{
	static const struct settings set = {
		.policies = { { .profile = PROFILE_BALANCED },
		    { .profile = PROFILE_STRICT },
		    { .acts = { [VERDICT_MALICIOUS] = ACT_ALLOW } } },
		.policy_count = 3,
	};
	static const struct {
		struct judgement j;
		int errors[4]; /* by 0, 1, 2 and all */
	} cases[] = {
		{ { .verdict = VERDICT_CLEAN, .in_place = true },
		    { 0, 0, 0, 0 } },
		{ { .verdict = VERDICT_UNKNOWN, .in_place = true },
		    { 0, EPERM, 0, EPERM } },
		{ { .verdict = VERDICT_UNVERIFIED }, { 0, EIO, 0, EIO } },
		{ { .verdict = VERDICT_MALICIOUS, .in_place = true },
		    { EPERM, EPERM, 0, EPERM } },
		{ { .failed = true }, { EIO, EIO, EIO, EIO } },
	};
	static const unsigned by[] = { 0, 1, 2, POLICY_ALL };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t k = 0; k < 4; k++)
			assert_int_equal(
			    action_by(&set, by[k], &cases[i].j).error,
			    cases[i].errors[k]);
	assert_int_equal(
	    action_by(&set, 77, &cases[1].j).error, cases[1].errors[3]);
}

/* Moved aside only when nobody writes it, and never allowed then. */
static void
test_quarantine_denies_and_waits_for_the_writer(void **state)
{
	struct policy p = { .acts[VERDICT_MALICIOUS] = ACT_QUARANTINE };
	struct judgement j = { .verdict = VERDICT_MALICIOUS };
	struct action a = action_of(&p, &j);

	(void)state;
	assert_int_equal(a.error, EPERM);
	assert_true(a.quarantine);
	j.growing = true;
	a = action_of(&p, &j);
	assert_int_equal(a.error, EPERM);
	assert_false(a.quarantine);
}

static void
test_a_denied_content_is_denied_in_any_case(void **state)
{
	struct policy p = { .acts[VERDICT_MALICIOUS] = ACT_ALLOW };
	struct judgement j = { .verdict = VERDICT_MALICIOUS };

	(void)state;
	assert_int_equal(action_of(&p, &j).error, 0);
	j.denied = true;
	assert_int_equal(action_of(&p, &j).error, EPERM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_said_of_a_verdict_counts_instead),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_failure_beats_growth),
		cmocka_unit_test(test_strict_is_stricter),
		cmocka_unit_test(test_names_go_both_ways),
		cmocka_unit_test(
		    test_what_has_no_one_policy_gets_the_strictest),
		cmocka_unit_test(
		    test_quarantine_denies_and_waits_for_the_writer),
		cmocka_unit_test(test_a_denied_content_is_denied_in_any_case),
	};

	return cmocka_run_group_tests_name("guardd/action", tests, NULL, NULL);
}
