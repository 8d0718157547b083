/* SPDX-License-Identifier: Apache-2.0 */
/* op_data: opcodes that push a constant. */
#include <string.h>

#include "pickle/argument.h"
#include "pickle/machine.h"
#include "pickle/nested.h"
#include "pickle/scan.h"
#include "pickle/torch_legacy.h"

enum {
	FRONT = 64,     /* bytes of a payload that are looked at */
	COPY_MAX = 255, /* bytes of a string that is copied as it passes */
	LONG_BYTES = 7, /* of a number that fits a value */
};

/* Push a constant that is one byte. */
static inline enum step
constant(struct machine *m, value v)
{
	enum step s = machine_push(m, v);

	m->in->at++;
	return s;
}

enum step
op_none(struct machine *m)
{
	return constant(m, KIND_NONE);
}

enum step
op_newtrue(struct machine *m)
{
	return constant(m, value_make(KIND_BOOL, 1));
}

enum step
op_newfalse(struct machine *m)
{
	return constant(m, value_make(KIND_BOOL, 0));
}

enum step
op_binint1(struct machine *m)
{
	enum step s = machine_have(m, 2);

	if (s != STEP_NEXT)
		return s;
	s = machine_push(m, value_make(KIND_INT, m->in->at[1]));
	m->in->at += 2;
	return s;
}

enum step
op_binint2(struct machine *m)
{
	enum step s = machine_have(m, 3);
	const uint8_t *p;

	if (s != STEP_NEXT)
		return s;
	p = m->in->at;
	s = machine_push(
	    m, value_make(KIND_INT, (uint64_t)p[1] | (uint64_t)p[2] << 8));
	m->in->at += 3;
	return s;
}

static inline uint32_t
le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

static inline uint64_t
le64(const uint8_t *p)
{
	return le32(p) | (uint64_t)le32(p + 4) << 32;
}

enum step
op_binint(struct machine *m)
{
	enum step s = machine_have(m, 5);

	if (s != STEP_NEXT)
		return s;
	s = machine_push(m,
	    value_make(
		KIND_INT, (uint64_t)(int64_t)(int32_t)le32(m->in->at + 1)));
	m->in->at += 5;
	return s;
}

enum step
op_binfloat(struct machine *m)
{
	enum step s = machine_have(m, 9);

	if (s != STEP_NEXT)
		return s;
	s = machine_push(m, value_make(KIND_FLOAT, stream_pos(m->in)));
	m->in->at += 9;
	return s;
}

/* A little-endian number of n bytes in two's complement. */
static int64_t
number_le(const uint8_t *p, size_t n)
{
	uint64_t v = n > 0 && p[n - 1] >= 0x80 ? UINT64_MAX : 0;

	for (size_t i = n; i > 0; i--)
		v = v << 8 | p[i - 1];
	return (int64_t)v;
}

enum step
op_long1(struct machine *m)
{
	enum step s = machine_have(m, 2);
	uint64_t pos = stream_pos(m->in);
	value v = value_make(KIND_LONG, pos);
	size_t n;

	if (s != STEP_NEXT)
		return s;
	n = m->in->at[1];
	if (n <= LONG_BYTES && stream_left(m->in) >= 2 + n)
		v = value_number(number_le(m->in->at + 2, n), pos);
	if ((s = machine_payload(m, 2, n)) != STEP_NEXT)
		return s;
	return machine_push(m, v);
}

enum step
op_long4(struct machine *m)
{
	enum step s = machine_have(m, 5);
	uint64_t pos = stream_pos(m->in);
	uint32_t n;

	if (s != STEP_NEXT)
		return s;
	n = le32(m->in->at + 1);
	if (n > INT32_MAX)
		return machine_broken(m, "a number with a negative length");
	if ((s = machine_payload(m, 5, n)) != STEP_NEXT)
		return s;
	return machine_push(m, value_make(KIND_LONG, pos));
}

/* Have n bytes in the window, past the end of a frame, too: this is no read of
 * the loader's, so it is not machine_more(). */
