/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opener: opens files, and changes them in every way there is, for the tests
 * of the daemon.
 *
 *	opener read FILE...		what each open gives: "ok" or an errno
 *	opener storm N FILE		N processes open it at once: how many of
 *what opener tree N DIR		make N small files opener all DIR
 *open all of them: how many of what
 *	opener swap A B			exchange two names
 *	opener shrink FILE		truncate it to a byte, by its name
 *	opener hold FILE MODE		keep it open (r, w, rw, map) until stdin
 *ends opener change HOW FILE FROM	give FILE the bytes of FROM; HOW is a
 *					name of changes[]
 *	opener time N FILE		median and 99th percentile of N opens
 *(ns)
 *
 * "change map-kept" prints a line when it is done, and keeps the mapping until
 * stdin ends; so does "loop".
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <linux/loop.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FROM_MAX = 1 << 20, RESULTS = 8, TIMES_MAX = 1000000 };

static _Noreturn void
die(const char *what)
{
	(void)fprintf(stderr, "opener: %s: %s\n", what, strerror(errno));
	exit(3);
}

static void
check(bool good, const char *what)
{
	if (!good)
		die(what);
}

static const char *
result_name(int error)
{
	return error == 0 ? "ok" : strerrorname_np(error);
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

/* Wait until whoever started us lets us go. */
static void
wait_stdin(void)
{
	char byte;

	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
}

static int
do_read(int n, char **files)
{
	for (int i = 0; i < n; i++)
		(void)puts(result_name(open_once(files[i])));
	return 0;
}

/* "12 ok, 3 EPERM" */
struct tally {
	int errors[RESULTS], counts[RESULTS];
};

static void
tally_add(struct tally *t, int error)
{
	int i = 0;

	while (i < RESULTS - 1 && t->counts[i] != 0 && t->errors[i] != error)
		i++;
	t->errors[i] = error;
	t->counts[i]++;
}

static void
tally_print(const struct tally *t)
{
	for (int i = 0; i < RESULTS && t->counts[i] != 0; i++)
		(void)printf("%s%d %s", i == 0 ? "" : ", ", t->counts[i],
		    result_name(t->errors[i]));
	(void)puts("");
}

static int
do_storm(int n, const char *file)
{
	struct tally t = { { 0 }, { 0 } };
	int start[2], status;
	char byte;

	check(pipe2(start, O_CLOEXEC) == 0, "pipe2");
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		check(pid != -1, "fork");
		if (pid == 0) {
			(void)close(start[1]);
			(void)!read(start[0], &byte, 1);
			_exit(open_once(file));
		}
	}
	(void)close(start[1]); /* now, all of them */
	while (wait(&status) > 0)
		tally_add(&t, WIFEXITED(status) ? WEXITSTATUS(status) : EINTR);
	tally_print(&t);
	return 0;
}

static int
do_tree(int n, const char *dir)
{
	check(chdir(dir) == 0, dir);
	for (int i = 0; i < n; i++) {
		char name[32], text[64];
		int len = snprintf(text, sizeof(text), "this is file %d\n", i);
		int fd;

		(void)snprintf(name, sizeof(name), "f%05d.txt", i);
		fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		check(fd != -1 && write(fd, text, (size_t)len) == len, name);
		(void)close(fd);
	}
	return 0;
}

static int
do_all(const char *path)
{
	struct tally t = { { 0 }, { 0 } };
	struct dirent *entry;
	DIR *dir = opendir(path);

	check(dir != NULL && chdir(path) == 0, path);
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_type == DT_REG)
			tally_add(&t, open_once(entry->d_name));
	(void)closedir(dir);
	tally_print(&t);
	return 0;
}

static int
do_hold(const char *file, const char *mode)
{
	bool map = strcmp(mode, "map") == 0;
	int flags = strcmp(mode, "r") == 0 ? O_RDONLY
	    : strcmp(mode, "w") == 0       ? O_WRONLY
					   : O_RDWR;
	int fd = open(file, flags | O_CLOEXEC);

	if (fd == -1) {
		(void)puts(result_name(errno));
		return 0;
	}
	if (map) {
		check(mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			  0) != MAP_FAILED,
		    "mmap");
		(void)close(fd);
	}
	(void)puts("ok");
	(void)fflush(stdout);
	wait_stdin();
	return 0;
}

/* The ways to give a file other bytes; data is n of them. */

static int
open_rw(const char *file)
{
	int fd = open(file, O_RDWR | O_CLOEXEC);

	check(fd != -1, file);
	return fd;
}

static void
change_write(const char *file, const uint8_t *data, size_t n)
{
	int fd = open_rw(file);

	check(pwrite(fd, data, n, 0) == (ssize_t)n, "pwrite");
	(void)close(fd);
}

