/* SPDX-License-Identifier: Apache-2.0 */
/* vault: opening it, its records, what was interrupted, what is too old. */
#include "vault/vault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/own.h"
#include "vault/calls.h"
#include "vault/inside.h"

void
vault_item_free(struct vault_item *item)
{
	if (item != NULL)
		buf_free(&item->xattrs);
}

enum err
vault_fail(struct vault *v, enum err e, const char *what)
{
	if (errno != 0 && e == ERR_SYS)
		(void)snprintf(
		    v->why, sizeof(v->why), "%s: %s", what, strerror(errno));
	else
		(void)snprintf(v->why, sizeof(v->why), "%s", what);
	return e;
}

enum err
vault_open(int parent, struct vault *out)
{
	struct vault v = { .dir = -1 };

	if (vault_mkdirat(parent, VAULT_DIR, S_IRWXU) == -1 && errno != EEXIST)
		return ERR_SYS;
	v.dir = vault_openat(parent, VAULT_DIR,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (v.dir == -1)
		return ERR_SYS;
	if (!place_ours(v.dir)) {
		(void)close(v.dir);
		errno = EPERM;
		return ERR_SYS;
	}
	*out = v;
	return ERR_OK;
}

void
vault_close(struct vault *v)
{
	if (v->dir != -1)
		(void)close(v->dir);
	v->dir = -1;
}

enum err
vault_enter(struct vault *v)
{
	return vault_lock(v->dir) == 0
	    ? ERR_OK
	    : vault_fail(v, ERR_SYS, "the vault cannot be locked");
}

void
vault_leave(struct vault *v)
{
	(void)flock(v->dir, LOCK_UN);
}

/* It was about to be moved in: is it there, and is it the right one? */
static enum err
moving_mend(struct vault *v, struct vault_item *item, int place)
{
	AUTO_CLOSE int fd = -1, dir = -1;
	const char *name;
	struct stat st;
	enum err e;

	if (vault_fstatat(place, item->id, &st) == -1)
		return errno == ENOENT
		    ? record_remove(v, item->id)
		    : vault_fail(v, ERR_SYS, "it cannot be looked at");
	if (!place_same(&st, item)) {
		e = vault_dir_of(item->path, &dir, &name);
		if (e == ERR_OK &&
		    place_return(v, place, item->id, dir, name) == ERR_OK)
			return record_remove(v, item->id);
		item->flags |= VAULT_STRAY;
	} else if (item->links == 0) {
		fd = vault_openat(place, item->id,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
		if (fd == -1 || meta_seal(v, fd) != ERR_OK)
			return ERR_SYS;
	}
	if (vault_fsync(place) == -1)
		return vault_fail(v, ERR_SYS, "the vault cannot be written");
	item->state = VAULT_STORED;
	return record_write(v, item);
}

/* It was about to leave: has it? */
static enum err
restoring_mend(struct vault *v, struct vault_item *item, int place)
{
	AUTO_CLOSE int fd = vault_openat(
	    place, item->id, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);

	if (fd == -1 && errno == ENOENT)
		return record_remove(v, item->id);
	if ((item->flags & VAULT_STRAY) == 0 &&
	    (item->links == 0 || (item->flags & VAULT_COPY) != 0) &&
	    (fd == -1 || meta_seal(v, fd) != ERR_OK))
		return ERR_SYS;
	item->state = VAULT_STORED;
	item->target[0] = '\0';
	return record_write(v, item);
}

static enum err
deleting_mend(struct vault *v, struct vault_item *item, int place)
{
	if (vault_unlinkat(place, item->id, 0) == -1 && errno != ENOENT)
		return vault_fail(v, ERR_SYS, "it cannot be removed");
	return record_remove(v, item->id);
}

/* End or take back what was interrupted.  A record that is gone afterwards
 * says so by its state: VAULT_STATES. */
static enum err
mend(struct vault *v, struct vault_item *item)
{
	AUTO_CLOSE int place = -1;
	enum err e = ERR_BUG;

	if (item->state == VAULT_STORED)
		return ERR_OK;
	if (item->state == VAULT_COPYING || item->state == VAULT_COPIED) {
		e = copy_mend(v, item);
	} else if ((e = place_open(v, item, &place)) != ERR_OK) {
		return e;
	} else if (item->state == VAULT_MOVING) {
		e = moving_mend(v, item, place);
	} else if (item->state == VAULT_RESTORING) {
		e = restoring_mend(v, item, place);
	} else if (item->state == VAULT_DELETING) {
		e = deleting_mend(v, item, place);
	}
	if (e == ERR_OK && item->state != VAULT_STORED)
		item->state = VAULT_STATES;
	return e;
}

enum err
vault_get_locked(struct vault *v, const char *id, struct vault_item *out)
{
	struct vault_item item;
	enum err e;

	if (strspn(id, "0123456789abcdef") != VAULT_ID ||
	    strlen(id) != VAULT_ID)
		return vault_fail(v, ERR_USAGE, "that is no number of a file");
	if ((e = record_read(v, id, &item)) != ERR_OK)
		return e;
	e = mend(v, &item);
	if (e == ERR_OK && item.state == VAULT_STATES)
		e = vault_fail(v, ERR_USAGE, "there is nothing of that number");
	if (e != ERR_OK) {
		vault_item_free(&item);
		return e;
	}
	*out = item;
	return ERR_OK;
}

enum err
vault_get(struct vault *v, const char *id, struct vault_item *out)
{
	enum err e;

	v->why[0] = '\0';
	if ((e = vault_enter(v)) != ERR_OK)
		return e;
	e = vault_get_locked(v, id, out);
	vault_leave(v);
	return e;
}

/* Names that are not records' are passed over. */
static enum err
each_name(struct vault *v, DIR *d, vault_each_fn *each, void *context)
{
	const struct dirent *entry;

	while (errno = 0, (entry = readdir(d)) != NULL) {
		struct vault_item item;
		char id[VAULT_ID + 1];
		bool on;

		/* Damaged, or just gone: the others count. */
		if (!record_id(entry->d_name, id) ||
		    record_read(v, id, &item) != ERR_OK)
			continue;
		on = each(context, &item);
		vault_item_free(&item);
		if (!on)
			return ERR_OK;
	}
	return errno == 0 ? ERR_OK
			  : vault_fail(v, ERR_SYS, "the vault cannot be read");
}

enum err
vault_each(struct vault *v, vault_each_fn *each, void *context)
{
	AUTO_CLOSE int fd =
	    vault_openat(v->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	enum err e;

	v->why[0] = '\0';
	if (d == NULL)
		return vault_fail(v, ERR_SYS, "the vault cannot be read");
	(void)steal_fd(&fd);
	e = each_name(v, d, each, context);
	(void)closedir(d);
	return e;
}

/* Ids, with what they are chosen by. */
struct row {
	char id[VAULT_ID + 1];
	uint64_t stored_at, size, state;
};

struct rows {
	struct row *rows;
	size_t count, room;
};

static bool
rows_add(void *context, const struct vault_item *item)
{
	struct rows *r = context;

	if (r->count == r->room) {
		size_t room = r->room == 0 ? 64 : 2 * r->room;
		struct row *more = realloc(r->rows, room * sizeof(*more));

		if (more == NULL)
			return false;
		r->rows = more;
		r->room = room;
	}
	r->rows[r->count] = (struct row){ .stored_at = item->stored_at,
		.size = item->size,
		.state = item->state };
	memcpy(r->rows[r->count++].id, item->id, sizeof(item->id));
	return true;
}

static int
row_older(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return x->stored_at < y->stored_at ? -1 : x->stored_at > y->stored_at;
}

enum err
vault_expire(struct vault *v, const struct vault_bounds *b, uint64_t now,
    size_t *removed)
{
	struct rows r = { 0 };
	enum err e = vault_each(v, rows_add, &r);
	uint64_t total = 0;

	for (size_t i = 0; i < r.count; i++)
		total += r.rows[i].size;
	if (r.count != 0)
		qsort(r.rows, r.count, sizeof(*r.rows), row_older);
	for (size_t i = 0; i < r.count && e == ERR_OK; i++) {
		struct vault_item item = { 0 };
		bool old = b->seconds != 0 && r.rows[i].stored_at <= now &&
		    now - r.rows[i].stored_at > b->seconds;

		if (!old && (b->bytes == 0 || total <= b->bytes))
			break;
		memcpy(item.id, r.rows[i].id, sizeof(item.id));
		e = vault_delete(v, &item);
		total -= r.rows[i].size;
		if (e == ERR_OK && removed != NULL)
			(*removed)++;
		vault_item_free(&item);
	}
	free(r.rows);
	return e;
}

/* Records that were being written when the power went. */
static void
unborn_remove(struct vault *v)
{
	AUTO_CLOSE int fd =
	    vault_openat(v->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (d == NULL)
		return;
	(void)steal_fd(&fd);
	while ((entry = readdir(d)) != NULL)
		if (strspn(entry->d_name, "0123456789abcdef") == VAULT_ID &&
		    strcmp(entry->d_name + VAULT_ID, ".new") == 0)
			(void)unlinkat(v->dir, entry->d_name, 0);
	(void)closedir(d);
}

enum err
vault_recover(struct vault *v, size_t *mended)
{
	struct rows r = { 0 };
	enum err e;

	if ((e = vault_enter(v)) != ERR_OK)
		return e;
	unborn_remove(v);
	e = vault_each(v, rows_add, &r);
	for (size_t i = 0; i < r.count && e == ERR_OK; i++) {
		struct vault_item item;

		if (r.rows[i].state == VAULT_STORED ||
		    record_read(v, r.rows[i].id, &item) != ERR_OK)
			continue;
		/* What can't be reached now is tried again next time. */
		if (mend(v, &item) == ERR_OK && mended != NULL)
			(*mended)++;
		vault_item_free(&item);
	}
	vault_leave(v);
	free(r.rows);
	return e;
}

const char *
vault_state_name(uint64_t state)
{
	static const char *const names[VAULT_STATES] = { "moving", "copying",
		"copied", "stored", "restoring", "deleting" };

	return state < VAULT_STATES ? names[state] : "?";
}
