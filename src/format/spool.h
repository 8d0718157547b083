/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool: a packed part, unpacked into memory.
 *
 * What is unpacked on the way can only be read from front to back, and every
 * step back unpacks it anew.  A part of bounded size is therefore kept.
 */
#ifndef FORMAT_SPOOL_H
#define FORMAT_SPOOL_H

#include <stdbool.h>

#include "base/err.h"
#include "byte/source.h"

/* Parts up to this size are kept: two of them, one inside the other, leave
 * half of a scan's memory for whatever is in them. */
enum { SPOOL_MAX = 8 * 1024 * 1024 };

struct spool {
	uint8_t *data;
	size_t size;
	struct budget *budget;
	uint64_t charged;
	bool whole;      /* nothing came behind SPOOL_MAX bytes */
	enum err damage; /* why it ends early, or ERR_OK */
};

/*
 * Read s from its front until its end, damage or SPOOL_MAX bytes.
 * ERR_LIMIT (budget), ERR_NOMEM, ERR_SYS; damage is no error of this call.
 */
MUST_USE enum err spool_read(const struct source *s, struct spool *out);

/* What was read, as a source that lives as long as the spool. */
struct source spool_source(const struct spool *spool);

/* Release it. */
void spool_free(struct spool *spool);

#endif /* FORMAT_SPOOL_H */
