/* SPDX-License-Identifier: Apache-2.0 */
/* machine_stack: the stack and its marks, under their bounds. */
#include <stdlib.h>
#include <string.h>

#include "pickle/machine.h"
#include "pickle/scan.h"

enum {
	STACK_MAX = 512 * 1024, /* values: 4 MB */
	MARKS_FIRST = 64,
	MARKS_MAX = 64 * 1024,
	MARKS_PASSED = 64,
};

void
machine_fence(struct machine *m)
{
	bool fenced = m->marking == MARKING_FENCE && m->mark_count > 0;

	m->fence = m->stack + (fenced ? m->marks[m->mark_count - 1] : 0);
}

bool
machine_at_mark(const struct machine *m)
{
	return m->marking != MARKING_VALUE && m->mark_count > 0 &&
	    m->marks[m->mark_count - 1] == (size_t)(m->top - m->stack);
}

/* Forget the lower half of the stack: what matters is used soon after it was
 * pushed, and the rest is never missed without being noticed. */
static void
stack_sink(struct machine *m)
{
	size_t n = (size_t)(m->top - m->stack) / 2, marks = 0;

	memmove(m->stack, m->stack + n,
	    (size_t)(m->top - m->stack - (ptrdiff_t)n) * sizeof(value));
	m->top -= n;
	m->sunk += n;
	while (marks < m->mark_count && m->marks[marks] < n)
		marks++;
	m->marks_sunk += marks;
	m->mark_count -= marks;
	/* They need not rise where no mark is a fence. */
	for (size_t i = 0; i < m->mark_count; i++)
		m->marks[i] =
		    m->marks[i + marks] < n ? 0 : m->marks[i + marks] - n;
	machine_fence(m);
}

enum step
machine_stack_grow(struct machine *m)
{
	struct budget *budget = m->scan->visit->budget;
	size_t had = (size_t)(m->room - m->stack);
	ptrdiff_t used = m->top - m->stack;
	value *stack;

	if (had * 2 > STACK_MAX ||
	    budget_take(budget, BUDGET_MEMORY, had * sizeof(value)) != ERR_OK) {
		stack_sink(m);
		return STEP_NEXT;
	}
	if ((stack = realloc(m->stack, had * 2 * sizeof(value))) == NULL) {
		budget_give(budget, had * sizeof(value));
		return machine_error(m, ERR_NOMEM);
	}
	m->stack = stack;
	m->top = stack + used;
	m->room = stack + had * 2;
	machine_fence(m);
	return STEP_NEXT;
}

/* Room for one more mark, or the lower half is forgotten. */
static enum step
marks_grow(struct machine *m)
{
	struct budget *budget = m->scan->visit->budget;
	size_t room = m->mark_room == 0 ? MARKS_FIRST : m->mark_room * 2;
	size_t half = m->mark_count / 2, more;
	size_t *marks;

	more = (room - m->mark_room) * sizeof(*marks);
	if (room > MARKS_MAX ||
	    budget_take(budget, BUDGET_MEMORY, more) != ERR_OK) {
		if (half == 0)
			return machine_error(m, ERR_LIMIT);
		m->marks_sunk += half;
		m->mark_count -= half;
		memmove(m->marks, m->marks + half,
		    m->mark_count * sizeof(*m->marks));
		return STEP_NEXT;
	}
	if ((marks = realloc(m->marks, room * sizeof(*marks))) == NULL) {
		budget_give(budget, more);
		return machine_error(m, ERR_NOMEM);
	}
	m->marks = marks;
	m->mark_room = room;
	return STEP_NEXT;
}

/* Where marks are values, forget those whose place another value has. */
static void
marks_settle(struct machine *m)
{
	size_t depth = (size_t)(m->top - m->stack);

	while (m->mark_count > 0 &&
	    (m->marks[m->mark_count - 1] >= depth ||
		m->stack[m->marks[m->mark_count - 1]] != MACHINE_MARK))
		m->mark_count--;
}

