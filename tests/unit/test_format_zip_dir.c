/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <zip.h>
#include <zlib.h>

#include "byte/inflate.h"
#include "container_fakes.h"
#include "format/formats.h"
#include "format/torch_zip.h"
#include "format/zip_dir.h"
#include "zip_maker.h"

enum { SAMPLE_MAX = 64 * 1024, NAME_MAX_HERE = 64 };

static char *samples;

/* Unpack a member of zip_dir's view. */
static void
unpack(const struct source *s, const struct zip_entry *e, uint8_t *to)
{
	struct zip_local l;
	struct source packed, out;
	struct inflate *f = NULL;

	assert_int_equal(zip_local_read(s, e->header_at, &l), ERR_OK);
	assert_int_equal(source_view(s, l.data_at, e->packed, &packed), ERR_OK);
	out = packed;
	if (e->method != ZIP_STORED)
		assert_int_equal(
		    inflate_open(&packed,
			e->method == ZIP_DEFLATED    ? INFLATE_DEFLATE
			    : e->method == ZIP_BZIP2 ? INFLATE_BZIP2
						     : INFLATE_ZIP_LZMA,
			&f, &out),
		    ERR_OK);
	assert_int_equal(source_read(&out, 0, to, (size_t)e->size), ERR_OK);
	inflate_free(&f);
}

/* One member in libzip's view and in ours. */
static void
compare_member(zip_t *theirs, struct zip_dir *ours, size_t i)
{
	static uint8_t a[SAMPLE_MAX], b[SAMPLE_MAX];
	const struct zip_entry *e = &ours->entries[i];
	const uint8_t *name;
	zip_stat_t st;
	zip_file_t *file;

	assert_int_equal(zip_stat_index(theirs, i, ZIP_FL_ENC_RAW, &st), 0);
	assert_int_equal(zip_dir_name(ours, e, ZIP_NAME_MAX, &name), ERR_OK);
	assert_int_equal(strlen(st.name), e->name_size);
	assert_memory_equal(st.name, name, e->name_size);
	assert_int_equal(st.size, e->size);
	assert_int_equal(st.comp_size, e->packed);
	assert_int_equal(st.crc, e->crc);
	assert_int_equal(st.comp_method, e->method);
	file = zip_fopen_index(theirs, i, 0);
	if (file == NULL)
		return; /* a method that this libzip was built without */
	assert_int_equal(zip_fread(file, a, sizeof(a)), e->size);
	unpack(&ours->source, e, b);
	assert_memory_equal(a, b, (size_t)e->size);
	(void)zip_fclose(file);
}

static bool
compare_sample(const char *name)
{
	static uint8_t bytes[SAMPLE_MAX];
	size_t size = sample_read(samples, name, bytes, sizeof(bytes));
	struct budget b = { .bytes = UINT32_MAX, .memory = LIMIT_MEMORY };
	struct source s = source_memory(bytes, size, &b);
	zip_source_t *source = zip_source_buffer_create(bytes, size, 0, NULL);
	zip_t *theirs = zip_open_from_source(source, ZIP_RDONLY, NULL);
	struct zip_dir ours;

	if (theirs == NULL) {
		zip_source_free(source);
		return false;
	}
	assert_int_equal(zip_dir_read(&s, no_role, NULL, &ours), ERR_OK);
	assert_int_equal(zip_get_num_entries(theirs, 0), ours.entry_count);
	assert_int_equal(ours.facts, 0);
	for (size_t i = 0; i < ours.entry_count; i++)
		compare_member(theirs, &ours, i);
	zip_dir_free(&ours);
	zip_discard(theirs);
	return true;
}

/* libzip is the oracle: a parser that others wrote, for files that honest
 * writers wrote.  It is no part of the product, where it would be one more
 * parser of hostile bytes. */
static void
test_honest_archives_are_what_libzip_says_they_are(void **state)
{
	unsigned compared = 0, refused = 0;
	struct dirent *d;
	DIR *dir;

	(void)state;
	if (samples == NULL)
		skip();
	dir = opendir(samples);
	assert_non_null(dir);
	while ((d = readdir(dir)) != NULL) {
		if (strncmp(d->d_name, "good_", 5) != 0)
			continue;
		if (compare_sample(d->d_name)) {
			compared++;
		} else {
			print_message("libzip refuses %s\n", d->d_name);
			refused++;
		}
	}
	(void)closedir(dir);
	assert_true(compared > 25);
	assert_true(refused <= 4); /* those with something before them */
}

