/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_pickle: the pickle walker, from the sniff on, under a small policy. */
#include "fuzz/walk.h"

#include <stdio.h>

#include "pickle/pickle.h"
#include "pickle/policy.h"

/* One rule of each kind, and the names that the machine knows by heart. */
static char rules[] = "deny os * \"test\"\n"
		      "deny posix * \"test\"\n"
		      "deny subprocess * \"test\"\n"
		      "allow collections OrderedDict \"test\"\n"
		      "allow torch FloatStorage \"test\"\n"
		      "allow torch._utils _rebuild_tensor_v2 \"test\"\n"
		      "allow numpy ndarray \"test\"\n"
		      "allow numpy.core.multiarray _reconstruct \"test\"\n"
		      "allow joblib.numpy_pickle NumpyArrayWrapper \"test\"\n"
		      "args builtins getattr \"test\"\n"
		      "args functools partial \"test\"\n"
		      "args _codecs encode \"test\"\n"
		      "args numpy dtype \"test\"\n";

static const struct policy *
policy(void)
{
	static struct policy *once;
	FILE *in;

	if (once != NULL)
		return once;
	once = policy_new();
	in = fmemopen(rules, sizeof(rules) - 1, "r");
	if (once == NULL || in == NULL ||
	    policy_add_file(once, in, "test", NULL, NULL) != ERR_OK)
		abort();
	(void)fclose(in);
	return once;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk_fuzz_with(&format_pickle, policy(), data, size, false);
	return 0;
}
