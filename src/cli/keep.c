/* SPDX-License-Identifier: Apache-2.0 */
/* keep: written without a name, then put in the place of one. */
#include "config.h"

#include "cli/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"

enum {
	REPORT_MODE = 0666, /* as far as the umask lets it */
	BLOCK = 64 * 1024,  /* bytes copied at once */
};

const struct writer *
keep_writer(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *end = strrchr(slash == NULL ? path : slash, '.');

	if (end == NULL)
		return NULL;
	if (strcmp(end, ".htm") == 0)
		return &out_html;
	if (strcmp(end, ".txt") == 0)
		return &out_text;
	return out_writer(end + 1);
}

/* The directory of a path, to be freed; NULL: no memory. */
static char *
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return strdup(".");
	return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

int
keep_spool(const char *path)
{
	AUTO_FREE char *folder = folder_of(path);
	int fd;

	if (folder == NULL)
		return -1;
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	return fd != -1 ? fd : memfd_create("report", MFD_CLOEXEC);
}

/* Only a file may be taken the place of. */
static bool
may_replace(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return errno == ENOENT;
	errno = EEXIST;
	return S_ISREG(st.st_mode);
}

static mode_t
umask_now(void)
{
	mode_t mask = umask(0);

	(void)umask(mask);
	return mask;
}

enum err
keep_begin(const char *path, struct keep *out)
{
	AUTO(keep)
	struct keep k = {
		.path = path, .fd = -1, .spool = -1, .writer = keep_writer(path)
	};
	AUTO_FREE char *folder = folder_of(path);

	if (folder == NULL) {
		errno = ENOMEM;
		return ERR_SYS;
	}
	/* Better told now than after an hour. */
	if (!may_replace(path) || access(folder, W_OK | X_OK) == -1)
		return ERR_SYS;
	if ((k.fd = keep_spool(path)) == -1 ||
	    (k.spool = keep_spool(path)) == -1)
		return ERR_SYS;
	k.out = out_new(k.fd, false);
	k.out.spool = k.spool;
	*out = k;
	k = (struct keep){ .fd = -1, .spool = -1 };
	return ERR_OK;
}

/* All of from, to to. False: errno says why. */
static bool
copy(int from, int to)
{
	char block[BLOCK];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(from, block, sizeof(block), at)) > 0) {
		ssize_t done = write(to, block, (size_t)n);

		if (done == -1 && errno != EINTR)
			return false;
		at += done == -1 ? 0 : done;
	}
	return n == 0;
}

enum err
keep_end(struct keep *k)
{
	AUTO_FREE char *folder = folder_of(k->path);
	AUTO_FREE char *draft = NULL;
	AUTO_CLOSE int fd = -1;
	int error;

	if (out_flush(&k->out) != ERR_OK) {
		errno = k->out.error;
		return ERR_SYS;
	}
	if (folder == NULL ||
	    asprintf(&draft, "%s/.ckptguard-XXXXXX", folder) == -1) {
		draft = NULL;
		errno = ENOMEM;
		return ERR_SYS;
	}
	if ((fd = mkostemp(draft, O_CLOEXEC)) == -1)
		return ERR_SYS;
	if (copy(k->fd, fd) && fchmod(fd, REPORT_MODE & ~umask_now()) == 0 &&
	    fsync(fd) == 0 && rename(draft, k->path) == 0)
		return ERR_OK;
	error = errno;
	(void)unlink(draft);
	errno = error;
	return ERR_SYS;
}

void
keep_free(struct keep *k)
{
	if (k == NULL)
		return;
	if (k->fd != -1)
		(void)close(k->fd);
	if (k->spool != -1)
		(void)close(k->spool);
	k->fd = k->spool = -1;
	out_free(&k->out);
}
