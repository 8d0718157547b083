/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "pickle/policy.h"

static struct policy *
policy_of(const char *text)
{
	struct policy *p = policy_new();
	FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");

	assert_non_null(p);
	assert_non_null(in);
	assert_int_equal(policy_add_file(p, in, "test", NULL, NULL), ERR_OK);
	assert_int_equal(fclose(in), 0);
	return p;
}

/* A policy like the shipped one, in small. */
static const char small[] =
    "deny os system \"runs a command\"\n"
    "known os * \"os\"\n"
    "deny builtins eval \"evaluates\"\n"
    "allow builtins set \"data\"\n"
    "args builtins getattr \"by name\"\n"
    "known builtins * \"builtins\"\n"
    "deny __builtin__ execfile \"runs a file\"\n"
    "known pathlib * \"pathlib\"\n"
    "args pathlib Path \"a path\"\n"
    "known json.* * \"json\"\n"
    "deny subprocess.* * \"runs commands\"\n"
    "known torch.* * \"torch\"\n"
    "deny torch.utils.collect_env run \"runs a command\"\n"
    "construct pkg.* Class* \"an estimator\"\n"
    "known pkg.* * \"pkg\"\n"
    "construct pkg.low lower_class \"a class\"\n"
    "args pkg.metrics * \"passed around\"\n"
    "known PIL.* * \"pictures\"\n"
    "known dill.* * \"dill\"\n"
    "unknown dill _dill \"its helpers\"\n"
    "suspect odd * \"odd\"\n"
    "unknown json Decoder \"a class passed around\"\n"
    "unknown __main__ * \"the script's own\"\n"
    "allow pkg Outer.inner \"looked at\"\n"
    "suspect * system \"runs commands in most libraries\"\n"
    "args builtins setattr \"by name\"\n"
    "suspect * setattr \"changes attributes\"\n"
    "deny * __globals__ \"all of a module\"\n";

/* What each use comes to: clean, unknown, suspicious or malicious. */
struct judge_row {
	const char *module, *name;
	const char *want; /* import, setstate, construct, call */
};

/* clang-format off */
static const struct judge_row judge_rows[] = {
	/* plain */
	{ "builtins", "set", "cccc" },
	{ "builtins", "eval", "mmmm" },
	{ "builtins", "getattr", "uumm" },
	{ "builtins", "len", "ssmm" },
	{ "json", "JSONDecoder", "sssm" },
	{ "pkg.tree", "Tree", "cccu" },
	{ "pkg.tree", "load", "ssmm" },
	{ "pkg.metrics", "f", "uusm" },
	{ "odd", "x", "ssss" },
	{ "nobody", "f", "uuuu" },
	{ "__main__", "Net", "uuuu" },
	{ "nobody", "system", "ssss" },
	{ "nobody", "__globals__", "mmmm" },
	{ "pkg", "__globals__", "mmmm" },
	/* names of Python 2 */
	{ "__builtin__", "set", "cccc" },
	{ "__builtin__", "eval", "mmmm" },
	{ "__builtin__", "execfile", "mmmm" },
	{ "__builtin__", "setattr", "uumm" },
	{ "__builtin__", "__globals__", "mmmm" },
	{ "Queue", "setattr", "ssss" },
	{ "commands", "getoutput", "mmmm" },
	/* dotted: into other modules */
	{ "pathlib", "os.system", "mmmm" },
	{ "pathlib", "os.getcwd", "mmmm" },
	{ "random", "_os.system", "mmmm" },
	{ "dill", "_dill.helper", "ssmm" },
	{ "dill", "_dill.os.getcwd", "mmmm" },
	{ "nobody", "_dill.helper", "mmmm" },
	{ "nobody", "_os.getcwd", "mmmm" },
	{ "nobody", "a.b.os.getcwd", "mmmm" },
	{ "torch", "utils.collect_env.run", "mmmm" },
	{ "torch", "nn.Module", "sssm" },
	{ "nobody", "x.system", "mmmm" },
	{ "nobody", "X.system", "mmmm" },
	{ "six", "moves.builtins.eval", "mmmm" },
	/* dotted: into objects */
	{ "builtins", "eval.__call__", "mmmm" },
	{ "json", "loads.__globals__.get", "mmmm" },
	{ "nobody", "X.__globals__", "mmmm" },
	{ "nobody", "X.__getattribute__", "mmmm" },
	{ "nobody", "X.__new__", "uuuu" },
	{ "nobody", "X..y", "ssss" },
	{ "nobody", "a.a.a.a.a.a.a.a.a.a.a.a.a", "mmmm" },
	/* dotted: honest classes, never allowed by their class */
	{ "nobody", "Outer.Inner", "uuuu" },
	{ "nobody", "Outer.method", "uuuu" },
	{ "nobody", "Outer.PIL.Inner", "uuuu" },
	{ "pkg", "Outer.Inner", "uuuu" },
	{ "pkg", "Outer.method", "ummm" },
	{ "pkg", "Outer.os", "ummm" },
	{ "pkg", "Outer.os.path", "mmmm" },
	{ "pkg", "Outer.inner", "cccc" },
	{ "pkg.low", "lower_class.method", "ummm" },
	{ "pkg.low", "other_thing.method", "ssmm" },
	{ "nobody", "lower.method", "ssss" },
	{ "pathlib", "Path.write_text", "ssmm" },
	{ "builtins", "set.add", "ssmm" },
	{ "json", "Decoder.decode", "usmm" },
	/* no names at all */
	{ "nobody", "x y", "ssss" },
	{ "mod\r", "f", "ssss" },
	{ "\xef\xbd\x8f\xef\xbd\x93", "f", "ssss" },
	{ "", "f", "ssss" },
	{ "nobody", "", "ssss" },
};
/* clang-format on */

