/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main: run a fuzz harness over files, without libFuzzer.
 *
 *	fuzz_NAME [FILE | DIRECTORY]...
 *
 * Without arguments it takes tests/fuzz/corpus/NAME of the source.  Each file
 * is given as it is, cut at several places, and with a few bytes changed (the
 * same ones in every run): so each build's sanitizers see more than the seeds.
 * A harness that finds something aborts, which is the whole report.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"

enum {
	INPUT_MAX = 1 << 20, /* bytes: a seed is small */
	CUTS = 16,           /* prefixes tried of each file */
	CHANGES = 64,        /* changed copies of each file */
	CHANGES_LONG = 5000, /* the same when CKPT_LONG is set */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long inputs;

/* A copy of exactly size bytes, so that the sanitizer sees one byte beyond. */
static void
run(const uint8_t *data, size_t size)
{
	AUTO_FREE uint8_t *copy = malloc(size == 0 ? 1 : size);

	if (copy == NULL)
		abort();
	memcpy(copy, data, size);
	(void)LLVMFuzzerTestOneInput(copy, size);
	inputs++;
}

static uint32_t
next(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* Change one to four bytes of data, run it, and change them back. */
static void
run_changed(uint8_t *data, size_t size, uint32_t *seed)
{
	static const uint8_t odd[] = { 0, 1, 0x7f, 0x80, 0xff, '.', '(', '\n' };
	size_t at[4];
	uint8_t old[4];
	unsigned count = next(seed) % 4 + 1;

	for (unsigned i = 0; i < count; i++) {
		at[i] = next(seed) % size;
		old[i] = data[at[i]];
		data[at[i]] = next(seed) % 2 == 0
		    ? odd[next(seed) % sizeof(odd)]
		    : (uint8_t)next(seed);
	}
	run(data, size);
	for (unsigned i = count; i > 0; i--)
		data[at[i - 1]] = old[i - 1];
}

static void
run_all(uint8_t *data, size_t size)
{
	int changes = getenv("CKPT_LONG") == NULL ? CHANGES : CHANGES_LONG;
	uint32_t seed = 2463534242u;

	run(data, size);
	for (size_t i = 0; i < CUTS && i < size; i++)
		run(data, size * i / CUTS);
	for (int i = 0; i < changes && size != 0; i++)
		run_changed(data, size, &seed);
}

static int
run_file(const char *path)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	AUTO_FREE uint8_t *data = malloc(INPUT_MAX);
	ssize_t got;

	if (fd == -1 || data == NULL || (got = read(fd, data, INPUT_MAX)) < 0) {
		perror(path);
		return -1;
	}
	run_all(data, (size_t)got);
	return 0;
}

static int
run_path(const char *path)
{
	struct dirent **names;
	int count, failed = 0;
	struct stat st;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
		return run_file(path);
	count = scandir(path, &names, NULL, alphasort);
	if (count < 0) {
		perror(path);
		return -1;
	}
	for (int i = 0; i < count; i++) {
		char file[PATH_MAX];

		(void)snprintf(
		    file, sizeof(file), "%s/%s", path, names[i]->d_name);
		if (stat(file, &st) == 0 && S_ISREG(st.st_mode))
			failed |= run_file(file);
		free(names[i]);
	}
	free(names);
	return failed;
}

int
main(int argc, char **argv)
{
	const char *src = getenv("CKPT_SRC");
	const char *name = strrchr(argv[0], '/');
	char corpus[PATH_MAX];
	int failed = 0;

	name = name == NULL ? argv[0] : name + 1;
	name = strncmp(name, "fuzz_", 5) == 0 ? name + 5 : name;
	(void)snprintf(corpus, sizeof(corpus), "%s/tests/fuzz/corpus/%s",
	    src == NULL ? "." : src, name);
	if (argc == 1)
		failed = run_path(corpus);
	for (int i = 1; i < argc; i++)
		failed |= run_path(argv[i]);
	printf("%lu inputs\n", inputs);
	return failed != 0 || inputs == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
