/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "container_fakes.h"
#include "format/formats.h"
#include "format/zip_dir.h"
#include "zip_maker.h"

/* Once more the first n bytes of a directory. */
static void
put_all_again(struct buf *b, size_t n)
{
	uint8_t entry[128];

	assert_in_range(n, 1, sizeof(entry));
	memcpy(entry, b->data, n);
	assert_int_equal(buf_add(b, entry, n), ERR_OK);
}

/*
 * An archive at the end of another one: its end record is looked for as far
 * back as readers look (64 KiB), unless it lies in a member, where no reader
 * takes it for the archive's.
 */
static void
test_end_records_are_found_as_far_back_as_readers_look(void **state)
{
	enum { BEHIND = 30000, BEYOND = 70000 };
	static const uint8_t filler[BEYOND];
	static const struct {
		size_t behind; /* bytes after the first archive */
		bool member;   /* which lies in the second as a member */
		bool found;
		uint64_t read; /* at most */
	} rows[] = {
		{ 100, false, true, 70000 },
		{ BEHIND, false, true, 70000 },
		{ BEYOND, false, false, 70000 },
		{ BEHIND, true, false, 5000 },
		{ BEYOND, true, false, 5000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char path[] = "/tmp/ckptguard-ends.XXXXXX";
		AUTO(maker) struct maker in = maker_new(-1);
		AUTO(maker) struct maker m = maker_new(mkstemp(path));
		struct budget b = { .bytes = UINT32_MAX,
			.memory = LIMIT_MEMORY };
		struct zip_dir dir;
		struct source s;

		assert_true(m.fd != -1);
		(void)unlink(path);
		put_member(&in, "in", "x", 1);
		put_end(&in, false, 1);
		put_all(&in, filler, rows[i].behind);
		if (rows[i].member)
			put_member(&m, "m", in.bytes.data, in.bytes.size);
		else
			put_all(&m, in.bytes.data, in.bytes.size);
		put_member(&m, "a", "x", 1);
		put_end(&m, false, m.count);
		s = source_fd(m.fd, m.at, &b);
		assert_int_equal(zip_dir_read(&s, no_role, NULL, &dir), ERR_OK);
		assert_int_equal(
		    zip_dir_fact(&dir, ZIP_FACT_MORE_ENDS), rows[i].found);
		assert_int_equal(dir.view_count, rows[i].found ? 2 : 1);
		assert_true(b.read < rows[i].read);
		zip_dir_free(&dir);
		assert_int_equal(b.memory, LIMIT_MEMORY);
	}
}

/* Entries that share the bytes of one member: what unpacks to megabytes is
 * unpacked a few times, not once for each, and the archive is told as what it
 * is. */
static void
test_members_that_share_bytes_are_looked_at_a_few_times(void **state)
{
	enum { ENTRIES = 50, SIZE = 4000, TIMES = 5 };
	static const uint8_t data[SIZE];
	AUTO(maker) struct maker m = maker_new(-1);
	struct source s;
	struct fake f;
	size_t entry;

	(void)state;
	put_member(&m, "a", data, sizeof(data));
	entry = m.directory.size;
	for (unsigned i = 1; i < ENTRIES; i++)
		put_all_again(&m.directory, entry);
	put_end(&m, false, ENTRIES);
	fake_init(&f, true);
	s = source_memory(m.bytes.data, m.bytes.size, &f.budget);
	assert_int_equal(format_zip.walk(&f.visit, &s), ERR_OK);
	assert_in_range(f.count, 2, TIMES);
	assert_string_equal(fake_rules(&f), "scan.limit zip.crc zip.overlap");
	fake_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_end_records_are_found_as_far_back_as_readers_look),
		cmocka_unit_test(
		    test_members_that_share_bytes_are_looked_at_a_few_times),
	};

	return cmocka_run_group_tests_name(
	    "format/zip_ends", tests, NULL, NULL);
}
