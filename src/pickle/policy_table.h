/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_table: what a policy is made of; for the files policy*.c alone.
 *
 * One hash table from pattern to entry.  Looking a name up probes it once for
 * each pattern that could match, from the most specific on: the number of
 * probes depends on the dots of the module, never on the number of rules.
 */
#ifndef PICKLE_POLICY_TABLE_H
#define PICKLE_POLICY_TABLE_H

#include "base/arena.h"
#include "pickle/policy.h"

/* Dots that a module of a rule may have: the deepest honest one has seven.
 * Bounds the probes of one look-up. */
#define POLICY_DEPTH 12u

enum policy_name_kind { POLICY_NAME_EXACT, POLICY_NAME_CLASS, POLICY_NAME_ANY };

/* A stretch of text that ends by its size. */
struct policy_span {
	const char *at;
	size_t size; /* bytes */
};

struct policy_pattern {
	struct policy_span module; /* without ".*"; empty: any module */
	struct policy_span name;   /* empty unless the kind is exact */
	bool below;                /* "pkg.*" or "*" */
	enum policy_name_kind kind;
};

struct policy_entry {
	struct policy_rule rule;
	struct policy_pattern pattern;
	const char *module, *name; /* as written */
	uint64_t hash;
	uint32_t older; /* index + 1 of the entry that this one replaces */
	unsigned layer; /* files of one directory share a layer */
};

struct policy {
	struct arena arena;
	struct policy_entry *entries;
	size_t count, room;
	size_t patterns; /* entries that are not replaced */
	uint32_t *table; /* index + 1 by hash; a power of two */
	size_t table_room;
	unsigned layer;
	bool layer_open; /* policy_add_dir() is at work */
	const char *last_reason, *last_reference;
};

/* A rule as parsed; spans point into the line. */
struct policy_line {
	enum policy_action action;
	struct policy_pattern pattern;
	struct policy_span module, name, reason, reference;
};

/*
 * Parse one line without its newline.  True and *out; or false with a
 * sentence for people in problem[size]; or false and an empty one for a line
 * without a rule.
 */
bool policy_parse_line(struct policy_span line, struct policy_line *out,
    char *problem, size_t size);

/* Enter a parsed line, replacing an equal pattern. ERR_NOMEM, ERR_LIMIT. */
MUST_USE enum err policy_enter(struct policy *p, const struct policy_line *line,
    const char *file, unsigned number);

/* The entry that decides one literal pair. NULL: none. */
const struct policy_entry *policy_entry_find(
    const struct policy *p, struct policy_span module, struct policy_span name);

/* The entry for an exact name in any module. NULL: none. */
const struct policy_entry *policy_entry_anywhere(
    const struct policy *p, struct policy_span name);

/* Is it what a class is called: "_"* then an upper case letter, then letters,
 * digits and "_"? */
bool policy_class_like(struct policy_span name);

/* How bad a rule is: rising, for comparing wildcards. */
unsigned policy_action_rank(enum policy_action action);

#endif /* PICKLE_POLICY_TABLE_H */