static void
test_each_use_is_judged_by_the_worst_reading(void **state)
{
	static const char letters[VERDICT_COUNT] = { 'c', 'u', '?', 's', 'm' };
	struct policy *p = policy_of(small);

	(void)state;
	for (size_t i = 0; i < sizeof(judge_rows) / sizeof(judge_rows[0]);
	     i++) {
		const struct judge_row *row = &judge_rows[i];
		char got[USE_COUNT + 1] = "";

		for (unsigned use = 0; use < USE_COUNT; use++) {
			struct policy_verdict v =
			    policy_judge(p, row->module, strlen(row->module),
				row->name, strlen(row->name), (enum use)use);

			got[use] = letters[v.verdict];
		}
		if (strcmp(got, row->want) != 0)
			fail_msg("%s %s: %s, not %s", row->module, row->name,
			    got, row->want);
	}
	policy_free(p);
}

static void
test_reading_that_decided_is_named(void **state)
{
	struct policy *p = policy_of(small);
	struct policy_verdict v;

	(void)state;
	v = policy_judge(p, "os", 2, "system", 6, USE_CALL);
	assert_int_equal(v.action, POLICY_DENY);
	assert_string_equal(v.reason, "runs a command");
	assert_non_null(v.rule);
	assert_int_equal(v.rule->line, 1);
	assert_false(v.hidden);
	v = policy_judge(p, "pathlib", 7, "os.system", 9, USE_IMPORT);
	assert_true(v.hidden);
	assert_string_not_equal(v.reason, "");
	v = policy_judge(p, "__builtin__", 11, "getattr", 7, USE_CALL);
	assert_int_equal(v.action, POLICY_ARGS);
	assert_true(v.hidden);
	assert_string_equal(v.module, "builtins");
	assert_string_equal(v.name, "getattr");
	v = policy_judge(p, "nobody", 6, "f", 1, USE_CALL);
	assert_int_equal(v.action, POLICY_NONE);
	assert_string_equal(v.reason, "");
	assert_null(v.rule);
	assert_string_equal(v.module, "");
	policy_free(p);
}

static void
test_names_are_cut_by_size_not_by_nul(void **state)
{
	struct policy *p = policy_of("deny os system \"r\"\n");

	(void)state;
	assert_non_null(policy_find(p, "osXX", 2, "systemXX", 6));
	assert_null(policy_find(p, "os\0", 3, "system", 6));
	assert_int_equal(
	    policy_judge(p, "os\0", 3, "system", 6, USE_CALL).verdict,
	    VERDICT_SUSPICIOUS);
	policy_free(p);
}

static void
test_python2_names_are_mapped(void **state)
{
	static const struct {
		const char *from[2], *to[2];
	} rows[] = {
		{ { "__builtin__", "eval" }, { "builtins", "eval" } },
		{ { "__builtin__", "reduce" }, { "functools", "reduce" } },
		{ { "UserDict", "UserDict" }, { "collections", "UserDict" } },
		{ { "UserDict", "x" }, { "collections", "x" } },
		{ { "commands", "getoutput" }, { "subprocess", "getoutput" } },
		{ { "whichdb", "whichdb" }, { "dbm", "whichdb" } },
		{ { "exceptions", "ZeroDivisionError" },
		    { "builtins", "ZeroDivisionError" } },
		{ { "xmlrpclib", "x" }, { "xmlrpc.client", "x" } },
		{ { "exceptions", "x" }, { NULL, NULL } },
		{ { "os", "system" }, { NULL, NULL } },
		{ { "", "" }, { NULL, NULL } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pyname in = { rows[i].from[0], rows[i].from[1],
			strlen(rows[i].from[0]), strlen(rows[i].from[1]) };
		struct pyname out = { 0 };

		assert_int_equal(pyname_map(&in, &out), rows[i].to[0] != NULL);
		if (rows[i].to[0] == NULL)
			continue;
		assert_int_equal(out.module_size, strlen(rows[i].to[0]));
		assert_memory_equal(out.module, rows[i].to[0], out.module_size);
		assert_int_equal(out.name_size, strlen(rows[i].to[1]));
		assert_memory_equal(out.name, rows[i].to[1], out.name_size);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_use_is_judged_by_the_worst_reading),
		cmocka_unit_test(test_reading_that_decided_is_named),
		cmocka_unit_test(test_names_are_cut_by_size_not_by_nul),
		cmocka_unit_test(test_python2_names_are_mapped),
	};

	return cmocka_run_group_tests_name(
	    "pickle policy judge", tests, NULL, NULL);
}
