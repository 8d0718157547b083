/* SPDX-License-Identifier: Apache-2.0 */
/* call: who is called, by what stands on the stack. */
#include "pickle/call.h"

#include <string.h>

#include "base/own.h"
#include "pickle/joblib.h"
#include "pickle/machine.h"
#include "pickle/scan.h"
#include "pickle/state.h"
#include "pickle/torch_legacy.h"
#include "pickle/trace.h"

enum {
	STRING_MIN = 4, /* shorter strings tell rules nothing */
	STRING_MAX = 8 * 1024,
	KEY_MAX = 64,     /* of a slot's name */
	PARTIALS_MAX = 8, /* inside each other */
};

/* Show the constant strings of a call to the rules: what is given to code
 * that nobody knows may be a command, a script or an address. */
static void
strings_show(struct machine *m, const struct items *items)
{
	AUTO(buf) struct buf text = buf_new(STRING_MAX);
	struct scan *s = m->scan;

	for (size_t i = 0; i < items->n; i++) {
		if (s->strings >= SCAN_STRINGS)
			return;
		buf_clear(&text);
		if (value_kind(items->at[i]) != KIND_STR ||
		    text_read(m, items->at[i], &text) != ERR_OK ||
		    text.size < STRING_MIN)
			continue;
		s->strings += text.size;
		visit_string(s->visit, buf_text(&text), text.size);
	}
}

/* Arguments that are no tuple: C refuses them, pickle.py unpacks anything. */
static void
arguments(struct machine *m, const struct call *call, struct items *out)
{
	enum kind kind = value_kind(call->args);

	ring_items(&m->ring, call->args, out);
	if (kind != KIND_TUPLE && kind != KIND_NONE && kind != KIND_FORGOTTEN)
		machine_find(m, RULE_PICKLE_CALL_ODD, NULL);
}

/* A call of a name whose arguments are looked at. */
static value
call_name_closely(struct machine *m, const struct call *call, uint32_t i)
{
	const struct name *n = &m->scan->names.at[i];
	struct gadget_call g = { .m = m,
		.call = call,
		.name = i,
		.why = "",
		.result = KIND_NOTHING };
	struct policy_verdict v = { .action = POLICY_ARGS };

	arguments(m, call, &g.items);
	if (n->gadget != NULL)
		v.verdict = n->gadget->judge(&g);
	v.reason = g.why;
	n = &m->scan->names.at[i]; /* the judge may have added names */
	/* Of a class that is fine when made empty, only what is worse counts.
	 */
	if (n->gadget != NULL &&
	    (n->action == POLICY_ARGS ||
		(n->action == POLICY_CONSTRUCT && v.verdict > VERDICT_UNKNOWN)))
		names_say(m->scan, i, call->use, &v, call->place);
	else
		names_use(m->scan, i, call->use, call->place);
	if (m->scan->names.at[i].verdict >= VERDICT_UNKNOWN &&
	    m->scan->strings < SCAN_STRINGS)
		strings_show(m, &g.items);
	if (g.result != KIND_NOTHING)
		return g.result;
	return ring_call(&m->ring, i, call->callee, call->args);
}

static value
call_name(struct machine *m, const struct call *call, uint32_t i)
{
	const struct name *n = &m->scan->names.at[i];
	bool tuple = value_kind(call->args) == KIND_TUPLE;

	/* Most calls by far: of a class, with nothing, or harmless anyway. */
	if (n->gadget != NULL || !tuple ||
	    (n->verdict >= VERDICT_UNKNOWN && value_payload(call->args) != 0 &&
		m->scan->strings < SCAN_STRINGS))
		return call_name_closely(m, call, i);
	names_use(m->scan, i, call->use, call->place);
	return ring_call(&m->ring, i, call->callee, call->args);
}

static enum makes
makes(const struct machine *m, value v)
{
	uint64_t i = value_call_name(v);

	if (i < NAMES_FIRST || m->scan->names.at[i].gadget == NULL)
		return MAKES_DATA;
	return m->scan->names.at[i].gadget->makes;
}

bool
gadget_made(
    const struct machine *m, value v, const char *module, const char *name)
{
	const struct gadget *g;
	uint64_t i = value_call_name(v);

	if (value_kind(v) != KIND_CALL || i < NAMES_FIRST ||
	    (g = m->scan->names.at[i].gadget) == NULL)
		return false;
	return strcmp(g->name, name) == 0 && strcmp(g->module, module) == 0;
}

/* A type that was asked for by name is called: if it is the type of code, this
 * is code by value. */
