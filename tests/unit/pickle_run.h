/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pickle_run: one stream through the walker, and what was said of it.
 *
 * The policy is a few lines of its own, so that a row depends on no rule that
 * somebody may change.  Children are walked as pickles, one level deep.
 */
#ifndef TESTS_UNIT_PICKLE_RUN_H
#define TESTS_UNIT_PICKLE_RUN_H

#include "unit/unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/own.h"
#include "model/format.h"
#include "model/limits.h"
#include "pickle/pickle.h"
#include "pickle/policy.h"

static char run_rules[] =
    "deny os * \"runs commands\"\n"
    "deny os system \"runs commands\"\n"
    "deny posix * \"runs commands\"\n"
    "deny sys modules \"all modules\"\n"
    "deny * system \"runs commands\"\n"
    "known json * \"a library\"\n"
    "allow collections OrderedDict \"a container\"\n"
    "allow builtins object \"no base\"\n"
    "allow builtins list \"a container\"\n"
    "allow builtins str \"text\"\n"
    "allow builtins int \"a number\"\n"
    "allow builtins dict \"a container\"\n"
    "allow numpy ndarray \"an array\"\n"
    "allow numpy dtype \"a type\"\n"
    "allow numpy.core.multiarray _reconstruct \"an array\"\n"
    "allow torch FloatStorage \"numbers\"\n"
    "allow torch._utils _rebuild_tensor_v2 \"a tensor\"\n"
    "construct sklearn.* Class* \"an estimator\"\n"
    "args sympy.* * \"an expression\"\n"
    "construct scipy.stats norm_gen \"a distribution\"\n"
    "construct statsmodels.* Class* \"a model\"\n"
    "construct numpy memmap \"an array\"\n"
    "construct joblib.numpy_pickle NumpyArrayWrapper \"an array\"\n"
    "construct joblib.numpy_pickle NDArrayWrapper \"an array\"\n"
    "args builtins getattr \"an attribute\"\n"
    "args builtins setattr \"an attribute\"\n"
    "args builtins map \"later\"\n"
    "args builtins type \"classes\"\n"
    "known functools.* * \"a library\"\n"
    "args functools partial \"later\"\n"
    "args operator attrgetter \"an attribute\"\n"
    "args _operator attrgetter \"an attribute\"\n"
    "args operator methodcaller \"a method\"\n"
    "args operator getitem \"an item\"\n"
    "args operator or_ \"a union\"\n"
    "args copyreg _reconstructor \"an object\"\n"
    "args copyreg add_extension \"a number\"\n"
    "args collections defaultdict \"a container\"\n"
    "args _codecs encode \"bytes\"\n"
    "args pickle loads \"a pickle\"\n"
    "args marshal loads \"code\"\n"
    "args types CodeType \"code\"\n"
    "args types FunctionType \"code\"\n"
    "args cloudpickle.cloudpickle _make_function \"by value\"\n"
    "args cloudpickle.cloudpickle _builtin_type \"by value\"\n"
    "args cloudpickle.cloudpickle subimport \"by value\"\n"
    "args cloudpickle.cloudpickle _make_skeleton_class \"by value\"\n"
    "args dill._dill _import_module \"by value\"\n"
    "args dill._dill _get_attr \"by value\"\n"
    "args numpy mean \"passed on\"\n"
    "args numpy.core _ufunc_reconstruct \"a function\"\n";

struct run {
	struct budget budget;
	struct report report;
	struct visit visit;
	struct policy *policy;
	enum err e;
	size_t code;        /* bytes shown to rules */
	struct buf strings; /* strings shown to rules, one a line */
	unsigned children;
};

static struct run *run_of(struct visit *v);

static inline enum err
run_child(struct visit *v, const struct child *child,
    const struct source *bytes, struct child_result *result)
{
	uint8_t front[SNIFF_MAX];
	struct report_mark mark = report_mark(v->report);
	struct visit inner = *v;
	size_t got = 0;

	run_of(v)->children++;
	*result = (struct child_result){ 0 };
	inner.kind = child->kind;
	inner.recognised = false;
	if (source_read_some(bytes, 0, front, sizeof(front), &got) != ERR_OK ||
	    format_pickle.sniff(bytes, cursor_over(front, got)) == SNIFF_NO)
		return ERR_OK;
	if (format_pickle.walk(&inner, bytes) == ERR_BUG)
		abort();
	if (!inner.recognised) {
		report_rewind(v->report, &mark);
		return ERR_OK;
	}
	*result = (struct child_result){ .format = &format_pickle,
		.verdict = v->report->verdict };
	return ERR_OK;
}

