/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/own.h"
#include "base/text.h"

struct row {
	const char *about;
	const char *in;
	size_t size;
	const char *want;
};

static const struct row escapes[] = {
	{ "plain text", BYTES("model.pt"), "model.pt" },
	{ "nothing", BYTES(""), "" },
	{ "printable UTF-8 as it is",
	    BYTES("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
	    "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
	{ "an escape sequence", BYTES("\x1b[31mred"), "\\x1b[31mred" },
	{ "a forged log line", BYTES("a\nallowed: b\r"),
	    "a\\x0aallowed: b\\x0d" },
	{ "a NUL", BYTES("a\0b"), "a\\x00b" },
	{ "a backslash, so that an escape cannot be faked", BYTES("\\x1b"),
	    "\\\\x1b" },
	{ "DEL", BYTES("\x7f"), "\\x7f" },
	{ "C1 as UTF-8: CSI", BYTES("\xc2\x9b"), "\\u{009b}" },
	{ "C1 as a byte", BYTES("\x9b"), "\\x9b" },
	{ "right-to-left override", BYTES("a\xe2\x80\xaegpj"),
	    "a\\u{202e}gpj" },
	{ "isolate", BYTES("\xe2\x81\xa6"), "\\u{2066}" },
	{ "byte order mark", BYTES("\xef\xbb\xbf"), "\\u{feff}" },
	{ "tag character", BYTES("\xf3\xa0\x81\x81"), "\\u{e0041}" },
	{ "overlong slash", BYTES("\xc0\xaf"), "\\xc0\\xaf" },
	{ "surrogate", BYTES("\xed\xa0\x80"), "\\xed\\xa0\\x80" },
	{ "cut at the end", BYTES("\xe2\x82"), "\\xe2\\x82" },
};

static void
escaped_text_cannot_act_on_a_terminal(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(escapes); i++) {
		AUTO(buf) struct buf b = buf_new(1000);

		print_message("%s\n", escapes[i].about);
		assert_int_equal(
		    text_escape(&b, escapes[i].in, escapes[i].size), ERR_OK);
		assert_string_equal(buf_text(&b), escapes[i].want);
	}
}

static const struct row jsons[] = {
	{ "plain text", BYTES("model.pt"), "model.pt" },
	{ "quotes and backslashes", BYTES("a\"b\\c"), "a\\\"b\\\\c" },
	{ "control characters", BYTES("\n\x1b\x7f"), "\\u000a\\u001b\\u007f" },
	{ "a NUL", BYTES("a\0b"), "a\\u0000b" },
	{ "printable UTF-8 as it is", BYTES("\xe2\x82\xac"), "\xe2\x82\xac" },
	{ "C1 as UTF-8: CSI", BYTES("\xc2\x9b"), "\\u009b" },
	{ "right-to-left override", BYTES("\xe2\x80\xae"), "\\u202e" },
	{ "tag character, as a pair", BYTES("\xf3\xa0\x81\x81"),
	    "\\udb40\\udc41" },
	{ "a malformed byte, as Python has it", BYTES("a\xff"), "a\\udcff" },
	{ "a cut character", BYTES("\xe2\x82"), "\\udce2\\udc82" },
};

static void
json_text_is_valid_and_keeps_every_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(jsons); i++) {
		AUTO(buf) struct buf b = buf_new(1000);

		print_message("%s\n", jsons[i].about);
		assert_int_equal(
		    text_json(&b, jsons[i].in, jsons[i].size), ERR_OK);
		assert_string_equal(buf_text(&b), jsons[i].want);
	}
}

static void
a_ceiling_is_an_error_not_a_cut(void **state)
{
	AUTO(buf) struct buf b = buf_new(6);

	(void)state;
	assert_int_equal(text_escape(&b, BYTES("\x1b\x1b")), ERR_LIMIT);
	buf_clear(&b);
	assert_int_equal(text_json(&b, BYTES("\x1b\x1b")), ERR_LIMIT);
}

