/* SPDX-License-Identifier: Apache-2.0 */
/* series: run, run again, believe or take back. */
#include "pickle/series.h"

#include <string.h>

#include "base/buf.h"
#include "base/own.h"
#include "model/limits.h"
#include "pickle/holes.h"
#include "pickle/joblib.h"
#include "pickle/nested.h"

enum {
	/* Each reading costs as much as the pickle; the file is malicious
	 * already. */
	RERUNS_MAX = 16,
	/* Opcodes of bytes that turned out to be no pickle. */
	SEARCH_OPS = 4 * 1024 * 1024,
	SEARCH_BYTES = 64 * 1024 * 1024,
	KEPT_MAX = 1024 * 1024, /* bytes of names, as in the table of names */
	BYTES_PER_OP = 16,
	SEARCH_FRONT = 2 * 1024, /* bytes seen of a candidate */
	/* Opcodes that make a broken stream with PROTO a broken pickle. */
	OPS_PROTO = 6,
	/* And one with an import of something that nobody knows. */
	OPS_IMPORT = 4,
	OPS_LONG = 1000,
	/* And nothing else is so many of them, one behind the other. */
	PICKLES_MANY = 1000,
	/* And with one of something that the policy knows. */
	OPS_KNOWN = 3,
	SMALL = 64, /* bytes of a file that is all PROTO and rubbish */
};

static void
tap(void *context, const void *data, size_t n)
{
	visit_code(context, data, n);
}

enum err
series_open(struct series *s, struct visit *v, const struct source *source)
{
	enum err e;

	*s = (struct series){ .visit = v, .source = source };
	if ((e = scan_open(&s->scan, v, source)) != ERR_OK ||
	    (e = stream_open(&s->in, source)) != ERR_OK)
		return e;
	s->in.tap = tap;
	s->in.tap_context = v;
	return machine_open(&s->m, &s->in, &s->scan);
}

void
series_free(struct series *s)
{
	if (s == NULL)
		return;
	machine_free(&s->m);
	stream_free(&s->in);
	scan_free(&s->scan);
}

/* The pickle of an object array: one that knows of no arrays itself. */
static enum step
run_inner(struct series *s)
{
	struct machine inner;
	uint64_t start = stream_pos(&s->in);
	enum err e = machine_open(&inner, &s->in, &s->scan);
	enum step step = STEP_ERROR;

	if (e == ERR_OK) {
		inner.plain = true;
		step = machine_run(&inner);
		series_reread(s, &inner, start);
		s->m.broken = inner.broken;
		e = inner.error;
		if (step == STEP_STOP && inner.frame_end > stream_pos(&s->in))
			visit_find(s->visit, RULE_PICKLE_FRAME_LEFT,
			    stream_pos(&s->in), NULL);
	}
	machine_free(&inner);
	s->m.error = e;
	if (step == STEP_STOP)
		step = STEP_NEXT;
	machine_limit(&s->m);
	return step;
}

enum step
series_run(struct series *s)
{
	struct machine *m = &s->m;
	enum step step;

	machine_reset(m);
	s->bare = false;
	for (;;) {
		enum array what;
		bool aligned;

		step = machine_run(m);
		if (step != STEP_ARRAY)
			return step;
		s->arrays = true;
		step = joblib_take(m, &what, &aligned);
		s->bare = s->bare || !aligned;
		if (step == STEP_NEXT && what == ARRAY_OBJECTS)
			step = run_inner(s);
		if (step != STEP_NEXT)
			return step;
		if (what == ARRAY_UNKNOWN)
			return machine_broken(m, "an array of unknown size");
	}
}

/* Places in another stream mean other texts. */
static void
texts_forget(struct series *s)
{
	texts_free(&s->scan.kept);
	texts_free(&s->scan.recent);
}

/* How a loader reads what loaders read differently. */
struct manner {
	enum reading reading;
	enum marking marking;
	unsigned spare;
};

/* Run the pickle at start in the manner of one loader. */
static void
reread_as(struct series *s, uint64_t start, const struct manner *as)
{
	struct holes holes;
	struct source view, without;
	struct stream in;
	struct machine m;

	if (source_rest(s->source, start, &view) != ERR_OK)
		return;
	without = holes_open(&holes, &view);
	if (stream_open(&in, &without) != ERR_OK)
		return;
	in.rereads = s->in.rereads;
	if (machine_open(&m, &in, &s->scan) == ERR_OK) {
		m.holes = &holes;
		m.reading = as->reading;
		m.marking = as->marking;
		m.spare = as->spare;
		m.plain = true;
		m.base = start;
		texts_forget(s);
		/* Only what it names and calls is of interest. */
		if (machine_run(&m) == STEP_ERROR)
			visit_find(
			    s->visit, RULE_SCAN_LIMIT, start, "read again");
		s->searched += m.ops;
		texts_forget(s);
	}
	machine_free(&m);
	stream_free(&in);
}

