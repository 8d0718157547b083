/* SPDX-License-Identifier: Apache-2.0 */
/* Once it is closed in, the gate opens, runs, reaches and makes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guardd/gate_calls.h"
#include "sandbox/sandbox.h"

/* A call that would go well, or fail otherwise, if it were let through. */
static const struct forbidden {
	const char *name;
	long number, a, b, c, d;
} table[] = {
	{ "open a file", SYS_openat, AT_FDCWD, (long)"/", O_RDONLY, 0 },
	{ "open by handle", SYS_open_by_handle_at, -1, 0, 0, 0 },
	{ "open in another way", SYS_openat2, AT_FDCWD, (long)"/", 0, 0 },
	{ "run a program", SYS_execve, (long)"/nowhere", 0, 0, 0 },
	{ "run a descriptor", SYS_execveat, -1, (long)"", 0, 0 },
	{ "fork", SYS_clone, 0, 0, 0, 0 },
	{ "fork in another way", SYS_clone3, 0, 0, 0, 0 },
	{ "make a socket", SYS_socket, AF_INET, SOCK_STREAM, 0, 0 },
	{ "make a pair", SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, 0 },
	{ "connect", SYS_connect, -1, 0, 0, 0 },
	{ "bind", SYS_bind, -1, 0, 0, 0 },
	{ "listen", SYS_listen, -1, 0, 0, 0 },
	{ "trace", SYS_ptrace, 0, 0, 0, 0 },
	{ "read others' memory", SYS_process_vm_readv, 1, 0, 0, 0 },
	{ "write others' memory", SYS_process_vm_writev, 1, 0, 0, 0 },
	{ "take others' descriptors", SYS_pidfd_getfd, -1, 0, 0, 0 },
	{ "signal", SYS_kill, 1, 0, 0, 0 }, { "mount", SYS_mount, 0, 0, 0, 0 },
	{ "unmount", SYS_umount2, (long)"/nowhere", 0, 0, 0 },
	{ "enter a namespace", SYS_setns, -1, 0, 0, 0 },
	{ "make a namespace", SYS_unshare, 0, 0, 0, 0 },
	{ "rename", SYS_renameat2, -1, (long)"a", -1, (long)"b" },
	{ "unlink", SYS_unlinkat, -1, (long)"a", 0, 0 },
	{ "truncate", SYS_truncate, (long)"/nowhere", 0, 0, 0 },
	{ "make a group", SYS_fanotify_init, 0, 0, 0, 0 },
	{ "load a module", SYS_finit_module, -1, (long)"", 0, 0 },
	{ "load a program into the kernel", SYS_bpf, 0, 0, 0, 0 },
	{ "ring", SYS_io_uring_setup, 1, 0, 0, 0 },
	{ "become another", SYS_setresuid, 0, 0, 0, 0 },
	{ "get capabilities", SYS_capset, 0, 0, 0, 0 },
	{ "other ioctls", SYS_ioctl, 0, 0x5412, 0, 0 }, /* TIOCSTI */
};

enum { ROWS = sizeof(table) / sizeof(table[0]) };

/* In a process of its own: the number of the first row that went through. */
static int
first_allowed(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    gate_calls_only() != ERR_OK)
		return ROWS + 1;
	for (int i = 0; i < ROWS; i++) {
		const struct forbidden *f = &table[i];

		errno = 0;
		if (syscall(f->number, f->a, f->b, f->c, f->d, 0, 0) != -1 ||
		    errno != EPERM)
			return i;
	}
	return ROWS;
}

static void
test_what_is_forbidden_fails_and_the_gate_lives_on(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	if (SANDBOX_SANITIZERS)
		skip();
	pid = fork();
	assert_true(pid != -1);
	if (pid == 0)
		_exit(first_allowed());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) < ROWS)
		print_message(
		    "let through: %s\n", table[WEXITSTATUS(status)].name);
	assert_int_equal(WEXITSTATUS(status), ROWS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_what_is_forbidden_fails_and_the_gate_lives_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
