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

/* Which texts count as programs: 'B' lies in a model, 'K' in an archive. */
static const struct text_row {
	const char *about, *name, *bytes;
	char in; /* 0: the file itself */
	bool deep, found, text;
} text_rows[] = {
	{ "a program beside a model", "in.py", "x MARKER", 'B', false, true,
	    true },
	{ "a command beside a model", "a.SH", "x MARKER", 'B', false, true,
	    true },
	{ "what reads like one, beside a model", "x", "import os\nMARKER", 'B',
	    false, true, true },
	{ "notes beside a model", "README.md", "x MARKER", 'B', false, false,
	    false },
	{ "what is called so, in an archive", "in.py", "x MARKER", 'K', false,
	    false, false },
	{ "a program in an archive", "in.py", "import os\nMARKER", 'K', false,
	    true, false },
	{ "notes in an archive", "NEWS", "x MARKER", 'K', false, false, false },
	{ "bytes beside a model", "in.py", "\001\002MARKER", 'B', false, false,
	    false },
	{ "bytes, deep", "in.py", "\001\002MARKER", 'B', true, true, false },
	{ "a program", "", "import os\nMARKER", 0, false, true, false },
	{ "a text", "", "x MARKER", 0, false, false, false },
	{ "a text, deep", "", "x MARKER", 0, true, true, false },
};

static void
a_text_is_a_program_where_something_runs_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(text_rows) / sizeof(text_rows[0]); i++) {
		const struct text_row *row = &text_rows[i];
		size_t n = strlen(row->bytes);
		AUTO(buf)
		struct buf b = box('m', row->name, row->bytes, n);
		struct report r;

		print_message("%s\n", row->about);
		b.data[0] = (uint8_t)row->in;
		scan_rules(row->in != 0 ? (const void *)b.data : row->bytes,
		    row->in != 0 ? b.size : n, row->deep, &r);
		assert_int_equal(has(&r, "yara.Code", row->name), row->found);
		assert_int_equal(has(&r, "yara.Format", row->name), row->text);
		assert_int_equal(has(&r, "yara.Active", row->name),
		    row->found && !row->deep);
		assert_int_equal(has(&r, "yara.Member", row->name),
		    row->found && strcmp(row->name, "in.py") == 0);
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
		cmocka_unit_test(a_text_is_a_program_where_something_runs_it),
		cmocka_unit_test(numbers_are_looked_at_only_when_deep),
		cmocka_unit_test(one_member_does_not_see_the_words_of_another),
	};

	(void)fakes;
	return cmocka_run_group_tests_name(
	    "engine/rules", tests, rules_make, rules_remove);
}
