/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of ckptguard-worker. */
#include "worker_run.h"

/* Run to the end: the exit status; *out is what it said. */
static int
run_to_end(char *const *args, char *out, size_t size)
{
	int ends[2], status;
	size_t have = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = run(args, -1, ends[1]);
	(void)close(ends[1]);
	while ((n = read(ends[0], out + have, size - 1 - have)) > 0)
		have += (size_t)n;
	out[have] = '\0';
	(void)close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
its_command_line_says_what_it_finds(void **state)
{
	static const struct {
		const char *about, *job, *policy, *says;
		int status;
	} rows[] = {
		{ "no problem", "--check",
		    "allow collections OrderedDict \"data\"\n", "", 0 },
		{ "a bad line", "--check",
		    "allow collections OrderedDict \"data\"\nwhat?\n",
		    "a.policy:2: ", 1 },
		{ "a contradiction", "--check",
		    "allow a b \"data\"\ndeny a b \"code\"\n", "a.policy:", 1 },
		{ "no policy at all", "--check", "", "no import policy", 2 },
		{ "nothing to judge by", "--template", "", "no import policy",
		    2 },
		{ "no such option", "--wrong", "", "unrecognized option", 2 },
		{ "half an identity", "--uid=1", "", "usage", 2 },
		{ "no number", "--control=x", "", "no number", 2 },
		{ "the list", "--list", "allow a b \"some data\" there\n",
		    "/a.policy\t1\tallow\ta\tb\tsome data\tthere\n", 0 },
	};
	struct template *t = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char dir[96], said[2048];
		char *args[] = { (char *)"ckptguard-worker",
			(char *)(uintptr_t)rows[i].job, dir, NULL };

		print_message("%s\n", rows[i].about);
		put(t, "a.policy", rows[i].policy);
		(void)snprintf(dir, sizeof(dir), "--imports=%s", t->dir);
		assert_int_equal(
		    run_to_end(args, said, sizeof(said)), rows[i].status);
		assert_non_null(strstr(said, rows[i].says));
		if (rows[i].says[0] == '\0')
			assert_string_equal(said, "");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(its_command_line_says_what_it_finds),
	};

	return cmocka_run_group_tests_name("worker/cli", tests, NULL, NULL);
}
