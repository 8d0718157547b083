/* SPDX-License-Identifier: Apache-2.0 */
/* joblib: dtypes, shapes, and what they add up to. */
#include "pickle/joblib.h"

#include <string.h>

#include "base/ckd.h"
#include "base/own.h"
#include "pickle/call.h"
#include "pickle/machine.h"
#include "pickle/scan.h"
#include "pickle/state.h"

enum {
	DTYPE_TEXT = 64,
	STATE_SIZE = 5,   /* where a dtype's state has the size of an item */
	STATE_FLAGS = 7,  /* and its flags */
	FLAG_OBJECTS = 1, /* NPY_ITEM_HASOBJECT */
	POINTER = 8,
	UCS4 = 4,
	PADDING_MAX = 16, /* what joblib aligns to */
};

/* The decimal number at the end of a text. */
static uint64_t
trailing_number(const char *s)
{
	const char *p = s + strlen(s);
	uint64_t n = 0;

	while (p > s && p[-1] >= '0' && p[-1] <= '9')
		p--;
	for (; *p != '\0'; p++)
		if (!ckd_mul(n, 10, &n) ||
		    !ckd_add(n, (uint64_t)(*p - '0'), &n))
			return 0;
	return n;
}

/* "<f8", "O8", "U10", "M8[ns]". */
static bool
dtype_code(const char *s, struct dtype *out)
{
	char code[DTYPE_TEXT];
	uint64_t n;

	if (strchr("<>|=", s[0]) != NULL && s[0] != '\0')
		s++;
	(void)snprintf(code, sizeof(code), "%.*s", (int)strcspn(s, "["), s);
	n = code[0] == '\0' ? 0 : trailing_number(code + 1);
	switch (code[0]) {
	case 'b':
	case 'i':
	case 'u':
	case 'f':
	case 'c':
	case 'm':
	case 'M':
	case 'S':
	case 'a':
	case 'V':
		*out = (struct dtype){ .size = n };
		break;
	case 'U':
		*out =
		    (struct dtype){ .size =
					n > UINT64_MAX / UCS4 ? 0 : n * UCS4 };
		break;
	case 'O':
		*out = (struct dtype){ .size = POINTER, .objects = true };
		return true;
	default:
		return false;
	}
	/* A letter alone, or a letter and figures. */
	return strspn(code + 1, "0123456789") == strlen(code + 1);
}

/* "float64", "bool_", "object". */
static void
dtype_name(const char *s, struct dtype *out)
{
	*out = (struct dtype){ .size = trailing_number(s) / 8 };
	if (strncmp(s, "object", strlen("object")) == 0)
		*out = (struct dtype){ .size = POINTER, .objects = true };
	else if (strncmp(s, "bool", strlen("bool")) == 0)
		*out = (struct dtype){ .size = 1 };
	else if (strcmp(s, "float") == 0 || strcmp(s, "int") == 0)
		*out = (struct dtype){ .size = POINTER };
}

value
joblib_dtype(struct machine *m, value what)
{
	AUTO(buf) struct buf text = buf_new(DTYPE_TEXT);
	struct dtype d = { 0 };
	uint64_t i = value_payload(what);

	if (value_kind(what) == KIND_STR) {
		if (text_read(m, what, &text) == ERR_OK &&
		    !dtype_code(buf_text(&text), &d))
			dtype_name(buf_text(&text), &d);
	} else if (value_kind(what) == KIND_GLOBAL && i >= NAMES_FIRST) {
		if (buf_add(&text, names_name(m->scan, (uint32_t)i),
			m->scan->names.at[i].name_size) == ERR_OK)
			dtype_name(buf_text(&text), &d);
	}
	return value_make(KIND_DTYPE, scan_dtype(m->scan, &d));
}

/* What is known of a dtype, or NULL. */
static struct dtype *
dtype_of(const struct scan *s, value v)
{
	if (value_kind(v) != KIND_DTYPE || value_payload(v) >= s->dtype_count)
		return NULL;
	return &s->dtypes[value_payload(v)];
}

void
joblib_dtype_state(struct machine *m, value dtype, value state)
{
	struct items items;
	struct dtype *d = dtype_of(m->scan, dtype);

	if (d == NULL)
		return;
	ring_items(&m->ring, state, &items);
	if (value_kind(state) != KIND_TUPLE || items.n <= STATE_SIZE) {
		d->size = 0;
		return;
	}
	if (value_kind(items.at[STATE_SIZE]) == KIND_INT &&
	    value_int(items.at[STATE_SIZE]) > 0)
		d->size = (uint64_t)value_int(items.at[STATE_SIZE]);
	if (items.n > STATE_FLAGS &&
	    value_kind(items.at[STATE_FLAGS]) == KIND_INT)
		d->objects =
		    (value_int(items.at[STATE_FLAGS]) & FLAG_OBJECTS) != 0;
}

