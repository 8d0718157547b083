/* SPDX-License-Identifier: Apache-2.0 */
/* What of a file the YARA rules get to see, and when. */
#include "engine_fakes.h"

enum { BLOB_MAX = 1 << 20 };

/* A walker that hands over whatever the test put here. */
static struct {
	const uint8_t *code;
	size_t code_size, step;
	const char *string;
	size_t string_size, strings;
	const char *import;
	enum verdict import_verdict;
	bool recognise;
} give;

static enum sniff
giver_sniff(const struct source *s, struct cursor head)
{
	(void)s;
	return sniff_letter(head, 'G', SNIFF_MAYBE);
}

static enum err
giver_walk(struct visit *v, const struct source *s)
{
	(void)s;
	for (size_t at = 0; at < give.code_size; at += give.step)
		visit_code(v, give.code + at,
		    give.code_size - at < give.step ? give.code_size - at
						    : give.step);
	for (size_t i = 0; i < give.strings; i++)
		visit_string(v, give.string, give.string_size);
	if (give.import != NULL)
		(void)report_import(v->report,
		    &(struct import){ .module = "m",
			.module_size = 1,
			.name = give.import,
			.name_size = strlen(give.import),
			.verdict = give.import_verdict,
			.where = v->where });
	if (give.recognise)
		visit_recognise(v, "giver", false);
	return ERR_OK;
}

static const struct format fake_giver = {
	.name = "giver", .sniff = giver_sniff, .walk = giver_walk
};
static const struct format *const givers[] = { &fake_box, &fake_giver, NULL };

static struct rules *rules;
static char rules_dir[] = "/tmp/ckptguard-test-XXXXXX";
static char rules_path[64];

static const char rules_text[] =
    "rule Code { strings: $a = \"MARKER\" condition: $a }\n"
    "rule Text { condition: text contains \"WORD\" }\n"
    "rule Import { condition: imports matches /(^|\\n)m\\.evil\\n/ }\n"
    "rule Active { condition: active }\n"
    "rule Format { condition: format == \"text\" }\n"
    "rule Member { condition: member == \"in.py\" }\n"
    "rule Whole { strings: $a = \"FIRST\" $b = \"LAST\" condition: "
    "$a and $b }\n";

static int
rules_make(void **state)
{
	const char *dirs[] = { rules_dir, NULL };
	FILE *f;

	(void)state;
	if (mkdtemp(rules_dir) == NULL)
		return -1;
	(void)snprintf(rules_path, sizeof(rules_path), "%s/r.yar", rules_dir);
	if ((f = fopen(rules_path, "we")) == NULL ||
	    fputs(rules_text, f) == EOF || fclose(f) != 0)
		return -1;
	return rules_load(dirs, NULL, NULL, &rules) == ERR_OK ? 0 : -1;
}

static int
rules_remove(void **state)
{
	(void)state;
	rules_free(rules);
	(void)unlink(rules_path);
	return rmdir(rules_dir);
}

static void
scan_rules(const void *data, size_t n, bool deep, struct report *r)
{
	struct engine_options o = {
		.budget = engine_budget_scan(), .rules = rules, .deep = deep
	};
	struct source s = source_memory(data, n, NULL);

	report_init(r);
	engine_scan_table(&o, givers, &s, r);
}

static void
give_nothing(void)
{
	memset(&give, 0, sizeof(give));
	give.step = 7;
	give.recognise = true;
}

static void
a_word_is_found_wherever_a_block_ends(void **state)
{
	static uint8_t blob[BLOB_MAX];

	(void)state;
	for (int shift = -8; shift <= 8; shift++) {
		size_t at = (size_t)((int)CODE_BLOCK + shift);
		struct report r;

		give_nothing();
		memset(blob, '.', sizeof(blob));
		memcpy(blob + at, "MARKER", 6);
		give.code = blob;
		give.code_size = CODE_BLOCK + 100;
		give.step = 1000;
		scan_rules("G", 1, false, &r);
		assert_true(has(&r, "yara.Code", ""));
		assert_int_equal(r.findings[0].offset, at);
		report_free(&r);
	}
}

static void
nothing_of_a_long_stream_is_left_out(void **state)
{
	static uint8_t blob[BLOB_MAX];
	static const size_t steps[] = { 1, 4096, CODE_BLOCK, BLOB_MAX };
	struct report r;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		give_nothing();
		memset(blob, '.', sizeof(blob));
		memcpy(blob + sizeof(blob) - 6, "MARKER", 6);
		give.code = blob;
		give.code_size = sizeof(blob);
		give.step = steps[i];
		scan_rules("G", 1, false, &r);
		assert_true(has(&r, "yara.Code", ""));
		assert_int_equal(r.findings[0].offset, sizeof(blob) - 6);
		report_free(&r);
	}
}

