/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore: out of the vault again, under a name that nothing has.
 *
 * The file gets its owner, mode and attributes while it is still in a
 * directory that nobody else can enter, and then its name in one step.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "vault/calls.h"
#include "vault/inside.h"

/* Where a file is to go. */
struct goal {
	int dir;
	const char *name, *target;
};

static enum err
goal_check(struct vault *v, const struct goal *g)
{
	struct stat st;

	if (g->name[0] == '\0' || strchr(g->name, '/') != NULL ||
	    strcmp(g->name, ".") == 0 || strcmp(g->name, "..") == 0 ||
	    strlen(g->name) > VAULT_NAME_MAX || strlen(g->target) >= PATH_MAX)
		return vault_fail(v, ERR_USAGE, "that is no name for a file");
	if (vault_fstatat(g->dir, g->name, &st) == 0)
		return vault_fail(v, ERR_USAGE,
		    "something of that name is there: restore it under "
		    "another with --to");
	return ERR_OK;
}

/* Open the bytes and see that they are those that came in. */
static enum err
bytes_open(struct vault *v, const struct vault_item *item, int place, int *out)
{
	char hex[DIGEST_HEX + 1];
	struct digest d;
	struct stat st;
	AUTO_CLOSE int fd = vault_openat(place, item->id,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOATIME | O_CLOEXEC, 0);

	if (fd == -1 || vault_fstat(fd, &st) == -1)
		return vault_fail(v, ERR_SYS, "it cannot be opened");
	if (!S_ISREG(st.st_mode))
		return vault_fail(v, ERR_USAGE, "it is no regular file");
	if (item->digest[0] != '\0') {
		if (vault_sum(fd, item->size, &d) == -1)
			return vault_fail(v, ERR_SYS, "it cannot be read");
		digest_hex(&d, hex);
		if (strcmp(hex, item->digest) != 0)
			return vault_fail(v, ERR_USAGE,
			    "its bytes are not those that came in");
	}
	*out = steal_fd(&fd);
	return ERR_OK;
}

/* Back to what it was: nobody's but ours. */
static void
again_stored(struct vault *v, struct vault_item *item, int fd)
{
	char why[VAULT_WHY_MAX];

	memcpy(why, v->why, sizeof(why));
	if (fd != -1 && (item->links == 0 || (item->flags & VAULT_COPY) != 0))
		(void)!meta_seal(v, fd);
	item->state = VAULT_STORED;
	item->target[0] = '\0';
	(void)!record_write(v, item);
	memcpy(v->why, why, sizeof(why));
}

/* A new file there with the same bytes. */
static enum err
restore_copy(struct vault *v, const struct vault_item *item, int fd,
    const struct goal *g, int place)
{
	AUTO_CLOSE int copy = -1;
	struct stat st;
	enum err e;

	if (vault_fstat(fd, &st) == -1)
		return vault_fail(v, ERR_SYS, "it cannot be looked at");
	if ((e = copy_make(v, fd, &st, g->dir, &copy)) != ERR_OK ||
	    (e = meta_give(v, copy, item)) != ERR_OK)
		return e;
	if (vault_fsync(copy) == -1)
		return vault_fail(v, ERR_SYS, "its copy cannot be written");
	if (vault_link(copy, g->dir, g->name) == -1)
		return vault_fail(v, errno == EEXIST ? ERR_USAGE : ERR_SYS,
		    "it cannot be given its name");
	/* It is there; what fails now leaves one too many. */
	if (vault_fsync(g->dir) == 0)
		(void)!vault_unlinkat(place, item->id, 0);
	return ERR_OK;
}

/* Rename, or copy where that does not go. */
static enum err
restore_bytes(struct vault *v, const struct vault_item *item, int fd,
    const struct goal *g, int place)
{
	bool whole = item->links == 0 || (item->flags & VAULT_COPY) != 0;
	enum err e;

	if (whole && (item->flags & VAULT_STRAY) == 0 &&
	    (e = meta_give(v, fd, item)) != ERR_OK)
		return e;
	if (vault_move(place, item->id, g->dir, g->name) == 0) {
		(void)!vault_fsync(g->dir); /* it is there in any case */
		(void)!vault_fsync(place);
		return ERR_OK;
	}
	if (errno == EXDEV && fd != -1)
		return restore_copy(v, item, fd, g, place);
	return vault_fail(v, errno == EEXIST ? ERR_USAGE : ERR_SYS,
	    "it cannot be moved there");
}

