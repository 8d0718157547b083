/* SPDX-License-Identifier: Apache-2.0 */
/* What stands behind the items that are kept of a container counts as well:
 * honest ones of any size pass, and no number of numbers hides a text. */
#include "unit/pickle_run.h"

#define MAL VERDICT_MALICIOUS
#define UNV VERDICT_UNVERIFIED
#define UNK VERDICT_UNKNOWN

#define P "\x80\x04"
#define G(module, name) "c" module "\n" name "\n"
#define S(text) "V" text "\n"
#define ADD G("sympy.core.add", "Add")
#define MATRIX G("sympy.matrices.dense", "MutableDenseMatrix")
#define SYMBOL G("sympy.core.symbol", "Symbol") S("x") "\x85\x81"
#define CODE G("types", "CodeType") "(K\1K\0K\0K\1K\2K\3C\1a(NK\1t("

enum { FEW = 10, MANY = 1000 };

/* head, unit as often as times says, tail. */
static const struct many_row {
	const char *about, *head;
	size_t head_size;
	const char *unit;
	size_t unit_size;
	const char *tail;
	size_t tail_size, times;
	enum verdict verdict;
} rows[] = {
	{ "a sum of many symbols", BYTES(P ADD "("), BYTES(SYMBOL),
	    BYTES("t\x81."), MANY, UNK },
	{ "a sum of many symbols, by the memo", BYTES(P SYMBOL "q\1" ADD "("),
	    BYTES("h\1"), BYTES("t\x81."), MANY, UNK },
	{ "a sum that ends with a text", BYTES(P ADD "("), BYTES(SYMBOL),
	    BYTES(S("f(1)") "t\x81."), MANY, MAL },
	{ "a sum that ends with a tuple of a text", BYTES(P ADD "("),
	    BYTES(SYMBOL), BYTES(S("f(1)") "\x85t\x81."), MANY, MAL },
	{ "a sum that ends with the result of another call", BYTES(P ADD "("),
	    BYTES(SYMBOL), BYTES(G("m", "f") ")Rt\x81."), MANY, MAL },
	{ "a sum that ends with a set", BYTES(P ADD "("), BYTES(SYMBOL),
	    BYTES("\x8f(" S("f(1)") "\x90t\x81."), MANY, UNV },
	{ "a matrix of many numbers", BYTES(P MATRIX "]("), BYTES("K\1"),
	    BYTES("e\x85R."), MANY, UNK },
	{ "a matrix of many rows", BYTES(P MATRIX "]("), BYTES("](K\1K\2e"),
	    BYTES("e\x85R."), MANY, UNK },
	{ "a matrix of many rows and a text in the last", BYTES(P MATRIX "]("),
	    BYTES("](K\1K\2e"), BYTES("](K\1" S("f(1)") "ee\x85R."), MANY,
	    MAL },
	{ "a matrix of few rows and a text in the last", BYTES(P MATRIX "]("),
	    BYTES("](K\1K\2e"), BYTES("](K\1" S("f(1)") "ee\x85R."), FEW, MAL },
	{ "a text that joins a row which stands in the matrix",
	    BYTES(P MATRIX "]("), BYTES("](K\1K\2e"),
	    BYTES("]q\1eh\1" S("f(1)") "a0\x85R."), MANY, UNV },
	{ "a matrix that was made before sympy was named", BYTES(P "]("),
	    BYTES("K\1"), BYTES("eq\1" MATRIX "h\1\x85R."), MANY, UNV },
	{ "code of many names", BYTES(P CODE), BYTES(S("x")),
	    BYTES("t(" S("x") "t" S("f") S("f") "K\1C\0))tR."), 200, UNK },
	{ "code of many names, and one that runs commands", BYTES(P CODE),
	    BYTES(S("x")),
	    BYTES(S("os") S("system") "t(" S("x") "t" S("f")
		    S("f") "K\1C\0))tR."),
	    200, MAL },
	{ "code of more names than are kept", BYTES(P CODE), BYTES(S("x")),
	    BYTES("t(" S("x") "t" S("f") S("f") "K\1C\0))tR."), MANY, UNV },
	{ "a class of many attributes",
	    BYTES(P G("builtins", "type") S("C") ")}("), BYTES(S("a") "N"),
	    BYTES("u\x87R."), 100, UNK },
};

static void
many_items_are_judged_to_the_last(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct many_row *row = &rows[i];
		AUTO(buf) struct buf b = buf_new(1 << 20);
		struct run r;

		print_message("%s\n", row->about);
		assert_int_equal(
		    buf_add(&b, row->head, row->head_size), ERR_OK);
		for (size_t k = 0; k < row->times; k++)
			assert_int_equal(
			    buf_add(&b, row->unit, row->unit_size), ERR_OK);
		assert_int_equal(
		    buf_add(&b, row->tail, row->tail_size), ERR_OK);
		run_bytes(&r, b.data, b.size);
		assert_string_equal(
		    verdict_name(r.report.verdict), verdict_name(row->verdict));
		run_end(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_items_are_judged_to_the_last),
	};

	return cmocka_run_group_tests_name("pickle/many", tests, NULL, NULL);
}
