/* SPDX-License-Identifier: Apache-2.0 */
/* machine: the loop, and arguments that do not lie at hand. */
#include "pickle/machine.h"

#include <stdlib.h>
#include <string.h>

#include "pickle/holes.h"
#include "pickle/scan.h"
#include "pickle/trace.h"

enum {
	STACK_FIRST = 256, /* values */
	SLICE = 16 * 1024, /* opcodes between two looks at the budget */
	/* Payloads from here on are not shown to rules: they are data. */
	PAYLOAD_BIG = 4 * 1024,
};

enum err
machine_open(struct machine *m, struct stream *in, struct scan *scan)
{
	struct budget *budget = scan->visit->budget;
	size_t bytes = STACK_FIRST * sizeof(value);

	*m = (struct machine){ .in = in,
		.scan = scan,
		.memo = memo_new(budget),
		.before = memo_new(budget),
		.ring = ring_new(budget),
		.watch = in->rereads ? 0 : WATCH_COPY };
	if (budget_take(budget, BUDGET_MEMORY, bytes) != ERR_OK)
		return ERR_LIMIT;
	if ((m->stack = malloc(bytes)) == NULL) {
		budget_give(budget, bytes);
		return ERR_NOMEM;
	}
	m->room = m->stack + STACK_FIRST;
	m->trace = trace_new(m);
	machine_reset(m);
	return ERR_OK;
}

void
machine_free(struct machine *m)
{
	struct budget *budget;

	if (m == NULL || m->scan == NULL)
		return;
	budget = m->scan->visit->budget;
	budget_give(budget, (size_t)(m->room - m->stack) * sizeof(value));
	budget_give(budget, m->mark_room * sizeof(*m->marks));
	trace_free(m);
	memo_free(&m->memo);
	memo_free(&m->before);
	ring_free(&m->ring);
	free(m->stack);
	free(m->marks);
	*m = (struct machine){ 0 };
}

void
machine_reset(struct machine *m)
{
	m->top = m->fence = m->stack;
	m->mark_count = 0;
	m->sunk = m->marks_sunk = 0;
	memo_follow(&m->memo, &m->before);
	if (m->ops != 0)
		memset(m->said, 0, sizeof(m->said));
	m->frame_end = 0;
	m->start = stream_pos(m->in);
	m->ops = m->dups = m->forms = 0;
	m->result = m->array = KIND_NOTHING;
	m->error = ERR_OK;
	m->broken = "";
	m->protocol = 0;
	m->straddled = m->odd = m->tidy = m->marked = false;
	m->in->limit = m->in->end;
}

uint64_t
machine_place_of(const struct machine *m, uint64_t pos)
{
	return m->base + (m->holes == NULL ? pos : holes_place(m->holes, pos));
}

uint64_t
machine_place(const struct machine *m)
{
	return machine_place_of(m, stream_pos(m->in));
}

void
machine_odd(struct machine *m)
{
	m->odd = true;
	machine_find(m, RULE_PICKLE_STACK_ODD, NULL);
}

enum step
machine_broken(struct machine *m, const char *why)
{
	m->broken = why;
	return STEP_BROKEN;
}

enum step
machine_error(struct machine *m, enum err e)
{
	m->error = e;
	return STEP_ERROR;
}

void
machine_limit(struct machine *m)
{
	struct stream *in = m->in;

	in->limit = in->end;
	if (m->frame_end != 0 && m->frame_end >= in->base &&
	    m->frame_end - in->base < (uint64_t)(in->end - in->begin))
		in->limit = in->begin + (m->frame_end - in->base);
}

/* Something at pos does not fit into what is left of the frame. */
static void
straddle(struct machine *m, uint64_t pos, bool bytes)
{
	uint64_t lost = m->frame_end > pos ? m->frame_end - pos : 0;

	m->frame_end = 0;
	if (m->holes == NULL) {
		if (!m->straddled)
			machine_find(m, RULE_PICKLE_FRAME_STRADDLED, NULL);
		m->straddled = true;
	} else if (m->spare > 0) {
		m->spare--;
	} else if (lost != 0 && !(bytes && m->reading == READING_DROP_TEXT) &&
	    holes_add(m->holes, pos, lost)) {
		stream_cut(m->in, pos, lost);
	}
	machine_limit(m);
}

enum step
machine_more(struct machine *m, size_t n)
{
	uint64_t pos = stream_pos(m->in);
	enum err e;

	if (m->frame_end != 0 && pos >= m->frame_end) {
		m->frame_end = 0;
		machine_limit(m);
	}
	if (m->frame_end != 0 && n > m->frame_end - pos)
		straddle(m, pos + 1, false);
	if (stream_left(m->in) >= n)
		return STEP_NEXT;
	e = stream_fill(m->in, n);
	machine_limit(m);
	if (e == ERR_SHORT)
		return STEP_SHORT;
	if (e != ERR_OK)
		return machine_error(m, e);
	return STEP_NEXT;
}

static bool
is_bytes(uint8_t op)
{
	return op == 'B' || op == 'C' || op == 0x8e || op == 0x96;
}

