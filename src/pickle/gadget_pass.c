/* SPDX-License-Identifier: Apache-2.0 */
/* gadget_pass: callables that call, or make objects of, what they are given. */
#include <string.h>

#include "base/own.h"
#include "pickle/call.h"
#include "pickle/machine.h"
#include "pickle/scan.h"
#include "pickle/state.h"

/* Data and nothing else. */
enum verdict
gadget_data(struct gadget_call *g)
{
	enum verdict worst = VERDICT_CLEAN;

	if (!g->items.known)
		return value_kind(g->call->args) == KIND_NONE
		    ? VERDICT_UNKNOWN
		    : VERDICT_UNVERIFIED;
	for (size_t i = 0; i < g->items.n; i++)
		if (value_kind(g->items.at[i]) == KIND_GLOBAL ||
		    value_kind(g->items.at[i]) == KIND_EXTENSION)
			worst = VERDICT_UNKNOWN;
	return worst;
}

/* The worst that any of the arguments does when it is called. */
static enum verdict
passed(struct gadget_call *g, enum when when)
{
	enum verdict worst = VERDICT_CLEAN;

	g->why = "given something to call";
	if (!g->items.known || g->items.n < g->items.count)
		return VERDICT_UNVERIFIED;
	for (size_t i = 0; i < g->items.n; i++)
		worst = verdict_worse(worst,
		    call_passed(g->m, g->items.at[i], when, g->call->place));
	return worst;
}

/* map, filter and their like: called by whoever takes the items. */
enum verdict
gadget_passed_now(struct gadget_call *g)
{
	if (g->items.known && g->items.n == 0)
		return VERDICT_SUSPICIOUS;
	return verdict_worse(passed(g, WHEN_NOW), VERDICT_UNKNOWN);
}

/* Those of them that are given the function first. */
enum verdict
gadget_passed_first(struct gadget_call *g)
{
	enum kind kind = value_kind(gadget_item(g, 0));

	if (kind == KIND_STR || kind == KIND_BYTES || kind == KIND_INT) {
		g->why = "given nothing that can be called";
		return VERDICT_MALICIOUS;
	}
	if (g->items.known && g->items.n < 2) {
		g->why = "given nothing to call it with";
		return VERDICT_SUSPICIOUS;
	}
	return gadget_passed_now(g);
}

/* Something to call, and its arguments, for the program to use. */
enum verdict
gadget_passed_later(struct gadget_call *g)
{
	enum kind kind = value_kind(gadget_item(g, 0));

	if (g->items.known &&
	    (kind == KIND_NOTHING || kind == KIND_STR || kind == KIND_INT)) {
		g->why = "given nothing that can be called";
		return VERDICT_MALICIOUS;
	}
	return passed(g, WHEN_LATER);
}

/* defaultdict(factory, items). */
enum verdict
gadget_factory(struct gadget_call *g)
{
	g->why = "its factory";
	if (!g->items.known)
		return value_kind(g->call->args) == KIND_NONE
		    ? VERDICT_CLEAN
		    : VERDICT_UNVERIFIED;
	return call_passed(g->m, gadget_item(g, 0), WHEN_LATER, g->call->place);
}

/* f(cls, ...): an object of cls is made, and nothing else. */
enum verdict
gadget_class(struct gadget_call *g)
{
	enum kind kind = value_kind(gadget_item(g, 0));

	g->why = "makes an object of a class that it is given";
	if (!g->items.known || kind == KIND_FORGOTTEN)
		return VERDICT_UNVERIFIED;
	if (kind != KIND_GLOBAL && kind != KIND_CALL &&
	    kind != KIND_EXTENSION) {
		g->why = "given no class";
		return VERDICT_MALICIOUS;
	}
	return call_class(g->m, g->items.at[0], g->call->place);
}

/* The base of most classes, whose __init__ does nothing. */
static bool
is_object(const struct machine *m, value v)
{
	uint32_t i = (uint32_t)value_payload(v);
	const struct name *n = &m->scan->names.at[i];

	return value_kind(v) == KIND_GLOBAL && i >= NAMES_FIRST &&
	    n->action == POLICY_ALLOW && n->name_size == strlen("object") &&
	    memcmp(names_name(m->scan, i), "object", n->name_size) == 0;
}

/* _reconstructor(cls, base, state): base.__init__(object, state) runs too,
 * unless base is object. */
enum verdict
gadget_reconstructor(struct gadget_call *g)
{
	enum verdict v = gadget_class(g);

	if (g->items.known && g->items.count != 3) {
		g->why = "not given a class, its base and a state";
		return VERDICT_MALICIOUS;
	}
	if (is_object(g->m, gadget_item(g, 1)))
		return v;
	return verdict_worse(
	    v, call_passed(g->m, gadget_item(g, 1), WHEN_NOW, g->call->place));
}

