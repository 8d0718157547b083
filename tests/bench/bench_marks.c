/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_marks: what the kernel takes for marks and leases, without a daemon.
 *
 *	bench_marks PLAIN FILE
 *
 * FILE lies on a filesystem of its own, as deep as PLAIN.  A line of
 *thousandths for each, to opens of PLAIN in turns: an ignore mark on the file;
 *that and a lease; an ignore mark on its directory.
 */
#include <fcntl.h>
#include <libgen.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <time.h>
#include <unistd.h>

#ifndef FAN_MARK_EVICTABLE
#define FAN_MARK_EVICTABLE 0x00000200
#endif
#ifndef FAN_MARK_IGNORE
#define FAN_MARK_IGNORE 0x00000400
#endif

enum {
	TURNS = 8000,
	FILES = 2,
	FILE_IGNORE = FAN_MARK_IGNORE | FAN_MARK_IGNORED_SURV_MODIFY,
	DIR_IGNORE = FILE_IGNORE | FAN_MARK_EVICTABLE | FAN_MARK_ONLYDIR
};

static uint64_t took[FILES][TURNS];

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint64_t
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static uint64_t
open_once(const char *path)
{
	uint64_t start = now();
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd == -1) {
		perror(path);
		exit(1);
	}
	(void)close(fd);
	return now() - start;
}

/* Thousandths of the median of files[0] that the median of files[1] is. */
static void
measure(char **files)
{
	for (size_t i = 0; i < TURNS; i++)
		for (size_t k = 0; k < FILES; k++)
			took[k][i] = open_once(files[k]);
	for (size_t k = 0; k < FILES; k++)
		qsort(took[k], TURNS, sizeof(took[k][0]), compare);
	printf("%llu\n",
	    (unsigned long long)(took[1][TURNS / 2] * 1000 /
		took[0][TURNS / 2]));
}

static void
mark(int group, unsigned flags, uint64_t mask, const char *path)
{
	if (fanotify_mark(group, flags, mask, AT_FDCWD, path) == -1) {
		perror("bench_marks: fanotify_mark");
		exit(1);
	}
}

int
main(int argc, char **argv)
{
	int group = fanotify_init(FAN_CLASS_PRE_CONTENT | FAN_CLOEXEC |
		FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS,
	    O_RDONLY | O_CLOEXEC | O_LARGEFILE);
	const char *file = argc == 3 ? argv[2] : "";
	int lease = open(file, O_RDONLY | O_CLOEXEC);

	if (argc != 3 || group == -1 || lease == -1) {
		perror("bench_marks");
		return 1;
	}
	/* The ignore mark first: nobody answers here. */
	mark(group, FAN_MARK_ADD | FILE_IGNORE, FAN_OPEN_PERM, file);
	mark(group, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN_PERM, file);
	measure(argv + 1);
	if (fcntl(lease, F_SETLEASE, F_RDLCK) == -1)
		perror("bench_marks: no lease");
	measure(argv + 1);
	(void)close(lease);
	mark(group, FAN_MARK_ADD | DIR_IGNORE,
	    FAN_OPEN_PERM | FAN_EVENT_ON_CHILD, dirname(strdup(file)));
	mark(group, FAN_MARK_REMOVE | FILE_IGNORE, FAN_OPEN_PERM, file);
	measure(argv + 1);
	return 0;
}
