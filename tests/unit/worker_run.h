/* SPDX-License-Identifier: Apache-2.0 */
/* worker_run: start ./ckptguard-worker with a directory of rules. */
#ifndef TESTS_WORKER_RUN_H
#define TESTS_WORKER_RUN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fdpass.h"
#include "base/own.h"
#include "sandbox/sandbox.h"
#include "wire/wire.h"

enum { NOBODY = 65534, TWO_SOCKETS = 2 };

struct template
{
	pid_t pid;
	int control;
	char dir[64];   /* policies and rules of this test */
	char text[256]; /* of READY */
	unsigned problems;
};

static inline void
put(const struct template *t, const char *name, const char *text)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", t->dir, name);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static const char *const names[] = { "a.policy", "a.yar", "b.yar", NULL };

static inline int
dir_make(void **state)
{
	struct template *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return -1;
	*state = t;
	t->control = -1;
	(void)snprintf(t->dir, sizeof(t->dir), "/tmp/ckptguard-test-XXXXXX");
	if (mkdtemp(t->dir) == NULL)
		return -1;
	put(t, "a.policy", "allow collections OrderedDict \"data\"\n");
	return 0;
}

/* Run it with these arguments; control (or -1) becomes its descriptor 3, out
 * (or -1) its standard output and error. */
static inline pid_t
run(char *const *args, int control, int out)
{
	posix_spawn_file_actions_t files;
	pid_t pid;

	assert_int_equal(posix_spawn_file_actions_init(&files), 0);
	if (control != -1)
		assert_int_equal(posix_spawn_file_actions_adddup2(
				     &files, control, SANDBOX_SOCKET),
		    0);
	if (out != -1) {
		assert_int_equal(
		    posix_spawn_file_actions_adddup2(&files, out, 1), 0);
		assert_int_equal(
		    posix_spawn_file_actions_adddup2(&files, out, 2), 0);
	}
	assert_int_equal(posix_spawn(&pid, "./ckptguard-worker", &files, NULL,
			     args, environ),
	    0);
	(void)posix_spawn_file_actions_destroy(&files);
	return pid;
}

static inline int
dir_remove(void **state)
{
	struct template *t = *state;
	char path[128];

	if (t->control != -1)
		(void)close(t->control);
	if (t->pid != 0)
		(void)waitpid(t->pid, NULL, 0);
	for (size_t i = 0; names[i] != NULL; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", t->dir, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(t->dir);
	free(t);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, dir_make, dir_remove)

#endif /* TESTS_WORKER_RUN_H */
