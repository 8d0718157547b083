/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pickle: walk a file of pickles.
 *
 * Reference: CPython Lib/pickle.py, Lib/pickletools.py, Modules/_pickle.c, 2.7
 *	and 3.6 to 3.13; PEP 307, PEP 3154, PEP 574
 *
 * A pickle has no magic number, and up to protocol 1 nothing at its front:
 * any loader would run text that happens to be one.  So the sniff says MAYBE
 * whenever the first bytes allow it, and the walk decides: by a name that no
 * text contains by chance, or by how the stream ends.
 */
#include "pickle/pickle.h"

#include "pickle/opcode.h"
#include "pickle/series.h"
#include "pickle/torch_legacy.h"

/* What pickle.py looks up an empty name for. */
enum { SNIFF_MIN = 1 };

/* A pickle begins with something that pushes, or with what it does not mind:
 * whatever needs a stack stops there. */
static bool
may_begin(uint8_t op)
{
	switch (opcodes[op].argument) {
	case ARGUMENT_NONE:
		return op == '(' || op == ')' || op == ']' || op == '}' ||
		    op == 'N' || op == 0x88 || op == 0x89 || op == 0x8f ||
		    op == 0x97;
	case ARGUMENT_LINE:
		return op != 'g' && op != 'p';
	case ARGUMENT_UINT1:
		return op != 'h' && op != 'q';
	case ARGUMENT_UINT4:
		return false;
	case ARGUMENT_UINT2:
	case ARGUMENT_UINT8:
	case ARGUMENT_INT4:
	case ARGUMENT_FLOAT8:
	case ARGUMENT_LINES:
	case ARGUMENT_BYTES1:
	case ARGUMENT_BYTES4:
	case ARGUMENT_BYTES4S:
	case ARGUMENT_BYTES8:
		break;
	}
	return opcodes[op].name != NULL;
}

static enum sniff
pickle_sniff(const struct source *s, struct cursor head)
{
	uint8_t op;

	(void)s;
	if (cursor_left(&head) < SNIFF_MIN)
		return SNIFF_NO;
	op = cursor_u8(&head);
	return opcodes[op].name != NULL && may_begin(op) ? SNIFF_MAYBE
							 : SNIFF_NO;
}

static void
recognise(struct series *s)
{
	s->recognised = true;
	visit_recognise(s->visit,
	    s->legacy       ? "torch-legacy"
		: s->arrays ? "joblib"
			    : "pickle",
	    true);
}

/* What is said of a pickle that has ended, however it has. */
static void
ended(struct series *s, enum step step)
{
	struct scan *scan = &s->scan;
	uint64_t pos = machine_place(&s->m);

	if (step == STEP_BROKEN)
		visit_find(
		    s->visit, RULE_PICKLE_BROKEN, pos, "%s", s->m.broken);
	if (step != STEP_SHORT && scan->past_end != SCAN_NOWHERE)
		visit_find(
		    s->visit, RULE_PICKLE_FRAME_PAST_END, scan->past_end, NULL);
	if (step == STEP_STOP && s->m.frame_end > pos)
		visit_find(s->visit, RULE_PICKLE_FRAME_LEFT, pos, NULL);
	scan->past_end = SCAN_NOWHERE;
}

/* Where in torch's old format the pickle stands that has just ended. */
static void
legacy_note(struct series *s, bool named)
{
	if (s->pickles == 1) {
		s->legacy = legacy_is_magic(&s->m, s->m.result);
		s->computed = named;
	}
	/* A magic number that is computed does not show; what follows does. */
	if (s->pickles == 2 && !s->legacy && s->computed &&
	    value_kind(s->m.result) == KIND_INT &&
	    value_int(s->m.result) == LEGACY_VERSION) {
		s->legacy = true;
		visit_find(s->visit, RULE_TORCH_MAGIC, 0, NULL);
	}
	if (!s->legacy)
		return;
	if (named && s->pickles <= LEGACY_PICKLES &&
	    s->pickles != LEGACY_OBJECT + 1)
		visit_find(s->visit, RULE_TORCH_OUTSIDE, s->m.start, NULL);
	if (s->pickles > LEGACY_PICKLES)
		visit_find(s->visit, RULE_TORCH_TAIL, s->m.start, NULL);
	if (s->scan.storages == NULL)
		s->scan.storages = storages_new(s->visit->budget);
	s->m.watch &= ~(unsigned)WATCH_KEYS;
	if (s->pickles == LEGACY_PICKLES - 1)
		s->m.watch |= WATCH_KEYS;
}

