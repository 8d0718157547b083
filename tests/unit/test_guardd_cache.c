/* SPDX-License-Identifier: Apache-2.0 */
/* Files are found again, the one not used for longest goes first, and openers
 * are due in the order in which they came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "guardd/cache.h"
#include "guardd/event.h"
#include "guardd/family.h"

enum { ROOM = 100 };

static struct subject *
add(struct cache *c, uint64_t dev, uint64_t ino)
{
	struct facts f = { .dev = dev, .ino = ino };

	return cache_add(c, &f);
}

static void
test_a_file_is_its_device_and_inode(void **state)
{
	struct cache *c;
	struct subject *a, *b;

	(void)state;
	assert_int_equal(cache_new(ROOM, &c), ERR_OK);
	a = add(c, 1, 7);
	b = add(c, 2, 7);
	assert_ptr_not_equal(a, b);
	assert_ptr_equal(cache_find(c, 1, 7), a);
	assert_ptr_equal(cache_find(c, 2, 7), b);
	assert_null(cache_find(c, 3, 7));
	cache_drop(c, a);
	assert_null(cache_find(c, 1, 7));
	assert_ptr_equal(cache_find(c, 2, 7), b);
	cache_free(c);
}

static void
test_a_full_table_says_so(void **state)
{
	struct cache *c;

	(void)state;
	assert_int_equal(cache_new(ROOM, &c), ERR_OK);
	for (uint64_t i = 0; i < ROOM; i++)
		assert_non_null(add(c, 1, i));
	assert_null(add(c, 1, ROOM));
	assert_int_equal(cache_used(c), ROOM);
	for (uint64_t i = 0; i < ROOM; i++)
		assert_non_null(cache_find(c, 1, i));
	cache_drop(c, cache_find(c, 1, 50));
	assert_non_null(add(c, 1, ROOM));
	cache_free(c);
}

static void
test_the_least_used_is_the_oldest(void **state)
{
	struct cache *c;
	struct subject *s[3];

	(void)state;
	assert_int_equal(cache_new(ROOM, &c), ERR_OK);
	for (uint64_t i = 0; i < 3; i++) {
		s[i] = add(c, 1, i);
		cache_rest(c, s[i], SUBJECT_TOKEN);
	}
	assert_ptr_equal(cache_oldest(c, SUBJECT_TOKEN), s[0]);
	cache_rest(c, s[0], SUBJECT_TOKEN); /* used */
	assert_ptr_equal(cache_oldest(c, SUBJECT_TOKEN), s[1]);
	cache_wake(c, s[1], SUBJECT_QUEUED);
	assert_ptr_equal(cache_oldest(c, SUBJECT_TOKEN), s[2]);
	cache_rest(c, s[1], SUBJECT_FLAGGED);
	assert_int_equal(cache_count(c, SUBJECT_TOKEN), 2);
	assert_int_equal(cache_count(c, SUBJECT_FLAGGED), 1);
	cache_drop(c, s[2]);
	assert_ptr_equal(cache_oldest(c, SUBJECT_TOKEN), s[0]);
	assert_int_equal(cache_count(c, SUBJECT_TOKEN), 1);
	assert_null(cache_oldest(c, SUBJECT_NOTED));
	cache_free(c);
}

static void
test_all_are_gone_through_once(void **state)
{
	struct cache *c;
	struct subject *s = NULL;
	unsigned seen = 0;

	(void)state;
	assert_int_equal(cache_new(ROOM, &c), ERR_OK);
	for (uint64_t i = 0; i < 10; i++)
		(void)add(c, 1, i);
	cache_drop(c, cache_find(c, 1, 0));
	cache_drop(c, cache_find(c, 1, 9));
	while ((s = cache_next(c, s)) != NULL)
		seen++;
	assert_int_equal(seen, 8);
	cache_free(c);
}

static void
test_the_first_to_come_is_the_first_due(void **state)
{
	struct events e;
	struct event *a, *b;

	(void)state;
	assert_int_equal(events_new(2, &e), ERR_OK);
	assert_int_equal(events_due(&e), UINT64_MAX);
	a = events_take(&e);
	b = events_take(&e);
	assert_null(events_take(&e));
	a->deadline = 10;
	b->deadline = 20;
	list_push(&e.waiting, &a->due);
	list_push(&e.waiting, &b->due);
	assert_int_equal(events_due(&e), 10);
	b->deadline = 5;
	list_push(&e.telling, &b->due);
	assert_int_equal(events_due(&e), 5);
	events_give(&e, b);
	assert_int_equal(events_due(&e), 10);
	events_give(&e, a);
	assert_int_equal(events_due(&e), UINT64_MAX);
	assert_int_equal(e.used, 0);
	events_free(&e);
}

/* A word about an opener that was answered is about nobody. */
static void
test_numbers_are_not_used_twice(void **state)
{
	struct events e;
	struct event *a;
	uint32_t first;

	(void)state;
	assert_int_equal(events_new(1, &e), ERR_OK);
	a = events_take(&e);
	first = a->seq;
	list_push(&e.telling, &a->due);
	assert_ptr_equal(events_find(&e, first), a);
	events_give(&e, a);
	assert_null(events_find(&e, first));
	a = events_take(&e);
	list_push(&e.telling, &a->due);
	assert_null(events_find(&e, first));
	assert_int_not_equal(a->seq, 0);
	e.seq = UINT32_MAX;
	events_give(&e, a);
	a = events_take(&e);
	assert_int_not_equal(a->seq, 0);
	events_free(&e);
}

static void
test_lists_keep_their_order(void **state)
{
	struct link list, other, l[3];

	(void)state;
	list_init(&list);
	list_init(&other);
	for (int i = 0; i < 3; i++) {
		list_init(&l[i]);
		list_push(&list, &l[i]);
	}
	assert_ptr_equal(list_first(&list), &l[0]);
	list_push_front(&list, &l[2]);
	assert_ptr_equal(list_first(&list), &l[2]);
	list_leave(&l[2]);
	list_leave(&l[2]); /* twice is harmless */
	list_move(&other, &list);
	assert_true(list_empty(&list));
	assert_null(list_first(&list));
	assert_ptr_equal(list_first(&other), &l[0]);
	assert_ptr_equal(l[0].next, &l[1]);
}

static void
test_family_is_who_joined(void **state)
{
	struct family f = { .count = 0 };

	(void)state;
	for (pid_t p = 1; p <= FAMILY_MAX; p++)
		assert_true(family_add(&f, p));
	assert_true(family_add(&f, 5)); /* again */
	assert_false(family_add(&f, FAMILY_MAX + 1));
	family_drop(&f, 1);
	assert_false(family_has(&f, 1));
	assert_true(family_has(&f, FAMILY_MAX));
	family_drop(&f, 1);
	assert_int_equal(f.count, FAMILY_MAX - 1);
	assert_false(family_has(&f, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file_is_its_device_and_inode),
		cmocka_unit_test(test_a_full_table_says_so),
		cmocka_unit_test(test_the_least_used_is_the_oldest),
		cmocka_unit_test(test_all_are_gone_through_once),
		cmocka_unit_test(test_the_first_to_come_is_the_first_due),
		cmocka_unit_test(test_numbers_are_not_used_twice),
		cmocka_unit_test(test_lists_keep_their_order),
		cmocka_unit_test(test_family_is_who_joined),
	};

	return cmocka_run_group_tests_name("guardd/cache", tests, NULL, NULL);
}
