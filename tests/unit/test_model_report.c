/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/limits.h"
#include "model/report.h"

static int
setup(void **state)
{
	struct report *r = malloc(sizeof(*r));

	if (r == NULL)
		return -1;
	report_init(r);
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	report_free(*state);
	free(*state);
	return 0;
}

static struct import
an_import(const char *module, const char *name)
{
	return (struct import){ .module = module,
		.module_size = strlen(module),
		.name = name,
		.name_size = strlen(name),
		.where = "" };
}

static void
a_new_report_is_clean_and_of_no_format(void **state)
{
	struct report *r = *state;

	assert_int_equal(r->verdict, VERDICT_CLEAN);
	assert_string_equal(r->format, "other");
	assert_false(r->in_place);
	assert_null(r->error);
	assert_int_equal(r->finding_count, 0);
}

static void
a_finding_says_where_and_why_and_raises_the_verdict(void **state)
{
	struct report *r = *state;
	const struct finding *f;

	report_find(r, RULE_SCAN_LIMIT, "a.zip/b", 17, "%s of %d", "bytes", 9);
	assert_int_equal(r->finding_count, 1);
	f = &r->findings[0];
	assert_string_equal(f->rule, "scan.limit");
	assert_string_equal(f->where, "a.zip/b");
	assert_int_equal(f->offset, 17);
	assert_string_equal(f->evidence, "bytes of 9");
	assert_string_equal(f->message,
	    "a limit was reached before the end of the file: bytes of 9");
	assert_int_equal(f->count, 1);
	assert_int_equal(f->severity, SEVERITY_MEDIUM);
	assert_int_equal(r->verdict, VERDICT_UNVERIFIED);
}

static void
a_finding_without_evidence_is_its_sentence(void **state)
{
	struct report *r = *state;

	report_find(r, RULE_FILE_TRUNCATED, "", 0, NULL);
	assert_string_equal(r->findings[0].evidence, "");
	assert_string_equal(
	    r->findings[0].message, rule_row(RULE_FILE_TRUNCATED)->sentence);
}

static void
evidence_is_cut_at_its_limit(void **state)
{
	struct report *r = *state;

	report_find(
	    r, RULE_FILE_MALFORMED, "", 0, "%*d", (int)LIMIT_EVIDENCE * 4, 1);
	assert_int_equal(strlen(r->findings[0].evidence), LIMIT_EVIDENCE);
}

static void
the_verdict_is_the_worst_whatever_the_order(void **state)
{
	struct report *r = *state;

	report_find(r, RULE_PICKLE_IMPORT_UNKNOWN, "", 0, "a");
	assert_int_equal(r->verdict, VERDICT_UNKNOWN);
	report_find(r, RULE_PICKLE_IMPORT_DANGEROUS, "", 0, "b");
	report_find(r, RULE_SCAN_LIMIT, "", 0, "c");
	assert_int_equal(r->verdict, VERDICT_MALICIOUS);
}

static void
the_same_fact_in_the_same_place_is_counted_not_repeated(void **state)
{
	struct report *r = *state;
	static const char one[] = "one", two[] = "two";

	for (uint64_t i = 0; i < 1000; i++)
		report_find(r, RULE_FILE_MALFORMED, one, i, "x");
	assert_int_equal(r->finding_count, 1);
	assert_int_equal(r->findings[0].count, 1000);
	assert_int_equal(r->findings[0].offset, 0);
	report_find(r, RULE_FILE_MALFORMED, one, 0, "y");
	report_find(r, RULE_FILE_MALFORMED, two, 0, "x");
	report_find(r, RULE_FILE_TRUNCATED, one, 0, "x");
	assert_int_equal(r->finding_count, 4);
}

static void
the_same_id_with_a_worse_verdict_still_counts(void **state)
{
	struct report *r = *state;
	struct finding f = { .rule = "yara.twice",
		.severity = SEVERITY_LOW,
		.verdict = VERDICT_CLEAN,
		.message = "seen",
		.where = "",
		.evidence = "" };

	report_find_as(r, &f);
	assert_int_equal(r->verdict, VERDICT_CLEAN);
	f.verdict = VERDICT_MALICIOUS;
	f.severity = SEVERITY_CRITICAL;
	report_find_as(r, &f);
	assert_int_equal(r->verdict, VERDICT_MALICIOUS);
	assert_int_equal(r->finding_count, 1);
	assert_int_equal(r->findings[0].verdict, VERDICT_MALICIOUS);
	assert_int_equal(r->findings[0].severity, SEVERITY_CRITICAL);
}

