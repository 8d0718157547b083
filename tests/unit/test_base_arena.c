/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>

#include "base/arena.h"
#include "base/own.h"

static void
memory_is_zeroed_aligned_and_apart(void **state)
{
	AUTO(arena) struct arena a = arena_new(1 << 20);
	unsigned char *old = NULL;

	(void)state;
	for (size_t size = 1; size < 3000; size += 37) {
		unsigned char *p = arena_take(&a, size);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
		assert_ptr_not_equal(p, old);
		old = p;
	}
}

static void
the_ceiling_holds_and_small_pieces_still_fit(void **state)
{
	AUTO(arena) struct arena a = arena_new(64);

	(void)state;
	assert_null(arena_take(&a, 65));
	assert_null(arena_take(&a, SIZE_MAX));
	assert_non_null(arena_take(&a, 40));
	assert_int_equal(a.used, 48);
	assert_null(arena_take(&a, 17));
	assert_non_null(arena_take(&a, 16));
	assert_null(arena_take(&a, 1));
	assert_int_equal(a.used, 64);
}

static void
a_piece_larger_than_a_block_is_given(void **state)
{
	AUTO(arena) struct arena a = arena_new(1 << 20);
	unsigned char *p = arena_take(&a, 100000);

	(void)state;
	assert_non_null(p);
	p[99999] = 1;
	assert_non_null(arena_take(&a, 16));
}

static void
copies_and_printed_text_end_in_a_nul(void **state)
{
	AUTO(arena) struct arena a = arena_new(1000);
	char *copy = arena_copy(&a, "a\0bc", 3);

	(void)state;
	assert_memory_equal(copy, "a\0b\0", 4);
	assert_string_equal(arena_copy(&a, NULL, 0), "");
	assert_string_equal(arena_printf(&a, "%s %d", "x", 12), "x 12");
	assert_null(arena_copy(&a, "", SIZE_MAX));
	assert_null(arena_printf(&a, "%2000d", 1));
}

static void
a_freed_arena_can_be_used_again(void **state)
{
	struct arena a = arena_new(32);

	(void)state;
	assert_non_null(arena_take(&a, 32));
	arena_free(&a);
	assert_non_null(arena_take(&a, 32));
	arena_free(&a);
	arena_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
		cmocka_unit_test(the_ceiling_holds_and_small_pieces_still_fit),
		cmocka_unit_test(a_piece_larger_than_a_block_is_given),
		cmocka_unit_test(copies_and_printed_text_end_in_a_nul),
		cmocka_unit_test(a_freed_arena_can_be_used_again),
	};

	return cmocka_run_group_tests_name("base/arena", tests, NULL, NULL);
}
