/* SPDX-License-Identifier: Apache-2.0 */
/* policy_list: every rule of a policy, for people. */
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