static void
strings_beyond_one_fact_are_seen_in_turns(void **state)
{
	struct report r;

	(void)state;
	give_nothing();
	give.string = "padding that takes room";
	give.string_size = 23;
	give.strings = STRINGS_MAX; /* many facts full */
	scan_rules("G", 1, false, &r);
	assert_false(has(&r, "yara.Text", ""));
	report_free(&r);
	give.string = "a WORD and more";
	give.string_size = 15;
	scan_rules("G", 1, false, &r);
	assert_true(has(&r, "yara.Text", ""));
	report_free(&r);
}

static void
a_nul_hides_no_string_behind_it(void **state)
{
	struct report r;

	(void)state;
	give_nothing();
	give.string = "\0WORD";
	give.string_size = 5;
	give.strings = 1;
	scan_rules("G", 1, false, &r);
	assert_true(has(&r, "yara.Text", ""));
	report_free(&r);
}

static void
imports_are_a_fact_and_make_a_member_active(void **state)
{
	static const struct {
		const char *name;
		enum verdict verdict;
		bool import, active;
	} rows[] = {
		{ NULL, VERDICT_CLEAN, false, false },
		{ "good", VERDICT_CLEAN, false, false },
		{ "unknown", VERDICT_UNKNOWN, false, true },
		{ "evil", VERDICT_MALICIOUS, true, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct report r;

		give_nothing();
		give.import = rows[i].name;
		give.import_verdict = rows[i].verdict;
		scan_rules("G", 1, false, &r);
		assert_int_equal(has(&r, "yara.Import", ""), rows[i].import);
		assert_int_equal(has(&r, "yara.Active", ""), rows[i].active);
		report_free(&r);
	}
}

static void
what_a_wrong_guess_handed_over_is_forgotten(void **state)
{
	struct report r;

	(void)state;
	give_nothing();
	give.code = (const uint8_t *)"MARKER";
	give.code_size = 6;
	give.recognise = false;
	scan_rules("G", 1, false, &r);
	assert_int_equal(r.finding_count, 0);
	report_free(&r);
}

static void
scripts_in_containers_are_seen_other_files_only_when_deep(void **state)
{
	static const struct {
		const char *about, *bytes;
		size_t n;
		bool boxed, deep, found, text;
	} rows[] = {
		{ "a text in a container", "x MARKER", 8, true, false, true,
		    true },
		{ "bytes in a container", "\0\1MARKER", 8, true, false, false,
		    false },
		{ "bytes in a container, deep", "\0\1MARKER", 8, true, true,
		    true, false },
		{ "a text", "x MARKER", 8, false, false, false, false },
		{ "a text, deep", "x MARKER", 8, false, true, true, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO(buf)
		struct buf b = box('m', "in.py", rows[i].bytes, rows[i].n);
		const char *where = rows[i].boxed ? "in.py" : "";
		struct report r;

		print_message("%s\n", rows[i].about);
		scan_rules(rows[i].boxed ? (const void *)b.data : rows[i].bytes,
		    rows[i].boxed ? b.size : rows[i].n, rows[i].deep, &r);
		assert_int_equal(has(&r, "yara.Code", where), rows[i].found);
		assert_int_equal(has(&r, "yara.Format", where), rows[i].text);
		assert_int_equal(has(&r, "yara.Active", where), rows[i].text);
		assert_int_equal(has(&r, "yara.Member", where),
		    rows[i].boxed && rows[i].found);
		report_free(&r);
	}
}

static void
numbers_are_looked_at_only_when_deep(void **state)
{
	AUTO(buf) struct buf b = box('s', "data/0", "\0\1MARKER", 8);
	struct report r;

	(void)state;
	scan_rules(b.data, b.size, false, &r);
	assert_int_equal(r.finding_count, 0);
	report_free(&r);
	scan_rules(b.data, b.size, true, &r);
	assert_true(has(&r, "yara.Code", "data/0"));
	report_free(&r);
}

static void
one_member_does_not_see_the_words_of_another(void **state)
{
	AUTO(buf) struct buf b = box('m', "a", "FIRST", 5);
	struct report r;

	(void)state;
	assert_int_equal(buf_add(&b, "m\1b\4\0LAST", 9), ERR_OK);
	scan_rules(b.data, b.size, false, &r);
	assert_false(has(&r, "yara.Whole", "a"));
	assert_false(has(&r, "yara.Whole", "b"));
	report_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_is_found_wherever_a_block_ends),
		cmocka_unit_test(nothing_of_a_long_stream_is_left_out),
		cmocka_unit_test(strings_beyond_one_fact_are_seen_in_turns),
		cmocka_unit_test(a_nul_hides_no_string_behind_it),
		cmocka_unit_test(imports_are_a_fact_and_make_a_member_active),
		cmocka_unit_test(what_a_wrong_guess_handed_over_is_forgotten),
		cmocka_unit_test(
		    scripts_in_containers_are_seen_other_files_only_when_deep),
		cmocka_unit_test(numbers_are_looked_at_only_when_deep),
		cmocka_unit_test(one_member_does_not_see_the_words_of_another),
	};

	(void)fakes;
	return cmocka_run_group_tests_name(
	    "engine/rules", tests, rules_make, rules_remove);
}
