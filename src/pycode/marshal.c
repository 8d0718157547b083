/* SPDX-License-Identifier: Apache-2.0 */
/* marshal: one pass with an explicit stack; see the header for the format. */
#include "pycode/marshal.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/own.h"
#include "byte/cursor.h"

/* What an object is to the code object that it lies in. */
enum role {
	ROLE_CONSTANT, /* also everything outside a code object */
	ROLE_CODE,     /* the byte code itself */
	ROLE_NAME,
	ROLE_OTHER /* variable names, file name, line table */
};

enum frame_kind {
	FRAME_ITEMS, /* left children, all alike */
	FRAME_DICT,  /* until a NULL object */
	FRAME_CODE   /* the fields of a code object, by position */
};

struct frame {
	enum frame_kind kind;
	enum role role;
	uint32_t left; /* ITEMS: children to come */
	uint32_t at;   /* CODE: the field to come */
	bool modern;   /* CODE: laid out as from 3.11 */
};

/* Offsets of the objects that later bytes may refer to. */
struct refs {
	uint32_t *at;
	uint32_t count, room;
};

struct marshal {
	const uint8_t *data;
	size_t size;
	struct cursor in;
	const struct marshal_sink *sink; /* NULL: only try */
	unsigned code_ints; /* integers before a code object's first object */
	size_t depth;
	enum err e;
	struct frame *frames; /* MARSHAL_DEPTH_MAX of them */
	struct refs refs;     /* objects marked MARSHAL_REF: 'r' */
	struct refs interned; /* Python 2's interned strings: 'R' */
};

enum {
	MARSHAL_REF = 0x80,
	LONG_DIGIT_SIZE = 2, /* bytes of a 15 bit digit */
	FIELD_NAMES = 2,     /* code, constants, names come first */
	FIELD_FORK = 4,      /* bytes from 3.11 on, a tuple before */
	FIELD_NUMBER = 8,    /* the first line number stands before it */
	FIELDS_OLD = 9,
	FIELDS_MODERN = 10,
	REFS_FIRST = 64,
	/* An honest function has hundreds; 4 MB of memory at the most. */
	REFS_MAX = 1 << 20,
};

static void
marshal_fail(struct marshal *m, enum err e)
{
	if (m->e == ERR_OK)
		m->e = e;
}

static void
refs_add(struct marshal *m, struct refs *r, uint32_t at)
{
	uint32_t room = r->room == 0 ? REFS_FIRST : r->room * 2;
	uint32_t *grown;

	if (r->count == REFS_MAX) {
		marshal_fail(m, ERR_LIMIT);
		return;
	}
	if (r->count == r->room) {
		if ((grown = realloc(r->at, room * sizeof(*grown))) == NULL) {
			marshal_fail(m, ERR_NOMEM);
			return;
		}
		r->at = grown;
		r->room = room;
	}
	r->at[r->count++] = at;
}

static void
marshal_push(struct marshal *m, struct frame frame)
{
	if (m->depth == MARSHAL_DEPTH_MAX)
		marshal_fail(m, ERR_LIMIT);
	else
		m->frames[m->depth++] = frame;
}

/* Tell the sink of a string in its role. */
static void
marshal_tell(
    const struct marshal *m, enum role role, const uint8_t *s, size_t n)
{
	const struct marshal_sink *sink = m->sink;

	if (sink == NULL || s == NULL)
		return;
	if (role == ROLE_CODE)
		sink->code(sink->context, s, n);
	else if (role == ROLE_NAME)
		sink->name(sink->context, (const char *)s, n);
	else if (role == ROLE_CONSTANT)
		sink->constant(sink->context, (const char *)s, n);
}

static void
marshal_skip(struct marshal *m, size_t n)
{
	if (cursor_take(&m->in, n) == NULL)
		marshal_fail(m, ERR_SHORT);
}

/* The content of a string whose type was read; false: type is no string. */
static bool
string_read(struct cursor *in, uint8_t type, const uint8_t **s, size_t *n)
{
	switch (type) {
	case 's':
	case 't':
	case 'u':
	case 'a':
	case 'A':
		*n = cursor_u32le(in);
		break;
	case 'z':
	case 'Z':
		*n = cursor_u8(in);
		break;
	default:
		return false;
	}
	*s = cursor_take(in, *n);
	return true;
}

/* A container of count objects.  A count that the bytes left cannot hold is
 * refused here, so that nothing loops on it. */
