/* SPDX-License-Identifier: Apache-2.0 */
/* A file is known by its size and SHA-256, and by nothing less. */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/own.h"
#include "digest/digest.h"
#include "digest/known.h"

#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define NO_HEX \
	"zz7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static int
memory_file(const char *text)
{
	int fd = memfd_create("digest", MFD_CLOEXEC);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

static void
test_a_digest_is_sha256(void **state)
{
	static const struct {
		const char *text, *hex;
	} rows[] = { { "abc", ABC }, { "", EMPTY } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		AUTO_CLOSE int fd = memory_file(rows[i].text);
		char hex[DIGEST_HEX + 1];
		struct digest d;

		assert_int_equal(
		    digest_fd(fd, strlen(rows[i].text), &d), ERR_OK);
		digest_hex(&d, hex);
		assert_string_equal(hex, rows[i].hex);
	}
}

static void
test_a_file_of_another_size_has_no_digest(void **state)
{
	AUTO_CLOSE int fd = memory_file("abc");
	struct digest d;

	(void)state;
	assert_int_equal(digest_fd(fd, 4, &d), ERR_SHORT);
	assert_int_equal(digest_fd(fd, 2, &d), ERR_LIMIT);
	assert_int_equal(digest_fd(fd, UINT64_MAX, &d), ERR_LIMIT);
}

static void
test_only_64_hex_digits_are_a_digest(void **state)
{
	static const char *const wrong[] = { "", "ba", ABC "0", NO_HEX };
	struct digest d, e;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_false(digest_parse(wrong[i], strlen(wrong[i]), &d));
	assert_true(digest_parse(BYTES(ABC), &d));
	assert_true(digest_parse(
	    BYTES("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61"
		  "F20015AD"),
	    &e));
	assert_true(digest_equal(&d, &e));
}

/* A table of these lines. */
static void
table(struct buf *image, const char *deny, const char *allow, struct known *k)
{
	struct known_list l = { 0 };

	*image = buf_new(KNOWN_IMAGE_MAX);
	assert_int_equal(
	    known_read(&l, deny, strlen(deny), KNOWN_DENIED, 0), ERR_OK);
	assert_int_equal(
	    known_read(&l, allow, strlen(allow), KNOWN_ALLOWED, 1), ERR_OK);
	assert_int_equal(known_image(&l, image), ERR_OK);
	assert_int_equal(known_open(image->data, image->size, k), ERR_OK);
	known_list_free(&l);
}

static void
test_a_listed_file_is_found_by_size_and_digest(void **state)
{
	AUTO(buf) struct buf image = buf_new(1);
	char name[KNOWN_NAME_MAX + 1];
	struct digest abc, empty;
	struct known k;

	(void)state;
	assert_true(digest_parse(BYTES(ABC), &abc));
	assert_true(digest_parse(BYTES(EMPTY), &empty));
	table(&image, "# known bad\n" ABC ":3:Bad.One\r\n\n" EMPTY ":7:x", "",
	    &k);
	assert_true(known_size(&k, 3));
	assert_true(known_size(&k, 7));
	assert_false(known_size(&k, 0));
	assert_false(known_size(&k, 4));
	assert_false(known_size(&k, UINT64_MAX));
	assert_int_equal(known_find(&k, 3, &abc, name), KNOWN_DENIED);
	assert_string_equal(name, "Bad.One");
	assert_int_equal(known_find(&k, 7, &abc, NULL), KNOWN_NOT);
	assert_int_equal(known_find(&k, 3, &empty, NULL), KNOWN_NOT);
}

static void
test_the_higher_rank_decides(void **state)
{
	AUTO(buf) struct buf image = buf_new(1);
	struct digest abc;
	struct known k;

	(void)state;
	assert_true(digest_parse(BYTES(ABC), &abc));
	table(&image, ABC ":3:listed", ABC ":3:ours", &k);
	assert_int_equal(k.count, 1);
	assert_int_equal(known_find(&k, 3, &abc, NULL), KNOWN_ALLOWED);
}

static void
test_what_is_no_sha256_of_a_size_is_counted(void **state)
{
	static const char text[] =
	    "44d88612fea8a8f36de82e1278abb02f:68:Eicar.MD5\n" ABC
	    ":*:AnySize:73\n" ABC ":3:Good:73\n:::\n" ABC ":-3:x\n" ABC
	    ":99999999999999999999:x\n" ABC "\n";
	struct known_list l = { 0 };

	(void)state;
	assert_int_equal(
	    known_read(&l, text, sizeof(text) - 1, KNOWN_DENIED, 0), ERR_OK);
	assert_int_equal(l.count, 1);
	assert_string_equal(l.entries[0].name, "Good");
	assert_int_equal(l.skipped, 6);
	assert_int_equal(l.line, 1);
	known_list_free(&l);
}

static void
test_a_decision_is_written_read_and_taken_back(void **state)
{
	AUTO(buf) struct buf text = buf_new(1024);
	struct known_list l = { 0 }, again = { 0 };
	struct known_entry e = {
		.size = 3, .kind = KNOWN_DENIED, .rank = 2, .name = "a b"
	};

	(void)state;
	assert_true(digest_parse(BYTES(ABC), &e.digest));
	assert_int_equal(known_add(&l, &e), ERR_OK);
	assert_int_equal(known_write(&l, KNOWN_DENIED, &text), ERR_OK);
	assert_string_equal(buf_text(&text), ABC ":3:a b\n");
	assert_int_equal(
	    known_read(&again, buf_text(&text), text.size, KNOWN_DENIED, 2),
	    ERR_OK);
	assert_int_equal(again.count, 1);
	assert_false(known_remove(&again, &e, 1));
	assert_true(known_remove(&again, &e, 2));
	assert_int_equal(again.count, 0);
	known_list_free(&l);
	known_list_free(&again);
}

static void
test_a_broken_image_is_refused(void **state)
{
	AUTO(buf) struct buf image = buf_new(1);
	struct known k, none;

	(void)state;
	table(&image, ABC ":3:a\n" EMPTY ":9:b\n", "", &k);
	for (size_t n = 0; n < image.size; n++)
		assert_int_equal(
		    known_open(image.data, n, &none), ERR_MALFORMED);
	/* sizes fall */
	image.data[16] = 200;
	assert_int_equal(
	    known_open(image.data, image.size, &none), ERR_MALFORMED);
}

static void
test_an_empty_table_knows_nothing(void **state)
{
	struct known k = { 0 };
	struct digest d = { { 0 } };

	(void)state;
	assert_false(known_size(&k, 0));
	assert_int_equal(known_find(&k, 0, &d, NULL), KNOWN_NOT);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_digest_is_sha256),
		cmocka_unit_test(test_a_file_of_another_size_has_no_digest),
		cmocka_unit_test(test_only_64_hex_digits_are_a_digest),
		cmocka_unit_test(
		    test_a_listed_file_is_found_by_size_and_digest),
		cmocka_unit_test(test_the_higher_rank_decides),
		cmocka_unit_test(test_what_is_no_sha256_of_a_size_is_counted),
		cmocka_unit_test(
		    test_a_decision_is_written_read_and_taken_back),
		cmocka_unit_test(test_a_broken_image_is_refused),
		cmocka_unit_test(test_an_empty_table_knows_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
