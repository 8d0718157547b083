/* SPDX-License-Identifier: Apache-2.0 */
/* The tokens of json_pull: what is read, what is odd, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/own.h"
#include "format/json_pull.h"

#define TEXT(s) (s), sizeof(s) - 1

enum { TEXT_MAX = 16 };

/* Tokens as text: {}[] as they are, k:key s:string n:number T F N, $ the end.
 */
static const struct row {
	const char *json;
	size_t size;
	const char *want;
	enum err e; /* how it ends */
	unsigned odd;
} rows[] = {
	{ TEXT("{}"), "{}$", ERR_OK, 0 },
	{ TEXT(" [ ] "), "[]$", ERR_OK, 0 },
	{ TEXT("{\"a\": [1, -2.5e+3, true, false, null]}"),
	    "{k:a[n:1n:-2.5e+3TFN]}$", ERR_OK, 0 },
	{ TEXT("{\"a\":1,\"a\":2}"), "{k:an:1k:an:2}$", ERR_OK, 0 },
	{ TEXT("\"\\u0041\\n\\/\\\\\""), "s:A\n/\\$", ERR_OK, 0 },
	{ TEXT("\"\\ud83d\\ude00\""), "s:\xf0\x9f\x98\x80$", ERR_OK, 0 },
	{ TEXT("\"\\ud83dx\""), "s:\xed\xa0\xbdx$", ERR_OK,
	    JSON_ODD_SURROGATE },
	{ TEXT("\"\\ud83d\\n\""), "s:\xed\xa0\xbd\n$", ERR_OK,
	    JSON_ODD_SURROGATE },
	{ TEXT("\"\\ud83d\\ud83d\\ude00\""), "s:\xed\xa0\xbd\xf0\x9f\x98\x80$",
	    ERR_OK, JSON_ODD_SURROGATE },
	{ TEXT("\"\\udc00\""), "s:\xed\xb0\x80$", ERR_OK, JSON_ODD_SURROGATE },
	{ TEXT("\"\xff\""), "s:\xff$", ERR_OK, JSON_ODD_UTF8 },
	{ TEXT("\"a\tb\""), "s:a\tb$", ERR_OK, JSON_ODD_CONTROL },
	{ TEXT("[NaN,Infinity,-Infinity]"), "[n:NaNn:Infinityn:-Infinity]$",
	    ERR_OK, JSON_ODD_NONFINITE },
	{ TEXT("\xef\xbb\xbf{}"), "{}$", ERR_OK, JSON_ODD_BOM },
	{ TEXT("\"0123456789abcdefX\""), "s:+$", ERR_OK, 0 },
	{ TEXT(""), "", ERR_SHORT, 0 },
	{ TEXT("{"), "{", ERR_SHORT, 0 },
	{ TEXT("{\"a\""), "{", ERR_SHORT, 0 },
	{ TEXT("{\"a\":"), "{k:a", ERR_SHORT, 0 },
	{ TEXT("\"abc"), "", ERR_SHORT, 0 },
	{ TEXT("{} x"), "{}", ERR_MALFORMED, 0 },
	{ TEXT("[1,]"), "[n:1", ERR_MALFORMED, 0 },
	{ TEXT("[1 2]"), "[n:1", ERR_MALFORMED, 0 },
	{ TEXT("{,}"), "{", ERR_MALFORMED, 0 },
	{ TEXT("{\"a\":1,}"), "{k:an:1", ERR_MALFORMED, 0 },
	{ TEXT("{a:1}"), "{", ERR_MALFORMED, 0 },
	{ TEXT("[}"), "[", ERR_MALFORMED, 0 },
	{ TEXT("01"), "", ERR_MALFORMED, 0 },
	{ TEXT("1."), "", ERR_MALFORMED, 0 },
	{ TEXT("-"), "", ERR_MALFORMED, 0 },
	{ TEXT("nul"), "", ERR_MALFORMED, 0 },
	{ TEXT("\"\\x\""), "", ERR_MALFORMED, 0 },
	{ TEXT("\"\\u12g4\""), "", ERR_MALFORMED, 0 },
	{ TEXT("1\0"), "n:1", ERR_MALFORMED, 0 },
};

