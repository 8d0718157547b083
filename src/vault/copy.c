/* SPDX-License-Identifier: Apache-2.0 */
/*
 * copy: where a rename cannot go.
 *
 * A copy counts when its bytes have been read back from the file that was
 * written, and the original did not change from the first byte to its removal:
 * a lease sees to that where there are leases.  The original is moved into a
 * directory of ours first, so that what is removed is what was copied and not
 * what somebody put in its place.
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

enum { BLOCK = 128 * 1024, COPY_STEP = 1 << 30, HOLD_NAME = VAULT_ID + 16 };

/* By hand, where the kernel has no better way. */
static enum err
bytes_copy(int from, int to, uint64_t size)
{
	AUTO_FREE uint8_t *block = malloc(BLOCK);
	uint64_t at = 0;

	if (block == NULL || lseek(to, 0, SEEK_SET) == -1)
		return ERR_SYS;
	while (at < size) {
		ssize_t n = vault_pread(from, block, BLOCK, (off_t)at);

		if (n <= 0)
			return ERR_SYS;
		for (ssize_t done = 0; done < n;) {
			ssize_t w =
			    vault_write(to, block + done, (size_t)(n - done));

			if (w <= 0)
				return ERR_SYS;
			done += w;
		}
		at += (uint64_t)n;
	}
	return ERR_OK;
}

static enum err
kernel_copy(int from, int to, uint64_t size)
{
	uint64_t left = size;

	if (vault_reflink(to, from) == 0)
		return ERR_OK;
	if (lseek(from, 0, SEEK_SET) == -1)
		return ERR_SYS;
	while (left > 0) {
		ssize_t n = vault_copy(
		    from, to, left < COPY_STEP ? (size_t)left : COPY_STEP);

		if (n <= 0)
			return ERR_SYS;
		left -= (uint64_t)n;
	}
	return ERR_OK;
}

enum err
copy_make(struct vault *v, int from, const struct stat *st, int dir, int *out)
{
	uint64_t size = (uint64_t)st->st_size;
	struct digest want, have;
	AUTO_CLOSE int to =
	    vault_openat(dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0400);

	if (to == -1)
		return vault_fail(v, ERR_UNSUPPORTED,
		    "a copy cannot be made in that directory");
	if (kernel_copy(from, to, size) != ERR_OK &&
	    bytes_copy(from, to, size) != ERR_OK)
		return vault_fail(v, ERR_SYS, "it cannot be copied");
	if (vault_fsync(to) == -1)
		return vault_fail(v, ERR_SYS, "its copy cannot be written");
	/* Read it from the disk, not from the memory of having written it. */
	(void)posix_fadvise(to, 0, 0, POSIX_FADV_DONTNEED);
	if (vault_sum(from, size, &want) == -1 ||
	    vault_sum(to, size, &have) == -1 || !digest_equal(&want, &have))
		return vault_fail(v, ERR_SYS, "its copy is not the same");
	*out = steal_fd(&to);
	return ERR_OK;
}

/* The file again, by a descriptor whose lease is nobody else's. */
static enum err
reopen(struct vault *v, int fd, int *out, bool *leased)
{
	char self[32];

	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	*out = vault_openat(
	    AT_FDCWD, self, O_RDONLY | O_NONBLOCK | O_NOATIME | O_CLOEXEC, 0);
	if (*out == -1)
		return vault_fail(v, ERR_SYS, "it cannot be opened");
	*leased = vault_lease(*out, F_RDLCK) == 0;
	if (!*leased && errno == EAGAIN)
		return vault_fail(v, ERR_USAGE, "somebody is writing it");
	return ERR_OK;
}

/* Is it still what it was when it was looked at first? */
static bool
unchanged(int fd, const struct stat *was, bool leased)
{
	struct stat st;

	return (!leased || vault_leased(fd) == F_RDLCK) &&
	    vault_fstat(fd, &st) == 0 && st.st_size == was->st_size &&
	    st.st_mtim.tv_sec == was->st_mtim.tv_sec &&
	    st.st_mtim.tv_nsec == was->st_mtim.tv_nsec;
}

static void
hold_name(char out[HOLD_NAME], const char *id)
{
	(void)snprintf(out, HOLD_NAME, ".ckptguard-%.16s", id);
}

/* A directory of ours in dir. */
static enum err
hold_make(struct vault *v, int dir, const char *id, int *out)
{
	AUTO_CLOSE int fd = -1;
	char name[HOLD_NAME];

	hold_name(name, id);
	if (vault_mkdirat(dir, name, S_IRWXU) == -1)
		return vault_fail(v, ERR_SYS, "it cannot be removed");
	fd = vault_openat(dir, name, DIR_FLAGS, 0);
	if (fd == -1 || !place_ours(fd)) {
		(void)unlinkat(dir, name, AT_REMOVEDIR);
		return vault_fail(v, ERR_UNSUPPORTED,
		    "its filesystem keeps no directory for root alone");
	}
	*out = steal_fd(&fd);
	return ERR_OK;
}

/* Remove the original, which is at own; if what has its name is something
 * else, that is left alone.  *held: it could not be put back. */