static void
a_flood_of_small_findings_does_not_hide_a_bad_one(void **state)
{
	struct report *r = *state;

	for (unsigned i = 0; i < LIMIT_FINDINGS * 4; i++)
		report_find(r, RULE_PICKLE_IMPORT_UNKNOWN, "", i, "%u", i);
	assert_true(r->cut);
	assert_int_equal(r->verdict, VERDICT_UNKNOWN);
	report_find(r, RULE_PICKLE_IMPORT_DANGEROUS, "", 0, "os.system");
	assert_int_equal(r->verdict, VERDICT_MALICIOUS);
	assert_string_equal(
	    r->findings[r->finding_count - 1].evidence, "os.system");
}

static void
a_full_report_still_raises_its_verdict(void **state)
{
	struct report *r = *state;

	for (unsigned i = 0; i < LIMIT_FINDINGS * 2; i++)
		report_find(r, RULE_FILE_POLYGLOT, "", i, "%u", i);
	for (unsigned i = 0; i < LIMIT_FINDINGS * 2; i++)
		report_find(r, RULE_PICKLE_CALL_KNOWN, "", i, "%u", i);
	assert_int_equal(r->finding_count, LIMIT_FINDINGS);
	assert_int_equal(r->verdict, VERDICT_MALICIOUS);
	assert_true(r->cut);
}

static void
an_import_is_listed_once_with_its_strongest_use(void **state)
{
	struct report *r = *state;
	struct import i = an_import("os", "system");
	size_t at;

	i.offset = 5;
	at = report_import(r, &i);
	assert_int_equal(at, 0);
	i.use = USE_CALL;
	i.verdict = VERDICT_MALICIOUS;
	i.reason = "runs a command";
	i.offset = 9;
	assert_int_equal(report_import(r, &i), at);
	i.use = USE_IMPORT;
	i.verdict = VERDICT_CLEAN;
	i.reason = NULL;
	assert_int_equal(report_import(r, &i), at);
	assert_int_equal(r->import_count, 1);
	assert_int_equal(r->imports[0].use, USE_CALL);
	assert_int_equal(r->imports[0].verdict, VERDICT_MALICIOUS);
	assert_string_equal(r->imports[0].reason, "runs a command");
	assert_int_equal(r->imports[0].offset, 5);
	assert_int_equal(r->verdict, VERDICT_CLEAN);
}

