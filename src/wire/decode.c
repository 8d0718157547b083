/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decode: read an ANSWER that may be forged in every byte.
 *
 * Numbers are checked against the enum they stand for, lengths against what is
 * left, counts against the bytes that so many entries would need; a string
 * ends with its NUL and, unless it is a name out of a pickle, has none inside,
 * so that nobody who prints it sees less than its length says.
 */
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "byte/cursor.h"
#include "model/limits.h"
#include "wire/answer.h"
#include "wire/wire.h"

/* A string inside the frame. */
struct span {
	const char *s; /* NUL-terminated, borrowed; NULL: the frame is bad */
	size_t n;      /* bytes, without the NUL */
};

static struct span
take_string(struct cursor *c)
{
	size_t n = cursor_u32le(c);
	const char *s = (const char *)cursor_take(c, n);

	if (s == NULL || cursor_u8(c) != 0 || cursor_check(c) != ERR_OK) {
		c->spent = true;
		return (struct span){ 0 };
	}
	return (struct span){ .s = s, .n = n };
}

/* A C string: no NUL inside. NULL: the frame is bad. */
static const char *
take_text(struct cursor *c)
{
	struct span text = take_string(c);

	if (text.s != NULL && memchr(text.s, '\0', text.n) != NULL)
		c->spent = true;
	return c->spent ? NULL : text.s;
}

/* A number below count. */
static unsigned
take_below(struct cursor *c, unsigned count)
{
	unsigned v = cursor_u8(c);

	if (v >= count)
		c->spent = true;
	return c->spent ? 0 : v;
}

/* A path: the one before, or a new one. */
static const char *
take_where(struct cursor *c, const char *last)
{
	return take_below(c, 2) == 0 ? last : take_text(c);
}

/* A C string of at most n - 1 bytes into out. */
static void
take_into(struct cursor *c, char *out, size_t n)
{
	struct span text = take_string(c);

	if (text.s == NULL || text.n > n - 1 ||
	    memchr(text.s, '\0', text.n) != NULL) {
		c->spent = true;
		return;
	}
	memcpy(out, text.s, text.n);
	out[text.n] = '\0';
}

enum err
wire_answer_length(const void *data, size_t n, size_t max, size_t *length)
{
	struct cursor c = cursor_over(data, n);
	uint8_t magic[4];
	struct put p = put_over(magic, sizeof(magic));
	size_t seen = n < sizeof(magic) ? n : sizeof(magic);
	uint32_t size;

	/* A liar is known by its first byte; nothing need be waited for. */
	put_u32(&p, ANSWER_MAGIC);
	if (n != 0 && memcmp(data, magic, seen) != 0)
		return ERR_PROTO;
	if (n < ANSWER_HEAD) {
		*length = 0;
		return ERR_OK;
	}
	(void)cursor_u32le(&c);
	size = cursor_u32le(&c);
	if (size < ANSWER_MIN || size > max)
		return ERR_PROTO;
	*length = size;
	return ERR_OK;
}

/* The head and the summary; c is left before the report. */
static enum err
take_summary(struct cursor *c, struct wire_summary *out)
{
	size_t n = cursor_left(c);
	struct wire_summary s = { 0 };

	if (cursor_u32le(c) != ANSWER_MAGIC || cursor_u32le(c) != n)
		return ERR_PROTO;
	s.id = cursor_u64le(c);
	s.verdict = (enum verdict)take_below(c, VERDICT_COUNT);
	s.in_place = take_below(c, 2) != 0;
	s.size = cursor_u64le(c);
	s.bytes_read = cursor_u64le(c);
	s.elapsed_us = cursor_u64le(c);
	take_into(c, s.format, sizeof(s.format));
	take_into(c, s.rule, sizeof(s.rule));
	take_into(c, s.message, sizeof(s.message));
	take_into(c, s.where, sizeof(s.where));
	if (cursor_check(c) != ERR_OK)
		return ERR_PROTO;
	*out = s;
	return ERR_OK;
}

enum err
wire_summary_decode(const void *frame, size_t n, struct wire_summary *out)
{
	struct cursor c = cursor_over(frame, n);

	if (n < ANSWER_MIN || n > WIRE_REPORT_MAX)
		return ERR_PROTO;
	return take_summary(&c, out);
}

/*
 * The count of a list whose entries take at least least bytes each, and
 * zeroed memory for them in *entries.  A count that the rest of the frame
 * can't hold, or that no report may have, is a lie.
 */
static enum err
take_count(struct cursor *c, const size_t least_size_limit[3], void **entries,
    size_t *count)
{
	uint32_t n = cursor_u32le(c);

	*entries = NULL;
	if (cursor_check(c) != ERR_OK || n > least_size_limit[2] ||
	    n > cursor_left(c) / least_size_limit[0])
		return ERR_PROTO;
	if (n != 0 && (*entries = calloc(n, least_size_limit[1])) == NULL)
		return ERR_NOMEM;
	*count = n;
	return ERR_OK;
}

static enum err
take_findings(struct cursor *c, struct finding **out, size_t *count)
{
	static const size_t size[3] = { ANSWER_FINDING, sizeof(**out),
		LIMIT_FINDINGS };
	void *entries;
	const char *where = "";
	enum err e = take_count(c, size, &entries, count);

	*out = entries;
	for (size_t i = 0; e == ERR_OK && i < *count; i++) {
		struct finding *f = &(*out)[i];

		f->severity = (enum severity)take_below(c, SEVERITY_COUNT);
		f->verdict = (enum verdict)take_below(c, VERDICT_COUNT);
		f->offset = cursor_u64le(c);
		f->count = cursor_u32le(c);
		f->rule = take_text(c);
		f->message = take_text(c);
		f->evidence = take_text(c);
		f->where = where = take_where(c, where);
		if (cursor_check(c) != ERR_OK)
			e = ERR_PROTO;
	}
	return e;
}

