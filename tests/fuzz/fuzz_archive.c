/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_archive: members, as a deep scan. */
#include "fuzz/walk.h"

#include "format/formats.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk_fuzz_as(&format_archive, data, size, true);
	return 0;
}
