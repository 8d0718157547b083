/* SPDX-License-Identifier: Apache-2.0 */
/* report: growth under ceilings, one entry for one fact. */
#include "model/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "base/own.h"
#include "base/text.h"
#include "model/limits.h"

enum { ROOM_FIRST = 16 };

static const char *const use_names[USE_COUNT] = { "import", "setstate",
	"construct", "call" };

const char *
use_name(enum use use)
{
	return use_names[(unsigned)use < USE_COUNT ? use : USE_IMPORT];
}

void
report_init(struct report *r)
{
	*r = (struct report){ .arena = arena_new(LIMIT_REPORT_BYTES),
		.format = "other" };
}

void
report_free(struct report *r)
{
	if (r == NULL)
		return;
	arena_free(&r->arena);
	free(r->findings);
	free(r->imports);
	free(r->import_hash);
	free(r->members);
	free(r->lines);
	*r = (struct report){ .format = "other" };
}

struct report_mark
report_mark(const struct report *r)
{
	return (struct report_mark){ .verdict = r->verdict,
		.findings = r->finding_count,
		.imports = r->import_count,
		.members = r->member_count,
		.lines = r->line_count,
		.lines_skipped = r->lines_skipped,
		.cut = r->cut };
}

/* where is hashed by address: each member's path is one string. */
static uint64_t
import_hash(const struct import *i)
{
	uint64_t h = FNV_START ^ (uintptr_t)i->where;

	h = fnv_add(h, i->module, i->module_size);
	h = fnv_add(h ^ 0xff, i->name, i->name_size);
	return h ^ h >> 29;
}

static bool
import_same(const struct import *a, const struct import *b)
{
	return a->where == b->where && a->module_size == b->module_size &&
	    a->name_size == b->name_size &&
	    memcmp(a->module, b->module, a->module_size) == 0 &&
	    memcmp(a->name, b->name, a->name_size) == 0;
}

/* The slot of an import: taken by the same one, or empty. */
static uint32_t *
import_slot(struct report *r, const struct import *i)
{
	size_t mask = r->import_hash_room - 1;
	size_t at = import_hash(i) & mask;

	while (r->import_hash[at] != 0 &&
	    !import_same(&r->imports[r->import_hash[at] - 1], i))
		at = (at + 1) & mask;
	return &r->import_hash[at];
}

/* Room for one more element of size bytes; the array pointer is *array. */
static bool
grow(void **array, size_t *room, size_t count, size_t size, size_t max)
{
	size_t want = *room == 0 ? ROOM_FIRST : *room * 2;
	void *grown;

	if (count >= max)
		return false;
	if (count < *room)
		return true;
	if ((grown = realloc(*array, want * size)) == NULL)
		return false;
	*array = grown;
	*room = want;
	return true;
}

/* Build the hash anew, with at least twice as many slots as imports. */
static bool
import_rehash(struct report *r)
{
	size_t room =
	    r->import_hash_room == 0 ? ROOM_FIRST * 4 : r->import_hash_room;
	uint32_t *slots;

	while (room < (r->import_count + 1) * 2)
		room *= 2;
	if ((slots = calloc(room, sizeof(*slots))) == NULL)
		return false;
	free(r->import_hash);
	r->import_hash = slots;
	r->import_hash_room = room;
	for (size_t i = 0; i < r->import_count; i++)
		*import_slot(r, &r->imports[i]) = (uint32_t)i + 1;
	return true;
}

void
report_rewind(struct report *r, const struct report_mark *mark)
{
	bool imports = r->import_count != mark->imports;

	r->verdict = mark->verdict;
	r->finding_count = mark->findings;
	r->import_count = mark->imports;
	r->member_count = mark->members;
	r->line_count = mark->lines;
	r->lines_skipped = mark->lines_skipped;
	r->cut = mark->cut;
	if (imports && r->import_hash != NULL && !import_rehash(r))
		r->cut = true;
}

static void
report_cut(struct report *r)
{
	r->cut = true;
	r->verdict =
	    verdict_worse(r->verdict, rule_row(RULE_SCAN_CUT)->verdict);
}

/* The same fact said before, or NULL. */
static struct finding *
finding_same(struct report *r, const struct finding *f)
{
	for (size_t i = r->finding_count; i > 0; i--) {
		struct finding *old = &r->findings[i - 1];

		if (old->where == f->where && strcmp(old->rule, f->rule) == 0 &&
		    strcmp(old->evidence, f->evidence) == 0)
			return old;
	}
	return NULL;
}

/*
 * How many findings there may be before one with this verdict.  The worse it
 * is, the more: somebody who names a thousand harmless oddities must not be
 * able to push the one reason that matters out of the report.
 */
static size_t
finding_places(enum verdict verdict)
{
	return LIMIT_FINDINGS * ((size_t)verdict + 1) / VERDICT_COUNT;
}

/* Add f, whose strings are not yet the report's own; its message is so far
 * only the rule's sentence. */
static void
finding_add(struct report *r, const struct finding *f)
{
	struct finding own = *f;

	if (!grow((void **)&r->findings, &r->finding_room, r->finding_count,
		sizeof(*r->findings), finding_places(f->verdict))) {
		r->cut = true;
		return;
	}
	own.rule = report_text(r, f->rule, strlen(f->rule));
	own.evidence = report_text(r, f->evidence, strlen(f->evidence));
	own.message = f->evidence[0] == '\0'
	    ? arena_printf(&r->arena, "%s", f->message)
	    : arena_printf(&r->arena, "%s: %s", f->message, f->evidence);
	if (own.message == NULL) {
		own.message = "";
		r->cut = true;
	}
	own.count = 1;
	r->findings[r->finding_count++] = own;
}

