/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_tf: the walker of TensorFlow's graphs. */
#include "fuzz/walk.h"

#include "format/formats.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk_fuzz(&format_tf, data, size);
	return 0;
}
