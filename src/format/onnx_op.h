/* SPDX-License-Identifier: Apache-2.0 */
/* onnx_op: operators of ONNX by what they reach, for both forms of a model. */
#ifndef FORMAT_ONNX_OP_H
#define FORMAT_ONNX_OP_H

#include <stdbool.h>
#include <stddef.h>

#include "model/report.h"

/* Do runtimes bring the operators of this domain with them? */
bool onnx_domain_is_known(const char *s, size_t n);

/* Does the operator run Python?  Then this is said of it. */
bool onnx_op_rule(const char *s, size_t n, enum rule *out);

#endif /* FORMAT_ONNX_OP_H */
