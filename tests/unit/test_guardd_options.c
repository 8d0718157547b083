/* SPDX-License-Identifier: Apache-2.0 */
/* A command line is understood whole, or refused with one sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "guardd/options.h"

enum { ARGS = 8 };

struct wrong_row {
	const char *args[ARGS];
	const char *why; /* part of the sentence */
};

static const struct wrong_row wrong_rows[] = {
	{ { NULL }, "nothing to guard" },
	{ { "-f", NULL }, "nothing to guard" },
	{ { "--watch", NULL }, "--watch needs a value" },
	{ { "--watch", "", NULL }, "--watch needs a directory" },
	{ { "--watch=/a", "/b", NULL }, "what is \"/b\"?" },
	{ { "--bogus", NULL }, "there is no option --bogus" },
	{ { "-x", NULL }, "there is no option -x" },
	{ { "--watch=/a", "--profile=lax", NULL },
	    "balanced or strict, not \"lax\"" },
	{ { "--watch=/a", "--deadline=0", NULL }, "from 1 to 600, not \"0\"" },
	{ { "--watch=/a", "--deadline=601", NULL }, "not \"601\"" },
	{ { "--watch=/a", "--deadline=-5", NULL }, "not \"-5\"" },
	{ { "--watch=/a", "--deadline=5s", NULL }, "not \"5s\"" },
	{ { "--watch=/a", "--deadline=", NULL }, "not \"\"" },
	{ { "--watch=/a", "--deadline=99999999999999999999", NULL },
	    "not \"99999999999999999999\"" },
	{ { "--watch=/a", "--stall=4000", NULL }, "from 1 to 3600" },
	{ { "--watch=/a", "--stall=0", NULL }, "from 1 to 3600" },
	{ { "--watch=/a", "--settle=3601", NULL }, "up to 3600" },
	{ { "--watch=/a", "--scan-new=maybe", NULL }, "yes or no" },
	{ { "--watch=/a", "--on-crash=maybe", NULL },
	    "closed or open, not \"maybe\"" },
};

static enum err
parse(const char *const *args, struct options *o, char *why)
{
	char *argv[ARGS + 2] = { (char *)(uintptr_t) "ckptguardd" };
	int argc = 1;

	for (; args[argc - 1] != NULL; argc++)
		argv[argc] = (char *)(uintptr_t)args[argc - 1];
	return options_parse(argc, argv, o, why);
}

static void
test_wrong_ones_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong_rows) / sizeof(wrong_rows[0]);
	     i++) {
		struct options o = { .deadline = 4711 };
		char why[OPTIONS_WHY_MAX] = "";

		print_message("%s\n", wrong_rows[i].why);
		assert_int_equal(parse(wrong_rows[i].args, &o, why), ERR_USAGE);
		assert_non_null(strstr(why, wrong_rows[i].why));
		assert_int_equal(o.deadline, 4711);
	}
}

static void
test_defaults(void **state)
{
	const char *args[] = { "--watch", "/m", NULL };
	char why[OPTIONS_WHY_MAX];
	struct options o;

	(void)state;
	assert_int_equal(parse(args, &o, why), ERR_OK);
	assert_int_equal(o.want, OPTIONS_RUN);
	assert_int_equal(o.watch_count, 1);
	assert_string_equal(o.watch[0], "/m");
	assert_int_equal(o.deadline, OPTIONS_DEADLINE);
	assert_int_equal(o.stall, OPTIONS_STALL);
	assert_int_equal(o.settle, OPTIONS_SETTLE);
	assert_true(o.scan_new);
	assert_int_equal(o.policy.profile, PROFILE_BALANCED);
	assert_null(o.config);
	assert_false(o.foreground || o.observe || o.crash_open);
	assert_null(o.state_dir);
}

static void
test_everything_at_once(void **state)
{
	const char *args[] = { "-f", "--observe", "--settle=0", "--scan-new=no",
		"--deadline=600", "--on-crash=open", "--watch=/a", "--watch=/b",
		NULL };
	char why[OPTIONS_WHY_MAX];
	struct options o;

	(void)state;
	assert_int_equal(parse(args, &o, why), ERR_OK);
	assert_true(o.foreground && o.observe && o.crash_open);
	assert_int_equal(o.settle, 0);
	assert_false(o.scan_new);
	assert_int_equal(o.deadline, 600);
	assert_int_equal(o.watch_count, 2);
	assert_string_equal(o.watch[1], "/b");
}

