/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "conf/conf.h"

static char path[] = "/tmp/test_conf-XXXXXX";

static enum err
load(const char *text, struct conf *out, struct buf *why)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fclose(f), 0);
	return conf_load(path, false, out, why);
}

static void
what_is_not_said_is_as_the_table_says(void **state)
{
	AUTO(conf) struct conf c = { 0 };
	AUTO(buf) struct buf why = buf_new(CONF_WHY_MAX);

	(void)state;
	assert_int_equal(load("", &c, &why), ERR_OK);
	assert_int_equal(c.watch_count, 0);
	assert_int_equal(c.values[CONF_DEADLINE], 10);
	assert_int_equal(c.values[CONF_PROFILE], 0);
}

static void
what_is_said_holds(void **state)
{
	AUTO(conf) struct conf c = { 0 };
	AUTO(buf) struct buf why = buf_new(CONF_WHY_MAX);

	(void)state;
	assert_int_equal(
	    load("# words\nunknown = notify\ndeadline = 20\n"
		 "watch \"/srv/a b\" {}\nwatch \"/home/*/models\" { }\n",
		&c, &why),
	    ERR_OK);
	assert_int_equal(c.values[CONF_DEADLINE], 20);
	assert_int_equal(c.values[CONF_UNKNOWN], CONF_ACT_NOTIFY);
	assert_int_equal(c.watch_count, 2);
	assert_string_equal(c.watches[0], "/srv/a b");
	assert_string_equal(c.watches[1], "/home/*/models");
}

struct row {
	const char *text;
	const char *why; /* behind "PATH:LINE: " */
	unsigned line;
};

static const struct row wrong[] = {
	{ "\ndeadline = 0\n",
	    "deadline is a whole number of seconds from 1 to 600, not \"0\"",
	    2 },
	{ "deadline = 1x\n",
	    "deadline is a whole number of seconds from 1 to 600, not \"1x\"",
	    1 },
	{ "deadline = -1\n",
	    "deadline is a whole number of seconds from 1 to 600, not \"-1\"",
	    1 },
	{ "stall = 99999999999999999999\n",
	    "stall is a whole number of seconds from 1 to 3600, not "
	    "\"99999999999999999999\"",
	    1 },
	{ "profile = lax\n", "profile is balanced or strict, not \"lax\"", 1 },
	{ "unknown = forbid\n",
	    "unknown is profile, allow, notify, deny or quarantine, not "
	    "\"forbid\"",
	    1 },
	{ "deadline = 1\n\ndeadline = 2\n",
	    "deadline is set a second time (first in line 1): keep one of "
	    "them",
	    3 },
	{ "watch models {}\n",
	    "watch \"models\" is no absolute path: begin it with /", 1 },
	{ "watch /a {\ndeadline = 3\n}\n",
	    "no such option 'deadline'; ckptguard.conf(5) has what may stand "
	    "here",
	    2 },
	{ "administrators = \"\"\n",
	    "administrators is the name of a group, of at most 64 bytes, not "
	    "\"\"",
	    1 },
	{ "exempt {\n programs = {\"/a\",\n \"b\"}\n}\n",
	    "programs is an absolute path of a program, of at most 4095 "
	    "bytes, not \"b\"",
	    3 },
	{ "exempt { users = {\"a\"} }\nexempt { users = {\"b\"} }\n",
	    "users is set a second time (first in line 1): keep one of them",
	    2 },
	{ "watch \"/a\" {\n profile = lax\n}\n",
	    "profile is same, balanced or strict, not \"lax\"", 2 },
	{ "watch \"/a\" {\n unknown = deny\n unknown = deny\n}\n",
	    "unknown is set a second time (first in line 2): keep one of "
	    "them",
	    3 },
	{ "history { days = 0 }\n",
	    "days is a whole number of days from 1 to 36500, not \"0\"", 1 },
	{ "deadlin = 3\n",
	    "no such option 'deadlin'; ckptguard.conf(5) has what may stand "
	    "here",
	    1 },
};

