/* SPDX-License-Identifier: Apache-2.0 */
/* gate_calls: the system calls that the gate may make; see gate_calls.def. */
#ifndef GUARDD_GATE_CALLS_H
#define GUARDD_GATE_CALLS_H

#include "base/err.h"

/* From here on any other call fails with EPERM: the gate lives on, because
 * everybody waits for it, but it can't open anything. ERR_SYS. */
MUST_USE enum err gate_calls_only(void);

#endif /* GUARDD_GATE_CALLS_H */
