/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store: one rename, and a look at what it moved.
 *
 * Who owns the directory can put another file under the name between the look
 * before and the rename.  What was moved is therefore compared with the open
 * file, and goes back when it is another.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/own.h"
#include "vault/calls.h"
#include "vault/inside.h"

enum { ID_BYTES = VAULT_ID / 2 };

static enum err
id_make(struct vault *v, char out[VAULT_ID + 1])
{
	uint8_t bytes[ID_BYTES];

	if (vault_getrandom(bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes))
		return vault_fail(v, ERR_SYS, "no random number");
	for (size_t i = 0; i < sizeof(bytes); i++)
		(void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	return ERR_OK;
}

/* Is the name the open file's? */
static enum err
name_check(struct vault *v, const struct vault_find *f, struct stat *st)
{
	struct stat at;

	if (vault_fstat(f->fd, st) == -1)
		return vault_fail(v, ERR_SYS, "it cannot be looked at");
	if (!S_ISREG(st->st_mode))
		return vault_fail(v, ERR_USAGE, "it is no regular file");
	if (st->st_nlink == 0)
		return vault_fail(v, ERR_USAGE, "it was deleted");
	if (vault_fstatat(f->dir, f->name, &at) == -1 || !place_is(&at, st))
		return vault_fail(
		    v, ERR_USAGE, "its name is another file's by now");
	return ERR_OK;
}

/* Another file was moved, and its name has gone to a third.  It stays, said to
 * be what it is. */
static enum err
stray_keep(struct vault *v, struct vault_item *item, const struct stat *st)
{
	item->flags |= VAULT_STRAY;
	item->ino = item->source_ino = st->st_ino;
	item->size = (uint64_t)st->st_size;
	item->uid = st->st_uid;
	item->state = VAULT_STORED;
	(void)!record_write(v, item); /* mended at the next start, else */
	return ERR_SYS;
}

/* It was moved; was it the right one? */
static enum err
moved_check(struct vault *v, const struct vault_find *f, int place,
    const struct stat *st, struct vault_item *item)
{
	struct stat now;

	/* Not known: the record stands, and it is looked at again later. */
	if (vault_fstatat(place, item->id, &now) == -1)
		return vault_fail(v, ERR_SYS, "it cannot be looked at");
	if (place_is(&now, st))
		return ERR_OK;
	if (place_return(v, place, item->id, f->dir, f->name) != ERR_OK)
		return stray_keep(v, item, &now);
	(void)!record_remove(v, item->id);
	return vault_fail(
	    v, ERR_USAGE, "its name was given to another file meanwhile");
}

/* It is in its place.  What can still fail is done again at the next start. */
static void
moved_finish(struct vault *v, const struct vault_find *f, int place,
    struct vault_item *item)
{
	/* Mode and owner belong to its other names as well. */
	if (item->links == 0)
		(void)!meta_seal(v, f->fd);
	if (vault_fsync(place) == -1 || vault_fsync(f->dir) == -1)
		return;
	item->state = VAULT_STORED;
	if (record_write(v, item) != ERR_OK)
		item->state = VAULT_MOVING;
}

static enum err
move_store(struct vault *v, const struct vault_find *f, int place,
    const struct stat *st, struct vault_item *item)
{
	enum err e;

	item->state = VAULT_MOVING;
	if ((e = record_write(v, item)) != ERR_OK) {
		(void)!record_remove(v, item->id);
		return e;
	}
	if (vault_move(f->dir, f->name, place, item->id) == -1) {
		if (errno == EXDEV)
			return copy_store(v, f, st, item);
		e = vault_fail(v, ERR_SYS, "it cannot be moved");
		(void)!record_remove(v, item->id);
		return e;
	}
	if ((e = moved_check(v, f, place, st, item)) != ERR_OK)
		return e;
	moved_finish(v, f, place, item);
	return ERR_OK;
}

/* A record begins as what the caller says. */
static void
item_begin(struct vault_item *item, const struct vault_item *say)
{
	struct timespec now = { 0 };

	*item = *say;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	item->stored_at = (uint64_t)now.tv_sec;
	item->flags &= VAULT_GROWING;
	item->place[0] = item->target[0] = item->digest[0] = '\0';
	item->xattrs = buf_new(VAULT_XATTRS_MAX);
}

static enum err
store(struct vault *v, const struct vault_find *f, struct vault_item *item)
{
	AUTO_CLOSE int place = -1;
	struct stat st;
	enum err e;

	if ((e = name_check(v, f, &st)) != ERR_OK ||
	    (e = id_make(v, item->id)) != ERR_OK ||
	    (e = meta_take(v, f->fd, &st, item)) != ERR_OK)
		return e;
	e = v->beside ? place_open(v, item, &place)
		      : place_make(v, f->dir, &place, item->place);
	if (e == ERR_UNSUPPORTED)
		return copy_store(v, f, &st, item);
	return e != ERR_OK ? e : move_store(v, f, place, &st, item);
}

enum err
vault_store(struct vault *v, const struct vault_find *f, struct vault_item *out)
{
	struct vault_item item;
	enum err e;

	v->why[0] = '\0';
	if ((e = vault_enter(v)) != ERR_OK)
		return e;
	item_begin(&item, f->say);
	e = store(v, f, &item);
	vault_leave(v);
	if (e != ERR_OK) {
		vault_item_free(&item);
		return e;
	}
	*out = item;
	return ERR_OK;
}
