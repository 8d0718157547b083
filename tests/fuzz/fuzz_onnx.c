/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_onnx: the walker, and with it the reader of protocol buffers. */
#include "fuzz/walk.h"

#include "format/formats.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk_fuzz(&format_onnx, data, size);
	walk_fuzz(&format_onnx_tensor, data, size);
	return 0;
}
