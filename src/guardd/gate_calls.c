/* SPDX-License-Identifier: Apache-2.0 */
/* gate_calls: seccomp for the gate. */
#include "guardd/gate_calls.h"

#include <errno.h>
#include <seccomp.h>
#include <stddef.h>

#include "sandbox/sandbox.h"

#define CALL(name, why) SCMP_SYS(name),
static const int calls[] = {
#include "guardd/gate_calls.def"
};
#undef CALL

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
		if (e == 0 && calls[i] != __NR_SCMP_ERROR)
			e = seccomp_rule_add(
			    filter, SCMP_ACT_ALLOW, calls[i], 0);
	if (e == 0)
		e = seccomp_load(filter);
	seccomp_release(filter);
	return e == 0 ? ERR_OK : ERR_SYS;
}
