/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tar_entry: the members of a tar archive, one after another.
 *
 * Reads ustar, GNU and pax headers, and those of version 7, which have no
 * mark but a checksum.  A name or size that an extended header gives replaces
 * the one in the header, as Python's tarfile does; the name in the header is
 * kept beside it, for readers that know no extensions.
 *
 * Reference: POSIX.1-2017 pax, "ustar Interchange Format" and "pax Header
 *	Block"; GNU tar manual, "Basic Tar Format"; CPython Lib/tarfile.py.
 */
#ifndef FORMAT_TAR_ENTRY_H
#define FORMAT_TAR_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "byte/source.h"

enum {
	TAR_BLOCK = 512,
	TAR_NAME_MAX = 1024, /* of a longer name, this much is used */
	TAR_SHORT_MAX = 256  /* prefix, slash and name of a header */
};

enum tar_type {
	TAR_FILE,
	TAR_FOLDER,
	TAR_HARD_LINK,
	TAR_SYMBOLIC_LINK,
	TAR_DEVICE, /* also a FIFO */
	TAR_OTHER
};

struct tar_entry {
	enum tar_type type;
	uint64_t header_at; /* of its own header, not of an extension */
	uint64_t data_at;
	uint64_t size;
	size_t name_size, short_size, link_size;
	char name[TAR_NAME_MAX];        /* as Python sees it */
	char short_name[TAR_SHORT_MAX]; /* as the header says */
	char link[TAR_NAME_MAX];        /* target of a link */
};

/* Is this block a header?  Its checksum says so. */
bool tar_block_is_header(const uint8_t block[TAR_BLOCK]);

/* Does the block carry a mark that only tar writes ("ustar")? */
bool tar_block_is_marked(const uint8_t block[TAR_BLOCK]);

/*
 * Read the member at *at, its extensions included, and move *at behind its
 * data (which may end before that, when the file is cut).
 * ERR_OK	*more is false at the end, and e is as it was
 * ERR_SHORT	the file ends in a header
 * ERR_LIMIT, ERR_SYS
 */
MUST_USE enum err tar_entry_read(
    const struct source *s, uint64_t *at, struct tar_entry *e, bool *more);

#endif /* FORMAT_TAR_ENTRY_H */