static void
each_mistake_is_told_with_its_line_and_what_would_be_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		AUTO(buf) struct buf why = buf_new(CONF_WHY_MAX);
		struct conf c = { .watch_count = 77 };
		char want[1024];

		assert_int_equal(load(wrong[i].text, &c, &why), ERR_USAGE);
		(void)snprintf(want, sizeof(want), "%s:%u: %s\n", path,
		    wrong[i].line, wrong[i].why);
		assert_string_equal(buf_text(&why), want);
		assert_int_equal(c.watch_count, 77);
	}
}

static void
one_mistake_does_not_hide_the_next(void **state)
{
	AUTO(buf) struct buf why = buf_new(CONF_WHY_MAX);
	struct conf c;

	(void)state;
	assert_int_equal(
	    load(
		"deadline = 0\nstall = 0\nwatch a {}\nprofile = x\n", &c, &why),
	    ERR_USAGE);
	assert_non_null(strstr(buf_text(&why), ":1: deadline"));
	assert_non_null(strstr(buf_text(&why), ":2: stall"));
	assert_non_null(strstr(buf_text(&why), ":3: watch"));
	assert_non_null(strstr(buf_text(&why), ":4: profile"));
}

static void
what_is_shown_reads_back_as_the_same(void **state)
{
	AUTO(conf) struct conf a = { 0 }, b = { 0 };
	AUTO(buf) struct buf why = buf_new(CONF_WHY_MAX);
	AUTO(buf) struct buf one = buf_new(CONF_FILE_MAX);
	AUTO(buf) struct buf two = buf_new(CONF_FILE_MAX);

	(void)state;
	assert_int_equal(load("watch \"/a \\\"b\\\" \\${HOME} \\x09c\\\\\" "
			      "{}\nmalicious = allow\n",
			     &a, &why),
	    ERR_OK);
	assert_string_equal(a.watches[0], "/a \"b\" ${HOME} \tc\\");
	assert_int_equal(conf_show(&a, &one), ERR_OK);
	assert_int_equal(load(buf_text(&one), &b, &why), ERR_OK);
	assert_int_equal(conf_show(&b, &two), ERR_OK);
	assert_string_equal(buf_text(&one), buf_text(&two));
}

static void
the_sample_says_nothing_and_each_of_its_options_can_be_set(void **state)
{
	AUTO(buf) struct buf sample = buf_new(CONF_FILE_MAX);
	AUTO(buf) struct buf why = buf_new(CONF_WHY_MAX);
	AUTO(conf) struct conf c = { 0 }, d = { 0 };
	char *at;

	(void)state;
	assert_int_equal(conf_sample(&sample), ERR_OK);
	assert_int_equal(load(buf_text(&sample), &c, &why), ERR_OK);
	for (enum conf_key k = 0; k < CONF_COUNT; k++) {
		char line[64];

		if (strcmp(conf_options[k].section, CONF_WATCH) == 0)
			continue;
		(void)snprintf(
		    line, sizeof(line), "#%s = ", conf_options[k].key);
		at = strstr((char *)sample.data, line);
		assert_non_null(at);
		*at = ' ';
	}
	assert_int_equal(load(buf_text(&sample), &d, &why), ERR_OK);
	for (enum conf_key k = 0; k < CONF_COUNT; k++) {
		bool text = conf_options[k].kind >= CONF_TEXT;

		assert_int_equal(
		    d.values[k], text ? c.values[k] + 1 : c.values[k]);
	}
}