static void
test_help_needs_no_watch(void **state)
{
	const char *help[] = { "--help", NULL };
	const char *version[] = { "--version", NULL };
	char why[OPTIONS_WHY_MAX];
	struct options o;

	(void)state;
	assert_int_equal(parse(help, &o, why), ERR_OK);
	assert_int_equal(o.want, OPTIONS_HELP);
	assert_int_equal(parse(version, &o, why), ERR_OK);
	assert_int_equal(o.want, OPTIONS_VERSION);
}

static void
test_too_many_watches(void **state)
{
	static char *argv[OPTIONS_WATCH_MAX + 3];
	char why[OPTIONS_WHY_MAX];
	struct options o;

	(void)state;
	for (int i = 0; i < OPTIONS_WATCH_MAX + 2; i++)
		argv[i] = (char *)(uintptr_t) "--watch=/a";
	assert_int_equal(
	    options_parse(OPTIONS_WATCH_MAX + 1, argv, &o, why), ERR_OK);
	assert_int_equal(o.watch_count, OPTIONS_WATCH_MAX);
	assert_int_equal(
	    options_parse(OPTIONS_WATCH_MAX + 2, argv, &o, why), ERR_USAGE);
	assert_non_null(strstr(why, "too many"));
}

/* Every option of the help is one that is understood. */
static void
test_help_names_real_options(void **state)
{
	const char *at = options_help();

	(void)state;
	while ((at = strstr(at, "--")) != NULL) {
		char name[32] = "", why[OPTIONS_WHY_MAX] = "";
		const char *args[] = { name, "1", NULL };
		size_t n = strcspn(at, " ,\n]");
		struct options o;

		assert_true(n < sizeof(name));
		memcpy(name, at, n);
		(void)!parse(args, &o, why);
		assert_null(strstr(why, "there is no option"));
		at += n;
	}
}

static void
test_the_command_line_counts_more_than_the_configuration(void **state)
{
	struct buf why_c = buf_new(CONF_WHY_MAX);
	const char *const args[] = { "-c", "/x", "--deadline=7", NULL };
	const char *const more[] = { "-c", "/x", "--watch=/w",
		"--profile=balanced", NULL };
	char why[OPTIONS_WHY_MAX];
	struct options o;
	struct conf c;

	(void)state;
	conf_initial(&c);
	c.values[CONF_PROFILE] = 1;
	c.values[CONF_DEADLINE] = 99;
	c.values[CONF_STALL] = 98;
	c.values[CONF_UNKNOWN] = CONF_ACT_DENY;
	c.watches[c.watch_count++] = "/a";
	c.watches[c.watch_count++] = "/b*";
	assert_int_equal(parse(args, &o, why), ERR_OK);
	assert_string_equal(o.config, "/x");
	options_complete(&o, &c, &why_c);
	assert_int_equal(o.deadline, 7);
	assert_int_equal(o.stall, 98);
	assert_int_equal(o.policy.profile, PROFILE_STRICT);
	assert_int_equal(o.policy.acts[VERDICT_UNKNOWN], ACT_DENY);
	assert_int_equal(o.policy.acts[VERDICT_MALICIOUS], ACT_PROFILE);
	assert_int_equal(o.watch_count, 2);
	assert_string_equal(o.watch[1], "/b*");
	assert_int_equal(parse(more, &o, why), ERR_OK);
	options_complete(&o, &c, &why_c);
	assert_int_equal(o.deadline, 99);
	assert_int_equal(o.policy.profile, PROFILE_BALANCED);
	assert_int_equal(o.watch_count, 1);
	assert_string_equal(o.watch[0], "/w");
	conf_free(&c);
	assert_int_equal(why_c.size, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_the_command_line_counts_more_than_the_configuration),
		cmocka_unit_test(test_wrong_ones_are_named),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_everything_at_once),
		cmocka_unit_test(test_help_needs_no_watch),
		cmocka_unit_test(test_too_many_watches),
		cmocka_unit_test(test_help_names_real_options),
	};

	return cmocka_run_group_tests_name("guardd/options", tests, NULL, NULL);
}