enum step
machine_mark(struct machine *m)
{
	if (m->marking == MARKING_VALUE)
		marks_settle(m);
	if (m->mark_count == m->mark_room) {
		enum step s = marks_grow(m);

		if (s != STEP_NEXT)
			return s;
	}
	if (m->mark_count + m->marks_sunk == VALUE_DEPTH_MAX)
		machine_find(m, RULE_PICKLE_BOMB, "marks inside each other");
	m->marks[m->mark_count++] = (size_t)(m->top - m->stack);
	machine_fence(m);
	return m->marking == MARKING_VALUE ? machine_push(m, MACHINE_MARK)
					   : STEP_NEXT;
}

enum step
op_mark(struct machine *m)
{
	m->in->at++;
	m->forms++;
	return machine_mark(m);
}

/* What is above the innermost mark, which need not be a fence. */
static value *
mark_items(struct machine *m)
{
	size_t depth = m->mark_count > 0 ? m->marks[m->mark_count - 1] : 0;
	size_t have = (size_t)(m->top - m->stack);

	if (m->mark_count == 0 || depth > have)
		return m->mark_count == 0 ? m->stack : m->top;
	/* The mark goes, as if it had been none. */
	if (m->marking == MARKING_VALUE) {
		memmove(m->stack + depth, m->stack + depth + 1,
		    (have - depth - 1) * sizeof(value));
		m->top--;
	}
	return m->stack + depth;
}

enum step
machine_pop_mark(struct machine *m, value **items)
{
	if (m->marking == MARKING_VALUE)
		marks_settle(m);
	if (m->mark_count == 0 && m->marks_sunk == 0 && m->sunk == 0)
		return machine_broken(m, "a mark is missing");
	*items = m->marking == MARKING_FENCE ? m->fence : mark_items(m);
	if (m->mark_count > 0)
		m->mark_count--;
	else if (m->marks_sunk > 0)
		m->marks_sunk--;
	machine_fence(m);
	return STEP_NEXT;
}

/* n values at the bottom come into being: those that were forgotten, or marks,
 * which are values like any other to pickle.py of Python 2. */
static enum step
stack_raise(struct machine *m, size_t n, value v)
{
	while ((size_t)(m->room - m->top) < n) {
		enum step s = machine_stack_grow(m);

		if (s != STEP_NEXT)
			return s;
	}
	memmove(m->stack + n, m->stack,
	    (size_t)(m->top - m->stack) * sizeof(value));
	for (size_t i = 0; i < n; i++)
		m->stack[i] = v;
	m->top += n;
	return STEP_NEXT;
}

/* No mark stands above depth any more.  An opcode takes three values at most,
 * so more marks than that are not passed at a time by any loader. */
static void
marks_lower(struct machine *m, size_t depth)
{
	size_t above = 0;

	while (above < m->mark_count &&
	    m->marks[m->mark_count - 1 - above] > depth)
		above++;
	if (above > MARKS_PASSED) {
		m->mark_count -= above - MARKS_PASSED;
		above = MARKS_PASSED;
	}
	for (size_t i = 1; i <= above; i++)
		m->marks[m->mark_count - i] = depth;
	machine_fence(m);
}

enum step
machine_under(struct machine *m, size_t n)
{
	size_t have = (size_t)(m->top - m->stack), lack = 0;
	enum step s = STEP_NEXT;

	if (have < n)
		lack = n - have;
	if (m->sunk == 0 &&
	    lack > (m->marking == MARKING_FENCE ? m->mark_count : 0))
		return machine_broken(m, "the stack is empty");
	/* The C unpickler of Python 2 does not see the mark and takes what
	 * is below it; all others stop here. */
	if (m->mark_count > 0 && m->marking == MARKING_FENCE)
		machine_odd(m);
	if (lack != 0 && m->sunk != 0) {
		s = stack_raise(m, lack, KIND_FORGOTTEN);
		m->sunk -= lack < m->sunk ? lack : m->sunk;
	} else if (lack != 0) {
		s = stack_raise(m, lack, KIND_NONE);
		m->mark_count -= lack;
	}
	if (m->marking == MARKING_FENCE)
		marks_lower(m, (size_t)(m->top - m->stack) - n);
	return s;
}
