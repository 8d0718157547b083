/* SPDX-License-Identifier: Apache-2.0 */
/* trace_text: values as expressions, cut where a person stops reading. */
#include <inttypes.h>
#include <string.h>

#include "base/own.h"
#include "base/text.h"
#include "pickle/argument.h"
#include "pickle/scan.h"
#include "pickle/trace_inside.h"

enum {
	PIECE = 1024,        /* bytes of a string that are looked at */
	DECODED = 4 * PIECE, /* of them, their escapes undone */
	FLOAT_BYTES = 8,
	LONG1 = 0x8a, /* opcode */
	TAIL = 200,   /* bytes shown of a string's end, where it may matter */
	NUMBER = 48,  /* digits of a number that are shown */
	NAME = 200,   /* bytes of each part of a name */
};

void
trace_line(struct trace *t, const struct extent *extent)
{
	buf_clear(&t->line);
	t->extent = *extent;
}

static bool
full(const struct trace *t)
{
	return t->line.size >= t->extent.bytes;
}

/* What does not fit is not in the line: its ceiling is LIMIT_LINE. */
void
trace_puts(struct trace *t, const char *text)
{
	(void)!buf_puts(&t->line, text);
}

void
trace_number(struct trace *t, uint64_t n)
{
	(void)!buf_printf(&t->line, "%" PRIu64, n);
}

static bool
dotted(const char *s, size_t n)
{
	size_t part = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i] != '.')
			continue;
		if (!text_identifier(s + part, i - part))
			return false;
		part = i + 1;
	}
	return text_identifier(s + part, n - part);
}

/* Cut s between two characters. */
static size_t
cut(const char *s, size_t n, size_t max)
{
	if (n <= max)
		return n;
	while (max > 0 && ((uint8_t)s[max] & 0xc0) == 0x80)
		max--;
	return max;
}

/* A literal, whole or not at all: half a one would not end. */
static bool
quote(struct trace *t, const char *s, size_t n, bool raw)
{
	size_t before = t->line.size;

	if (text_quote(&t->line, s, n, raw) == ERR_OK)
		return true;
	t->line.size = before;
	t->line.data[before] = '\0';
	return false;
}

/* A name that no program writes must not look like code. */
static void
write_part(struct trace *t, const char *s, size_t n)
{
	if (n <= NAME && dotted(s, n))
		(void)!buf_add(&t->line, s, n);
	else
		(void)quote(t, s, cut(s, n, NAME), false);
}

static void
write_name(struct trace *t, uint64_t name, const char *between)
{
	const struct scan *s = t->m->scan;
	uint32_t i = (uint32_t)name;

	if (name < NAMES_FIRST || name >= s->names.count) {
		trace_puts(t, "<an unknown name>");
		return;
	}
	write_part(t, names_module(s, i), s->names.at[i].module_size);
	trace_puts(t, between);
	write_part(t, names_name(s, i), s->names.at[i].name_size);
}

void
trace_global(struct trace *t, uint64_t name)
{
	write_name(t, name, ".");
}

void
trace_import_text(struct trace *t, uint64_t name)
{
	trace_puts(t, "from ");
	write_name(t, name, " import ");
}

/* The front of a string, and how long all of it is. */
static bool
string_front(struct trace *t, value v, struct buf *out, uint64_t *size)
{
	const struct machine *m = t->m;
	uint64_t pos, decoded = m->scan->decoded;
	size_t got = 0;
	uint8_t *to;
	enum err e = text_find(m, v, &pos, size);

	if (e == ERR_OK && *size <= PIECE) {
		e = text_read(m, v, out);
		*size = out->size;
	} else if ((e == ERR_OK || e == ERR_LIMIT) && m->in->rereads &&
	    (to = buf_grow(out, PIECE)) != NULL) {
		if (e == ERR_LIMIT) /* a line that is too long to be measured */
			*size = SCAN_STRINGS;
		e = stream_look(m->in, pos, to, PIECE, &got);
		out->size = e == ERR_OK ? got : 0;
	} else {
		e = ERR_UNSUPPORTED;
	}
	m->scan->decoded = decoded;
	return e == ERR_OK;
}

/* The last bytes of a string of which front is the beginning. */
static void
string_tail(
    struct trace *t, value v, uint64_t size, const struct buf *front, bool raw)
{
	const struct machine *m = t->m;
	uint8_t tail[TAIL];
	uint64_t pos, whole;
	size_t n = 0, from = 0;

	if (front->size == size) {
		n = TAIL;
		memcpy(tail, front->data + front->size - n, n);
	} else if (text_find(m, v, &pos, &whole) != ERR_OK || whole < TAIL ||
	    !m->in->rereads ||
	    stream_look(m->in, pos + whole - TAIL, tail, TAIL, &n) != ERR_OK) {
		return;
	}
	while (!raw && from < n && (tail[from] & 0xc0) == 0x80)
		from++;
	if (n == TAIL) {
		trace_puts(t, "...");
		(void)quote(t, (const char *)tail + from, n - from, raw);
	}
}

