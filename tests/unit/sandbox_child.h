/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox_child: do something in a child and see how it ends. */
#ifndef TESTS_SANDBOX_CHILD_H
#define TESTS_SANDBOX_CHILD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/sandbox.h"

enum { CHILD_FINE = 0, CHILD_NO_SANDBOX = 99 };

/* fn's value is the exit status. Returns the wait status. */
static inline int
in_child(int (*fn)(void *), void *arg)
{
	int status;
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0)
		_exit(fn(arg));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static inline bool
killed_by_seccomp(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

#endif /* TESTS_SANDBOX_CHILD_H */
