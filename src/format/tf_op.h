/* SPDX-License-Identifier: Apache-2.0 */
/* tf_op: what a name of an operator of TensorFlow says. */
#ifndef FORMAT_TF_OP_H
#define FORMAT_TF_OP_H

#include <stdbool.h>
#include <stddef.h>

#include "model/verdict.h"

/* The rule of an operator that reaches out of the graph; false: none. */
bool tf_op_rule(const char *s, size_t n, enum rule *out);

#endif /* FORMAT_TF_OP_H */
