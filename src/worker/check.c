/* SPDX-License-Identifier: Apache-2.0 */
/* check: what is wrong with rules and policies, and what there is of them;
 * the CLI runs this, so that it links no parser. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/text.h"
#include "pickle/policy.h"
#include "rules/rules.h"
#include "worker/worker.h"

enum {
	CHECK_FINE = 0,
	CHECK_PROBLEMS = 1,
	CHECK_TROUBLE = 2,
	FIELD_MAX = 64 * 1024,
};

static int
load(const struct worker_options *options, struct knowledge *k)
{
	enum err e = knowledge_load(options, true, k);

	if (e == ERR_OK)
		return CHECK_FINE;
	if (e == ERR_UNSUPPORTED)
		(void)fprintf(stderr,
		    "ckptguard-worker: no import policy was found in the "
		    "directories given with --imports\n");
	else
		(void)fprintf(stderr, "ckptguard-worker: %s\n", err_text(e));
	return CHECK_TROUBLE;
}

/* What was printed must have arrived, or a pipeline takes half for all. */
static int
flushed(int status)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return status;
	perror("ckptguard-worker: standard output");
	return CHECK_TROUBLE;
}

int
worker_check(const struct worker_options *options)
{
	AUTO(knowledge) struct knowledge k = { 0 };
	int status = load(options, &k);

	if (status != CHECK_FINE)
		return status;
	(void)fputs(buf_text(&k.problems), stdout);
	return flushed(k.problem_count == 0 ? CHECK_FINE : CHECK_PROBLEMS);
}

/* One field, so escaped that it holds neither tab nor newline. */
static void
field(const char *text, char end)
{
	AUTO(buf) struct buf b = buf_new(FIELD_MAX);

	if (text_escape(&b, text, strlen(text)) == ERR_OK)
		(void)fputs(buf_text(&b), stdout);
	(void)putchar(end);
}

static void
print_rule(void *context, const struct rules_row *row)
{
	(void)context;
	field("rule", '\t');
	field(row->file, '\t');
	field(row->id, '\t');
	field(severity_name(row->severity), '\t');
	field(verdict_name(row->verdict), '\t');
	field(row->message, '\t');
	field(row->reference, '\n');
}

static void
print_import(void *context, const struct policy_row *row)
{
	char where[32];

	(void)context;
	(void)snprintf(where, sizeof(where), "%u", row->rule->line);
	field("import", '\t');
	field(row->rule->file, '\t');
	field(where, '\t');
	field(policy_action_name(row->rule->action), '\t');
	field(row->module, '\t');
	field(row->name, '\t');
	field(row->rule->reason, '\t');
	field(row->rule->reference, '\n');
}

int
worker_list(const struct worker_options *options)
{
	AUTO(knowledge) struct knowledge k = { 0 };
	int status = load(options, &k);

	if (status != CHECK_FINE)
		return status;
	rules_each(k.rules, print_rule, NULL);
	policy_each(k.policy, print_import, NULL);
	return flushed(CHECK_FINE);
}
