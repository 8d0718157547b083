/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_open: what an open costs.
 *
 *	bench_open each FILE...
 *		open and close each file once, in order; a line of nanoseconds
 *		for each
 *	bench_open paced MS FILE...
 *		the same with MS milliseconds before each, as people open files
 *	bench_open rounds N FILE...
 *		N rounds over all files; the median for each, so that noise
 *		meets all of them alike
 *	bench_open threads T TOTAL LATE FILE...
 *		T threads make TOTAL opens between them, each of another file
 *		than its neighbour; "nanoseconds errors late slowest spent":
 *		opens that failed, that took longer than LATE milliseconds, the
 *		nanoseconds of the slowest, and those of processor time
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_MAX = 256 };

static uint64_t
clock_ns(clockid_t clock)
{
	struct timespec ts;

	(void)clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static uint64_t
now(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static void
pause_ms(unsigned long ms)
{
	struct timespec ts = { .tv_sec = (time_t)(ms / 1000),
		.tv_nsec = (long)(ms % 1000) * 1000000 };

	(void)nanosleep(&ts, NULL);
}

/* Nanoseconds of one open and close; ends the program when it is denied. */
static uint64_t
open_once(const char *path)
{
	uint64_t start = now();
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd == -1) {
		fprintf(stderr, "bench_open: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	(void)close(fd);
	return now() - start;
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int
run_each(int count, char **files)
{
	for (int i = 0; i < count; i++)
		printf("%llu\n", (unsigned long long)open_once(files[i]));
	return 0;
}

static int
run_paced(unsigned long ms, int count, char **files)
{
	for (int i = 0; i < count; i++) {
		pause_ms(ms);
		printf("%llu\n", (unsigned long long)open_once(files[i]));
	}
	return 0;
}

static int
run_rounds(size_t rounds, size_t count, char **files)
{
	uint64_t *took = calloc(rounds * count, sizeof(*took));

	if (took == NULL || rounds == 0)
		return 1;
	for (size_t r = 0; r < rounds; r++)
		for (size_t i = 0; i < count; i++)
			took[i * rounds + r] = open_once(files[i]);
	for (size_t i = 0; i < count; i++) {
		uint64_t *mine = took + i * rounds;

		qsort(mine, rounds, sizeof(*mine), compare);
		printf("%llu\n", (unsigned long long)mine[rounds / 2]);
	}
	free(took);
	return 0;
}

struct crowd {
	char **files;
	size_t count;
	size_t each;   /* opens of one thread */
	uint64_t late; /* nanoseconds */
	atomic_size_t turn, errors, lates;
	_Atomic uint64_t slowest; /* nanoseconds */
};

static void *
crowd_member(void *arg)
{
	struct crowd *c = arg;
	uint64_t slowest = 0, seen;
	size_t lates = 0;

	for (size_t i = 0; i < c->each; i++) {
		const char *path = c->files[c->turn++ % c->count];
		uint64_t took = now();
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		took = now() - took;
		if (fd == -1)
			c->errors++;
		else
			(void)close(fd);
		lates += took > c->late;
		if (took > slowest)
			slowest = took;
	}
	c->lates += lates;
	for (seen = c->slowest; seen < slowest;)
		if (atomic_compare_exchange_weak(&c->slowest, &seen, slowest))
			break;
	return NULL;
}

static int
run_threads(size_t threads, size_t total, struct crowd *c)
{
	pthread_t ids[THREADS_MAX];
	uint64_t start;

	if (threads == 0 || threads > THREADS_MAX)
		return 1;
	c->each = total / threads;
	start = now();
	for (size_t i = 0; i < threads; i++)
		if (pthread_create(&ids[i], NULL, crowd_member, c) != 0)
			return 1;
	for (size_t i = 0; i < threads; i++)
		(void)pthread_join(ids[i], NULL);
	printf("%llu %zu %zu %llu %llu\n", (unsigned long long)(now() - start),
	    (size_t)c->errors, (size_t)c->lates, (unsigned long long)c->slowest,
	    (unsigned long long)clock_ns(CLOCK_PROCESS_CPUTIME_ID));
	return 0;
}

int
main(int argc, char **argv)
{
	const char *mode = argc > 2 ? argv[1] : "";

	if (strcmp(mode, "each") == 0)
		return run_each(argc - 2, argv + 2);
	if (strcmp(mode, "paced") == 0 && argc > 3)
		return run_paced(
		    strtoul(argv[2], NULL, 10), argc - 3, argv + 3);
	if (strcmp(mode, "rounds") == 0 && argc > 3)
		return run_rounds(
		    strtoul(argv[2], NULL, 10), (size_t)argc - 3, argv + 3);
	if (strcmp(mode, "threads") == 0 && argc > 5) {
		struct crowd c = { .files = argv + 5,
			.count = (size_t)argc - 5,
			.late = strtoull(argv[4], NULL, 10) * 1000000 };

		return run_threads(
		    strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10), &c);
	}
	fprintf(stderr,
	    "usage: bench_open each|paced MS|rounds N|threads T TOTAL "
	    "LATE FILE...\n");
	return 2;
}
