/* SPDX-License-Identifier: Apache-2.0 */
/* What a pickle does, as lines of pseudo-code. */
#include "unit/pickle_run.h"

struct trace_row {
	const char *about;
	const char *data;
	size_t size;
	const char *lines; /* each ends with a newline */
};

static const struct trace_row rows[] = {
	{ "a call is shown with what it is given",
	    BYTES("\x80\x04\x8c\2os\x8c\6system\x93\x8c\6echo x\x85R."),
	    "from os import system\n_1 = os.system('echo x')\nreturn _1\n" },
	{ "every kind of value",
	    BYTES("(N\x88I01\nK\x05J\xff\xff\xff\xff"
		  "G\x3f\xf8\0\0\0\0\0\0F2.25\n\x8a\x0a\1\2\3\4\5\6\7\x08\x09"
		  "\x0aVa\nC\2\0\xff](K\1eK\1\x85}K\1K\2st."),
	    "return (None, True, 1, 5, -1, 1.5, 2.25, "
	    "0x0a090807060504030201, 'a', b'\\x00\\xff', [1], (1,), 1 "
	    "more)\n" },
	{ "a large number below zero",
	    BYTES("(\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\xfet."),
	    "return (-0x010000000000000001,)\n" },
	{ "a name that is computed shows of what",
	    BYTES("\x80\4cm\nf\n)R\x8c\6system\x93."),
	    "from m import f\n_1 = m.f()\nfrom _1 import 'system'\n"
	    "return <an unknown name>\n" },
	{ "a number that stands for a name", BYTES("\x80\2\x82\x07Vx\n\x85R."),
	    "import <extension number 7>\n"
	    "_1 = <what is no function>('x')\n"
	    "return _1\n" },
	{ "a NUL in a number hides nothing behind it",
	    BYTES("(F1\x00"
		  "2\nVx\nt."),
	    "return (12, 'x')\n" },
	{ "quotes and control characters can't end a literal",
	    BYTES("X\x0e\0\0\0a'\n\x1b\\)\xe2\x80\xae#\"\xff\xc3\xa9."),
	    "return 'a\\'\\n\\x1b\\\\)\\u{202e}#\"\\xff\xc3\xa9'\n" },
	{ "what is harmless is written where it is used",
	    BYTES("ccollections\nOrderedDict\n)R\x85."),
	    "return (collections.OrderedDict(),)\n" },
	{ "an object that is filled has a variable",
	    BYTES("ccollections\nOrderedDict\n)RVa\nK\1s."),
	    "_1 = collections.OrderedDict()\n_1['a'] = 1\nreturn _1\n" },
	{ "state is given", BYTES("\x80\2cm\nC\n)\x81}Va\nK\1sb."),
	    "from m import C\n_1 = m.C.__new__()\n"
	    "_1.__setstate__({'a': 1})\nreturn _1\n" },
	{ "what is poisoned is named", BYTES("csys\nmodules\nVos\nNs0N."),
	    "from sys import modules\nsys.modules['os'] = None\n"
	    "return None\n" },
	{ "lists and sets of others are filled",
	    BYTES("cm\nC\n)R(K\1K\2eK\3a(K\4\x90."),
	    "from m import C\n_1 = m.C()\n_1.append(1)\n_1.append(2)\n"
	    "_1.append(3)\n_1.add(4)\nreturn _1\n" },
	{ "what is used twice is written once",
	    BYTES("](K\1K\2eq\0h\0h\0\x87."),
	    "_1 = [1, 2]\nreturn (_1, _1, _1)\n" },
	{ "a list in itself", BYTES("]q\0h\0a."),
	    "_1 = []\n_1.append(_1)\nreturn _1\n" },
	{ "an attribute that is fetched is called by its variable",
	    BYTES("\x80\4cbuiltins\ngetattr\ncos\nC\nVx\n\x86RVa\n\x85R."),
	    "from os import C\n_1 = builtins.getattr(os.C, 'x')\n"
	    "_2 = _1('a')\nreturn _2\n" },
	{ "the result of a call is called",
	    BYTES("cfunctools\npartial\ncos\nsystem\n\x85RVx\n\x85R."),
	    "from os import system\n_1 = functools.partial(os.system)\n"
	    "_2 = _1('x')\nreturn _2\n" },
	{ "a name that is none is quoted", BYTES("ca'b)\nc d\n)R."),
	    "from 'a\\'b)' import 'c d'\n_1 = 'a\\'b)'.'c d'()\n"
	    "return _1\n" },
	{ "what a loader is asked for", BYTES("(Vstorage\nV0\ntQ."),
	    "return persistent_load('storage', '0')\n" },
	{ "arguments that are no tuple", BYTES("cos\nsystem\nVx\nR."),
	    "from os import system\n_1 = os.system(*'x')\nreturn _1\n" },
	{ "what follows is shown, too", BYTES("N.K\1."),
	    "return None\nreturn 1\n" },
	{ "what ran before the stream breaks",
	    BYTES("cos\nsystem\nVx\n\x85R\xff"),
	    "from os import system\n_1 = os.system('x')\n" },
};

