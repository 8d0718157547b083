/* SPDX-License-Identifier: Apache-2.0 */
/* engine: the beginning and the end of one scan, and what becomes of errors. */
#include "engine/engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/own.h"
#include "base/sort.h"
#include "engine/walk.h"
#include "format/archive.h"
#include "rules/rules.h"

/* A fact is cut here: what a policy objects to stands in front. */
enum { IMPORTS_MAX = 256 * 1024 };

static struct budget
budget_of(uint64_t bytes)
{
	return (struct budget){ .bytes = bytes,
		.members = LIMIT_MEMBERS,
		.opcodes = LIMIT_OPCODES,
		.memory = LIMIT_MEMORY,
		.depth = LIMIT_DEPTH,
		.deadline = clock_now() + LIMIT_SCAN_SECONDS * CLOCK_NS_PER_S };
}

struct budget
engine_budget_scan(void)
{
	return budget_of(LIMIT_SCAN_BYTES);
}

struct budget
engine_budget_open(void)
{
	return budget_of(LIMIT_OPEN_BYTES);
}

/* The scan itself failed: nobody's file is to blame, and none is cleared. */
static void
scan_failed(struct scan *s, const struct part *p, enum err e)
{
	const char *why = e == ERR_SYS ? strerror(errno) : NULL;
	char text[LIMIT_EVIDENCE];
	int n;

	if (s->report->error != NULL)
		return; /* the same failure, on its way up */
	n = snprintf(text, sizeof(text), "%s%s%s", err_text(e),
	    why == NULL ? "" : ": ", why == NULL ? "" : why);
	s->report->error = n > 0 && (size_t)n < sizeof(text)
	    ? report_text(s->report, text, (size_t)n)
	    : err_text(e);
	if (s->report->error[0] == '\0')
		s->report->error = err_text(e); /* no memory for a copy */
	report_find(
	    s->report, RULE_SCAN_FAILED, p->where, 0, "%s", s->report->error);
}

static void
scan_limit(struct scan *s, const struct part *p)
{
	enum budget_what spent = s->budget.spent;

	if (spent == BUDGET_NOTHING) {
		report_find(s->report, RULE_SCAN_LIMIT, p->where, 0, NULL);
		return;
	}
	if (!s->limit_said)
		report_find(s->report, RULE_SCAN_LIMIT, p->where, 0, "%s",
		    budget_name(spent));
	s->limit_said = true;
}

void
scan_error(struct scan *s, const struct part *p, enum err e)
{
	bool unfinished = s->options->growing && p->at_end;

	switch (e) {
	case ERR_OK:
		return;
	case ERR_SHORT:
		report_find(s->report,
		    unfinished ? RULE_FILE_GROWING : RULE_FILE_TRUNCATED,
		    p->where, 0, NULL);
		return;
	case ERR_MALFORMED:
		report_find(s->report, RULE_FILE_MALFORMED, p->where, 0, NULL);
		return;
	case ERR_UNSUPPORTED:
		report_find(
		    s->report, RULE_FILE_UNSUPPORTED, p->where, 0, NULL);
		return;
	case ERR_LIMIT:
		scan_limit(s, p);
		return;
	case ERR_NOMEM:
	case ERR_SYS:
	case ERR_PROTO:
	case ERR_USAGE:
	case ERR_BUG:
	case ERR_COUNT:
		break;
	}
	scan_failed(s, p, e);
}

static void
scan_free(struct scan *s)
{
	for (size_t i = 0; i < sizeof(s->levels) / sizeof(s->levels[0]); i++) {
		if (s->levels[i] == NULL)
			continue;
		buf_free(&s->levels[i]->code);
		buf_free(&s->levels[i]->strings);
		free(s->levels[i]);
	}
	buf_free(&s->imports);
}

/* Walk the file itself. */
static void
scan_root(struct scan *s, const struct source *bytes)
{
	struct part root = { .scan = s,
		.where = "",
		.kind = CHILD_MEMBER,
		.bytes = *bytes,
		.at_end = true };

	root.bytes.budget = &s->budget;
	scan_error(s, &root, part_walk(&root));
	if (root.name != NULL)
		s->report->format = root.name;
	s->report->in_place = root.in_place;
}

void
engine_scan_table(const struct engine_options *options,
    const struct format *const *table, const struct source *bytes,
    struct report *report)
{
	AUTO(scan)
	struct scan s = { .options = options,
		.table = table,
		.budget = options->budget,
		.report = report,
		.imports = buf_new(IMPORTS_MAX) };
	uint64_t start = clock_now();

	if (s.budget.depth > LIMIT_DEPTH)
		s.budget.depth = LIMIT_DEPTH; /* there are so many levels */
	report->size = bytes->size;
	scan_root(&s, bytes);
	report->bytes_read = s.budget.read;
	report->elapsed_us = (clock_now() - start) / CLOCK_NS_PER_US;
}

void
engine_prepare(void)
{
	archive_prepare();
	sort_prepare();
}

void
engine_scan_fd(const struct engine_options *options, int fd, uint64_t size,
    struct report *report)
{
	struct source bytes = source_fd(fd, size, NULL);

	engine_scan_table(options, formats, &bytes, report);
}

void
engine_scan_memory(const struct engine_options *options, const void *data,
    size_t size, struct report *report)
{
	struct source bytes = source_memory(data, size, NULL);

	engine_scan_table(options, formats, &bytes, report);
}