/* NDArrayWrapper of old versions: the array is another file. */
static void
other_file(struct machine *m, value state)
{
	AUTO(buf) struct buf name = buf_new(LIMIT_NAME);
	value v = state_get(m, state, "filename");

	if (value_kind(v) != KIND_STR || text_read(m, v, &name) != ERR_OK) {
		machine_find(m, RULE_JOBLIB_FILE_OUTSIDE, NULL);
		return;
	}
	machine_find(m,
	    strpbrk(buf_text(&name), "/\\:") != NULL ||
		    strcmp(buf_text(&name), "..") == 0 ||
		    strlen(buf_text(&name)) != name.size
		? RULE_JOBLIB_FILE_OUTSIDE
		: RULE_JOBLIB_FILE,
	    "%s", buf_text(&name));
}

bool
joblib_is_wrapper(struct machine *m, value target, value state)
{
	uint32_t i;
	const struct gadget *g;

	if (value_kind(target) != KIND_CALL ||
	    value_call_name(target) < NAMES_FIRST ||
	    m->scan->names.at[value_call_name(target)].gadget == NULL)
		return false;
	i = (uint32_t)value_payload(state_class(m, target));
	g = i < NAMES_FIRST ? NULL : m->scan->names.at[i].gadget;
	if (g == NULL || strcmp(g->module, "joblib.numpy_pickle") != 0)
		return false;
	if (strcmp(g->name, "NumpyArrayWrapper") == 0)
		return true;
	other_file(m, state);
	return false;
}

/* The product of a shape as numpy forms it, which wraps.  False: no shape. */
static bool
shape_count(struct machine *m, value shape, uint64_t *out)
{
	struct items items;
	uint64_t count = 1;
	bool wrapped = false, zero = false;

	ring_items(&m->ring, shape, &items);
	if ((value_kind(shape) != KIND_TUPLE &&
		value_kind(shape) != KIND_LIST) ||
	    !items.known || items.n != items.count)
		return false;
	for (size_t i = 0; i < items.n; i++) {
		uint64_t n = (uint64_t)value_int(items.at[i]);

		/* No memory has 2^56 of anything. */
		if (value_kind(items.at[i]) == KIND_LONG)
			machine_find(m, RULE_JOBLIB_SHAPE, NULL);
		if (value_kind(items.at[i]) != KIND_INT || n > INT64_MAX)
			return false;
		zero = zero || n == 0;
		wrapped |= __builtin_mul_overflow(count, n, &count);
	}
	if (wrapped && !zero)
		machine_find(m, RULE_JOBLIB_SHAPE, NULL);
	*out = count;
	return count <= INT64_MAX;
}

/* The padding in front of the array. */
static enum step
padding_take(struct machine *m)
{
	enum err e = stream_fill(m->in, 1);
	uint8_t n;

	if (e == ERR_OK)
		e = stream_fill(m->in, 1 + (size_t)m->in->at[0]);
	if (e != ERR_OK) {
		m->error = e;
		return e == ERR_SHORT ? STEP_SHORT : STEP_ERROR;
	}
	n = m->in->at[0];
	for (size_t i = 1; i <= n; i++)
		if (m->in->at[i] != 0xff)
			n = 0;
	if (n == 0 || n > PADDING_MAX)
		machine_find(m, RULE_JOBLIB_PADDING, NULL);
	m->in->at += 1 + m->in->at[0];
	return STEP_NEXT;
}

/* Past the frame: the array is not in it. */
static enum step
frame_leave(struct machine *m)
{
	uint64_t pos = stream_pos(m->in);

	if (m->frame_end > pos)
		machine_find(m, RULE_JOBLIB_FRAME, NULL);
	if (m->frame_end > pos &&
	    stream_skip(m->in, m->frame_end - pos) != ERR_OK)
		return STEP_SHORT;
	m->frame_end = 0;
	m->in->limit = m->in->end;
	return STEP_NEXT;
}

enum step
joblib_take(struct machine *m, enum array *what, bool *aligned)
{
	value dtype = state_get(m, m->array, "dtype"), alignment;
	const struct dtype *d = dtype_of(m->scan, dtype);
	uint64_t count, size;
	enum step s = STEP_NEXT;
	enum err e;

	*what = ARRAY_UNKNOWN;
	alignment = state_get(m, m->array, "numpy_array_alignment_bytes");
	*aligned = alignment != KIND_NOTHING && alignment != KIND_NONE;
	/* What stands there from now on is the array. */
	m->top[-1] = ring_call(&m->ring, NAMES_RESULT, m->result, m->array);
	if (d == NULL || d->size == 0 ||
	    !shape_count(m, state_get(m, m->array, "shape"), &count)) {
		machine_find(m, RULE_JOBLIB_ARRAY, NULL);
		return STEP_NEXT;
	}
	if ((s = frame_leave(m)) != STEP_NEXT)
		return s;
	*what = d->objects ? ARRAY_OBJECTS : ARRAY_BYTES;
	if (d->objects)
		return STEP_NEXT;
	if (*aligned && (s = padding_take(m)) != STEP_NEXT)
		return s;
	if (!ckd_mul(count, d->size, &size))
		size = UINT64_MAX;
	e = stream_skip(m->in, size);
	m->error = e;
	if (e == ERR_OK)
		return STEP_NEXT;
	return e == ERR_SHORT ? STEP_SHORT : STEP_ERROR;
}
