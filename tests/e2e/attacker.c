/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attacker: gives a file that was judged other bytes, in every way there is,
 * and looks whether the next open is judged by them.
 *
 *	attacker DIR OUT EMPTY GOOD BAD [HOW...]
 *
 * DIR is guarded, OUT is a directory beside it on the same filesystem, EMPTY
 * one on another, for mounts.  Needs CAP_SYS_ADMIN and a mount namespace of
 * its own.  One line for each way, the last word says what came of it:
 *
 *	judged	as it should be
 *	absent	there is no such way here
 *	STALE	the open went on, with bytes that nobody has judged
 *	BLOCKED	the good bytes were not let through at first
 *
 * Exit status 1 when any was STALE or BLOCKED.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <linux/io_uring.h>
#include <linux/loop.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 4096, PATH = 4096, NR_OPEN_TREE = 428, TREE_CLONE = 1 };

/* What one way works with. */
struct target {
	const char *dir, *out, *empty;
	char file[PATH], twin[PATH]; /* twin: for a second name, outside */
	uint8_t *good, *bad;         /* SIZE bytes each, page-aligned */
	int fd, other;               /* -1: none */
	uint8_t *map;                /* NULL: none */
	pid_t child;                 /* 0: none */
	bool mounted;
};

/* Both give 0, or -1 with errno. */
struct way {
	const char *name;
	int (*prepare)(struct target *t); /* before the verdict; or NULL */
	int (*change)(struct target *t);
};

static int
put(int fd, const uint8_t *data)
{
	if (fd == -1)
		return -1;
	return pwrite(fd, data, SIZE, 0) == SIZE ? 0 : -1;
}

static int
open_rw(struct target *t)
{
	t->fd = open(t->file, O_RDWR | O_CLOEXEC);
	return t->fd == -1 ? -1 : 0;
}

/* Bytes in a file that nobody guards. */
static int
memory_file(const uint8_t *data)
{
	int fd = memfd_create("bytes", MFD_CLOEXEC);

	if (put(fd, data) == -1 || lseek(fd, 0, SEEK_SET) != 0)
		return -1;
	return fd;
}

/* A new file with those bytes. */
static int
make(const char *name, const uint8_t *data)
{
	int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	int e = put(fd, data);

	if (fd != -1)
		(void)close(fd);
	return e;
}

/* --- changes by somebody who comes afterwards --- */

static int
by_pwrite(struct target *t)
{
	return open_rw(t) == -1 ? -1 : put(t->fd, t->bad);
}

static int
by_writev(struct target *t)
{
	struct iovec v[2] = { { t->bad, 7 }, { t->bad + 7, SIZE - 7 } };

	if (open_rw(t) == -1)
		return -1;
	return pwritev(t->fd, v, 2, 0) == SIZE ? 0 : -1;
}

static int
by_direct(struct target *t)
{
	t->fd = open(t->file, O_RDWR | O_DIRECT | O_CLOEXEC);
	return put(t->fd, t->bad);
}

static int
by_truncate(struct target *t)
{
	return truncate(t->file, 0) == -1 ? -1 : by_pwrite(t);
}

static int
by_ftruncate(struct target *t)
{
	if (open_rw(t) == -1 || ftruncate(t->fd, 1) == -1)
		return -1;
	return put(t->fd, t->bad);
}

static int
by_o_trunc(struct target *t)
{
	t->fd = open(t->file, O_WRONLY | O_TRUNC | O_CLOEXEC);
	return put(t->fd, t->bad);
}

static int
by_punch(struct target *t)
{
	if (open_rw(t) == -1 ||
	    fallocate(t->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
		SIZE) == -1)
		return -1;
	return put(t->fd, t->bad);
}

/* Without the padding, so that a loader comes to what follows. */
static int
trim(struct target *t)
{
	return truncate(t->file, (off_t)strlen((const char *)t->good));
}

