/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy: what a global that a pickle names is good for.
 *
 * Data, not code: the files of rules/imports, then the user's, one rule a
 * line:
 *
 *	ACTION  MODULE  NAME  "REASON"  [REFERENCE]
 *
 * MODULE and NAME are exact.  MODULE may end in ".*" (the module itself and
 * everything below it) or be "*" (any module).  NAME may be "*" (anything) or
 * "Class*" (a CamelCase identifier without dots: what a class is called).
 *
 * The most specific module that has a rule for the name decides: the exact
 * module, then the longest "pkg.*"; in it the exact name before "Class*" before
 * "*".  A rule for any module with an exact name stands below rules that spell
 * the name out, but no wildcard can be milder than it.  A later file overrides
 * an equal rule of an earlier one.
 *
 * Trust takes no wildcards: allow wants an exact module and name, construct
 * an exact name or "Class*" and no "*" as the module.
 *
 * A policy is immutable once loaded and may be shared by forked processes.
 */
#ifndef PICKLE_POLICY_H
#define PICKLE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "model/report.h"
#include "pickle/pynames.h"

enum policy_action {
	POLICY_NONE,      /* no rule: a module that nobody knows */
	POLICY_ALLOW,     /* builds data, whatever it is given */
	POLICY_CONSTRUCT, /* a class: may be made and given state, not called
			   * with arguments of its own (REDUCE is a call) */
	POLICY_UNKNOWN,   /* known of, judged neither way */
	POLICY_ARGS,      /* judged by what it is given (pickle/call.c) */
	POLICY_KNOWN,     /* of a known library, no data constructor: naming
			   * it is suspicious, calling it malicious */
	POLICY_SUSPECT,   /* suspicious however it is used */
	POLICY_DENY,      /* naming it is malicious */
	POLICY_ACTION_COUNT
};

struct policy_rule {
	enum policy_action action;
	const char *reason;    /* for people; static as long as the policy */
	const char *reference; /* "" when none */
	const char *file;      /* where it stands */
	unsigned line;
};

struct policy;

/* A problem in a policy file; file and line are in the text for people. */
typedef void (*policy_problem_fn)(
    void *context, const char *file, unsigned line, const char *text);

/* An empty policy. NULL: out of memory. */
struct policy *policy_new(void);
void policy_free(struct policy *p); /* NULL is fine */

/*
 * Add the rules of one open file (name is for messages).  A bad line is told
 * to problem and skipped; the others count.  ERR_SYS, ERR_NOMEM; ERR_MALFORMED
 * when at least one line was bad.
 */
MUST_USE enum err policy_add_file(struct policy *p, FILE *in, const char *name,
    policy_problem_fn problem, void *context);

/* Every *.policy of a directory, in name order, or the one file that dir is; a
 * missing one is no error.  Errors as policy_add_file(), after all files were
 * tried. */
MUST_USE enum err policy_add_dir(struct policy *p, const char *dir,
    policy_problem_fn problem, void *context);

/*
 * Contradictions (two actions for one pattern in one file), repetitions, and
 * rules that never decide because another file of the same directory has the
 * same pattern.  That a user's directory overrides a shipped one is no problem.
 * Returns how many.
 */
size_t policy_check(
    const struct policy *p, policy_problem_fn problem, void *context);

size_t policy_count(const struct policy *p);
/* Of every rule as it is written: other rules, another number.  It proves
 * nothing against who makes them up. */
uint64_t policy_sum(const struct policy *p);

/* Call fn for each rule as it is written, those that a later file overrides
 * included (for "rules list"). */
struct policy_row {
	const struct policy_rule *rule;
	const char *module, *name; /* the patterns */
};
typedef void (*policy_row_fn)(void *context, const struct policy_row *row);
void policy_each(const struct policy *p, policy_row_fn fn, void *context);

/*
 * The rule for one module and one name, both as given (raw bytes; no mapping,
 * no dotted walk).  Constant time.  NULL: no rule.
 */
const struct policy_rule *policy_find(const struct policy *p,
    const char *module, size_t module_size, const char *name, size_t name_size);

/* What policy_judge() says. */
struct policy_verdict {
	enum policy_action action;
	enum verdict verdict;      /* for this use */
	const char *reason;        /* "" when there is no rule */
	const char *module, *name; /* of the rule that decided (its patterns),
				    * "" when none did; live as long as the
				    * policy */
	const struct policy_rule *rule; /* that decided; NULL: none did */
	bool hidden; /* raw, mapped and dotted readings: not the raw one */
};

/*
 * Judge a global in one use, by the worst of all readings that some loader has
 * of it: raw; mapped from Python 2 to 3 names; and for a dotted name each
 * component, as an attribute of the module and as a module of its own.
 * ARGS counts as KNOWN when called here: the caller judges arguments first.
 */
struct policy_verdict policy_judge_name(
    const struct policy *p, const struct pyname *global, enum use use);
#define policy_judge(p, module, module_size, name, name_size, use) \
	policy_judge_name((p), \
	    &(struct pyname){ (module), (name), (module_size), (name_size) }, \
	    (use))

/* "allow", "deny", ... Static storage. */
const char *policy_action_name(enum policy_action action);

#endif /* PICKLE_POLICY_H */
