/* SPDX-License-Identifier: Apache-2.0 */
/* counters: as JSON. */
#include "guardd/counters.h"

#include <inttypes.h>
#include <stdio.h>

#define COUNTER(name, text) { #name, offsetof(struct counters, name) },
static const struct {
	const char *name;
	size_t at;
} rows[] = {
#include "guardd/counters.def"
};
#undef COUNTER

size_t
counters_json(const struct counters *c, char *out, size_t n)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t value =
		    *(const uint64_t *)(const void *)((const char *)c +
			rows[i].at);
		int len = snprintf(out + used, n - used, "%s\"%s\":%" PRIu64,
		    i == 0 ? "" : ",", rows[i].name, value);

		if (len < 0 || (size_t)len >= n - used) {
			out[used] = '\0';
			break;
		}
		used += (size_t)len;
	}
	return used;
}