static void
test_a_count_that_wraps_is_honest(void **state)
{
	AUTO(maker) struct maker m = maker_new(-1);
	struct budget b = { .bytes = UINT32_MAX, .memory = LIMIT_MEMORY };
	char name[NAME_MAX_HERE];
	struct zip_dir dir;
	struct source s;

	(void)state;
	for (unsigned i = 0; i < 70000; i++) {
		(void)snprintf(name, sizeof(name), "f/%06u", i);
		put_member(&m, name, "x", 1);
	}
	put_end(&m, false, 70000 & 0xffff);
	s = source_memory(m.bytes.data, m.bytes.size, &b);
	assert_int_equal(zip_dir_read(&s, no_role, NULL, &dir), ERR_OK);
	assert_int_equal(dir.entry_count, 70000);
	assert_int_equal(dir.facts, 0);
	zip_dir_free(&dir);
	assert_int_equal(b.memory, LIMIT_MEMORY);
}

static void
test_200000_members_fit_into_the_memory_of_a_worker(void **state)
{
	AUTO(maker) struct maker m = maker_new(-1);
	char name[NAME_MAX_HERE];
	struct source s;
	struct fake f;

	(void)state;
	for (unsigned i = 0; i < LIMIT_MEMBERS; i++) {
		/* in an order that a sort by name turns round */
		(void)snprintf(name, sizeof(name), "archive/code/%06u.jpg",
		    (unsigned)LIMIT_MEMBERS - i);
		put_member(&m, name, "x", 1);
	}
	put_member(&m, "archive/data.pkl", "\x80\x02N.", 4);
	put_end(&m, true, m.count);
	fake_init(&f, false);
	f.budget.members = LIMIT_MEMBERS + 2;
	s = source_memory(m.bytes.data, m.bytes.size, &f.budget);
	assert_int_equal(format_zip.walk(&f.visit, &s), ERR_OK);
	assert_string_equal(fake_rules(&f), "");
	assert_int_equal(f.count, LIMIT_MEMBERS + 1);
	assert_int_equal(f.budget.memory, f.start.memory);
	fake_free(&f);
}

static void
test_a_declared_count_allocates_nothing(void **state)
{
	AUTO(maker) struct maker m = maker_new(-1);
	struct budget b = { .bytes = UINT32_MAX, .memory = 128 * 1024 };
	struct zip_dir dir;
	struct source s;

	(void)state;
	put_member(&m, "a", "x", 1);
	put_end(&m, true, UINT64_C(4) << 30);
	s = source_memory(m.bytes.data, m.bytes.size, &b);
	assert_int_equal(zip_dir_read(&s, no_role, NULL, &dir), ERR_OK);
	assert_int_equal(dir.entry_count, 1);
	assert_true(zip_dir_fact(&dir, ZIP_FACT_COUNT));
	zip_dir_free(&dir);
}

static void
test_members_beyond_the_memory_budget_are_a_limit(void **state)
{
	AUTO(maker) struct maker m = maker_new(-1);
	struct budget b = { .bytes = UINT32_MAX, .memory = 512 * 1024 };
	struct zip_dir dir;
	struct source s;

	(void)state;
	for (unsigned i = 0; i < 20000; i++)
		put_member(&m, "same", "x", 1);
	put_end(&m, true, m.count);
	s = source_memory(m.bytes.data, m.bytes.size, &b);
	assert_int_equal(zip_dir_read(&s, no_role, NULL, &dir), ERR_LIMIT);
	assert_int_equal(b.spent, BUDGET_MEMORY);
	zip_dir_free(&dir);
	assert_int_equal(b.memory, 512 * 1024);
}

/* A sparse checkpoint of storages of 512 MiB or, many, of 10 MiB. */
static uint64_t
read_of_sparse(unsigned storages, uint64_t size, size_t *children)
{
	char path[] = "/tmp/ckptguard-sparse.XXXXXX";
	AUTO(maker) struct maker m = maker_new(mkstemp(path));
	char name[NAME_MAX_HERE];
	struct source s;
	struct fake f;
	uint64_t read;

	assert_true(m.fd != -1);
	(void)unlink(path);
	put_member(&m, "m/data.pkl", "\x80\x02N.", 4);
	put_member(&m, "m/version", "3\n", 2);
	for (unsigned i = 0; i < storages; i++) {
		(void)snprintf(name, sizeof(name), "m/data/%u", i);
		put_member(&m, name, NULL, size);
	}
	put_end(&m, true, m.count);
	fake_init(&f, false);
	f.budget.bytes = UINT64_C(1) << 40;
	s = source_fd(m.fd, m.at, &f.budget);
	assert_int_equal(format_zip.walk(&f.visit, &s), ERR_OK);
	assert_string_equal(f.visit.name, "torch-zip");
	assert_string_equal(fake_rules(&f), "");
	*children = f.count;
	/* the fake reads more of each child than the engine does of a storage
	 */
	read = f.budget.read - f.count * FAKE_FRONT;
	print_message("%u storages, %llu MB: %llu bytes read\n", storages,
	    (unsigned long long)(m.at >> 20), (unsigned long long)read);
	fake_free(&f);
	return read;
}