static const struct {
	const char *in;
	size_t size;
	size_t want;
	unsigned point;
} characters[] = {
	{ BYTES(""), 0, 0 },
	{ BYTES("a"), 1, 'a' },
	{ BYTES("\0"), 1, 0 },
	{ BYTES("\x7f"), 1, 0x7f },
	{ BYTES("\x80"), 0, 0 },
	{ BYTES("\xc1\xbf"), 0, 0 },
	{ BYTES("\xc2\x80"), 2, 0x80 },
	{ BYTES("\xdf\xbf"), 2, 0x7ff },
	{ BYTES("\xc2"), 0, 0 },
	{ BYTES("\xc2\xc2"), 0, 0 },
	{ BYTES("\xe0\x9f\xbf"), 0, 0 },
	{ BYTES("\xe0\xa0\x80"), 3, 0x800 },
	{ BYTES("\xed\x9f\xbf"), 3, 0xd7ff },
	{ BYTES("\xed\xbf\xbf"), 0, 0 },
	{ BYTES("\xee\x80\x80"), 3, 0xe000 },
	{ BYTES("\xef\xbf\xbf"), 3, 0xffff },
	{ BYTES("\xf0\x8f\xbf\xbf"), 0, 0 },
	{ BYTES("\xf0\x90\x80\x80"), 4, 0x10000 },
	{ BYTES("\xf4\x8f\xbf\xbf"), 4, 0x10ffff },
	{ BYTES("\xf4\x90\x80\x80"), 0, 0 },
	{ BYTES("\xf5\x80\x80\x80"), 0, 0 },
	{ BYTES("\xff"), 0, 0 },
};

static void
utf8_is_decoded_as_the_standard_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(characters); i++) {
		unsigned point = 0;

		print_message("row %zu\n", i);
		assert_int_equal(
		    text_utf8(characters[i].in, characters[i].size, &point),
		    characters[i].want);
		assert_int_equal(point, characters[i].point);
	}
}

static void
identifiers_are_ascii_words_that_do_not_start_with_a_digit(void **state)
{
	(void)state;
	assert_true(text_identifier(BYTES("_rebuild_tensor_v2")));
	assert_true(text_identifier(BYTES("A9")));
	assert_false(text_identifier(BYTES("")));
	assert_false(text_identifier(BYTES("9A")));
	assert_false(text_identifier(BYTES("a.b")));
	assert_false(text_identifier(BYTES("a b")));
	assert_false(text_identifier(BYTES("a\0")));
	assert_false(text_identifier(BYTES("\xc3\xa9")));
}

static void
a_literal_ends_at_no_quote_of_its_own(void **state)
{
	AUTO(buf) struct buf b = buf_new(1000);

	(void)state;
	assert_int_equal(
	    text_quote(&b, BYTES("a'b\\\n\x1b\xc3\xa9\0"), false), ERR_OK);
	assert_string_equal(buf_text(&b), "'a\\'b\\\\\\n\\x1b\xc3\xa9\\x00'");
	buf_clear(&b);
	assert_int_equal(text_quote(&b, BYTES("\xc3\xa9'"), true), ERR_OK);
	assert_string_equal(buf_text(&b), "'\\xc3\\xa9\\''");
	/* escaped again, nothing is doubled and nothing acts */
	buf_clear(&b);
	assert_int_equal(text_escape_again(&b, BYTES("'\\n\x1b[2J'")), ERR_OK);
	assert_string_equal(buf_text(&b), "'\\n\\x1b[2J'");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escaped_text_cannot_act_on_a_terminal),
		cmocka_unit_test(json_text_is_valid_and_keeps_every_byte),
		cmocka_unit_test(a_ceiling_is_an_error_not_a_cut),
		cmocka_unit_test(a_literal_ends_at_no_quote_of_its_own),
		cmocka_unit_test(utf8_is_decoded_as_the_standard_says),
		cmocka_unit_test(
		    identifiers_are_ascii_words_that_do_not_start_with_a_digit),
	};

	return cmocka_run_group_tests_name("base/text", tests, NULL, NULL);
}