static enum err
original_remove(struct vault *v, const struct vault_find *f, const char *id,
    const struct stat *st, bool *held)
{
	AUTO_CLOSE int hold = -1;
	char name[HOLD_NAME];
	struct stat now;
	enum err e = hold_make(v, f->dir, id, &hold);

	if (e != ERR_OK)
		return e;
	hold_name(name, id);
	if (vault_move(f->dir, f->name, hold, "it") == -1) {
		e = vault_fail(v, ERR_SYS, "it cannot be removed");
	} else if (vault_fstatat(hold, "it", &now) == -1 ||
	    !place_is(&now, st) || !unchanged(f->fd, st, false)) {
		e = vault_fail(
		    v, ERR_USAGE, "it was changed or replaced meanwhile");
		*held = place_return(v, hold, "it", f->dir, f->name) != ERR_OK;
	} else if (vault_unlinkat(hold, "it", 0) == -1) {
		e = vault_fail(v, ERR_SYS, "it cannot be removed");
		*held = place_return(v, hold, "it", f->dir, f->name) != ERR_OK;
	}
	(void)!vault_unlinkat(f->dir, name, AT_REMOVEDIR);
	return e;
}

/* A copy with a name, and a record that says so. */
static enum err
copy_keep(struct vault *v, int copy, struct vault_item *item)
{
	struct digest d;
	struct stat st;
	enum err e;

	if (vault_fstat(copy, &st) == -1 ||
	    vault_sum(copy, item->size, &d) == -1)
		return vault_fail(v, ERR_SYS, "its copy cannot be read");
	digest_hex(&d, item->digest);
	item->ino = st.st_ino;
	item->flags |= VAULT_COPY;
	item->place[0] = '\0';
	if (vault_link(copy, v->dir, item->id) == -1 ||
	    vault_fsync(v->dir) == -1)
		return vault_fail(v, ERR_SYS, "its copy cannot be kept");
	item->state = VAULT_COPIED;
	if ((e = record_write(v, item)) != ERR_OK)
		item->state = VAULT_COPYING;
	return e;
}

/* The original is untouched: there shall be no copy. */
static void
copy_drop(struct vault *v, const char *id)
{
	char why[VAULT_WHY_MAX];

	memcpy(why, v->why, sizeof(why));
	if (vault_unlinkat(v->dir, id, 0) == 0 || errno == ENOENT)
		(void)!record_remove(v, id);
	/* What failed first is what counts; the rest is mended later. */
	memcpy(v->why, why, sizeof(why));
}

enum err
copy_store(struct vault *v, const struct vault_find *f, const struct stat *st,
    struct vault_item *item)
{
	AUTO_CLOSE int own = -1, copy = -1;
	bool leased = false, held = false;
	enum err e;

	item->state = VAULT_COPYING;
	if ((e = reopen(v, f->fd, &own, &leased)) != ERR_OK ||
	    (e = record_write(v, item)) != ERR_OK) {
		copy_drop(v, item->id);
		return e;
	}
	e = copy_make(v, own, st, v->dir, &copy);
	if (e == ERR_OK && !unchanged(own, st, leased))
		e = vault_fail(v, ERR_USAGE, "it was changed meanwhile");
	if (e == ERR_OK)
		e = copy_keep(v, copy, item);
	if (e == ERR_OK && !unchanged(own, st, leased))
		e = vault_fail(v, ERR_USAGE, "it was changed meanwhile");
	if (e == ERR_OK)
		e = original_remove(v, f, item->id, st, &held);
	if (e != ERR_OK) {
		if (!held)
			copy_drop(v, item->id);
		return e;
	}
	return ERR_OK;
}

/* What is left in our own directory beside the original's place. */
static enum err
hold_mend(struct vault *v, struct vault_item *item, int dir, const char *name)
{
	char hold_at[HOLD_NAME];
	AUTO_CLOSE int hold = -1;
	struct stat st;

	hold_name(hold_at, item->id);
	hold = vault_openat(dir, hold_at, DIR_FLAGS, 0);
	if (hold == -1)
		return errno == ENOENT ? ERR_OK : ERR_SYS;
	if (!place_ours(hold))
		return ERR_OK; /* somebody else's of that name */
	if (vault_fstatat(hold, "it", &st) == 0) {
		bool same = st.st_ino == item->source_ino &&
		    (uint64_t)st.st_size == item->size &&
		    (uint64_t)st.st_mtim.tv_sec == item->mtime &&
		    (uint64_t)st.st_mtim.tv_nsec == item->mtime_ns;

		if (same && vault_unlinkat(hold, "it", 0) == -1)
			return vault_fail(v, ERR_SYS, "it cannot be removed");
		if (!same && place_return(v, hold, "it", dir, name) != ERR_OK)
			return ERR_SYS;
	} else if (errno != ENOENT) {
		return ERR_SYS;
	}
	return vault_unlinkat(dir, hold_at, AT_REMOVEDIR) == 0 ? ERR_OK
							       : ERR_SYS;
}

enum err
copy_mend(struct vault *v, struct vault_item *item)
{
	AUTO_CLOSE int dir = -1;
	const char *name;
	struct stat st;
	enum err e;

	if (item->state == VAULT_COPYING) {
		if (vault_unlinkat(v->dir, item->id, 0) == -1 &&
		    errno != ENOENT)
			return vault_fail(
			    v, ERR_SYS, "half a copy cannot be removed");
		return record_remove(v, item->id);
	}
	e = vault_dir_of(item->path, &dir, &name);
	if (e == ERR_SYS && errno != ENOENT)
		return vault_fail(v, e, "where it was cannot be reached");
	if (e == ERR_OK) {
		if ((e = hold_mend(v, item, dir, name)) != ERR_OK)
			return e;
		/* The original is where it was: it is the one that counts. */
		if (vault_fstatat(dir, name, &st) == 0 &&
		    st.st_ino == item->source_ino &&
		    (uint64_t)st.st_size == item->size) {
			item->state = VAULT_COPYING;
			return copy_mend(v, item);
		}
	}
	item->state = VAULT_STORED;
	return record_write(v, item);
}