static void
test_a_checkpoint_of_20_gb_costs_less_than_a_megabyte(void **state)
{
	size_t children;

	(void)state;
	assert_true(
	    read_of_sparse(40, UINT64_C(512) << 20, &children) < 100 * 1000);
	assert_int_equal(children, 42);
	assert_true(
	    read_of_sparse(2000, UINT64_C(10) << 20, &children) < 900 * 1000);
	assert_int_equal(children, 2002);
}

static void
test_the_numbers_of_an_array_are_not_summed_up(void **state)
{
	char path[] = "/tmp/ckptguard-sparse.XXXXXX";
	AUTO(maker) struct maker m = maker_new(mkstemp(path));
	struct source s;
	struct fake f;

	(void)state;
	assert_true(m.fd != -1);
	(void)unlink(path);
	put_member(&m, "x.npy", NULL, UINT64_C(1) << 30);
	assert_int_equal(pwrite(m.fd, "\x93NUMPY", 6, ZIP_LOCAL_SIZE + 5), 6);
	put_end(&m, true, m.count);
	fake_init(&f, false);
	f.visit.unpack = true;
	s = source_fd(m.fd, m.at, &f.budget);
	assert_int_equal(format_zip.walk(&f.visit, &s), ERR_OK);
	assert_string_equal(f.visit.name, "npz");
	assert_int_equal(f.count, 1);
	assert_true(f.budget.read < 100 * 1000);
	fake_free(&f);
}

static void
test_entries_are_sorted_whatever_their_order(void **state)
{
	struct zip_entry e[257];
	struct zip_dir dir = { .entries = e, .entry_count = 257 };
	uint32_t x = 7;

	(void)state;
	for (unsigned order = 0; order < 3; order++) {
		memset(e, 0, sizeof(e));
		for (size_t i = 0; i < 257; i++) {
			x = x * 1664525 + 1013904223;
			e[i].header_at = order == 0 ? 257 - i
			    : order == 1            ? i / 16 % 2
						    : x >> 20;
			e[i].hash = x >> 28;
		}
		zip_dir_sort(&dir, zip_entry_by_offset);
		for (size_t i = 1; i < 257; i++)
			assert_true(e[i - 1].header_at <= e[i].header_at);
		zip_dir_sort(&dir, zip_entry_by_name);
		for (size_t i = 1; i < 257; i++)
			assert_true(zip_entry_by_name(&e[i - 1], &e[i]) <= 0);
	}
}

static enum sniff
sniff(const void *data, size_t size)
{
	struct budget b = { .bytes = UINT32_MAX, .memory = LIMIT_MEMORY };
	struct source s = source_memory(data, size, &b);

	return format_zip.sniff(
	    &s, cursor_over(data, size < SNIFF_MAX ? size : SNIFF_MAX));
}

static void
test_a_zip_is_found_by_its_front_or_its_end(void **state)
{
	AUTO(maker) struct maker m = maker_new(-1);
	static uint8_t noise[4096];
	uint32_t x = 1;

	(void)state;
	put_all(&m, noise, sizeof(noise));
	put_member(&m, "a", "x", 1);
	put_end(&m, true, 1);
	assert_int_equal(sniff(m.bytes.data, m.bytes.size), SNIFF_MAYBE);
	assert_int_equal(
	    sniff(m.bytes.data + sizeof(noise), m.bytes.size - sizeof(noise)),
	    SNIFF_YES);
	assert_int_equal(sniff(m.bytes.data, m.bytes.size - 1), SNIFF_NO);
	assert_int_equal(sniff("PK\5\6", 4), SNIFF_MAYBE);
	assert_int_equal(sniff("PK", 2), SNIFF_NO);
	assert_int_equal(sniff("", 0), SNIFF_NO);
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)((x = x * 1664525 + 1013904223) >> 24);
	assert_int_equal(sniff(noise, sizeof(noise)), SNIFF_NO);
}

