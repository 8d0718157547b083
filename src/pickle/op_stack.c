/* SPDX-License-Identifier: Apache-2.0 */
/* op_stack: opcodes that move values, build containers, and use the memo. */
#include "base/fnv.h"
#include "pickle/argument.h"
#include "pickle/call.h"
#include "pickle/machine.h"
#include "pickle/scan.h"
#include "pickle/trace.h"

enum {
	/* An index may be this far beyond what was written so far: picklers
	 * number densely, and pickletools.optimize() leaves holes where it
	 * removed what nobody gets. */
	MEMO_HOLE_MIN = 4096,
	DUPS_MAX = 64,
};

enum step
op_pop(struct machine *m)
{
	enum step s;

	m->in->at++;
	/* On top of a mark, POP takes the mark. */
	if (machine_at_mark(m)) {
		m->mark_count--;
		machine_fence(m);
		return STEP_NEXT;
	}
	if ((s = machine_need(m, 1)) != STEP_NEXT)
		return s;
	m->top--;
	/* C of Python 2 takes a mark that is left above the stack, too. */
	if (m->marking == MARKING_DEPTH && m->mark_count > 0 &&
	    m->marks[m->mark_count - 1] > (size_t)(m->top - m->stack))
		m->mark_count--;
	return STEP_NEXT;
}

enum step
op_pop_mark(struct machine *m)
{
	value *items;
	enum step s = machine_pop_mark(m, &items);

	if (s != STEP_NEXT)
		return s;
	m->top = items;
	m->in->at++;
	return STEP_NEXT;
}

enum step
op_dup(struct machine *m)
{
	enum step s;

	/* To pickle.py of Python 2 a mark is a value. */
	if (m->marking == MARKING_FENCE && machine_at_mark(m)) {
		machine_odd(m);
		return op_mark(m);
	}
	if ((s = machine_need(m, 1)) != STEP_NEXT)
		return s;
	m->in->at++;
	if (m->marking == MARKING_VALUE && m->top[-1] == MACHINE_MARK)
		return machine_mark(m);
	/* No pickler writes it at all. */
	if (++m->dups == DUPS_MAX)
		machine_find(m, RULE_PICKLE_BOMB, "duplicates");
	if (m->trace != NULL)
		trace_share(m, m->top[-1]);
	return machine_push(m, m->top[-1]);
}

/* A new container is on top: is it one that no honest pickler builds? */
static inline void
weigh(struct machine *m, value v)
{
	struct weight w = ring_weight(&m->ring, v);

	if (w.log2 >= VALUE_WEIGHT_MAX)
		machine_find(m, RULE_PICKLE_BOMB, "doubled again and again");
	else if (w.depth == VALUE_DEPTH_MAX)
		machine_find(m, RULE_PICKLE_BOMB, "nested too deeply");
}

static enum step
push_empty(struct machine *m, value v)
{
	m->in->at++;
	m->forms++;
	return machine_push(m, v);
}

enum step
op_empty_tuple(struct machine *m)
{
	return push_empty(m, ring_tuple(&m->ring, NULL, 0));
}

enum step
op_empty_list(struct machine *m)
{
	return push_empty(m, ring_container(&m->ring, KIND_LIST));
}

enum step
op_empty_dict(struct machine *m)
{
	return push_empty(m, ring_container(&m->ring, KIND_DICT));
}

enum step
op_empty_set(struct machine *m)
{
	enum step s = push_empty(m, KIND_SET);

	/* a frozenset may be a key, this may not */
	if (s == STEP_NEXT)
		m->top[-1] = value_make(KIND_SET, 1);
	return s;
}

/* The last n values become one tuple. */
static inline enum step
tuple_of(struct machine *m, size_t n)
{
	enum step s = machine_need(m, n);

	if (s != STEP_NEXT)
		return s;
	m->top -= n;
	*m->top = ring_tuple(&m->ring, m->top, n);
	weigh(m, *m->top);
	m->top++;
	m->in->at++;
	return STEP_NEXT;
}

enum step
op_tuple1(struct machine *m)
{
	return tuple_of(m, 1);
}

enum step
op_tuple2(struct machine *m)
{
	return tuple_of(m, 2);
}

