/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vault: where flagged files are kept until somebody decides about them.
 *
 * A file goes in by one rename on its own filesystem, into a directory that is
 * root's alone (VAULT_PLACE at the root of its mount), or else as a copy that
 * was verified before the file was removed.  What was known about it is a
 * record beside the others in the vault's own directory, which no medium that
 * users bring along can forge.
 *
 * Owns records, places, and the order of steps by which nothing is lost: a
 * record says what is intended before it is done, and vault_recover() ends or
 * takes back what was interrupted at any point.  No file is ever overwritten,
 * none is touched that isn't the one that was meant: names are used relative to
 * open directories, never through a symbolic link, and after each step what
 * was moved is compared with what should have been.
 *
 * Whoever stores files ignores SIGIO: a writer that waits for the lease on a
 * file that is being copied sends one.
 *
 * Must not own who may ask for what, or what a digest decides.
 */
#ifndef VAULT_VAULT_H
#define VAULT_VAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "digest/digest.h"

enum {
	VAULT_ID = 16,                 /* characters that name a file in it */
	VAULT_XATTRS_MAX = 192 * 1024, /* bytes of extended attributes */
	VAULT_WHY_MAX = 512
};

#define VAULT_PLACE ".ckptguard-vault"
#define VAULT_DIR "vault"

enum vault_state {
	VAULT_MOVING,    /* it is about to be renamed into its place */
	VAULT_COPYING,   /* it is being copied; the original is untouched */
	VAULT_COPIED,    /* the copy is whole; the original is to be removed */
	VAULT_STORED,    /* it is here */
	VAULT_RESTORING, /* it is about to be renamed to target */
	VAULT_DELETING,  /* it is about to be removed for good */
	VAULT_STATES
};

enum vault_flag {
	VAULT_COPY = 1,    /* the file here is a copy */
	VAULT_GROWING = 2, /* somebody had it open for writing */
	VAULT_STRAY = 4    /* another file, which took the name meanwhile and
			    * could not be given back */
};

/* A quarantined file. Texts are raw and hostile. */
struct vault_item {
	char id[VAULT_ID + 1];
#define NUMBER(name) uint64_t name;
#define TEXT(name, size) char name[size];
#include "vault/item.def"
#undef NUMBER
#undef TEXT
	struct buf xattrs; /* name, NUL, u32 bytes, value; ... */
};

struct vault {
	int dir;                 /* the records, and copies */
	bool beside;             /* files go there, by a rename if it can be: a
				  * user has no place at the root of a mount */
	char why[VAULT_WHY_MAX]; /* a sentence about the last failure */
};

/* A file that is to go in, with what the record shall say of it: path,
 * verdict, rule, ..., who. */
struct vault_find {
	int fd;           /* the file itself, open for reading */
	int dir;          /* the directory that it is in, O_RDONLY */
	const char *name; /* its name there */
	const struct vault_item *say;
};

void vault_item_free(struct vault_item *item);

/* Open the vault in a directory of root's that nobody else can write to;
 * makes VAULT_DIR there.  ERR_SYS. */

MUST_USE enum err vault_open(int parent, struct vault *out);
void vault_close(struct vault *v);

/*
 * Quarantine a file.  ERR_OK: it is in the vault; *out (the caller's, see
 * vault_item_free()) says how.  Otherwise nothing has changed, and v->why says
 * why: ERR_USAGE the name is another file's by now, or it is being written and
 * would have to be copied; ERR_UNSUPPORTED it cannot be done safely there;
 * ERR_LIMIT; ERR_SYS; ERR_NOMEM.  Whatever errors say, no file is lost: what
 * could neither be finished nor undone stays in the vault, with a record.
 */
MUST_USE enum err vault_store(
    struct vault *v, const struct vault_find *f, struct vault_item *out);

/* Sum a stored file up, unless that was done; its record keeps the digest. */
MUST_USE enum err vault_digest(struct vault *v, struct vault_item *item);

/* Each of them; a callback that returns false ends it.  ERR_SYS. */
typedef bool vault_each_fn(void *context, const struct vault_item *item);
MUST_USE enum err vault_each(
    struct vault *v, vault_each_fn *each, void *context);

/* The record of that id. ERR_USAGE: there is none. */
MUST_USE enum err vault_get(
    struct vault *v, const char *id, struct vault_item *out);

/*
 * Give a stored file back: same bytes, owner, mode, times, attributes, under
 * that name in that directory, where nothing of that name may be.  target is
 * its path there, for the record.  ERR_USAGE: something has that name, or the
 * bytes are not what they were; ERR_SYS.  On failure it is still in the vault.
 */
MUST_USE enum err vault_restore(struct vault *v, struct vault_item *item,
    int dir, const char *name, const char *target);

/* Remove a stored file for good. ERR_SYS. */
MUST_USE enum err vault_delete(struct vault *v, struct vault_item *item);

/* Open a stored file's bytes for reading. ERR_SYS. */
MUST_USE enum err vault_read(
    struct vault *v, const struct vault_item *item, int *out);

/* What is kept at most; 0: no bound. */
struct vault_bounds {
	uint64_t seconds, bytes;
};

/* Remove for good what is older, and the oldest while there is more. *removed
 * (may be NULL) counts. */
MUST_USE enum err vault_expire(struct vault *v, const struct vault_bounds *b,
    uint64_t now, size_t *removed);

/* End or take back what was interrupted.  What cannot be reached now (its
 * filesystem is not mounted) stays as it is.  *mended (may be NULL) counts. */
MUST_USE enum err vault_recover(struct vault *v, size_t *mended);

/* Open the directory of a path, following no symbolic link; *name is the last
 * part of path.  ERR_SYS, ERR_USAGE: no absolute path of a file. */
MUST_USE enum err vault_dir_of(const char *path, int *out, const char **name);

/* "moving", ... Static storage. */
const char *vault_state_name(uint64_t state);

#endif /* VAULT_VAULT_H */