static void
change_map(const char *file, const uint8_t *data, size_t n)
{
	int fd = open_rw(file);
	void *at = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	check(at != MAP_FAILED, "mmap");
	(void)close(fd);
	memcpy(at, data, n);
	(void)munmap(at, n);
}

/* The descriptor is closed and the mapping stays: stores raise no event. */
static void
change_map_kept(const char *file, const uint8_t *data, size_t n)
{
	int fd = open_rw(file);
	uint8_t *at = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	check(at != MAP_FAILED, "mmap");
	(void)close(fd);
	memcpy(at, data, n);
	(void)puts("ok");
	(void)fflush(stdout);
	wait_stdin();
}

static void
change_truncate(const char *file, const uint8_t *data, size_t n)
{
	check(truncate(file, 0) == 0, "truncate");
	change_write(file, data, n);
}

static void
change_otrunc(const char *file, const uint8_t *data, size_t n)
{
	int fd = open(file, O_WRONLY | O_TRUNC | O_CLOEXEC);

	check(fd != -1 && write(fd, data, n) == (ssize_t)n, file);
	(void)close(fd);
}

/* The whole file from another, which the guard never saw opened. */
static int
memory_file(const uint8_t *data, size_t n)
{
	int fd = memfd_create("bytes", MFD_CLOEXEC);

	check(fd != -1 && write(fd, data, n) == (ssize_t)n, "memfd");
	check(lseek(fd, 0, SEEK_SET) == 0, "lseek");
	return fd;
}

