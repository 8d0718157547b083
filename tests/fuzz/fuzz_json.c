/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_json: the walker, and with it the judge of Keras. */
#include "fuzz/walk.h"

#include "format/formats.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk_fuzz(&format_json, data, size);
	return 0;
}
