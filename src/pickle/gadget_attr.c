/* SPDX-License-Identifier: Apache-2.0 */
/* gadget_attr: callables that take attributes and items by name. */
#include <string.h>

#include "base/own.h"
#include "pickle/call.h"
#include "pickle/machine.h"
#include "pickle/scan.h"

/* A global that is named like a class, or known for one. */
static bool
class_like(const struct scan *s, uint32_t i)
{
	const struct name *n = &s->names.at[i];
	const char *name = names_name(s, i);
	size_t at = 0;

	if (n->action == POLICY_ALLOW || n->action == POLICY_CONSTRUCT)
		return true;
	while (at < n->name_size && name[at] == '_')
		at++;
	return at < n->name_size && name[at] >= 'A' && name[at] <= 'Z';
}

/* A class whose __new__ does no more than NEWOBJ does, or whose arguments are
 * looked at here. */
static bool
makes_itself(const struct scan *s, value class)
{
	uint32_t i = (uint32_t)value_payload(class);
	const struct name *n = &s->names.at[i];

	if (value_kind(class) != KIND_GLOBAL || i < NAMES_FIRST)
		return false;
	if (n->gadget != NULL)
		return n->gadget->judge == gadget_expression;
	return n->action == POLICY_CONSTRUCT || n->action == POLICY_NONE ||
	    n->action == POLICY_UNKNOWN;
}

/* An attribute of a global.  A method is judged when it is called: honest
 * pickles pass on methods of data types (str.lower).  Of something that is no
 * class, it is as good as an import. */
static enum verdict
attribute_of_global(struct gadget_call *g, value object, const struct buf *name)
{
	AUTO(buf) struct buf module = buf_new(2 * LIMIT_NAME);
	struct scan *s = g->m->scan;
	uint32_t i = (uint32_t)value_payload(object);
	const struct name *n = &s->names.at[i];
	enum verdict worst = gadget_attribute(g, name);

	if (i < NAMES_FIRST)
		return verdict_worse(worst, VERDICT_UNVERIFIED);
	if (strcmp(buf_text(name), "__new__") == 0 && makes_itself(s, object))
		return n->action == POLICY_CONSTRUCT ? VERDICT_CLEAN : worst;
	if (worst == VERDICT_MALICIOUS || class_like(s, i))
		return worst;
	if (buf_add(&module, names_module(s, i), n->module_size) != ERR_OK ||
	    buf_puts(&module, ".") != ERR_OK ||
	    buf_add(&module, names_name(s, i), n->name_size) != ERR_OK)
		return VERDICT_UNVERIFIED;
	return verdict_worse(worst, gadget_look_up(g, &module, name));
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
	if (value_kind(object) == KIND_STR) {
		g->why = "given a text for an object";
		v = verdict_worse(v, VERDICT_SUSPICIOUS);
	}
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

bool
gadget_new(struct machine *m, value v, value *class)
{
	AUTO(buf) struct buf name = buf_new(LIMIT_NAME);
	value callee, args;
	struct items items;

	if (!gadget_made(m, v, "builtins", "getattr") ||
	    !ring_call_parts(&m->ring, v, &callee, &args))
		return false;
	ring_items(&m->ring, args, &items);
	if (items.n != 2 || !makes_itself(m->scan, items.at[0]) ||
	    value_kind(items.at[1]) != KIND_STR ||
	    text_read(m, items.at[1], &name) != ERR_OK ||
	    strcmp(buf_text(&name), "__new__") != 0)
		return false;
	*class = items.at[0];
	return true;
}

value
gadget_method(struct machine *m, value v, uint64_t place)
{
	/* The table of names moves when it grows: its text is copied. */
	AUTO(buf) struct buf module = buf_new(LIMIT_NAME);
	AUTO(buf) struct buf name = buf_new(LIMIT_NAME);
	AUTO(buf) struct buf dotted = buf_new(LIMIT_NAME);
	value callee, args;
	struct items items;
	struct import global;
	uint32_t i;

	if (!(gadget_made(m, v, "builtins", "getattr") ||
		gadget_made(m, v, "dill", "_get_attr")) ||
	    !ring_call_parts(&m->ring, v, &callee, &args))
		return v;
	ring_items(&m->ring, args, &items);
	i = items.n < 2 ? 0 : (uint32_t)value_payload(items.at[0]);
	if (items.n < 2 || value_kind(items.at[0]) != KIND_GLOBAL ||
	    i < NAMES_FIRST || value_kind(items.at[1]) != KIND_STR ||
	    text_read(m, items.at[1], &name) != ERR_OK ||
	    buf_add(&module, names_module(m->scan, i),
		m->scan->names.at[i].module_size) != ERR_OK ||
	    buf_add(&dotted, names_name(m->scan, i),
		m->scan->names.at[i].name_size) != ERR_OK ||
	    buf_puts(&dotted, ".") != ERR_OK ||
	    buf_add(&dotted, name.data, name.size) != ERR_OK)
		return v;
	global = (struct import){ .module = buf_text(&module),
		.module_size = module.size,
		.name = buf_text(&dotted),
		.name_size = dotted.size,
		.offset = place };
	return value_make(KIND_GLOBAL, names_find(m->scan, &global));
}
