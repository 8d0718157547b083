/* SPDX-License-Identifier: Apache-2.0 */
/* gate_calls: seccomp for the gate. */
#include "guardd/gate_calls.h"

#include <errno.h>
#include <seccomp.h>
#include <stddef.h>

#include "guardd/gate_state.h"
#include "sandbox/sandbox.h"

/* One call; argument -1: whatever its arguments are. */
struct call {
	int number, argument;
	uint64_t value;
};

#define CALL(name, why) { SCMP_SYS(name), -1, 0 },
#define CALL_IF(name, argument, value, why) { SCMP_SYS(name), argument, value },
static const struct call calls[] = {
#include "guardd/gate_calls.def"
};
#undef CALL
#undef CALL_IF

static int
call_add(scmp_filter_ctx filter, const struct call *c)
{
	struct scmp_arg_cmp is = { .arg = (unsigned)c->argument,
		.op = SCMP_CMP_EQ,
		.datum_a = c->value };

	if (c->number == __NR_SCMP_ERROR)
		return 0; /* not on this architecture */
	return seccomp_rule_add_array(
	    filter, SCMP_ACT_ALLOW, c->number, c->argument == -1 ? 0 : 1, &is);
}

enum err
gate_calls_only(void)
{
	scmp_filter_ctx filter;
	int e = 0;

	if (SANDBOX_SANITIZERS) /* the sanitizers make calls of their own */
		return ERR_OK;
	filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (filter == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (e == 0)
			e = call_add(filter, &calls[i]);
	if (e == 0)
		e = seccomp_load(filter);
	seccomp_release(filter);
	return e == 0 ? ERR_OK : ERR_SYS;
}
