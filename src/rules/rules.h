/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules: YARA rules over bytes that could carry code and over facts.
 *
 * Compiled once (in the template that workers are forked from), then only
 * read.  Externals that the engine fills: format, member, imports (one
 * "module.name" a line), text (decoded
 * strings, one a line; "strings" is a word of YARA's own),
 * active (something there could run: rules/README.md).  A rule's meta gives
 * severity, message, reference and, if they differ from what follows, id and
 * verdict; a match becomes the finding "yara.<id or rule>" with the verdict
 * malicious (critical, high), suspicious (medium) or clean (low, info).
 */
#ifndef RULES_RULES_H
#define RULES_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/report.h"

struct rules;

typedef void (*rules_problem_fn)(
    void *context, const char *file, unsigned line, const char *text);

/*
 * Compile every *.yar of the directories (a NULL ends the list; a missing
 * directory is no error, a file is taken whatever its name), in name order.  A
 * file that does not compile is told to problem with file and line and left
 * out; the others load.  Each file is a namespace of its own; includes are
 * refused, and so is every module but math, string and time.
 * ERR_NOMEM; ERR_MALFORMED when at least one file was left out (*out is valid
 * then too).
 */
MUST_USE enum err rules_load(const char *const *dirs, rules_problem_fn problem,
    void *context, struct rules **out);
void rules_free(struct rules *r); /* NULL is fine */
size_t rules_count(const struct rules *r);
/* Of the texts of the files that were taken, in their order: other rules,
 * another number.  It proves nothing against who makes them up. */
uint64_t rules_sum(const struct rules *r);

/* One rule, for "rules list". Strings live as long as the rules. */
struct rules_row {
	const char *file;
	const char *id; /* of its findings: "yara.<rule>" */
	enum severity severity;
	enum verdict verdict;
	const char *message;
	const char *reference; /* "" when none */
};
typedef void (*rules_row_fn)(void *context, const struct rules_row *row);
void rules_each(const struct rules *r, rules_row_fn fn, void *context);

/* Facts for one member. Strings may be hostile; NULL counts as "". */
struct rules_facts {
	const char *format;
	const char *member;
	const char *imports;
	const char *text;
	bool active; /* something there could run */
};

/* Bytes of one member, and where they come from. */
struct rules_block {
	const void *data;
	size_t size;         /* bytes; 0: the facts alone */
	const char *where;   /* the member; outlives the report */
	uint64_t offset;     /* of data in the member, bytes */
	unsigned timeout_ms; /* milliseconds, rounded up to seconds; 0: none */
};

/*
 * Scan a block and add a finding for each matching rule.
 * ERR_LIMIT: timed out; ERR_NOMEM; ERR_BUG.
 */
MUST_USE enum err rules_scan(const struct rules *r,
    const struct rules_facts *facts, const struct rules_block *block,
    struct report *report);

#endif /* RULES_RULES_H */
