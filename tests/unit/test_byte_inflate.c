/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "base/own.h"
#include "byte/inflate.h"
#include "model/limits.h"

struct sample {
	const char *about;
	enum inflate_kind kind;
	unsigned times;  /* how often the text comes out */
	enum err behind; /* what the read behind it says */
	size_t size;
	const char *bytes;
};

#include "inflate_samples.h"

enum { TEXT_TIMES = 3, READ_MAX = 4096, BIG = 700 * 1000 };

static struct budget
plenty(void)
{
	return (struct budget){ .bytes = UINT64_C(1) << 32,
		.memory = LIMIT_MEMORY };
}

/* Read from the front to the end or damage, in pieces of step bytes. */
static enum err
read_all(const struct source *s, uint8_t *to, size_t step, size_t *done)
{
	size_t got;
	enum err e;

	*done = 0;
	do {
		e = source_read_some(s, *done, to + *done, step, &got);
		if (e == ERR_OK)
			*done += got;
	} while (e == ERR_OK && got > 0);
	return e;
}

/* Does the sample unpack to its text and then say what it should? */
static void
check_sample(const struct sample *r, size_t step)
{
	static const char line[] = SAMPLE_TEXT;
	struct budget b = plenty();
	struct source raw = source_memory(r->bytes, r->size, &b);
	struct source out;
	struct inflate *f = NULL;
	uint8_t text[READ_MAX];
	size_t size, lines = r->times * TEXT_TIMES;

	assert_int_equal(inflate_open(&raw, r->kind, &f, &out), ERR_OK);
	assert_int_equal(read_all(&out, text, step, &size), r->behind);
	assert_int_equal(size, lines * (sizeof(line) - 1));
	for (size_t i = 0; i < lines; i++)
		assert_memory_equal(
		    text + i * (sizeof(line) - 1), line, sizeof(line) - 1);
	assert_int_equal(inflate_ended(f), r->behind == ERR_OK);
	inflate_free(&f);
	assert_null(f);
	assert_int_equal(b.memory, LIMIT_MEMORY);
}

static void
test_samples_unpack_as_the_loaders_unpack_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		print_message("%s\n", samples[i].about);
		check_sample(&samples[i], 1);
		check_sample(&samples[i], 1000);
	}
}

static void
test_junk_behind_the_end_is_not_consumed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		const struct sample *r = &samples[i];
		struct budget b = plenty();
		struct source raw = source_memory(r->bytes, r->size, &b), out;
		struct inflate *f = NULL;
		uint8_t text[READ_MAX];
		size_t size, junk = r->kind == INFLATE_DEFLATE ? 2 : 4;

		if (strstr(r->about, "junk behind") == NULL)
			continue;
		if (r->kind == INFLATE_XZ)
			junk = strlen("junk and more junk");
		assert_int_equal(inflate_open(&raw, r->kind, &f, &out), ERR_OK);
		assert_int_equal(read_all(&out, text, 1000, &size), ERR_OK);
		assert_int_equal(inflate_consumed(f), r->size - junk);
		inflate_free(&f);
	}
}

/* Bytes that compress well, but not to nothing, and look far back. */
static void
fill(uint8_t *p, size_t n)
{
	uint32_t x = 1;

	for (size_t i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		p[i] = i > 4096 && (x >> 28) != 0 ? p[i - 4096]
						  : (uint8_t)(x >> 24);
	}
}

static size_t
pack_zlib(const uint8_t *in, size_t n, uint8_t *out, size_t room, int bits)
{
	z_stream z = { 0 };

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, bits, 8, 0), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)in;
	z.avail_in = (unsigned)n;
	z.next_out = out;
	z.avail_out = (unsigned)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	(void)deflateEnd(&z);
	return room - z.avail_out;
}

static size_t
pack_lzma(const uint8_t *in, size_t n, uint8_t *out, size_t room, bool alone)
{
	lzma_stream z = LZMA_STREAM_INIT;
	lzma_options_lzma options;

	(void)lzma_lzma_preset(&options, 1);
	assert_int_equal(alone ? lzma_alone_encoder(&z, &options)
			       : lzma_easy_encoder(&z, 1, LZMA_CHECK_CRC64),
	    LZMA_OK);
	z.next_in = in;
	z.avail_in = n;
	z.next_out = out;
	z.avail_out = room;
	assert_int_equal(lzma_code(&z, LZMA_FINISH), LZMA_STREAM_END);
	lzma_end(&z);
	return room - z.avail_out;
}