/* _rebuild_from_type_v2(function, type, arguments, state): called at once. */
enum verdict
gadget_from_type(struct gadget_call *g)
{
	enum kind kind = value_kind(gadget_item(g, 0));
	enum verdict v;

	if (!g->items.known)
		return VERDICT_UNVERIFIED;
	if (kind != KIND_GLOBAL && kind != KIND_CALL) {
		g->why = "given nothing that can be called";
		return VERDICT_MALICIOUS;
	}
	v = call_passed(g->m, g->items.at[0], WHEN_NOW, g->call->place);
	if (value_kind(gadget_item(g, 1)) == KIND_GLOBAL)
		v = verdict_worse(
		    v, call_class(g->m, g->items.at[1], g->call->place));
	g->why = "calls a function that it is given";
	return v;
}

/* _create_ftype(partial, function, arguments, keywords). */
enum verdict
gadget_ftype(struct gadget_call *g)
{
	g->why = "calls a function that it is given";
	if (!g->items.known)
		return VERDICT_UNVERIFIED;
	return verdict_worse(VERDICT_UNKNOWN,
	    call_passed(g->m, gadget_item(g, 1), WHEN_LATER, g->call->place));
}

/* Functions in a class's namespace that the interpreter calls by itself. */
static enum verdict
namespace_judge(struct gadget_call *g, value namespace)
{
	AUTO(buf) struct buf key = buf_new(LIMIT_NAME);
	enum verdict worst = VERDICT_UNKNOWN;
	struct items items;

	ring_items(&g->m->ring, namespace, &items);
	if (!items.known || items.n < items.count)
		return VERDICT_UNVERIFIED;
	for (size_t i = 0; i + 1 < items.n; i += 2) {
		enum verdict v;

		if (value_kind(items.at[i + 1]) != KIND_GLOBAL)
			continue;
		if (!gadget_text(g, items.at[i], &key, &v))
			return v;
		v = call_passed(g->m, items.at[i + 1],
		    key.size > 4 && memcmp(key.data, "__", 2) == 0 ? WHEN_NOW
								   : WHEN_LATER,
		    g->call->place);
		worst = verdict_worse(worst, v);
	}
	g->why = "what stands in the class that it makes";
	return worst;
}

/* type(object), or type(name, bases, namespace). */
enum verdict
gadget_type(struct gadget_call *g)
{
	if (!g->items.known)
		return VERDICT_UNVERIFIED;
	if (g->items.count == 1)
		return value_kind(g->items.at[0]) == KIND_STR
		    ? VERDICT_SUSPICIOUS
		    : VERDICT_UNKNOWN;
	if (g->items.count < 3) {
		g->why = "not given a name, bases and a namespace";
		return VERDICT_SUSPICIOUS;
	}
	return namespace_judge(g, g->items.at[g->items.count == 3 ? 2 : 3]);
}

/* _make_skeleton_class(metaclass, name, bases, ...), _create_type(metaclass,
 * name, bases, namespace): a metaclass is called. */
enum verdict
gadget_skeleton(struct gadget_call *g)
{
	value metaclass = gadget_item(g, 0);
	enum kind kind = value_kind(metaclass);
	enum verdict v;

	if (!g->items.known)
		return VERDICT_UNVERIFIED;
	if (kind != KIND_GLOBAL && kind != KIND_CALL) {
		g->why = "given no class of classes";
		return VERDICT_MALICIOUS;
	}
	v = VERDICT_UNKNOWN;
	if (kind == KIND_GLOBAL && value_payload(metaclass) >= NAMES_FIRST &&
	    g->m->scan->names.at[value_payload(metaclass)].gadget == NULL)
		v = call_class(g->m, metaclass, g->call->place);
	if (value_kind(gadget_item(g, 3)) == KIND_DICT)
		v = verdict_worse(v, namespace_judge(g, g->items.at[3]));
	return verdict_worse(v, VERDICT_UNKNOWN);
}

/* numpy.memmap(file, ...) opens the file, perhaps to write it; honest pickles
 * make one without, and give it the state of an array. */
enum verdict
gadget_file_array(struct gadget_call *g)
{
	struct items keywords;

	g->why = "opens a file by its name";
	ring_items(&g->m->ring, g->call->keywords, &keywords);
	if (!g->items.known ||
	    (g->call->keywords != KIND_NOTHING && !keywords.known))
		return VERDICT_UNVERIFIED;
	return g->items.count == 0 && keywords.count == 0 ? VERDICT_CLEAN
							  : VERDICT_MALICIOUS;
}

/* May what a call returned be a text?  Only another expression is none. */
static bool
text_returned(void *context, value v)
{
	struct machine *m = context;
	uint32_t i = (uint32_t)value_payload(state_class(m, v));
	const struct gadget *g =
	    i < NAMES_FIRST ? NULL : m->scan->names.at[i].gadget;

	return g == NULL || g->judge != gadget_expression;
}

void
gadget_expect(struct machine *m, uint32_t i)
{
	const struct gadget *g = m->scan->names.at[i].gadget;

	if (m->ring.is_text != NULL || g == NULL ||
	    g->judge != gadget_expression)
		return;
	m->ring.is_text = text_returned;
	m->ring.context = m;
}

