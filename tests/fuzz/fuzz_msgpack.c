/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_msgpack: weights of Flax. */
#include "fuzz/walk.h"

#include "format/formats.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk_fuzz_as(&format_msgpack, data, size, false);
	return 0;
}
