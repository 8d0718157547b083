/* SPDX-License-Identifier: Apache-2.0 */
/* gadget_attr: callables that take attributes and items by name. */
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "pickle/call.h"
#include "pickle/machine.h"
#include "pickle/scan.h"

/* An attribute of a global: as the policy judges the dotted name, except that
 * methods of data types are passed on by honest pickles (str.lower). */
static enum verdict
attribute_of_global(struct gadget_call *g, value object, const struct buf *name)
{
	char dotted[2 * LIMIT_NAME];
	struct scan *s = g->m->scan;
	uint32_t i = (uint32_t)value_payload(object);
	const struct name *n = &s->names.at[i];
	enum verdict worst = gadget_attribute(g, name);
	struct policy_verdict v;
	int size;

	if (i < NAMES_FIRST)
		return verdict_worse(worst, VERDICT_UNVERIFIED);
	if (worst == VERDICT_MALICIOUS || n->action == POLICY_ALLOW ||
	    n->action == POLICY_CONSTRUCT)
		return worst;
	size = snprintf(dotted, sizeof(dotted), "%.*s.%s", (int)n->name_size,
	    names_name(s, i), buf_text(name));
	if (size < 0 || (size_t)size >= sizeof(dotted))
		return VERDICT_SUSPICIOUS;
	v = policy_judge(s->visit->policy, names_module(s, i), n->module_size,
	    dotted, (size_t)size, USE_IMPORT);
	/* A lower-case name says nothing here: enum members have them. */
	if (v.verdict == VERDICT_MALICIOUS || n->action == POLICY_KNOWN)
		worst = verdict_worse(worst, v.verdict);
	g->why = v.reason;
	return worst;
}

/* An attribute of a module that a function of the pickle has imported: an
 * import like any other. */
static enum verdict
attribute_of_module(struct gadget_call *g, value object, const struct buf *name)
{
	AUTO(buf) struct buf module = buf_new(LIMIT_NAME);
	value callee, args;
	struct items items;
	enum verdict v = VERDICT_UNVERIFIED;

	if (!ring_call_parts(&g->m->ring, object, &callee, &args))
		return v;
	ring_items(&g->m->ring, args, &items);
	if (items.n == 0 || !gadget_text(g, items.at[0], &module, &v))
		return v;
	v = gadget_look_up(g, &module, name);
	return verdict_worse(v, gadget_attribute(g, name));
}

static bool
made_by_import(const struct machine *m, value v)
{
	return gadget_made(m, v, "cloudpickle", "subimport") ||
	    gadget_made(m, v, "dill", "_import_module");
}

/* getattr(object, name) and its like. */
enum verdict
gadget_getattr(struct gadget_call *g)
{
	AUTO(buf) struct buf name = buf_new(LIMIT_NAME);
	value object = gadget_item(g, 0);
	enum verdict v;

	if (!gadget_text(g, gadget_item(g, 1), &name, &v))
		return v;
	if (value_kind(object) == KIND_GLOBAL)
		return attribute_of_global(g, object, &name);
	if (made_by_import(g->m, object))
		return attribute_of_module(g, object, &name);
	v = gadget_attribute(g, &name);
	if (value_kind(object) == KIND_FORGOTTEN)
		v = verdict_worse(v, VERDICT_UNVERIFIED);
	return v;
}

/* setattr(object, name, value). */
enum verdict
gadget_setattr(struct gadget_call *g)
{
	enum verdict v = gadget_getattr(g);
	enum kind kind = value_kind(gadget_item(g, 0));

	if (kind == KIND_GLOBAL || made_by_import(g->m, gadget_item(g, 0))) {
		g->why = "changes something that was imported";
		return VERDICT_MALICIOUS;
	}
	return v;
}

/* attrgetter(name, ...) and methodcaller(name, arguments...). */
enum verdict
gadget_attributes(struct gadget_call *g)
{
	AUTO(buf) struct buf name = buf_new(LIMIT_NAME);
	enum verdict worst = VERDICT_UNKNOWN, v;

	if (!gadget_text(g, gadget_item(g, 0), &name, &v))
		return v;
	worst = gadget_attribute(g, &name);
	for (size_t i = 1; i < g->items.n; i++)
		if (value_kind(g->items.at[i]) == KIND_STR &&
		    strcmp(g->m->scan->names.at[g->name].gadget->name,
			"attrgetter") == 0 &&
		    gadget_text(g, g->items.at[i], &name, &v))
			worst =
			    verdict_worse(worst, gadget_attribute(g, &name));
	return worst;
}

/* getitem(object, key): typing.Generic[T] is honest, sys.modules[x] is not. */
enum verdict
gadget_getitem(struct gadget_call *g)
{
	value object = gadget_item(g, 0);
	enum kind kind = value_kind(object);
	uint32_t i = (uint32_t)value_payload(object);

	g->why = "takes an item out of something that is not the pickle's own";
	if (!g->items.known || kind == KIND_FORGOTTEN)
		return VERDICT_UNVERIFIED;
	if (kind == KIND_NOTHING || kind == KIND_STR)
		return VERDICT_MALICIOUS;
	if (kind == KIND_GLOBAL && i >= NAMES_FIRST)
		return names_judge(g->m->scan, i, USE_IMPORT).verdict >
			VERDICT_UNKNOWN
		    ? VERDICT_MALICIOUS
		    : VERDICT_UNKNOWN;
	if (kind == KIND_CALL && value_call_name(object) >= NAMES_FIRST &&
	    g->m->scan->names.at[value_call_name(object)].verdict >
		VERDICT_UNKNOWN)
		return VERDICT_MALICIOUS;
	return VERDICT_UNKNOWN;
}

/* or_(a, b): a union of types. */
enum verdict
gadget_union(struct gadget_call *g)
{
	for (size_t i = 0; i < g->items.n; i++)
		if (value_kind(g->items.at[i]) != KIND_NONE &&
		    value_kind(g->items.at[i]) != KIND_GLOBAL &&
		    value_kind(g->items.at[i]) != KIND_CALL)
			return VERDICT_SUSPICIOUS;
	return g->items.known ? VERDICT_UNKNOWN : VERDICT_UNVERIFIED;
}