/* Can v be a text by the time that it is there? */
static bool
text_perhaps(struct gadget_call *g, value v)
{
	switch (value_kind(v)) {
	case KIND_STR:
	case KIND_BYTES:
	case KIND_BYTEARRAY:
	case KIND_PERSISTENT:
	case KIND_EXTENSION:
	case KIND_BUFFER:
		return true;
	case KIND_CALL:
		return text_returned(g->m, v);
	case KIND_NOTHING:
	case KIND_NONE:
	case KIND_BOOL:
	case KIND_INT:
	case KIND_LONG:
	case KIND_FLOAT:
	case KIND_TUPLE:
	case KIND_LIST:
	case KIND_DICT:
	case KIND_SET:
	case KIND_DTYPE:
	case KIND_GLOBAL:
	case KIND_FORGOTTEN:
	case KIND_COUNT:
		break;
	}
	return false;
}

static bool
name_is(const struct gadget_call *g, const char *name)
{
	const struct name *n = &g->m->scan->names.at[g->name];

	return n->name_size == strlen(name) &&
	    memcmp(names_name(g->m->scan, g->name), name, n->name_size) == 0;
}

/* Expressions that take a text for a name or a number. */
static bool
text_is_fine(const struct gadget_call *g)
{
	static const char *const names[] = { "Symbol", "Dummy", "Wild", "Float",
		"Integer", "Rational", "Str", "MatrixSymbol", "IndexedBase",
		"Idx" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (name_is(g, names[i]))
			return true;
	return false;
}

enum {
	/* Containers inside arguments that are looked into: honest ones are a
	 * matrix of rows or less. */
	INSIDE_MAX = 256,
};

/* Containers that are still to be looked into. */
struct inside {
	struct gadget_call *g;
	value todo[INSIDE_MAX];
	size_t count, done;
	bool whole; /* nothing was left out */
};

/* Is one of these a text?  What holds others is set aside. */
static bool
text_among(struct inside *in, const struct items *items)
{
	in->whole = in->whole && items->known && items->n == items->count;
	for (size_t i = 0; i < items->n; i++) {
		value v = items->at[i];
		enum kind kind = value_kind(v);
		bool holds = kind == KIND_TUPLE || kind == KIND_LIST ||
		    kind == KIND_DICT || kind == KIND_SET;

		if (text_perhaps(in->g, v))
			return true;
		if (kind == KIND_FORGOTTEN ||
		    (holds && in->count == INSIDE_MAX))
			in->whole = false;
		else if (holds)
			in->todo[in->count++] = v;
	}
	return false;
}

/* sympify() goes into what it can iterate over, to the last text. */
static bool
text_inside(struct inside *in, value keywords)
{
	struct items items;
	bool found = text_among(in, &in->g->items);

	if (!found && keywords != KIND_NOTHING) {
		ring_items(&in->g->m->ring, keywords, &items);
		/* Their names are no arguments. */
		for (size_t i = 0; i + 1 < items.n; i += 2)
			items.at[i] = KIND_NONE;
		found = text_among(in, &items);
	}
	while (!found && in->done < in->count) {
		ring_items(&in->g->m->ring, in->todo[in->done++], &items);
		found = text_among(in, &items);
	}
	return found;
}

/* What all arguments hold, those that are not kept too. */
static unsigned
text_held(const struct gadget_call *g)
{
	const struct ring *r = &g->m->ring;
	unsigned holds = ring_holds(r, g->call->args);

	if (g->call->keywords != KIND_NOTHING)
		holds |= ring_holds(r, g->call->keywords);
	return holds;
}

/* sympy's classes turn what they are given into expressions: a text by eval().
 * Honest pickles give them expressions and numbers. */
enum verdict
gadget_expression(struct gadget_call *g)
{
	struct inside in = { .g = g, .whole = true };

	g->why = "an expression";
	if (!g->items.known)
		return VERDICT_UNVERIFIED;
	if (text_is_fine(g))
		return VERDICT_UNKNOWN;
	if (text_inside(&in, g->call->keywords) ||
	    (!in.whole && !name_is(g, "DomainMatrix") &&
		(text_held(g) & HOLDS_TEXT) != 0)) {
		g->why = "evaluates a text that it is given as Python";
		return VERDICT_MALICIOUS;
	}
	/* That of a matrix has rows of any size, which nothing evaluates:
	 * sympy.polys.matrices.domainmatrix, __new__. */
	return in.whole || name_is(g, "DomainMatrix") || text_held(g) == 0
	    ? VERDICT_UNKNOWN
	    : VERDICT_UNVERIFIED;
}

/* Part of a function or class that travels by value: its code is judged where
 * it is made. */
enum verdict
gadget_by_value(struct gadget_call *g)
{
	g->why = "part of a function or class that travels by value";
	return VERDICT_UNKNOWN;
}
