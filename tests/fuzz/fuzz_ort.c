/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_ort: the walker of ONNX Runtime's models. */
#include "fuzz/walk.h"

#include "format/formats.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk_fuzz(&format_ort, data, size);
	return 0;
}
