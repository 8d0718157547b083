/* SPDX-License-Identifier: Apache-2.0 */
/* libyara behind rules/: loading what is good of a directory, the facts, and
 * what a match becomes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/limits.h"
#include "rules/rules.h"

struct place {
	char dir[64];
	char paths[8][128];
	size_t count;
};

static int
place_make(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return -1;
	(void)snprintf(p->dir, sizeof(p->dir), "/tmp/ckptguard-test-XXXXXX");
	*state = p;
	return mkdtemp(p->dir) == NULL ? -1 : 0;
}

static int
place_remove(void **state)
{
	struct place *p = *state;

	for (size_t i = 0; i < p->count; i++)
		(void)unlink(p->paths[i]);
	(void)rmdir(p->dir);
	free(p);
	return 0;
}

static void
put_bytes(struct place *p, const char *name, const char *text, size_t n)
{
	char path[sizeof(p->paths[0])];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", p->dir, name);
	memcpy(p->paths[p->count++], path, sizeof(path));
	f = fopen(path, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void
put(struct place *p, const char *name, const char *text)
{
	put_bytes(p, name, text, strlen(text));
}

struct told {
	char text[2048];
	unsigned line, count;
};

static void
tell(void *context, const char *file, unsigned line, const char *text)
{
	struct told *t = context;
	size_t n = strlen(t->text);

	(void)snprintf(t->text + n, sizeof(t->text) - n, "%s:%u: %s\n",
	    strrchr(file, '/') + 1, line, text);
	t->line = line;
	t->count++;
}

static struct rules *
load(struct place *p, enum err want, struct told *t)
{
	const char *dirs[] = { "/nonexistent/ckptguard", p->dir, NULL };
	struct rules *r = NULL;
	enum err e;

	*t = (struct told){ 0 };
	e = rules_load(dirs, tell, t, &r);

	if (e != want)
		print_message("%s", t->text);
	assert_int_equal(e, want);
	assert_non_null(r);
	return r;
}

#define GOOD "rule Good { strings: $a = \"MARK\" condition: $a }\n"

static void
a_bad_file_is_named_with_its_line_and_the_others_load(void **state)
{
	static const struct {
		const char *about, *text, *says;
		unsigned line;
	} rows[] = {
		{ "syntax", "rule A { condition: true }\nrule B {\n",
		    "bad.yar:2: rule B: syntax error", 2 },
		{ "an undefined word", "rule A {\n condition:\n nothing }\n",
		    "bad.yar:3: rule A: undefined identifier \"nothing\"", 3 },
		{ "an include", "include \"/dev/null\"\n" GOOD,
		    "includes are disabled", 1 },
		{ "a module that opens files",
		    "import \"magic\"\nrule A { condition: true }\n",
		    "\"magic\" is not available", 0 },
		{ "a module that parses",
		    "import \"pe\"\nrule A { condition: pe.is_pe }\n",
		    "\"pe\" is not available", 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct place *p;
		struct told t;
		struct rules *r;

		print_message("%s\n", rows[i].about);
		assert_int_equal(place_make(state), 0);
		p = *state;
		put(p, "bad.yar", rows[i].text);
		put(p, "good.yar", GOOD);
		r = load(p, ERR_MALFORMED, &t);
		print_message("%s", t.text);
		assert_int_equal(rules_count(r), 1);
		assert_non_null(strstr(t.text, rows[i].says));
		assert_int_equal(t.line, rows[i].line);
		rules_free(r);
		(void)place_remove(state);
	}
	*state = NULL;
}

static struct report
scan(const struct rules *r, const struct rules_facts *f, const char *text,
    size_t n)
{
	struct rules_block block = {
		.data = text, .size = n, .where = "in", .offset = 1000
	};
	struct report report;

	report_init(&report);
	assert_int_equal(rules_scan(r, f, &block, &report), ERR_OK);
	return report;
}

static const struct rules_facts no_facts;

static void
a_rule_of_one_file_does_not_touch_those_of_another(void **state)
{
	struct place *p = *state;
	struct report report;
	struct told t;
	struct rules *r;

	put(p, "a.yar", "global rule Never { condition: false }\n" GOOD);
	put(p, "b.yar", GOOD);
	put(p, "c.txt", "no rule file");
	put(p, ".d.yar", "no rule file");
	r = load(p, ERR_OK, &t);
	assert_int_equal(t.count, 0);
	assert_int_equal(rules_count(r), 3);
	report = scan(r, &no_facts, "..MARK", 6);
	assert_int_equal(report.finding_count, 1);
	report_free(&report);
	rules_free(r);
}

static void
a_match_becomes_a_finding_as_its_meta_says(void **state)
{
	static const struct {
		const char *meta;
		enum severity severity;
		enum verdict verdict;
		const char *id, *message;
	} rows[] = {
		{ "", SEVERITY_MEDIUM, VERDICT_SUSPICIOUS, "yara.R",
		    "matches the rule R: MARK.." },
		{ "id = \"own-id\" message = \"it is bad\"", SEVERITY_MEDIUM,
		    VERDICT_SUSPICIOUS, "yara.own-id", "it is bad: MARK.." },
		{ "severity = \"critical\"", SEVERITY_CRITICAL,
		    VERDICT_MALICIOUS, "yara.R", NULL },
		{ "severity = \"high\"", SEVERITY_HIGH, VERDICT_MALICIOUS,
		    "yara.R", NULL },
		{ "severity = \"high\" verdict = \"suspicious\"", SEVERITY_HIGH,
		    VERDICT_SUSPICIOUS, "yara.R", NULL },
		{ "severity = \"low\"", SEVERITY_LOW, VERDICT_CLEAN, "yara.R",
		    NULL },
		{ "severity = \"info\"", SEVERITY_INFO, VERDICT_CLEAN, "yara.R",
		    NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct place *p;
		struct report report;
		struct told t;
		struct rules *r;
		char text[512];

		assert_int_equal(place_make(state), 0);
		p = *state;
		(void)snprintf(text, sizeof(text),
		    "rule R { %s %s strings: $b = \"none\" $a = /MARK../ "
		    "condition: any of them }\n",
		    rows[i].meta[0] == '\0' ? "" : "meta:", rows[i].meta);
		put(p, "r.yar", text);
		r = load(p, ERR_OK, &t);
		report = scan(r, &no_facts, ".....MARK\1\2MARK\1\2", 17);
		assert_int_equal(report.finding_count, 1);
		assert_int_equal(report.verdict, rows[i].verdict);
		assert_int_equal(report.findings[0].severity, rows[i].severity);
		assert_string_equal(report.findings[0].rule, rows[i].id);
		assert_string_equal(report.findings[0].where, "in");
		assert_int_equal(report.findings[0].offset, 1005);
		if (rows[i].message != NULL)
			assert_string_equal(
			    report.findings[0].message, rows[i].message);
		report_free(&report);
		rules_free(r);
		(void)place_remove(state);
	}
	*state = NULL;
}

static void
a_bad_meta_is_told_and_the_rule_still_counts(void **state)
{
	struct place *p = *state;
	struct told t;
	struct rules *r;

	put(p, "a.yar",
	    "rule R { meta: severity = \"worst\" verdict = \"bad\" condition: "
	    "true }\n");
	r = load(p, ERR_MALFORMED, &t);
	assert_int_equal(rules_count(r), 1);
	assert_int_equal(t.count, 2);
	assert_non_null(strstr(t.text, "severity = \"worst\""));
	assert_non_null(strstr(t.text, "verdict = \"bad\""));
	rules_free(r);
}

static void
facts_can_be_matched_without_any_bytes(void **state)
{
	static const struct {
		struct rules_facts facts;
		size_t found;
	} rows[] = {
		{ { "pickle", "a/data.pkl", "os.system\nsocket.socket\n",
		      "hello\nworld\n", true },
		    5 },
		{ { "pickle", NULL, "os.systemd\n", NULL, false }, 1 },
		{ { NULL, NULL, NULL, NULL, false }, 0 },
	};
	struct place *p = *state;
	struct told t;
	struct rules *r;

	put(p, "f.yar",
	    "rule F { condition: format == \"pickle\" }\n"
	    "rule M { condition: member endswith \".pkl\" }\n"
	    "rule I { condition: imports matches /(^|\\n)os\\.system\\n/ }\n"
	    "rule A { condition: active }\n"
	    "rule S { condition: text contains \"world\" }\n");
	r = load(p, ERR_OK, &t);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct report report = scan(r, &rows[i].facts, NULL, 0);

		assert_int_equal(report.finding_count, rows[i].found);
		report_free(&report);
	}
	rules_free(r);
}

static void
no_rules_at_all_find_nothing(void **state)
{
	struct report report;
	struct told t;
	struct rules *r = load(*state, ERR_OK, &t);

	assert_int_equal(rules_count(r), 0);
	report = scan(r, &no_facts, "x", 1);
	assert_int_equal(report.finding_count, 0);
	report_free(&report);
	rules_free(r);
	rules_free(NULL);
}

static void
a_file_with_a_nul_is_not_read_to_its_half(void **state)
{
	struct place *p = *state;
	struct told t;
	struct rules *r;

	put_bytes(p, "n.yar", GOOD "\0rule Two { condition: true }",
	    sizeof(GOOD "\0rule Two { condition: true }") - 1);
	r = load(p, ERR_MALFORMED, &t);
	assert_int_equal(rules_count(r), 0);
	assert_non_null(strstr(t.text, "NUL"));
	rules_free(r);
}

static uint64_t
sum_of(struct place *p, const char *b)
{
	struct told t;
	struct rules *r;
	uint64_t sum;

	put(p, "a.yar", GOOD);
	put(p, "b.yar", b);
	r = load(p, strcmp(b, "rule {") == 0 ? ERR_MALFORMED : ERR_OK, &t);
	sum = rules_sum(r);
	rules_free(r);
	while (p->count > 0)
		assert_int_equal(unlink(p->paths[--p->count]), 0);
	return sum;
}

static void
the_sum_is_that_of_the_rules_that_hold(void **state)
{
	static const char one[] =
	    "rule B { strings: $a = \"x\" condition: $a }",
			  two[] =
			      "rule B { strings: $a = \"y\" condition: $a }";
	struct place *p = *state;
	uint64_t sum = sum_of(p, one), none = sum_of(p, "");

	assert_int_equal(sum_of(p, one), sum);
	assert_int_not_equal(sum_of(p, two), sum);
	assert_int_not_equal(none, sum);
	/* What was left out holds no more than what is not there. */
	assert_int_not_equal(sum_of(p, "rule {"), sum);
}

