/* SPDX-License-Identifier: Apache-2.0 */
/* What lies below a watch is watched by whatever path it is reached, and what
 * can't be placed is watched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "guardd/filter.h"
#include "guardd/mounts.h"

/* The mounts of the tests' machine. */
enum {
	ROOT = 10,    /* /dev/a on /, group 0 */
	BIND_IN = 11, /* /srv/models of a on /mnt/m: a watched tree elsewhere */
	BIND_OUT = 12,  /* /other of a on /srv/models/other: mounted below */
	DISK = 13,      /* / of b on /srv/disk, group 1 */
	FILE_BIND = 14, /* /home/x.pt of a on /srv/models/y.pt */
	STRANGE = 99    /* in no table */
};

struct row {
	const char *about;
	uint32_t group;
	uint64_t mount;
	const char *path;
	bool want;
};

static const struct row rows[] = {
	{ "the root itself", 0, ROOT, "/srv/models", true },
	{ "a file below", 0, ROOT, "/srv/models/a/b.pt", true },
	{ "a file beside", 0, ROOT, "/srv/other.pt", false },
	{ "a name that only begins so", 0, ROOT, "/srv/models2/a.pt", false },
	{ "the parent", 0, ROOT, "/srv", false },
	{ "through a bind mount", 0, BIND_IN, "/mnt/m/a.pt", true },
	{ "the bind mount's top", 0, BIND_IN, "/mnt/m", true },
	{ "mounted below, by that mount", 0, BIND_OUT, "/srv/models/other/a.pt",
	    true },
	{ "mounted below, by its own path", 0, ROOT, "/other/a.pt", true },
	{ "a file mounted below, by its own path", 0, ROOT, "/home/x.pt",
	    true },
	{ "a file mounted below", 0, FILE_BIND, "/srv/models/y.pt", true },
	{ "its neighbour", 0, ROOT, "/home/z.pt", false },
	{ "another filesystem, watched below", 1, DISK, "/srv/disk/w/a", true },
	{ "another filesystem, beside", 1, DISK, "/srv/disk/v/a", false },
	{ "the same inner path of another group", 1, DISK,
	    "/srv/disk/srv/models/a", false },
	{ "a mount that nobody knows", 0, STRANGE, "/srv/other.pt", true },
	{ "a mount of another group", 1, ROOT, "/srv/other.pt", true },
	{ "no path", 0, ROOT, NULL, true },
	{ "disconnected", 0, ROOT, "/", true },
	{ "not absolute", 0, ROOT, "anon_inode:x", true },
	{ "a path that isn't below its mount", 0, BIND_IN, "/srv/x", true },
	{ "deleted below", 0, ROOT, "/srv/models/a (deleted)", true },
};

static void
draft_fill(struct draft *d)
{
	static const struct {
		uint64_t id;
		uint32_t group;
		const char *root, *point;
	} mounts[] = {
		{ FILE_BIND, 0, "/home/x.pt", "/srv/models/y.pt" },
		{ DISK, 1, "/", "/srv/disk" },
		{ ROOT, 0, "/", "/" },
		{ BIND_OUT, 0, "/other", "/srv/models/other" },
		{ BIND_IN, 0, "/srv/models", "/mnt/m" },
	};

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		struct filter_mount m = { .id = mounts[i].id,
			.group = mounts[i].group,
			.flags = mounts[i].id == DISK ? FILTER_BRIEF : 0 };

		assert_int_equal(
		    draft_mount(d, &m, mounts[i].root, mounts[i].point),
		    ERR_OK);
	}
	assert_int_equal(draft_root(d, 0, 0, "/srv/models"), ERR_OK);
	assert_int_equal(draft_root(d, 0, 0, "/other"), ERR_OK);
	assert_int_equal(draft_root(d, 0, 0, "/home/x.pt"), ERR_OK);
	assert_int_equal(draft_root(d, 1, 0, "/w"), ERR_OK);
}

static void
image_make(struct buf *image)
{
	struct draft d = draft_new();

	draft_fill(&d);
	assert_int_equal(draft_finish(&d, image), ERR_OK);
	draft_free(&d);
}

