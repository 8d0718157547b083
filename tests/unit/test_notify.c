/* SPDX-License-Identifier: Apache-2.0 */
/* The desktop is told what a person understands, and nothing acts there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/own.h"
#include "notify/note.h"

#define WHY \
	"\"message\":\"loading it imports something that runs code: " \
	"os.system (runs a command)\",\"rule\":\"pickle.import.dangerous\""

static bool
read_note(const char *json, uid_t uid, bool all, struct note *out)
{
	static struct talk_line line;

	line.text = json;
	line.size = strlen(json);
	assert_int_equal(json_read(json, line.size, line.values,
			     TALK_VALUES_MAX, &line.json),
	    ERR_OK);
	return note_read(&line, uid, all, out);
}

struct row {
	const char *json;
	bool told;
};

static const struct row rows[] = {
	{ "{\"event\":{\"event\":\"denied\",\"verdict\":\"malicious\","
	  "\"path\":\"/a\",\"uid\":7}}",
	    true },
	/* somebody else's */
	{ "{\"event\":{\"event\":\"denied\",\"path\":\"/a\",\"uid\":8}}",
	    false },
	/* nobody opened it: its owner is told */
	{ "{\"event\":{\"event\":\"flagged\",\"path\":\"/a\",\"owner\":7}}",
	    true },
	{ "{\"event\":{\"event\":\"denied\",\"path\":\"/a\"}}", false },
	/* half of all honest pickles */
	{ "{\"event\":{\"event\":\"noted\",\"path\":\"/a\",\"uid\":7}}",
	    false },
	{ "{\"event\":{\"event\":\"started\",\"uid\":7}}", false },
	{ "{\"ok\":true,\"follows\":true}", false },
	{ "{\"missed\":12}", false },
	{ "{\"event\":7}", false },
	{ "[]", false },
};

static void
test_a_user_is_told_what_happened_to_him(void **state)
{
	struct note n;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
		    read_note(rows[i].json, 7, false, &n), rows[i].told);
	assert_true(read_note(rows[1].json, 7, true, &n));
}

static void
test_one_file_is_told_in_words(void **state)
{
	AUTO(buf) struct buf body = buf_new(BODY_MAX);
	struct group g = { 0 };
	struct note n;
	char title[128];

	(void)state;
	assert_true(
	    read_note("{\"event\":{\"event\":\"denied\",\"verdict\":"
		      "\"malicious\",\"path\":\"/home/ann/dl/e.pt\","
		      "\"uid\":7,\"exe\":\"/usr/bin/python3\"," WHY "}}",
		7, false, &n));
	group_add(&g, &n, 1000);
	assert_string_equal(group_title(&g, title, sizeof(title)),
	    "A dangerous file was blocked");
	assert_int_equal(group_body(&g, true, &body), ERR_OK);
	assert_string_equal(buf_text(&body),
	    "<b>e.pt</b>\nin /home/ann/dl\nLoading it imports something that "
	    "runs code: os.system (runs a command).\npython3 wanted to open "
	    "it and got nothing of it.");
	buf_clear(&body);
	assert_int_equal(note_details(&n, false, &body), ERR_OK);
	assert_non_null(strstr(buf_text(&body), "Do not load it"));
	assert_non_null(strstr(buf_text(&body), "ckptguard why e.pt"));
}

/* Is every < of the text one of ours? */
static void
assert_no_markup(const char *text)
{
	for (const char *at = strchr(text, '<'); at != NULL;
	     at = strchr(at + 1, '<'))
		assert_true(
		    strncmp(at, "<b>", 3) == 0 || strncmp(at, "</b>", 4) == 0);
	for (const char *at = strchr(text, '&'); at != NULL;
	     at = strchr(at + 1, '&'))
		assert_true(strncmp(at, "&amp;", 5) == 0 ||
		    strncmp(at, "&lt;", 4) == 0 || strncmp(at, "&gt;", 4) == 0);
	for (const char *at = text; *at != '\0'; at++)
		assert_true((uint8_t)*at >= 0x20 || *at == '\n');
	/* a bidirectional override is U+202E, E2 80 AE */
	assert_null(strstr(text, "\xe2\x80\xae"));
}

