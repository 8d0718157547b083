/* SPDX-License-Identifier: Apache-2.0 */
/* clock: CLOCK_MONOTONIC. */
#include "base/clock.h"

#include <stddef.h>
#include <time.h>

static uint64_t (*clock_fn)(void);

uint64_t
clock_now(void)
{
	struct timespec ts = { 0 };

	if (clock_fn != NULL)
		return clock_fn();
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * CLOCK_NS_PER_S + (uint64_t)ts.tv_nsec;
}

void
clock_replace(uint64_t (*fn)(void))
{
	clock_fn = fn;
}
