/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_pycode: marshalled code of every Python, judged by its words. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pycode/pycode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pycode code;

	pycode_begin(&code);
	if (pycode_marshal(&code, data, size) != ERR_OK &&
	    code.verdict < VERDICT_SUSPICIOUS)
		abort(); /* what cannot be read is never better */
	if (strnlen(code.evidence, sizeof(code.evidence)) ==
	    sizeof(code.evidence))
		abort();
	return 0;
}
