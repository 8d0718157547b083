/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reacher: opens a file on every way there is, for the tests of the daemon.
 *
 *	reacher WAY FILE	what the open gives: "ok" or an errno
 *	reacher keep FILE	FILE's handle, in hexadecimal digits
 *	reacher by-handle DIR HANDLE
 *				open what a handle stands for, on DIR's
 *				filesystem, whatever path it has
 *	reacher passed FILE	what reading a descriptor gives that is opened
 *				now and used once standard input ends
 *
 * WAY is a name of ways[].
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HANDLE_MAX = 128, PATH_SIZE = 4096, NO_SUCH_WAY = -2 };

static _Noreturn void
die(const char *what)
{
	(void)fprintf(stderr, "reacher: %s: %s\n", what, strerror(errno));
	exit(3);
}

/* Each returns a descriptor, or -1 with errno; 0: it was run. */

static int
by_open(const char *file)
{
	return open(file, O_RDONLY | O_CLOEXEC);
}

static int
by_openat2(const char *file)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC };

	return (int)syscall(SYS_openat2, AT_FDCWD, file, &how, sizeof(how));
}

static int
by_write(const char *file)
{
	return open(file, O_WRONLY | O_CLOEXEC);
}

static int
by_create(const char *file)
{
	return open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
}

/* Whether the filesystem can do it is found out after the open is judged. */
static int
by_direct(const char *file)
{
	int fd = open(file, O_RDONLY | O_DIRECT | O_CLOEXEC);

	return fd == -1 && errno == EINVAL ? NO_SUCH_WAY : fd;
}

/* Open an open descriptor of it anew. */
static int
again(int fd)
{
	char name[32];

	if (fd == -1)
		return -1;
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	return open(name, O_RDONLY | O_CLOEXEC);
}

static int
by_path_only(const char *file)
{
	return again(open(file, O_PATH | O_CLOEXEC));
}

/* The directory first, then the name in it. */
static int
by_directory(const char *file)
{
	char dir[PATH_SIZE];
	char *slash;
	int fd;

	(void)snprintf(dir, sizeof(dir), "%s", file);
	slash = strrchr(dir, '/');
	*slash = '\0';
	fd = open(dir, O_PATH | O_CLOEXEC);
	return fd == -1 ? -1 : openat(fd, slash + 1, O_RDONLY | O_CLOEXEC);
}

/* A mount of its own that is nowhere. */
static int
by_open_tree(const char *file)
{
	char dir[PATH_SIZE];
	char *slash;
	int fd;

	(void)snprintf(dir, sizeof(dir), "%s", file);
	slash = strrchr(dir, '/');
	*slash = '\0';
	fd = (int)syscall(
	    SYS_open_tree, AT_FDCWD, dir, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	return fd == -1 ? -1 : openat(fd, slash + 1, O_RDONLY | O_CLOEXEC);
}

/* The only entry of a ring; offsets are the kernel's. */
static int
by_io_uring(const char *file)
{
	struct io_uring_params p = { 0 };
	int ring = (int)syscall(SYS_io_uring_setup, 1, &p);
	uint32_t first = 0, head;
	struct io_uring_cqe *cqe;
	struct io_uring_sqe *sqe;
	uint8_t *sq;

	if (ring == -1)
		return NO_SUCH_WAY;
	sq = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_SHARED, ring,
	    IORING_OFF_SQ_RING);
	sqe = mmap(NULL, p.sq_entries * sizeof(*sqe), PROT_READ | PROT_WRITE,
	    MAP_SHARED, ring, IORING_OFF_SQES);
	if (sq == MAP_FAILED || (void *)sqe == MAP_FAILED ||
	    (p.features & IORING_FEAT_SINGLE_MMAP) == 0)
		return NO_SUCH_WAY;
	sqe[0] = (struct io_uring_sqe){ .opcode = IORING_OP_OPENAT,
		.fd = AT_FDCWD,
		.addr = (uint64_t)(uintptr_t)file,
		.open_flags = O_RDONLY | O_CLOEXEC };
	memcpy(sq + p.sq_off.array, &first, sizeof(first));
	__atomic_store_n(
	    (uint32_t *)(void *)(sq + p.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS,
		NULL, 0) != 1)
		die("io_uring_enter");
	memcpy(&head, sq + p.cq_off.head, sizeof(head));
	cqe = (struct io_uring_cqe *)(void *)(sq + p.cq_off.cqes);
	errno = cqe[head].res < 0 ? -cqe[head].res : 0;
	return cqe[head].res < 0 ? -1 : cqe[head].res;
}