void
report_find_as(struct report *r, const struct finding *finding)
{
	struct finding *same = finding_same(r, finding);

	r->verdict = verdict_worse(r->verdict, finding->verdict);
	if (same == NULL) {
		finding_add(r, finding);
		return;
	}
	if (same->count < UINT32_MAX)
		same->count++;
	same->verdict = verdict_worse(same->verdict, finding->verdict);
	if (finding->severity > same->severity)
		same->severity = finding->severity;
}

/* What a rule's finding is as a step: with evidence, and without. */
static const struct {
	const char *with, *without;
} steps[RULE_COUNT] = {
#define STEP(code, with, without) [RULE_##code] = { with, without },
#include "model/steps.def"
#undef STEP
};

/* text with its "%s", if it has one, as a quoted string. */
static enum err
step_text(struct buf *to, const char *text, const char *evidence)
{
	const char *at = strstr(text, "%s");
	enum err e;

	if (at == NULL)
		return buf_puts(to, text);
	if ((e = buf_add(to, text, (size_t)(at - text))) != ERR_OK ||
	    (e = text_quote(to, evidence, strlen(evidence), false)) != ERR_OK)
		return e;
	return buf_puts(to, at + strlen("%s"));
}

/* A finding of what loading does is a step of it. */
static void
step_add(struct report *r, enum rule rule, const struct finding *f)
{
	AUTO(buf) struct buf text = buf_new(LIMIT_LINE);

	if (!r->explain || (unsigned)rule >= RULE_COUNT ||
	    steps[rule].with == NULL || finding_same(r, f) != NULL)
		return;
	if (step_text(&text,
		f->evidence[0] == '\0' ? steps[rule].without : steps[rule].with,
		f->evidence) != ERR_OK) {
		report_line_skip(r, 1);
		return;
	}
	report_line(r,
	    &(struct line){ .text = buf_text(&text),
		.why = f->verdict == VERDICT_CLEAN ? "" : f->message,
		.where = f->where,
		.offset = f->offset,
		.verdict = f->verdict });
}

void
report_find(struct report *r, enum rule rule, const char *where,
    uint64_t offset, const char *evidence, ...)
{
	const struct rule_row *row = rule_row(rule);
	char text[LIMIT_EVIDENCE + 1] = "";
	struct finding f = { .rule = row->id,
		.severity = row->severity,
		.verdict = row->verdict,
		.message = row->sentence,
		.where = where,
		.offset = offset,
		.evidence = text };
	va_list args;

	if (evidence != NULL) {
		va_start(args, evidence);
		(void)vsnprintf(text, sizeof(text), evidence, args);
		va_end(args);
	}
	step_add(r, rule, &f);
	report_find_as(r, &f);
}

/* Raise what is known of an import that was seen before. */
static void
import_raise(struct import *old, const struct import *new)
{
	if (new->use > old->use)
		old->use = new->use;
	if (new->verdict > old->verdict) {
		old->verdict = new->verdict;
		old->reason = new->reason;
	}
}

size_t
report_import(struct report *r, const struct import *import)
{
	struct import own = *import;
	uint32_t *slot;

	if (own.reason == NULL)
		own.reason = "";
	if (r->import_hash_room < (r->import_count + 1) * 2 &&
	    !import_rehash(r)) {
		report_cut(r);
		return SIZE_MAX;
	}
	slot = import_slot(r, &own);
	if (*slot != 0) {
		import_raise(&r->imports[*slot - 1], &own);
		return *slot - 1;
	}
	own.module = arena_copy(&r->arena, import->module, import->module_size);
	own.name = arena_copy(&r->arena, import->name, import->name_size);
	if (own.module == NULL || own.name == NULL ||
	    !grow((void **)&r->imports, &r->import_room, r->import_count,
		sizeof(*r->imports), LIMIT_IMPORTS)) {
		if (!r->cut)
			report_find(r, RULE_SCAN_CUT, import->where,
			    import->offset, "imports");
		report_cut(r);
		return SIZE_MAX;
	}
	r->imports[r->import_count] = own;
	*slot = (uint32_t)++r->import_count;
	return r->import_count - 1;
}

const char *
report_text(struct report *r, const char *s, size_t n)
{
	const char *copy = arena_copy(&r->arena, s, n);

	if (copy == NULL)
		r->cut = true;
	return copy == NULL ? "" : copy;
}

void
report_member(struct report *r, const struct member *member)
{
	if (!grow((void **)&r->members, &r->member_room, r->member_count,
		sizeof(*r->members), LIMIT_TREE))
		return;
	r->members[r->member_count++] = *member;
}

bool
report_line_fits(const struct report *r, enum verdict verdict)
{
	return r->explain &&
	    r->line_count < LIMIT_LINES * ((size_t)verdict + 1) / VERDICT_COUNT;
}

void
report_line_skip(struct report *r, uint64_t n)
{
	if (r->explain)
		r->lines_skipped += n;
}

void
report_line(struct report *r, const struct line *line)
{
	struct line own = *line;

	if (!r->explain)
		return;
	if (!report_line_fits(r, line->verdict) ||
	    !grow((void **)&r->lines, &r->line_room, r->line_count,
		sizeof(*r->lines), LIMIT_LINES) ||
	    (own.text = arena_copy(
		 &r->arena, line->text, strlen(line->text))) == NULL) {
		report_line_skip(r, 1);
		return;
	}
	own.skipped = r->lines_skipped;
	r->lines_skipped = 0;
	r->lines[r->line_count++] = own;
}