/* Only at the end: what stood before stays as it was. */
static int
by_append(struct target *t)
{
	t->fd = open(t->file, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (t->fd == -1)
		return -1;
	return write(t->fd, t->bad, SIZE) == SIZE ? 0 : -1;
}

/* And the times are put back. */
static int
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

static int
by_copy(struct target *t)
{
	t->other = open(t->out, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (put(t->other, t->bad) == -1 || open_rw(t) == -1)
		return -1;
	return copy_file_range(t->other, NULL, t->fd, NULL, SIZE, 0) == SIZE
	    ? 0
	    : -1;
}

static int
by_clone(struct target *t)
{
	struct file_clone_range range = { .src_length = SIZE };

	t->other = open(t->out, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (put(t->other, t->bad) == -1 || open_rw(t) == -1)
		return -1;
	range.src_fd = t->other;
	return ioctl(t->fd, FICLONERANGE, &range);
}

static int
by_sendfile(struct target *t)
{
	t->other = memory_file(t->bad);
	if (t->other == -1 || open_rw(t) == -1)
		return -1;
	return sendfile(t->fd, t->other, NULL, SIZE) == SIZE ? 0 : -1;
}

static int
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

static int
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

/* --- through a mapping; the descriptor is closed --- */

static int
map_it(struct target *t)
{
	void *at;

	if (open_rw(t) == -1)
		return -1;
	at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, t->fd, 0);
	if (at == MAP_FAILED)
		return -1;
	t->map = at;
	(void)close(t->fd);
	t->fd = -1;
	return 0;
}

static int
by_store(struct target *t)
{
	if (t->map == NULL && map_it(t) == -1)
		return -1;
	memcpy(t->map, t->bad, SIZE);
	return 0;
}

static int
by_store_synced(struct target *t)
{
	return by_store(t) == -1 ? -1 : msync(t->map, SIZE, MS_SYNC);
}

/* The kernel stores it, for somebody else's process. */
static int
by_vm_writev(struct target *t)
{
	struct iovec from = { t->bad, SIZE }, to;

	if (t->map == NULL && map_it(t) == -1)
		return -1;
	to = (struct iovec){ t->map, SIZE };
	return process_vm_writev(getpid(), &from, 1, &to, 1, 0) == SIZE ? 0
									: -1;
}

/* The page is dirty already: a store moves no time stamp. */
static int
dirty_map(struct target *t)
{
	if (map_it(t) == -1)
		return -1;
	((volatile uint8_t *)t->map)[0] = t->good[0];
	return 0;
}

/* --- without the caller's thread --- */

static int
by_aio(struct target *t)
{
	struct iocb cb = { .aio_lio_opcode = IOCB_CMD_PWRITE,
		.aio_buf = (uint64_t)(uintptr_t)t->bad,
		.aio_nbytes = SIZE },
		    *list = &cb;
	struct io_event done = { 0 };
	aio_context_t context = 0;
	int e = -1;

	if (open_rw(t) == -1 || syscall(SYS_io_setup, 1, &context) == -1)
		return -1;
	cb.aio_fildes = (uint32_t)t->fd;
	if (syscall(SYS_io_submit, context, 1L, &list) == 1 &&
	    syscall(SYS_io_getevents, context, 1L, 1L, &done, NULL) == 1 &&
	    done.res == SIZE)
		e = 0;
	(void)syscall(SYS_io_destroy, context);
	return e;
}

/* One write by a ring: fd, or the ring's registered file 0. */
static int
ring_write(int ring, const struct io_uring_params *p, int fd, struct target *t)
{
	size_t sq_size = p->sq_off.array + p->sq_entries * sizeof(uint32_t);
	uint8_t *sq = mmap(NULL, sq_size, PROT_READ | PROT_WRITE, MAP_SHARED,
	    ring, IORING_OFF_SQ_RING);
	struct io_uring_sqe *sqe = mmap(NULL, sizeof(*sqe),
	    PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
	uint32_t first = 0;

	if (sq == MAP_FAILED || (void *)sqe == MAP_FAILED)
		return -1;
	*sqe = (struct io_uring_sqe){ .opcode = IORING_OP_WRITE,
		.fd = fd == -1 ? 0 : fd,
		.flags = fd == -1 ? IOSQE_FIXED_FILE : 0,
		.addr = (uint64_t)(uintptr_t)t->bad,
		.len = SIZE };
	memcpy(sq + p->sq_off.array, &first, sizeof(first));
	__atomic_store_n(
	    (uint32_t *)(void *)(sq + p->sq_off.tail), 1, __ATOMIC_RELEASE);
	return syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS,
		   NULL, 0) == 1
	    ? 0
	    : -1;
}

static struct io_uring_params ring_params;

static int
ring_new(struct target *t)
{
	ring_params = (struct io_uring_params){ 0 };
	t->other = (int)syscall(SYS_io_uring_setup, 1, &ring_params);
	return t->other == -1 ? -1 : 0;
}

static int
by_ring(struct target *t)
{
	if (open_rw(t) == -1 || ring_new(t) == -1)
		return -1;
	return ring_write(t->other, &ring_params, t->fd, t);
}

/* The ring keeps the file; no descriptor of it is left. */
static int
ring_fixed(struct target *t)
{
	if (open_rw(t) == -1 || ring_new(t) == -1 ||
	    syscall(SYS_io_uring_register, t->other, IORING_REGISTER_FILES,
		&t->fd, 1) == -1)
		return -1;
	(void)close(t->fd);
	t->fd = -1;
	return 0;
}

static int
by_ring_fixed(struct target *t)
{
	if (t->other == -1 && ring_fixed(t) == -1)
		return -1;
	return ring_write(t->other, &ring_params, -1, t);
}

static int
loop_on(struct target *t)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int number = control == -1 ? -1 : ioctl(control, LOOP_CTL_GET_FREE);
	char name[32];

	if (control != -1)
		(void)close(control);
	(void)snprintf(name, sizeof(name), "/dev/loop%d", number);
	if (number < 0 || open_rw(t) == -1)
		return -1;
	t->other = open(name, O_RDWR | O_CLOEXEC);
	if (t->other == -1 || ioctl(t->other, LOOP_SET_FD, t->fd) == -1)
		return -1;
	(void)close(t->fd);
	t->fd = -1;
	return 0;
}

static int
by_loop(struct target *t)
{
	if (t->other == -1 && loop_on(t) == -1)
		return -1;
	return put(t->other, t->bad) == -1 ? -1 : fsync(t->other);
}

/* --- under another name, or by another way to it --- */

static int
by_link(struct target *t)
{
	if (link(t->file, t->twin) == -1)
		return -1;
	t->fd = open(t->twin, O_RDWR | O_CLOEXEC);
	return put(t->fd, t->bad);
}

static int
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

static int
by_bind(struct target *t)
{
	if (mount(t->dir, t->empty, NULL, MS_BIND, NULL) == -1)
		return -1;
	t->mounted = true;
	return write_below(t, t->empty);
}

/* A mount that stands nowhere. */
static int
by_tree(struct target *t)
{
	t->other = (int)syscall(
	    NR_OPEN_TREE, AT_FDCWD, t->dir, TREE_CLONE | O_CLOEXEC);
	if (t->other == -1)
		return -1;
	t->fd = openat(t->other, base(t), O_RDWR | O_CLOEXEC);
	return put(t->fd, t->bad);
}

static int
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

static int
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

static int
by_path_again(struct target *t)
{
	return again_by(t, O_PATH);
}

static int
by_reader_again(struct target *t)
{
	return again_by(t, O_RDONLY);
}

/* --- another file in its place --- */

static int
by_rename(struct target *t)
{
	return make(t->twin, t->bad) == -1 ? -1 : rename(t->twin, t->file);
}

static int
by_exchange(struct target *t)
{
	if (make(t->twin, t->bad) == -1)
		return -1;
	return renameat2(AT_FDCWD, t->twin, AT_FDCWD, t->file, RENAME_EXCHANGE);
}

static int
by_unlink(struct target *t)
{
	return unlink(t->file) == -1 ? -1 : make(t->file, t->bad);
}

static int
by_tmpfile(struct target *t)
{
	char name[64];

	t->fd = open(t->dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (put(t->fd, t->bad) == -1 || unlink(t->file) == -1)
		return -1;
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", t->fd);
	return linkat(AT_FDCWD, name, AT_FDCWD, t->file, AT_SYMLINK_FOLLOW);
}

static int
by_symlink(struct target *t)
{
	if (make(t->twin, t->bad) == -1 || unlink(t->file) == -1)
		return -1;
	/* In the watch itself: a link out of it is no file of the watch. */
	(void)snprintf(t->twin, sizeof(t->twin), "%s/real", t->dir);
	return make(t->twin, t->bad) == -1 ? -1 : symlink("real", t->file);
}

static int
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

static int
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

static int
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

static int
by_old_writer(struct target *t)
{
	return put(t->fd, t->bad);
}

static int
link_writer(struct target *t)
{
	if (link(t->file, t->twin) == -1)
		return -1;
	t->fd = open(t->twin, O_WRONLY | O_CLOEXEC);
	(void)unlink(t->twin);
	return t->fd == -1 ? -1 : 0;
}

/* Another process has it mapped, and stores when it is told to. */
static int
child_map(struct target *t)
{
	int go[2];

	if (pipe2(go, O_CLOEXEC) == -1)
		return -1;
	t->child = fork();
	if (t->child == 0) {
		char byte;

		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)close(go[1]);
		if (map_it(t) == -1)
			_exit(1);
		(void)!read(go[0], &byte, 1);
		memcpy(t->map, t->bad, SIZE);
		(void)!pause();
		_exit(0);
	}
	(void)close(go[0]);
	t->other = go[1];
	return t->child == -1 ? -1 : 0;
}

static int
by_child_map(struct target *t)
{
	uint8_t *seen;
	int e = -1;

	if (write(t->other, "x", 1) != 1)
		return -1;
	/* Wait until it stands there: a mapping of ours shows it. */
	t->fd = open(t->file, O_RDWR | O_CLOEXEC);
	if (t->fd == -1)
		return errno == EPERM ? 0 : -1; /* it was faster */
	seen = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, t->fd, 0);
	if (seen == MAP_FAILED)
		return -1;
	for (int i = 0; i < 2000 && e == -1; i++) {
		e = memcmp(seen, t->bad, SIZE) == 0 ? 0 : -1;
		(void)usleep(1000);
	}
	(void)munmap(seen, SIZE);
	return e;
}