enum step
op_tuple3(struct machine *m)
{
	return tuple_of(m, 3);
}

/* What stands above the mark becomes one container. */
static enum step
from_mark(struct machine *m, enum kind kind)
{
	value *items, v = kind;
	enum step s = machine_pop_mark(m, &items);
	size_t n;

	if (s != STEP_NEXT)
		return s;
	n = (size_t)(m->top - items);
	if (kind == KIND_TUPLE) {
		v = ring_tuple(&m->ring, items, n);
	} else if (kind != KIND_SET) {
		v = ring_container(&m->ring, kind);
		ring_extend(&m->ring, v, items, n);
	}
	m->top = items;
	weigh(m, v);
	m->in->at++;
	return machine_push(m, v);
}

enum step
op_tuple(struct machine *m)
{
	return from_mark(m, KIND_TUPLE);
}

enum step
op_list(struct machine *m)
{
	return from_mark(m, KIND_LIST);
}

enum step
op_dict(struct machine *m)
{
	return from_mark(m, KIND_DICT);
}

enum step
op_frozenset(struct machine *m)
{
	return from_mark(m, KIND_SET);
}

/* n values join target, of which the stack has been freed. */
static void
join(struct machine *m, value target, const value *items, size_t n)
{
	if (m->trace != NULL)
		trace_begin(m);
	if (value_kind(target) == KIND_LIST ||
	    value_kind(target) == KIND_DICT) {
		ring_extend(&m->ring, target, items, n);
		weigh(m, target);
	} else if (value_kind(target) != KIND_SET) {
		call_store(m, target);
	}
	if (m->trace != NULL)
		trace_store(m, target, items, n);
}

/* No pickler has such a thing to write. */
static enum step
impossible(struct machine *m)
{
	machine_find(m, RULE_PICKLE_IMPOSSIBLE, NULL);
	return machine_broken(m, "a list, dict or set as a key");
}

/* APPEND and SETITEM: n values join what is below them. */
static inline enum step
join_top(struct machine *m, size_t n)
{
	enum step s = machine_need(m, n + 1);

	if (s != STEP_NEXT)
		return s;
	if (value_cannot_hold(m->top[-1 - (ptrdiff_t)n], m->top - n, n))
		return impossible(m);
	m->top -= n;
	join(m, m->top[-1], m->top, n);
	m->in->at++;
	return STEP_NEXT;
}

enum step
op_append(struct machine *m)
{
	return join_top(m, 1);
}

enum step
op_setitem(struct machine *m)
{
	return join_top(m, 2);
}

/* APPENDS, SETITEMS and ADDITEMS: what is above the mark joins what is below
 * it. */
static enum step
join_mark(struct machine *m)
{
	value *items;
	enum step s = machine_pop_mark(m, &items);
	size_t n, below;

	if (s != STEP_NEXT)
		return s;
	n = (size_t)(m->top - items);
	below = (size_t)(items - m->fence);
	if (below == 0) {
		/* Nothing but what may have been forgotten; Python 2 then
		 * takes the last item for the target. */
		if (m->top - m->stack <= (ptrdiff_t)n && m->sunk == 0) {
			machine_odd(m);
			if (n > 0 && m->marking == MARKING_VALUE)
				join(m, items[n - 1], items, n);
			m->top = items;
			m->in->at++;
			return STEP_NEXT;
		}
		if ((s = machine_need(m, n + 1)) != STEP_NEXT)
			return s;
		items = m->top - n;
	}
	if (value_cannot_hold(items[-1], items, n))
		return impossible(m);
	m->top = items;
	join(m, items[-1], items, n);
	m->in->at++;
	return STEP_NEXT;
}

enum step
op_appends(struct machine *m)
{
	return join_mark(m);
}

enum step
op_setitems(struct machine *m)
{
	return join_mark(m);
}

enum step
op_additems(struct machine *m)
{
	return join_mark(m);
}

static enum step
memo_push(struct machine *m, uint64_t key)
{
	value v = memo_get(&m->memo, key);

	if (v == KIND_NOTHING)
		v = memo_get_before(&m->memo, &m->before, key);
	if (v == KIND_NOTHING)
		return machine_broken(m, "gets what was never put");
	if (m->marking == MARKING_VALUE && v == MACHINE_MARK)
		return machine_mark(m);
	if (m->trace != NULL)
		trace_share(m, v);
	return machine_push(m, v);
}