/* Numbers are opcodes by chance: only what no chance explains counts. */
void
series_reread_plain(struct series *s, uint64_t start)
{
	struct series_mark mark = series_mark(s);
	struct source view;
	struct stream in;
	struct machine m;

	if (s->reruns++ >= RERUNS_MAX ||
	    source_rest(s->source, start, &view) != ERR_OK ||
	    stream_open(&in, &view) != ERR_OK)
		return;
	in.rereads = s->in.rereads;
	s->scan.strong = false;
	if (machine_open(&m, &in, &s->scan) == ERR_OK) {
		texts_forget(s);
		m.plain = true;
		m.base = start;
		(void)machine_run(&m);
		texts_forget(s);
	}
	machine_free(&m);
	stream_free(&in);
	if (!s->scan.strong)
		series_take_back(s, &mark);
	s->scan.strong = s->scan.strong || mark.strong;
}

void
series_reread(struct series *s, const struct machine *m, uint64_t start)
{
	static const struct manner frames[] = {
		{ .reading = READING_DROP },
		{ .reading = READING_DROP_TEXT },
		{ .reading = READING_DROP_TEXT, .spare = 1 },
		{ .reading = READING_DROP_TEXT, .spare = 2 },
	};
	static const struct manner marks[] = {
		{ .marking = MARKING_DEPTH },
		{ .marking = MARKING_VALUE },
	};
	bool straddled = m->straddled, odd = m->odd;
	uint64_t past_end = s->scan.past_end;

	if (!straddled && !odd)
		return;
	if (s->reruns >= RERUNS_MAX) {
		visit_find(s->visit, RULE_SCAN_LIMIT, start,
		    "more readings of a pickle than are followed");
		return;
	}
	s->reruns++;
	for (size_t i = 0; straddled && i < sizeof(frames) / sizeof(*frames);
	     i++)
		reread_as(s, start, &frames[i]);
	for (size_t i = 0; odd && i < sizeof(marks) / sizeof(*marks); i++)
		reread_as(s, start, &marks[i]);
	s->scan.past_end = past_end;
}

/* Does the source end where the stream stands? */
static bool
at_end(const struct series *s)
{
	uint8_t byte;
	size_t got = 0;

	return s->in.at == s->in.end &&
	    source_read_some(s->source, stream_pos(&s->in), &byte, 1, &got) ==
	    ERR_OK &&
	    got == 0;
}

bool
series_believes(const struct series *s, enum step end, bool first)
{
	const struct machine *m = &s->m;
	bool whole = s->visit->kind == CHILD_MEMBER;
	bool marked = m->marked;

	/* The length of a frame is no chance number. */
	if (s->scan.strong || (m->straddled && whole))
		return true;
	/* Nothing but a pickle is opcodes for so long. */
	if (end == STEP_ERROR)
		return m->ops >= OPS_LONG || marked;
	/* The length of a frame is no chance number. */
	if (m->straddled && whole)
		return true;
	/* A zip begins with PERSID, and may hold pickles further on; text does
	 * not mind what is on the stack. */
	if (!marked && (s->scan.persistent || m->odd))
		return false;
	if (s->arrays)
		return true;
	if (end == STEP_STOP) {
		if (marked && (m->ops > 2 || whole))
			return true;
		/* Two lines of text may begin with a "c", the next with a
		 * dot. */
		if (s->scan.imports > 0 && (m->tidy || s->scan.known) &&
		    (!first || m->forms > 0 || (s->scan.named && at_end(s))))
			return true;
		/* Text that happens to be opcodes seldom ends with them. */
		return m->tidy && m->ops > 1 && (!first || at_end(s)) && whole;
	}
	if (!whole)
		return false;
	if (marked && first &&
	    (m->ops >= OPS_PROTO || (end == STEP_SHORT && m->ops >= 2) ||
		s->source->size <= SMALL))
		return true;
	/* Lines of text may be the names of modules, hardly more. */
	if (s->scan.known && m->forms > 0 &&
	    (end == STEP_SHORT || m->ops >= OPS_KNOWN))
		return true;
	return s->scan.imports > 0 && s->scan.calls > 0 &&
	    m->ops >= OPS_IMPORT && (marked || end == STEP_SHORT);
}

/* Where in the window the next plausible front stands; *n bytes were looked
 * at and are none. */
static bool
search_window(struct series *s, size_t *n)
{
	const uint8_t *at = s->in.at;
	size_t left = (size_t)(s->in.end - at);

	for (size_t i = 0; i < left; i++) {
		size_t seen = left - i;

		/* The front must be in sight, unless the file ends. */
		if (seen < SEARCH_FRONT && i > 0) {
			*n = i;
			return false;
		}
		if ((at[i] == 0x80 && seen > 2 && at[i + 1] >= 2 &&
			at[i + 1] <= PROTOCOL_MAX) ||
		    at[i] == 'c' || at[i] == '(' || at[i] == 'i')
			if (nested_may(at + i, seen)) {
				*n = i;
				return true;
			}
	}
	*n = left;
	return false;
}