/* What is harmful may stand behind a screen of what is not. */
static bool
wants_tail(const struct trace *t, size_t size)
{
	return t->extent.string >= 2 * TAIL && size > t->extent.string;
}

static void
write_string(struct trace *t, value v)
{
	AUTO(buf) struct buf text = buf_new(DECODED);
	bool bytes = value_kind(v) != KIND_STR;
	uint64_t size = 0;
	size_t shown;
	bool known = string_front(t, v, &text, &size);

	if (known && bytes && text.size > 0 && t->extent.string >= 2 * TAIL &&
	    trace_code(t, v, text.data[0], size))
		return;
	if (value_kind(v) == KIND_BYTEARRAY)
		trace_puts(t, "bytearray(");
	if (bytes)
		trace_puts(t, "b");
	if (!known) {
		trace_puts(t, "'...'");
	} else {
		shown = cut(buf_text(&text), text.size,
		    t->extent.string - (wants_tail(t, size) ? TAIL : 0));
		while (!quote(t, buf_text(&text), shown, bytes) && shown > 0)
			shown = cut(buf_text(&text), shown, shown / 2);
		if (wants_tail(t, size))
			string_tail(t, v, size, &text, bytes);
		if (shown < size) {
			trace_puts(t, wants_tail(t, size) ? " (" : "... (");
			trace_number(t, size);
			trace_puts(t,
			    size == SCAN_STRINGS ? " bytes or more)"
						 : " bytes)");
		}
	}
	if (value_kind(v) == KIND_BYTEARRAY)
		trace_puts(t, ")");
}

/* n bytes of a number, the lowest first, the highest bit its sign. */
static void
write_long(struct trace *t, uint8_t *bytes, size_t n)
{
	if ((bytes[n - 1] & 0x80) != 0) {
		unsigned carry = 1;

		for (size_t i = 0; i < n; i++) {
			carry += (uint8_t)~bytes[i];
			bytes[i] = (uint8_t)carry;
			carry >>= 8;
		}
		trace_puts(t, "-");
	}
	trace_puts(t, "0x");
	for (size_t i = n; i > 0; i--)
		(void)!buf_printf(&t->line, "%02x", bytes[i - 1]);
}

/* A number whose opcode is read again. */
static void
write_number(struct trace *t, value v)
{
	uint8_t bytes[NUMBER];
	size_t n = 0;
	uint64_t bits = 0;
	double number;

	if (value_payload(v) == 0 ||
	    stream_look(t->m->in, value_payload(v), bytes, sizeof(bytes), &n) !=
		ERR_OK ||
	    n == 0) {
		trace_puts(t, "<number>");
		return;
	}
	if (bytes[0] == 'G' && n > FLOAT_BYTES) {
		for (size_t i = 1; i <= FLOAT_BYTES; i++)
			bits = bits << 8 | bytes[i];
		memcpy(&number, &bits, sizeof(number));
		(void)!buf_printf(&t->line, "%.10g", number);
		return;
	}
	if (bytes[0] == LONG1 && n >= 2 && bytes[1] > 0 && bytes[1] <= n - 2) {
		write_long(t, bytes + 2, bytes[1]);
		return;
	}
	/* A line of digits. */
	n = bytes[0] == 'F' || bytes[0] == 'I' || bytes[0] == 'L' ? n : 0;
	for (size_t i = 1; i < n && bytes[i] != '\n' && bytes[i] != '\r'; i++)
		/* A NUL, which strchr() finds, would end the line. */
		if (bytes[i] != '\0' &&
		    strchr("0123456789+-.eEinfa", bytes[i]) != NULL)
			(void)!buf_printf(&t->line, "%c", bytes[i]);
	if (n == 0)
		trace_puts(t, "<large number>");
}

/* Open a bracket for the items of v. False: nothing stands in it. */
static struct frame *
open_frame(struct trace *t, size_t depth, value v, const char *close)
{
	struct frame *f = &t->frames[depth];

	ring_items(&t->m->ring, v, &f->items);
	f->next = 0;
	f->kind = value_kind(v);
	f->close = close;
	return f;
}

/* A tuple of arguments, or whatever stands in its place. */
static struct frame *
open_arguments(struct trace *t, size_t depth, value args)
{
	struct frame *f = open_frame(t, depth, args, ")");

	trace_puts(t, "(");
	if (f->kind != KIND_TUPLE) {
		f->items.n = f->items.count = 1;
		f->items.at[0] = args;
		f->items.known = true;
		trace_puts(t, "*");
	}
	f->kind = KIND_CALL;
	return f;
}

/* The function of a call: what it was made of is a step by itself. */
static void
write_callee(struct trace *t, value callee)
{
	struct variable *known = trace_variable(t, callee);

	if (known != NULL) {
		trace_puts(t, "_");
		trace_number(t, known->number);
	} else if (value_kind(callee) == KIND_GLOBAL) {
		trace_global(t, value_payload(callee));
	} else if (value_kind(callee) == KIND_CALL) {
		trace_global(t, value_call_name(callee));
		trace_puts(t, "(...)");
	} else {
		trace_puts(t, "<what is no function>");
	}
}