static void
call_type(struct machine *m, const struct call *call, uint32_t origin)
{
	struct gadget_call g = {
		.m = m, .call = call, .name = origin, .why = ""
	};
	struct policy_verdict v = { .action = POLICY_ARGS,
		.verdict = VERDICT_UNKNOWN };

	arguments(m, call, &g.items);
	if (g.items.n >= 10)
		v.verdict = gadget_code(&g);
	v.reason = g.why;
	names_say(m->scan, origin, USE_CALL, &v, call->place);
}

value
call_unwrap(const struct machine *m, value v)
{
	value callee, args;
	struct items items;

	for (unsigned i = 0; i < PARTIALS_MAX; i++) {
		if (!gadget_made(m, v, "functools", "partial"))
			return v;
		if (!ring_call_parts(&m->ring, v, &callee, &args))
			return KIND_FORGOTTEN;
		ring_items(&m->ring, args, &items);
		v = items.n == 0 ? KIND_FORGOTTEN : items.at[0];
	}
	return KIND_FORGOTTEN;
}

/* A function that the pickle brings along is run by loading it. */
static bool
is_function(const struct machine *m, value v)
{
	return gadget_made(m, v, "types", "FunctionType") ||
	    gadget_made(m, v, "cloudpickle", "_make_function") ||
	    gadget_made(m, v, "cloudpickle", "_make_skel_func") ||
	    gadget_made(m, v, "cloudpickle", "_fill_function") ||
	    gadget_made(m, v, "dill", "_create_function");
}

/* class.__new__ is given these arguments, behind the first few. */
static void
call_new(struct machine *m, value class, const struct call *call, size_t skip)
{
	uint32_t i = (uint32_t)value_payload(class);
	struct gadget_call g = { .m = m, .call = call, .name = i, .why = "" };
	struct policy_verdict v = { .action = POLICY_ARGS };

	(void)call_class(m, class, machine_place(m));
	ring_items(&m->ring, call->args, &g.items);
	if (m->scan->names.at[i].gadget == NULL || g.items.n < skip)
		return;
	g.items.n -= skip;
	g.items.count -= skip;
	memmove(g.items.at, g.items.at + skip, g.items.n * sizeof(*g.items.at));
	v.verdict = m->scan->names.at[i].gadget->judge(&g);
	v.reason = g.why;
	names_say(m->scan, i, USE_CONSTRUCT, &v, machine_place(m));
}

/* The result of an earlier call is called. */
static value
call_result(struct machine *m, const struct call *call)
{
	value callee = call_unwrap(m, call->callee), class, args;
	uint32_t i = (uint32_t)value_call_name(callee);
	enum policy_action action;

	if (gadget_new(m, callee, &class)) {
		call_new(m, class, call, 0);
		if (ring_call_parts(&m->ring, call->callee, &callee, &args) &&
		    gadget_made(m, call->callee, "functools", "partial"))
			call_new(m, class, &(struct call){ .args = args }, 1);
		return ring_call(
		    &m->ring, NAMES_RESULT, call->callee, call->args);
	}
	callee = gadget_method(m, callee, call->place);
	if (value_kind(callee) == KIND_GLOBAL)
		(void)call_passed(m, callee, WHEN_NOW, call->place);
	if (value_kind(callee) == KIND_FORGOTTEN)
		machine_find(m, RULE_PICKLE_CALL_FORGOTTEN, NULL);
	if (value_kind(callee) != KIND_CALL)
		return ring_call(
		    &m->ring, NAMES_RESULT, call->callee, call->args);
	action = i < NAMES_FIRST ? POLICY_ALLOW : m->scan->names.at[i].action;
	if (makes(m, callee) == MAKES_CODE)
		call_type(m, call, i);
	/* Of code that nobody knows, calling what it returned says nothing
	 * new. */
	if (is_function(m, callee))
		machine_find(m, RULE_PICKLE_CALL_RESULT, NULL);
	else if (makes(m, callee) != MAKES_CLASS &&
	    makes(m, callee) != MAKES_CODE && action != POLICY_NONE &&
	    action != POLICY_UNKNOWN)
		machine_find(m, RULE_PICKLE_CALL_RESULT, NULL);
	return ring_call(&m->ring, i < NAMES_FIRST ? NAMES_RESULT : i,
	    call->callee, call->args);
}

