/* SPDX-License-Identifier: Apache-2.0 */
/* internal: the parts of which sandbox_enter() is made. */
#ifndef SANDBOX_INTERNAL_H
#define SANDBOX_INTERNAL_H

#include "sandbox/sandbox.h"

/* Deny what landlock of this kernel can deny. ERR_UNSUPPORTED: it has none;
 * ERR_SYS. */
MUST_USE enum err landlock_enter(void);

#endif /* SANDBOX_INTERNAL_H */
