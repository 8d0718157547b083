/* SPDX-License-Identifier: Apache-2.0 */
/* A list is sorted in its place, whatever its order and length. */
#include "unit/unit.h"

#include <stdbool.h>
#include <string.h>

#include "base/sort.h"

enum { MOST = 1000 };

struct thing {
	char about[SORT_ITEM_MAX - sizeof(unsigned)];
	unsigned key;
};

static int
by_key(const void *a, const void *b)
{
	const struct thing *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

static unsigned
rising(unsigned i, unsigned n)
{
	(void)n;
	return i;
}

static unsigned
falling(unsigned i, unsigned n)
{
	return n - i;
}

static unsigned
mixed(unsigned i, unsigned n)
{
	return i * 7919 % (n + 1);
}

static unsigned
few(unsigned i, unsigned n)
{
	(void)n;
	return i % 3;
}

static struct thing list[MOST];

/* The sum of the keys. */
static unsigned
fill(unsigned (*order)(unsigned, unsigned), unsigned n)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < n; i++) {
		list[i].key = order(i, n);
		memset(list[i].about, (int)(list[i].key & 0xff),
		    sizeof(list[i].about));
		sum += list[i].key;
	}
	return sum;
}

static void
is_sorted(unsigned n, unsigned want)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < n; i++) {
		sum += list[i].key;
		assert_int_equal((uint8_t)list[i].about[9], list[i].key & 0xff);
		if (i > 0)
			assert_true(list[i - 1].key <= list[i].key);
	}
	assert_int_equal(sum, want);
}

static void
every_order_and_length_is_sorted_and_nothing_lost(void **state)
{
	static unsigned (*const orders[])(
	    unsigned, unsigned) = { rising, falling, mixed, few };
	static const unsigned lengths[] = { 0, 1, 2, 3, 4, 5, 64, MOST };

	(void)state;
	for (size_t o = 0; o < COUNT(orders); o++)
		for (size_t k = 0; k < COUNT(lengths); k++) {
			unsigned sum = fill(orders[o], lengths[k]);

			sort_items(list, lengths[k], sizeof(list[0]), by_key);
			is_sorted(lengths[k], sum);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_order_and_length_is_sorted_and_nothing_lost),
	};

	return cmocka_run_group_tests_name("base/sort", tests, NULL, NULL);
}
