/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock, limits, capabilities and identity, each in a child. */
#include "sandbox_child.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/own.h"
#include "sandbox/internal.h"

enum {
	NOBODY = 65534,
	HERE = 1,
	NO_LANDLOCK = 2,
	MEMORY = 8 * 1024 * 1024,
};

static int
landlocked_child(void *arg)
{
	struct stat st;
	enum err e;

	(void)arg;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return HERE;
	if ((e = landlock_enter()) != ERR_OK)
		return e == ERR_UNSUPPORTED ? NO_LANDLOCK : HERE;
	if (open("/dev/null", O_RDONLY | O_CLOEXEC) != -1 || errno != EACCES)
		return HERE + 2;
	if (open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) != -1)
		return HERE + 3;
	if (mkdir("/tmp/ckptguard-test-landlock", 0700) != -1)
		return HERE + 4;
	if (execl("/bin/true", "true", (char *)NULL) != -1 || errno != EACCES)
		return HERE + 5;
	/* what is open already stays readable */
	return fstat(STDERR_FILENO, &st) == -1 ? HERE + 6 : CHILD_FINE;
}

static void
landlock_refuses_every_file(void **state)
{
	int status = in_child(landlocked_child, NULL);

	(void)state;
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_LANDLOCK)
		skip(); /* this kernel has none */
	assert_int_equal(status, CHILD_FINE);
}

static int
limited_child(void *arg)
{
	struct rlimit core, size, files;
	AUTO_FREE void *small = NULL;
	AUTO_FREE void *large = NULL;

	(void)arg;
	if (sandbox_limits(MEMORY, 32) != ERR_OK)
		return HERE;
	if (getrlimit(RLIMIT_CORE, &core) == -1 ||
	    getrlimit(RLIMIT_FSIZE, &size) == -1 ||
	    getrlimit(RLIMIT_NOFILE, &files) == -1 || core.rlim_max != 0 ||
	    size.rlim_max != 0 || files.rlim_max != 32)
		return HERE + 1;
	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return HERE + 2;
	if ((small = malloc(MEMORY / 2)) == NULL)
		return HERE + 3;
	large = malloc((size_t)MEMORY * 2);
	if (large != NULL && !SANDBOX_SANITIZERS)
		return HERE + 4;
	/* a lower limit that was there stays */
	if (sandbox_limits(MEMORY, 64) != ERR_OK ||
	    getrlimit(RLIMIT_NOFILE, &files) == -1 || files.rlim_max != 32)
		return HERE + 5;
	return CHILD_FINE;
}

static void
limits_hold_and_only_sink(void **state)
{
	(void)state;
	assert_int_equal(in_child(limited_child, NULL), CHILD_FINE);
}

static uint64_t
caps_now(const char *which)
{
	char line[256];
	uint64_t caps = UINT64_MAX;
	FILE *f = fopen("/proc/self/status", "re");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, which, strlen(which)) == 0)
			caps = strtoull(line + strlen(which) + 1, NULL, 16);
	if (f != NULL)
		(void)fclose(f);
	return caps;
}

static int
dropped_child(void *arg)
{
	uid_t uid = arg == NULL ? (uid_t)-1 : NOBODY;

	if (sandbox_drop_to(uid, NOBODY) != ERR_OK)
		return HERE;
	if (caps_now("CapEff") != 0 || caps_now("CapPrm") != 0 ||
	    caps_now("CapInh") != 0 || caps_now("CapAmb") != 0 ||
	    caps_now("CapBnd") != 0)
		return HERE + 1;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return HERE + 2;
	if (uid == (uid_t)-1)
		return CHILD_FINE;
	if (getuid() != NOBODY || getgid() != NOBODY || getgroups(0, NULL) != 0)
		return HERE + 3;
	return setuid(0) == -1 ? CHILD_FINE : HERE + 4;
}

static void
dropping_leaves_no_capability_and_no_way_back(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip(); /* only root has what could be dropped */
	assert_int_equal(in_child(dropped_child, NULL), CHILD_FINE);
	assert_int_equal(in_child(dropped_child, (void *)1), CHILD_FINE);
}

static int
unprivileged_child(void *arg)
{
	(void)arg;
	if (geteuid() == 0 && sandbox_drop_to(NOBODY, NOBODY) != ERR_OK)
		return HERE;
	/* what a user's own scan does: nothing to drop, nobody to become */
	return sandbox_drop_to((uid_t)-1, (gid_t)-1) == ERR_OK ? CHILD_FINE
							       : HERE + 1;
}

static void
a_user_without_privileges_can_drop_them_too(void **state)
{
	(void)state;
	assert_int_equal(in_child(unprivileged_child, NULL), CHILD_FINE);
}