static void
test_rows(void **state)
{
	struct buf image = buf_new(FILTER_IMAGE_MAX);
	struct filter f;

	(void)state;
	image_make(&image);
	assert_int_equal(filter_open(image.data, image.size, &f), ERR_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].about);
		assert_int_equal(filter_watched(&f, rows[i].group,
				     rows[i].mount, rows[i].path),
		    rows[i].want);
	}
	buf_free(&image);
}

static void
test_only_known_mounts_last(void **state)
{
	struct buf image = buf_new(FILTER_IMAGE_MAX);
	struct filter f;

	(void)state;
	image_make(&image);
	assert_int_equal(filter_open(image.data, image.size, &f), ERR_OK);
	assert_true(filter_lasting(&f, ROOT));
	assert_false(filter_lasting(&f, DISK));
	assert_false(filter_lasting(&f, STRANGE));
	buf_free(&image);
}

static void
test_no_table_watches_everything(void **state)
{
	struct filter f = { 0 };

	(void)state;
	assert_true(filter_watched(&f, 0, ROOT, "/srv/other.pt"));
}

static void
test_a_root_of_all_watches_all(void **state)
{
	struct buf image = buf_new(FILTER_IMAGE_MAX);
	struct filter_mount all = { .id = ROOT };
	struct draft d = draft_new();
	struct filter f;

	(void)state;
	assert_int_equal(draft_mount(&d, &all, "/", "/"), ERR_OK);
	assert_int_equal(draft_root(&d, 0, 0, "/"), ERR_OK);
	assert_int_equal(draft_finish(&d, &image), ERR_OK);
	assert_int_equal(filter_open(image.data, image.size, &f), ERR_OK);
	assert_true(filter_watched(&f, 0, ROOT, "/etc/passwd"));
	draft_free(&d);
	buf_free(&image);
}

/* Every cut of an image, and every offset out of it, is refused. */
static void
test_broken_images_are_refused(void **state)
{
	struct buf image = buf_new(FILTER_IMAGE_MAX);
	struct filter f;

	(void)state;
	image_make(&image);
	for (size_t n = 0; n < image.size; n++)
		assert_int_equal(filter_open(image.data, n, &f), ERR_PROTO);
	image.data[image.size - 1] = 'x';
	assert_int_equal(filter_open(image.data, image.size, &f), ERR_PROTO);
	image.data[image.size - 1] = '\0';
	/* The root offset of the first mount, behind the head and the id. */
	memset(image.data + 16 + 12, 0xff, 4);
	assert_int_equal(filter_open(image.data, image.size, &f), ERR_PROTO);
	buf_free(&image);
}

static void
test_long_paths_are_watched(void **state)
{
	struct buf image = buf_new(FILTER_IMAGE_MAX);
	static char path[FILTER_PATH_MAX + 2];
	struct filter f;

	(void)state;
	image_make(&image);
	assert_int_equal(filter_open(image.data, image.size, &f), ERR_OK);
	memset(path, 'a', sizeof(path) - 1);
	path[0] = '/';
	assert_true(filter_watched(&f, 0, ROOT, path));
	buf_free(&image);
}

static void
test_mountinfo_lines(void **state)
{
	char text[] =
	    "23 1 254:0 / / rw - ext4 /dev/vda rw\n"
	    "24 23 0:40 /sv /srv/a\\040b rw shared:1 master:2 - btrfs /dev/b "
	    "rw\n"
	    "25 23 0:50 / /run/media/u/stick rw - vfat /dev/c rw\n";
	struct mounts m = { .arena = arena_new(1 << 20) };

	(void)state;
	assert_int_equal(mounts_parse(text, &m), ERR_OK);
	assert_int_equal(m.count, 3);
	assert_int_equal(m.rows[0].dev, UINT64_C(254) << 32);
	assert_string_equal(m.rows[1].point, "/srv/a b");
	assert_string_equal(m.rows[1].root, "/sv");
	assert_string_equal(m.rows[1].type, "btrfs");
	assert_int_equal(m.rows[1].dev, 40);
	assert_false(m.rows[1].removable);
	assert_true(m.rows[2].removable);
	assert_ptr_equal(mounts_find(&m, 24), &m.rows[1]);
	assert_null(mounts_find(&m, 26));
	mounts_free(&m);
}

