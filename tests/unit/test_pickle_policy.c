/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "pickle/policy.h"

/* Problems as they are told. */
struct told {
	unsigned count;
	unsigned line;   /* of the last one */
	char text[2000]; /* the last one */
};

static void
told_add(void *context, const char *file, unsigned line, const char *text)
{
	struct told *told = context;

	assert_non_null(file);
	told->count++;
	told->line = line;
	(void)snprintf(told->text, sizeof(told->text), "%s", text);
}

static enum err
add_bytes(struct policy *p, const char *name, const char *text, size_t size,
    struct told *told)
{
	char nothing[1] = "";
	FILE *in = size == 0 ? fmemopen(nothing, 1, "r")
			     : fmemopen((void *)(uintptr_t)text, size, "r");
	enum err err;

	assert_non_null(in);
	err = policy_add_file(p, in, name, told_add, told);
	assert_int_equal(fclose(in), 0);
	return err;
}

static struct policy *
policy_of(const char *text)
{
	struct policy *p = policy_new();
	struct told told = { 0 };

	assert_non_null(p);
	if (add_bytes(p, "test", text, strlen(text), &told) != ERR_OK)
		fail_msg("line %u: %s", told.line, told.text);
	return p;
}

static uint64_t
sum_of(const char *text)
{
	struct policy *p = policy_of(text);
	uint64_t sum = policy_sum(p);

	policy_free(p);
	return sum;
}

static void
test_the_sum_is_that_of_the_rules(void **state)
{
	uint64_t sum = sum_of("deny a b \"r\"\ndeny c d \"r\"\n");

	(void)state;
	assert_int_equal(
	    sum_of("# said\ndeny  a b \"r\"\n\ndeny c d \"r\"\n"), sum);
	assert_int_not_equal(sum_of("allow a b \"r\"\ndeny c d \"r\"\n"), sum);
	assert_int_not_equal(sum_of("deny a bc \"r\"\ndeny d d \"r\"\n"), sum);
	assert_int_not_equal(sum_of("deny a b \"r\"\n"), sum);
	assert_int_not_equal(sum_of("deny c d \"r\"\ndeny a b \"r\"\n"), sum);
}

static const char *
found(const struct policy *p, const char *module, const char *name)
{
	const struct policy_rule *rule =
	    policy_find(p, module, strlen(module), name, strlen(name));

	return rule == NULL ? "-" : rule->reason;
}

static void
test_most_specific_rule_decides(void **state)
{
	static const struct {
		const char *module, *name, *want;
	} rows[] = {
		{ "a.b", "f", "exact" },
		{ "a.b", "Klass", "class" },
		{ "a.b", "_Klass", "class" },
		{ "a.b", "g", "any" },
		{ "a.b", "Klass.f", "any" },
		{ "a.b", "klass", "any" },
		{ "a", "Klass", "below class" },
		{ "a.c", "Klass", "below class" },
		{ "a.c", "f", "below any" },
		{ "a.b.c", "f", "below any" },
		{ "a.c.d", "f", "below a.c.d exact" },
		{ "a.c.d.e", "f", "below a.c.d exact" },
		{ "a.c.d", "g", "below any" },
		{ "ab", "f", "-" },
		{ "", "f", "-" },
		{ "b", "f", "-" },
		{ "b", "leaf", "leaf" },
		{ "a.c", "leaf", "leaf" },
		{ "a.b", "leaf", "leaf" },
		{ "a.x", "leaf", "own leaf" },
		{ "a.c", "mild", "below any" },
	};
	struct policy *p = policy_of("deny a.b f \"exact\"\n"
				     "construct a.b Class* \"class\"\n"
				     "known a.b * \"any\"\n"
				     "construct a.* Class* \"below class\"\n"
				     "known a.* * \"below any\"\n"
				     "deny a.c.d.* f \"below a.c.d exact\"\n"
				     "deny * leaf \"leaf\"\n"
				     "allow a.x leaf \"own leaf\"\n"
				     "unknown * mild \"mild\"\n");

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(
		    found(p, rows[i].module, rows[i].name), rows[i].want);
	assert_int_equal(policy_count(p), 9);
	policy_free(p);
}

static void
test_later_file_overrides_and_is_no_problem(void **state)
{
	static const char user[] = "allow m f \"mine\"\n";
	struct policy *p = policy_of("deny m f \"shipped\"\n");
	struct told told = { 0 };

	(void)state;
	assert_string_equal(found(p, "m", "f"), "shipped");
	assert_int_equal(
	    add_bytes(p, "user", user, strlen(user), &told), ERR_OK);
	assert_string_equal(found(p, "m", "f"), "mine");
	assert_int_equal(policy_check(p, told_add, &told), 0);
	assert_int_equal(policy_count(p), 1);
	policy_free(p);
}

