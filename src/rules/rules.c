/* SPDX-License-Identifier: Apache-2.0 */
/* rules: one scan of one block with the facts of its member. */
#include "rules/rules.h"

#include <string.h>

#include "rules/rules_priv.h"

enum { EVIDENCE_MAX = 80 }; /* bytes of a match that are shown */

struct matching {
	const struct rules *rules;
	struct report *report;
	const struct rules_block *block;
};

/*
 * The first match of any string of the rule.  False: it looked at facts alone.
 * libyara packs its matches without regard to alignment, so each is copied
 * out before it is looked at.
 */
static bool
first_match(YR_SCAN_CONTEXT *scan, const YR_RULE *rule, YR_MATCH *first)
{
	const YR_STRING *string;
	bool found = false;

	yr_rule_strings_foreach(rule, string)
	{
		const void *next = scan->matches[string->idx].head;

		while (next != NULL) {
			YR_MATCH match;

			memcpy(&match, next, sizeof(match));
			next = match.next;
			if (match.is_private ||
			    (found && match.offset >= first->offset))
				continue;
			*first = match;
			found = true;
		}
	}
	return found;
}

/* What matched, as printable ASCII. */
static void
evidence_write(const YR_MATCH *match, char out[EVIDENCE_MAX + 1])
{
	size_t n = 0;

	while (n < EVIDENCE_MAX && n < (size_t)match->data_length) {
		uint8_t c = match->data[n];

		out[n++] = c >= ' ' && c <= '~' ? (char)c : '.';
	}
	out[n] = '\0';
}

static void
rule_found(const struct matching *m, YR_SCAN_CONTEXT *scan, const YR_RULE *rule)
{
	YR_MATCH match = { 0 };
	bool bytes = first_match(scan, rule, &match);
	/* The rows are in the order of libyara's table. */
	const struct rules_row *row =
	    &m->rules->rows[rule - m->rules->compiled->rules_table];
	char evidence[EVIDENCE_MAX + 1];

	evidence_write(&match, evidence);
	report_find_as(m->report,
	    &(struct finding){ .rule = row->id,
		.severity = row->severity,
		.verdict = row->verdict,
		.message = row->message,
		.where = m->block->where,
		.offset =
		    m->block->offset + (bytes ? (uint64_t)match.offset : 0),
		.evidence = evidence });
}

static int
on_scan(YR_SCAN_CONTEXT *scan, int message, void *data, void *context)
{
	const struct matching *m = context;

	if (message == CALLBACK_MSG_RULE_MATCHING)
		rule_found(m, scan, data);
	/* Too many matches of one string is an attack on this scan: the
	 * others go on. */
	return CALLBACK_CONTINUE;
}

static bool
define(YR_SCANNER *s, const char *name, const char *value)
{
	return yr_scanner_define_string_variable(
		   s, name, value == NULL ? "" : value) == ERROR_SUCCESS;
}

/* libyara counts whole seconds; 0 is no limit. */
static int
seconds(unsigned ms)
{
	return (int)(ms / 1000 + (ms % 1000 != 0));
}

enum err
rules_scan(const struct rules *r, const struct rules_facts *facts,
    const struct rules_block *block, struct report *report)
{
	struct matching m = { r, report, block };
	/* libyara takes no empty buffer. */
	const uint8_t nothing[1] = { 0 };
	bool bytes = block->size > 0;

	if (r->count == 0)
		return ERR_OK;
	if (!define(r->scanner, "format", facts->format) ||
	    !define(r->scanner, "member", facts->member) ||
	    !define(r->scanner, "imports", facts->imports) ||
	    !define(r->scanner, "text", facts->text) ||
	    yr_scanner_define_boolean_variable(
		r->scanner, "active", facts->active) != ERROR_SUCCESS)
		return ERR_NOMEM;
	yr_scanner_set_callback(r->scanner, on_scan, &m);
	yr_scanner_set_timeout(r->scanner, seconds(block->timeout_ms));
	/* Memory of ours cannot fault, so libyara need catch no signal. */
	yr_scanner_set_flags(r->scanner,
	    SCAN_FLAGS_FAST_MODE | SCAN_FLAGS_NO_TRYCATCH |
		SCAN_FLAGS_REPORT_RULES_MATCHING);
	switch (yr_scanner_scan_mem(r->scanner, bytes ? block->data : nothing,
	    bytes ? block->size : sizeof(nothing))) {
	case ERROR_SUCCESS:
		return ERR_OK;
	case ERROR_SCAN_TIMEOUT:
		return ERR_LIMIT;
	case ERROR_INSUFFICIENT_MEMORY:
		return ERR_NOMEM;
	default:
		return ERR_BUG;
	}
}
