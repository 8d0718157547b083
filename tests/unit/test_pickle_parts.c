/* SPDX-License-Identifier: Apache-2.0 */
/* The machine's parts by themselves: text arguments, values and their ring,
 * the memo, the stream, and streams with holes. */
#include "unit/unit.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "byte/stream.h"
#include "model/limits.h"
#include "pickle/argument.h"
#include "pickle/holes.h"
#include "pickle/memo.h"
#include "pickle/value.h"

static struct budget
budget_new(void)
{
	return (struct budget){ .bytes = UINT64_MAX, .memory = LIMIT_MEMORY };
}

struct number_row {
	const char *text;
	size_t size;
	bool taken;
	int64_t value;
	bool odd, big;
};

static const struct number_row ints[] = {
	{ BYTES("0"), true, 0, false, false },
	{ BYTES("-15"), true, -15, false, false },
	{ BYTES("00"), true, 0, false, false },
	{ BYTES("01"), true, 1, false, false },
	{ BYTES("12L"), true, 12, false, false },
	{ BYTES("0x10"), true, 16, true, false },
	{ BYTES("0X1f"), true, 31, true, false },
	{ BYTES("0o17"), true, 15, true, false },
	{ BYTES("0b11"), true, 3, true, false },
	{ BYTES("010"), true, 8, true, false },
	{ BYTES("09"), true, 9, true, false },
	{ BYTES("1_0"), true, 10, true, false },
	{ BYTES("0x_1"), true, 1, true, false },
	{ BYTES(" 10 "), true, 10, true, false },
	{ BYTES("+5"), true, 5, true, false },
	{ BYTES("5\0junk"), true, 5, true, false },
	{ BYTES("9223372036854775807"), true, 0, false, true },
	{ BYTES("99999999999999999999"), true, 0, false, true },
	{ BYTES(""), false, 0, false, false },
	{ BYTES(" "), false, 0, false, false },
	{ BYTES("_1"), false, 0, false, false },
	{ BYTES("1_"), false, 0, false, false },
	{ BYTES("1__0"), false, 0, false, false },
	{ BYTES("--1"), false, 0, false, false },
	{ BYTES("1 1"), false, 0, false, false },
	{ BYTES("abc"), false, 0, false, false },
	{ BYTES("0x"), false, 0, false, false },
};

static void
numbers_are_read_as_the_most_lenient_loader_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ints); i++) {
		const struct number_row *r = &ints[i];
		struct number n;

		print_message("%s\n", r->text);
		assert_int_equal(
		    argument_int((const uint8_t *)r->text, r->size, &n),
		    r->taken);
		if (!r->taken)
			continue;
		assert_int_equal(n.odd, r->odd);
		assert_int_equal(n.big, r->big);
		if (!n.big)
			assert_int_equal(n.value, r->value);
	}
}

static void
keys_are_decimal(void **state)
{
	struct number n;

	(void)state;
	assert_true(argument_key((const uint8_t *)"12", 2, &n));
	assert_false(n.odd);
	assert_true(argument_key((const uint8_t *)"01", 2, &n));
	assert_int_equal(n.value, 1);
	assert_true(n.odd);
	assert_false(argument_key((const uint8_t *)"0x1", 3, &n));
}

static void
floats_are_read_as_the_most_lenient_loader_does(void **state)
{
	static const struct {
		const char *text;
		bool taken, odd;
	} floats[] = { { "1.5", true, false }, { "-1e-5", true, false },
		{ "nan", true, false }, { "-inf", true, false },
		{ "Infinity", true, false }, { " 1.5 ", true, true },
		{ "1_0.5", true, true }, { "", false, false },
		{ "x", false, false }, { "0x1p3", false, false } };
	bool odd;

	(void)state;
	for (size_t i = 0; i < COUNT(floats); i++) {
		const char *s = floats[i].text;

		print_message("%s\n", s);
		assert_int_equal(
		    argument_float((const uint8_t *)s, strlen(s), &odd),
		    floats[i].taken);
		if (floats[i].taken)
			assert_int_equal(odd, floats[i].odd);
	}
}

static void
escapes_are_undone(void **state)
{
	static const struct {
		const char *text, *want;
		enum err e;
	} rows[] = { { "\\x6f\\163", "os", ERR_OK },
		{ "\\\\\\'\\\"\\n\\t", "\\'\"\n\t", ERR_OK },
		{ "\\1611", "q1", ERR_OK }, { "\\q", "\\q", ERR_OK },
		{ "\\xe9", "\xc3\xa9", ERR_OK }, { "\\x6", "", ERR_MALFORMED },
		{ "a\\", "a", ERR_MALFORMED } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO(buf) struct buf out = buf_new(100);

		print_message("%s\n", rows[i].text);
		assert_int_equal(
		    argument_unescape(&out, (const uint8_t *)rows[i].text,
			strlen(rows[i].text), false),
		    rows[i].e);
		assert_string_equal(buf_text(&out), rows[i].want);
	}
}

