/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdict: the five verdicts, the five severities and the table of rules.
 *
 * A rule is a stable id with a severity, the verdict that it alone justifies
 * and a sentence.  A file's verdict is the worst of its findings' verdicts;
 * there is no other way to one, so no error can become "clean".
 */
#ifndef MODEL_VERDICT_H
#define MODEL_VERDICT_H

#include <stdbool.h>

/* In rising order: the worse one counts. */
enum verdict {
	VERDICT_CLEAN,      /* read as far as any loader would; nothing found */
	VERDICT_UNKNOWN,    /* names code that no policy knows */
	VERDICT_UNVERIFIED, /* could not be read whole */
	VERDICT_SUSPICIOUS, /* no honest writer makes this */
	VERDICT_MALICIOUS,  /* runs something harmful, or hides */
	VERDICT_COUNT
};

enum severity {
	SEVERITY_INFO,
	SEVERITY_LOW,
	SEVERITY_MEDIUM,
	SEVERITY_HIGH,
	SEVERITY_CRITICAL,
	SEVERITY_COUNT
};

#define RULE(code, id, severity, verdict, sentence) RULE_##code,
enum rule {
#include "model/rules.def"
	RULE_COUNT
};
#undef RULE

struct rule_row {
	const char *id; /* stable, dotted, lower case */
	enum severity severity;
	enum verdict verdict; /* what it alone justifies */
	const char *sentence; /* what it means, without a full stop */
};

/* The row of a rule. Static storage. */
const struct rule_row *rule_row(enum rule rule);

/* "clean", "unknown", ... Static storage. */
const char *verdict_name(enum verdict v);

/* The verdict of that name; false when there is none. */
bool verdict_parse(const char *name, enum verdict *out);

/* The worse of the two. */
enum verdict verdict_worse(enum verdict a, enum verdict b);

/* "info", "low", ... Static storage. */
const char *severity_name(enum severity s);

/* The severity of that name; false when there is none. */
bool severity_parse(const char *name, enum severity *out);

#endif /* MODEL_VERDICT_H */