static value
judge(struct machine *m, const struct call *call)
{
	switch (value_kind(call->callee)) {
	case KIND_GLOBAL:
		return call_name(
		    m, call, (uint32_t)value_payload(call->callee));
	case KIND_CALL:
		return call_result(m, call);
	case KIND_PERSISTENT:
	case KIND_EXTENSION:
	case KIND_BUFFER:
		machine_find(m, RULE_PICKLE_CALL_RESULT, NULL);
		break;
	case KIND_FORGOTTEN:
		machine_find(m, RULE_PICKLE_CALL_FORGOTTEN, NULL);
		break;
	case KIND_NOTHING:
	case KIND_NONE:
	case KIND_BOOL:
	case KIND_INT:
	case KIND_LONG:
	case KIND_FLOAT:
	case KIND_STR:
	case KIND_BYTES:
	case KIND_BYTEARRAY:
	case KIND_TUPLE:
	case KIND_LIST:
	case KIND_DICT:
	case KIND_SET:
	case KIND_DTYPE:
	case KIND_COUNT:
		machine_find(m, RULE_PICKLE_CALL_DATA, NULL);
		break;
	}
	return ring_call(&m->ring, NAMES_RESULT, call->callee, call->args);
}

value
call_make(struct machine *m, const struct call *call)
{
	value result;

	m->scan->calls++;
	if (m->trace == NULL)
		return judge(m, call);
	trace_begin(m);
	result = judge(m, call);
	trace_call(m, call, result);
	return result;
}

enum verdict
call_passed(struct machine *m, value v, enum when when, uint64_t place)
{
	uint32_t i = (uint32_t)value_payload(v);
	enum kind kind = value_kind(v);
	struct policy_verdict said;

	if (kind == KIND_FORGOTTEN)
		return VERDICT_UNVERIFIED;
	if (kind == KIND_EXTENSION)
		return VERDICT_SUSPICIOUS;
	if (gadget_new(m, v, &v))
		return call_class(m, v, place);
	if (kind == KIND_CALL || kind == KIND_PERSISTENT || kind == KIND_BUFFER)
		return VERDICT_UNKNOWN;
	if (kind != KIND_GLOBAL)
		return VERDICT_CLEAN;
	said = names_judge(m->scan, i, USE_CALL);
	/* Whether it does harm depends on arguments to come, or it is a
	 * function that honest models pass on. */
	if (said.action == POLICY_ARGS)
		said.verdict =
		    m->scan->names.at[i].gadget == NULL && when == WHEN_LATER
		    ? VERDICT_UNKNOWN
		    : VERDICT_SUSPICIOUS;
	names_say(m->scan, i, USE_CALL, &said, place);
	return said.verdict;
}

enum verdict
call_class(struct machine *m, value v, uint64_t place)
{
	uint32_t i = (uint32_t)value_payload(v);
	struct policy_verdict said;

	if (value_kind(v) != KIND_GLOBAL)
		return value_kind(v) == KIND_CALL
		    ? VERDICT_UNKNOWN
		    : call_passed(m, v, WHEN_NOW, place);
	said = names_judge(m->scan, i, USE_CONSTRUCT);
	if (said.action == POLICY_ARGS && m->scan->names.at[i].gadget != NULL)
		said.verdict =
		    m->scan->names.at[i].gadget->judge == gadget_expression
		    ? VERDICT_UNKNOWN
		    : VERDICT_SUSPICIOUS;
	names_say(m->scan, i, USE_CONSTRUCT, &said, place);
	return said.verdict;
}

/* Attributes that make an object another one. */
static bool
internal(const struct buf *key)
{
	static const char *const names[] = { "__class__", "__code__",
		"__globals__", "__dict__", "__init__", "__reduce__",
		"__reduce_ex__", "__setstate__", "__getattr__",
		"__getattribute__", "__call__", "__del__", "__builtins__",
		"__defaults__", "__kwdefaults__", "__wrapped__", "__bases__",
		"__mro__" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i], buf_text(key)) == 0)
			return true;
	return false;
}

/* State of the form (dict, slots): slots go through setattr(). */
static void
slots_judge(struct machine *m, value state)
{
	AUTO(buf) struct buf key = buf_new(KEY_MAX);
	struct items outer, slots;

	ring_items(&m->ring, state, &outer);
	if (value_kind(state) != KIND_TUPLE || outer.n != 2 ||
	    value_kind(outer.at[1]) != KIND_DICT)
		return;
	ring_items(&m->ring, outer.at[1], &slots);
	for (size_t i = 0; i + 1 < slots.n; i += 2) {
		buf_clear(&key);
		if (value_kind(slots.at[i]) == KIND_STR &&
		    text_read(m, slots.at[i], &key) == ERR_OK && internal(&key))
			machine_find(
			    m, RULE_PICKLE_BUILD_SLOTS, "%s", buf_text(&key));
	}
}