/* Behind the fifth pickle: the storages. */
static enum err
legacy_storages(struct series *s)
{
	enum err e = ERR_MALFORMED;

	if (!s->legacy || s->pickles != LEGACY_PICKLES)
		return ERR_OK;
	if (s->scan.storages != NULL)
		e = storages_skip(s->scan.storages, &s->in);
	if (e == ERR_MALFORMED) {
		visit_find(
		    s->visit, RULE_TORCH_STORAGES, stream_pos(&s->in), NULL);
		return ERR_OK;
	}
	return e;
}

/* pickle.py goes on behind the frame, C behind the STOP. */
static void
behind_frame(struct series *s)
{
	uint64_t pos = stream_pos(&s->in), end = s->m.frame_end;

	if (end <= pos)
		return;
	stream_seek(&s->in, end);
	if (series_try(s, true))
		recognise(s);
	stream_seek(&s->in, pos);
	s->m.frame_end = 0;
}

/* What comes of one pickle of the file. */
enum course {
	COURSE_NEXT,   /* another may follow */
	COURSE_DOUBT,  /* the same, though this was hardly one */
	COURSE_SEARCH, /* what follows is none, or cannot be reached */
	COURSE_DONE
};

static enum course
walk_one(struct series *s, bool first, enum err *e)
{
	struct series_mark mark = series_mark(s);
	enum step step = series_run(s);
	bool named = s->scan.imports != mark.imports, believed;

	*e = step == STEP_ERROR ? s->m.error : ERR_OK;
	/* What is no pickle when read straight may be one when read so. */
	series_reread(s, &s->m, mark.pos);
	believed = series_believes(s, step, first);
	if (!believed && !first) {
		uint64_t end = stream_pos(&s->in);

		series_take_back_most(s, &mark);
		if (step != STEP_STOP)
			return COURSE_SEARCH;
		stream_seek(&s->in, end);
		return COURSE_DOUBT;
	}
	/* One that ends says little by itself: the next one may say more. */
	if (!believed && step != STEP_STOP)
		return COURSE_DONE;
	s->pickles += step == STEP_STOP;
	if (step == STEP_STOP)
		legacy_note(s, named);
	if (believed)
		recognise(s);
	if (s->bare && !s->scan.strong)
		series_reread_plain(s, mark.pos);
	ended(s, step);
	if (step == STEP_SHORT)
		*e = ERR_SHORT;
	s->broken = step == STEP_BROKEN;
	if (s->broken)
		return COURSE_SEARCH;
	if (step != STEP_STOP)
		return COURSE_DONE;
	behind_frame(s);
	*e = legacy_storages(s);
	return *e == ERR_OK ? COURSE_NEXT : COURSE_DONE;
}

static enum err
walk_all(struct series *s)
{
	uint64_t doubt = SCAN_NOWHERE;
	enum course course;
	enum err e;

	do {
		uint64_t pos = stream_pos(&s->in);

		course = walk_one(s, !s->recognised, &e);
		if (course == COURSE_DOUBT && doubt == SCAN_NOWHERE)
			doubt = pos;
		if (course <= COURSE_DOUBT && stream_fill(&s->in, 1) != ERR_OK)
			course = COURSE_DONE;
	} while (course <= COURSE_DOUBT);
	if (doubt != SCAN_NOWHERE) {
		stream_seek(&s->in, doubt);
		course = COURSE_SEARCH;
	}
	if (course == COURSE_SEARCH) {
		if (e == ERR_OK && !s->broken)
			visit_find(s->visit, RULE_PICKLE_TRAILING,
			    stream_pos(&s->in), NULL);
		series_search(s);
	}
	names_finish(&s->scan);
	if (s->scan.buffers != 0)
		visit_find(s->visit, RULE_PICKLE_BUFFER, 0, NULL);
	return e;
}

static enum err
pickle_walk(struct visit *v, const struct source *source)
{
	struct series s;
	enum err e = series_open(&s, v, source);

	if (e == ERR_OK)
		e = walk_all(&s);
	series_free(&s);
	return e;
}

const struct format format_pickle = {
	.name = "pickle",
	.title = "Python pickle",
	.extensions = ".pkl .pickle .pt .bin .ckpt .joblib .sav",
	.reference = "CPython Lib/pickle.py, PEP 307, 3154, 574",
	.in_place = true,
	.sniff = pickle_sniff,
	.walk = pickle_walk,
};