/* A run that wants lines. */
static void
trace_run(struct run *r, const void *data, size_t size)
{
	struct source s;

	run_begin(r);
	r->report.explain = true;
	s = source_memory(data, size, &r->budget);
	run_source(r, &s);
}

static void
test_what_loading_does_is_written_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO(buf) struct buf got = buf_new(1 << 20);
		struct run r;

		trace_run(&r, rows[i].data, rows[i].size);
		for (size_t k = 0; k < r.report.line_count; k++)
			assert_int_equal(
			    buf_printf(&got, "%s\n", r.report.lines[k].text),
			    ERR_OK);
		if (strcmp(buf_text(&got), rows[i].lines) != 0)
			fail_msg("%s:\n%s", rows[i].about, buf_text(&got));
		run_end(&r);
	}
}

static void
test_nobody_who_did_not_ask_gets_a_line(void **state)
{
	struct run r;

	(void)state;
	run_bytes(&r, rows[0].data, rows[0].size);
	assert_int_equal(r.report.line_count, 0);
	assert_int_equal(r.report.lines_skipped, 0);
	run_end(&r);
}

static void
test_verdict_and_reason_are_those_of_the_policy(void **state)
{
	struct run r;

	(void)state;
	trace_run(&r, rows[0].data, rows[0].size);
	assert_int_equal(r.report.lines[1].verdict, VERDICT_MALICIOUS);
	assert_string_equal(r.report.lines[1].why, "runs commands");
	assert_int_equal(r.report.lines[1].offset, 24);
	assert_int_equal(r.report.lines[2].verdict, VERDICT_CLEAN);
	run_end(&r);
}

/* n times the same bytes, between two others. */
static void
repeat(struct buf *out, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(buf_puts(out, text), ERR_OK);
}

static void
test_flood_hides_no_harm(void **state)
{
	AUTO(buf) struct buf in = buf_new(1 << 22);
	struct run r;
	bool seen = false;
	uint64_t skipped = 0;

	(void)state;
	assert_int_equal(buf_puts(&in, "("), ERR_OK);
	for (unsigned i = 0; i < 3000; i++)
		assert_int_equal(buf_printf(&in, "cm\nC%u\n)R}b", i), ERR_OK);
	repeat(&in, "cos\nsystem\nVx\n\x85R", 1);
	repeat(&in, "t.", 1);
	trace_run(&r, in.data, in.size);
	assert_true(r.report.line_count <= LIMIT_LINES);
	for (size_t i = 0; i < r.report.line_count; i++) {
		skipped += r.report.lines[i].skipped;
		if (strcmp(r.report.lines[i].text, "from os import system") ==
		    0)
			seen = strstr(
			    r.report.lines[i + 1].text, "= os.system('x')");
	}
	assert_true(skipped > 1000);
	assert_true(seen);
	run_end(&r);
}

/* Two to the power of a thousand items take a line each doubling at most. */
static void
test_doubling_is_not_written_out(void **state)
{
	AUTO(buf) struct buf in = buf_new(1 << 20);
	struct run r;
	size_t bytes = 0;

	(void)state;
	repeat(&in, "](K\1K\2e", 1);
	repeat(&in, "2\x86", 1000);
	repeat(&in, ".", 1);
	trace_run(&r, in.data, in.size);
	for (size_t i = 0; i < r.report.line_count; i++) {
		assert_true(strlen(r.report.lines[i].text) <= LIMIT_LINE);
		bytes += strlen(r.report.lines[i].text);
	}
	assert_true(bytes < 64 * 1024);
	run_end(&r);
}

