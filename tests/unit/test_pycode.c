/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "pycode/marshal.h"
#include "pycode/pycode.h"

#define BYTES(s) (s), sizeof(s) - 1

struct name_row {
	const char *name;
	size_t size;
	enum verdict want;
};

static const struct name_row name_rows[] = {
	{ BYTES("x"), VERDICT_UNKNOWN },
	{ BYTES(""), VERDICT_UNKNOWN },
	{ BYTES("syste"), VERDICT_UNKNOWN },
	{ BYTES("systems"), VERDICT_UNKNOWN },
	{ BYTES("system"), VERDICT_MALICIOUS },
	{ BYTES("system\0"), VERDICT_UNKNOWN },
	{ BYTES("CDLL"), VERDICT_MALICIOUS },
	{ BYTES("write_text"), VERDICT_SUSPICIOUS },
	{ BYTES("exec"), VERDICT_MALICIOUS },
	{ BYTES("execvpe"), VERDICT_MALICIOUS },
	{ BYTES("eval"), VERDICT_SUSPICIOUS },
};

static void
names_are_judged_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(name_rows) / sizeof(name_rows[0]); i++) {
		struct pycode p;

		print_message("%s\n", name_rows[i].name);
		pycode_begin(&p);
		pycode_name(&p, name_rows[i].name, name_rows[i].size);
		assert_int_equal(p.verdict, name_rows[i].want);
	}
}

static const char *word_names[] = {
#define NAME(text, verdict, reason) text,
#include "pycode/words.def"
#undef NAME
};

static void
the_table_of_names_is_in_order(void **state)
{
	(void)state;
	for (size_t i = 1; i < sizeof(word_names) / sizeof(word_names[0]); i++)
		assert_true(strcmp(word_names[i - 1], word_names[i]) < 0);
}

static void
constants_are_searched_in_any_case(void **state)
{
	struct pycode p;

	(void)state;
	pycode_begin(&p);
	pycode_constant(&p, BYTES("channels_last"));
	assert_int_equal(p.verdict, VERDICT_UNKNOWN);
	pycode_constant(&p, BYTES("x /BIN/Sh -c true"));
	assert_int_equal(p.verdict, VERDICT_MALICIOUS);
	assert_string_equal(p.evidence, "/BIN/Sh -c true");
}

struct marshal_row {
	const char *about;
	const char *bytes;
	size_t size;
	enum err want;
};

static const struct marshal_row marshal_rows[] = {
	{ "nothing", BYTES(""), ERR_SHORT },
	{ "None", BYTES("N"), ERR_OK },
	{ "None and more", BYTES("NN"), ERR_OK },
	{ "no such type", BYTES("?"), ERR_MALFORMED },
	{ "NULL outside a dictionary", BYTES("0"), ERR_MALFORMED },
	{ "a dictionary", BYTES("{NN0"), ERR_OK },
	{ "a dictionary without end", BYTES("{NN"), ERR_SHORT },
	{ "a string", BYTES("s\x02\0\0\0ab"), ERR_OK },
	{ "a string longer than the bytes", BYTES("s\xff\xff\xff\xff"),
	    ERR_SHORT },
	{ "a tuple with more than the bytes hold", BYTES("(\xff\xff\xff\x7fN"),
	    ERR_SHORT },
	{ "an empty tuple", BYTES(")\0"), ERR_OK },
	{ "a reference to nothing", BYTES("r\0\0\0\0"), ERR_MALFORMED },
	{ "a reference to itself", BYTES(")\x01r\0\0\0\0"), ERR_MALFORMED },
	{ "a reference to the tuple around it", BYTES("\xa9\x01r\0\0\0\0"),
	    ERR_OK },
	{ "a long that is not there", BYTES("l\xff\xff\xff\x7f"), ERR_SHORT },
	{ "the smallest long there is", BYTES("l\0\0\0\x80"), ERR_SHORT },
	{ "a slice of 3.14", BYTES(":NNN"), ERR_OK },
	{ "a code object that is cut off", BYTES("c\0\0\0\0"), ERR_SHORT },
};

static void
nothing_tell(void *context, const char *s, size_t n)
{
	(void)context;
	(void)s;
	(void)n;
}

static void
nothing_code(void *context, const uint8_t *s, size_t n)
{
	(void)context;
	(void)s;
	(void)n;
}

static const struct marshal_sink nothing = { NULL, nothing_tell, nothing_tell,
	nothing_code };

static void
marshal_reads_these(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(marshal_rows) / sizeof(marshal_rows[0]);
	     i++) {
		const struct marshal_row *r = &marshal_rows[i];

		print_message("%s\n", r->about);
		assert_int_equal(
		    marshal_walk(r->bytes, r->size, &nothing, NULL), r->want);
	}
}

static void
a_million_nested_tuples_are_refused(void **state)
{
	enum { DEEP = 2000000 };
	char *deep = malloc(DEEP);

	(void)state;
	assert_non_null(deep);
	for (size_t i = 0; i < DEEP; i += 2)
		memcpy(deep + i, ")\x01", 2);
	assert_int_equal(marshal_walk(deep, DEEP, &nothing, NULL), ERR_LIMIT);
	free(deep);
}

static void
what_cannot_be_decoded_is_suspicious(void **state)
{
	struct pycode p;

	(void)state;
	pycode_begin(&p);
	assert_int_equal(pycode_marshal(&p, BYTES("c???")), ERR_SHORT);
	assert_int_equal(p.verdict, VERDICT_SUSPICIOUS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_judged_whole),
		cmocka_unit_test(the_table_of_names_is_in_order),
		cmocka_unit_test(constants_are_searched_in_any_case),
		cmocka_unit_test(marshal_reads_these),
		cmocka_unit_test(a_million_nested_tuples_are_refused),
		cmocka_unit_test(what_cannot_be_decoded_is_suspicious),
	};

	return cmocka_run_group_tests_name("pycode", tests, NULL, NULL);
}
