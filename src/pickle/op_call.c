/* SPDX-License-Identifier: Apache-2.0 */
/* op_call: opcodes that call, construct and give state. */
#include "pickle/call.h"
#include "pickle/joblib.h"
#include "pickle/machine.h"
#include "pickle/scan.h"
#include "pickle/trace.h"

/* The last n values are a callable, its arguments, and perhaps keywords. */
static inline enum step
call_top(struct machine *m, size_t n, enum use use)
{
	enum step s = machine_need(m, n);
	struct call call;

	if (s != STEP_NEXT)
		return s;
	call = (struct call){ .callee = *(m->top - n),
		.args = *(m->top - n + 1),
		.keywords = n > 2 ? m->top[-1] : KIND_NOTHING,
		.use = use,
		.place = machine_place(m) };
	*(m->top - n) = call_make(m, &call);
	m->top -= n - 1;
	m->in->at++;
	return STEP_NEXT;
}

enum step
op_reduce(struct machine *m)
{
	return call_top(m, 2, USE_CALL);
}

enum step
op_newobj(struct machine *m)
{
	return call_top(m, 2, USE_CONSTRUCT);
}

enum step
op_newobj_ex(struct machine *m)
{
	return call_top(m, 3, USE_CONSTRUCT);
}

enum step
op_obj(struct machine *m)
{
	struct call call = { .use = USE_CALL, .place = machine_place(m) };
	value *items;
	enum step s = machine_pop_mark(m, &items);

	if (s != STEP_NEXT)
		return s;
	if (m->top == items) {
		/* Nothing above the mark: unless it was forgotten. */
		if (m->sunk == 0)
			return machine_broken(m, "no class above the mark");
		call.callee = call.args = KIND_FORGOTTEN;
	} else {
		call.callee = items[0];
		call.args = ring_tuple(
		    &m->ring, items + 1, (size_t)(m->top - items) - 1);
	}
	m->top = items;
	m->in->at++;
	return machine_push(m, call_make(m, &call));
}

enum step
op_build(struct machine *m)
{
	enum step s = machine_need(m, 2);
	value target, state;

	if (s != STEP_NEXT)
		return s;
	state = *--m->top;
	target = m->top[-1];
	if (m->trace != NULL)
		trace_begin(m);
	call_build(m, target, state);
	if (m->trace != NULL)
		trace_build(m, target, state);
	m->in->at++;
	if (!joblib_is_wrapper(m, target, state) || m->plain)
		return STEP_NEXT;
	m->result = target;
	m->array = state;
	return STEP_ARRAY;
}
