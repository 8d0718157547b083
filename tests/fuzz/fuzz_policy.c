/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_policy: any text as a policy, any names to be judged by it.
 *
 * The input is a policy file, a NUL, and lines "module\nname\n".  What must
 * hold: a rule that denies the pair as written makes it malicious in every
 * use, and a dotted name is clean only by a rule for that very name.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pickle/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PAIRS_MAX 32

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
judge_one(const struct policy *p, const struct pyname *n)
{
	const struct policy_rule *rule =
	    policy_find(p, n->module, n->module_size, n->name, n->name_size);
	bool dots = memchr(n->name, '.', n->name_size) != NULL;
	struct pyname mapped;

	for (unsigned use = 0; use < USE_COUNT; use++) {
		struct policy_verdict v =
		    policy_judge_name(p, n, (enum use)use);

		must(v.verdict < VERDICT_COUNT && v.reason != NULL &&
		    v.module != NULL && v.name != NULL);
		must(v.rule == NULL || v.rule->line > 0);
		if (pyname_map(n, &mapped))
			continue;
		must(rule == NULL || rule->action != POLICY_DENY ||
		    v.verdict == VERDICT_MALICIOUS);
		must(!dots || v.verdict != VERDICT_CLEAN ||
		    (rule != NULL && v.rule == rule));
	}
}

/* Cut a line off; false at the end. */
static bool
next_line(const char **at, size_t *left, const char **line, size_t *size)
{
	const char *end = *left == 0 ? NULL : memchr(*at, '\n', *left);

	if (end == NULL)
		return false;
	*line = *at;
	*size = (size_t)(end - *at);
	*left -= *size + 1;
	*at = end + 1;
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size == 0 ? NULL : memchr(data, 0, size);
	size_t text = nul == NULL ? size : (size_t)(nul - data);
	const char *at = (const char *)data + text;
	size_t left = size - text;
	struct policy *p = policy_new();
	struct pyname n;
	FILE *in;

	must(p != NULL);
	if (text > 0) {
		in = fmemopen((void *)(uintptr_t)data, text, "r");
		must(in != NULL);
		(void)!policy_add_file(p, in, "fuzz", NULL, NULL);
		(void)fclose(in);
	}
	(void)policy_check(p, NULL, NULL);
	if (left > 0) {
		at++;
		left--;
	}
	for (unsigned i = 0; i < PAIRS_MAX &&
	     next_line(&at, &left, &n.module, &n.module_size) &&
	     next_line(&at, &left, &n.name, &n.name_size);
	     i++)
		judge_one(p, &n);
	policy_free(p);
	return 0;
}