static void
test_contradiction_is_told_with_its_line(void **state)
{
	struct policy *p = policy_of("# first\n"
				     "deny m f \"one\"\n"
				     "allow m f \"two\"\n"
				     "deny m g \"three\"\n"
				     "deny m g \"four\"\n");
	struct told told = { 0 };

	(void)state;
	assert_int_equal(policy_check(p, told_add, &told), 2);
	assert_int_equal(told.count, 2);
	assert_int_equal(told.line, 5);
	assert_non_null(strstr(told.text, "said again: test:4"));
	policy_free(p);
}

static void
test_line_longer_than_a_sentence_is_refused(void **state)
{
	struct policy *p = policy_new();
	struct told told = { 0 };
	char text[1200];
	int n = snprintf(
	    text, sizeof(text), "deny m f \"%01100d\"\ndeny m g \"r\"\n", 0);

	(void)state;
	assert_int_equal(
	    add_bytes(p, "test", text, (size_t)n, &told), ERR_MALFORMED);
	assert_non_null(strstr(told.text, "longer than"));
	assert_string_equal(found(p, "m", "g"), "r");
	policy_free(p);
}

static void
test_bad_line_costs_itself_alone(void **state)
{
	static const struct {
		const char *line, *says;
	} rows[] = {
		{ "allowed m f \"r\"", "is no action" },
		{ "none m f \"r\"", "is no action" },
		{ "deny", "module is missing" },
		{ "deny m", "name is missing" },
		{ "deny m \"r\"", "name is missing" },
		{ "deny m f", "reason is missing" },
		{ "deny m f reason", "reason is missing" },
		{ "deny m f \"r", "closing double quote" },
		{ "deny m f \"\"", "reason is empty" },
		{ "deny m f \"r\"x", "closing quote" },
		{ "deny m f \"r\" ref more", "behind the reference" },
		{ "deny m..n f \"r\"", "is no module" },
		{ "deny .m f \"r\"", "is no module" },
		{ "deny m. f \"r\"", "is no module" },
		{ "deny .* f \"r\"", "is no module" },
		{ "deny m.*.n f \"r\"", "is no module" },
		{ "deny m* f \"r\"", "is no module" },
		{ "deny a.b.c.d.e.f.g.h.i.j.k.l.m f \"r\"", "parts" },
		{ "deny m Foo* \"r\"", "is no name" },
		{ "deny m f. \"r\"", "is no name" },
		{ "allow m * \"r\"", "allow wants" },
		{ "allow m Class* \"r\"", "allow wants" },
		{ "allow m.* f \"r\"", "allow wants" },
		{ "allow * f \"r\"", "allow wants" },
		{ "construct m * \"r\"", "construct wants" },
		{ "construct * Class* \"r\"", "construct wants" },
		{ "args * f \"r\"", "args wants" },
		{ "deny m f \"\x1b[2J\"", "printable" },
		{ "deny m f \"\x7f\"", "printable" },
		{ "deny m f \"\xff\"", "printable" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct policy *p = policy_new();
		struct told told = { 0 };
		char text[300];
		int n = snprintf(text, sizeof(text),
		    "deny before f \"before\"\n%s\ndeny after f \"after\"\n",
		    rows[i].line);

		assert_int_equal(add_bytes(p, "test", text, (size_t)n, &told),
		    ERR_MALFORMED);
		assert_int_equal(told.count, 1);
		assert_int_equal(told.line, 2);
		if (strstr(told.text, rows[i].says) == NULL)
			fail_msg("%s: %s", rows[i].line, told.text);
		assert_string_equal(found(p, "before", "f"), "before");
		assert_string_equal(found(p, "after", "f"), "after");
		assert_int_equal(policy_count(p), 2);
		policy_free(p);
	}
}

static void
test_lines_without_a_rule_and_odd_endings_are_read(void **state)
{
	struct policy *p = policy_of("\xef\xbb\xbf# a comment\r\n"
				     "\n"
				     " \t \n"
				     "\tdeny\t m  f\t\"a reason\"  CVE-1 \r\n"
				     "deny n f \"no newline\"");
	const struct policy_rule *rule = policy_find(p, "m", 1, "f", 1);

	(void)state;
	assert_non_null(rule);
	assert_int_equal(rule->action, POLICY_DENY);
	assert_string_equal(rule->reason, "a reason");
	assert_string_equal(rule->reference, "CVE-1");
	assert_string_equal(rule->file, "test");
	assert_int_equal(rule->line, 4);
	assert_string_equal(found(p, "n", "f"), "no newline");
	policy_free(p);
}

static void
test_empty_policy_knows_nothing(void **state)
{
	struct policy *p = policy_new();

	(void)state;
	assert_null(policy_find(p, "os", 2, "system", 6));
	assert_int_equal(policy_judge(p, "os", 2, "a.b", 3, USE_CALL).verdict,
	    VERDICT_SUSPICIOUS);
	assert_int_equal(
	    policy_judge(p, "os", 2, "system", 6, USE_CALL).verdict,
	    VERDICT_UNKNOWN);
	assert_int_equal(policy_count(p), 0);
	policy_free(p);
	policy_free(NULL);
}

static void
test_all_rules_are_found_after_the_table_has_grown(void **state)
{
	struct policy *p = policy_new();
	struct told told = { 0 };
	char line[100];

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		int n = snprintf(
		    line, sizeof(line), "deny m%u.x f%u \"r\"\n", i % 977, i);

		assert_int_equal(
		    add_bytes(p, "t", line, (size_t)n, &told), ERR_OK);
	}
	assert_int_equal(policy_count(p), 20000);
	for (unsigned i = 0; i < 20000; i++) {
		char module[20], name[20];

		(void)snprintf(module, sizeof(module), "m%u.x", i % 977);
		(void)snprintf(name, sizeof(name), "f%u", i);
		assert_string_equal(found(p, module, name), "r");
	}
	policy_free(p);
}