static void
test_hostile_names_stay_names(void **state)
{
	static const char json[] =
	    "{\"event\":{\"event\":\"denied\",\"verdict\":\"malicious\","
	    "\"path\":\"/d<i>/<img src=x>&lt;\\u202egpj\\n\\u001b[2J\\udcff\","
	    "\"uid\":7,\"exe\":\"/x/<a href='file:///'>\","
	    "\"rule\":\"</b>\",\"message\":\"<u>&amp; \\r\\u0007\"}}";
	AUTO(buf) struct buf body = buf_new(BODY_MAX);
	struct group g = { 0 };
	struct note n;
	char title[128];

	(void)state;
	assert_true(read_note(json, 7, false, &n));
	group_add(&g, &n, 1);
	assert_int_equal(group_body(&g, true, &body), ERR_OK);
	assert_int_equal(note_details(&n, true, &body), ERR_OK);
	snprintf(n.path, sizeof(n.path), "/<b>");
	group_add(&g, &n, 1);
	assert_int_equal(group_body(&g, true, &body), ERR_OK);
	assert_no_markup(buf_text(&body));
	assert_string_equal(
	    group_title(&g, title, sizeof(title)), "2 files were blocked");
	/* where markup is not read, nothing is written as such */
	buf_clear(&body);
	assert_int_equal(group_body(&g, false, &body), ERR_OK);
	assert_null(strstr(buf_text(&body), "&amp;"));
	assert_non_null(strstr(buf_text(&body), "<img src=x>&lt;\\u{202e}gpj"));
}

static void
test_a_flood_is_one_popup_and_then_few(void **state)
{
	AUTO(buf) struct buf body = buf_new(BODY_MAX);
	struct group g = { 0 };
	struct note n = { .verdict = VERDICT_MALICIOUS, .times = 1 };
	unsigned shown = 0;
	uint64_t now = 1000000, told = 0;
	char title[128];

	(void)state;
	assert_int_equal(group_due(&g, now), -1);
	for (unsigned i = 0; i < 60000; i++, now++) {
		snprintf(n.path, sizeof(n.path), "/f%u", i);
		group_add(&g, &n, now);
		if (group_due(&g, now) != 0)
			continue;
		shown++;
		told += g.files;
		buf_clear(&body);
		assert_int_equal(group_body(&g, true, &body), ERR_OK);
		assert_true(body.size < 1000);
		(void)group_title(&g, title, sizeof(title));
		group_clear(&g, now);
	}
	/* in a minute */
	assert_in_range(shown, 7, 8);
	assert_int_equal(told + g.files, 60000);
	assert_non_null(strstr(title, " files were blocked"));
	assert_non_null(strstr(buf_text(&body), "\nand "));
}

static void
test_the_same_file_again_is_counted_and_its_move_is_told(void **state)
{
	AUTO(buf) struct buf body = buf_new(BODY_MAX);
	struct group g = { 0 };
	struct note n = { .verdict = VERDICT_MALICIOUS,
		.times = 1,
		.path = "/d/e.pt",
		.exe = "/bin/cat" };
	char title[128];

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		group_add(&g, &n, 5);
	assert_int_equal(group_body(&g, false, &body), ERR_OK);
	assert_non_null(strstr(buf_text(&body), "(3 times)"));
	n.kind = NOTE_QUARANTINED;
	group_add(&g, &n, 6);
	assert_int_equal(g.files, 1);
	assert_string_equal(group_title(&g, title, sizeof(title)),
	    "A dangerous file was put into quarantine");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_user_is_told_what_happened_to_him),
		cmocka_unit_test(test_one_file_is_told_in_words),
		cmocka_unit_test(test_hostile_names_stay_names),
		cmocka_unit_test(test_a_flood_is_one_popup_and_then_few),
		cmocka_unit_test(
		    test_the_same_file_again_is_counted_and_its_move_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