/* A budget that is spent must not make a zip invisible. */
static void
test_a_look_that_fails_is_no_no(void **state)
{
	AUTO(maker) struct maker m = maker_new(-1);
	struct budget b = { .bytes = UINT32_MAX, .memory = 100 };
	struct source s;

	(void)state;
	put_all(&m, "not a zip at its front", 22);
	put_member(&m, "a", "x", 1);
	put_end(&m, true, 1);
	s = source_memory(m.bytes.data, m.bytes.size, &b);
	assert_int_equal(
	    format_zip.sniff(&s, cursor_over(m.bytes.data, 22)), SNIFF_MAYBE);
	assert_int_equal(b.memory, 100);
}

/* Marks of end records and headers everywhere: the work stays linear. */
static void
test_a_file_of_marks_is_read_once(void **state)
{
	enum { SIZE = 4 * 1024 * 1024 };
	AUTO_FREE uint8_t *p = malloc(SIZE);
	struct source s;
	struct fake f;

	(void)state;
	assert_non_null(p);
	for (unsigned kind = 0; kind < 2; kind++) {
		for (size_t i = 0; i < SIZE; i += 4)
			memcpy(p + i, kind == 0 ? "PK\3\4" : "PK\5\6", 4);
		fake_init(&f, true);
		s = source_memory(p, SIZE, &f.budget);
		(void)format_zip.walk(&f.visit, &s);
		assert_true(f.count < 10);
		fake_free(&f);
	}
}

static void
test_a_large_packed_archive_inside_is_read_from_its_front(void **state)
{
	enum { MEMBER = 3 * 1024 * 1024, TIMES = 4 };
	AUTO(maker) struct maker m = maker_new(-1);
	AUTO_FREE uint8_t *noise = malloc(MEMBER);
	struct source raw, s;
	struct inflate *z = NULL;
	uint8_t *packed;
	uLongf size;
	struct fake f;

	(void)state;
	assert_non_null(noise);
	memset(noise, 'n', MEMBER);
	for (unsigned i = 0; i < TIMES; i++)
		put_member(&m, "a", noise, MEMBER);
	put_member(
	    &m, "archive/data.pkl", "cposix\nsystem\n(S'echo marker'", 29);
	put_end(&m, true, m.count);
	size = compressBound(m.bytes.size);
	packed = malloc(size);
	assert_non_null(packed);
	assert_int_equal(
	    compress(packed, &size, m.bytes.data, m.bytes.size), Z_OK);
	fake_init(&f, true);
	raw = source_memory(packed, size, &f.budget);
	assert_int_equal(inflate_open(&raw, INFLATE_ZLIB, &z, &s), ERR_OK);
	assert_int_equal(format_zip.walk(&f.visit, &s), ERR_OK);
	assert_int_equal(f.count, TIMES + 1);
	assert_int_equal(f.payloads, 1);
	assert_string_equal(fake_rules(&f), "zip.forward-only");
	inflate_free(&z);
	free(packed);
	assert_int_equal(f.budget.memory, f.start.memory);
	fake_free(&f);
}

static int
make_samples(void **state)
{
	(void)state;
	samples = samples_make("gen_zip.py");
	return 0;
}

static int
remove_samples(void **state)
{
	(void)state;
	if (samples != NULL)
		samples_remove(samples);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_honest_archives_are_what_libzip_says_they_are),
		cmocka_unit_test(test_a_count_that_wraps_is_honest),
		cmocka_unit_test(
		    test_200000_members_fit_into_the_memory_of_a_worker),
		cmocka_unit_test(test_a_declared_count_allocates_nothing),
		cmocka_unit_test(
		    test_members_beyond_the_memory_budget_are_a_limit),
		cmocka_unit_test(
		    test_a_checkpoint_of_20_gb_costs_less_than_a_megabyte),
		cmocka_unit_test(
		    test_the_numbers_of_an_array_are_not_summed_up),
		cmocka_unit_test(test_entries_are_sorted_whatever_their_order),
		cmocka_unit_test(test_a_zip_is_found_by_its_front_or_its_end),
		cmocka_unit_test(test_a_look_that_fails_is_no_no),
		cmocka_unit_test(test_a_file_of_marks_is_read_once),
		cmocka_unit_test(
		    test_a_large_packed_archive_inside_is_read_from_its_front),
	};

	return cmocka_run_group_tests_name(
	    "format/zip_dir", tests, make_samples, remove_samples);
}
