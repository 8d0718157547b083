/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_coreml: models of Core ML. */
#include "fuzz/walk.h"

#include "format/formats.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk_fuzz_as(&format_coreml, data, size, false);
	return 0;
}
