/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that stand for what is loaded or unpacked are told by their front. */
#include "unit/unit.h"

#include <string.h>

#include "base/own.h"
#include "byte/textform.h"

static const struct {
	const char *about, *text;
	enum textform form;
} rows[] = {
	{ "a pickle of protocol 2", "gAJ9cQAoWAEAAABh", TEXTFORM_BASE64 },
	{ "a pickle of protocol 5", "gAWVDgAAAAAAAAB9", TEXTFORM_BASE64 },
	{ "the same in hexadecimal", "80059500000000000000", TEXTFORM_HEX },
	{ "in capitals", "80058C026F738C06", TEXTFORM_HEX },
	{ "cos", "Y29zCnN5c3RlbQoo", TEXTFORM_BASE64 },
	{ "ios", "aW9zCnN5c3RlbQou", TEXTFORM_BASE64 },
	{ "a mark and cos", "KGNvcwpzeXN0ZW0K", TEXTFORM_BASE64 },
	{ "cos in hexadecimal", "636f730a73797374", TEXTFORM_HEX },
	{ "zlib", "eJwrSS0uUUguSizI", TEXTFORM_BASE64 },
	{ "gzip", "H4sIAAAAAAAAAytJ", TEXTFORM_BASE64 },
	{ "a zip", "UEsDBBQAAAAIAAAA", TEXTFORM_BASE64 },
	{ "an array", "k05VTVBZAQB2AHsn", TEXTFORM_BASE64 },
	{ "the alphabet for addresses", "gASV-_-_-_-_-_-_", TEXTFORM_BASE64 },
	{ "too short", "gAJ9cQAoWAEAAAB", TEXTFORM_NONE },
	{ "protocol 7", "gAeVDgAAAAAAAAB9", TEXTFORM_NONE },
	{ "words", "a few words that go on", TEXTFORM_NONE },
	{ "a word", "absolutelyeverything", TEXTFORM_NONE },
	{ "a name", "KANTORSTRASSEundso", TEXTFORM_NONE },
	{ "a digest", "da39a3ee5e6b4b0d3255", TEXTFORM_NONE },
	{ "a number", "1234567890123456789", TEXTFORM_NONE },
	{ "nothing", "", TEXTFORM_NONE },
	{ "a picture", "iVBORw0KGgoAAAANSUhE", TEXTFORM_NONE },
};

static void
what_matters_is_told_by_its_front(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		print_message("%s\n", rows[i].about);
		assert_int_equal(textform_tell((const uint8_t *)rows[i].text,
				     strlen(rows[i].text)),
		    rows[i].form);
	}
}

static void
a_text_in_pieces_is_undone_as_in_one(void **state)
{
	static const char text[] = "Y29z\nCnN5\r\nc3Rl bQou=";
	static const uint8_t want[] = "cos\nsystem\n.";

	(void)state;
	for (size_t step = 1; step < sizeof(text); step++) {
		AUTO(buf) struct buf out = buf_new(100);
		struct textform_piece piece = { .form = TEXTFORM_BASE64 };

		for (size_t at = 0; at < sizeof(text) - 1; at += step)
			assert_int_equal(
			    textform_undo(&piece, (const uint8_t *)text + at,
				sizeof(text) - 1 - at < step
				    ? sizeof(text) - 1 - at
				    : step,
				&out),
			    ERR_OK);
		assert_int_equal(out.size, sizeof(want) - 1);
		assert_memory_equal(out.data, want, out.size);
	}
}

static void
the_ceiling_of_the_buffer_is_kept(void **state)
{
	AUTO(buf) struct buf out = buf_new(2);
	struct textform_piece piece = { .form = TEXTFORM_HEX };

	(void)state;
	assert_int_equal(
	    textform_undo(&piece, (const uint8_t *)"61626364", 8, &out),
	    ERR_LIMIT);
	assert_int_equal(out.size, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_matters_is_told_by_its_front),
		cmocka_unit_test(a_text_in_pieces_is_undone_as_in_one),
		cmocka_unit_test(the_ceiling_of_the_buffer_is_kept),
	};

	return cmocka_run_group_tests_name("byte/textform", tests, NULL, NULL);
}
