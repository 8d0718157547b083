/* SPDX-License-Identifier: Apache-2.0 */
/*
 * place: directories, and who could play with them.
 *
 * A place is at the root of the mount that the file was reached by, since a
 * rename does not cross mounts, and at the root of a subvolume for the same
 * reason.  Who may rename in the root of a mount could take the place away:
 * there is none on such a mount.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fdpath.h"
#include "base/own.h"
#include "vault/calls.h"
#include "vault/inside.h"

enum { DEPTH_MAX = 1024 }; /* directories above a file */

bool
place_ours(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) &&
	    st.st_uid == geteuid() && (st.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

bool
place_is(const struct stat *st, const struct stat *want)
{
	return st->st_dev == want->st_dev && st->st_ino == want->st_ino;
}

bool
place_same(const struct stat *st, const struct vault_item *item)
{
	return S_ISREG(st->st_mode) && st->st_ino == item->ino;
}

/* Can only we rename what is ours in it? */
static bool
root_safe(const struct stat *st)
{
	return st->st_uid == geteuid() &&
	    ((st->st_mode & (S_IWGRP | S_IWOTH)) == 0 ||
		(st->st_mode & S_ISVTX) != 0);
}

static bool
same_mount(int a, int b)
{
	struct statx x, y;

	return statx(a, "", AT_EMPTY_PATH, STATX_MNT_ID | STATX_INO, &x) == 0 &&
	    statx(b, "", AT_EMPTY_PATH, STATX_MNT_ID | STATX_INO, &y) == 0 &&
	    x.stx_mnt_id == y.stx_mnt_id &&
	    x.stx_dev_major == y.stx_dev_major &&
	    x.stx_dev_minor == y.stx_dev_minor && x.stx_ino != y.stx_ino;
}

/* The highest directory above dir on the same mount. */
static enum err
root_of(int dir, int *out)
{
	AUTO_CLOSE int at = openat(dir, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (int depth = 0; depth < DEPTH_MAX && at != -1; depth++) {
		AUTO_CLOSE int up =
		    openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (up == -1)
			return ERR_SYS;
		if (!same_mount(at, up)) {
			*out = steal_fd(&at);
			return ERR_OK;
		}
		(void)close(at);
		at = steal_fd(&up);
	}
	return at == -1 ? ERR_SYS : ERR_LIMIT;
}

/* Make it, for good. */
static void
place_new(int root)
{
	AUTO_CLOSE int above = -1;

	if (vault_mkdirat(root, VAULT_PLACE, S_IRWXU) == -1)
		return;
	above = vault_openat(root, ".", DIR_FLAGS, 0);
	if (above != -1)
		(void)!vault_fsync(above); /* seen when the move is synced */
}

enum err
place_make(struct vault *v, int dir, int *out, char path[PATH_MAX])
{
	AUTO_CLOSE int root = -1, place = -1;
	struct stat st, in;

	if (root_of(dir, &root) != ERR_OK || !fd_path(root, path) ||
	    vault_fstat(root, &st) == -1 || vault_fstat(dir, &in) == -1)
		return vault_fail(v, ERR_UNSUPPORTED,
		    "the root of its filesystem cannot be reached");
	if (!root_safe(&st))
		return vault_fail(v, ERR_UNSUPPORTED,
		    "others may rename things in the root of its filesystem");
	place_new(root);
	place = vault_openat(root, VAULT_PLACE, DIR_FLAGS, 0);
	if (place == -1 || !place_ours(place) || !same_mount(root, place))
		return vault_fail(v, ERR_UNSUPPORTED,
		    "there is no safe vault on its filesystem");
	if (vault_fstat(place, &st) == -1 || st.st_ino == in.st_ino)
		return vault_fail(v, ERR_USAGE, "it is in the vault");
	*out = steal_fd(&place);
	return ERR_OK;
}

enum err
place_open(struct vault *v, const struct vault_item *item, int *out)
{
	AUTO_CLOSE int root = -1, place = -1;

	if (item->place[0] == '\0') {
		*out = vault_openat(v->dir, ".", DIR_FLAGS, 0);
		return *out != -1
		    ? ERR_OK
		    : vault_fail(v, ERR_SYS, "the vault cannot be opened");
	}
	root = open(item->place, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root != -1)
		place = vault_openat(root, VAULT_PLACE, DIR_FLAGS, 0);
	if (place == -1)
		return vault_fail(v, ERR_SYS,
		    "the vault on its filesystem cannot be opened (is it "
		    "mounted?)");
	if (!place_ours(place))
		return vault_fail(v, ERR_UNSUPPORTED,
		    "the vault on its filesystem is open to others");
	*out = steal_fd(&place);
	return ERR_OK;
}

enum err
place_return(
    struct vault *v, int from, const char *as, int dir, const char *name)
{
	char other[VAULT_NAME_MAX + 1];

	if (vault_move(from, as, dir, name) == 0)
		return ERR_OK;
	(void)snprintf(other, sizeof(other), "%.200s.ckptguard-%.16s", name,
	    strcmp(as, "it") == 0 ? "returned" : as);
	return vault_move(from, as, dir, other) == 0
	    ? ERR_OK
	    : vault_fail(v, ERR_SYS, "what took its name cannot be given back");
}

enum err
vault_dir_of(const char *path, int *out, const char **name)
{
	struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	size_t n;
	int fd;

	if (path[0] != '/' || slash == NULL || slash[1] == '\0' ||
	    strcmp(slash + 1, ".") == 0 || strcmp(slash + 1, "..") == 0)
		return ERR_USAGE;
	n = slash == path ? 1 : (size_t)(slash - path);
	if (n >= sizeof(dir) || strlen(slash + 1) > VAULT_NAME_MAX)
		return ERR_USAGE;
	memcpy(dir, path, n);
	dir[n] = '\0';
	fd = (int)syscall(SYS_openat2, AT_FDCWD, dir, &how, sizeof(how));
	if (fd == -1)
		return ERR_SYS;
	*out = fd;
	*name = slash + 1;
	return ERR_OK;
}