static void
show(const struct json_pull *j, enum json_kind kind, char *to, size_t room)
{
	static const char *const marks[] = { "{", "}", "[", "]",
		"k:", "s:", "n:", "T", "F", "N", "$" };
	bool text =
	    kind == JSON_KEY || kind == JSON_STRING || kind == JSON_NUMBER;
	size_t used = strlen(to);

	(void)snprintf(to + used, room - used, "%s%s", marks[kind],
	    !text        ? ""
		: j->cut ? "+"
			 : buf_text(&j->text));
}

static void
every_text_gives_its_tokens_and_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct budget budget = { 0 };
		struct source s =
		    source_memory(rows[i].json, rows[i].size, &budget);
		AUTO(json_pull) struct json_pull j;
		char got[256] = "";
		enum json_kind kind = JSON_NULL;
		enum err e;

		json_pull_begin(&j, &s, TEXT_MAX);
		while ((e = json_pull_next(&j, &kind)) == ERR_OK) {
			show(&j, kind, got, sizeof(got));
			if (kind == JSON_END)
				break;
		}
		print_message("%s\n", rows[i].json);
		assert_string_equal(got, rows[i].want);
		assert_int_equal(e, rows[i].e);
		assert_int_equal(j.odd, rows[i].odd);
	}
}

static void
depth_has_an_end_that_is_an_error(void **state)
{
	static char deep[JSON_DEPTH_MAX + 1];
	struct budget budget = { 0 };
	struct source s = source_memory(deep, sizeof(deep), &budget);
	AUTO(json_pull) struct json_pull j;
	enum json_kind kind;

	(void)state;
	memset(deep, '[', sizeof(deep));
	json_pull_begin(&j, &s, TEXT_MAX);
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		assert_int_equal(json_pull_next(&j, &kind), ERR_OK);
	assert_int_equal(json_pull_next(&j, &kind), ERR_LIMIT);
}

static void
skipping_ends_behind_the_value(void **state)
{
	static const char text[] = "{\"a\":[1,{\"b\":[]}],\"c\":2}";
	struct budget budget = { 0 };
	struct source s = source_memory(text, sizeof(text) - 1, &budget);
	AUTO(json_pull) struct json_pull j;
	enum json_kind kind;
	uint64_t value;

	(void)state;
	json_pull_begin(&j, &s, TEXT_MAX);
	assert_int_equal(json_pull_next(&j, &kind), ERR_OK);
	assert_int_equal(json_pull_next(&j, &kind), ERR_OK);
	assert_int_equal(json_pull_skip(&j, kind), ERR_OK);
	assert_int_equal(json_pull_next(&j, &kind), ERR_OK);
	assert_true(json_pull_is(&j, "c"));
	assert_int_equal(json_pull_next(&j, &kind), ERR_OK);
	assert_true(json_pull_u64(&j, &value));
	assert_int_equal(value, 2);
}

/* A string that crosses blocks is as whole as one that does not. */
static void
blocks_leave_no_seam(void **state)
{
	static char text[JSON_BLOCK * 2];
	struct budget budget = { 0 };
	struct source s = source_memory(text, sizeof(text), &budget);

	(void)state;
	for (size_t at = JSON_BLOCK - 20; at < JSON_BLOCK + 2; at++) {
		AUTO(json_pull) struct json_pull j;
		enum json_kind kind;

		memset(text, ' ', sizeof(text));
		memcpy(text + at, TEXT("\"a\\u00e9\\ud83d\\ude00b\""));
		json_pull_begin(&j, &s, TEXT_MAX);
		assert_int_equal(json_pull_next(&j, &kind), ERR_OK);
		assert_string_equal(buf_text(&j.text),
		    "a\xc3\xa9\xf0\x9f\x98\x80"
		    "b");
		assert_int_equal(j.token_at, at);
		assert_int_equal(json_pull_next(&j, &kind), ERR_OK);
		assert_int_equal(kind, JSON_END);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_text_gives_its_tokens_and_end),
		cmocka_unit_test(depth_has_an_end_that_is_an_error),
		cmocka_unit_test(skipping_ends_behind_the_value),
		cmocka_unit_test(blocks_leave_no_seam),
	};

	return cmocka_run_group_tests_name("format/json", tests, NULL, NULL);
}
