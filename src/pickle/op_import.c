/* SPDX-License-Identifier: Apache-2.0 */
/*
 * op_import: opcodes that look a global up.
 *
 * A look-up runs the module's top-level code, found or not, and so counts by
 * itself.  Names are taken as they stand: trimmed or decoded ones would be
 * others.
 */
#include <string.h>

#include "pickle/call.h"
#include "pickle/machine.h"
#include "pickle/scan.h"
#include "pickle/trace.h"

/* Put a line into a name's buffer. False: longer than any name. */
static bool
name_set(struct buf *to, const uint8_t *line, uint64_t size)
{
	buf_clear(to);
	return line != NULL && size <= LIMIT_NAME &&
	    buf_add(to, line, (size_t)size) == ERR_OK;
}

/* Look up what stands in scan's buffers and push it. */
static enum step
look_up(struct machine *m, uint64_t place)
{
	struct scan *s = m->scan;
	struct import g = { .module = buf_text(&s->module),
		.module_size = s->module.size,
		.name = buf_text(&s->name),
		.name_size = s->name.size,
		.offset = place };

	size_t known = s->names.count;
	uint32_t i = names_find(s, &g);

	gadget_expect(m, i);
	if (m->trace != NULL && s->names.count != known)
		trace_import(m, i, place);
	return machine_push(m, value_make(KIND_GLOBAL, i));
}

/* A name that no loader resolves, or that nobody can read. */
static enum step
push_unknown(struct machine *m)
{
	return machine_push(m, value_make(KIND_GLOBAL, NAMES_OVERFLOW));
}

/* pickle.py does not notice that the line is cut off by the end of the file:
 * it chops the last byte off, as if that were the newline. */
static void
chop(struct buf *name)
{
	if (name->size > 0)
		name->size--;
}

/* Look up a name that the end of the file cuts off. */
static enum step
cut_off(struct machine *m, uint64_t place)
{
	/* Of a download under way, the name is not there yet. */
	if (!m->scan->visit->growing)
		machine_find(m, RULE_PICKLE_NAME_CUT, NULL);
	(void)look_up(m, place);
	return STEP_SHORT;
}

/* The two lines of GLOBAL and INST are taken and looked up. */
static enum step
two_lines(struct machine *m)
{
	struct scan *scan = m->scan;
	uint64_t place = machine_place(m), size;
	const uint8_t *line;
	bool fits;
	enum step s = machine_line(m, 1, &line, &size);

	if (s != STEP_NEXT && s != STEP_SHORT)
		return s;
	fits = name_set(&scan->module, line, size);
	if (s == STEP_SHORT) {
		chop(&scan->module);
		buf_clear(&scan->name);
		return fits ? cut_off(m, place) : s;
	}
	m->in->at += line == NULL ? 0 : 1 + size + 1;
	s = machine_line(m, 0, &line, &size);
	if (s != STEP_NEXT && s != STEP_SHORT)
		return s;
	fits = name_set(&scan->name, line, size) && fits;
	if (s == STEP_SHORT) {
		chop(&scan->name);
		return fits ? cut_off(m, place) : s;
	}
	m->in->at += line == NULL ? 0 : size + 1;
	if (fits)
		return look_up(m, place);
	machine_find(m, RULE_PICKLE_NAME_LONG, NULL);
	return push_unknown(m);
}

enum step
op_global(struct machine *m)
{
	return two_lines(m);
}

enum step
op_inst(struct machine *m)
{
	uint64_t place = machine_place(m);
	value *items, cls, args;
	size_t n;
	/* pickle.py looks the class up before it misses the mark. */
	enum step s = two_lines(m);

	if (s != STEP_NEXT)
		return s;
	cls = *--m->top;
	if ((s = machine_pop_mark(m, &items)) != STEP_NEXT)
		return s;
	n = (size_t)(m->top - items);
	args = ring_tuple(&m->ring, items, n);
	m->top = items;
	return machine_push(m,
	    call_make(m,
		&(struct call){ .callee = cls,
		    .args = args,
		    .use = USE_CALL,
		    .place = place }));
}