static void
names_are_compared_whole_and_raw(void **state)
{
	struct report *r = *state;
	static const char elsewhere[] = "x";
	struct import rows[] = {
		an_import("a", "bc"),
		an_import("ab", "c"),
		an_import("a", "b"),
		an_import("", "abc"),
		{ .module = "a\0x",
		    .module_size = 3,
		    .name = "b",
		    .name_size = 1,
		    .where = "" },
		{ .module = "a",
		    .module_size = 1,
		    .name = "b",
		    .name_size = 1,
		    .where = elsewhere },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(report_import(r, &rows[i]), i);
	assert_int_equal(r->import_count, COUNT(rows));
	assert_memory_equal(r->imports[4].module, "a\0x", 4);
}

static void
import_strings_are_copied(void **state)
{
	struct report *r = *state;
	char module[] = "os", name[] = "system";
	struct import i = an_import(module, name);

	(void)report_import(r, &i);
	memset(module, 'x', 2);
	memset(name, 'x', 6);
	assert_string_equal(r->imports[0].module, "os");
	assert_string_equal(r->imports[0].name, "system");
	assert_string_equal(r->imports[0].reason, "");
}

static void
more_imports_than_fit_make_it_unverified(void **state)
{
	struct report *r = *state;
	char name[16] = "";
	struct import i = an_import("m", name);

	for (unsigned n = 0; n < LIMIT_IMPORTS + 100; n++) {
		i.name_size = (size_t)snprintf(name, sizeof(name), "n%u", n);
		assert_true(
		    (report_import(r, &i) == SIZE_MAX) == (n >= LIMIT_IMPORTS));
	}
	assert_int_equal(r->import_count, LIMIT_IMPORTS);
	assert_int_equal(r->verdict, VERDICT_UNVERIFIED);
	assert_true(r->cut);
	assert_int_equal(r->finding_count, 1);
	assert_string_equal(r->findings[0].rule, "scan.cut");
	/* those that are there are still found and raised */
	i.name_size = (size_t)snprintf(name, sizeof(name), "n7");
	i.use = USE_CALL;
	assert_int_equal(report_import(r, &i), 7);
	assert_int_equal(r->imports[7].use, USE_CALL);
}

static void
a_name_too_long_for_the_report_makes_it_unverified(void **state)
{
	struct report *r = *state;
	size_t size = LIMIT_REPORT_BYTES + 1;
	char *name = calloc(1, size);
	struct import i = an_import("m", "n");

	assert_non_null(name);
	i.name = name;
	i.name_size = size;
	assert_int_equal(report_import(r, &i), SIZE_MAX);
	assert_true(r->verdict >= VERDICT_UNVERIFIED);
	assert_true(r->cut);
	free(name);
}

static void
a_rewind_takes_back_what_was_said_since_the_mark(void **state)
{
	struct report *r = *state;
	struct import kept = an_import("a", "b"), gone = an_import("c", "d");
	struct report_mark mark;

	report_find(r, RULE_SCAN_LIMIT, "", 0, "kept");
	(void)report_import(r, &kept);
	report_member(r, &(struct member){ .where = "", .format = "zip" });
	mark = report_mark(r);
	report_find(r, RULE_PICKLE_CALL_KNOWN, "", 0, "gone");
	(void)report_import(r, &gone);
	report_member(r, &(struct member){ .where = "x", .format = "zip" });
	r->cut = true;
	report_rewind(r, &mark);
	assert_int_equal(r->verdict, VERDICT_UNVERIFIED);
	assert_int_equal(r->finding_count, 1);
	assert_int_equal(r->import_count, 1);
	assert_int_equal(r->member_count, 1);
	assert_false(r->cut);
	/* what was taken back can be said again, and is new then */
	assert_int_equal(report_import(r, &gone), 1);
	assert_int_equal(report_import(r, &kept), 0);
	report_find(r, RULE_PICKLE_CALL_KNOWN, "", 0, "gone");
	assert_int_equal(r->findings[1].count, 1);
	assert_int_equal(r->verdict, VERDICT_MALICIOUS);
}

static void
say_line(struct report *r, const char *text, enum verdict verdict)
{
	report_line(r,
	    &(struct line){
		.text = text, .why = "", .where = "m", .verdict = verdict });
}

static void
the_worse_lines_keep_their_places(void **state)
{
	struct report *r = *state;
	struct report_mark mark;

	say_line(r, "not asked for", VERDICT_MALICIOUS);
	assert_int_equal(r->line_count, 0);
	r->explain = true;
	for (unsigned i = 0; i < 2 * LIMIT_LINES; i++)
		say_line(r, "harmless", VERDICT_CLEAN);
	assert_int_equal(r->line_count, LIMIT_LINES / VERDICT_COUNT);
	assert_false(report_line_fits(r, VERDICT_CLEAN));
	mark = report_mark(r);
	say_line(r, "harm", VERDICT_MALICIOUS);
	assert_string_equal(r->lines[r->line_count - 1].text, "harm");
	assert_int_equal(r->lines[r->line_count - 1].skipped,
	    2 * LIMIT_LINES - LIMIT_LINES / VERDICT_COUNT);
	assert_int_equal(r->lines_skipped, 0);
	report_rewind(r, &mark);
	assert_int_equal(r->line_count, LIMIT_LINES / VERDICT_COUNT);
	assert_int_not_equal(r->lines_skipped, 0);
	for (unsigned i = 0; i < 2 * LIMIT_LINES; i++)
		say_line(r, "harm", VERDICT_MALICIOUS);
	assert_int_equal(r->line_count, LIMIT_LINES);
}

static void
the_tree_stops_growing_at_its_limit(void **state)
{
	struct report *r = *state;

	for (unsigned i = 0; i < LIMIT_TREE + 10; i++)
		report_member(r, &(struct member){ .where = "m", .offset = i });
	assert_int_equal(r->member_count, LIMIT_TREE);
	assert_int_equal(r->members[LIMIT_TREE - 1].offset, LIMIT_TREE - 1);
	assert_int_equal(r->verdict, VERDICT_CLEAN);
}

static void
text_lives_in_the_report_and_its_loss_is_marked(void **state)
{
	struct report *r = *state;
	char s[] = "abc";
	const char *copy = report_text(r, s, 2);

	s[0] = 'x';
	assert_string_equal(copy, "ab");
	assert_false(r->cut);
	assert_string_equal(report_text(r, s, SIZE_MAX), "");
	assert_true(r->cut);
}

static void
a_finding_of_what_is_done_is_a_step(void **state)
{
	struct report *r = *state;

	report_find(r, RULE_KERAS_MODULE, "m", 7, "%s", "os.system");
	assert_int_equal(r->line_count, 0);
	r->explain = true;
	report_find(r, RULE_KERAS_MODULE, "m", 7, "%s", "os.system");
	assert_int_equal(r->line_count, 0); /* it was said before */
	report_find(r, RULE_KERAS_MODULE, "m", 8, "%s", "a'b\n\x1b");
	report_find(r, RULE_KERAS_MODULE, "m", 9, NULL);
	report_find(r, RULE_FILE_TRUNCATED, "m", 9, NULL);
	assert_int_equal(r->line_count, 2);
	assert_string_equal(
	    r->lines[0].text, "imports and calls 'a\\'b\\n\\x1b'");
	assert_int_equal(r->lines[0].verdict, VERDICT_MALICIOUS);
	assert_int_equal(r->lines[0].offset, 8);
	assert_string_equal(
	    r->lines[0].why, rule_row(RULE_KERAS_MODULE)->sentence);
	assert_string_equal(r->lines[1].text, "imports a module");
}

/* A step that quotes names its place with "%s" once, and has no other. */
static void
every_step_has_a_form_with_evidence_and_one_without(void **state)
{
	static const struct {
		const char *with, *without;
	} steps[] = {
#define STEP(code, with, without) { with, without },
#include "model/steps.def"
#undef STEP
	};

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const char *at = strchr(steps[i].with, '%');

		print_message("%s\n", steps[i].with);
		assert_true(at == NULL || strncmp(at, "%s", 2) == 0);
		assert_true(at == NULL || strchr(at + 1, '%') == NULL);
		assert_null(strchr(steps[i].without, '%'));
		assert_true(strlen(steps[i].without) > 10);
	}
}

