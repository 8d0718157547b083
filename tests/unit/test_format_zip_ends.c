/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "container_fakes.h"
#include "format/zip_dir.h"
#include "zip_maker.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_end_records_are_found_as_far_back_as_readers_look),
	};

	return cmocka_run_group_tests_name(
	    "format/zip_ends", tests, NULL, NULL);
}
