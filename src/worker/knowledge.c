/* SPDX-License-Identifier: Apache-2.0 */
/* knowledge: rules and policies, loaded once, and what is wrong with them. */
#include <stdlib.h>

#include "base/text.h"
#include "pickle/policy.h"
#include "rules/rules.h"
#include "worker/worker.h"

/* More than this nobody reads; READY must fit into one control message. */
enum { PROBLEMS_MAX = 48 * 1024 };

static void
on_problem(void *context, const char *file, unsigned line, const char *text)
{
	struct knowledge *k = context;
	struct buf one = buf_new(PROBLEMS_MAX);
	enum err e;

	k->problem_count++;
	e = line == 0 ? buf_printf(&one, "%s: %s", file, text)
		      : buf_printf(&one, "%s:%u: %s", file, line, text);
	/* A problem that finds no room is counted all the same. */
	if (e == ERR_OK &&
	    (e = text_escape(&k->problems, buf_text(&one), one.size)) == ERR_OK)
		e = buf_puts(&k->problems, "\n");
	(void)e;
	buf_free(&one);
}

/* Errors of files were told and cost those files alone. */
static enum err
only_host(enum err e)
{
	return e == ERR_MALFORMED || e == ERR_SYS ? ERR_OK : e;
}

static enum err
load_policy(
    const struct worker_options *options, bool check, struct knowledge *k)
{
	enum err e = ERR_OK;

	if ((k->policy = policy_new()) == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; e == ERR_OK && options->imports[i] != NULL; i++)
		e = only_host(policy_add_dir(
		    k->policy, options->imports[i], on_problem, k));
	if (e == ERR_OK && check)
		(void)policy_check(k->policy, on_problem, k);
	/* Who only checks rules has named no policy. */
	if (e == ERR_OK && policy_count(k->policy) == 0 &&
	    !(check && options->imports[0] == NULL))
		return ERR_UNSUPPORTED;
	return e;
}

enum err
knowledge_load(
    const struct worker_options *options, bool check, struct knowledge *out)
{
	struct knowledge k = { .problems = buf_new(PROBLEMS_MAX) };
	enum err e =
	    only_host(rules_load(options->rules, on_problem, &k, &k.rules));

	if (e == ERR_OK)
		e = load_policy(options, check, &k);
	if (e != ERR_OK) {
		knowledge_free(&k);
		return e;
	}
	*out = k;
	return ERR_OK;
}

void
knowledge_free(struct knowledge *k)
{
	rules_free(k->rules);
	policy_free(k->policy);
	buf_free(&k->problems);
	*k = (struct knowledge){ 0 };
}
