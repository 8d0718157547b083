/* SPDX-License-Identifier: Apache-2.0 */
/* trace: which steps are worth a line, and the variables in them. */
#include "pickle/trace.h"

#include <stdlib.h>
#include <string.h>

#include "pickle/scan.h"
#include "pickle/trace_inside.h"

enum {
	/* Lines of one kind in a row say all that a thousand would. */
	CALLS_SHOWN = 8,
	STATES_SHOWN = 4,
	STORES_SHOWN = 6,  /* of one object */
	STORES_ALIKE = 12, /* of all that one name has made */
	SHARES_SHOWN = 40,
};

static const struct extent extents[VERDICT_COUNT] = {
	[VERDICT_CLEAN] = { 160, 40, 6 },
	[VERDICT_UNKNOWN] = { 600, 80, 16 },
	[VERDICT_UNVERIFIED] = { 600, 80, 16 },
	[VERDICT_SUSPICIOUS] = { 1600, 800, 24 },
	[VERDICT_MALICIOUS] = { 1600, 800, 24 },
};
static const struct extent extent_result = { 700, 60, 12 };

/* What is thought of a step. */
struct thought {
	enum verdict verdict;
	const char *why;
};

struct trace *
trace_new(struct machine *m)
{
	struct visit *v = m->scan->visit;
	struct trace *t;

	if (!v->report->explain)
		return NULL;
	if (budget_take(v->budget, BUDGET_MEMORY, sizeof(*t)) != ERR_OK) {
		v->report->cut = true;
		return NULL;
	}
	if ((t = calloc(1, sizeof(*t))) == NULL) {
		budget_give(v->budget, sizeof(*t));
		v->report->cut = true;
		return NULL;
	}
	t->m = m;
	t->line = buf_new(LIMIT_LINE);
	return t;
}

void
trace_free(struct machine *m)
{
	if (m->trace == NULL)
		return;
	budget_give(m->scan->visit->budget, sizeof(*m->trace));
	buf_free(&m->trace->line);
	free(m->trace);
	m->trace = NULL;
}

static struct variable *
slot(struct trace *t, value v)
{
	size_t at =
	    (size_t)(v * UINT64_C(0x9e3779b97f4a7c15) >> 40) % TRACE_VARIABLES;

	while (t->variables[at].v != KIND_NOTHING && t->variables[at].v != v)
		at = (at + 1) % TRACE_VARIABLES;
	return &t->variables[at];
}

struct variable *
trace_variable(struct trace *t, value v)
{
	struct variable *known = slot(t, v);

	return known->v == KIND_NOTHING ? NULL : known;
}

/* Is each such value an object of its own, which can have a name? */
static bool
is_object(value v)
{
	enum kind kind = value_kind(v);

	return kind == KIND_CALL || kind == KIND_LIST || kind == KIND_DICT ||
	    (kind == KIND_TUPLE && value_payload(v) != 0);
}

/* Give v a variable and begin "_1 = ".  NULL: it has none and gets none. */
static struct variable *
assign(struct trace *t, value v)
{
	struct variable *own = slot(t, v);

	if (!is_object(v) || t->variable_count >= TRACE_VARIABLES / 2)
		return NULL;
	if (own->v == KIND_NOTHING) {
		t->variable_count++;
		*own = (struct variable){ .v = v,
			.number = ++t->m->scan->variables };
	}
	trace_puts(t, "_");
	trace_number(t, own->number);
	trace_puts(t, " = ");
	return own;
}

/* A machine that reads as only some loaders do: the others have said the
 * rest. */
static bool
is_other_reading(const struct machine *m)
{
	return m->holes != NULL || m->base != 0;
}

static bool
said_before(const struct report *r, const char *where, uint64_t place)
{
	for (size_t i = r->line_count; i > 0; i--)
		if (r->lines[i - 1].offset == place &&
		    strcmp(r->lines[i - 1].where, where) == 0)
			return true;
	return false;
}

/* Is a line worth writing? */
static bool
wanted(struct trace *t, uint64_t place, enum verdict verdict)
{
	struct visit *v = t->m->scan->visit;

	if (is_other_reading(t->m) && verdict <= VERDICT_UNKNOWN)
		return false;
	if (!report_line_fits(v->report, verdict)) {
		report_line_skip(v->report, 1);
		return false;
	}
	return !is_other_reading(t->m) ||
	    !said_before(v->report, v->where, place);
}

static void
emit(struct trace *t, uint64_t place, const struct thought *thought)
{
	struct visit *v = t->m->scan->visit;

	report_line(v->report,
	    &(struct line){ .text = buf_text(&t->line),
		.why = thought->why,
		.where = v->where,
		.offset = place,
		.verdict = thought->verdict });
}

void
trace_begin(struct machine *m)
{
	memcpy(m->trace->said, m->said, sizeof(m->said));
	m->scan->judged = (struct policy_verdict){ .reason = "" };
}

/* What the rules have said since trace_begin(); one that may say nothing more
 * in this pickle is taken to be broken again. */
