/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of JSON of the control socket. */
#include "unit/unit.h"

#include <string.h>

#include "base/text.h"
#include "talk/json.h"

enum { ROOM = 32 };

static struct json_value values[ROOM];

static enum err
read_text(const char *text, struct json *out)
{
	return json_read(text, strlen(text), values, ROOM, out);
}

static void
test_what_is_no_json_is_refused(void **state)
{
	static const char *const wrong[] = { "", " ", "{", "}", "[1,]",
		"{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{a:1}", "[1 2]",
		"01", "-", "1.", "1e", ".5", "+1", "nul", "nulll", "true1",
		"\"", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"",
		"\"a\nb\"", "\"\xff\"", "\"\xc0\x80\"", "{} {}", "[}", "{]",
		"[1,,2]", "{\"a\":1 \"b\":2}", "{\"a\",1}", "NaN", "'a'" };
	struct json j;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		if (read_text(wrong[i], &j) != ERR_MALFORMED)
			fail_msg("taken: %s", wrong[i]);
	assert_int_equal(json_read("{}\0", 3, values, ROOM, &j), ERR_MALFORMED);
	assert_int_equal(
	    json_read("\"\\\0\"", 4, values, ROOM, &j), ERR_MALFORMED);
}

static void
test_what_is_json_is_taken_apart(void **state)
{
	static const char *const right[] = { "{}", "[]", " [ ] ", "null",
		"[null,true,false]", "-0.5e+10", "0",
		"\"\\\"\\\\\\/\\b\\u00e9\"",
		"{\"a\":{\"b\":[1,{\"c\":\"d\"}]},\"e\":\t2}\r\n" };
	struct json j;

	(void)state;
	for (size_t i = 0; i < COUNT(right); i++)
		if (read_text(right[i], &j) != ERR_OK)
			fail_msg("refused: %s", right[i]);
}

static void
test_members_are_found_at_their_own_level(void **state)
{
	static const char text[] =
	    "{\"x\":{\"n\":1,\"l\":[7,[8],9]},\"n\":2,\"n\":3,\"s\":\"n\"}";
	const struct json_value *l, *v;
	struct json j;
	uint64_t n = 0;

	(void)state;
	assert_int_equal(read_text(text, &j), ERR_OK);
	assert_true(json_number(&j, json_member(&j, values, "n"), &n));
	assert_int_equal(n, 2);
	v = json_member(&j, values, "x");
	assert_true(json_number(&j, json_member(&j, v, "n"), &n));
	assert_int_equal(n, 1);
	l = json_member(&j, v, "l");
	v = json_first(&j, l);
	assert_true(json_number(&j, v, &n) && n == 7);
	v = json_next(&j, l, v);
	assert_int_equal(v->type, JSON_LIST);
	v = json_next(&j, l, v);
	assert_true(json_number(&j, v, &n) && n == 9);
	assert_null(json_next(&j, l, v));
	assert_null(json_member(&j, values, "l"));
	assert_null(json_member(&j, l, "n"));
	assert_null(json_member(&j, NULL, "n"));
	assert_null(json_first(&j, NULL));
}

static void
test_too_deep_or_too_many_is_a_limit(void **state)
{
	char deep[2 * JSON_DEPTH + 3] = "", many[4 * ROOM] = "[";
	struct json j;

	(void)state;
	memset(deep, '[', JSON_DEPTH + 1);
	assert_int_equal(read_text(deep, &j), ERR_LIMIT);
	memset(deep, 0, sizeof(deep));
	memset(deep, '[', JSON_DEPTH);
	memset(deep + JSON_DEPTH, ']', JSON_DEPTH);
	assert_int_equal(read_text(deep, &j), ERR_OK);
	for (size_t i = 0; i < ROOM; i++)
		(void)strcat(many, i == 0 ? "1" : ",1");
	assert_int_equal(read_text(many, &j), ERR_LIMIT);
}

static void
test_any_bytes_survive_the_way_there_and_back(void **state)
{
	struct buf out = buf_new(8192);
	char all[256], back[256];
	struct json j;

	(void)state;
	for (size_t i = 0; i < 255; i++)
		all[i] = (char)(i + 1);
	all[255] = '\0';
	assert_int_equal(buf_puts(&out, "\""), ERR_OK);
	assert_int_equal(text_json(&out, all, 255), ERR_OK);
	assert_int_equal(buf_puts(&out, "\""), ERR_OK);
	assert_int_equal(read_text(buf_text(&out), &j), ERR_OK);
	assert_int_equal(json_string(&j, values, back, sizeof(back)), ERR_OK);
	assert_string_equal(back, all);
	assert_int_equal(
	    json_string(&j, values, back, sizeof(back) - 1), ERR_LIMIT);
	buf_free(&out);
}

static void
test_strings_are_decoded_or_refused_whole(void **state)
{
	static const struct {
		const char *text, *want; /* NULL: refused */
	} rows[] = {
		{ "\"\"", "" },
		{ "\"a\\n\\t\\\"\\/\"", "a\n\t\"/" },
		{ "\"\\u00e9\\u20ac\"", "\xc3\xa9\xe2\x82\xac" },
		{ "\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80" },
		{ "\"\\udcff\"", "\xff" },
		{ "\"a\\u0000b\"", NULL },
		{ "\"\\ud83d\"", NULL },
		{ "\"\\ud83dx\"", NULL },
		{ "\"\\ud83d\\u0041\"", NULL },
		{ "\"\\udc00\"", NULL },
		{ "12", NULL },
	};
	char out[32];
	struct json j;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		enum err e;

		(void)strcpy(out, "untouched");
		assert_int_equal(read_text(rows[i].text, &j), ERR_OK);
		e = json_string(&j, values, out, sizeof(out));
		assert_int_equal(
		    e, rows[i].want == NULL ? ERR_MALFORMED : ERR_OK);
		assert_string_equal(
		    out, rows[i].want == NULL ? "untouched" : rows[i].want);
	}
}

static void
test_numbers_are_whole_and_fit(void **state)
{
	static const char *const none[] = { "-1", "1.5", "1e3",
		"12345678901234567890", "\"1\"", "null" };
	struct json j;
	uint64_t n = 7;

	(void)state;
	for (size_t i = 0; i < COUNT(none); i++) {
		assert_int_equal(read_text(none[i], &j), ERR_OK);
		assert_false(json_number(&j, values, &n));
		assert_int_equal(n, 7);
	}
	assert_int_equal(read_text("1234567890123456789", &j), ERR_OK);
	assert_true(json_number(&j, values, &n));
	assert_int_equal(n, 1234567890123456789);
	assert_false(json_number(&j, NULL, &n));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_no_json_is_refused),
		cmocka_unit_test(test_what_is_json_is_taken_apart),
		cmocka_unit_test(test_members_are_found_at_their_own_level),
		cmocka_unit_test(test_too_deep_or_too_many_is_a_limit),
		cmocka_unit_test(test_any_bytes_survive_the_way_there_and_back),
		cmocka_unit_test(test_strings_are_decoded_or_refused_whole),
		cmocka_unit_test(test_numbers_are_whole_and_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