/* Read one operand of STACK_GLOBAL.  False: it is none that can be read, and
 * that has been said. */
static bool
operand(struct machine *m, value v, struct buf *out)
{
	enum err e;

	buf_clear(out);
	if (value_kind(v) == KIND_FORGOTTEN) {
		machine_find(m, RULE_PICKLE_NAME_FORGOTTEN, NULL);
		return false;
	}
	if (value_kind(v) != KIND_STR) {
		machine_find(m, RULE_PICKLE_NAME_COMPUTED, NULL);
		/* Three bytes of numbers look like that, too. */
		m->scan->strong = m->scan->strong || m->marked ||
		    m->scan->known || m->scan->calls > 0;
		return false;
	}
	e = text_read(m, v, out);
	if (e == ERR_OK) {
		text_keep(m, v);
		return true;
	}
	machine_find(m,
	    e == ERR_LIMIT ? RULE_PICKLE_NAME_LONG : RULE_PICKLE_NAME_FORGOTTEN,
	    NULL);
	return false;
}

enum step
op_stack_global(struct machine *m)
{
	struct scan *scan = m->scan;
	uint64_t place = machine_place(m);
	enum step s = machine_need(m, 2);
	bool read;

	if (s != STEP_NEXT)
		return s;
	if (m->trace != NULL)
		trace_begin(m);
	read = operand(m, m->top[-2], &scan->module);
	read = operand(m, m->top[-1], &scan->name) && read;
	m->top -= 2;
	if (m->trace != NULL && !read)
		trace_unread(m, m->top[0], m->top[1]);
	m->in->at++;
	scan->imports += !read;
	return read ? look_up(m, place) : push_unknown(m);
}

/* What copyreg would resolve the code to, if this very stream has registered
 * it; else nobody knows. */
static enum step
extension(struct machine *m, int64_t code, size_t size)
{
	const struct scan *s = m->scan;
	value v = value_make(KIND_EXTENSION, (uint64_t)code);

	if (code <= 0)
		return machine_broken(m, "an extension code below 1");
	for (size_t i = 0; i < s->extension_count; i++)
		if (s->extensions[i].code == (uint64_t)code)
			v = value_make(KIND_GLOBAL, s->extensions[i].name);
	if (value_kind(v) == KIND_EXTENSION) {
		if (m->trace != NULL)
			trace_begin(m);
		machine_find(
		    m, RULE_PICKLE_EXTENSION, "code %lld", (long long)code);
		if (m->trace != NULL)
			trace_extension(m, v);
	}
	m->in->at += size;
	return machine_push(m, v);
}

enum step
op_ext1(struct machine *m)
{
	enum step s = machine_have(m, 2);

	return s != STEP_NEXT ? s : extension(m, m->in->at[1], 2);
}

enum step
op_ext2(struct machine *m)
{
	enum step s = machine_have(m, 3);

	return s != STEP_NEXT
	    ? s
	    : extension(m, m->in->at[1] | m->in->at[2] << 8, 3);
}

enum step
op_ext4(struct machine *m)
{
	enum step s = machine_have(m, 5);
	struct cursor c;

	if (s != STEP_NEXT)
		return s;
	c = cursor_over(m->in->at + 1, 4);
	return extension(m, (int32_t)cursor_u32le(&c), 5);
}

enum step
op_persid(struct machine *m)
{
	const uint8_t *line;
	uint64_t size;
	enum step s = machine_line(m, 1, &line, &size);

	if (s != STEP_NEXT)
		return s;
	m->scan->persistent = true;
	machine_find(m, RULE_PICKLE_PERSISTENT, NULL);
	m->in->at += line == NULL ? 0 : size + 2;
	return machine_push(m, KIND_PERSISTENT);
}

enum step
op_binpersid(struct machine *m)
{
	enum step s = machine_need(m, 1);

	if (s != STEP_NEXT)
		return s;
	m->top[-1] = call_persistent(m, m->top[-1]);
	m->in->at++;
	return STEP_NEXT;
}
