/* SPDX-License-Identifier: Apache-2.0 */
/* Events are taken one by one off what the kernel gives, wherever they lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "guardd/fan.h"

enum { ROOM = 256, PIDFD = 4, FID = 1 };

/* Append an event with one record of size bytes; returns the new end. */
static size_t
put(char *buf, size_t at, int fd, uint8_t type, uint16_t size)
{
	struct fanotify_event_info_header h = { .info_type = type,
		.len = (uint16_t)(sizeof(h) + size) };
	struct fanotify_event_metadata m = { .vers = FANOTIFY_METADATA_VERSION,
		.metadata_len = sizeof(m),
		.event_len = (uint32_t)(sizeof(m) + sizeof(h) + size),
		.mask = FAN_OPEN_PERM,
		.fd = fd };

	memcpy(buf + at, &m, sizeof(m));
	memcpy(buf + at + sizeof(m), &h, sizeof(h));
	memset(buf + at + sizeof(m) + sizeof(h), fd, size);
	return at + m.event_len;
}

static void
test_events_need_not_be_aligned(void **state)
{
	char buf[ROOM];
	size_t left = put(buf, put(buf, 0, 7, FID, 27), 9, PIDFD, 4), size;
	const char *at = buf, *body;
	struct fan_event e;

	(void)state;
	assert_true(fan_next(&at, &left, &e));
	assert_int_equal(e.head.fd, 7);
	body = fan_info(&e, FID, &size);
	assert_non_null(body);
	assert_int_equal(size, 27);
	assert_int_equal(body[26], 7);
	assert_null(fan_info(&e, PIDFD, &size));
	assert_true(fan_next(&at, &left, &e));
	assert_int_equal(e.head.fd, 9);
	assert_non_null(fan_info(&e, PIDFD, &size));
	assert_int_equal(size, 4);
	assert_false(fan_next(&at, &left, &e));
	assert_int_equal(left, 0);
}

static void
test_what_is_cut_is_no_event(void **state)
{
	char buf[ROOM];
	size_t whole = put(buf, 0, 7, PIDFD, 4);

	(void)state;
	for (size_t n = 0; n < whole; n++) {
		const char *at = buf;
		struct fan_event e;
		size_t left = n;

		assert_false(fan_next(&at, &left, &e));
	}
}

static void
test_lengths_that_lie_end_it(void **state)
{
	static const struct {
		size_t at;
		uint16_t value;
	} rows[] = {
		{ 0, 8 },   /* event shorter than its head */
		{ 0, 250 }, /* longer than what is there */
		{ 6, 8 },   /* head shorter than itself */
		{ 6, 200 }, /* head longer than the event */
		{ 4, 1 },   /* another version */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char buf[ROOM];
		size_t left = put(buf, 0, 7, PIDFD, 4);
		const char *at = buf;
		struct fan_event e;

		memcpy(
		    buf + rows[i].at, &rows[i].value, rows[i].at == 4 ? 1 : 2);
		assert_false(fan_next(&at, &left, &e));
	}
}

static void
test_a_record_beyond_its_event_is_none(void **state)
{
	char buf[ROOM];
	size_t left = put(buf, 0, 7, PIDFD, 4), size;
	const char *at = buf;
	uint16_t lies[] = { 0, 3, 9 };
	struct fan_event e;

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		memcpy(buf + sizeof(e.head) + 2, &lies[i], 2);
		at = buf;
		left = sizeof(e.head) + 8;
		assert_true(fan_next(&at, &left, &e));
		assert_null(fan_info(&e, PIDFD, &size));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events_need_not_be_aligned),
		cmocka_unit_test(test_what_is_cut_is_no_event),
		cmocka_unit_test(test_lengths_that_lie_end_it),
		cmocka_unit_test(test_a_record_beyond_its_event_is_none),
	};

	return cmocka_run_group_tests_name("guardd/fan", tests, NULL, NULL);
}
