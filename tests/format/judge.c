/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge: what the engine says of files, for tests to read.
 *
 *	judge [unpack] < LIST-OF-PATHS
 *
 * With the import policies of the source (CKPT_SRC), without YARA; as for an
 * open that waits, or with unpack as for a scan.
 *
 * A line for each: verdict, format, bytes read, size, findings as
 * rule[@where][=evidence] with " | " between, path; tabs between.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "base/text.h"
#include "engine/engine.h"
#include "pickle/policy.h"

static void
print_text(const char *s)
{
	AUTO(buf) struct buf b = buf_new(1 << 16);

	if (text_escape(&b, s, strlen(s)) == ERR_OK)
		(void)fputs(buf_text(&b), stdout);
}

static void
print_findings(const struct report *r)
{
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct finding *f = &r->findings[i];

		printf("%s%s", i == 0 ? "" : " | ", f->rule);
		if (f->where[0] != '\0') {
			(void)putchar('@');
			print_text(f->where);
		}
		if (f->evidence[0] != '\0') {
			(void)putchar('=');
			print_text(f->evidence);
		}
	}
}

static int
judge(const struct policy *policy, bool unpack, const char *path)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct engine_options options = { .budget = engine_budget_scan(),
		.policy = policy,
		.unpack = unpack };
	struct report r;
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1) {
		perror(path);
		return -1;
	}
	report_init(&r);
	engine_scan_fd(&options, fd, (uint64_t)st.st_size, &r);
	printf("%s\t%s\t%llu\t%llu\t", verdict_name(r.verdict), r.format,
	    (unsigned long long)r.bytes_read, (unsigned long long)r.size);
	print_findings(&r);
	printf("\t%s\n", path);
	report_free(&r);
	return 0;
}

int
main(int argc, char **argv)
{
	bool unpack = argc > 1 && strcmp(argv[1], "unpack") == 0;
	const char *src = getenv("CKPT_SRC");
	struct policy *policy = policy_new();
	AUTO_FREE char *line = NULL;
	char dir[PATH_MAX];
	size_t room = 0;
	ssize_t n;
	int failed = 0;

	(void)snprintf(
	    dir, sizeof(dir), "%s/rules/imports", src == NULL ? "." : src);
	if (policy == NULL ||
	    policy_add_dir(policy, dir, NULL, NULL) != ERR_OK ||
	    policy_count(policy) == 0) {
		(void)fprintf(stderr, "%s: no import policy\n", dir);
		policy_free(policy);
		return EXIT_FAILURE;
	}
	while ((n = getline(&line, &room, stdin)) > 0) {
		line[strcspn(line, "\n")] = '\0';
		failed |= judge(policy, unpack, line);
	}
	policy_free(policy);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
