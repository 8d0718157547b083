/* SPDX-License-Identifier: Apache-2.0 */
/* onnx_op: two tables. */
#include "format/onnx_op.h"

#include <string.h>

#include "base/text.h"

/* Domains whose operators runtimes bring with them. */
static const char *const domains[] = { "", "ai.onnx", "ai.onnx.contrib",
	"ai.onnx.ml", "ai.onnx.preview", "ai.onnx.preview.training",
	"ai.onnx.training", "com.microsoft", "com.microsoft.dml",
	"com.microsoft.experimental", "com.microsoft.extensions",
	"com.microsoft.internal.nhwc", "com.microsoft.nchwc",
	"com.ms.internal.nhwc", "org.pytorch.aten", "org.pytorch._caffe2" };

/* Operators that run Python: onnxruntime's training and extensions. */
static const struct {
	const char *name;
	enum rule rule;
} python_ops[] = {
	{ "PyOp", RULE_ONNX_PYTHON },
	{ "PythonOp", RULE_ONNX_PYTHON_CALL },
	{ "PythonOpGrad", RULE_ONNX_PYTHON_CALL },
	{ "ScriptOp", RULE_ONNX_PYTHON },
};

bool
onnx_domain_is_known(const char *s, size_t n)
{
	return n == 0 ||
	    text_is_in(domains, sizeof(domains) / sizeof(domains[0]), s, n);
}

bool
onnx_op_rule(const char *s, size_t n, enum rule *out)
{
	for (size_t i = 0; i < sizeof(python_ops) / sizeof(python_ops[0]); i++)
		if (strlen(python_ops[i].name) == n &&
		    memcmp(python_ops[i].name, s, n) == 0) {
			*out = python_ops[i].rule;
			return true;
		}
	return false;
}