static const struct way ways[] = {
	{ "pwrite", NULL, by_pwrite },
	{ "pwritev", NULL, by_writev },
	{ "O_DIRECT", NULL, by_direct },
	{ "O_APPEND", trim, by_append },
	{ "O_TRUNC", NULL, by_o_trunc },
	{ "truncate", NULL, by_truncate },
	{ "ftruncate", NULL, by_ftruncate },
	{ "punch-hole", NULL, by_punch },
	{ "times-put-back", NULL, by_times },
	{ "copy_file_range", NULL, by_copy },
	{ "clone-range", NULL, by_clone },
	{ "sendfile", NULL, by_sendfile },
	{ "splice", NULL, by_splice },
	{ "vmsplice", NULL, by_vmsplice },
	{ "store", NULL, by_store },
	{ "store-msync", NULL, by_store_synced },
	{ "process_vm_writev", NULL, by_vm_writev },
	{ "aio", NULL, by_aio },
	{ "io_uring", NULL, by_ring },
	{ "io_uring-fixed", NULL, by_ring_fixed },
	{ "loop-device", NULL, by_loop },
	{ "hard-link", NULL, by_link },
	{ "hard-link-store", NULL, by_link_store },
	{ "bind-mount", NULL, by_bind },
	{ "detached-mount", NULL, by_tree },
	{ "overlay-upper", NULL, by_overlay },
	{ "open_by_handle_at", NULL, by_handle },
	{ "O_PATH-reopened", NULL, by_path_again },
	{ "reader-reopened", NULL, by_reader_again },
	{ "in-flight", NULL, by_in_flight },
	{ "rename-over", NULL, by_rename },
	{ "exchange", NULL, by_exchange },
	{ "unlink-create", NULL, by_unlink },
	{ "tmpfile-linked", NULL, by_tmpfile },
	{ "symlink-instead", NULL, by_symlink },
	{ "bind-over", NULL, by_bind_over },
	{ "old-descriptor", open_rw, by_old_writer },
	{ "old-link", link_writer, by_old_writer },
	{ "old-mapping", map_it, by_store },
	{ "old-dirty-mapping", dirty_map, by_store },
	{ "old-mapping-vm_writev", dirty_map, by_vm_writev },
	{ "old-io_uring-fixed", ring_fixed, by_ring_fixed },
	{ "old-in-flight", in_flight, by_in_flight },
	{ "old-loop-device", loop_on, by_loop },
	{ "old-mapping-elsewhere", child_map, by_child_map },
};

