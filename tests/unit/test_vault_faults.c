/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever fails, and wherever the process dies, after the next start each file
 * is whole in one place, and every other file is where it was.
 *
 * Each system call of each operation fails in turn, once or from then on, with
 * each of some errors; or the process ends there; or somebody swaps the names
 * there.
 */
#include "vault_world.h"

#include "vault/calls.h"

static struct vault v;
static size_t runs;
static char stored_id[VAULT_ID + 1];
static const char *last = ""; /* for whom it fails for */

/* What happens, and at which call. */
static struct fault {
	unsigned at; /* the at-th call, from 1 */
	int error;   /* 0: the process dies */
	bool stays;  /* all later calls fail as well */
	bool swaps;  /* names are swapped instead */
	bool again;  /* and a third file takes the name at the next move */
	enum vault_call call; /* which that was */
	unsigned made;        /* calls so far */
	unsigned writes_unsynced, syncs;
} fault;

static void
swap_names(void)
{
	assert_int_equal(rename(at("w/d/a.pt"), at("w/d/a-kept.pt")), 0);
	assert_int_equal(rename(at("w/d/b.pt"), at("w/d/a.pt")), 0);
}

static int
before(enum vault_call call)
{
	unsigned n = ++fault.made;

	if (n == fault.at)
		fault.call = call;

	if (fault.swaps) {
		if (n == fault.at && access(at("w/d/a.pt"), F_OK) == 0)
			swap_names();
		if (fault.again && call == VAULT_CALL_fstatat && n > fault.at &&
		    access(at("w/d/a.pt"), F_OK) == -1 &&
		    access(at("w/d/c.pt"), F_OK) == 0)
			(void)rename(at("w/d/c.pt"), at("w/d/a.pt"));
		return 0;
	}
	if (n < fault.at || (n > fault.at && !fault.stays))
		return 0;
	if (fault.error == 0)
		_exit(1);
	return fault.error;
}

static void
begin_world(void)
{
	assert_int_equal(mkdir(at("w/d"), 0755), 0);
	vault_make(&v);
	flagged_make("w/d/a.pt");
	file_make("w/d/b.pt", BYTES_B);
	file_make("w/d/c.pt", BYTES_C);
	assert_int_equal(mkdir(at("s/to"), 0755), 0);
}

static void
end_world(void)
{
	vault_close(&v);
	assert_int_equal(chmod(at("w"), 0755), 0);
	dir_empty("w");
	dir_empty("s");
}

/* The operations.  What they need beforehand is done without faults. */
struct operation {
	const char *name;
	bool open_root;       /* no place on the filesystem: copies */
	bool stored;          /* begins with the file in the vault */
	const char *dir, *to; /* where it may be afterwards, beside a.pt */
	enum err (*run)(void);
};

static enum err
run_store(void)
{
	struct vault_item item;
	enum err e = store_it(&v, "a.pt", &item);

	if (e == ERR_OK)
		vault_item_free(&item);
	return e;
}

static enum err run_with(enum err (*job)(struct vault_item *item))
{
	struct vault_item item;
	enum err e = vault_get(&v, stored_id, &item);

	if (e != ERR_OK)
		return e;
	e = job(&item);
	vault_item_free(&item);
	return e;
}

static enum err
job_restore(struct vault_item *item)
{
	return restore_to(&v, item, "w/d", "a.pt");
}

static enum err
job_restore_far(struct vault_item *item)
{
	return restore_to(&v, item, "s/to", "x");
}

static enum err
job_delete(struct vault_item *item)
{
	return vault_delete(&v, item);
}

static enum err
job_digest(struct vault_item *item)
{
	return vault_digest(&v, item);
}

static enum err
run_restore(void)
{
	return run_with(job_restore);
}

static enum err
run_restore_far(void)
{
	return run_with(job_restore_far);
}

static enum err
run_delete(void)
{
	return run_with(job_delete);
}

static enum err
run_digest(void)
{
	return run_with(job_digest);
}