/* What was imported, not made here, is changed. */
static void
poisoned(struct machine *m, value target, enum rule rule)
{
	uint32_t i = (uint32_t)value_payload(target);

	if (i < NAMES_FIRST) {
		machine_find(m, rule, NULL);
		return;
	}
	names_use(m->scan, i, USE_SETSTATE, machine_place(m));
	machine_find(m, rule, "%.*s.%.*s",
	    (int)m->scan->names.at[i].module_size, names_module(m->scan, i),
	    (int)m->scan->names.at[i].name_size, names_name(m->scan, i));
}

/* partial.__setstate__ replaces the function. */
static void
build_partial(struct machine *m, value target, value state)
{
	struct items items, first;
	value callee, args;
	enum verdict v;

	ring_items(&m->ring, state, &items);
	if (items.n == 0 || value_kind(state) != KIND_TUPLE) {
		machine_find(m, RULE_PICKLE_CALL_SUSPECT, "functools.partial");
		return;
	}
	if (ring_call_parts(&m->ring, target, &callee, &args)) {
		ring_items(&m->ring, args, &first);
		if (first.n > 0 && first.at[0] != items.at[0])
			machine_find(m, RULE_PICKLE_CALL_ARGUMENTS,
			    "functools.partial (its function is changed)");
	}
	v = call_passed(m, items.at[0], WHEN_LATER, machine_place(m));
	if (items.n > 1 && gadget_new(m, items.at[0], &callee))
		call_new(m, callee,
		    &(struct call){ .args = items.at[1],
			.keywords = items.n > 2 ? items.at[2] : KIND_NOTHING },
		    0);
	if (v == VERDICT_UNVERIFIED)
		machine_find(m, RULE_PICKLE_CALL_FORGOTTEN, NULL);
}

/* State for the result of a call. */
static void
build_result(struct machine *m, value target, value state)
{
	enum makes made = makes(m, target);

	if (value_kind(state) == KIND_TUPLE)
		slots_judge(m, state);
	if (made == MAKES_IMPORT)
		machine_find(m, RULE_PICKLE_BUILD_IMPORTED, NULL);
	else if (made == MAKES_CODE)
		machine_find(m, RULE_PICKLE_BUILD_SLOTS, NULL);
	if (gadget_made(m, target, "functools", "partial"))
		build_partial(m, target, state);
	state_judge(m, target, state);
}

void
call_build(struct machine *m, value target, value state)
{
	enum kind kind = value_kind(target);

	if (kind == KIND_GLOBAL)
		poisoned(m, target, RULE_PICKLE_BUILD_IMPORTED);
	else if (kind == KIND_DTYPE)
		joblib_dtype_state(m, target, state);
	else if (kind == KIND_CALL)
		build_result(m, target, state);
	else if (kind == KIND_FORGOTTEN)
		machine_find(m, RULE_PICKLE_CALL_FORGOTTEN, NULL);
}

/* Is it a tensor that torch is about to make?  Items set in it go to memory
 * that torch's own unpickler takes for a dictionary (CVE-2026-24747). */
static bool
is_tensor(const struct machine *m, value v)
{
	static const char module[] = "torch._utils", name[] = "_rebuild_";
	uint32_t i = (uint32_t)value_call_name(v);
	const struct name *n = &m->scan->names.at[i];

	return i >= NAMES_FIRST && n->module_size == strlen(module) &&
	    n->name_size > strlen(name) &&
	    memcmp(names_module(m->scan, i), module, strlen(module)) == 0 &&
	    memcmp(names_name(m->scan, i), name, strlen(name)) == 0;
}

void
call_store(struct machine *m, value target)
{
	enum kind kind = value_kind(target);

	if (kind == KIND_GLOBAL)
		poisoned(m, target, RULE_PICKLE_STORE_IMPORTED);
	else if (kind == KIND_CALL && makes(m, target) == MAKES_IMPORT)
		machine_find(m, RULE_PICKLE_STORE_IMPORTED, NULL);
	else if (kind == KIND_CALL && is_tensor(m, target))
		machine_find(m, RULE_PICKLE_STORE_TENSOR, NULL);
	else if (kind == KIND_FORGOTTEN)
		machine_find(m, RULE_PICKLE_CALL_FORGOTTEN, NULL);
}

value
call_persistent(struct machine *m, value id)
{
	struct items items;

	ring_items(&m->ring, id, &items);
	switch (storages_note(m, id, &items)) {
	case PERSISTENT_STORAGE:
		break;
	case PERSISTENT_CLASS:
		return items.at[1];
	case PERSISTENT_OTHER:
		machine_find(m, RULE_PICKLE_PERSISTENT, NULL);
		break;
	}
	/* What it was asked for is shown to people. */
	return value_make(KIND_PERSISTENT,
	    m->trace != NULL && value_kind(id) == KIND_TUPLE ? value_payload(id)
							     : 0);
}
