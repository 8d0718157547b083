/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container_fakes: a visit that stands for the engine in tests of walkers, and
 * samples that a script writes when the test begins.
 *
 * The visit recognises by their first bytes: pickles, arrays and zips; it
 * remembers each child and how many of them hold a payload.
 */
#ifndef TESTS_CONTAINER_FAKES_H
#define TESTS_CONTAINER_FAKES_H

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/own.h"
#include "byte/source.h"
#include "model/format.h"
#include "model/limits.h"
#include "model/report.h"

enum { FAKE_CHILDREN = 64, FAKE_NAME = 128, FAKE_FRONT = 2048 };

struct fake_child {
	char name[FAKE_NAME];
	size_t name_size;
	enum child_kind kind;
	uint64_t offset;
	size_t got; /* bytes of the front that could be read */
	uint8_t front[FAKE_FRONT];
	enum err err; /* what reading said */
};

struct fake {
	struct visit visit;
	struct report report;
	struct budget budget;
	size_t count, payloads;
	struct fake_child children[FAKE_CHILDREN];
	struct budget start;
};

static const struct format fake_pickle = { .name = "pickle" };
static const struct format fake_npy = { .name = "npy" };
static const struct format fake_zip = { .name = "zip" };

static const struct format *
fake_recognise(const uint8_t *p, size_t n)
{
	if (n >= 4 && memcmp(p, "PK\3\4", 4) == 0)
		return &fake_zip;
	if (n >= 6 && memcmp(p, "\x93NUMPY", 6) == 0)
		return &fake_npy;
	if (n >= 2 && p[0] == 0x80 && p[1] <= 5)
		return &fake_pickle;
	if (n >= 7 && memcmp(p, "cposix\n", 7) == 0)
		return &fake_pickle;
	return NULL;
}

static bool
fake_has_payload(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 11 <= n; i++)
		if (memcmp(p + i, "echo marker", 11) == 0)
			return true;
	return false;
}

static enum err
fake_child(struct visit *v, const struct child *child,
    const struct source *bytes, struct child_result *result)
{
	struct fake *f = (struct fake *)v;
	struct fake_child last = { .kind = child->kind,
		.offset = child->offset };

	if (budget_take(&f->budget, BUDGET_MEMBERS, 1) != ERR_OK)
		return ERR_LIMIT;
	last.name_size =
	    child->name_size < FAKE_NAME - 1 ? child->name_size : FAKE_NAME - 1;
	memcpy(last.name, child->name, last.name_size);
	last.err = source_read_some(
	    bytes, 0, last.front, sizeof(last.front), &last.got);
	if (last.err != ERR_OK)
		last.got = 0;
	if (result != NULL)
		result->format = fake_recognise(last.front, last.got);
	if (fake_has_payload(last.front, last.got))
		f->payloads++;
	/* a walker of pickles would have run over it */
	if (last.got > 2000 && memcmp(last.front + 2, "N0N0", 4) == 0)
		f->budget.opcodes -= 12 * 1024 * 1024;
	if (f->count < FAKE_CHILDREN)
		f->children[f->count] = last;
	f->count++;
	return ERR_OK;
}

static void
fake_code(struct visit *v, const void *data, size_t n)
{
	(void)v;
	(void)data;
	(void)n;
}

static void
fake_string(struct visit *v, const char *s, size_t n)
{
	(void)v;
	(void)s;
	(void)n;
}

static const struct visit_ops fake_ops = { fake_child, fake_code, fake_string };

static void
fake_init(struct fake *f, bool deep)
{
	*f = (struct fake){ .budget = { .bytes = UINT64_C(1) << 32,
				.members = LIMIT_MEMBERS,
				.opcodes = LIMIT_OPCODES,
				.memory = LIMIT_MEMORY,
				.depth = LIMIT_DEPTH } };
	report_init(&f->report);
	f->visit = (struct visit){ .ops = &fake_ops,
		.report = &f->report,
		.budget = &f->budget,
		.where = "",
		.unpack = deep,
		.deep = deep };
	f->start = f->budget;
}

static inline void
fake_free(struct fake *f)
{
	report_free(&f->report);
}