static void
clean(struct target *t)
{
	if (t->other != -1)
		(void)ioctl(t->other, LOOP_CLR_FD);
	if (t->fd != -1)
		(void)close(t->fd);
	if (t->other != -1)
		(void)close(t->other);
	if (t->map != NULL)
		(void)munmap(t->map, SIZE);
	if (t->child > 0) {
		(void)kill(t->child, SIGKILL);
		(void)waitpid(t->child, NULL, 0);
	}
	if (t->mounted)
		(void)umount2(t->empty, MNT_DETACH);
	while (umount2(t->file, MNT_DETACH) == 0)
		continue;
	(void)unlink(t->file);
	(void)unlink(t->twin);
}

static int
open_once(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return errno;
	(void)close(fd);
	return 0;
}

/* One way, from a good file to the open after the change. */
static const char *
attack(const struct way *w, struct target *t)
{
	int first, second;

	if (make(t->file, t->good) == -1)
		return "absent";
	if (w->prepare != NULL && w->prepare(t) == -1)
		return "absent";
	first = open_once(t->file);
	second = open_once(t->file);
	if (first != 0 || second != 0)
		return "BLOCKED";
	if (w->change(t) == -1)
		return "absent";
	/* Twice: the first may forget what the second is asked. */
	if (open_once(t->file) != EPERM || open_once(t->file) != EPERM)
		return "STALE";
	return "judged";
}

