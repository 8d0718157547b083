/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_skops: schemas of skops. */
#include "fuzz/walk.h"

#include "format/formats.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk_fuzz_as(&format_skops, data, size, false);
	return 0;
}
