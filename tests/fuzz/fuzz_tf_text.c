/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_tf_text: the walker of graphs in text form. */
#include "fuzz/walk.h"

#include "format/formats.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk_fuzz(&format_tf_text, data, size);
	return 0;
}