static void
write_file(const char *dir, const char *name, const char *text)
{
	char path[300];
	FILE *out;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	out = fopen(path, "we");
	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

static void
test_directory_is_read_in_name_order(void **state)
{
	char dir[] = "/tmp/ckptguard-policy-XXXXXX";
	static const char *const names[] = { "10-a.policy", "20-b.policy",
		"30-c.txt", ".40-d.policy" };
	struct policy *p = policy_new();
	struct told told = { 0 };
	char path[300];

	(void)state;
	assert_non_null(mkdtemp(dir));
	write_file(dir, names[1], "deny m f \"second\"\n");
	write_file(dir, names[0], "allow m f \"first\"\nbad\n");
	write_file(dir, names[2], "deny m g \"no policy\"\n");
	write_file(dir, names[3], "deny m h \"hidden\"\n");
	assert_int_equal(
	    policy_add_dir(p, dir, told_add, &told), ERR_MALFORMED);
	assert_int_equal(told.count, 1);
	assert_string_equal(found(p, "m", "f"), "second");
	assert_string_equal(found(p, "m", "g"), "-");
	assert_string_equal(found(p, "m", "h"), "-");
	/* Two files of one directory are one layer: the first never decides. */
	assert_int_equal(policy_check(p, told_add, &told), 1);
	assert_non_null(strstr(told.text, "10-a.policy:1"));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(policy_add_dir(p, dir, told_add, &told), ERR_OK);
	/* a file in the place of a directory is read as one */
	assert_int_equal(
	    policy_add_dir(p, "/dev/null", told_add, &told), ERR_OK);
	assert_int_equal(
	    policy_add_dir(p, "/dev/null/x", told_add, &told), ERR_SYS);
	policy_free(p);
}

/* The parser over broken lines: every line is a rule or a problem, and what is
 * a rule was a line of four or five words. */
static void
test_broken_lines_are_told_and_never_more(void **state)
{
	static const char *const pieces[] = { "deny", "allow", "construct",
		"args", " ", "\t", "\"", "\"r\"", "*", ".*", ".", "a.b",
		"Class*", "os", "#", "\xc3\xa9", "\xc3", "\x01", "\r", "f",
		"ref" };
	uint32_t seed = 12345;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		struct policy *p = policy_new();
		struct told told = { 0 };
		char text[400] = "";
		size_t size = 0;
		enum err err;

		for (unsigned i = 0; i < 14; i++) {
			const char *piece;

			seed = seed * 1664525 + 1013904223;
			piece = pieces[(seed >> 16) %
			    (sizeof(pieces) / sizeof(pieces[0]))];
			memcpy(text + size, piece, strlen(piece));
			size += strlen(piece);
		}
		err = add_bytes(p, "t", text, size, &told);
		assert_int_equal(err == ERR_MALFORMED, told.count == 1);
		assert_true(told.count + policy_count(p) <= 1);
		policy_free(p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_sum_is_that_of_the_rules),
		cmocka_unit_test(test_most_specific_rule_decides),
		cmocka_unit_test(test_later_file_overrides_and_is_no_problem),
		cmocka_unit_test(test_contradiction_is_told_with_its_line),
		cmocka_unit_test(test_line_longer_than_a_sentence_is_refused),
		cmocka_unit_test(test_bad_line_costs_itself_alone),
		cmocka_unit_test(
		    test_lines_without_a_rule_and_odd_endings_are_read),
		cmocka_unit_test(test_empty_policy_knows_nothing),
		cmocka_unit_test(
		    test_all_rules_are_found_after_the_table_has_grown),
		cmocka_unit_test(test_directory_is_read_in_name_order),
		cmocka_unit_test(test_broken_lines_are_told_and_never_more),
	};

	return cmocka_run_group_tests_name("pickle policy", tests, NULL, NULL);
}