static void
change_copy(const char *file, const uint8_t *data, size_t n)
{
	char name[4096];
	int to = open_rw(file), from;

	/* copy_file_range(2) wants one filesystem: an unnamed file beside. */
	(void)snprintf(name, sizeof(name), "%s", file);
	*strrchr(name, '/') = '\0';
	from = open(name, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	check(from != -1 && write(from, data, n) == (ssize_t)n, "O_TMPFILE");
	check(lseek(from, 0, SEEK_SET) == 0, "lseek");
	check(copy_file_range(from, NULL, to, NULL, n, 0) == (ssize_t)n,
	    "copy_file_range");
	(void)close(from);
	(void)close(to);
}

static void
change_splice(const char *file, const uint8_t *data, size_t n)
{
	int to = open_rw(file), from = memory_file(data, n), p[2];

	check(pipe2(p, O_CLOEXEC) == 0, "pipe2");
	check(splice(from, NULL, p[1], NULL, n, 0) == (ssize_t)n, "splice");
	check(splice(p[0], NULL, to, NULL, n, 0) == (ssize_t)n, "splice");
	(void)close(from);
	(void)close(to);
}

static void
change_rename(const char *file, const uint8_t *data, size_t n)
{
	char name[4096];
	int fd;

	(void)snprintf(name, sizeof(name), "%s.new", file);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	check(fd != -1 && write(fd, data, n) == (ssize_t)n, name);
	(void)close(fd);
	check(rename(name, file) == 0, "rename");
}

static void
change_aio(const char *file, const uint8_t *data, size_t n)
{
	struct iocb cb = { .aio_lio_opcode = IOCB_CMD_PWRITE,
		.aio_buf = (uint64_t)(uintptr_t)data,
		.aio_nbytes = n },
		    *list = &cb;
	struct io_event done;
	aio_context_t context = 0;
	int fd = open_rw(file);

	cb.aio_fildes = (uint32_t)fd;
	check(syscall(SYS_io_setup, 1, &context) == 0, "io_setup");
	check(syscall(SYS_io_submit, context, 1L, &list) == 1, "io_submit");
	check(syscall(SYS_io_getevents, context, 1L, 1L, &done, NULL) == 1,
	    "io_getevents");
	check(done.res == (int64_t)n, "aio");
	(void)close(fd);
}

/* What a ring's memory is made of; the offsets are the kernel's. */
static void
uring_write(int ring, const struct io_uring_params *p, int fd,
    const uint8_t *data, size_t n)
{
	uint8_t *sq =
	    mmap(NULL, p->sq_off.array + p->sq_entries * sizeof(uint32_t),
		PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
	struct io_uring_sqe *sqe =
	    mmap(NULL, p->sq_entries * sizeof(struct io_uring_sqe),
		PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
	uint32_t first = 0, *tail;

	check(sq != MAP_FAILED && (void *)sqe != MAP_FAILED, "mmap");
	sqe[0] = (struct io_uring_sqe){ .opcode = IORING_OP_WRITE,
		.fd = fd,
		.addr = (uint64_t)(uintptr_t)data,
		.len = (uint32_t)n };
	memcpy(sq + p->sq_off.array, &first, sizeof(first));
	tail = (uint32_t *)(void *)(sq + p->sq_off.tail);
	__atomic_store_n(tail, 1, __ATOMIC_RELEASE);
	check(syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS,
		  NULL, 0) == 1,
	    "io_uring_enter");
}

static void
change_uring(const char *file, const uint8_t *data, size_t n)
{
	struct io_uring_params p = { 0 };
	int fd = open_rw(file);
	int ring = (int)syscall(SYS_io_uring_setup, 1, &p);

	check(ring != -1, "io_uring_setup");
	uring_write(ring, &p, fd, data, n);
	(void)close(ring);
	(void)close(fd);
}

/* A loop device writes its backing file without an event. */
static void
change_loop(const char *file, const uint8_t *data, size_t n)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int fd = open_rw(file), loop, number;
	uint8_t block[512] = { 0 };
	char name[32];

	check(control != -1, "/dev/loop-control");
	number = ioctl(control, LOOP_CTL_GET_FREE);
	check(number >= 0, "LOOP_CTL_GET_FREE");
	(void)snprintf(name, sizeof(name), "/dev/loop%d", number);
	loop = open(name, O_RDWR | O_CLOEXEC);
	check(loop != -1 && ioctl(loop, LOOP_SET_FD, fd) == 0, name);
	(void)close(fd);
	check(n <= sizeof(block), "too long for a block");
	check(pread(loop, block, sizeof(block), 0) > 0, "pread");
	memcpy(block, data, n);
	check(pwrite(loop, block, sizeof(block), 0) == sizeof(block) &&
		fsync(loop) == 0,
	    "pwrite");
	(void)puts("ok");
	(void)fflush(stdout);
	wait_stdin();
	(void)ioctl(loop, LOOP_CLR_FD);
}

static const struct {
	const char *name;
	void (*change)(const char *file, const uint8_t *data, size_t n);
} changes[] = {
	{ "write", change_write },
	{ "map", change_map },
	{ "map-kept", change_map_kept },
	{ "truncate", change_truncate },
	{ "otrunc", change_otrunc },
	{ "copy", change_copy },
	{ "splice", change_splice },
	{ "rename", change_rename },
	{ "aio", change_aio },
	{ "uring", change_uring },
	{ "loop", change_loop },
};

static int
do_change(const char *how, const char *file, const char *from)
{
	static uint8_t data[FROM_MAX];
	int fd = open(from, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd == -1 ? -1 : read(fd, data, sizeof(data));

	check(n > 0, from);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		if (strcmp(changes[i].name, how) == 0) {
			changes[i].change(file, data, (size_t)n);
			return 0;
		}
	errno = EINVAL;
	die(how);
}

static int
ns_order(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int
do_time(size_t n, const char *file)
{
	static uint64_t times[TIMES_MAX];
	struct timespec a, b;

	check(n > 0 && n <= TIMES_MAX, "count");
	for (size_t i = 0; i < n; i++) {
		(void)clock_gettime(CLOCK_MONOTONIC, &a);
		check(open_once(file) == 0, file);
		(void)clock_gettime(CLOCK_MONOTONIC, &b);
		times[i] = (uint64_t)(b.tv_sec - a.tv_sec) * 1000000000u +
		    (uint64_t)(b.tv_nsec - a.tv_nsec);
	}
	qsort(times, n, sizeof(times[0]), ns_order);
	(void)printf("%llu %llu\n", (unsigned long long)times[n / 2],
	    (unsigned long long)times[n - 1 - n / 100]);
	return 0;
}

int
main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";

	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	if (strcmp(what, "read") == 0)
		return do_read(argc - 2, argv + 2);
	if (strcmp(what, "all") == 0)
		return do_all(argv[2]);
	if (strcmp(what, "shrink") == 0)
		return truncate(argv[2], 1) == 0 ? 0 : 1;
	if (argc == 4 && strcmp(what, "swap") == 0)
		return renameat2(AT_FDCWD, argv[2], AT_FDCWD, argv[3],
			   RENAME_EXCHANGE) == 0
		    ? 0
		    : 1;
	if (argc == 4 && strcmp(what, "storm") == 0)
		return do_storm((int)strtol(argv[2], NULL, 10), argv[3]);
	if (argc == 4 && strcmp(what, "tree") == 0)
		return do_tree((int)strtol(argv[2], NULL, 10), argv[3]);
	if (argc == 4 && strcmp(what, "hold") == 0)
		return do_hold(argv[2], argv[3]);
	if (argc == 4 && strcmp(what, "time") == 0)
		return do_time(strtoul(argv[2], NULL, 10), argv[3]);
	if (argc == 5 && strcmp(what, "change") == 0)
		return do_change(argv[2], argv[3], argv[4]);
	(void)fputs("opener: see the head of opener.c\n", stderr);
	return 2;
}