/* The same bytes for any kind that has a writer here; 0 for the others. */
static size_t
pack(enum inflate_kind kind, const uint8_t *in, size_t n, uint8_t *out,
    size_t room)
{
	unsigned bz = (unsigned)room;

	switch (kind) {
	case INFLATE_DEFLATE:
		return pack_zlib(in, n, out, room, -15);
	case INFLATE_ZLIB:
		return pack_zlib(in, n, out, room, 15);
	case INFLATE_GZIP:
		return pack_zlib(in, n, out, room, 31);
	case INFLATE_BZIP2:
		assert_int_equal(
		    BZ2_bzBuffToBuffCompress((char *)out, &bz,
			(char *)(uintptr_t)in, (unsigned)n, 1, 0, 0),
		    BZ_OK);
		return bz;
	case INFLATE_XZ:
		return pack_lzma(in, n, out, room, false);
	case INFLATE_LZMA:
		return pack_lzma(in, n, out, room, true);
	case INFLATE_ZSTD:
		return ZSTD_compress(out, room, in, n, 3);
	case INFLATE_LZ4:
		return LZ4F_compressFrame(out, room, in, n, NULL);
	case INFLATE_ZIP_LZMA:
		break;
	}
	return 0;
}

struct big {
	uint8_t *text, *packed, *again;
	size_t room;
};

static void
big_free(struct big *b)
{
	free(b->text);
	free(b->packed);
	free(b->again);
}

static struct big
big_new(void)
{
	struct big b = { .text = malloc(BIG),
		.packed = malloc(2 * BIG),
		.again = malloc(BIG + READ_MAX),
		.room = 2 * BIG };

	assert_true(b.text != NULL && b.packed != NULL && b.again != NULL);
	fill(b.text, BIG);
	return b;
}

static void
test_a_big_stream_reads_the_same_in_any_order(void **state)
{
	static const struct {
		size_t off, n;
	} looks[] = { { 0, 512 }, { 0, 4000 }, { 100000, 70000 }, { 90000, 9 },
		{ 699990, 10 }, { 3, 1 }, { 0, BIG }, { 699999, 1 } };
	AUTO(big) struct big big = big_new();

	(void)state;
	for (unsigned kind = 0; kind <= INFLATE_LZ4; kind++) {
		size_t size = pack(kind, big.text, BIG, big.packed, big.room);
		struct budget b = plenty();
		struct source raw = source_memory(big.packed, size, &b), out;
		struct inflate *f = NULL;
		size_t got;

		if (size == 0)
			continue;
		print_message("kind %u\n", kind);
		assert_int_equal(inflate_open(&raw, kind, &f, &out), ERR_OK);
		for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
			assert_int_equal(source_read(&out, looks[i].off,
					     big.again, looks[i].n),
			    ERR_OK);
			assert_memory_equal(
			    big.again, big.text + looks[i].off, looks[i].n);
		}
		assert_int_equal(
		    source_read_some(&out, BIG, big.again, 1, &got), ERR_OK);
		assert_int_equal(got, 0);
		assert_true(inflate_ended(f));
		assert_int_equal(inflate_consumed(f), size);
		inflate_free(&f);
		assert_int_equal(b.memory, LIMIT_MEMORY);
	}
}

static void
test_what_comes_before_damage_is_never_lost(void **state)
{
	AUTO(big) struct big big = big_new();

	(void)state;
	for (unsigned kind = 0; kind <= INFLATE_LZ4; kind++) {
		size_t size = pack(kind, big.text, BIG, big.packed, big.room);
		struct budget b = plenty();
		struct source raw, out;
		struct inflate *f = NULL;
		size_t got;
		enum err e;

		if (size == 0)
			continue;
		print_message("kind %u\n", kind);
		memset(big.packed + size * 3 / 4, 0xff, 64);
		raw = source_memory(big.packed, size, &b);
		assert_int_equal(inflate_open(&raw, kind, &f, &out), ERR_OK);
		e = read_all(&out, big.again, 1000, &got);
		print_message(
		    "kind %u: %zu bytes, %s\n", kind, got, err_name(e));
		/* raw deflate has no checksum */
		assert_true(e == ERR_MALFORMED || e == ERR_SHORT ||
		    kind == INFLATE_DEFLATE);
		/* xz, lzma and bzip2 work in large blocks */
		assert_true(got > BIG / 4);
		assert_memory_equal(big.again, big.text, BIG / 4);
		inflate_free(&f);
	}
}

