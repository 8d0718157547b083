/* SPDX-License-Identifier: Apache-2.0 */
/* What goes into the vault comes out as it was, and nothing else moves. */
#include "vault_world.h"

static struct vault v;

static int
begin(void **state)
{
	(void)state;
	assert_int_equal(mkdir(at("w/d"), 0755), 0);
	vault_make(&v);
	flagged_make("w/d/a.pt");
	file_make("w/d/b.pt", BYTES_B);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	vault_close(&v);
	assert_int_equal(chmod(at("w"), 0755), 0);
	dir_empty("w");
	dir_empty("s");
	return 0;
}

static void
test_a_file_is_moved_to_where_only_root_goes(void **state)
{
	struct vault_item item;
	struct stat st, was;
	char path[64];

	(void)state;
	assert_int_equal(lstat(at("w/d/a.pt"), &was), 0);
	assert_int_equal(store_it(&v, "a.pt", &item), ERR_OK);
	assert_int_equal(lstat(at("w/d/a.pt"), &st), -1);
	(void)snprintf(path, sizeof(path), "w/" VAULT_PLACE "/%s", item.id);
	assert_int_equal(lstat(at(path), &st), 0);
	assert_int_equal(st.st_ino, was.st_ino);
	assert_int_equal(st.st_mode, S_IFREG | 0400);
	assert_int_equal(lstat(at("w/" VAULT_PLACE), &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0700);
	assert_true(file_holds("w/d/b.pt", BYTES_B));
	assert_string_equal(item.verdict, "malicious");
	vault_item_free(&item);
}

static void
test_a_restore_gives_back_what_it_was(void **state)
{
	struct vault_item item;

	(void)state;
	assert_int_equal(store_it(&v, "a.pt", &item), ERR_OK);
	assert_int_equal(vault_digest(&v, &item), ERR_OK);
	assert_int_equal(restore_to(&v, &item, "w/d", "a.pt"), ERR_OK);
	flagged_whole("w/d/a.pt");
	vault_item_free(&item);
	assert_int_equal(stored(&v, &item), 0);
	assert_int_equal(count_in("w/" VAULT_PLACE, ""), 0);
}

static void
test_where_no_rename_goes_a_verified_copy_does(void **state)
{
	struct vault_item item;

	(void)state;
	/* Anybody could take a vault away here. */
	assert_int_equal(chmod(at("w"), 0777), 0);
	assert_int_equal(store_it(&v, "a.pt", &item), ERR_OK);
	assert_int_equal(count_in("w/d", ""), 1);
	assert_int_equal(count_in("w", "."), 0);
	assert_string_equal(item.place, "");
	assert_int_equal(strlen(item.digest), DIGEST_HEX);
	assert_int_equal(restore_to(&v, &item, "w/d", "a.pt"), ERR_OK);
	flagged_whole("w/d/a.pt");
	assert_int_equal(count_in("s/vault", ""), 0);
	vault_item_free(&item);
}

static void
test_a_restore_goes_to_another_filesystem(void **state)
{
	struct vault_item item;

	(void)state;
	assert_int_equal(mkdir(at("s/to"), 0755), 0);
	assert_int_equal(store_it(&v, "a.pt", &item), ERR_OK);
	assert_int_equal(restore_to(&v, &item, "s/to", "x"), ERR_OK);
	flagged_whole("s/to/x");
	assert_int_equal(count_in("w/" VAULT_PLACE, ""), 0);
	vault_item_free(&item);
	assert_int_equal(stored(&v, &item), 0);
}

static void
test_a_restore_overwrites_nothing(void **state)
{
	static const char *const names[] = { "b.pt", "link", "", ".", "..",
		"d/x" };
	struct vault_item item;

	(void)state;
	assert_int_equal(symlink("nowhere", at("w/d/link")), 0);
	assert_int_equal(store_it(&v, "a.pt", &item), ERR_OK);
	for (size_t i = 0; i < COUNT(names); i++)
		assert_int_equal(
		    restore_to(&v, &item, "w/d", names[i]), ERR_USAGE);
	assert_true(file_holds("w/d/b.pt", BYTES_B));
	assert_int_equal(restore_to(&v, &item, "w/d", "a.pt"), ERR_OK);
	flagged_whole("w/d/a.pt");
	vault_item_free(&item);
}

static void
test_other_names_of_a_file_keep_its_mode(void **state)
{
	struct vault_item item;

	(void)state;
	assert_int_equal(link(at("w/d/a.pt"), at("w/d/c.pt")), 0);
	assert_int_equal(store_it(&v, "a.pt", &item), ERR_OK);
	assert_int_equal(item.links, 1);
	flagged_whole("w/d/c.pt");
	assert_int_equal(restore_to(&v, &item, "w/d", "a.pt"), ERR_OK);
	flagged_whole("w/d/a.pt");
	vault_item_free(&item);
}

static void
test_a_file_that_is_written_is_moved_but_not_copied(void **state)
{
	struct vault_item item;
	AUTO_CLOSE int writer = open(at("w/d/a.pt"), O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(chmod(at("w"), 0777), 0);
	assert_int_equal(store_it(&v, "a.pt", &item), ERR_USAGE);
	assert_string_equal(v.why, "somebody is writing it");
	assert_int_equal(stored(&v, &item), 0);
	assert_int_equal(chmod(at("w"), 0755), 0);
	assert_int_equal(store_it(&v, "a.pt", &item), ERR_OK);
	/* Its writer goes on, and that is no reason not to give it back. */
	assert_int_equal(pwrite(writer, "T", 1, 0), 1);
	assert_int_equal(restore_to(&v, &item, "w/d", "a.pt"), ERR_OK);
	vault_item_free(&item);
}

static void
test_bytes_that_changed_in_the_vault_do_not_come_out(void **state)
{
	AUTO_CLOSE int fd = open(at("w/d/a.pt"), O_RDWR | O_CLOEXEC);
	struct vault_item item;

	(void)state;
	assert_int_equal(store_it(&v, "a.pt", &item), ERR_OK);
	assert_int_equal(vault_digest(&v, &item), ERR_OK);
	assert_int_equal(pwrite(fd, "T", 1, 0), 1);
	assert_int_equal(restore_to(&v, &item, "w/d", "a.pt"), ERR_USAGE);
	assert_int_equal(vault_delete(&v, &item), ERR_OK);
	vault_item_free(&item);
	assert_int_equal(stored(&v, &item), 0);
}

/* Names that are not the open file's, and files that are none. */
static void
test_only_the_open_file_is_moved(void **state)
{
	AUTO_CLOSE int dir =
	    open(at("w/d"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int a = open(at("w/d/a.pt"), O_RDONLY | O_CLOEXEC);
	static const char *const names[] = { "b.pt", "link", "none", ".",
		"../d" };
	static struct vault_item say, out;

	(void)state;
	assert_int_equal(symlink("a.pt", at("w/d/link")), 0);
	for (size_t i = 0; i < COUNT(names); i++) {
		struct vault_find f = { a, dir, names[i], &say };

		assert_int_equal(vault_store(&v, &f, &out), ERR_USAGE);
	}
	assert_int_equal(count_in("w/d", ""), 3);
	assert_int_equal(stored(&v, &out), 0);
}

static void
test_a_place_that_is_not_ours_is_not_used(void **state)
{
	struct vault_item item;

	(void)state;
	assert_int_equal(mkdir(at("w/" VAULT_PLACE), 0755), 0);
	assert_int_equal(chown(at("w/" VAULT_PLACE), UID_A, GID_A), 0);
	assert_int_equal(store_it(&v, "a.pt", &item), ERR_OK);
	assert_string_equal(item.place, ""); /* copied */
	assert_int_equal(count_in("w/" VAULT_PLACE, ""), 0);
	vault_item_free(&item);
}

static void
test_paths_with_links_lead_nowhere(void **state)
{
	static const char *const wrong[] = { "relative", "/", "/tmp/..",
		"/tmp/." };
	const char *name;
	int fd;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_int_equal(vault_dir_of(wrong[i], &fd, &name), ERR_USAGE);
	assert_int_equal(symlink(at("w/d"), at("w/l")), 0);
	assert_int_equal(vault_dir_of(at("w/l/a.pt"), &fd, &name), ERR_SYS);
	assert_int_equal(vault_dir_of(at("w/d/a.pt"), &fd, &name), ERR_OK);
	assert_string_equal(name, "a.pt");
	(void)close(fd);
}

static void
test_what_is_too_old_or_too_much_goes(void **state)
{
	struct vault_bounds bytes = { .bytes = strlen(BYTES_A) },
			    age = { .seconds = 10 };
	struct vault_item a, b;
	size_t removed = 0;

	(void)state;
	assert_int_equal(store_it(&v, "a.pt", &a), ERR_OK);
	assert_int_equal(store_it(&v, "b.pt", &b), ERR_OK);
	assert_int_equal(vault_expire(&v, &age, a.stored_at, &removed), ERR_OK);
	assert_int_equal(removed, 0);
	assert_int_equal(
	    vault_expire(&v, &bytes, a.stored_at, &removed), ERR_OK);
	assert_int_equal(removed, 1);
	assert_int_equal(
	    vault_expire(&v, &age, a.stored_at + 20, &removed), ERR_OK);
	assert_int_equal(removed, 2);
	assert_int_equal(count_in("w/" VAULT_PLACE, ""), 0);
	vault_item_free(&a);
	vault_item_free(&b);
}

static void
test_a_damaged_record_is_passed_over(void **state)
{
	static const char *const texts[] = { "", "ckptguard-vault 1\n",
		"ckptguard-vault 1\nstate 3\n",
		"ckptguard-vault 1\nstate\nend\n",
		"ckptguard-vault 1\nstate x\nend\n",
		"ckptguard-vault 1\nstate 77\nend\n",
		"ckptguard-vault 1\npath %\nend\n",
		"ckptguard-vault 1\npath %0\nend\n",
		"ckptguard-vault 1\nxattrs 0\nend\n" };
	struct vault_item item;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		file_make("s/vault/0123456789abcdef.rec", texts[i]);
		assert_int_equal(stored(&v, &item), 0);
		assert_int_not_equal(
		    vault_get(&v, "0123456789abcdef", &item), ERR_OK);
		assert_int_equal(unlink(at("s/vault/0123456789abcdef.rec")), 0);
	}
	assert_int_equal(vault_get(&v, "../../etc/passwd", &item), ERR_USAGE);
	assert_int_equal(vault_get(&v, "0123456789abcdef", &item), ERR_USAGE);
}

static void
test_any_name_survives_the_record(void **state)
{
	char path[PATH_MAX], name[256], shown[2 * PATH_MAX];
	struct vault_item item, again;

	(void)state;
	for (int i = 0; i < 255; i++)
		name[i] = (char)(i + 1 == '/' ? 'x' : i + 1);
	name[255] = '\0';
	(void)snprintf(path, sizeof(path), "w/d/%s", name);
	(void)snprintf(shown, sizeof(shown), "%.64s/%.900s", world, path);
	flagged_make(path);
	assert_int_equal(store_it(&v, name, &item), ERR_OK);
	assert_int_equal(vault_get(&v, item.id, &again), ERR_OK);
	assert_string_equal(again.path, shown);
	assert_int_equal(restore_to(&v, &again, "w/d", name), ERR_OK);
	flagged_whole(path);
	vault_item_free(&item);
	vault_item_free(&again);
}

enum { ROUNDS = 20 };

static void
test_of_two_who_restore_one_gets_it(void **state)
{
	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct vault_item item;
		pid_t pids[2];
		int won = 0;

		assert_int_equal(store_it(&v, "a.pt", &item), ERR_OK);
		for (int k = 0; k < 2; k++) {
			pids[k] = fork();
			if (pids[k] == 0) {
				struct vault mine;

				vault_make(&mine);
				_exit(restore_to(&mine, &item, "w/d",
					  k == 0 ? "x" : "y") == ERR_OK);
			}
		}
		for (int k = 0; k < 2; k++) {
			int status;

			assert_int_equal(waitpid(pids[k], &status, 0), pids[k]);
			won += WEXITSTATUS(status);
		}
		assert_int_equal(won, 1);
		vault_item_free(&item);
		if (access(at("w/d/x"), F_OK) == 0)
			assert_int_equal(
			    rename(at("w/d/x"), at("w/d/a.pt")), 0);
		else
			assert_int_equal(
			    rename(at("w/d/y"), at("w/d/a.pt")), 0);
		flagged_whole("w/d/a.pt");
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_a_file_is_moved_to_where_only_root_goes),
		TEST(test_a_restore_gives_back_what_it_was),
		TEST(test_where_no_rename_goes_a_verified_copy_does),
		TEST(test_a_restore_goes_to_another_filesystem),
		TEST(test_a_restore_overwrites_nothing),
		TEST(test_other_names_of_a_file_keep_its_mode),
		TEST(test_a_file_that_is_written_is_moved_but_not_copied),
		TEST(test_bytes_that_changed_in_the_vault_do_not_come_out),
		TEST(test_only_the_open_file_is_moved),
		TEST(test_a_place_that_is_not_ours_is_not_used),
		TEST(test_paths_with_links_lead_nowhere),
		TEST(test_what_is_too_old_or_too_much_goes),
		TEST(test_a_damaged_record_is_passed_over),
		TEST(test_any_name_survives_the_record),
		TEST(test_of_two_who_restore_one_gets_it),
	};
	int failed;

	if (!world_make()) {
		(void)puts("skipped: mounting filesystems needs root");
		return 77;
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	world_end();
	return failed;
}