static void
unicode_escapes_need_an_odd_backslash(void **state)
{
	static const struct {
		const char *text, *want;
		enum err e;
	} rows[] = { { "\\u006fs", "os", ERR_OK },
		{ "\\U0000006fs", "os", ERR_OK },
		{ "\\\\u006fs", "\\\\u006fs", ERR_OK },
		{ "\\\\\\u006fs", "\\\\os", ERR_OK },
		{ "\\x6fs", "\\x6fs", ERR_OK }, { "\xe9", "\xc3\xa9", ERR_OK },
		{ "\\ud800", "\xed\xa0\x80", ERR_OK },
		{ "\\u00", "", ERR_MALFORMED },
		{ "\\U00110000", "", ERR_MALFORMED } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO(buf) struct buf out = buf_new(100);

		print_message("%s\n", rows[i].text);
		assert_int_equal(
		    argument_unicode(&out, (const uint8_t *)rows[i].text,
			strlen(rows[i].text)),
		    rows[i].e);
		assert_string_equal(buf_text(&out), rows[i].want);
	}
}

static void
containers_keep_their_first_items(void **state)
{
	struct budget budget = budget_new();
	struct ring ring = ring_new(&budget);
	value list = ring_container(&ring, KIND_LIST), numbers[300], tuple;
	struct items items;

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++)
		numbers[i] = value_number((int64_t)i - 50, 0);
	tuple = ring_tuple(&ring, numbers, COUNT(numbers));
	ring_extend(&ring, list, numbers, 3);
	ring_extend(&ring, list, numbers + 3, COUNT(numbers) - 3);
	ring_items(&ring, tuple, &items);
	assert_true(items.known);
	assert_int_equal(items.n, VALUE_KEEP_TUPLE);
	assert_int_equal(items.count, COUNT(numbers));
	assert_int_equal(value_int(items.at[0]), -50);
	ring_items(&ring, list, &items);
	assert_int_equal(items.n, VALUE_KEEP);
	assert_int_equal(items.count, COUNT(numbers));
	assert_int_equal(value_int(items.at[63]), 13);
	ring_free(&ring);
	assert_int_equal(budget.memory, LIMIT_MEMORY);
}

static void
nodes_that_were_overwritten_are_forgotten(void **state)
{
	struct budget budget = budget_new();
	struct ring ring = ring_new(&budget);
	value one = value_number(1, 0);
	value first = ring_tuple(&ring, &one, 1), last = first;
	struct items items;

	(void)state;
	for (unsigned i = 0; i < 1000000; i++)
		last = ring_tuple(&ring, &one, 1);
	ring_items(&ring, first, &items);
	assert_false(items.known);
	assert_int_equal(value_kind(first), KIND_TUPLE);
	ring_items(&ring, last, &items);
	assert_true(items.known);
	assert_int_equal(items.n, 1);
	ring_items(&ring, ring_tuple(&ring, NULL, 0), &items);
	assert_true(items.known);
	assert_true(LIMIT_MEMORY - budget.memory <= 4u << 20);
	ring_free(&ring);
}

static void
calls_keep_who_was_called(void **state)
{
	struct budget budget = budget_new();
	struct ring ring = ring_new(&budget);
	value callee = value_make(KIND_GLOBAL, 7), args = KIND_NONE, c, a;
	value v = ring_call(&ring, 7, callee, args);

	(void)state;
	assert_int_equal(value_call_name(v), 7);
	assert_true(ring_call_parts(&ring, v, &c, &a));
	assert_int_equal(c, callee);
	assert_int_equal(a, args);
	ring_free(&ring);
}

static void
numbers_beyond_a_value_are_long(void **state)
{
	(void)state;
	assert_int_equal(value_int(value_number(-(INT64_C(1) << 55), 0)),
	    -(INT64_C(1) << 55));
	assert_int_equal(
	    value_kind(value_number(INT64_C(1) << 55, 9)), KIND_LONG);
}

