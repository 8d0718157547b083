/* SPDX-License-Identifier: Apache-2.0 */
/* fds: close_range(2) around those that stay. */
#include "guardd/fds.h"

#include <stdlib.h>
#include <unistd.h>

static int
int_order(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

void
fds_keep(struct fds *f, int fd)
{
	if (fd != -1 && f->count < FDS_KEEP_MAX)
		f->keep[f->count++] = fd;
}

void
fds_close_others(struct fds *f)
{
	unsigned from = STDERR_FILENO + 1;

	qsort(f->keep, f->count, sizeof(f->keep[0]), int_order);
	for (size_t i = 0; i < f->count; i++) {
		unsigned fd = (unsigned)f->keep[i];

		if (fd > from)
			(void)close_range(from, fd - 1, 0);
		if (fd >= from)
			from = fd + 1;
	}
	(void)close_range(from, ~0U, 0);
}