static inline void
run_code(struct visit *v, const void *data, size_t n)
{
	(void)data;
	run_of(v)->code += n;
}

static inline void
run_string(struct visit *v, const char *s, size_t n)
{
	assert_int_equal(buf_add(&run_of(v)->strings, s, n), ERR_OK);
	assert_int_equal(buf_puts(&run_of(v)->strings, "\n"), ERR_OK);
}

static const struct visit_ops run_ops = { run_child, run_code, run_string };

/* There is one run at a time. */
static struct run *run_now;

static struct run *
run_of(struct visit *v)
{
	(void)v;
	return run_now;
}

static inline void
run_begin(struct run *r)
{
	FILE *in = fmemopen(run_rules, sizeof(run_rules) - 1, "r");

	*r =
	    (struct run){ .strings = buf_new(1 << 20), .policy = policy_new() };
	r->budget = (struct budget){ .bytes = LIMIT_SCAN_BYTES,
		.members = LIMIT_MEMBERS,
		.opcodes = LIMIT_OPCODES,
		.memory = LIMIT_MEMORY,
		.depth = LIMIT_DEPTH };
	assert_non_null(in);
	assert_int_equal(
	    policy_add_file(r->policy, in, "rows", NULL, NULL), ERR_OK);
	(void)fclose(in);
	report_init(&r->report);
	r->visit = (struct visit){ .ops = &run_ops,
		.report = &r->report,
		.budget = &r->budget,
		.policy = r->policy,
		.where = "" };
	run_now = r;
}

static inline void
run_source(struct run *r, const struct source *s)
{
	uint8_t front[SNIFF_MAX];
	size_t got = 0;

	assert_int_equal(
	    source_read_some(s, 0, front, sizeof(front), &got), ERR_OK);
	r->e = ERR_OK;
	if (format_pickle.sniff(s, cursor_over(front, got)) != SNIFF_NO)
		r->e = format_pickle.walk(&r->visit, s);
	assert_int_not_equal(r->e, ERR_BUG);
	/* What was taken of the memory is given back. */
	assert_int_equal(r->budget.memory, LIMIT_MEMORY);
}

static inline void
run_bytes(struct run *r, const void *data, size_t size)
{
	struct source s;

	run_begin(r);
	s = source_memory(data, size, &r->budget);
	run_source(r, &s);
}

static inline void
run_end(struct run *r)
{
	report_free(&r->report);
	policy_free(r->policy);
	buf_free(&r->strings);
}

static inline bool
run_has(const struct run *r, const char *rule)
{
	for (size_t i = 0; i < r->report.finding_count; i++)
		if (strcmp(r->report.findings[i].rule, rule) == 0)
			return true;
	return false;
}

/* "module.name=use module.name=use", in the order of look-up. */
static inline void
run_imports(const struct run *r, struct buf *out)
{
	for (size_t i = 0; i < r->report.import_count; i++) {
		const struct import *import = &r->report.imports[i];

		assert_int_equal(
		    buf_printf(out, "%s%s.%s=%s", i == 0 ? "" : " ",
			import->module, import->name, use_name(import->use)),
		    ERR_OK);
	}
}

struct run_row {
	const char *about;
	const char *bytes;
	size_t size;
	enum verdict verdict;
	const char *rule;    /* one that must be found; NULL: no such row */
	const char *imports; /* all; NULL: not looked at */
};

static inline void
run_row(const struct run_row *row)
{
	AUTO(buf) struct buf imports = buf_new(1 << 16);
	struct run r;

	print_message("%s\n", row->about);
	run_bytes(&r, row->bytes, row->size);
	run_imports(&r, &imports);
	assert_true(r.visit.recognised);
	if (row->rule != NULL && !run_has(&r, row->rule))
		for (size_t i = 0; i < r.report.finding_count; i++)
			print_message(
			    "  found %s\n", r.report.findings[i].rule);
	if (row->rule != NULL)
		assert_true(run_has(&r, row->rule));
	if (row->imports != NULL)
		assert_string_equal(buf_text(&imports), row->imports);
	if (r.report.verdict != row->verdict)
		for (size_t i = 0; i < r.report.finding_count; i++)
			print_message("  found %s: %s\n",
			    r.report.findings[i].rule,
			    r.report.findings[i].message);
	assert_string_equal(
	    verdict_name(r.report.verdict), verdict_name(row->verdict));
	run_end(&r);
}

#endif /* TESTS_UNIT_PICKLE_RUN_H */