static int
keeping_child(void *arg)
{
	const uint64_t keep = UINT64_C(1) << 1 | UINT64_C(1) << 21;

	(void)arg;
	if (sandbox_keep_caps(keep) != ERR_OK)
		return HERE;
	if (caps_now("CapEff") != keep || caps_now("CapPrm") != keep ||
	    caps_now("CapBnd") != keep || caps_now("CapInh") != 0 ||
	    caps_now("CapAmb") != 0)
		return HERE + 1;
	/* what was given up does not come back */
	return sandbox_keep_caps(keep | 1) == ERR_OK ? HERE + 2 : CHILD_FINE;
}

static void
exactly_the_capabilities_that_are_kept_remain(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(in_child(keeping_child, NULL), CHILD_FINE);
}

static int
nested_child(void *arg)
{
	struct sandbox_report r;
	pid_t pid;
	int status;

	(void)arg;
	if (sandbox_prepare(SANDBOX_WORKER) != ERR_OK ||
	    sandbox_enter(SANDBOX_TEMPLATE, true, &r) != ERR_OK)
		return HERE;
	if (!r.seccomp)
		return HERE + 1;
	pid = fork();
	if (pid == 0) {
		if (sandbox_enter(SANDBOX_WORKER, true, &r) != ERR_OK)
			_exit(HERE);
		(void)syscall(SYS_kill, 0x7ffffff0, 0); /* the template's */
		_exit(CHILD_FINE);
	}
	if (pid == -1 || wait4(pid, &status, 0, NULL) != pid)
		return HERE + 2;
	return killed_by_seccomp(status) ? CHILD_FINE : HERE + 3;
}

static void
a_worker_of_a_template_loses_what_the_template_may(void **state)
{
	(void)state;
	assert_int_equal(in_child(nested_child, NULL), CHILD_FINE);
}

enum { BLOCKS = 4, BLOCK = 3 * 1024 * 1024 };

static long
kilobytes(const char *field)
{
	char line[256];
	long kb = -1;
	FILE *f = fopen("/proc/self/status", "re");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, field, strlen(field)) == 0)
			kb = strtol(line + strlen(field) + 1, NULL, 10);
	if (f != NULL)
		(void)fclose(f);
	return kb;
}

/* volatile: the compiler must not know what memory holds. */
static bool
holds(const volatile uint8_t *block, uint8_t value)
{
	for (size_t i = 0; i < BLOCK; i++)
		if (block[i] != (uint8_t)(value + i / 4096))
			return false;
	return true;
}

/* Write in a fork, which must change nothing here. */
static int
write_child(void *block)
{
	volatile uint8_t *bytes = block;

	for (size_t i = 0; i < BLOCK; i++)
		bytes[i] = 0xff;
	return bytes[BLOCK - 1] == 0xff ? CHILD_FINE : HERE;
}

static int
freezing_child(void *arg)
{
	uint8_t *block[BLOCKS], *more;
	long before;

	(void)arg;
	for (size_t b = 0; b < BLOCKS; b++) {
		if ((block[b] = malloc(BLOCK)) == NULL)
			return HERE;
		for (size_t i = 0; i < BLOCK; i++)
			block[b][i] = (uint8_t)(b + i / 4096);
	}
	before = kilobytes("RssAnon:");
	if (sandbox_freeze() != ERR_OK)
		return HERE + 1;
	if (!SANDBOX_SANITIZERS &&
	    kilobytes("RssAnon:") > before - BLOCKS * (BLOCK / 1024) / 2)
		return HERE + 2;
	for (size_t b = 0; b < BLOCKS; b++)
		if (!holds(block[b], (uint8_t)b) ||
		    in_child(write_child, block[b]) != CHILD_FINE ||
		    !holds(block[b], (uint8_t)b))
			return HERE + 3;
	/* the allocator goes on as if nothing had happened */
	free(block[1]);
	if ((more = realloc(block[0], 2 * BLOCK)) == NULL || !holds(more, 0))
		return HERE + 4;
	free(more);
	free(block[2]);
	more = calloc(1, BLOCK);
	if (more == NULL || more[0] != 0 || more[BLOCK - 1] != 0)
		return HERE + 5;
	return holds(block[3], 3) ? CHILD_FINE : HERE + 6;
}

static void
frozen_memory_is_the_same_and_private(void **state)
{
	(void)state;
	assert_int_equal(in_child(freezing_child, NULL), CHILD_FINE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(landlock_refuses_every_file),
		cmocka_unit_test(limits_hold_and_only_sink),
		cmocka_unit_test(dropping_leaves_no_capability_and_no_way_back),
		cmocka_unit_test(a_user_without_privileges_can_drop_them_too),
		cmocka_unit_test(exactly_the_capabilities_that_are_kept_remain),
		cmocka_unit_test(frozen_memory_is_the_same_and_private),
		cmocka_unit_test(
		    a_worker_of_a_template_loses_what_the_template_may),
	};

	return cmocka_run_group_tests_name("sandbox/rights", tests, NULL, NULL);
}
