/* SPDX-License-Identifier: Apache-2.0 */
/* control_listen: make the socket, where nobody else can put one. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/own.h"
#include "guardd/control.h"

enum { BACKLOG = 32 };

#define AT(address) ((const struct sockaddr *)(const void *)(address))

/* Who could rename in its directory could answer in our place. */
static enum err
directory_check(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - path);
	char dir[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	struct stat st;

	memcpy(dir, path, n);
	dir[n] = '\0';
	if (slash == NULL)
		memcpy(dir, ".", 2);
	else if (n == 0)
		memcpy(dir, "/", 2);
	if (mkdir(dir, 0755) == 0 && chmod(dir, 0755) == -1)
		return ERR_SYS;
	if (stat(dir, &st) == -1)
		return ERR_SYS;
	if (st.st_uid == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0)
		return ERR_OK;
	errno = EPERM;
	return ERR_SYS;
}

/* A dead daemon's socket is in the way; a live one's, or anything else, stays.
 */
static enum err
stale_remove(const struct sockaddr_un *at)
{
	AUTO_CLOSE int fd = -1;
	struct stat st;

	if (lstat(at->sun_path, &st) == -1 || !S_ISSOCK(st.st_mode))
		return ERR_OK;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd != -1 &&
	    (connect(fd, AT(at), sizeof(*at)) == 0 || errno == EAGAIN)) {
		errno = EADDRINUSE;
		return ERR_SYS;
	}
	(void)unlink(at->sun_path);
	return ERR_OK;
}

enum err
control_listen(const char *path, int *out)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	AUTO_CLOSE int fd =
	    socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	size_t n = strlen(path);
	enum err e;

	if (n >= sizeof(at.sun_path)) {
		errno = ENAMETOOLONG;
		return ERR_SYS;
	}
	memcpy(at.sun_path, path, n + 1);
	if ((e = directory_check(path)) != ERR_OK ||
	    (e = stale_remove(&at)) != ERR_OK)
		return e;
	if (fd == -1 || fchmod(fd, 0600) == -1 ||
	    bind(fd, AT(&at), sizeof(at)) == -1 || chmod(path, 0666) == -1 ||
	    listen(fd, BACKLOG) == -1)
		return ERR_SYS;
	*out = steal_fd(&fd);
	return ERR_OK;
}