static const struct operation operations[] = {
	{ "store by a rename", false, false, NULL, NULL, run_store },
	{ "store by a copy", true, false, NULL, NULL, run_store },
	{ "restore by a rename", false, true, NULL, NULL, run_restore },
	{ "restore by a copy", false, true, "s/to", "s/to/x", run_restore_far },
	{ "restore of a copy", true, true, NULL, NULL, run_restore },
	{ "delete", false, true, NULL, NULL, run_delete },
	{ "delete a copy", true, true, NULL, NULL, run_delete },
	{ "digest", false, true, NULL, NULL, run_digest },
};

static void
prepare(const struct operation *o)
{
	struct vault_item item;

	begin_world();
	if (o->open_root)
		assert_int_equal(chmod(at("w"), 0777), 0);
	if (!o->stored)
		return;
	assert_int_equal(store_it(&v, "a.pt", &item), ERR_OK);
	memcpy(stored_id, item.id, sizeof(stored_id));
	vault_item_free(&item);
}

/* In another process, because it may die. */
static bool
run_apart(const struct operation *o, bool *ok)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		vault_calls_watch(before);
		_exit(o->run() == ERR_OK ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	*ok = WEXITSTATUS(status) == 0;
	return WEXITSTATUS(status) != 1;
}

static bool
run_here(const struct operation *o, bool *ok)
{
	fault.made = 0;
	vault_calls_watch(before);
	*ok = o->run() == ERR_OK;
	vault_calls_watch(NULL);
	return true;
}

/* The next start, and what must hold then. */
static void
check_after(const struct operation *o, bool died, bool ok)
{
	struct vault_item some, item;
	bool here, there, removes = o->run == run_delete;
	size_t n;

	last = o->name;
	vault_close(&v);
	vault_make(&v);
	assert_int_equal(vault_recover(&v, NULL), ERR_OK);
	n = stored(&v, &some);
	here = access(at("w/d/a.pt"), F_OK) == 0;
	there = o->to != NULL && access(at(o->to), F_OK) == 0;
	if (here)
		flagged_whole("w/d/a.pt");
	if (there)
		flagged_whole(o->to);
	assert_true(n <= 1);
	/* A copy that was restored may still be in the vault as well. */
	if (!removes)
		assert_true(n + here + there >= 1);
	if (!o->stored || !o->open_root)
		assert_true(n + here <= 1);
	if (!died && ok && !o->stored)
		assert_int_equal(n, 1);
	if (n == 1) {
		assert_int_equal(some.state, VAULT_STORED);
		assert_int_equal(some.flags & VAULT_STRAY, 0);
		assert_int_equal(vault_get(&v, some.id, &item), ERR_OK);
		assert_int_equal(restore_to(&v, &item, "w/d", "again"), ERR_OK);
		flagged_whole("w/d/again");
		vault_item_free(&item);
	}
	assert_true(file_holds("w/d/b.pt", BYTES_B));
	assert_true(file_holds("w/d/c.pt", BYTES_C));
	/* Nothing is left lying about. */
	assert_int_equal(count_in("w/d", ""), 2 + here + (n == 1));
	assert_int_equal(count_in("w/" VAULT_PLACE, ""), 0);
	assert_int_equal(count_in("s/vault", ""), 0);
}

/* One kind of fault at each call in turn, until there is no such call. */
static void
each_call(const struct operation *o, int error, bool stays)
{
	for (unsigned n = 1;; n++) {
		bool ok = false, lived;

		prepare(o);
		fault =
		    (struct fault){ .at = n, .error = error, .stays = stays };
		lived = error == 0 ? run_apart(o, &ok) : run_here(o, &ok);
		runs++;
		check_after(o, !lived, ok);
		end_world();
		if (error == 0 ? lived : fault.made < n)
			return;
	}
}

static void
test_no_failing_call_loses_a_file(void **state)
{
	static const int errors[] = { EIO, ENOSPC, EXDEV, EACCES };

	(void)state;
	for (size_t i = 0; i < COUNT(operations); i++)
		for (size_t k = 0; k < COUNT(errors); k++)
			each_call(&operations[i], errors[k], false);
}