static bool
in_sight(struct machine *m, size_t n)
{
	enum err e = ERR_OK;

	if ((size_t)(m->in->end - m->in->at) < n) {
		e = stream_fill(m->in, n);
		machine_limit(m);
	}
	return e == ERR_OK;
}

/* Look at the front of a payload; the engine takes what looks like more. */
static void
look_inside(struct machine *m, size_t head, uint64_t n)
{
	struct stream *in = m->in;
	size_t front = n < FRONT ? (size_t)n : FRONT;
	bool known;

	if (!in_sight(m, head + front))
		return;
	if (nested_may(in->at + head, front))
		(void)nested_visit(m, stream_pos(in) + head, n, &known);
	else if (n >= TEXTFORM_MIN)
		nested_visit_text(
		    m, stream_pos(in) + head, n, in->at + head, front);
}

/* A string or bytes pass.  What is long is not copied. */
static void
watch(struct machine *m, size_t head, uint64_t n)
{
	if (n > COPY_MAX || !in_sight(m, head + (size_t)n))
		return;
	if ((m->watch & WATCH_COPY) != 0)
		texts_copy(&m->scan->recent, stream_pos(m->in), m->in->at,
		    head + (size_t)n, false);
	if ((m->watch & WATCH_KEYS) != 0)
		storages_key(m->scan->storages, m->in->at + head, (size_t)n);
}

/* An opcode of head bytes with n bytes of string or bytes behind it. */
static inline enum step
payload(struct machine *m, size_t head, uint64_t n, enum kind kind)
{
	uint64_t pos = stream_pos(m->in);
	enum step s;

	if (n >= 4)
		look_inside(m, head, n);
	if (m->watch != 0)
		watch(m, head, n);
	if ((s = machine_payload(m, head, n)) != STEP_NEXT)
		return s;
	return machine_push(m, value_make(kind, pos));
}

static inline enum step
payload1(struct machine *m, enum kind kind)
{
	enum step s = machine_have(m, 2);

	return s != STEP_NEXT ? s : payload(m, 2, m->in->at[1], kind);
}

static inline enum step
payload4(struct machine *m, enum kind kind)
{
	enum step s = machine_have(m, 5);

	m->forms += s == STEP_NEXT;
	return s != STEP_NEXT ? s : payload(m, 5, le32(m->in->at + 1), kind);
}

static inline enum step
payload8(struct machine *m, enum kind kind)
{
	enum step s = machine_have(m, 9);

	m->forms += s == STEP_NEXT;
	return s != STEP_NEXT ? s : payload(m, 9, le64(m->in->at + 1), kind);
}

enum step
op_short_binunicode(struct machine *m)
{
	m->forms++;
	return payload1(m, KIND_STR);
}

enum step
op_binunicode(struct machine *m)
{
	return payload4(m, KIND_STR);
}

enum step
op_binunicode8(struct machine *m)
{
	return payload8(m, KIND_STR);
}

enum step
op_short_binbytes(struct machine *m)
{
	return payload1(m, KIND_BYTES);
}

enum step
op_binbytes(struct machine *m)
{
	return payload4(m, KIND_BYTES);
}

enum step
op_binbytes8(struct machine *m)
{
	return payload8(m, KIND_BYTES);
}

enum step
op_bytearray8(struct machine *m)
{
	return payload8(m, KIND_BYTEARRAY);
}

/* Strings of Python 2, which are bytes to it. */
static enum step
python2_string(struct machine *m, size_t head, uint64_t n)
{
	if (n >= 4)
		look_inside(m, head, n);
	return payload(m, head, n, KIND_STR);
}

enum step
op_short_binstring(struct machine *m)
{
	enum step s = machine_have(m, 2);

	return s != STEP_NEXT ? s : python2_string(m, 2, m->in->at[1]);
}

enum step
op_binstring(struct machine *m)
{
	enum step s = machine_have(m, 5);

	/* A negative length is an error now; C read it unsigned once. */
	return s != STEP_NEXT ? s : python2_string(m, 5, le32(m->in->at + 1));
}