static void
every_use_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(use_name(USE_IMPORT), "import");
	assert_string_equal(use_name(USE_SETSTATE), "setstate");
	assert_string_equal(use_name(USE_CONSTRUCT), "construct");
	assert_string_equal(use_name(USE_CALL), "call");
	assert_string_equal(use_name((enum use)77), "import");
}

static void
a_freed_report_can_be_freed_again(void **state)
{
	struct report r;

	(void)state;
	report_init(&r);
	report_find(&r, RULE_SCAN_LIMIT, "", 0, "x");
	report_free(&r);
	assert_int_equal(r.finding_count, 0);
	report_free(&r);
	report_free(NULL);
}

#define WITH_REPORT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_REPORT(a_new_report_is_clean_and_of_no_format),
		WITH_REPORT(
		    a_finding_says_where_and_why_and_raises_the_verdict),
		WITH_REPORT(a_finding_without_evidence_is_its_sentence),
		WITH_REPORT(evidence_is_cut_at_its_limit),
		WITH_REPORT(the_verdict_is_the_worst_whatever_the_order),
		WITH_REPORT(
		    the_same_fact_in_the_same_place_is_counted_not_repeated),
		WITH_REPORT(the_same_id_with_a_worse_verdict_still_counts),
		WITH_REPORT(a_flood_of_small_findings_does_not_hide_a_bad_one),
		WITH_REPORT(a_full_report_still_raises_its_verdict),
		WITH_REPORT(an_import_is_listed_once_with_its_strongest_use),
		WITH_REPORT(names_are_compared_whole_and_raw),
		WITH_REPORT(import_strings_are_copied),
		WITH_REPORT(more_imports_than_fit_make_it_unverified),
		WITH_REPORT(a_name_too_long_for_the_report_makes_it_unverified),
		WITH_REPORT(a_rewind_takes_back_what_was_said_since_the_mark),
		WITH_REPORT(the_worse_lines_keep_their_places),
		WITH_REPORT(a_finding_of_what_is_done_is_a_step),
		cmocka_unit_test(
		    every_step_has_a_form_with_evidence_and_one_without),
		WITH_REPORT(the_tree_stops_growing_at_its_limit),
		WITH_REPORT(text_lives_in_the_report_and_its_loss_is_marked),
		cmocka_unit_test(every_use_has_a_name),
		cmocka_unit_test(a_freed_report_can_be_freed_again),
	};

	return cmocka_run_group_tests_name("model/report", tests, NULL, NULL);
}
