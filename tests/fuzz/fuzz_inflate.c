/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_inflate: a stream of the kind that the first byte says, read to its end
 * and once more from its middle, under a small budget.
 */
#include <stdlib.h>

#include "byte/inflate.h"
#include "model/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BLOCK = 4096 };

static void
read_from(const struct source *s, uint64_t at, uint64_t *end)
{
	uint8_t block[BLOCK];
	size_t got = 0;

	do {
		at += got;
		if (source_read_some(s, at, block, sizeof(block), &got) !=
		    ERR_OK)
			break;
	} while (got > 0);
	*end = at;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct budget b = { .bytes = 4 << 20, .memory = LIMIT_MEMORY };
	struct source raw, out;
	struct inflate *f = NULL;
	uint64_t end, again;

	if (size == 0)
		return 0;
	raw = source_memory(data + 1, size - 1, &b);
	if (inflate_open(&raw, data[0] % (INFLATE_LZ4 + 1), &f, &out) != ERR_OK)
		abort();
	read_from(&out, 0, &end);
	if (inflate_consumed(f) > size - 1)
		abort();
	b.bytes = 8 << 20;
	b.spent = BUDGET_NOTHING;
	read_from(&out, end / 2, &again);
	inflate_free(&f);
	if (b.memory != LIMIT_MEMORY)
		abort();
	return 0;
}
