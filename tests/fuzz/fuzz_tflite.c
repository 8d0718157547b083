/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_tflite: the walker, and with it the reader of FlatBuffers. */
#include "fuzz/walk.h"

#include "format/formats.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk_fuzz(&format_tflite, data, size);
	return 0;
}
