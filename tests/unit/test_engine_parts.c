/* SPDX-License-Identifier: Apache-2.0 */
/* Paths, depth, budgets, storages, and how files are read. */
#include "engine_fakes.h"

static void
paths_show_the_containers_and_every_name(void **state)
{
	AUTO(buf) struct buf in = box('m', "data/x.pkl", "L1", 2);
	AUTO(buf) struct buf out = box('m', "inner.zip", in.data, in.size);
	AUTO(buf) struct buf nul = box('m', "abc", "L1", 2);
	AUTO(buf) struct buf none = box('m', "", "L1", 2);
	struct report r;

	(void)state;
	scan(out.data, out.size, &r);
	assert_true(has(&r, "file.truncated", "inner.zip!data/x.pkl"));
	assert_int_equal(r.member_count, 2);
	assert_string_equal(r.members[0].where, "inner.zip");
	assert_string_equal(r.members[0].format, "box-fine");
	assert_string_equal(r.members[1].where, "inner.zip!data/x.pkl");
	assert_string_equal(r.members[1].format, "leaf");
	report_free(&r);
	nul.data[4] = '\0'; /* a\0c */
	scan(nul.data, nul.size, &r);
	assert_true(has(&r, "file.truncated", "a\\0c"));
	report_free(&r);
	scan(none.data, none.size, &r);
	assert_true(has(&r, "file.truncated", "(unnamed)"));
	report_free(&r);
}

/* n boxes in each other. */
static struct buf
boxes(unsigned n, const char *name)
{
	struct buf b = box('m', name, "L0", 2);

	for (unsigned i = 1; i < n; i++) {
		struct buf outer = box('m', name, b.data, b.size);

		buf_free(&b);
		b = outer;
	}
	return b;
}

static void
long_paths_are_cut_at_their_limit(void **state)
{
	char name[126];
	struct report r;
	AUTO(buf) struct buf b;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	b = boxes(LIMIT_DEPTH, name);
	scan(b.data, b.size, &r);
	assert_int_equal(r.verdict, VERDICT_CLEAN);
	assert_int_equal(r.member_count, LIMIT_DEPTH);
	for (size_t i = 0; i < r.member_count; i++)
		assert_true(strlen(r.members[i].where) <= LIMIT_WHERE);
	report_free(&r);
}

static void
what_lies_too_deep_is_told_and_its_neighbours_are_read(void **state)
{
	AUTO(buf) struct buf b = boxes(LIMIT_DEPTH + 1, "b");
	struct engine_options o = { .budget = engine_budget_scan() };
	AUTO(buf) struct buf two = box('m', "in", "L0", 2);
	struct report r;

	(void)state;
	scan(b.data, b.size, &r);
	assert_int_equal(r.verdict, VERDICT_UNVERIFIED);
	assert_int_equal(r.finding_count, 1);
	assert_string_equal(r.findings[0].rule, "scan.limit");
	assert_string_equal(r.findings[0].evidence, "depth");
	report_free(&r);
	/* more depth than there are levels is not believed */
	o.budget.depth = 1000;
	scan_with(&o, b.data, b.size, &r);
	assert_int_equal(r.verdict, VERDICT_UNVERIFIED);
	report_free(&r);
	o.budget.depth = 0;
	assert_int_equal(buf_add(&two, "m\1x\2\0L1", 7), ERR_OK);
	scan_with(&o, two.data, two.size, &r);
	assert_int_equal(r.findings[0].count, 2);
	report_free(&r);
}

static void
a_limit_of_depth_is_no_limit_of_what_follows(void **state)
{
	AUTO(buf) struct buf b = boxes(2, "b");
	struct engine_options o = { .budget = engine_budget_scan() };
	struct report r;

	(void)state;
	o.budget.depth = 1;
	/* a walker's own limit, which ends that walk alone, and one more */
	assert_int_equal(buf_add(&b, "m\1x\2\0L3m\1y\2\0L1", 14), ERR_OK);
	scan_with(&o, b.data, b.size, &r);
	assert_true(has(&r, "scan.limit", "b"));
	assert_true(has(&r, "scan.limit", "x"));
	assert_true(has(&r, "file.truncated", "y"));
	report_free(&r);
}

static uint64_t test_time;

static uint64_t
test_clock(void)
{
	return test_time;
}