static void
marshal_items(struct marshal *m, enum role role, uint32_t count)
{
	if (count > cursor_left(&m->in))
		marshal_fail(m, ERR_SHORT);
	else if (count != 0)
		marshal_push(m,
		    (struct frame){
			.kind = FRAME_ITEMS, .role = role, .left = count });
}

/* A cursor over the object that a reference names, and its type; false: there
 * is no such object. */
static bool
ref_open(const struct marshal *m, const struct refs *refs, uint32_t index,
    struct cursor *out, uint8_t *type)
{
	if (index >= refs->count)
		return false;
	*out =
	    cursor_over(m->data + refs->at[index], m->size - refs->at[index]);
	*type = cursor_u8(out) & (uint8_t)~MARSHAL_REF;
	return true;
}

/* Tell of a string, or of a tuple of strings, that stands somewhere else:
 * compilers share names between nested functions.  Anything deeper is not what
 * a compiler writes. */
static void
ref_tell(struct marshal *m, enum role role, struct cursor in, uint8_t type)
{
	uint32_t count;
	const uint8_t *s;
	size_t n;

	if (string_read(&in, type, &s, &n)) {
		marshal_tell(m, role, s, n);
		return;
	}
	if (role != ROLE_NAME || (type != ')' && type != '('))
		return;
	count = type == ')' ? cursor_u8(&in) : cursor_u32le(&in);
	for (; count > 0 && !in.spent; count--) {
		uint8_t t = cursor_u8(&in) & (uint8_t)~MARSHAL_REF;
		struct cursor to;
		uint8_t kind;

		if (string_read(&in, t, &s, &n))
			marshal_tell(m, role, s, n);
		else if (t == 'r' &&
		    ref_open(m, &m->refs, cursor_u32le(&in), &to, &kind) &&
		    string_read(&to, kind, &s, &n))
			marshal_tell(m, role, s, n);
		else
			marshal_fail(m, ERR_MALFORMED);
	}
}

/* A reference to an earlier object: 'r', or Python 2's 'R'. */
static void
marshal_ref(struct marshal *m, uint8_t type, enum role role)
{
	const struct refs *refs = type == 'r' ? &m->refs : &m->interned;
	uint32_t index = cursor_u32le(&m->in);
	struct cursor to;
	uint8_t kind;

	if (!ref_open(m, refs, index, &to, &kind))
		marshal_fail(m, ERR_MALFORMED);
	else
		ref_tell(m, role, to, kind);
}

static void
marshal_long(struct marshal *m)
{
	int64_t digits = (int32_t)cursor_u32le(&m->in);

	if (digits < 0)
		digits = -digits;
	marshal_skip(m, (size_t)digits * LONG_DIGIT_SIZE);
}

/* Objects without parts that matter; false: type is none of them. */
static bool
marshal_plain(struct marshal *m, uint8_t type)
{
	switch (type) {
	case 'N':
	case 'F':
	case 'T':
	case 'S':
	case '.':
		return true;
	case 'i':
		marshal_skip(m, 4);
		return true;
	case 'I':
	case 'g':
		marshal_skip(m, 8);
		return true;
	case 'y':
		marshal_skip(m, 16);
		return true;
	case 'f':
		marshal_skip(m, cursor_u8(&m->in));
		return true;
	case 'x':
		marshal_skip(m, cursor_u8(&m->in));
		marshal_skip(m, cursor_u8(&m->in));
		return true;
	case 'l':
		marshal_long(m);
		return true;
	default:
		return false;
	}
}

/* Objects with objects in them; false: type is none of them. */
static bool
marshal_nested(struct marshal *m, uint8_t type, enum role role)
{
	switch (type) {
	case '(':
	case '[':
	case '<':
	case '>':
		marshal_items(m, role, cursor_u32le(&m->in));
		return true;
	case ')':
		marshal_items(m, role, cursor_u8(&m->in));
		return true;
	case ':': /* slice, from 3.14 */
		marshal_items(m, role, 3);
		return true;
	case '{':
		marshal_push(
		    m, (struct frame){ .kind = FRAME_DICT, .role = role });
		return true;
	case 'c':
		marshal_skip(m, m->code_ints * sizeof(uint32_t));
		marshal_push(m,
		    (struct frame){
			.kind = FRAME_CODE, .role = ROLE_CONSTANT });
		return true;
	default:
		return false;
	}
}

/* The role of the object that comes next, from the innermost container, whose
 * children it counts. */