static enum err
take_imports(struct cursor *c, struct import **out, size_t *count)
{
	static const size_t size[3] = { ANSWER_IMPORT, sizeof(**out),
		LIMIT_IMPORTS };
	void *entries;
	const char *where = "";
	enum err e = take_count(c, size, &entries, count);

	*out = entries;
	for (size_t i = 0; e == ERR_OK && i < *count; i++) {
		struct import *m = &(*out)[i];
		struct span module, name;

		m->use = (enum use)take_below(c, USE_COUNT);
		m->verdict = (enum verdict)take_below(c, VERDICT_COUNT);
		m->offset = cursor_u64le(c);
		module = take_string(c);
		name = take_string(c);
		m->module = module.s;
		m->module_size = module.n;
		m->name = name.s;
		m->name_size = name.n;
		m->reason = take_text(c);
		m->where = where = take_where(c, where);
		if (cursor_check(c) != ERR_OK)
			e = ERR_PROTO;
	}
	return e;
}

static enum err
take_members(struct cursor *c, struct member **out, size_t *count)
{
	static const size_t size[3] = { ANSWER_MEMBER, sizeof(**out),
		LIMIT_TREE };
	void *entries;
	const char *where = "";
	enum err e = take_count(c, size, &entries, count);

	*out = entries;
	for (size_t i = 0; e == ERR_OK && i < *count; i++) {
		struct member *m = &(*out)[i];

		m->offset = cursor_u64le(c);
		m->size = cursor_u64le(c);
		m->format = take_text(c);
		m->where = where = take_where(c, where);
		if (cursor_check(c) != ERR_OK)
			e = ERR_PROTO;
	}
	return e;
}

static enum err
take_lines(struct cursor *c, struct line **out, size_t *count)
{
	static const size_t size[3] = { ANSWER_LINE, sizeof(**out),
		LIMIT_LINES };
	void *entries;
	const char *where = "";
	enum err e = take_count(c, size, &entries, count);

	*out = entries;
	for (size_t i = 0; e == ERR_OK && i < *count; i++) {
		struct line *l = &(*out)[i];

		l->verdict = (enum verdict)take_below(c, VERDICT_COUNT);
		l->offset = cursor_u64le(c);
		l->skipped = cursor_u64le(c);
		l->text = take_text(c);
		l->why = take_text(c);
		l->where = where = take_where(c, where);
		if (cursor_check(c) != ERR_OK)
			e = ERR_PROTO;
	}
	return e;
}

/* The report behind the summary; got's lists are the caller's to free. */
static enum err
take_report(struct cursor *c, struct report *got)
{
	bool failed;
	enum err e;

	got->cut = take_below(c, 2) != 0;
	got->format = take_text(c);
	failed = take_below(c, 2) != 0;
	got->error = take_text(c);
	if (cursor_check(c) != ERR_OK)
		return ERR_PROTO;
	if (!failed)
		got->error = NULL;
	/* There is no path from an error to clean, in a forged one either. */
	if (failed)
		got->verdict = verdict_worse(got->verdict, VERDICT_UNVERIFIED);
	e = take_findings(c, &got->findings, &got->finding_count);
	if (e == ERR_OK)
		e = take_imports(c, &got->imports, &got->import_count);
	if (e == ERR_OK)
		e = take_members(c, &got->members, &got->member_count);
	if (e == ERR_OK)
		e = take_lines(c, &got->lines, &got->line_count);
	got->lines_skipped = cursor_u64le(c);
	if (e == ERR_OK && cursor_check(c) != ERR_OK)
		e = ERR_PROTO;
	return e == ERR_OK && cursor_left(c) != 0 ? ERR_PROTO : e;
}

/* Put what was decoded in the place of what r had, but for its arena. */
static void
report_adopt(struct report *r, const struct report *got)
{
	struct arena arena = r->arena;

	free(r->findings);
	free(r->imports);
	free(r->import_hash);
	free(r->members);
	free(r->lines);
	*r = *got;
	r->arena = arena;
	r->finding_room = r->finding_count;
	r->import_room = r->import_count;
	r->member_room = r->member_count;
	r->line_room = r->line_count;
}

enum err
wire_report_decode(const void *frame, size_t n, struct report *r)
{
	struct cursor c = cursor_over(frame, n);
	struct report got = { 0 };
	struct wire_summary s;
	const char *copy;
	enum err e;

	if (n < ANSWER_MIN || n > WIRE_REPORT_MAX)
		return ERR_PROTO;
	if ((e = take_summary(&c, &s)) != ERR_OK)
		return e;
	got.verdict = s.verdict;
	got.in_place = s.in_place;
	got.size = s.size;
	got.bytes_read = s.bytes_read;
	got.elapsed_us = s.elapsed_us;
	/* One copy holds all strings: they are NUL-terminated where they lie.
	 */
	n = cursor_left(&c);
	if ((copy = arena_copy(&r->arena, c.at, n)) == NULL)
		return ERR_NOMEM;
	c = cursor_over(copy, n);
	if ((e = take_report(&c, &got)) != ERR_OK) {
		free(got.findings);
		free(got.imports);
		free(got.members);
		free(got.lines);
		return e;
	}
	report_adopt(r, &got);
	return ERR_OK;
}