enum step
op_binget(struct machine *m)
{
	enum step s = machine_have(m, 2);

	if (s == STEP_NEXT)
		s = memo_push(m, m->in->at[1]);
	if (s == STEP_NEXT)
		m->in->at += 2;
	return s;
}

static inline uint32_t
index4(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

enum step
op_long_binget(struct machine *m)
{
	enum step s = machine_have(m, 5);

	if (s == STEP_NEXT)
		s = memo_push(m, index4(m->in->at + 1));
	if (s == STEP_NEXT)
		m->in->at += 5;
	return s;
}

/* The top of the stack goes into the memo. */
static inline enum step
memo_take(struct machine *m, uint64_t key)
{
	enum step s;

	/* Python 2 takes what is below a mark, or the mark. */
	if (m->marking == MARKING_FENCE && machine_at_mark(m)) {
		machine_odd(m);
		memo_put(
		    &m->memo, key, m->top == m->stack ? KIND_NONE : m->top[-1]);
		return STEP_NEXT;
	}
	if ((s = machine_need(m, 1)) != STEP_NEXT)
		return s;
	memo_put(&m->memo, key, m->top[-1]);
	return STEP_NEXT;
}

/* An index far beyond the number of opcodes was not written by a pickler. */
static inline void
hole(struct machine *m, uint64_t key)
{
	if (key >= MEMO_HOLE_MIN &&
	    key / 2 > m->scan->ops + MEMO_HOLE_MIN / 2 +
		    (stream_pos(m->in) - m->start))
		machine_find(m, RULE_PICKLE_MEMO_HOLE, "index %llu",
		    (unsigned long long)key);
}

enum step
op_binput(struct machine *m)
{
	enum step s = machine_have(m, 2);

	if (s == STEP_NEXT)
		s = memo_take(m, m->in->at[1]);
	m->in->at += s == STEP_NEXT ? 2 : 0;
	return s;
}

enum step
op_long_binput(struct machine *m)
{
	enum step s = machine_have(m, 5);

	if (s == STEP_NEXT) {
		hole(m, index4(m->in->at + 1));
		s = memo_take(m, index4(m->in->at + 1));
	}
	m->in->at += s == STEP_NEXT ? 5 : 0;
	return s;
}

enum step
op_memoize(struct machine *m)
{
	enum step s = memo_take(m, m->memo.count);

	m->in->at += s == STEP_NEXT;
	return s;
}

/* Python 2 takes any text as a key: so many bytes make a key of their own. */
static uint64_t
text_key(const uint8_t *s, uint64_t n)
{
	return fnv_add(FNV_START, s, n) | UINT64_C(1) << 63;
}

/* The key of GET or PUT at hand, and the size of the whole opcode. */
static enum step
key_read(struct machine *m, uint64_t *key, uint64_t *size)
{
	struct number number;
	const uint8_t *line;
	enum step s = machine_line(m, 1, &line, size);

	if (s != STEP_NEXT)
		return s;
	if (line == NULL)
		return machine_broken(m, "a memo key without end");
	if (!argument_key(line, (size_t)*size, &number) || number.big ||
	    number.value < 0) {
		number.odd = true;
		*key = text_key(line, *size);
	} else {
		*key = (uint64_t)number.value;
	}
	if (number.odd) {
		machine_find(m, RULE_PICKLE_ARGUMENT_ODD, "%s",
		    opcodes[*m->in->at].name);
	}
	m->forms += !number.odd;
	*size += 2;
	return STEP_NEXT;
}

enum step
op_get(struct machine *m)
{
	uint64_t key, size;
	enum step s = key_read(m, &key, &size);

	if (s == STEP_NEXT)
		s = memo_push(m, key);
	if (s == STEP_NEXT)
		m->in->at += size;
	return s;
}

enum step
op_put(struct machine *m)
{
	uint64_t key, size;
	enum step s = key_read(m, &key, &size);

	if (s != STEP_NEXT)
		return s;
	hole(m, key);
	if ((s = memo_take(m, key)) == STEP_NEXT)
		m->in->at += size;
	return s;
}
