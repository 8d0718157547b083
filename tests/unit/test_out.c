/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a file says, what is printed of it stays what it should be. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/own.h"
#include "base/text.h"
#include "out/out.h"

enum { PRINTED_MAX = 8 * 1024 * 1024 };

struct printed {
	char *text;
	size_t size;
};

/* A report in which every string has every byte. */
static void
report_fill(struct report *r, char every[256])
{
	struct import m = { .module = every,
		.module_size = 255,
		.name = "a\0b",
		.name_size = 3,
		.use = USE_CALL,
		.verdict = VERDICT_MALICIOUS,
		.reason = every,
		.where = every,
		.offset = UINT64_MAX };

	for (int i = 0; i < 255; i++)
		every[i] = (char)(i + 1);
	every[255] = '\0';
	report_init(r);
	r->format = every;
	r->error = every;
	r->cut = true;
	report_find(r, RULE_PICKLE_IMPORT_DANGEROUS, every, 1, "%s", every);
	report_find(r, RULE_PICKLE_IMPORT_UNKNOWN, "", 1, "%s", every);
	report_find_as(r,
	    &(struct finding){ .rule = every,
		.severity = SEVERITY_LOW,
		.verdict = VERDICT_SUSPICIOUS,
		.message = every,
		.where = every,
		.evidence = every });
	(void)report_import(r, &m);
	report_member(r, &(struct member){ "", every, 0, UINT64_MAX });
	report_member(r, &(struct member){ every, every, 1, 2 });
}

static struct printed
printed_of(int fd)
{
	struct printed p = { .text = calloc(1, PRINTED_MAX) };
	ssize_t n;

	assert_non_null(p.text);
	n = pread(fd, p.text, PRINTED_MAX - 1, 0);
	assert_true(n > 0);
	p.size = (size_t)n;
	return p;
}

/* Only whole characters, and no control ones but newlines (and tabs). */
static void
assert_plain(const struct printed *p)
{
	for (size_t at = 0; at < p->size;) {
		unsigned point = 0;
		size_t n = text_utf8(p->text + at, p->size - at, &point);

		assert_int_not_equal(n, 0);
		assert_true(point == '\n' || (point >= 0x20 && point != 0x7f));
		at += n;
	}
}

/* Strings end, brackets pair, and outside strings nothing is hostile. */
static void
assert_json(const struct printed *p)
{
	char open[64];
	size_t depth = 0;
	bool string = false;

	for (size_t i = 0; i < p->size; i++) {
		char c = p->text[i];

		if (string) {
			assert_int_not_equal(c, '\n');
			if (c == '\\')
				i++;
			string = c != '"';
		} else if (c == '"') {
			string = true;
		} else if (c == '{' || c == '[') {
			assert_true(depth < sizeof(open));
			open[depth++] = c;
		} else if (c == '}' || c == ']') {
			assert_true(depth > 0);
			assert_int_equal(open[--depth], c == '}' ? '{' : '[');
		} else {
			assert_non_null(strchr(",:\n0123456789truefalsn", c));
		}
	}
	assert_int_equal(depth, 0);
	assert_false(string);
}

/* A writer's whole output over two files. */
static struct printed
print_scan(const struct writer *w)
{
	AUTO(report) struct report r = { 0 };
	AUTO_CLOSE int fd = memfd_create("out", MFD_CLOEXEC);
	AUTO(out) struct out o = out_new(fd, false);
	struct out_totals totals = { .verdicts = { 1 },
		.failed = 1,
		.skipped = 1,
		.formats = tally_new(4),
		.interrupted = true };
	AUTO_CLOSE int spool = memfd_create("spool", MFD_CLOEXEC);
	char every[256];

	assert_int_not_equal(fd, -1);
	totals.about = every;
	o.spool = spool;
	report_fill(&r, every);
	w->begin(&o);
	w->file(&o, every, &r);
	w->file(&o, "/absolute", &r);
	w->end(&o, &totals);
	assert_int_equal(out_flush(&o), ERR_OK);
	tally_free(&totals.formats);
	return printed_of(fd);
}

static struct printed
print_explain(
    void (*explain)(struct out *o, const char *path, const struct report *r))
{
	AUTO(report) struct report r = { 0 };
	AUTO_CLOSE int fd = memfd_create("out", MFD_CLOEXEC);
	AUTO(out) struct out o = out_new(fd, false);
	char every[256];

	report_fill(&r, every);
	explain(&o, every, &r);
	assert_int_equal(out_flush(&o), ERR_OK);
	return printed_of(fd);
}

static void
test_hostile_bytes_stay_text(void **state)
{
	struct printed p;

	(void)state;
	p = print_scan(&out_text);
	assert_plain(&p);
	free(p.text);
	p = print_explain(out_explain_text);
	assert_plain(&p);
	free(p.text);
}

static void
test_hostile_bytes_stay_inside_strings_of_json(void **state)
{
	struct printed p;
	size_t lines = 0;

	(void)state;
	p = print_scan(&out_jsonl);
	assert_plain(&p);
	assert_json(&p);
	for (size_t i = 0; i < p.size; i++)
		lines += p.text[i] == '\n';
	assert_int_equal(lines, 2);
	free(p.text);
	p = print_scan(&out_sarif);
	assert_plain(&p);
	assert_json(&p);
	free(p.text);
	p = print_explain(out_explain_json);
	assert_plain(&p);
	assert_json(&p);
	assert_non_null(strstr(p.text, "\"size\":null"));
	assert_non_null(strstr(p.text, "18446744073709551615"));
	free(p.text);
}

