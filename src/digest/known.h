/* SPDX-License-Identifier: Apache-2.0 */
/*
 * known: files that somebody has decided on, by size and SHA-256.
 *
 * A digest costs a read of the whole file, so the size is asked first: only a
 * file of a listed size is ever summed.  The table is one image without
 * pointers, made by one process and handed to others as it is:
 *
 *	"CKN1", u32 count, u32 bytes of names,
 *	count x u64 size, rising
 *	count x { 32 bytes digest, u32 kind, u32 where its name begins }
 *	names, each ended by a NUL
 *
 * Integers are of this machine.  Files of hashes have ClamAV's format, one a
 * line: "sha256:size:name".  Those called *.hsb deny, *.sfp allow.
 *
 * Reference: https://docs.clamav.net/manual/Signatures/HashSignatures.html
 */
#ifndef DIGEST_KNOWN_H
#define DIGEST_KNOWN_H

#include "base/buf.h"
#include "digest/digest.h"

enum {
	KNOWN_MAX = 1 << 18,               /* entries: 15 MB at most */
	KNOWN_NAME_MAX = 63,               /* bytes of a name that are kept */
	KNOWN_FILE_MAX = 64 * 1024 * 1024, /* bytes of a file of hashes */
	KNOWN_IMAGE_MAX = 32 * 1024 * 1024
};

enum known_kind { KNOWN_NOT, KNOWN_ALLOWED, KNOWN_DENIED, KNOWN_COUNT };

struct known_entry {
	uint64_t size;
	struct digest digest;
	enum known_kind kind;
	unsigned rank; /* the higher counts where two speak of one file */
	char name[KNOWN_NAME_MAX + 1];
};

/* What is being put together. Zeros are an empty one. */
struct known_list {
	struct known_entry *entries;
	size_t count, room;
	uint64_t skipped; /* lines that were not understood */
	unsigned line;    /* the first of them, 0: none */
};

/* A table over an image that somebody else owns. Zeros are an empty one. */
struct known {
	const void *image;
	size_t count, names;
};

void known_list_free(struct known_list *l); /* NULL is fine */

/* ERR_LIMIT: KNOWN_MAX. ERR_NOMEM. */
MUST_USE enum err known_add(
    struct known_list *l, const struct known_entry *entry);

/* Forget what is said of that file with that rank; false: nothing was. */
bool known_remove(
    struct known_list *l, const struct known_entry *like, unsigned rank);

/* Add the lines of a file of hashes. Empty lines and those that begin with #
 * are passed over; what isn't understood is counted (another kind of hash, a
 * size of "*", which would have every file read). ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err known_read(struct known_list *l, const char *text, size_t n,
    enum known_kind kind, unsigned rank);

/* Append the lines that known_read() makes these of. */
MUST_USE enum err known_write(
    const struct known_list *l, enum known_kind kind, struct buf *out);

/* Append the image. Sorts the list. ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err known_image(struct known_list *l, struct buf *out);

/* Over n bytes, which stay the caller's. ERR_MALFORMED. */
MUST_USE enum err known_open(const void *image, size_t n, struct known *out);

/* Is any file of that size listed? */
bool known_size(const struct known *k, uint64_t size);

/* What is said of that file; name (may be NULL) gets what it is called. */
enum known_kind known_find(const struct known *k, uint64_t size,
    const struct digest *d, char name[KNOWN_NAME_MAX + 1]);

#endif /* DIGEST_KNOWN_H */
