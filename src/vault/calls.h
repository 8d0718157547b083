/* SPDX-License-Identifier: Apache-2.0 */
/* calls: the vault's system calls, each a function of the same name that a
 * test can have fail. */
#ifndef VAULT_CALLS_H
#define VAULT_CALLS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

#include "digest/digest.h"

#define CALL(returns, name, parameters, does) VAULT_CALL_##name,
enum vault_call {
#include "vault/calls.def"
	VAULT_CALL_COUNT
};
#undef CALL

/* Each returns -1 and sets errno when it fails. */
#define CALL(returns, name, parameters, does) returns vault_##name parameters;
#include "vault/calls.def"
#undef CALL

/* Asked before each call: 0, or the errno with which it fails instead of being
 * made. NULL: none. For tests. */
typedef int vault_before_fn(enum vault_call call);
void vault_calls_watch(vault_before_fn *before);

/* "openat", ... Static storage. */
const char *vault_call_name(enum vault_call call);

#endif /* VAULT_CALLS_H */
