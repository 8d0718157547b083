/* SPDX-License-Identifier: Apache-2.0 */
/* inside: what the files of the vault share; nobody else includes this. */
#ifndef VAULT_INSIDE_H
#define VAULT_INSIDE_H

#include <fcntl.h>
#include <sys/stat.h>

#include "vault/vault.h"

enum {
	VAULT_NAME_MAX = 255,
	/* How a directory is opened that may be somebody's trap. */
	DIR_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
};

/* vault.c */

/* Say why, with errno's sentence. Returns e. */
enum err vault_fail(struct vault *v, enum err e, const char *what)
    __attribute__((cold));

/* One at a time, also among processes. */
MUST_USE enum err vault_enter(struct vault *v);
void vault_leave(struct vault *v);
/* vault_get() by who has entered. */
MUST_USE enum err vault_get_locked(
    struct vault *v, const char *id, struct vault_item *out);

/* record.c */

/* Write a record and its directory to the disk before returning. */
MUST_USE enum err record_write(struct vault *v, const struct vault_item *item);
MUST_USE enum err record_read(
    struct vault *v, const char *id, struct vault_item *out);
MUST_USE enum err record_remove(struct vault *v, const char *id);
/* The id of a record's file name; false: it is none. */
bool record_id(const char *name, char id[VAULT_ID + 1]);

/* meta.c */

/* What a file is, into the record. */
MUST_USE enum err meta_take(
    struct vault *v, int fd, const struct stat *st, struct vault_item *item);
/* Give it to a file; nothing else does that is left of it when this fails. */
MUST_USE enum err meta_give(
    struct vault *v, int fd, const struct vault_item *item);
/* Nobody may read, write or run it by accident. */
MUST_USE enum err meta_seal(struct vault *v, int fd);

/* place.c */

/* The place of the mount that a directory is on, made if need be; path is that
 * of the mount's root.  ERR_UNSUPPORTED: no safe one. */
MUST_USE enum err place_make(
    struct vault *v, int dir, int *out, char path[4096]);
/* The place of an item. */
MUST_USE enum err place_open(
    struct vault *v, const struct vault_item *item, int *out);
/* Is it a directory of ours that nobody else can enter? */
bool place_ours(int fd);
/* Are these of the same file? */
bool place_is(const struct stat *st, const struct stat *want);
/* Is this the file of the record, by all that stays? */
bool place_same(const struct stat *st, const struct vault_item *item);
/* Move back what was moved, under its name or, when that is taken, beside it.
 * ERR_SYS: it could not be. */
MUST_USE enum err place_return(
    struct vault *v, int from, const char *as, int dir, const char *name);

/* copy.c */

/* All bytes of from, verified, in a new file without a name in dir. */
MUST_USE enum err copy_make(
    struct vault *v, int from, const struct stat *st, int dir, int *out);
/* Quarantine by a copy. */
MUST_USE enum err copy_store(struct vault *v, const struct vault_find *f,
    const struct stat *st, struct vault_item *item);
/* End or take back an interrupted copy_store(). */
MUST_USE enum err copy_mend(struct vault *v, struct vault_item *item);

#endif /* VAULT_INSIDE_H */