static void
the_memo_counts_distinct_keys(void **state)
{
	struct budget budget = budget_new();
	struct memo m = memo_new(&budget);

	(void)state;
	memo_put(&m, 7, KIND_NONE);
	assert_int_equal(m.count, 1);
	memo_put(&m, 7, KIND_FLOAT);
	assert_int_equal(m.count, 1);
	memo_put(&m, UINT64_MAX, KIND_FLOAT);
	memo_put(&m, UINT64_MAX, KIND_NONE);
	memo_put(&m, 100000, KIND_SET);
	assert_int_equal(m.count, 3);
	for (uint64_t i = 0; i < 200000; i++)
		memo_put(&m, i, KIND_BUFFER);
	assert_int_equal(m.count, 200001);
	assert_int_equal(memo_get(&m, 100000), KIND_BUFFER);
	assert_int_equal(memo_get(&m, UINT64_MAX), KIND_NONE);
	assert_int_equal(memo_get(&m, 200000), KIND_NOTHING);
	memo_clear(&m);
	assert_int_equal(m.count, 0);
	assert_int_equal(memo_get(&m, 7), KIND_NOTHING);
	assert_int_equal(memo_get(&m, UINT64_MAX), KIND_NOTHING);
	memo_free(&m);
	assert_int_equal(budget.memory, LIMIT_MEMORY);
}

static void
a_full_memo_keeps_what_can_be_called(void **state)
{
	struct budget budget = budget_new();
	struct memo m = memo_new(&budget);
	value global = value_make(KIND_GLOBAL, 5);
	value text = value_make(KIND_STR, 77);

	(void)state;
	for (uint64_t i = 0; i < 2000000; i++)
		memo_put(&m, i, KIND_FLOAT);
	memo_put(&m, 2000000, global);
	memo_put(&m, 2000001, text);
	memo_recall(&m, text);
	for (uint64_t i = 2000002; i < 2000100; i++)
		memo_put(&m, i, KIND_FLOAT);
	assert_int_equal(memo_get(&m, 2000000), global);
	assert_int_equal(memo_get(&m, 2000001), text);
	assert_int_equal(memo_get(&m, 1999000), KIND_FORGOTTEN);
	assert_int_equal(m.count, 2000100);
	assert_true(LIMIT_MEMORY - budget.memory <= 12u << 20);
	memo_free(&m);
}

/* A reader of its own for a source, so that it is no memory to the stream. */
static enum err
slow_read(
    const struct source *s, uint64_t off, void *buf, size_t n, size_t *got)
{
	memcpy(buf, (const uint8_t *)s->context + off, n);
	*got = n;
	return ERR_OK;
}

static const struct source_ops slow_ops = { slow_read };

static struct source
slow_source(void *data, size_t size, struct budget *budget)
{
	return (struct source){ .ops = &slow_ops,
		.context = data,
		.fd = -1,
		.size = size,
		.budget = budget };
}

static void
a_stream_gives_every_byte_once(void **state)
{
	struct budget budget = budget_new();
	size_t size = 1000000;
	AUTO_FREE uint8_t *data = malloc(size);
	struct source s = slow_source(data, size, &budget);
	struct stream in;
	size_t at = 0;

	(void)state;
	assert_non_null(data);
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	assert_int_equal(stream_open(&in, &s), ERR_OK);
	while (at < size) {
		size_t n = 1 + at % 5000;
		uint8_t back[16];
		size_t got;

		n = n > size - at ? size - at : n;
		assert_int_equal(stream_fill(&in, n), ERR_OK);
		assert_int_equal(stream_pos(&in), at);
		assert_memory_equal(in.at, data + at, n);
		in.at += n;
		at += n;
		assert_int_equal(
		    stream_look(&in, at - 1, back, 1, &got), ERR_OK);
		assert_int_equal(back[0], data[at - 1]);
		if (at % 3 == 0 && size - at > 300000) {
			assert_int_equal(stream_skip(&in, 200000), ERR_OK);
			at += 200000;
		}
	}
	assert_int_equal(stream_fill(&in, 1), ERR_SHORT);
	assert_int_equal(stream_look(&in, 0, data, 1, &at), ERR_UNSUPPORTED);
	stream_free(&in);
	assert_int_equal(budget.memory, LIMIT_MEMORY);
}