/* The stream goes to the next plausible front. False: there is none. */
static bool
search_next(struct series *s, uint64_t *budget)
{
	while (*budget > 0) {
		size_t n;
		bool found;
		enum err e = stream_fill(&s->in, SEARCH_FRONT);

		if (e != ERR_OK && e != ERR_SHORT)
			return false;
		if (s->in.at == s->in.end ||
		    budget_check(s->visit->budget) != ERR_OK)
			return false;
		found = search_window(s, &n);
		s->in.at += n;
		*budget -= n < *budget ? n : *budget;
		if (found)
			return true;
		if (n == 0)
			s->in.at++;
	}
	return false;
}

struct series_mark
series_mark(const struct series *s)
{
	return (struct series_mark){ .report = report_mark(s->visit->report),
		.pos = stream_pos(&s->in),
		.imports = s->scan.imports,
		.calls = s->scan.calls,
		.names = s->scan.names.count,
		.extensions = s->scan.extension_count,
		.strong = s->scan.strong,
		.known = s->scan.known,
		.named = s->scan.named,
		.arrays = s->arrays };
}

void
series_take_back(struct series *s, const struct series_mark *mark)
{
	struct scan *scan = &s->scan;

	report_rewind(s->visit->report, &mark->report);
	names_forget(scan, mark->names);
	scan->imports = mark->imports;
	scan->calls = mark->calls;
	scan->extension_count = mark->extensions;
	scan->strong = mark->strong;
	scan->known = mark->known;
	scan->named = mark->named;
	scan->past_end = SCAN_NOWHERE;
	s->arrays = mark->arrays;
	stream_seek(&s->in, mark->pos);
}

/* Write down what has been imported since the mark.  False: no memory. */
static bool
imports_since(
    const struct scan *s, const struct series_mark *mark, struct buf *out)
{
	for (size_t i = mark->names; i < s->names.count; i++) {
		const struct name *n = &s->names.at[i];
		uint32_t at = (uint32_t)i;

		if (!names_importable(s, at))
			continue;
		if (buf_add(out, n, sizeof(*n)) != ERR_OK ||
		    buf_add(out, names_module(s, at), n->module_size) !=
			ERR_OK ||
		    buf_add(out, names_name(s, at), n->name_size) != ERR_OK)
			return false;
	}
	return true;
}

void
series_take_back_most(struct series *s, const struct series_mark *mark)
{
	AUTO(buf) struct buf kept = buf_new(KEPT_MAX);
	struct cursor c;
	struct name n;

	if (!imports_since(&s->scan, mark, &kept)) {
		stream_seek(&s->in, mark->pos);
		return;
	}
	series_take_back(s, mark);
	c = cursor_over(kept.data, kept.size);
	while (cursor_left(&c) >= sizeof(n)) {
		struct import g = { 0 };

		memcpy(&n, cursor_take(&c, sizeof(n)), sizeof(n));
		g.module_size = n.module_size;
		g.name_size = n.name_size;
		g.offset = n.place;
		g.module = (const char *)cursor_take(&c, n.module_size);
		g.name = (const char *)cursor_take(&c, n.name_size);
		(void)names_find(&s->scan, &g);
	}
}

bool
series_try(struct series *s, bool reached)
{
	struct series_mark mark = series_mark(s);
	struct scan *scan = &s->scan;
	uint64_t reruns = s->reruns;
	enum step step;
	bool believed;

	scan->strong = scan->known = false;
	step = series_run(s);
	s->searched += s->m.ops;
	/* Going back is unpacking from the start again. */
	if (!s->in.rereads)
		s->searched += (stream_pos(&s->in) - mark.pos) / BYTES_PER_OP;
	/* What is no pickle when read straight may be one when read so. */
	series_reread(s, &s->m, mark.pos);
	believed = scan->strong ||
	    (step == STEP_STOP && scan->imports != mark.imports && s->m.tidy) ||
	    (scan->known && s->m.forms > 0 && s->m.ops >= OPS_KNOWN);
	if (!believed) {
		/* Decoys use up the search, not the readings of others. */
		s->reruns = reruns;
		if (reached)
			series_take_back_most(s, &mark);
		else
			series_take_back(s, &mark);
		return false;
	}
	scan->strong = true;
	visit_find(s->visit, RULE_PICKLE_HIDDEN, mark.pos, NULL);
	return true;
}

void
series_search(struct series *s)
{
	stream_tap_fn listener = s->in.tap;
	uint64_t budget = SEARCH_BYTES;

	stream_tell(&s->in);
	s->in.tap = NULL;
	s->in.limit = s->in.end;
	while (search_next(s, &budget)) {
		uint64_t start = stream_pos(&s->in);

		/* Where it ends, the next may begin. */
		if (s->searched > SEARCH_OPS) {
			visit_find(s->visit, RULE_PICKLE_SEARCH, start, NULL);
			break;
		}
		if (!series_try(s, false) || stream_pos(&s->in) <= start)
			stream_seek(&s->in, start + 1);
	}
	s->in.tapped = s->in.at;
	s->in.tap = listener;
}
