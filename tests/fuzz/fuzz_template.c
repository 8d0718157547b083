/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_template: the walker, and with it the judge of Jinja. */
#include "fuzz/walk.h"

#include "format/formats.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk_fuzz(&format_template, data, size);
	return 0;
}
