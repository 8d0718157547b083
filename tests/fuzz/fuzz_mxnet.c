/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_mxnet: graphs of MXNet. */
#include "fuzz/walk.h"

#include "format/formats.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk_fuzz_as(&format_mxnet, data, size, false);
	return 0;
}