static void
test_no_lasting_trouble_loses_a_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(operations); i++)
		each_call(&operations[i], ENOSPC, true);
}

static void
test_no_death_loses_a_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(operations); i++)
		each_call(&operations[i], 0, false);
}

/* All three files are there, whatever they are called by now, and only the
 * flagged one may be in the vault. */
static void
check_swapped(void)
{
	const char *const bytes[] = { BYTES_A, BYTES_B, BYTES_C };
	size_t found[3] = { 0 };
	struct vault_item some, item;
	const struct dirent *e;
	DIR *d;

	vault_close(&v);
	vault_make(&v);
	assert_int_equal(vault_recover(&v, NULL), ERR_OK);
	if (stored(&v, &some) == 1) {
		assert_int_equal(some.flags & VAULT_STRAY, 0);
		assert_int_equal(vault_get(&v, some.id, &item), ERR_OK);
		assert_int_equal(restore_to(&v, &item, "w/d", "again"), ERR_OK);
		flagged_whole("w/d/again");
		vault_item_free(&item);
	}
	d = opendir(at("w/d"));
	while ((e = readdir(d)) != NULL)
		for (size_t i = 0; i < COUNT(bytes); i++) {
			char name[300];

			(void)snprintf(name, sizeof(name), "w/d/%s", e->d_name);
			found[i] += file_holds(name, bytes[i]);
		}
	(void)closedir(d);
	for (size_t i = 0; i < COUNT(bytes); i++)
		assert_int_equal(found[i], 1);
	assert_int_equal(count_in("w/d", ""), 3);
	assert_int_equal(count_in("s/vault", ""), 0);
}

static void
test_swapped_names_move_nothing_else(void **state)
{
	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		const struct operation *o = &operations[kind % 2];

		for (unsigned n = 1;; n++) {
			bool ok;

			prepare(o);
			fault = (struct fault){
				.at = n, .swaps = true, .again = kind >= 2
			};
			(void)run_here(o, &ok);
			runs++;
			check_swapped();
			end_world();
			if (fault.made < n)
				break;
		}
	}
}

/* The intention is on the disk, with its directory, before the file moves. */
static int
watch_order(enum vault_call call)
{
	if (call == VAULT_CALL_write)
		fault.writes_unsynced++;
	if (call == VAULT_CALL_fsync)
		fault.syncs++;
	if (call == VAULT_CALL_write || call == VAULT_CALL_replace)
		fault.syncs = call == VAULT_CALL_write ? 0 : fault.syncs;
	if (call == VAULT_CALL_move && fault.made++ == 0)
		assert_true(fault.writes_unsynced > 0 && fault.syncs >= 2);
	return 0;
}

static void
test_what_is_intended_is_on_the_disk_first(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(operations); i++) {
		prepare(&operations[i]);
		fault = (struct fault){ 0 };
		vault_calls_watch(watch_order);
		assert_int_equal(operations[i].run(), ERR_OK);
		vault_calls_watch(NULL);
		end_world();
	}
}

static void
test_that_were_a_thousand_runs(void **state)
{
	(void)state;
	(void)printf("%zu runs\n", runs);
	assert_true(runs >= 1000);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_failing_call_loses_a_file),
		cmocka_unit_test(test_no_lasting_trouble_loses_a_file),
		cmocka_unit_test(test_no_death_loses_a_file),
		cmocka_unit_test(test_swapped_names_move_nothing_else),
		cmocka_unit_test(test_what_is_intended_is_on_the_disk_first),
		cmocka_unit_test(test_that_were_a_thousand_runs),
	};
	int failed;

	if (!world_make()) {
		(void)puts("skipped: mounting filesystems needs root");
		return 77;
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	if (failed != 0)
		(void)printf("%s: call %u (%s), error %d\n", last, fault.at,
		    vault_call_name(fault.call), fault.error);
	world_end();
	return failed;
}