enum step
machine_payload(struct machine *m, size_t head, uint64_t n)
{
	struct stream *in = m->in;
	uint64_t pos;
	enum err e;

	if (n < PAYLOAD_BIG && stream_left(in) >= head + n) {
		in->at += head + n;
		return STEP_NEXT;
	}
	pos = stream_pos(in) + head;
	if (m->frame_end != 0 && n != 0 &&
	    (pos > m->frame_end || n > m->frame_end - pos))
		straddle(m, pos, is_bytes(*in->at));
	in->at += head;
	e = stream_skip(in, n);
	machine_limit(m);
	if (e == ERR_SHORT)
		return STEP_SHORT;
	return e == ERR_OK ? STEP_NEXT : machine_error(m, e);
}

/* The line when it ends outside the window or the frame. */
static enum step
line_slow(struct machine *m, size_t from, const uint8_t **line, uint64_t *size)
{
	uint64_t start = stream_pos(m->in) + from;
	bool held, again;
	enum err e;

	do {
		again = false;
		e = stream_line(m->in, from, size, &held);
		if (m->frame_end != 0 && start <= m->frame_end &&
		    (e == ERR_SHORT || *size >= m->frame_end - start)) {
			again = m->holes != NULL && start < m->frame_end;
			stream_seek(m->in, start - from);
			straddle(m, start, false);
			if (!again)
				e = stream_line(m->in, from, size, &held);
		}
	} while (again);
	machine_limit(m);
	*line = held ? m->in->at + from : NULL;
	if (e == ERR_SHORT)
		return STEP_SHORT;
	return e == ERR_OK ? STEP_NEXT : machine_error(m, e);
}

enum step
machine_line(
    struct machine *m, size_t from, const uint8_t **line, uint64_t *size)
{
	size_t left = stream_left(m->in);
	const uint8_t *hit =
	    left <= from ? NULL : memchr(m->in->at + from, '\n', left - from);

	if (hit == NULL)
		return line_slow(m, from, line, size);
	*line = m->in->at + from;
	*size = (uint64_t)(hit - *line);
	return STEP_NEXT;
}

enum step
op_proto(struct machine *m)
{
	enum step s = machine_have(m, 2);

	if (s != STEP_NEXT)
		return s;
	m->protocol = m->in->at[1];
	if (stream_pos(m->in) == m->start)
		m->marked = m->protocol >= 2 && m->protocol <= PROTOCOL_MAX;
	else if (m->protocol <= PROTOCOL_MAX)
		machine_find(m, RULE_PICKLE_PROTOCOL_AGAIN, NULL);
	if (m->protocol > PROTOCOL_MAX)
		machine_find(m, RULE_PICKLE_PROTOCOL, "protocol %u",
		    (unsigned)m->protocol);
	m->in->at += 2;
	return STEP_NEXT;
}

enum step
op_frame(struct machine *m)
{
	enum step s = machine_have(m, 9);
	struct cursor head;
	uint64_t size, pos;

	if (s != STEP_NEXT)
		return s;
	if (m->marking != MARKING_FENCE)
		return machine_broken(m, "a frame, to Python 2");
	head = cursor_over(m->in->at + 1, 8);
	size = cursor_u64le(&head);
	pos = stream_pos(m->in) + 9;
	if (m->frame_end > pos) {
		if (m->holes == NULL) {
			machine_find(m, RULE_PICKLE_FRAME_NESTED, NULL);
			m->straddled = true;
		} else if (size <= m->frame_end - pos) {
			size = m->frame_end - pos;
		} else {
			straddle(m, pos, false);
		}
	}
	/* the frame that claims all the rest has another one in it */
	if (m->scan->past_end != SCAN_NOWHERE && m->holes == NULL)
		machine_find(m, RULE_PICKLE_FRAME_NESTED, NULL);
	m->in->at += 9;
	m->frame_end = 0;
	if (size <= UINT64_MAX / 2 && pos <= UINT64_MAX / 2 - size)
		m->frame_end = pos + size;
	if (m->in->source.size != SOURCE_UNENDING &&
	    (m->frame_end == 0 || m->frame_end > m->in->source.size)) {
		m->scan->past_end = machine_place(m);
		m->frame_end = 0;
	}
	machine_limit(m);
	return STEP_NEXT;
}

enum step
op_stop(struct machine *m)
{
	m->tidy = m->top - m->stack == 1 && m->mark_count == 0;
	m->result = m->top > m->stack ? m->top[-1] : KIND_NOTHING;
	if (m->trace != NULL)
		trace_stop(m, m->result);
	m->in->at++;
	return STEP_STOP;
}

enum step
machine_run(struct machine *m)
{
	struct budget *budget = m->scan->visit->budget;
	enum step s = STEP_NEXT;

	while (s == STEP_NEXT) {
		unsigned n = SLICE;

		while (n > 0 && m->in->at < m->in->limit) {
			op_fn effect = opcode_effects[*m->in->at];

			if (effect == NULL) {
				s = machine_broken(m, "no such opcode");
				break;
			}
			n--;
			if ((s = effect(m)) != STEP_NEXT)
				break;
		}
		m->ops += SLICE - n;
		m->scan->ops += SLICE - n;
		if (budget_take(budget, BUDGET_OPCODES, SLICE - n) != ERR_OK ||
		    budget_check(budget) != ERR_OK)
			return machine_error(m, ERR_LIMIT);
		if (s == STEP_NEXT && m->in->at >= m->in->limit)
			s = machine_more(m, 1);
	}
	return s;
}