static void
test_deep_nesting_and_long_strings_are_cut(void **state)
{
	AUTO(buf) struct buf in = buf_new(1 << 22);
	struct run r;

	(void)state;
	repeat(&in, "(", 5000);
	repeat(&in, "V", 1);
	repeat(&in, "\\u0041", 3000);
	repeat(&in, "\n", 1);
	repeat(&in, "l", 5000);
	repeat(&in, ".", 1);
	trace_run(&r, in.data, in.size);
	assert_int_equal(r.report.line_count, 1);
	assert_string_equal(r.report.lines[0].text, "return [[[[[[[...]]]]]]]");
	run_end(&r);
	buf_clear(&in);
	repeat(&in, "cos\nsystem\nV", 1);
	repeat(&in, "\x01\x02", 4000);
	repeat(&in, "\n\x85R.", 1);
	trace_run(&r, in.data, in.size);
	assert_true(strlen(r.report.lines[1].text) <= LIMIT_LINE);
	assert_non_null(strstr(r.report.lines[1].text, "' (8000 bytes))"));
	run_end(&r);
}

/* What a command ends in is not hidden by what it begins with. */
static void
test_both_ends_of_a_long_command_are_shown(void **state)
{
	AUTO(buf) struct buf in = buf_new(1 << 22);
	struct run r;

	(void)state;
	for (size_t padding = 900; padding < 20000; padding *= 3) {
		buf_clear(&in);
		repeat(&in, "cos\nsystem\nVbegin ", 1);
		repeat(&in, "x", padding);
		repeat(&in, " end\n\x85R.", 1);
		trace_run(&r, in.data, in.size);
		assert_non_null(strstr(r.report.lines[1].text, "('begin x"));
		assert_non_null(strstr(r.report.lines[1].text, "x end' ("));
		run_end(&r);
	}
	buf_clear(&in);
	repeat(&in, "cos\nsystem\nVbegin ", 1);
	repeat(&in, "x", 100000);
	repeat(&in, "\n\x85R.", 1);
	trace_run(&r, in.data, in.size);
	assert_non_null(strstr(r.report.lines[1].text, "('begin x"));
	assert_non_null(
	    strstr(r.report.lines[1].text, "(65536 bytes or more))"));
	run_end(&r);
}

/* Items beyond those that are shown are counted, each once. */
static void
test_items_are_counted_and_harm_among_them_is_shown(void **state)
{
	AUTO(buf) struct buf in = buf_new(1 << 16);
	struct run r;
	const struct report *report = &r.report;
	uint64_t items = 0;

	(void)state;
	repeat(&in, "ccollections\nOrderedDict\n)R", 1);
	for (unsigned i = 0; i < 50; i++)
		assert_int_equal(buf_printf(&in, "Vk%u\nK\1s", i), ERR_OK);
	repeat(&in, ".", 1);
	trace_run(&r, in.data, in.size);
	for (size_t i = 0; i < report->line_count; i++)
		items += report->lines[i].skipped +
		    (strstr(report->lines[i].text, "] = 1") != NULL);
	assert_int_equal(items, 50);
	run_end(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_loading_does_is_written_down),
		cmocka_unit_test(test_nobody_who_did_not_ask_gets_a_line),
		cmocka_unit_test(
		    test_verdict_and_reason_are_those_of_the_policy),
		cmocka_unit_test(test_flood_hides_no_harm),
		cmocka_unit_test(test_doubling_is_not_written_out),
		cmocka_unit_test(test_deep_nesting_and_long_strings_are_cut),
		cmocka_unit_test(test_both_ends_of_a_long_command_are_shown),
		cmocka_unit_test(
		    test_items_are_counted_and_harm_among_them_is_shown),
	};

	return cmocka_run_group_tests_name("pickle/trace", tests, NULL, NULL);
}
