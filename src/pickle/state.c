/* SPDX-License-Identifier: Apache-2.0 */
/* state: texts that __setstate__ runs. */
#include "pickle/state.h"

#include <string.h>

#include "base/own.h"
#include "pickle/call.h"
#include "pickle/machine.h"
#include "pickle/scan.h"
#include "pycode/pycode.h"

enum {
	KEY_TEXT = 64,
	RUN_MAX = 16 * 1024, /* bytes of a text that is run; honest: 500 */
};

/* Judge a text that will be run. */
typedef enum verdict (*run_fn)(const struct buf *text, const char **why);

value
state_class(struct machine *m, value target)
{
	static const char *const makers[][2] = {
		{ "copyreg", "_reconstructor" },
		{ "copyreg", "__newobj__" },
		{ "copyreg", "__newobj_ex__" },
		{ "numpy.core.multiarray", "_reconstruct" },
	};
	value callee, args, class;
	struct items items;

	if (value_kind(target) != KIND_CALL ||
	    !ring_call_parts(&m->ring, target, &callee, &args))
		return KIND_NOTHING;
	for (size_t i = 0; i < sizeof(makers) / sizeof(*makers); i++) {
		if (!gadget_made(m, target, makers[i][0], makers[i][1]))
			continue;
		ring_items(&m->ring, args, &items);
		return items.n > 0 && value_kind(items.at[0]) == KIND_GLOBAL
		    ? items.at[0]
		    : KIND_NOTHING;
	}
	if (gadget_new(m, call_unwrap(m, callee), &class))
		return class;
	return value_kind(callee) == KIND_GLOBAL ? callee : KIND_NOTHING;
}

value
state_get(const struct machine *m, value state, const char *name)
{
	AUTO(buf) struct buf key = buf_new(KEY_TEXT);
	struct items items;
	value found = KIND_NOTHING;

	if (value_kind(state) != KIND_DICT)
		return KIND_NOTHING;
	ring_items(&m->ring, state, &items);
	for (size_t i = 0; i + 1 < items.n; i += 2) {
		buf_clear(&key);
		if (value_kind(items.at[i]) == KIND_STR &&
		    text_read(m, items.at[i], &key) == ERR_OK &&
		    strcmp(buf_text(&key), name) == 0)
			found = items.at[i + 1];
	}
	return found;
}

/* The rest of a line is names, commas, defaults, and this at its end. */
static bool
line_plain(const char *s, size_t n, const char *end)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_ ,='";
	size_t tail = strlen(end);

	return n >= tail && memcmp(s + n - tail, end, tail) == 0 &&
	    strspn(s, plain) >= n - tail;
}

/* A line of what rv_generic writes, with the names of the shapes filled in. */
static bool
line_of_template(const char *s, size_t n)
{
	static const char *const heads[] = { "def _parse_args(self",
		"def _parse_args_rvs(self", "def _parse_args_stats(self" };
	static const char *const bodies[] = { "    return (",
		"    return self._argcheck_rvs(" };

	if (n == 0)
		return true;
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		if (strncmp(s, heads[i], strlen(heads[i])) == 0)
			return line_plain(
			    s + strlen(heads[i]), n - strlen(heads[i]), "):");
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		size_t at = strlen(bodies[i]);
		const char *close;

		if (strncmp(s, bodies[i], at) != 0)
			continue;
		close = memchr(s + at, ')', n - at);
		return close != NULL &&
		    line_plain(s + at, (size_t)(close - s) - at + 1, ")") &&
		    line_plain(close + 1, n - (size_t)(close - s) - 1, "");
	}
	return false;
}

/* Three functions that sort arguments, and no other text. */
static enum verdict
run_template(const struct buf *text, const char **why)
{
	const char *s = buf_text(text);

	*why = "its state is Python source that is run";
	if (strlen(s) != text->size)
		return VERDICT_MALICIOUS;
	while (*s != '\0') {
		size_t n = strcspn(s, "\n");

		if (!line_of_template(s, n))
			return VERDICT_MALICIOUS;
		s += n + (s[n] == '\n');
	}
	return VERDICT_CLEAN;
}

/* "y ~ x + C(z)": each term is a Python expression. */
static enum verdict
run_formula(const struct buf *text, const char **why)
{
	struct pycode p;

	pycode_begin(&p);
	pycode_constant(&p, buf_text(text), text->size);
	*why = "its state is a formula that is evaluated as Python";
	return p.verdict;
}

static const struct run {
	const char *package; /* of the classes that run it */
	const char *key;
	run_fn judge;
	bool derived; /* projects derive classes of their own from these */
} runs[] = {
	{ "scipy.stats", "_parse_arg_template", run_template, true },
	{ "statsmodels.base.data", "formula", run_formula, false },
};

static bool
of_package(const struct scan *s, uint32_t i, const char *package)
{
	const struct name *n = &s->names.at[i];
	size_t size = strlen(package);

	return i >= NAMES_FIRST && n->module_size >= size &&
	    memcmp(names_module(s, i), package, size) == 0 &&
	    (n->module_size == size || names_module(s, i)[size] == '.');
}

static enum verdict
run_judge(
    struct machine *m, const struct run *run, value state, const char **why)
{
	AUTO(buf) struct buf text = buf_new(RUN_MAX);
	value v = state_get(m, state, run->key);
	struct items items;
	enum err e;

	*why = "its state, which may be run, cannot be read";
	ring_items(&m->ring, state, &items);
	if (v == KIND_NOTHING || v == KIND_NONE)
		return items.n < items.count ? VERDICT_UNVERIFIED
					     : VERDICT_CLEAN;
	if (value_kind(v) == KIND_FORGOTTEN)
		return VERDICT_UNVERIFIED;
	*why = "its state, which is run, is computed";
	if (value_kind(v) != KIND_STR)
		return VERDICT_MALICIOUS;
	e = text_read(m, v, &text);
	if (e == ERR_OK)
		return run->judge(&text, why);
	return e == ERR_LIMIT ? VERDICT_MALICIOUS : VERDICT_UNVERIFIED;
}

static void
say(struct machine *m, uint32_t i, enum verdict verdict, const char *why)
{
	struct policy_verdict v = {
		.action = POLICY_ARGS, .verdict = verdict, .reason = why
	};

	if (verdict <= VERDICT_UNKNOWN)
		return;
	if (i >= NAMES_FIRST)
		names_say(m->scan, i, USE_SETSTATE, &v, machine_place(m));
	else
		machine_find(m, RULE_PICKLE_CALL_ARGUMENTS, "%s", why);
}

void
state_judge(struct machine *m, value target, value state)
{
	value class = state_class(m, target);
	uint32_t i = (uint32_t)value_payload(class);
	bool computed = value_kind(state) == KIND_CALL ||
	    value_kind(state) == KIND_FORGOTTEN;
	const char *why = "its state, which may be run, is computed";
	bool strange = i < NAMES_FIRST ||
	    m->scan->names.at[i].action == POLICY_NONE ||
	    m->scan->names.at[i].action == POLICY_UNKNOWN;
	enum verdict verdict;

	for (size_t k = 0; k < sizeof(runs) / sizeof(*runs); k++) {
		bool known = of_package(m->scan, i, runs[k].package);

		verdict = VERDICT_CLEAN;
		if (known && computed)
			verdict = VERDICT_SUSPICIOUS;
		else if (known ||
		    (strange && runs[k].derived &&
			state_get(m, state, runs[k].key) != KIND_NOTHING))
			verdict = run_judge(m, &runs[k], state, &why);
		say(m, i, verdict, why);
	}
}
