/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_arrow: the walker of Arrow's and Parquet's tables. */
#include "fuzz/walk.h"

#include "format/formats.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk_fuzz(&format_arrow, data, size);
	return 0;
}
