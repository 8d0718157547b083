/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk: sniff a part, walk it as everything that it is, descend.
 *
 * Owns the recursion (bounded by the budget's depth), the path inside the
 * containers and the decision which formats a part is.  A part that is two
 * formats is walked twice and the worst counts: what one loader skips is what
 * another loads.
 */
#include "engine/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ckd.h"

enum {
	/* Room added to a path, so that its place fits the next one too. */
	SPARE_STEP = 64,
	/* A script is a page or two; a text of many megabytes is a data set. */
	TEXT_MAX = 4 * 1024 * 1024,
};

/* Formats that honest files are at once. */
static const struct {
	const char *a, *b;
} honest_pairs[] = {
	/* TFLite metadata: a zip of labels behind the flatbuffer. */
	{ "tflite", "zip" },
	/* JSON is YAML: a configuration is both. */
	{ "json", "yaml" },
	{ "json", "skops" },
	{ "json", "mxnet" },
	{ "mxnet", "yaml" },
	{ "skops", "yaml" },
	/* An HDF5 file may begin at any power of two from 512 on: a member
	 * that is stored there by chance makes the archive one too. */
	{ "hdf5", "zip" },
	{ "hdf5", "tar" },
	/* A zip that is a tar's last member looks like one from behind. */
	{ "tar", "zip" },
};

static enum err walk_child(struct visit *v, const struct child *child,
    const struct source *bytes, struct child_result *result);

static const struct visit_ops walk_ops = { walk_child, code_add, code_string };

/* The level of the present depth. ERR_NOMEM. */
static enum err
level_take(struct scan *s, struct level **out)
{
	struct level **level = &s->levels[s->depth];

	if (*level == NULL) {
		if ((*level = calloc(1, sizeof(**level))) == NULL)
			return ERR_NOMEM;
		(*level)->code = buf_new(CODE_BLOCK);
		(*level)->strings = buf_new(STRINGS_MAX);
	}
	*out = *level;
	return ERR_OK;
}

/* Only the front of a storage is looked at, unless it is told to be code. */
static bool
part_is_numbers(const struct part *p)
{
	return p->kind == CHILD_STORAGE && !p->scan->options->deep;
}

/* Bytes of the front to read. */
static size_t
part_front(const struct part *p)
{
	uint64_t size = p->bytes.size;

	if (part_is_numbers(p))
		return (size_t)ckd_min(size, CHILD_FRONT);
	/* Of what is unpacked on the way, no more than is looked at. */
	if (size > WALK_WHOLE && p->bytes.fd == -1)
		return SNIFF_MAX;
	return (size_t)ckd_min(size, WALK_WHOLE);
}

/* What was read of a file's front is not read again. */
static void
part_keep(struct part *p, size_t got)
{
	if (p->bytes.fd == -1)
		return;
	p->kept = (struct source_kept){ .next = p->bytes.kept,
		.bytes = p->level->head,
		.at = p->bytes.base,
		.size = got };
	p->bytes.kept = &p->kept;
}

/* Read the front.  A small part is read whole here and never again: nobody can
 * change it between the look and the walk. */
static enum err
part_look(struct part *p)
{
	const uint8_t *front = source_bytes(&p->bytes);
	size_t want = part_front(p), got = want;
	enum err e;

	/* What is walked is read anew: what is only looked at need not be. */
	if (front == NULL && part_is_numbers(p) && p->front_size >= want)
		front = p->front;
	if (front == NULL) {
		front = p->level->head;
		if ((e = source_read_some(
			 &p->bytes, 0, p->level->head, want, &got)) != ERR_OK)
			return e;
		part_keep(p, got);
		if (p->bytes.size == want)
			p->bytes = source_memory(front, got, p->bytes.budget);
	}
	p->look = part_is_numbers(p)
	    ? source_memory(front, got, p->bytes.budget)
	    : p->bytes;
	p->head = cursor_over(front, (size_t)ckd_min(got, SNIFF_MAX));
	/* It ends before its container, or the kernel, said it would. */
	return got < want && p->bytes.size != SOURCE_UNENDING ? ERR_SHORT
							      : ERR_OK;
}

static bool
pair_is_honest(const char *a, const char *b)
{
	for (size_t i = 0; i < sizeof(honest_pairs) / sizeof(honest_pairs[0]);
	     i++)
		if ((strcmp(honest_pairs[i].a, a) == 0 &&
			strcmp(honest_pairs[i].b, b) == 0) ||
		    (strcmp(honest_pairs[i].a, b) == 0 &&
			strcmp(honest_pairs[i].b, a) == 0))
			return true;
	return false;
}

/*
 * A second format recognised the same bytes.  Honest when it was also found
 * nested in the other's stream: a pickle that ends in a string that holds a
 * zip looks like a zip from behind, and hides nothing.
 */
static void
part_join(
    struct part *p, const struct walk *w, const struct format *f, uint32_t bit)
{
	struct report *r = p->scan->report;
	char joined[LIMIT_EVIDENCE];
	int n;

	if (p->format == NULL) {
		p->format = f;
		p->name = w->visit.name;
		p->formats = bit;
		return;
	}
	n = snprintf(joined, sizeof(joined), "%s+%s", p->name, w->visit.name);
	if (n > 0 && (size_t)n < sizeof(joined))
		p->name = report_text(r, joined, (size_t)n);
	if ((p->nested & (p->formats | bit)) == 0 &&
	    !pair_is_honest(p->format->name, f->name))
		report_find(r, RULE_FILE_POLYGLOT, p->where, 0, "%s", p->name);
	p->formats |= bit;
}

/* Errors of a format that never said that the bytes are its own. */
static bool
error_means_other(enum err e)
{
	return e == ERR_OK || e == ERR_SHORT || e == ERR_MALFORMED ||
	    e == ERR_UNSUPPORTED;
}

static struct walk
walk_new(struct part *p)
{
	struct scan *s = p->scan;

	return (
	    struct walk){ .visit = { .ops = &walk_ops,
			      .report = s->report,
			      .budget = &s->budget,
			      .policy = s->options->policy,
			      .where = p->where,
			      .kind = p->kind,
			      .unpack = s->options->unpack || s->options->deep,
			      .deep = s->options->deep,
			      .growing = s->options->growing,
			      .nested_at = p->nested_at,
			      .nested_end = p->nested_end },
		.part = p,
		.imports_from = s->report->import_count };
}

/* Walk a part as one format, and take everything back if it is not that. */
static enum err
part_walk_as(struct part *p, const struct format *f, uint32_t bit, bool sure)
{
	struct scan *s = p->scan;
	struct report_mark mark = report_mark(s->report);
	struct walk w = walk_new(p);
	enum err e;

	if (sure)
		visit_recognise(&w.visit, f->name, f->in_place);
	e = f->walk(&w.visit, &p->bytes);
	if (!w.visit.recognised) {
		report_rewind(s->report, &mark);
		code_drop(p->level);
		return error_means_other(e) ? ERR_OK : e;
	}
	code_finish(&w);
	if (part_is_numbers(p))
		report_find(s->report, RULE_FILE_STORAGE, p->where, 0, "%s",
		    w.visit.name);
	part_join(p, &w, f, bit);
	p->in_place = p->in_place || w.visit.in_place;
	return e;
}

/* Bytes that are no format: still looked at by rules, if they may be code. */
static enum err
part_other(struct part *p)
{
	struct walk w = walk_new(p);
	bool deep = p->scan->options->deep;
	const char *script;
	enum err e = look_script(p, &script);

	if (e != ERR_OK || (!deep && script == NULL))
		return e;
	w.script = script != NULL;
	w.visit.name = script != NULL ? script : "other";
	if (w.script && p->where[0] == '\0')
		p->name = script;
	e = code_raw(&w, deep ? UINT64_MAX : TEXT_MAX);
	code_finish(&w);
	return e;
}

/* Did an error end the whole scan, as against this one walk? */
static bool
error_is_final(const struct scan *s, enum err e)
{
	return e != ERR_OK &&
	    (err_fault(e) != ERR_FAULT_INPUT ||
		(e == ERR_LIMIT && s->budget.spent != BUDGET_NOTHING));
}

/* Walk a part as each format that claims it.  Errors of one format do not
 * keep the next from its look.  Numbers and strings may begin like anything:
 * there a mark is only a reason to walk, and of numbers only a clear mark. */
static enum err
part_walk_all(struct part *p)
{
	struct scan *s = p->scan;

	for (unsigned i = 0; s->table[i] != NULL && i < WALK_FORMATS; i++) {
		const struct format *f = s->table[i];
		enum sniff sniff = f->sniff(&p->look, p->head);
		enum err e;

		if (sniff == SNIFF_NO ||
		    (part_is_numbers(p) && !look_numbers_are_code(p, f, sniff)))
			continue;
		e = part_walk_as(p, f, UINT32_C(1) << i,
		    sniff == SNIFF_YES && p->kind == CHILD_MEMBER);
		if (error_is_final(s, e))
			return e;
		scan_error(s, p, e);
	}
	return ERR_OK;
}

enum err
part_walk(struct part *p)
{
	enum err e;

	if ((e = level_take(p->scan, &p->level)) != ERR_OK)
		return e;
	e = part_look(p);
	if (e != ERR_OK && e != ERR_SHORT)
		return e;
	scan_error(p->scan, p, e);
	if ((e = part_walk_all(p)) != ERR_OK)
		return e;
	if (p->format != NULL)
		return ERR_OK;
	if (part_is_numbers(p))
		return look_program(p);
	return part_other(p);
}

/*
 * The path of a child: the parent's, "!", the child's name; bounded, never
 * empty, and a C string: a NUL in a name is shown as the two characters \0.
 */
static size_t
where_write(char *to, size_t room, const char *parent, const struct child *c)
{
	size_t at = 0;
	int n =
	    snprintf(to, room, "%s%s", parent, parent[0] == '\0' ? "" : "!");

	if (n > 0)
		at = (size_t)n < room ? (size_t)n : room - 1;
	if (c->name_size == 0)
		at += (size_t)snprintf(to + at, room - at, "(unnamed)");
	for (size_t i = 0; i < c->name_size && at + 2 < room; i++) {
		if (c->name[i] == '\0')
			to[at++] = '\\';
		to[at++] = c->name[i] == '\0' ? '0' : c->name[i];
	}
	to[at < room ? at : room - 1] = '\0';
	return at < room ? at : room - 1;
}

/* The path in the report's arena, in the place of the last one of this depth
 * about which nothing was said. */
static const char *
where_take(struct scan *s, struct level *level, const char *text, size_t n)
{
	size_t room = (n / SPARE_STEP + 1) * SPARE_STEP;

	if (n >= level->spare_room) {
		if ((level->spare = arena_take(&s->report->arena, room)) ==
		    NULL) {
			level->spare_room = 0;
			s->report->cut = true;
			return "(no memory for its path)";
		}
		level->spare_room = room;
	}
	memcpy(level->spare, text, n + 1);
	return level->spare;
}

/* Was something said since the mark that keeps the path in use? */
static bool
report_grew(const struct report *r, const struct report_mark *mark)
{
	return r->finding_count != mark->findings ||
	    r->import_count != mark->imports ||
	    r->member_count != mark->members;
}

/* Does the child end where the file ends?  An unpacked one is as whole as what
 * it is unpacked from. */
static bool
child_at_end(const struct walk *parent, const struct source *bytes)
{
	const struct source *up = &parent->part->bytes;

	if (!parent->part->at_end || bytes->ops != up->ops ||
	    bytes->fd != up->fd || bytes->memory != up->memory ||
	    bytes->context != up->context || bytes->base < up->base)
		return parent->part->at_end;
	return bytes->size >= up->size - (bytes->base - up->base);
}

/* Say in the tree what the child was; what is no format and says nothing is
 * listed only if it is a file. */
static void
child_list(struct part *p, const struct report_mark *before, size_t listed)
{
	struct report *r = p->scan->report;
	bool quiet = r->finding_count == before->findings &&
	    r->import_count == before->imports &&
	    r->member_count == before->members + 1;

	if (listed == r->member_count)
		return; /* the tree was full */
	if (p->format != NULL)
		r->members[listed].format = p->name;
	else if (p->kind != CHILD_MEMBER && quiet)
		r->member_count = listed;
}

/* Sniff and walk a child in its own level, under its own path. */
static enum err
child_walk(struct part *p, const struct child *child, const char *parent)
{
	struct scan *s = p->scan;
	struct report_mark before = report_mark(s->report);
	char where[LIMIT_WHERE + 1];
	struct level *level;
	enum err e;

	if ((e = level_take(s, &level)) != ERR_OK)
		return e;
	p->where = where_take(
	    s, level, where, where_write(where, sizeof(where), parent, child));
	report_member(s->report,
	    &(struct member){ .where = p->where,
		.format = "other",
		.offset = child->offset,
		.size = p->bytes.size });
	e = part_walk(p);
	scan_error(s, p, e);
	child_list(p, &before, before.members);
	if (report_grew(s->report, &before))
		level->spare_room = 0;
	return e;
}

/* One level down, and up again. */
static enum err
child_descend(struct part *p, const struct child *child, struct part *parent)
{
	struct scan *s = p->scan;
	enum budget_what spent = s->budget.spent;
	enum err e;

	if (budget_enter(&s->budget) != ERR_OK) {
		/* This depth is refused, not the rest of the file. */
		s->budget.spent = spent;
		report_find(s->report, RULE_SCAN_LIMIT, parent->where,
		    child->offset, "%s", budget_name(BUDGET_DEPTH));
		return ERR_OK;
	}
	s->depth++;
	e = child_walk(p, child, parent->where);
	s->depth--;
	budget_leave(&s->budget);
	return e;
}

/* Remember what was found in a stream, and where, unless it was decoded. */
static void
part_nested(struct part *up, const struct part *p, const struct source *bytes)
{
	up->nested |= p->formats;
	if (p->formats == 0 || bytes->ops != up->bytes.ops ||
	    bytes->fd != up->bytes.fd || bytes->memory != up->bytes.memory ||
	    bytes->context != up->bytes.context ||
	    bytes->base < up->bytes.base || bytes->size == SOURCE_UNENDING)
		return;
	up->nested_at = bytes->base - up->bytes.base;
	up->nested_end = up->nested_at + bytes->size;
}

static enum err
walk_child(struct visit *v, const struct child *child,
    const struct source *bytes, struct child_result *result)
{
	struct walk *w = (struct walk *)v;
	struct part *up = w->part;
	struct scan *s = up->scan;
	enum verdict before = s->report->verdict;
	struct part p = { .scan = s,
		.kind = child->kind,
		.bytes = *bytes,
		.front = child->front,
		.front_size = child->front_size,
		.beside = up->beside || v->in_place,
		.at_end = child_at_end(w, bytes) };
	enum err e;

	if ((e = budget_take(&s->budget, BUDGET_MEMBERS, 1)) != ERR_OK ||
	    (e = budget_check(&s->budget)) != ERR_OK) {
		scan_error(s, up, e);
		return e;
	}
	s->report->verdict = VERDICT_CLEAN;
	e = child_descend(&p, child, up);
	if (child->kind == CHILD_NESTED)
		part_nested(up, &p, bytes);
	if (result != NULL)
		*result = (struct child_result){ .format = p.format,
			.verdict = s->report->verdict };
	s->report->verdict = verdict_worse(s->report->verdict, before);
	return e;
}