static void
a_spent_budget_ends_the_scan_and_is_said_once(void **state)
{
	static const struct {
		enum budget_what what;
		const char *name;
	} rows[] = { { BUDGET_MEMBERS, "members" }, { BUDGET_TIME, "time" } };
	AUTO(buf) struct buf b = box('m', "in", "L0", 2);

	(void)state;
	assert_int_equal(buf_add(&b, "m\1x\2\0L1m\1y\2\0L1", 14), ERR_OK);
	clock_replace(test_clock);
	for (size_t i = 0; i < 2; i++) {
		struct engine_options o = { .budget = engine_budget_scan() };
		struct report r;

		if (rows[i].what == BUDGET_MEMBERS)
			o.budget.members = 1;
		else
			o.budget.deadline = 1;
		test_time = 2;
		scan_with(&o, b.data, b.size, &r);
		assert_int_equal(r.verdict, VERDICT_UNVERIFIED);
		assert_int_equal(r.finding_count, 1);
		assert_string_equal(r.findings[0].rule, "scan.limit");
		assert_string_equal(r.findings[0].evidence, rows[i].name);
		report_free(&r);
	}
	clock_replace(NULL);
}

static void
storages_are_numbers_unless_a_clear_mark_says_more(void **state)
{
	static const struct {
		const char *about, *bytes;
		size_t n;
		enum verdict verdict;
		const char *rule;
	} rows[] = {
		{ "numbers", "\1\2\3", 3, VERDICT_CLEAN, NULL },
		{ "a guess", "S0y", 3, VERDICT_CLEAN, NULL },
		{ "a mark at the end of long numbers",
		    "12345678901234567890123456789012345678901234567890"
		    "12345678901234567890Z",
		    71, VERDICT_CLEAN, NULL },
		{ "a clear mark that its walker confirms", "B", 1,
		    VERDICT_SUSPICIOUS, "file.code-in-storage" },
		{ "a mark that its walker does not confirm", "L1", 2,
		    VERDICT_CLEAN, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO(buf)
		struct buf b = box('s', "data/0", rows[i].bytes, rows[i].n);
		struct report r;

		print_message("%s\n", rows[i].about);
		/* what stands behind must not be seen as its end */
		assert_int_equal(buf_add(&b, "m\1x\2\0L0", 7), ERR_OK);
		scan(b.data, b.size, &r);
		assert_int_equal(r.verdict, rows[i].verdict);
		if (rows[i].rule != NULL)
			assert_true(has(&r, rows[i].rule, "data/0"));
		report_free(&r);
	}
}

/* A walker's view of the options, by way of a finding. */
static struct visit seen;

static enum err
seer_walk(struct visit *v, const struct source *s)
{
	(void)s;
	seen = *v;
	return ERR_OK;
}

static void
who_unpacks_archives_is_told_to_the_walkers(void **state)
{
	static const struct {
		bool unpack, deep, want_unpack, want_deep;
	} rows[] = {
		{ false, false, false, false },
		{ true, false, true, false },
		{ false, true, true, true },
	};
	static const struct format seer = {
		.name = "seer", .sniff = leaf_sniff, .walk = seer_walk
	};
	static const struct format *const seers[] = { &seer, NULL };
	struct source s = source_memory("L", 1, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct engine_options o = { .budget = engine_budget_open(),
			.unpack = rows[i].unpack,
			.deep = rows[i].deep };
		struct report r;

		report_init(&r);
		engine_scan_table(&o, seers, &s, &r);
		assert_int_equal(seen.unpack, rows[i].want_unpack);
		assert_int_equal(seen.deep, rows[i].want_deep);
		report_free(&r);
	}
}

static void
an_empty_file_and_a_text_are_other_and_clean(void **state)
{
	struct report r;

	(void)state;
	scan("", 0, &r);
	assert_string_equal(r.format, "other");
	assert_int_equal(r.verdict, VERDICT_CLEAN);
	assert_false(r.in_place);
	report_free(&r);
	scan("hello", 5, &r);
	assert_string_equal(r.format, "other");
	assert_int_equal(r.verdict, VERDICT_CLEAN);
	report_free(&r);
}

static int
file_of(const void *data, size_t n)
{
	char name[] = "/tmp/ckptguard-test-XXXXXX";
	int fd = mkstemp(name);

	assert_int_not_equal(fd, -1);
	assert_int_equal(unlink(name), 0);
	assert_int_equal(write(fd, data, n), n);
	return fd;
}

/* A walker that knows the first bytes of its only child. */
static struct child fronted;
static struct child_result fronted_result;

static enum err
front_walk(struct visit *v, const struct source *s)
{
	struct source bytes;

	/* behind what is kept of the parent */
	assert_int_equal(source_rest(s, WALK_WHOLE, &bytes), ERR_OK);
	return visit_child(v, &fronted, &bytes, &fronted_result);
}

static void
a_storage_whose_front_is_known_is_not_read(void **state)
{
	static const struct {
		const char *front;
		size_t size;
		bool read, recognised;
	} rows[] = {
		{ NULL, 0, true, false },
		{ "12345", 5, true, false }, /* too little of it */
		{ "1234567890123456789012345678901234567890"
		  "123456789012345678901234",
		    CHILD_FRONT, false, false },
		{ "B234567890123456789012345678901234567890"
		  "123456789012345678901234",
		    CHILD_FRONT, true, true }, /* walked, then */
	};
	static const struct format parent = {
		.name = "parent", .sniff = leaf_sniff, .walk = front_walk
	};
	static const struct format *const table[] = { &parent, &fake_box,
		NULL };
	static uint8_t bytes[8192] = "L";
	AUTO_CLOSE int fd = file_of(bytes, sizeof(bytes));
	struct source s = source_fd(fd, sizeof(bytes), NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct engine_options o = { .budget = engine_budget_open() };
		struct report r;

		fronted = (struct child){ .name = "data/0",
			.name_size = 6,
			.kind = CHILD_STORAGE,
			.front = rows[i].front,
			.front_size = rows[i].size };
		report_init(&r);
		engine_scan_table(&o, table, &s, &r);
		assert_int_equal(r.bytes_read > WALK_WHOLE, rows[i].read);
		assert_int_equal(
		    fronted_result.format == &fake_box, rows[i].recognised);
		report_free(&r);
	}
}

static void
a_small_file_is_read_once(void **state)
{
	struct engine_options o = { .budget = engine_budget_open() };
	AUTO(buf) struct buf b = box('m', "in", "L0", 2);
	AUTO_CLOSE int fd = file_of(b.data, b.size);
	struct source s = source_fd(fd, b.size, NULL);
	struct report r;

	(void)state;
	report_init(&r);
	engine_scan_table(&o, fakes, &s, &r);
	assert_int_equal(r.verdict, VERDICT_CLEAN);
	assert_int_equal(r.bytes_read, b.size);
	assert_int_equal(r.size, b.size);
	report_free(&r);
}

static void
a_file_that_shrank_is_truncated_and_a_directory_fails(void **state)
{
	struct engine_options o = { .budget = engine_budget_open() };
	AUTO_CLOSE int fd = file_of("hello", 5);
	AUTO_CLOSE int dir = dup(fd);
	struct report r;

	(void)state;
	report_init(&r);
	engine_scan_fd(&o, fd, 4000, &r);
	assert_int_equal(r.verdict, VERDICT_UNVERIFIED);
	assert_true(has(&r, "file.truncated", ""));
	report_free(&r);
	assert_int_not_equal(close(dir), -1);
	dir = -1;
	report_init(&r);
	engine_scan_fd(&o, dir, 4000, &r);
	assert_int_equal(r.verdict, VERDICT_UNVERIFIED);
	assert_non_null(r.error);
	assert_true(has(&r, "scan.failed", ""));
	report_free(&r);
}

static void
many_silent_members_fit_into_one_report(void **state)
{
	struct engine_options o = { .budget = engine_budget_scan() };
	AUTO(buf) struct buf b = buf_new(64 << 20);
	struct report r;

	(void)state;
	assert_int_equal(buf_puts(&b, "B"), ERR_OK);
	for (int i = 0; i < 100000; i++) {
		assert_int_equal(
		    buf_printf(&b, "m%cmember-%0119d%c%cL0", 126, i, 2, 0),
		    ERR_OK);
	}
	scan_with(&o, b.data, b.size, &r);
	assert_int_equal(r.verdict, VERDICT_CLEAN);
	assert_false(r.cut);
	assert_int_equal(r.member_count, LIMIT_TREE);
	report_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_show_the_containers_and_every_name),
		cmocka_unit_test(long_paths_are_cut_at_their_limit),
		cmocka_unit_test(
		    what_lies_too_deep_is_told_and_its_neighbours_are_read),
		cmocka_unit_test(a_limit_of_depth_is_no_limit_of_what_follows),
		cmocka_unit_test(a_spent_budget_ends_the_scan_and_is_said_once),
		cmocka_unit_test(
		    storages_are_numbers_unless_a_clear_mark_says_more),
		cmocka_unit_test(who_unpacks_archives_is_told_to_the_walkers),
		cmocka_unit_test(an_empty_file_and_a_text_are_other_and_clean),
		cmocka_unit_test(a_storage_whose_front_is_known_is_not_read),
		cmocka_unit_test(a_small_file_is_read_once),
		cmocka_unit_test(
		    a_file_that_shrank_is_truncated_and_a_directory_fails),
		cmocka_unit_test(many_silent_members_fit_into_one_report),
	};

	return cmocka_run_group_tests_name(
	    "test_engine_parts", tests, NULL, NULL);
}
