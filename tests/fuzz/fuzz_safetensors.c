/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_safetensors: the walker, and with it json_pull. */
#include "fuzz/walk.h"

#include "format/formats.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk_fuzz(&format_safetensors, data, size);
	return 0;
}