struct listed {
	unsigned count;
	char last[256];
};

static void
list_row(void *context, const struct rules_row *row)
{
	struct listed *l = context;

	l->count++;
	(void)snprintf(l->last, sizeof(l->last), "%s|%s|%s|%s|%s|%s",
	    strrchr(row->file, '/') + 1, row->id, severity_name(row->severity),
	    verdict_name(row->verdict), row->message, row->reference);
}

static void
each_rule_is_listed_with_its_file(void **state)
{
	struct place *p = *state;
	struct listed l = { 0 };
	struct told t;
	struct rules *r;

	put(p, "a.yar", GOOD);
	put(p, "b.yar",
	    "rule R { meta: severity = \"low\" message = \"m\" reference = "
	    "\"u\" condition: true }\n");
	r = load(p, ERR_OK, &t);
	rules_each(r, list_row, &l);
	assert_int_equal(l.count, 2);
	assert_string_equal(l.last, "b.yar|yara.R|low|clean|m|u");
	rules_free(r);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, place_make, place_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_bad_file_is_named_with_its_line_and_the_others_load),
		TEST(a_rule_of_one_file_does_not_touch_those_of_another),
		cmocka_unit_test(a_match_becomes_a_finding_as_its_meta_says),
		TEST(a_bad_meta_is_told_and_the_rule_still_counts),
		TEST(facts_can_be_matched_without_any_bytes),
		TEST(the_sum_is_that_of_the_rules_that_hold),
		TEST(no_rules_at_all_find_nothing),
		TEST(a_file_with_a_nul_is_not_read_to_its_half),
		TEST(each_rule_is_listed_with_its_file),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
