/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_engine: the whole engine with every format, as a worker runs it.
 *
 * The first byte chooses the options; the rest is the file.  Whatever it is,
 * the report must hold together: known verdicts, no string missing, a verdict
 * no milder than its findings, nothing over its limits, and the same again
 * when the same bytes are scanned again.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"
#include "model/limits.h"
#include "pickle/policy.h"
#include "rules/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_BYTES = 4 << 20, FUZZ_MEMBERS = 2000, FUZZ_OPCODES = 200000 };

/* As much policy as makes every kind of answer. */
static char policy_text[] = "allow collections OrderedDict \"data\"\n"
			    "construct torch.* Class* \"parts\"\n"
			    "deny os * \"commands\"\n"
			    "deny posix * \"commands\"\n"
			    "suspect ctypes.* * \"native code\"\n";

static struct policy *policy;
static struct rules *rules;

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* Once: the policy above, and the rules of the source if they are there. */
static void
prepare(void)
{
	const char *srcdir = getenv("srcdir");
	char dir[4096];
	const char *dirs[] = { dir, NULL };
	FILE *in;

	if (policy != NULL)
		return;
	must((policy = policy_new()) != NULL);
	must(
	    (in = fmemopen(policy_text, sizeof(policy_text) - 1, "r")) != NULL);
	must(policy_add_file(policy, in, "fuzz", NULL, NULL) != ERR_NOMEM);
	(void)fclose(in);
	(void)snprintf(
	    dir, sizeof(dir), "%s/rules", srcdir == NULL ? "." : srcdir);
	must(rules_load(dirs, NULL, NULL, &rules) == ERR_OK);
}

static void
check_findings(const struct report *r)
{
	enum verdict worst = VERDICT_CLEAN;

	must(r->finding_count <= LIMIT_FINDINGS);
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct finding *f = &r->findings[i];

		must(f->rule != NULL && f->message != NULL);
		must(f->where != NULL && f->evidence != NULL);
		must(strlen(f->where) <= LIMIT_WHERE);
		must(strlen(f->evidence) <= LIMIT_EVIDENCE);
		must(f->verdict < VERDICT_COUNT && f->count > 0);
		worst = verdict_worse(worst, f->verdict);
	}
	must(r->verdict < VERDICT_COUNT && r->verdict >= worst);
	must(r->error == NULL || r->verdict >= VERDICT_UNVERIFIED);
}

static void
check_lists(const struct report *r)
{
	must(r->format != NULL);
	must(r->import_count <= LIMIT_IMPORTS);
	for (size_t i = 0; i < r->import_count; i++) {
		const struct import *m = &r->imports[i];

		must(m->module != NULL && m->name != NULL);
		must(m->module[m->module_size] == '\0');
		must(m->name[m->name_size] == '\0');
		must(m->where != NULL && m->reason != NULL);
		must(m->use < USE_COUNT && m->verdict < VERDICT_COUNT);
	}
	must(r->member_count <= LIMIT_TREE);
	for (size_t i = 0; i < r->member_count; i++)
		must(r->members[i].where != NULL &&
		    r->members[i].format != NULL);
}

static void
scan(uint8_t choice, const uint8_t *data, size_t size, struct report *out)
{
	struct engine_options options = { .policy = policy,
		.rules = (choice & 4) != 0 ? NULL : rules,
		.budget = engine_budget_scan(),
		.unpack = (choice & 8) == 0,
		.deep = (choice & 1) != 0,
		.growing = (choice & 2) != 0 };

	options.budget.bytes = FUZZ_BYTES;
	options.budget.members = FUZZ_MEMBERS;
	options.budget.opcodes = FUZZ_OPCODES;
	options.budget.deadline = 0; /* the same in every run */
	report_init(out);
	engine_scan_memory(&options, data, size, out);
	check_findings(out);
	check_lists(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct report one, two;

	prepare();
	if (size == 0)
		return 0;
	scan(data[0], data + 1, size - 1, &one);
	scan(data[0], data + 1, size - 1, &two);
	must(one.verdict == two.verdict);
	must(one.finding_count == two.finding_count);
	must(one.import_count == two.import_count);
	must(strcmp(one.format, two.format) == 0);
	report_free(&one);
	report_free(&two);
	return 0;
}
