/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_h5: the walker: headers, heaps, trees and the search. */
#include "fuzz/walk.h"

#include "format/formats.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk_fuzz(&format_h5, data, size);
	return 0;
}
