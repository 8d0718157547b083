/* SPDX-License-Identifier: Apache-2.0 */
/* attack_name: by another name, another file, another's descriptor. */
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "attack.h"

/* --- under another name, or by another way to it --- */

int
by_link(struct target *t)
{
	if (link(t->file, t->twin) == -1)
		return -1;
	t->fd = open(t->twin, O_RDWR | O_CLOEXEC);
	return put(t->fd, t->bad);
}

int
by_link_store(struct target *t)
{
	void *at;

	if (link(t->file, t->twin) == -1)
		return -1;
	t->fd = open(t->twin, O_RDWR | O_CLOEXEC);
	at = t->fd == -1
	    ? MAP_FAILED
	    : mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, t->fd, 0);
	if (at == MAP_FAILED)
		return -1;
	t->map = at;
	memcpy(t->map, t->bad, SIZE);
	return 0;
}

static const char *
base(const struct target *t)
{
	return strrchr(t->file, '/') + 1;
}

static int
write_below(struct target *t, const char *dir)
{
	char name[PATH + 64];

	(void)snprintf(name, sizeof(name), "%s/%s", dir, base(t));
	t->fd = open(name, O_RDWR | O_CLOEXEC);
	return put(t->fd, t->bad);
}

int
by_bind(struct target *t)
{
	if (mount(t->dir, t->empty, NULL, MS_BIND, NULL) == -1)
		return -1;
	t->mounted = true;
	return write_below(t, t->empty);
}

/* A mount that stands nowhere. */
int
by_tree(struct target *t)
{
	t->other = (int)syscall(
	    NR_OPEN_TREE, AT_FDCWD, t->dir, TREE_CLONE | O_CLOEXEC);
	if (t->other == -1)
		return -1;
	t->fd = openat(t->other, base(t), O_RDWR | O_CLOEXEC);
	return put(t->fd, t->bad);
}

int
by_overlay(struct target *t)
{
	char work[PATH], lower[PATH], options[4 * PATH];

	(void)snprintf(work, sizeof(work), "%s/work", t->out);
	(void)snprintf(lower, sizeof(lower), "%s/lower", t->out);
	(void)mkdir(work, 0700);
	(void)mkdir(lower, 0700);
	(void)snprintf(options, sizeof(options),
	    "lowerdir=%s,upperdir=%s,workdir=%s", lower, t->dir, work);
	if (mount("overlay", t->empty, "overlay", 0, options) == -1)
		return -1;
	t->mounted = true;
	return write_below(t, t->empty);
}

int
by_handle(struct target *t)
{
	union {
		struct file_handle head;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} h = { .head.handle_bytes = MAX_HANDLE_SZ };
	int id;

	t->other = open(t->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->other == -1 ||
	    name_to_handle_at(AT_FDCWD, t->file, &h.head, &id, 0) == -1)
		return -1;
	t->fd = open_by_handle_at(t->other, &h.head, O_RDWR | O_CLOEXEC);
	return put(t->fd, t->bad);
}

static int
again_by(struct target *t, int flags)
{
	char name[64];

	t->other = open(t->file, flags | O_CLOEXEC);
	if (t->other == -1)
		return -1;
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", t->other);
	t->fd = open(name, O_RDWR | O_CLOEXEC);
	return put(t->fd, t->bad);
}

int
by_path_again(struct target *t)
{
	return again_by(t, O_PATH);
}

int
by_reader_again(struct target *t)
{
	return again_by(t, O_RDONLY);
}

/* --- another file in its place --- */

int
by_rename(struct target *t)
{
	return make(t->twin, t->bad) == -1 ? -1 : rename(t->twin, t->file);
}

int
by_exchange(struct target *t)
{
	if (make(t->twin, t->bad) == -1)
		return -1;
	return renameat2(AT_FDCWD, t->twin, AT_FDCWD, t->file, RENAME_EXCHANGE);
}

int
by_unlink(struct target *t)
{
	return unlink(t->file) == -1 ? -1 : make(t->file, t->bad);
}

int
by_tmpfile(struct target *t)
{
	char name[64];

	t->fd = open(t->dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (put(t->fd, t->bad) == -1 || unlink(t->file) == -1)
		return -1;
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", t->fd);
	return linkat(AT_FDCWD, name, AT_FDCWD, t->file, AT_SYMLINK_FOLLOW);
}

int
by_symlink(struct target *t)
{
	if (make(t->twin, t->bad) == -1 || unlink(t->file) == -1)
		return -1;
	/* In the watch itself: a link out of it is no file of the watch. */
	(void)snprintf(t->twin, sizeof(t->twin), "%s/real", t->dir);
	return make(t->twin, t->bad) == -1 ? -1 : symlink("real", t->file);
}

int
by_bind_over(struct target *t)
{
	char name[PATH];

	(void)snprintf(name, sizeof(name), "%s/over", t->dir);
	(void)unlink(name);
	if (make(name, t->bad) == -1 ||
	    mount(name, t->file, NULL, MS_BIND, NULL) == -1)
		return -1;
	(void)unlink(name);
	return 0;
}

/* --- writers who were there before the verdict --- */

int
in_flight(struct target *t)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec v = { t->bad, 1 };
	struct msghdr m = { .msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	int ends[2];

	if (open_rw(t) == -1 ||
	    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) == -1)
		return -1;
	control.head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.head), &t->fd, sizeof(int));
	if (sendmsg(ends[0], &m, 0) == -1)
		return -1;
	(void)close(ends[0]);
	(void)close(t->fd);
	t->fd = -1;
	t->other = ends[1];
	return 0;
}

int
by_in_flight(struct target *t)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	uint8_t byte;
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };

	if (t->other == -1 && in_flight(t) == -1)
		return -1;
	if (recvmsg(t->other, &m, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	memcpy(&t->fd, CMSG_DATA(&control.head), sizeof(int));
	return put(t->fd, t->bad);
}

int
by_old_writer(struct target *t)
{
	return put(t->fd, t->bad);
}

int
link_writer(struct target *t)
{
	if (link(t->file, t->twin) == -1)
		return -1;
	t->fd = open(t->twin, O_WRONLY | O_CLOEXEC);
	(void)unlink(t->twin);
	return t->fd == -1 ? -1 : 0;
}