static struct thought
rules_thought(const struct trace *t)
{
	struct thought worst = { VERDICT_CLEAN, "" };

	for (unsigned i = 0; i < RULE_COUNT; i++) {
		const struct rule_row *row = rule_row((enum rule)i);

		if ((t->m->said[i] != t->said[i] ||
			t->m->said[i] == MACHINE_SAYS) &&
		    row->verdict > worst.verdict)
			worst = (struct thought){ row->verdict, row->sentence };
	}
	return worst;
}

static struct thought
call_thought(const struct trace *t, const struct call *call)
{
	const struct scan *s = t->m->scan;
	struct thought thought = rules_thought(t);
	uint32_t i = (uint32_t)value_payload(call->callee);
	struct policy_verdict v = s->judged;

	if (value_kind(call->callee) == KIND_GLOBAL &&
	    (i < NAMES_FIRST || s->names.at[i].action != POLICY_ARGS ||
		s->names.at[i].gadget == NULL))
		v = names_judge(s, i, call->use);
	if (v.verdict < thought.verdict)
		return thought;
	thought.verdict = v.verdict;
	thought.why = v.reason != NULL ? v.reason : "";
	if (thought.verdict == VERDICT_UNKNOWN && thought.why[0] == '\0')
		thought.why = "not known to ckptguard";
	return thought;
}

void
trace_import(struct machine *m, uint32_t name, uint64_t place)
{
	struct trace *t = m->trace;
	struct policy_verdict v = names_judge(m->scan, name, USE_IMPORT);
	struct thought thought = { m->scan->names.at[name].verdict,
		v.reason != NULL ? v.reason : "" };

	if (thought.verdict == VERDICT_CLEAN ||
	    !wanted(t, place, thought.verdict))
		return;
	if (thought.verdict == VERDICT_UNKNOWN && thought.why[0] == '\0')
		thought.why = "not known to ckptguard";
	trace_line(t, &extents[thought.verdict]);
	trace_import_text(t, name);
	emit(t, place, &thought);
}

void
trace_unread(struct machine *m, value module, value name)
{
	struct trace *t = m->trace;
	struct thought thought = rules_thought(t);
	uint64_t place = machine_place(m);

	if (!wanted(t, place, thought.verdict))
		return;
	trace_line(t, &extents[thought.verdict]);
	trace_puts(t, "from ");
	trace_value(t, module);
	trace_puts(t, " import ");
	trace_value(t, name);
	emit(t, place, &thought);
}

void
trace_extension(struct machine *m, value v)
{
	struct trace *t = m->trace;
	struct thought thought = rules_thought(t);
	uint64_t place = machine_place(m);

	if (!wanted(t, place, thought.verdict))
		return;
	trace_line(t, &extents[thought.verdict]);
	trace_puts(t, "import ");
	trace_value(t, v);
	emit(t, place, &thought);
}

/* The name by which lines of a call are counted. */
static uint64_t
call_key(value callee)
{
	if (value_kind(callee) == KIND_GLOBAL)
		return value_payload(callee);
	return value_kind(callee) == KIND_CALL ? value_call_name(callee)
					       : NAMES_RESULT;
}

/* May there be another line of this kind? */
static bool
more(struct trace *t, uint8_t *count, unsigned most, enum verdict verdict)
{
	if (*count >= most && verdict <= VERDICT_UNVERIFIED) {
		report_line_skip(t->m->scan->visit->report, 1);
		return false;
	}
	if (*count < UINT8_MAX)
		(*count)++;
	return true;
}

void
trace_call(struct machine *m, const struct call *call, value result)
{
	struct trace *t = m->trace;
	struct thought thought;

	thought = call_thought(t, call);
	if (thought.verdict == VERDICT_CLEAN ||
	    !wanted(t, call->place, thought.verdict) ||
	    !more(t, &t->calls[call_key(call->callee) & UINT16_MAX],
		CALLS_SHOWN, thought.verdict))
		return;
	trace_line(t, &extents[thought.verdict]);
	if (value_kind(result) == KIND_CALL)
		(void)assign(t, result);
	trace_expression(
	    t, call->callee, call->args, call->use == USE_CONSTRUCT);
	emit(t, call->place, &thought);
}

/* Give a harmless object a variable, in a line of its own. */
static struct variable *
name_it(struct trace *t, value v)
{
	struct variable *known = trace_variable(t, v), *own;
	struct thought harmless = { VERDICT_CLEAN, "" };
	uint64_t place = machine_place(t->m);
	value callee, args;

	if (known != NULL || !is_object(v) || !wanted(t, place, VERDICT_CLEAN))
		return known;
	if (value_kind(v) == KIND_CALL &&
	    !more(t, &t->calls[value_call_name(v)], CALLS_SHOWN, VERDICT_CLEAN))
		return NULL;
	trace_line(t, &extents[VERDICT_CLEAN]);
	if ((own = assign(t, v)) == NULL)
		return NULL;
	/* Its own name does not explain it. */
	own->v = KIND_COUNT;
	if (value_kind(v) != KIND_CALL)
		trace_value(t, v);
	else if (ring_call_parts(&t->m->ring, v, &callee, &args))
		trace_expression(t, callee, args, false);
	else
		trace_value(t, v);
	own->v = v;
	emit(t, place, &harmless);
	return own;
}