static enum role
marshal_role(struct marshal *m)
{
	static const enum role roles[FIELD_NAMES + 1] = { ROLE_CODE,
		ROLE_CONSTANT, ROLE_NAME };
	struct frame *top;

	if (m->depth == 0)
		return ROLE_CONSTANT;
	top = &m->frames[m->depth - 1];
	if (top->kind == FRAME_ITEMS)
		top->left--;
	if (top->kind != FRAME_CODE)
		return top->role;
	if (top->at == FIELD_NUMBER)
		marshal_skip(m, sizeof(uint32_t));
	top->at++;
	return top->at <= FIELD_NAMES + 1 ? roles[top->at - 1] : ROLE_OTHER;
}

/* The field by which the two layouts are told apart was met. */
static void
marshal_fork(struct marshal *m, uint8_t type, struct cursor after)
{
	struct frame *top = m->depth == 0 ? NULL : &m->frames[m->depth - 1];
	struct cursor to;
	uint8_t kind = type;

	if (top == NULL || top->kind != FRAME_CODE || top->at != FIELD_FORK + 1)
		return;
	if (type == 'r')
		(void)ref_open(m, &m->refs, cursor_u32le(&after), &to, &kind);
	top->modern = kind == 's';
}

/* Leave the containers that are complete. */
static void
marshal_close(struct marshal *m)
{
	while (m->depth > 0) {
		const struct frame *top = &m->frames[m->depth - 1];
		uint32_t fields = top->modern ? FIELDS_MODERN : FIELDS_OLD;

		if (top->kind == FRAME_DICT ||
		    (top->kind == FRAME_ITEMS && top->left != 0) ||
		    (top->kind == FRAME_CODE && top->at != fields))
			return;
		m->depth--;
	}
}

/* NULL ends a dictionary and stands nowhere else. */
static void
marshal_null(struct marshal *m)
{
	if (m->depth == 0 || m->frames[m->depth - 1].kind != FRAME_DICT)
		marshal_fail(m, ERR_MALFORMED);
	else
		m->depth--;
}

static void
marshal_object(struct marshal *m)
{
	enum role role = marshal_role(m);
	uint32_t at = (uint32_t)(m->in.at - m->data);
	uint8_t raw = cursor_u8(&m->in);
	uint8_t type = raw & (uint8_t)~MARSHAL_REF;
	const uint8_t *s = NULL;
	size_t n = 0;

	if (m->in.spent) {
		marshal_fail(m, ERR_SHORT);
		return;
	}
	if ((raw & MARSHAL_REF) != 0)
		refs_add(m, &m->refs, at);
	if (type == 't')
		refs_add(m, &m->interned, at);
	marshal_fork(m, type, m->in);
	if (string_read(&m->in, type, &s, &n))
		marshal_tell(m, role, s, n);
	else if (type == 'r' || type == 'R')
		marshal_ref(m, type, role);
	else if (type == '0')
		marshal_null(m);
	else if (!marshal_plain(m, type) && !marshal_nested(m, type, role))
		marshal_fail(m, ERR_MALFORMED);
	if (m->in.spent)
		marshal_fail(m, ERR_SHORT);
}

/* One walk with code objects of one kind. */
static enum err
marshal_run(struct marshal *m, size_t *used)
{
	m->in = cursor_over(m->data, m->size);
	m->depth = 0;
	m->e = ERR_OK;
	m->refs.count = 0;
	m->interned.count = 0;
	do {
		marshal_object(m);
		marshal_close(m);
	} while (m->depth > 0 && m->e == ERR_OK);
	if (used != NULL && m->e == ERR_OK)
		*used = (size_t)(m->in.at - m->data);
	return m->e;
}

static void
marshal_free(struct marshal *m)
{
	free(m->frames);
	free(m->refs.at);
	free(m->interned.at);
}

enum err
marshal_walk(
    const void *data, size_t n, const struct marshal_sink *sink, size_t *used)
{
	static const unsigned code_ints[] = { 5, 6, 4 };
	AUTO(marshal) struct marshal m = { .data = data };
	enum err best = ERR_MALFORMED;

	m.size = n > UINT32_MAX ? UINT32_MAX : n;
	m.frames = malloc(MARSHAL_DEPTH_MAX * sizeof(*m.frames));
	if (m.frames == NULL)
		return ERR_NOMEM;
	/* Bytes that two versions can read are told as both read them. */
	for (size_t i = 0; i < sizeof(code_ints) / sizeof(code_ints[0]); i++) {
		enum err e;

		m.code_ints = code_ints[i];
		m.sink = NULL;
		if ((e = marshal_run(&m, used)) == ERR_OK) {
			m.sink = sink;
			e = marshal_run(&m, NULL);
		}
		if (e == ERR_OK || best != ERR_OK)
			best = e;
	}
	return best;
}