static void
slurp(const char *name, uint8_t *out)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);

	if (fd == -1 || read(fd, out, SIZE) <= 0) {
		perror(name);
		exit(3);
	}
	(void)close(fd);
}

static bool
wanted(const char *name, int n, char **names)
{
	for (int i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return n == 0;
}

int
main(int argc, char **argv)
{
	static uint8_t good[SIZE + 1] __attribute__((aligned(SIZE)));
	static uint8_t bad[SIZE] __attribute__((aligned(SIZE)));
	int status = 0;

	if (argc < 6)
		return 2;
	slurp(argv[4], good);
	slurp(argv[5], bad);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct target t = { .dir = argv[1],
			.out = argv[2],
			.empty = argv[3],
			.good = good,
			.bad = bad,
			.fd = -1,
			.other = -1 };
		const char *came;

		if (!wanted(ways[i].name, argc - 6, argv + 6))
			continue;
		(void)snprintf(t.file, sizeof(t.file), "%s/victim", t.dir);
		(void)snprintf(t.twin, sizeof(t.twin), "%s/twin", t.out);
		came = attack(&ways[i], &t);
		(void)printf("%s %s\n", ways[i].name, came);
		status |=
		    strcmp(came, "STALE") == 0 || strcmp(came, "BLOCKED") == 0;
		clean(&t);
	}
	return status;
}
