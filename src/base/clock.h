/* SPDX-License-Identifier: Apache-2.0 */
/* clock: monotonic time in nanoseconds; tests may replace it. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_NS_PER_S UINT64_C(1000000000)
#define CLOCK_NS_PER_MS UINT64_C(1000000)
#define CLOCK_NS_PER_US UINT64_C(1000)

/* Nanoseconds since an arbitrary point; never goes back. */
uint64_t clock_now(void);

/* Make clock_now() return what fn returns; NULL: the real clock again. */
void clock_replace(uint64_t (*fn)(void));

#endif /* BASE_CLOCK_H */