static void
a_skip_past_the_end_is_short(void **state)
{
	struct budget budget = budget_new();
	uint8_t data[100] = { 0 };
	struct source memory = source_memory(data, sizeof(data), &budget);
	struct source slow = slow_source(data, sizeof(data), &budget);
	const struct source *const sources[] = { &memory, &slow };

	(void)state;
	for (size_t i = 0; i < COUNT(sources); i++) {
		struct stream in;

		assert_int_equal(stream_open(&in, sources[i]), ERR_OK);
		assert_int_equal(stream_skip(&in, 100), ERR_OK);
		assert_int_equal(stream_skip(&in, 1), ERR_SHORT);
		assert_int_equal(stream_skip(&in, UINT64_MAX), ERR_SHORT);
		stream_seek(&in, 5);
		assert_int_equal(stream_pos(&in), 5);
		assert_int_equal(stream_fill(&in, 95), ERR_OK);
		assert_int_equal(stream_fill(&in, 96), ERR_SHORT);
		stream_free(&in);
	}
}

static void
a_line_may_be_longer_than_the_window(void **state)
{
	struct budget budget = budget_new();
	size_t size = 600000;
	AUTO_FREE uint8_t *data = calloc(1, size);
	struct source s = slow_source(data, size, &budget);
	struct stream in;
	uint64_t length;
	bool held;

	(void)state;
	assert_non_null(data);
	data[10] = data[500000] = '\n';
	assert_int_equal(stream_open(&in, &s), ERR_OK);
	assert_int_equal(stream_line(&in, 3, &length, &held), ERR_OK);
	assert_true(held);
	assert_int_equal(length, 7);
	in.at += 11;
	assert_int_equal(stream_line(&in, 0, &length, &held), ERR_OK);
	assert_false(held);
	assert_int_equal(length, 499989);
	assert_int_equal(stream_pos(&in), 500001);
	assert_int_equal(stream_line(&in, 0, &length, &held), ERR_SHORT);
	assert_int_equal(length, 99999);
	stream_free(&in);
}

static void
count_bytes(void *context, const void *data, size_t n)
{
	(void)data;
	*(size_t *)context += n;
}

static void
the_tap_hears_what_is_taken_and_not_what_is_skipped(void **state)
{
	struct budget budget = budget_new();
	size_t size = 400000, heard = 0;
	AUTO_FREE uint8_t *data = calloc(1, size);
	struct source s = slow_source(data, size, &budget);
	struct stream in;

	(void)state;
	assert_int_equal(stream_open(&in, &s), ERR_OK);
	in.tap = count_bytes;
	in.tap_context = &heard;
	assert_int_equal(stream_fill(&in, 100), ERR_OK);
	in.at += 100;
	assert_int_equal(stream_skip(&in, 300000), ERR_OK);
	assert_int_equal(stream_fill(&in, 60000), ERR_OK);
	in.at += 60000;
	stream_free(&in);
	assert_int_equal(heard, 60100);
}

static void
holes_are_left_out(void **state)
{
	struct budget budget = budget_new();
	uint8_t out[8];
	struct source inner = source_memory("abcdefghij", 10, &budget), s;
	struct holes h;
	size_t got;

	(void)state;
	s = holes_open(&h, &inner);
	assert_true(holes_add(&h, 2, 3)); /* cde */
	assert_true(holes_add(&h, 4, 1)); /* h, behind fg */
	s.size -= 4;
	assert_int_equal(
	    source_read_some(&s, 0, out, sizeof(out), &got), ERR_OK);
	assert_int_equal(got, 6);
	assert_memory_equal(out, "abfgij", 6);
	assert_int_equal(holes_place(&h, 0), 0);
	assert_int_equal(holes_place(&h, 2), 5);
	assert_int_equal(holes_place(&h, 4), 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    numbers_are_read_as_the_most_lenient_loader_does),
		cmocka_unit_test(keys_are_decimal),
		cmocka_unit_test(
		    floats_are_read_as_the_most_lenient_loader_does),
		cmocka_unit_test(escapes_are_undone),
		cmocka_unit_test(unicode_escapes_need_an_odd_backslash),
		cmocka_unit_test(containers_keep_their_first_items),
		cmocka_unit_test(nodes_that_were_overwritten_are_forgotten),
		cmocka_unit_test(calls_keep_who_was_called),
		cmocka_unit_test(numbers_beyond_a_value_are_long),
		cmocka_unit_test(the_memo_counts_distinct_keys),
		cmocka_unit_test(a_full_memo_keeps_what_can_be_called),
		cmocka_unit_test(a_stream_gives_every_byte_once),
		cmocka_unit_test(a_skip_past_the_end_is_short),
		cmocka_unit_test(a_line_may_be_longer_than_the_window),
		cmocka_unit_test(
		    the_tap_hears_what_is_taken_and_not_what_is_skipped),
		cmocka_unit_test(holes_are_left_out),
	};

	return cmocka_run_group_tests_name("pickle/parts", tests, NULL, NULL);
}
