/* SPDX-License-Identifier: Apache-2.0 */
/* policy_list: every rule of a policy, for people. */
#include <string.h>

#include "base/fnv.h"
#include "pickle/policy_table.h"

void
policy_each(const struct policy *p, policy_row_fn fn, void *context)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct policy_entry *e = &p->entries[i];

		fn(context,
		    &(struct policy_row){ .rule = &e->rule,
			.module = e->module,
			.name = e->name });
	}
}

/* With its NUL: no text runs into the next. */
static uint64_t
add_text(uint64_t h, const char *text)
{
	return fnv_add(h, text, strlen(text) + 1);
}

uint64_t
policy_sum(const struct policy *p)
{
	uint64_t h = FNV_START;

	for (size_t i = 0; i < p->count; i++) {
		const struct policy_entry *e = &p->entries[i];

		h = add_text(h, policy_action_name(e->rule.action));
		h = add_text(h, e->module);
		h = add_text(h, e->name);
		h = add_text(h, e->rule.reason);
	}
	return h;
}