/* How often a needle is in a haystack. */
static size_t
count_of(const char *in, const char *what)
{
	size_t n = 0;

	for (in = strstr(in, what); in != NULL; in = strstr(in + 1, what))
		n++;
	return n;
}

static void
test_hostile_bytes_make_no_element_of_html(void **state)
{
	/* every[] holds < > & " and ' once each: were one of them not escaped,
	 * it would stand between these neighbours */
	static const char *const raw[] = { ";<=", "=>?", "%&'", "!\"#", "&'(" };
	struct printed p = print_scan(&out_html);

	(void)state;
	/* the script is a constant, and nothing of it is looked at here */
	*strstr(p.text, "\"use strict\"") = '\0';
	for (size_t i = 0; i < sizeof(raw) / sizeof(raw[0]); i++)
		assert_null(strstr(p.text, raw[i]));
	assert_non_null(strstr(p.text, ";&lt;=&gt;?"));
	assert_int_equal(count_of(p.text, "<script"), 1);
	assert_int_equal(count_of(p.text, "<style"), 1);
	assert_int_equal(count_of(p.text, "http"), 1); /* http-equiv */
	for (size_t at = strlen(p.text); at-- > 0;)
		assert_true((uint8_t)p.text[at] >= 0x20 || p.text[at] == '\n' ||
		    p.text[at] == '\t');
	free(p.text);
}

static void
test_tally_counts_each_name_apart_and_the_rest_together(void **state)
{
	AUTO(tally) struct tally t = tally_new(100);
	AUTO(report) struct report r = { 0 };
	const struct tally_row *rows;
	size_t count;
	char name[16];

	(void)state;
	report_init(&r);
	r.size = 3;
	for (int i = 0; i < 300; i++) {
		int n = snprintf(name, sizeof(name), "%d", i % 150);

		r.verdict = i == 7 ? VERDICT_MALICIOUS : VERDICT_CLEAN;
		tally_add(&t, name, (size_t)n, &r);
	}
	rows = tally_sort(&t, &count);
	assert_int_equal(count, 101);
	assert_string_equal(rows[0].name, "7");
	assert_int_equal(rows[0].files[VERDICT_MALICIOUS], 1);
	assert_int_equal(rows[0].files[VERDICT_CLEAN], 1);
	assert_string_equal(rows[1].name, "(others)");
	assert_int_equal(tally_row_files(&rows[1]), 100);
	assert_int_equal(rows[2].bytes, 6);
}

static void
test_writers_have_the_names_that_are_asked_for(void **state)
{
	(void)state;
	assert_ptr_equal(out_writer("text"), &out_text);
	assert_ptr_equal(out_writer("jsonl"), &out_jsonl);
	assert_ptr_equal(out_writer("sarif"), &out_sarif);
	assert_ptr_equal(out_writer("html"), &out_html);
	assert_null(out_writer("json"));
	assert_null(out_writer(""));
}

static void
test_every_verdict_but_clean_has_an_advice(void **state)
{
	(void)state;
	for (unsigned v = 0; v <= VERDICT_COUNT; v++) {
		assert_true(strlen(out_verdict_text((enum verdict)v)) > 10);
		assert_int_equal(
		    strlen(out_verdict_advice((enum verdict)v)) > 10,
		    v != VERDICT_CLEAN);
	}
}

static void
test_first_error_of_writing_is_kept(void **state)
{
	AUTO(report) struct report r = { 0 };
	AUTO_CLOSE int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	AUTO(out) struct out o = out_new(fd, false);
	char every[256];

	(void)state;
	report_fill(&r, every);
	for (int i = 0; i < 1000; i++)
		out_jsonl.file(&o, every, &r);
	assert_int_equal(out_flush(&o), ERR_SYS);
	assert_int_equal(o.error, EBADF);
	/* What can't be written does not pile up. */
	assert_true(o.buf.room < 1024 * 1024);
}

/* A screen of findings, the worst first, and how many more there are. */
static void
test_text_shows_the_worst_of_many(void **state)
{
	AUTO(report) struct report r = { 0 };
	AUTO_CLOSE int fd = memfd_create("out", MFD_CLOEXEC);
	AUTO(out) struct out o = out_new(fd, true);
	struct printed p;

	(void)state;
	report_init(&r);
	for (int i = 0; i < 30; i++)
		report_find(&r, RULE_PICKLE_IMPORT_UNKNOWN, "", 1, "n%d", i);
	report_find(&r, RULE_PICKLE_IMPORT_DANGEROUS, "", 1, "os.system");
	out_text.file(&o, "a", &r);
	assert_int_equal(out_flush(&o), ERR_OK);
	p = printed_of(fd);
	assert_ptr_equal(strstr(p.text,
			     "a: \x1b[1;31mmalicious\x1b[0m (other)\n"
			     "    critical: "),
	    p.text);
	assert_non_null(strstr(p.text, "and 21 more"));
	free(p.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hostile_bytes_stay_text),
		cmocka_unit_test(
		    test_hostile_bytes_stay_inside_strings_of_json),
		cmocka_unit_test(test_hostile_bytes_make_no_element_of_html),
		cmocka_unit_test(
		    test_tally_counts_each_name_apart_and_the_rest_together),
		cmocka_unit_test(
		    test_writers_have_the_names_that_are_asked_for),
		cmocka_unit_test(test_every_verdict_but_clean_has_an_advice),
		cmocka_unit_test(test_first_error_of_writing_is_kept),
		cmocka_unit_test(test_text_shows_the_worst_of_many),
	};

	return cmocka_run_group_tests_name("out", tests, NULL, NULL);
}