static void
test_a_cut_stream_is_short_and_never_ended(void **state)
{
	AUTO(big) struct big big = big_new();

	(void)state;
	for (unsigned kind = 0; kind <= INFLATE_LZ4; kind++) {
		size_t size = pack(kind, big.text, BIG, big.packed, big.room);
		struct budget b = plenty();
		struct source raw = source_memory(big.packed, size / 2, &b);
		struct source out;
		struct inflate *f = NULL;
		size_t got;

		if (size == 0)
			continue;
		print_message("kind %u\n", kind);
		assert_int_equal(inflate_open(&raw, kind, &f, &out), ERR_OK);
		assert_int_equal(
		    read_all(&out, big.again, 5000, &got), ERR_SHORT);
		assert_false(inflate_ended(f));
		inflate_free(&f);
	}
}

static void
test_a_bomb_ends_at_the_byte_budget(void **state)
{
	AUTO(big) struct big big = big_new();

	(void)state;
	memset(big.text, 0, BIG);
	for (unsigned kind = 0; kind <= INFLATE_LZ4; kind++) {
		size_t size = pack(kind, big.text, BIG, big.packed, big.room);
		struct budget b = { .bytes = BIG / 2, .memory = LIMIT_MEMORY };
		struct source raw = source_memory(big.packed, size, &b), out;
		struct inflate *f = NULL;
		size_t got;

		if (size == 0)
			continue;
		print_message("kind %u\n", kind);
		assert_int_equal(inflate_open(&raw, kind, &f, &out), ERR_OK);
		assert_int_equal(
		    read_all(&out, big.again, 5000, &got), ERR_LIMIT);
		assert_true(got <= BIG / 2);
		assert_int_equal(b.spent, BUDGET_BYTES);
		inflate_free(&f);
	}
}

static void
test_memory_is_charged_before_it_is_taken(void **state)
{
	AUTO(big) struct big big = big_new();

	(void)state;
	for (unsigned kind = 0; kind <= INFLATE_LZ4; kind++) {
		size_t size = pack(kind, big.text, BIG, big.packed, big.room);
		struct budget b = { .bytes = BIG * 4, .memory = 90 * 1024 };
		struct source raw = source_memory(big.packed, size, &b), out;
		struct inflate *f = NULL;
		size_t got;

		if (size == 0)
			continue;
		print_message("kind %u\n", kind);
		assert_int_equal(inflate_open(&raw, kind, &f, &out), ERR_OK);
		assert_int_equal(
		    read_all(&out, big.again, 5000, &got), ERR_LIMIT);
		inflate_free(&f);
		assert_int_equal(b.memory, 90 * 1024);
	}
}

static void
test_a_window_beyond_the_limit_is_a_limit(void **state)
{
	/* a zstd frame of one raw block, with a window of 16 MiB */
	static const char frame[] = "\x28\xb5\x2f\xfd\x00\x70\x09\x00\x00x";
	struct budget b = plenty();
	struct source raw = source_memory(frame, sizeof(frame) - 1, &b), out;
	struct inflate *f = NULL;
	uint8_t byte;
	size_t got;

	(void)state;
	assert_int_equal(inflate_open(&raw, INFLATE_ZSTD, &f, &out), ERR_OK);
	assert_int_equal(source_read_some(&out, 0, &byte, 1, &got), ERR_LIMIT);
	inflate_free(&f);
}

static void
test_a_little_look_reads_little(void **state)
{
	AUTO(big) struct big big = big_new();
	size_t size =
	    pack(INFLATE_DEFLATE, big.text, BIG, big.packed, big.room);
	struct budget b = plenty();
	struct source raw = source_memory(big.packed, size, &b), out;
	struct inflate *f = NULL;
	uint8_t front[64];

	(void)state;
	assert_int_equal(inflate_open(&raw, INFLATE_DEFLATE, &f, &out), ERR_OK);
	assert_int_equal(source_read(&out, 0, front, sizeof(front)), ERR_OK);
	assert_int_equal(plenty().bytes - b.bytes, sizeof(front));
	assert_true(inflate_consumed(f) <= 512);
	inflate_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_samples_unpack_as_the_loaders_unpack_them),
		cmocka_unit_test(test_junk_behind_the_end_is_not_consumed),
		cmocka_unit_test(test_a_big_stream_reads_the_same_in_any_order),
		cmocka_unit_test(test_what_comes_before_damage_is_never_lost),
		cmocka_unit_test(test_a_cut_stream_is_short_and_never_ended),
		cmocka_unit_test(test_a_bomb_ends_at_the_byte_budget),
		cmocka_unit_test(test_memory_is_charged_before_it_is_taken),
		cmocka_unit_test(test_a_window_beyond_the_limit_is_a_limit),
		cmocka_unit_test(test_a_little_look_reads_little),
	};

	return cmocka_run_group_tests_name("byte/inflate", tests, NULL, NULL);
}