void
trace_share(struct machine *m, value v)
{
	struct trace *t = m->trace;

	if (!is_object(v) || t->shares >= SHARES_SHOWN || is_other_reading(m) ||
	    trace_variable(t, v) != NULL)
		return;
	/* A tuple of plain values is as well written twice. */
	if (value_kind(v) == KIND_TUPLE && ring_weight(&m->ring, v).depth < 2)
		return;
	t->shares++;
	(void)name_it(t, v);
}

/* The object that something is done to: its variable, or what it is. */
static void
write_target(struct trace *t, value target)
{
	if (value_kind(target) == KIND_GLOBAL)
		trace_global(t, value_payload(target));
	else
		trace_value(t, target);
}

static bool
is_joblib_wrapper(const struct scan *s, value v)
{
	static const char name[] = "NumpyArrayWrapper";
	uint64_t i = value_call_name(v);

	return value_kind(v) == KIND_CALL && i >= NAMES_FIRST &&
	    i < s->names.count &&
	    s->names.at[i].name_size == sizeof(name) - 1 &&
	    memcmp(names_name(s, (uint32_t)i), name, sizeof(name) - 1) == 0;
}

void
trace_build(struct machine *m, value target, value state)
{
	struct trace *t = m->trace;
	uint64_t place = machine_place(m);
	struct thought thought = rules_thought(t);
	uint64_t key = call_key(target);

	if (thought.verdict == VERDICT_CLEAN &&
	    (value_kind(target) == KIND_DTYPE ||
		is_joblib_wrapper(m->scan, target)))
		return;
	if (!wanted(t, place, thought.verdict) ||
	    !more(
		t, &t->states[key & UINT16_MAX], STATES_SHOWN, thought.verdict))
		return;
	(void)name_it(t, target);
	trace_line(t, &extents[thought.verdict]);
	write_target(t, target);
	trace_puts(t, ".__setstate__(");
	trace_value(t, state);
	trace_puts(t, ")");
	emit(t, place, &thought);
}

/* One line of trace_store(): n is 1, or 2 for a key and its value. */
static void
write_store(struct trace *t, value target, const value *items, size_t n)
{
	uint8_t op = *t->m->in->at;

	write_target(t, target);
	if (n == 2) {
		trace_puts(t, "[");
		trace_value(t, items[0]);
		trace_puts(t, "] = ");
		trace_value(t, items[1]);
		return;
	}
	trace_puts(t, op == 'a' || op == 'e' ? ".append(" : ".add(");
	trace_value(t, items[0]);
	trace_puts(t, ")");
}

void
trace_store(struct machine *m, value target, const value *items, size_t n)
{
	struct trace *t = m->trace;
	uint8_t op = *m->in->at;
	size_t each = op == 's' || op == 'u' ? 2 : 1;
	uint64_t place = machine_place(m);
	struct thought thought = rules_thought(t);
	struct variable *own = trace_variable(t, target);
	uint8_t *alike;
	uint32_t shown = 0;

	if (value_kind(target) == KIND_SET || n == 0 ||
	    (own == NULL && is_object(target) &&
		value_kind(target) != KIND_CALL))
		return;
	alike = &t->stores[call_key(target) & UINT16_MAX];
	if (own == NULL && value_kind(target) == KIND_CALL &&
	    (*alike < STORES_ALIKE || thought.verdict > VERDICT_UNVERIFIED))
		own = name_it(t, target);
	if (own == NULL && thought.verdict == VERDICT_CLEAN) {
		report_line_skip(m->scan->visit->report, n / each);
		return;
	}
	/* Harm behind a crowd of harmless items is shown all the same. */
	if (own != NULL && thought.verdict <= VERDICT_UNVERIFIED)
		shown = own->stored;
	for (size_t i = 0; i + each <= n; i += each, shown++) {
		if (shown >= STORES_SHOWN) {
			report_line_skip(
			    m->scan->visit->report, (n - i) / each);
			break;
		}
		if (!more(t, alike, STORES_ALIKE, thought.verdict))
			continue;
		if (!wanted(t, place, thought.verdict))
			continue;
		trace_line(t, &extents[thought.verdict]);
		write_store(t, target, items + i, each);
		emit(t, place, &thought);
	}
	if (own != NULL && own->stored < shown)
		own->stored = shown;
}

void
trace_stop(struct machine *m, value result)
{
	struct thought harmless = { VERDICT_CLEAN, "" };
	uint64_t place = machine_place(m);

	if (!wanted(m->trace, place, VERDICT_CLEAN))
		return;
	trace_line(m->trace, &extent_result);
	trace_puts(m->trace, "return ");
	trace_value(m->trace, result);
	emit(m->trace, place, &harmless);
}
