/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gadget_code: functions that travel by value.
 *
 * cloudpickle and dill give types.CodeType its parts one by one.  Their order
 * differs from one Python to the next, but the constants are always the first
 * tuple behind the bytecode, and the names the second.
 */
#include <string.h>

#include "base/own.h"
#include "pickle/call.h"
#include "pickle/machine.h"
#include "pickle/scan.h"
#include "pycode/pycode.h"

enum {
	CODE_PARTS_MIN = 11, /* of Python 2; later ones have more */
	TEXT_MAX = 64 * 1024,
	TODO_MAX = 64,    /* tuples inside tuples that wait */
	NODES_MAX = 1024, /* constants inside constants that are looked at */
};

/* One string among the names or constants. */
static void
feed_text(struct gadget_call *g, struct pycode *p, value v, bool name)
{
	AUTO(buf) struct buf text = buf_new(TEXT_MAX);

	if (value_kind(v) != KIND_STR && value_kind(v) != KIND_BYTES)
		return;
	if (text_read(g->m, v, &text) != ERR_OK) {
		p->verdict = verdict_worse(p->verdict, VERDICT_UNVERIFIED);
		return;
	}
	if (name)
		pycode_name(p, buf_text(&text), text.size);
	else
		pycode_constant(p, buf_text(&text), text.size);
}

/* All strings in a tuple, and in tuples inside it. */
static void
feed(struct gadget_call *g, struct pycode *p, value tuple, bool names)
{
	value todo[TODO_MAX];
	size_t count = 1, nodes = 0;
	struct items items;

	todo[0] = tuple;
	while (count > 0 && nodes++ < NODES_MAX) {
		ring_items(&g->m->ring, todo[--count], &items);
		if (!items.known || items.n < items.count)
			p->verdict =
			    verdict_worse(p->verdict, VERDICT_UNVERIFIED);
		for (size_t i = 0; i < items.n; i++) {
			if (value_kind(items.at[i]) != KIND_TUPLE)
				feed_text(g, p, items.at[i], names);
			else if (count < TODO_MAX)
				todo[count++] = items.at[i];
		}
	}
	if (count > 0)
		p->verdict = verdict_worse(p->verdict, VERDICT_UNVERIFIED);
}

static enum verdict
verdict_of(struct gadget_call *g, const struct pycode *p)
{
	g->why =
	    p->reason[0] == '\0' ? "code that travels by value" : p->reason;
	return p->verdict;
}

/* types.CodeType(...), also through a type that was loaded by its name. */
enum verdict
gadget_code(struct gadget_call *g)
{
	struct pycode p;
	size_t i = 0, tuples = 0;

	if (!g->items.known)
		return VERDICT_UNVERIFIED;
	while (i < g->items.n && value_kind(g->items.at[i]) != KIND_TUPLE)
		i++;
	if (g->items.n < CODE_PARTS_MIN || i == g->items.n) {
		g->why = "given no parts of code";
		return VERDICT_MALICIOUS;
	}
	pycode_begin(&p);
	for (; i < g->items.n && tuples < 2; i++) {
		if (value_kind(g->items.at[i]) != KIND_TUPLE)
			continue;
		feed(g, &p, g->items.at[i], tuples == 1);
		tuples++;
	}
	return verdict_of(g, &p);
}

/* types.FunctionType(code, globals, ...) and cloudpickle's and dill's own. */
enum verdict
gadget_function(struct gadget_call *g)
{
	enum kind kind = value_kind(gadget_item(g, 0));

	g->why = "a function that travels by value";
	if (!g->items.known || kind == KIND_FORGOTTEN)
		return VERDICT_UNVERIFIED;
	if (kind != KIND_CALL) {
		g->why = "given no code";
		return VERDICT_MALICIOUS;
	}
	return VERDICT_UNKNOWN;
}

/* marshal.loads(bytes). */
enum verdict
gadget_marshal(struct gadget_call *g)
{
	AUTO(buf) struct buf bytes = buf_new(TEXT_MAX * 16);
	struct pycode p;

	if (value_kind(gadget_item(g, 0)) != KIND_BYTES &&
	    value_kind(gadget_item(g, 0)) != KIND_STR) {
		g->why = "loads code that is computed";
		return VERDICT_MALICIOUS;
	}
	if (text_read_raw(g->m, g->items.at[0], &bytes) != ERR_OK)
		return VERDICT_SUSPICIOUS;
	pycode_begin(&p);
	if (pycode_marshal(&p, bytes.data, bytes.size) != ERR_OK)
		p.verdict = verdict_worse(p.verdict, VERDICT_SUSPICIOUS);
	return verdict_worse(verdict_of(g, &p), VERDICT_SUSPICIOUS);
}

/* torch.fx: Python source that is compiled. */
enum verdict
gadget_source(struct gadget_call *g)
{
	struct pycode p;
	struct items body;

	if (!g->items.known)
		return VERDICT_UNVERIFIED;
	pycode_begin(&p);
	for (size_t i = 0; i < g->items.n; i++)
		feed_text(g, &p, g->items.at[i], false);
	ring_items(&g->m->ring, gadget_item(g, 0), &body);
	for (size_t i = 0; i < body.n; i++)
		feed_text(g, &p, body.at[i], false);
	return verdict_of(g, &p);
}
