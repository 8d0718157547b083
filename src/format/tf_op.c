/* SPDX-License-Identifier: Apache-2.0 */
/* tf_op: operators of TensorFlow by what they reach. */
#include <string.h>

#include "format/tf_op.h"

/* Reference: tensorflow/core/ops.  DlOpen, ExecOp, LoadLibrary, LoadOpLibrary,
 * RunCommand, ShellExecute and SystemCall are none of TensorFlow's own: who
 * names them has a library loaded. */
static const struct {
	const char *name;
	enum rule rule;
} ops[] = {
	{ "Abort", RULE_TF_OP_SUSPECT },
	{ "DlOpen", RULE_TF_OP_DANGEROUS },
	{ "EagerPyFunc", RULE_TF_OP_PYTHON },
	{ "ExecOp", RULE_TF_OP_DANGEROUS },
	{ "FixedLengthRecordReader", RULE_TF_OP_FILES },
	{ "FixedLengthRecordReaderV2", RULE_TF_OP_FILES },
	{ "LoadLibrary", RULE_TF_OP_DANGEROUS },
	{ "LoadOpLibrary", RULE_TF_OP_DANGEROUS },
	{ "MatchingFiles", RULE_TF_OP_FILES },
	{ "PyFunc", RULE_TF_OP_PYTHON },
	{ "PyFuncStateless", RULE_TF_OP_PYTHON },
	{ "ReadFile", RULE_TF_OP_DANGEROUS },
	{ "RpcCall", RULE_TF_OP_SUSPECT },
	{ "RpcServerStart", RULE_TF_OP_SUSPECT },
	{ "RunCommand", RULE_TF_OP_DANGEROUS },
	{ "ShellExecute", RULE_TF_OP_DANGEROUS },
	{ "SqlDataset", RULE_TF_OP_SUSPECT },
	{ "SystemCall", RULE_TF_OP_DANGEROUS },
	{ "TFRecordReader", RULE_TF_OP_FILES },
	{ "TFRecordReaderV2", RULE_TF_OP_FILES },
	{ "TextLineReader", RULE_TF_OP_FILES },
	{ "TextLineReaderV2", RULE_TF_OP_FILES },
	{ "TryRpc", RULE_TF_OP_SUSPECT },
	{ "WholeFileReader", RULE_TF_OP_FILES },
	{ "WholeFileReaderV2", RULE_TF_OP_FILES },
	{ "WriteFile", RULE_TF_OP_DANGEROUS },
};

bool
tf_op_rule(const char *s, size_t n, enum rule *out)
{
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (strlen(ops[i].name) == n &&
		    memcmp(ops[i].name, s, n) == 0) {
			*out = ops[i].rule;
			return true;
		}
	return false;
}
