/* SPDX-License-Identifier: Apache-2.0 */
/* attack_write: other bytes by a descriptor. */
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "attack.h"

int
put(int fd, const uint8_t *data)
{
	if (fd == -1)
		return -1;
	return pwrite(fd, data, SIZE, 0) == SIZE ? 0 : -1;
}

int
open_rw(struct target *t)
{
	t->fd = open(t->file, O_RDWR | O_CLOEXEC);
	return t->fd == -1 ? -1 : 0;
}

/* Bytes in a file that nobody guards. */
int
memory_file(const uint8_t *data)
{
	int fd = memfd_create("bytes", MFD_CLOEXEC);

	if (put(fd, data) == -1 || lseek(fd, 0, SEEK_SET) != 0)
		return -1;
	return fd;
}

/* A new file with those bytes. */
int
make(const char *name, const uint8_t *data)
{
	int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	int e = put(fd, data);

	if (fd != -1)
		(void)close(fd);
	return e;
}

/* --- changes by somebody who comes afterwards --- */

int
by_pwrite(struct target *t)
{
	return open_rw(t) == -1 ? -1 : put(t->fd, t->bad);
}

int
by_writev(struct target *t)
{
	struct iovec v[2] = { { t->bad, 7 }, { t->bad + 7, SIZE - 7 } };

	if (open_rw(t) == -1)
		return -1;
	return pwritev(t->fd, v, 2, 0) == SIZE ? 0 : -1;
}

int
by_direct(struct target *t)
{
	t->fd = open(t->file, O_RDWR | O_DIRECT | O_CLOEXEC);
	return put(t->fd, t->bad);
}

int
by_truncate(struct target *t)
{
	return truncate(t->file, 0) == -1 ? -1 : by_pwrite(t);
}

int
by_ftruncate(struct target *t)
{
	if (open_rw(t) == -1 || ftruncate(t->fd, 1) == -1)
		return -1;
	return put(t->fd, t->bad);
}

int
by_o_trunc(struct target *t)
{
	t->fd = open(t->file, O_WRONLY | O_TRUNC | O_CLOEXEC);
	return put(t->fd, t->bad);
}

int
by_punch(struct target *t)
{
	if (open_rw(t) == -1 ||
	    fallocate(t->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
		SIZE) == -1)
		return -1;
	return put(t->fd, t->bad);
}

/* Without the padding, so that a loader comes to what follows. */
int
trim(struct target *t)
{
	return truncate(t->file, (off_t)strlen((const char *)t->good));
}

/* Only at the end: what stood before stays as it was. */
int
by_append(struct target *t)
{
	t->fd = open(t->file, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (t->fd == -1)
		return -1;
	return write(t->fd, t->bad, SIZE) == SIZE ? 0 : -1;
}

/* And the times are put back. */
int
by_times(struct target *t)
{
	struct stat st;
	struct timespec times[2];

	if (stat(t->file, &st) == -1 || by_pwrite(t) == -1)
		return -1;
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	return futimens(t->fd, times);
}

int
by_copy(struct target *t)
{
	t->other = open(t->out, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (put(t->other, t->bad) == -1 || open_rw(t) == -1)
		return -1;
	return copy_file_range(t->other, NULL, t->fd, NULL, SIZE, 0) == SIZE
	    ? 0
	    : -1;
}

int
by_clone(struct target *t)
{
	struct file_clone_range range = { .src_length = SIZE };

	t->other = open(t->out, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (put(t->other, t->bad) == -1 || open_rw(t) == -1)
		return -1;
	range.src_fd = t->other;
	return ioctl(t->fd, FICLONERANGE, &range);
}

int
by_sendfile(struct target *t)
{
	t->other = memory_file(t->bad);
	if (t->other == -1 || open_rw(t) == -1)
		return -1;
	return sendfile(t->fd, t->other, NULL, SIZE) == SIZE ? 0 : -1;
}

int
by_splice(struct target *t)
{
	int p[2], e = -1;

	t->other = memory_file(t->bad);
	if (t->other == -1 || open_rw(t) == -1 || pipe2(p, O_CLOEXEC) == -1)
		return -1;
	if (splice(t->other, NULL, p[1], NULL, SIZE, 0) == SIZE &&
	    splice(p[0], NULL, t->fd, NULL, SIZE, 0) == SIZE)
		e = 0;
	(void)close(p[0]);
	(void)close(p[1]);
	return e;
}

int
by_vmsplice(struct target *t)
{
	struct iovec v = { t->bad, SIZE };
	int p[2], e = -1;

	if (open_rw(t) == -1 || pipe2(p, O_CLOEXEC) == -1)
		return -1;
	if (vmsplice(p[1], &v, 1, 0) == SIZE &&
	    splice(p[0], NULL, t->fd, NULL, SIZE, 0) == SIZE)
		e = 0;
	(void)close(p[0]);
	(void)close(p[1]);
	return e;
}