static void
test_senseless_mountinfo_is_refused(void **state)
{
	static const char *const lines[] = { "x\n", "1 2 3 4 5 6 7\n",
		"1 2 a:b / / rw - ext4 d rw\n", "1 2 8:1x / / rw - e d rw\n",
		"1 2 8:1 / / rw -\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct mounts m = { .arena = arena_new(1 << 20) };
		char text[64];

		assert_true(strlen(lines[i]) < sizeof(text));
		memcpy(text, lines[i], strlen(lines[i]) + 1);
		assert_int_equal(mounts_parse(text, &m), ERR_PROTO);
		mounts_free(&m);
	}
}

static void
test_this_machine_has_mounts(void **state)
{
	struct mounts m;

	(void)state;
	assert_int_equal(mounts_read(&m), ERR_OK);
	assert_true(m.count > 0);
	mounts_free(&m);
}

static void
test_kinds_of_filesystems(void **state)
{
	(void)state;
	assert_int_equal(fs_kind_of("ext4"), FS_GUARDED);
	assert_int_equal(fs_kind_of("proc"), FS_KERNEL);
	assert_int_equal(fs_kind_of("nfs4"), FS_REMOTE);
	assert_int_equal(fs_kind_of("fuse.sshfs"), FS_REMOTE);
	assert_int_equal(fs_kind_of("fusectl"), FS_KERNEL);
	assert_int_equal(fs_kind_of("newfs"), FS_OTHER);
}

static void
test_the_innermost_root_has_the_policy(void **state)
{
	static const struct {
		const char *path;
		uint32_t group;
		uint64_t mount;
		uint32_t want;
	} cases[] = {
		{ "/m/a/x", 0, 5, 1 },
		{ "/m/a/b/x", 0, 5, 2 },
		{ "/m/a/bc", 0, 5, 1 },
		{ "/m/a", 0, 5, 1 },
		{ "/m/c/x", 0, 5, 9 },
		{ "/m/a/x", 0, 6, 9 },
		{ "/m/a/x", 1, 5, 9 },
		{ "/elsewhere", 0, 5, 9 },
		{ NULL, 0, 5, 9 },
	};
	struct filter_mount m = { .id = 5 };
	struct buf image = buf_new(FILTER_IMAGE_MAX);
	struct draft d = draft_new();
	struct filter f;

	(void)state;
	assert_int_equal(draft_mount(&d, &m, "/", "/m"), ERR_OK);
	assert_int_equal(draft_root(&d, 0, 2, "/a/b"), ERR_OK);
	assert_int_equal(draft_root(&d, 0, 1, "/a"), ERR_OK);
	assert_int_equal(draft_root(&d, 1, 3, "/"), ERR_OK);
	assert_int_equal(draft_finish(&d, &image), ERR_OK);
	assert_int_equal(filter_open(image.data, image.size, &f), ERR_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(filter_policy(&f, cases[i].group,
				     cases[i].mount, cases[i].path, 9),
		    cases[i].want);
	draft_free(&d);
	buf_free(&image);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_only_known_mounts_last),
		cmocka_unit_test(test_no_table_watches_everything),
		cmocka_unit_test(test_a_root_of_all_watches_all),
		cmocka_unit_test(test_broken_images_are_refused),
		cmocka_unit_test(test_long_paths_are_watched),
		cmocka_unit_test(test_mountinfo_lines),
		cmocka_unit_test(test_senseless_mountinfo_is_refused),
		cmocka_unit_test(test_this_machine_has_mounts),
		cmocka_unit_test(test_kinds_of_filesystems),
		cmocka_unit_test(test_the_innermost_root_has_the_policy),
	};

	return cmocka_run_group_tests_name("guardd/filter", tests, NULL, NULL);
}