/* It has its name.  A copy may have left it here as well, where its directory
 * could not be synced; a record that cannot be changed now is mended later. */
static void
restored(struct vault *v, struct vault_item *item, int place, int fd)
{
	struct stat st;

	if (vault_fstatat(place, item->id, &st) == 0)
		again_stored(v, item, fd);
	else if (errno == ENOENT)
		(void)!record_remove(v, item->id);
}

static enum err
restore(struct vault *v, struct vault_item *item, const struct goal *g)
{
	AUTO_CLOSE int place = -1, fd = -1;
	enum err e;

	if ((e = goal_check(v, g)) != ERR_OK ||
	    (e = place_open(v, item, &place)) != ERR_OK)
		return e;
	if ((item->flags & VAULT_STRAY) == 0 &&
	    (e = bytes_open(v, item, place, &fd)) != ERR_OK)
		return e;
	item->state = VAULT_RESTORING;
	(void)snprintf(item->target, sizeof(item->target), "%s", g->target);
	if ((e = record_write(v, item)) == ERR_OK)
		e = restore_bytes(v, item, fd, g, place);
	if (e != ERR_OK) {
		again_stored(v, item, fd);
		return e;
	}
	restored(v, item, place, fd);
	return ERR_OK;
}

/* As it is on the disk now: somebody may have been quicker. */
static enum err
item_again(struct vault *v, struct vault_item *item)
{
	struct vault_item now;
	enum err e = vault_get_locked(v, item->id, &now);

	if (e != ERR_OK)
		return e;
	vault_item_free(item);
	*item = now;
	return item->state == VAULT_STORED
	    ? ERR_OK
	    : vault_fail(v, ERR_SYS, "it is not whole in the vault yet");
}

enum err
vault_restore(struct vault *v, struct vault_item *item, int dir,
    const char *name, const char *target)
{
	const struct goal g = { dir, name, target };
	enum err e;

	v->why[0] = '\0';
	if ((e = vault_enter(v)) != ERR_OK)
		return e;
	if ((e = item_again(v, item)) == ERR_OK)
		e = restore(v, item, &g);
	vault_leave(v);
	return e;
}

static enum err
item_delete(struct vault *v, struct vault_item *item)
{
	AUTO_CLOSE int place = -1;
	enum err e = place_open(v, item, &place);

	if (e != ERR_OK)
		return e;
	item->state = VAULT_DELETING;
	if ((e = record_write(v, item)) != ERR_OK) {
		again_stored(v, item, -1);
		return e;
	}
	if (vault_unlinkat(place, item->id, 0) == -1 && errno != ENOENT) {
		e = vault_fail(v, ERR_SYS, "it cannot be removed");
		again_stored(v, item, -1);
		return e;
	}
	(void)!vault_fsync(place);
	(void)!record_remove(v, item->id); /* gone at the next start, else */
	return ERR_OK;
}

enum err
vault_delete(struct vault *v, struct vault_item *item)
{
	enum err e;

	v->why[0] = '\0';
	if ((e = vault_enter(v)) != ERR_OK)
		return e;
	if ((e = item_again(v, item)) == ERR_OK)
		e = item_delete(v, item);
	vault_leave(v);
	return e;
}

enum err
vault_read(struct vault *v, const struct vault_item *item, int *out)
{
	AUTO_CLOSE int place = -1;
	enum err e;

	if ((e = place_open(v, item, &place)) != ERR_OK)
		return e;
	return bytes_open(v, item, place, out);
}

static enum err
digest(struct vault *v, struct vault_item *item)
{
	AUTO_CLOSE int fd = -1;
	struct digest d;
	struct stat st;
	enum err e = vault_read(v, item, &fd);

	if (e != ERR_OK || item->digest[0] != '\0')
		return e;
	if (vault_fstat(fd, &st) == -1 ||
	    vault_sum(fd, (uint64_t)st.st_size, &d) == -1)
		return vault_fail(v, ERR_SYS, "it cannot be read");
	/* Who wrote when it came in may have gone on for a while. */
	item->size = (uint64_t)st.st_size;
	digest_hex(&d, item->digest);
	return record_write(v, item);
}

enum err
vault_digest(struct vault *v, struct vault_item *item)
{
	enum err e;

	v->why[0] = '\0';
	if ((e = vault_enter(v)) != ERR_OK)
		return e;
	if ((e = item_again(v, item)) == ERR_OK)
		e = digest(v, item);
	vault_leave(v);
	return e;
}