/* Step over a line argument and its newline. */
static void
line_take(struct machine *m, const uint8_t *line, uint64_t size)
{
	if (line != NULL)
		m->in->at += 1 + size + 1;
}

/* An argument that no pickler writes: it is there to break scanners. */
static void
odd(struct machine *m, bool is)
{
	if (!is)
		return;
	machine_find(
	    m, RULE_PICKLE_ARGUMENT_ODD, "%s", opcodes[*m->in->at].name);
}

static enum step
number_op(
    struct machine *m, bool (*read)(const uint8_t *, size_t, struct number *))
{
	struct number number = { .big = true };
	const uint8_t *line;
	uint64_t size, pos = stream_pos(m->in);
	enum step s = machine_line(m, 1, &line, &size);

	if (s != STEP_NEXT)
		return s;
	/* A number that does not fit the window is let through unread. */
	if (line != NULL && !read(line, (size_t)size, &number))
		return machine_broken(m, "a number that no loader can read");
	odd(m, line != NULL && number.odd);
	m->forms += line != NULL && !number.odd;
	line_take(m, line, size);
	return machine_push(m,
	    number.big ? value_make(KIND_LONG, pos)
		       : value_number(number.value, pos));
}

enum step
op_int(struct machine *m)
{
	return number_op(m, argument_int);
}

enum step
op_long(struct machine *m)
{
	return number_op(m, argument_long);
}

enum step
op_float(struct machine *m)
{
	const uint8_t *line;
	uint64_t size, pos = stream_pos(m->in);
	bool strange = false;
	enum step s = machine_line(m, 1, &line, &size);

	if (s != STEP_NEXT)
		return s;
	if (line != NULL && !argument_float(line, (size_t)size, &strange))
		return machine_broken(m, "a number that no loader can read");
	odd(m, strange);
	m->forms += !strange;
	line_take(m, line, size);
	return machine_push(m, value_make(KIND_FLOAT, pos));
}

/* The text form of a nested binary pickle in a string of Python 2. */
static bool
hides_pickle(const uint8_t *line, size_t n)
{
	static const char front[] = "\\x80\\x0";

	return n > sizeof(front) + 1 &&
	    memcmp(line + 1, front, sizeof(front) - 1) == 0;
}

/* STRING and UNICODE. */
static enum step
text_op(struct machine *m, bool quoted)
{
	uint64_t size, pos = stream_pos(m->in);
	const uint8_t *line, *inside;
	size_t inside_size;
	bool known;
	enum step s = machine_line(m, 1, &line, &size);

	/* Also without an end. */
	m->forms += quoted && line != NULL && size > 0 &&
	    (*line == '\'' || *line == '"');
	if (s != STEP_NEXT)
		return s;
	if (line != NULL && quoted &&
	    !argument_quoted(line, (size_t)size, &inside, &inside_size))
		return machine_broken(m, "a string without quotes");
	odd(m, line != NULL && quoted && size != inside_size + 2);
	if ((m->watch & WATCH_COPY) != 0 && line != NULL && size <= COPY_MAX)
		texts_copy(
		    &m->scan->recent, pos, m->in->at, 2 + (size_t)size, false);
	if (line != NULL && quoted && hides_pickle(line, (size_t)size))
		(void)nested_visit_value(m, value_make(KIND_STR, pos), &known);
	else if (line != NULL && size > TEXTFORM_MIN)
		nested_visit_text(m, pos + 1 + quoted, size - quoted,
		    line + quoted,
		    size - quoted < FRONT ? (size_t)size - quoted : FRONT);
	line_take(m, line, size);
	return machine_push(m, value_make(KIND_STR, pos));
}

enum step
op_string(struct machine *m)
{
	return text_op(m, true);
}

enum step
op_unicode(struct machine *m)
{
	return text_op(m, false);
}

enum step
op_next_buffer(struct machine *m)
{
	m->scan->buffers++;
	return constant(m, KIND_BUFFER);
}

enum step
op_readonly_buffer(struct machine *m)
{
	enum step s = machine_need(m, 1);

	m->in->at++;
	return s;
}
