/* SPDX-License-Identifier: Apache-2.0 */
/* meta: owner, mode, times and extended attributes, taken and given back. */
#include <errno.h>
#include <string.h>
#include <sys/xattr.h>

#include "base/own.h"
#include "vault/calls.h"
#include "vault/inside.h"

enum {
	NAMES_MAX = 64 * 1024, /* XATTR_LIST_MAX */
	VALUE_MAX = 64 * 1024, /* XATTR_SIZE_MAX */
	MODE_SEALED = 0400,
	MODE_BITS = 07777
};

static enum err
xattr_take(int fd, const char *name, uint8_t *value, struct buf *out)
{
	ssize_t n = vault_fgetxattr(fd, name, value, VALUE_MAX);
	uint32_t size = (uint32_t)n;
	enum err e;

	if (n == -1)
		return errno == ENODATA ? ERR_OK : ERR_SYS;
	if ((e = buf_add(out, name, strlen(name) + 1)) != ERR_OK ||
	    (e = buf_add(out, &size, sizeof(size))) != ERR_OK)
		return e;
	return buf_add(out, value, size);
}

static enum err
xattrs_take(int fd, struct buf *out)
{
	AUTO_FREE char *names = malloc(NAMES_MAX);
	AUTO_FREE uint8_t *value = malloc(VALUE_MAX);
	enum err e = ERR_OK;
	ssize_t n;

	if (names == NULL || value == NULL)
		return ERR_NOMEM;
	n = vault_flistxattr(fd, names, NAMES_MAX);
	if (n == -1)
		return errno == ENOTSUP ? ERR_OK : ERR_SYS;
	for (ssize_t i = 0; i < n && e == ERR_OK;
	     i += (ssize_t)strlen(names + i) + 1)
		e = xattr_take(fd, names + i, value, out);
	return e;
}

enum err
meta_take(
    struct vault *v, int fd, const struct stat *st, struct vault_item *item)
{
	enum err e;

	item->dev = st->st_dev;
	item->ino = item->source_ino = st->st_ino;
	item->size = (uint64_t)st->st_size;
	item->links = (uint64_t)st->st_nlink - 1;
	item->mode = st->st_mode & MODE_BITS;
	item->uid = st->st_uid;
	item->gid = st->st_gid;
	item->atime = (uint64_t)st->st_atim.tv_sec;
	item->atime_ns = (uint64_t)st->st_atim.tv_nsec;
	item->mtime = (uint64_t)st->st_mtim.tv_sec;
	item->mtime_ns = (uint64_t)st->st_mtim.tv_nsec;
	item->xattrs = buf_new(VAULT_XATTRS_MAX);
	e = xattrs_take(fd, &item->xattrs);
	return e == ERR_OK ? ERR_OK
			   : vault_fail(v, e, "its attributes cannot be kept");
}

/* It may be there already: the file was only moved. */
static bool
xattr_there(int fd, const char *name, const void *value, size_t n)
{
	AUTO_FREE uint8_t *now = malloc(VALUE_MAX);

	return now != NULL &&
	    fgetxattr(fd, name, now, VALUE_MAX) == (ssize_t)n &&
	    memcmp(now, value, n) == 0;
}

/* Another filesystem may not have such attributes at all. */
static enum err
xattrs_give(int fd, const struct buf *xattrs)
{
	const char *at = buf_text(xattrs);
	const char *end = at + xattrs->size;

	while (at < end) {
		const char *name = at;
		uint32_t size;

		at += strlen(name) + 1;
		if ((size_t)(end - at) < sizeof(size))
			return ERR_MALFORMED;
		memcpy(&size, at, sizeof(size));
		at += sizeof(size);
		if ((size_t)(end - at) < size)
			return ERR_MALFORMED;
		if (!xattr_there(fd, name, at, size) &&
		    vault_fsetxattr(fd, name, at, size) == -1 &&
		    errno != ENOTSUP)
			return ERR_SYS;
		at += size;
	}
	return ERR_OK;
}

enum err
meta_give(struct vault *v, int fd, const struct vault_item *item)
{
	const struct timespec times[2] = {
		{ (time_t)item->atime, (long)item->atime_ns },
		{ (time_t)item->mtime, (long)item->mtime_ns },
	};
	struct stat st;

	if (vault_fstat(fd, &st) == -1)
		return vault_fail(v, ERR_SYS, "it cannot be looked at");
	/* The owner first: a change of owner takes rights away. */
	if ((st.st_uid != item->uid || st.st_gid != item->gid) &&
	    vault_fchown(fd, (uid_t)item->uid, (gid_t)item->gid) == -1)
		return vault_fail(v, ERR_SYS, "its owner cannot be restored");
	if (xattrs_give(fd, &item->xattrs) != ERR_OK)
		return vault_fail(
		    v, ERR_SYS, "its attributes cannot be restored");
	if (vault_fchmod(fd, (mode_t)item->mode) == -1 ||
	    vault_futimens(fd, times) == -1)
		return vault_fail(
		    v, ERR_SYS, "its mode and times cannot be restored");
	return ERR_OK;
}

enum err
meta_seal(struct vault *v, int fd)
{
	return vault_fchmod(fd, MODE_SEALED) == 0
	    ? ERR_OK
	    : vault_fail(v, ERR_SYS, "its mode cannot be changed");
}