/* A value without parts. */
static void
write_plain(struct trace *t, value v)
{
	switch (value_kind(v)) {
	case KIND_NONE:
		trace_puts(t, "None");
		return;
	case KIND_BOOL:
		trace_puts(t, value_payload(v) != 0 ? "True" : "False");
		return;
	case KIND_INT:
		(void)!buf_printf(&t->line, "%" PRId64, value_int(v));
		return;
	case KIND_LONG:
	case KIND_FLOAT:
		write_number(t, v);
		return;
	case KIND_STR:
	case KIND_BYTES:
	case KIND_BYTEARRAY:
		write_string(t, v);
		return;
	case KIND_SET:
		trace_puts(t, "{...}");
		return;
	case KIND_GLOBAL:
		trace_global(t, value_payload(v));
		return;
	case KIND_DTYPE:
		trace_puts(t, "numpy.dtype(...)");
		return;
	case KIND_EXTENSION:
		trace_puts(t, "<extension number ");
		trace_number(t, value_payload(v));
		trace_puts(t, ">");
		return;
	case KIND_BUFFER:
		trace_puts(t, "<buffer>");
		return;
	case KIND_NOTHING:
	case KIND_TUPLE:
	case KIND_LIST:
	case KIND_DICT:
	case KIND_CALL:
	case KIND_PERSISTENT:
	case KIND_FORGOTTEN:
	case KIND_COUNT:
		break;
	}
	trace_puts(t, "...");
}

/* The beginning of a value.  A frame: what is in it comes next. */
static struct frame *
write_open(struct trace *t, value v, size_t depth)
{
	struct variable *known = trace_variable(t, v);
	enum kind kind = value_kind(v);
	value callee, args;

	if (known != NULL) {
		trace_puts(t, "_");
		trace_number(t, known->number);
		return NULL;
	}
	if (kind == KIND_CALL) {
		if (!ring_call_parts(&t->m->ring, v, &callee, &args) ||
		    depth == TRACE_DEPTH) {
			write_callee(t, v);
			return NULL;
		}
		/* joblib's, in the place of its wrapper. */
		if (value_call_name(v) == NAMES_RESULT &&
		    value_kind(args) == KIND_DICT) {
			trace_puts(t, "<the array that follows>");
			return NULL;
		}
		write_callee(t, callee);
		return open_arguments(t, depth, args);
	}
	if (kind == KIND_PERSISTENT) {
		trace_puts(t, "persistent_load");
		if (value_payload(v) == 0 || depth == TRACE_DEPTH) {
			trace_puts(t, "(...)");
			return NULL;
		}
		return open_arguments(
		    t, depth, value_make(KIND_TUPLE, value_payload(v)));
	}
	if (kind != KIND_TUPLE && kind != KIND_LIST && kind != KIND_DICT) {
		write_plain(t, v);
		return NULL;
	}
	trace_puts(t, kind == KIND_TUPLE ? "(" : kind == KIND_LIST ? "[" : "{");
	if (depth == TRACE_DEPTH) {
		trace_puts(t,
		    kind == KIND_TUPLE      ? "...)"
			: kind == KIND_LIST ? "...]"
					    : "...}");
		return NULL;
	}
	return open_frame(t, depth, v,
	    kind == KIND_TUPLE      ? ")"
		: kind == KIND_LIST ? "]"
				    : "}");
}

/* The next item of a bracket. False: it ends here. */
static bool
write_next(struct trace *t, struct frame *f, value *item)
{
	size_t most = t->extent.items * (f->kind == KIND_DICT ? 2 : 1);
	/* A key is not left without its value. */
	bool value_due = f->kind == KIND_DICT && f->next % 2 == 1;
	bool more =
	    f->next < f->items.n && f->next < most && (!full(t) || value_due);

	if (more) {
		if (f->next > 0)
			trace_puts(t,
			    f->kind == KIND_DICT && f->next % 2 == 1 ? ": "
								     : ", ");
		*item = f->items.at[f->next++];
		return true;
	}
	if (!f->items.known) {
		trace_puts(t, "...");
	} else if (f->next < f->items.count) {
		trace_puts(t, f->next == 0 ? "" : ", ");
		trace_number(t,
		    (f->items.count - f->next) /
			(f->kind == KIND_DICT ? 2 : 1));
		trace_puts(t, " more");
	} else if (f->kind == KIND_TUPLE && f->next == 1) {
		trace_puts(t, ",");
	}
	trace_puts(t, f->close);
	return false;
}

/* Write what is in the frames until all of them are closed. */
static void
write_frames(struct trace *t, size_t depth)
{
	while (depth > 0) {
		value item;

		if (!write_next(t, &t->frames[depth - 1], &item))
			depth--;
		else if (write_open(t, item, depth) != NULL)
			depth++;
	}
}

void
trace_value(struct trace *t, value v)
{
	if (write_open(t, v, 0) != NULL)
		write_frames(t, 1);
}

void
trace_expression(struct trace *t, value callee, value args, bool construct)
{
	write_callee(t, callee);
	if (construct)
		trace_puts(t, ".__new__");
	(void)open_arguments(t, 0, args);
	write_frames(t, 1);
}
