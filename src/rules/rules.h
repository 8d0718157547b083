/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules: YARA rules over bytes that could carry code and over facts.
 *
 * Compiled once (in the template that workers are forked from), then only
 * read.  Externals that the engine fills: format, member, imports (one
 * "module.name" a line), strings (one a line).  A rule's meta gives id,
 * severity, message and reference; a match becomes the finding
 * "yara.<rule>".
 */
#ifndef RULES_RULES_H
#define RULES_RULES_H

#include <stddef.h>

#include "base/err.h"
#include "model/report.h"

struct rules;

typedef void (*rules_problem_fn)(
    void *context, const char *file, unsigned line, const char *text);

/*
 * Compile every *.yar of the directories (a NULL ends the list; a missing
 * directory is no error), in name order.  A file that does not compile is told
 * to problem with file and line and left out; the others load.
 * ERR_NOMEM; ERR_MALFORMED when at least one file was left out (*out is valid
 * then too).
 */
MUST_USE enum err rules_load(const char *const *dirs, rules_problem_fn problem,
    void *context, struct rules **out);
void rules_free(struct rules *r); /* NULL is fine */
size_t rules_count(const struct rules *r);

/* Call fn for each rule (for "rules list"). */
typedef void (*rules_row_fn)(void *context, const char *file, const char *id,
    const char *severity, const char *message, const char *reference);
void rules_each(const struct rules *r, rules_row_fn fn, void *context);

/* Facts for one member. Strings may be hostile; NULL counts as "". */
struct rules_facts {
	const char *format;
	const char *member;
	const char *imports;
	const char *strings;
};

/*
 * Scan n bytes (0: the facts alone) and add a finding for each matching rule.
 * offset is where the bytes stand in the member.  timeout in milliseconds, 0:
 * none.  ERR_LIMIT: timed out; ERR_NOMEM; ERR_BUG.
 */
MUST_USE enum err rules_scan(const struct rules *r,
    const struct rules_facts *facts, const void *data, size_t n,
    const char *where, uint64_t offset, unsigned timeout_ms,
    struct report *report);

#endif /* RULES_RULES_H */