/* As a program; what can't be run for its form was let through. */
static int
run(const char *file, int fd)
{
	char *const argv[] = { (char *)(uintptr_t)file, NULL };
	int status, error;
	pid_t pid = fork();

	if (pid == 0) {
		if (fd == -1)
			(void)execve(file, argv, argv + 1);
		else
			(void)syscall(SYS_execveat, fd, "", argv, argv + 1,
			    AT_EMPTY_PATH);
		_exit(errno);
	}
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		die("fork");
	error = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	errno = error;
	return error == 0 || error == ENOEXEC ? 0 : -1;
}

static int
by_execve(const char *file)
{
	return run(file, -1);
}

static int
by_execveat(const char *file)
{
	return run(file, open(file, O_PATH | O_CLOEXEC));
}

static int
by_chroot(const char *file)
{
	char dir[PATH_SIZE];
	char *slash;

	(void)snprintf(dir, sizeof(dir), "%s", file);
	slash = strrchr(dir, '/');
	*slash = '\0';
	if (chroot(dir) == -1 || chdir("/") == -1)
		die("chroot");
	slash[0] = '/';
	return open(slash, O_RDONLY | O_CLOEXEC);
}

static int
by_cwd(const char *file)
{
	char path[PATH_SIZE];
	char *slash;

	(void)snprintf(path, sizeof(path), "%s", file);
	slash = strrchr(path, '/');
	*slash = '\0';
	if (chdir(path) == -1)
		die(path);
	(void)snprintf(
	    path, sizeof(path), "/proc/self/cwd/%s", strrchr(file, '/') + 1);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* struct file_handle, with room. */
struct handle {
	unsigned bytes;
	int type;
	unsigned char data[HANDLE_MAX];
};

static bool
handle_of(const char *file, struct handle *out)
{
	int mount;

	*out = (struct handle){ .bytes = HANDLE_MAX };
	return name_to_handle_at(AT_FDCWD, file,
		   (struct file_handle *)(void *)out, &mount, 0) == 0;
}

static int
handle_open(const char *dir, struct handle *h)
{
	int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (at == -1)
		die(dir);
	return open_by_handle_at(
	    at, (struct file_handle *)(void *)h, O_RDONLY | O_CLOEXEC);
}

static int
by_handle(const char *file)
{
	char dir[PATH_SIZE];
	struct handle h;

	if (!handle_of(file, &h))
		return NO_SUCH_WAY;
	(void)snprintf(dir, sizeof(dir), "%s", file);
	*strrchr(dir, '/') = '\0';
	return handle_open(dir, &h);
}

static const struct {
	const char *name;
	int (*reach)(const char *file);
} ways[] = {
	{ "open", by_open },
	{ "openat2", by_openat2 },
	{ "directory", by_directory },
	{ "write", by_write },
	{ "create", by_create },
	{ "direct", by_direct },
	{ "path-only", by_path_only },
	{ "open-tree", by_open_tree },
	{ "io-uring", by_io_uring },
	{ "execve", by_execve },
	{ "execveat", by_execveat },
	{ "chroot", by_chroot },
	{ "cwd", by_cwd },
	{ "handle", by_handle },
};

static void
say(int fd)
{
	(void)puts(fd == NO_SUCH_WAY ? "absent"
		: fd == -1           ? strerrorname_np(errno)
				     : "ok");
}

static int
keep(const char *file)
{
	const unsigned char *at;
	struct handle h;

	if (!handle_of(file, &h))
		die(file);
	at = (const unsigned char *)&h;
	for (size_t i = 0; i < sizeof(h) - HANDLE_MAX + h.bytes; i++)
		(void)printf("%02x", at[i]);
	(void)puts("");
	return 0;
}

static int
from_handle(const char *dir, const char *digits)
{
	struct handle h = { 0 };
	unsigned char *at = (unsigned char *)&h;

	for (size_t i = 0; i < sizeof(h) && digits[2 * i] != '\0'; i++) {
		char two[] = { digits[2 * i], digits[2 * i + 1], '\0' };

		at[i] = (unsigned char)strtoul(two, NULL, 16);
	}
	say(handle_open(dir, &h));
	return 0;
}

/* The descriptor is older than what comes before standard input ends. */
static int
passed(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	char byte;

	if (fd == -1)
		die(file);
	(void)puts("open");
	(void)fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
	(void)puts(pread(fd, &byte, 1, 0) == 1 ? "read" : "not read");
	say(again(fd));
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "by-handle") == 0)
		return from_handle(argv[2], argv[3]);
	if (argc == 3 && strcmp(argv[1], "keep") == 0)
		return keep(argv[2]);
	if (argc == 3 && strcmp(argv[1], "passed") == 0)
		return passed(argv[2]);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]) && argc == 3; i++)
		if (strcmp(ways[i].name, argv[1]) == 0) {
			say(ways[i].reach(argv[2]));
			return 0;
		}
	(void)fputs("reacher: see the head of reacher.c\n", stderr);
	return 2;
}