static void
each_watch_has_its_own(void **state)
{
	AUTO(buf) struct buf why = buf_new(CONF_WHY_MAX);
	AUTO(buf) struct buf shown = buf_new(CONF_FILE_MAX);
	AUTO(conf) struct conf c = { 0 }, d = { 0 };

	(void)state;
	assert_int_equal(
	    load("unknown = allow\n"
		 "watch \"/a\" { profile = strict unknown = notify }\n"
		 "watch \"/b\" {}\n"
		 "watch \"/c\" {\n malicious = deny\n}\n",
		&c, &why),
	    ERR_OK);
	assert_int_equal(c.values[CONF_PROFILE], 0);
	assert_int_equal(c.watch_values[0][CONF_WATCH_PROFILE], 2);
	assert_int_equal(
	    c.watch_values[0][CONF_WATCH_UNKNOWN], CONF_ACT_NOTIFY + 1);
	assert_int_equal(c.watch_values[1][CONF_WATCH_PROFILE], 0);
	assert_int_equal(c.watch_values[1][CONF_WATCH_UNKNOWN], 0);
	assert_int_equal(
	    c.watch_values[2][CONF_WATCH_MALICIOUS], CONF_ACT_DENY + 1);
	assert_int_equal(conf_show(&c, &shown), ERR_OK);
	assert_int_equal(load(buf_text(&shown), &d, &why), ERR_OK);
	assert_memory_equal(
	    c.watch_values, d.watch_values, sizeof(c.watch_values));
}

static void
lists_hold_what_they_say(void **state)
{
	AUTO(buf) struct buf why = buf_new(CONF_WHY_MAX);
	AUTO(conf) struct conf c = { 0 };

	(void)state;
	assert_int_equal(load("exempt {\n users = {\"a\", \"b\", \"b\"}\n}\n"
			      "administrators = adm\n",
			     &c, &why),
	    ERR_OK);
	assert_int_equal(c.values[CONF_EXEMPT_USERS], 3);
	assert_string_equal(c.texts[CONF_EXEMPT_USERS][0], "a");
	assert_string_equal(c.texts[CONF_EXEMPT_USERS][1], "b");
	assert_string_equal(c.texts[CONF_ADMINISTRATORS][0], "adm");
	assert_int_equal(c.values[CONF_EXEMPT_PROGRAMS], 0);
}

static void
a_file_that_others_may_write_is_not_trusted(void **state)
{
	AUTO(buf) struct buf why = buf_new(CONF_WHY_MAX);
	struct conf c;

	(void)state;
	assert_int_equal(load("", &c, &why), ERR_OK);
	conf_free(&c);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(conf_load(path, true, &c, &why), ERR_USAGE);
	assert_non_null(strstr(buf_text(&why), "writable by nobody else"));
	assert_int_equal(chmod(path, 0600), 0);
}

static void
what_is_no_file_is_told(void **state)
{
	AUTO(buf) struct buf why = buf_new(CONF_WHY_MAX);
	struct conf c;

	(void)state;
	assert_int_equal(conf_load("/nowhere/x", false, &c, &why), ERR_SYS);
	assert_int_equal(conf_load("/dev/null", false, &c, &why), ERR_USAGE);
	assert_string_equal(buf_text(&why),
	    "/nowhere/x: No such file or directory\n"
	    "/dev/null: is no configuration file: a text file of at most 1 MiB "
	    "is\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_said_is_as_the_table_says),
		cmocka_unit_test(what_is_said_holds),
		cmocka_unit_test(
		    each_mistake_is_told_with_its_line_and_what_would_be_right),
		cmocka_unit_test(one_mistake_does_not_hide_the_next),
		cmocka_unit_test(what_is_shown_reads_back_as_the_same),
		cmocka_unit_test(
		    the_sample_says_nothing_and_each_of_its_options_can_be_set),
		cmocka_unit_test(each_watch_has_its_own),
		cmocka_unit_test(lists_hold_what_they_say),
		cmocka_unit_test(a_file_that_others_may_write_is_not_trusted),
		cmocka_unit_test(what_is_no_file_is_told),
	};
	int fd = mkstemp(path), failed;

	if (fd == -1)
		return 1;
	(void)close(fd);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink(path);
	return failed;
}
