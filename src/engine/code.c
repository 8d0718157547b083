/* SPDX-License-Identifier: Apache-2.0 */
/*
 * code: gather what could carry code, and have the rules look at it.
 *
 * Walkers hand over bytes and strings in blocks of any size; the rules see
 * them in large ones, with the facts of the member, at the latest when its
 * walk ends.  Nothing is dropped: a full block is scanned at once.  A rule
 * failure costs the rule's finding, and is itself one.
 */
#include <string.h>

#include "base/ckd.h"
#include "base/clock.h"
#include "engine/walk.h"
#include "rules/rules.h"

enum {
	RAW_BLOCK = 64 * 1024, /* bytes read at once from a part as it is */
};

void
code_drop(struct level *level)
{
	buf_clear(&level->code);
	buf_clear(&level->strings);
	level->code_at = 0;
	level->code_seen = 0;
}

/* Add "module.name" lines of this member's imports that the policy objects to,
 * or those that it does not. */
static void
imports_add(struct walk *w, bool objected)
{
	struct scan *s = w->part->scan;
	const struct report *r = s->report;

	for (size_t i = w->imports_from; i < r->import_count; i++) {
		const struct import *import = &r->imports[i];

		if (import->where != w->visit.where ||
		    (import->verdict > VERDICT_UNKNOWN) != objected)
			continue;
		if (buf_printf(&s->imports, "%s.%s\n", import->module,
			import->name) != ERR_OK)
			return; /* the fact is cut, see IMPORTS_MAX */
	}
}

static const char *
imports_text(struct walk *w)
{
	struct buf *imports = &w->part->scan->imports;

	buf_clear(imports);
	imports_add(w, true);
	imports_add(w, false);
	return buf_text(imports);
}

/*
 * Could something there run?  A script can; a stream that names nothing but
 * constructors of data cannot, so that a vocabulary of shell commands is no
 * attack.
 */
static bool
is_active(const struct walk *w)
{
	const struct report *r = w->part->scan->report;

	for (size_t i = w->imports_from; i < r->import_count; i++)
		if (r->imports[i].verdict > VERDICT_CLEAN)
			return true;
	return w->script;
}

/* Milliseconds that are left of the scan: 0 would mean no limit. */
static unsigned
time_left(const struct budget *b)
{
	uint64_t now = clock_now();

	if (b->deadline == 0)
		return 0;
	if (now >= b->deadline)
		return 1;
	return (unsigned)ckd_min(
	    (b->deadline - now) / CLOCK_NS_PER_MS + 1, UINT32_MAX);
}

/* The rules over the block and all that is known of the member so far. */
static void
code_scan(struct walk *w)
{
	struct scan *s = w->part->scan;
	struct level *level = w->part->level;
	struct rules_facts facts = { .format = w->visit.name,
		.member = w->visit.where,
		.imports = imports_text(w),
		.text = buf_text(&level->strings),
		.active = is_active(w) };
	struct rules_block block = { .data = level->code.data,
		.size = level->code.size,
		.where = w->visit.where,
		.offset = level->code_at,
		.timeout_ms = time_left(&s->budget) };
	enum err e;

	e = rules_scan(s->options->rules, &facts, &block, s->report);
	if (e == ERR_LIMIT)
		budget_exhaust(&s->budget, BUDGET_TIME);
	scan_error(s, w->part, e);
}

/* Keep the end of a scanned block as the beginning of the next. */
static void
code_turn(struct level *level)
{
	size_t keep = (size_t)ckd_min(level->code.size, CODE_OVERLAP);
	size_t gone = level->code.size - keep;

	if (keep > 0)
		memmove(level->code.data, level->code.data + gone, keep);
	level->code.size = keep;
	level->code_at += gone;
	level->code_seen = keep;
}

void
code_add(struct visit *v, const void *data, size_t n)
{
	struct walk *w = (struct walk *)v;
	struct level *level = w->part->level;
	const uint8_t *from = data;

	if (w->part->scan->options->rules == NULL)
		return;
	while (n > 0) {
		size_t take = (size_t)ckd_min(n, CODE_BLOCK - level->code.size);
		enum err e = buf_add(&level->code, from, take);

		if (e != ERR_OK) {
			scan_error(w->part->scan, w->part, e);
			return;
		}
		from += take;
		n -= take;
		if (level->code.size < CODE_BLOCK)
			continue;
		code_scan(w);
		code_turn(level);
	}
}

/* A fact is a C string: a NUL would hide what stands behind it. */
static void
nul_to_space(struct buf *b, size_t from)
{
	for (size_t i = from; i < b->size; i++)
		if (b->data[i] == '\0')
			b->data[i] = ' ';
}

void
code_string(struct visit *v, const char *text, size_t n)
{
	struct walk *w = (struct walk *)v;
	struct level *level = w->part->level;
	struct buf *strings = &level->strings;
	size_t from;

	if (w->part->scan->options->rules == NULL)
		return;
	if (n >= STRINGS_MAX)
		n = STRINGS_MAX - 1; /* one string fills the fact */
	if (n >= STRINGS_MAX - strings->size) {
		code_scan(w);
		code_turn(level);
		buf_clear(strings);
	}
	from = strings->size;
	if (buf_add(strings, text, n) != ERR_OK ||
	    buf_add(strings, "\n", 1) != ERR_OK)
		scan_error(w->part->scan, w->part, ERR_NOMEM);
	nul_to_space(strings, from);
}

void
code_finish(struct walk *w)
{
	struct level *level = w->part->level;
	const struct report *r = w->part->scan->report;

	if (w->part->scan->options->rules != NULL &&
	    (level->code.size > level->code_seen || level->strings.size > 0 ||
		r->import_count > w->imports_from))
		code_scan(w);
	code_drop(level);
}

enum err
code_raw(struct walk *w, uint64_t max)
{
	struct scan *s = w->part->scan;
	uint8_t block[RAW_BLOCK];
	size_t got = 1;
	enum err e = ERR_OK;

	if (s->options->rules == NULL)
		return ERR_OK;
	for (uint64_t at = 0; at < max && got > 0; at += got) {
		if ((e = budget_check(&s->budget)) != ERR_OK ||
		    (e = source_read_some(&w->part->bytes, at, block,
			 sizeof(block), &got)) != ERR_OK)
			return e;
		code_add(&w->visit, block, got);
	}
	return ERR_OK;
}
