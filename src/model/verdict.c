/* SPDX-License-Identifier: Apache-2.0 */
/* verdict: the tables. */
#include "model/verdict.h"

#include <stddef.h>
#include <string.h>

static const char *const verdict_names[VERDICT_COUNT] = { "clean", "unknown",
	"unverified", "suspicious", "malicious" };

static const char *const severity_names[SEVERITY_COUNT] = { "info", "low",
	"medium", "high", "critical" };

/* clang-format off */
#define RULE(code, id, severity, verdict, sentence) \
	[RULE_##code] = { id, SEVERITY_##severity, VERDICT_##verdict, \
		sentence },
/* clang-format on */
static const struct rule_row rule_rows[RULE_COUNT] = {
#include "model/rules.def"
};
#undef RULE

const struct rule_row *
rule_row(enum rule rule)
{
	return (unsigned)rule < RULE_COUNT ? &rule_rows[rule]
					   : &rule_rows[RULE_SCAN_FAILED];
}

/* The index of name in names, or count. */
static size_t
name_find(const char *const *names, size_t count, const char *name)
{
	size_t i = 0;

	while (i < count && strcmp(names[i], name) != 0)
		i++;
	return i;
}

const char *
verdict_name(enum verdict v)
{
	return verdict_names[(unsigned)v < VERDICT_COUNT ? v
							 : VERDICT_UNVERIFIED];
}

bool
verdict_parse(const char *name, enum verdict *out)
{
	size_t i = name_find(verdict_names, VERDICT_COUNT, name);

	if (i == VERDICT_COUNT)
		return false;
	*out = (enum verdict)i;
	return true;
}

enum verdict
verdict_worse(enum verdict a, enum verdict b)
{
	return a > b ? a : b;
}

const char *
severity_name(enum severity s)
{
	return severity_names[(unsigned)s < SEVERITY_COUNT ? s
							   : SEVERITY_MEDIUM];
}

bool
severity_parse(const char *name, enum severity *out)
{
	size_t i = name_find(severity_names, SEVERITY_COUNT, name);

	if (i == SEVERITY_COUNT)
		return false;
	*out = (enum severity)i;
	return true;
}