/* The rules of the findings, each once, in alphabetical order. */
static inline const char *
fake_rules(const struct fake *f)
{
	static char text[4096];
	const char *last = "";
	size_t at = 0;

	text[0] = '\0';
	for (;;) {
		const char *next = NULL;

		for (size_t i = 0; i < f->report.finding_count; i++) {
			const char *rule = f->report.findings[i].rule;

			if (strcmp(rule, last) > 0 &&
			    (next == NULL || strcmp(rule, next) < 0))
				next = rule;
		}
		if (next == NULL)
			return text;
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s",
		    at == 0 ? "" : " ", next);
		last = next;
	}
}

/* Read a whole sample, at most room bytes. */
static inline size_t
sample_read(const char *dir, const char *name, uint8_t *to, size_t room)
{
	char path[4096];
	AUTO_CLOSE int fd = -1;
	ssize_t got;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1 ||
	    (got = read(fd, to, room)) == -1) {
		perror(path);
		abort();
	}
	return (size_t)got;
}

/* Let $CKPT_SRC/tests/samples/SCRIPT write into a new directory, whose name is
 * returned; NULL, and a reason on the output, when there is no Python. */
static inline char *
samples_make(const char *script)
{
	static char dir[] = "/tmp/ckptguard-samples.XXXXXX";
	const char *src = getenv("CKPT_SRC");
	const char *python = getenv("PYTHON");
	char path[4096];
	char *argv[] = { NULL, path, dir, NULL };
	extern char **environ;
	int status = -1;
	pid_t pid;

	(void)snprintf(path, sizeof(path), "%s/tests/samples/%s",
	    src == NULL ? "." : src, script);
	argv[0] =
	    (char *)(uintptr_t)(python == NULL || python[0] == '\0' ? "python3"
								    : python);
	if (mkdtemp(dir) == NULL ||
	    posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) != 0) {
		printf("# skipped: no samples without Python (%s)\n", argv[0]);
		return NULL;
	}
	if (waitpid(pid, &status, 0) != pid || status != 0) {
		printf("%s %s failed\n", argv[0], path);
		abort();
	}
	return dir;
}

/* Remove a directory of samples. */
static inline void
samples_remove(char *dir)
{
	char *argv[] = { (char *)(uintptr_t) "rm", (char *)(uintptr_t) "-rf",
		(char *)(uintptr_t) "--", dir, NULL };
	extern char **environ;
	int status;
	pid_t pid;

	if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) == 0)
		(void)waitpid(pid, &status, 0);
}

/* What a walker says of a sample. */
struct row {
	const char *sample;
	bool deep;
	const char *name; /* as recognised; NULL: it was not */
	bool in_place;
	const char *rules; /* of all findings, sorted */
	size_t payloads;   /* children that hold one */
	enum err err;
};

#define OPEN false
#define DEEP true

/* Walk the sample of a row, and compare. */
static inline void
row_check(const struct format *format, const char *dir, const struct row *r)
{
	static uint8_t bytes[1024 * 1024];
	size_t size = sample_read(dir, r->sample, bytes, sizeof(bytes));
	struct fake f;
	struct source s;
	enum err e;

	fake_init(&f, r->deep);
	s = source_memory(bytes, size, &f.budget);
	e = format->walk(&f.visit, &s);
	print_message("%-26s %s %s %d \"%s\" %zu %s\n", r->sample,
	    r->deep ? "DEEP" : "OPEN",
	    f.visit.name == NULL ? "-" : f.visit.name, f.visit.in_place,
	    fake_rules(&f), f.payloads, err_name(e));
	if (getenv("CKPT_SHOW") == NULL) {
		assert_true((f.visit.name == NULL) == (r->name == NULL));
		if (r->name != NULL)
			assert_string_equal(f.visit.name, r->name);
		assert_int_equal(f.visit.in_place, r->in_place);
		assert_string_equal(fake_rules(&f), r->rules);
		assert_int_equal(f.payloads, r->payloads);
		assert_int_equal(e, r->err);
		assert_int_equal(f.budget.memory, f.start.memory);
	}
	fake_free(&f);
}

#endif /* TESTS_CONTAINER_FAKES_H */
