/* SPDX-License-Identifier: Apache-2.0 */
/* Each row is a system call made inside a profile: it works, it fails as any
 * call may, or it is the end of the process. */
#include "sandbox_child.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum { FD_SOCKET = SANDBOX_SOCKET, FD_FILE = 4, FD_OTHER = 5 };

#define P(x) ((long)(x))

static char buffer[4096] __attribute__((aligned(4096))) = "x";
static struct iovec iov = { buffer, 1 };
static struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
static struct stat status_room;
static struct sockaddr unix_address = { .sa_family = AF_UNIX };

enum { W = 1, T = 2, BOTH = 3 }; /* where a call is allowed */

static const struct row {
	const char *about;
	unsigned allowed;
	bool sanitizers; /* their builds allow it too */
	long call;
	long args[6];
} rows[] = {
	{ "send the answer", BOTH, 0, SYS_sendto,
	    { FD_SOCKET, P(buffer), 1, MSG_NOSIGNAL, 0, 0 } },
	{ "send to another descriptor", 0, 0, SYS_sendto,
	    { FD_OTHER, P(buffer), 1, MSG_NOSIGNAL, 0, 0 } },
	{ "send to an address", 0, 0, SYS_sendto,
	    { FD_SOCKET, P(buffer), 1, 0, P(&unix_address),
		sizeof(unix_address) } },
	{ "send a message", BOTH, 0, SYS_sendmsg,
	    { FD_SOCKET, P(&message), MSG_NOSIGNAL } },
	{ "send a message elsewhere", 0, 0, SYS_sendmsg,
	    { FD_OTHER, P(&message), MSG_NOSIGNAL } },
	{ "receive", BOTH, 0, SYS_recvmsg,
	    { FD_SOCKET, P(&message), MSG_DONTWAIT } },
	{ "receive from elsewhere", 0, 0, SYS_recvmsg,
	    { FD_OTHER, P(&message), MSG_DONTWAIT } },
	{ "pread", BOTH, 0, SYS_pread64, { FD_FILE, P(buffer), 8, 0 } },
	{ "fstat", BOTH, 0, SYS_fstat, { FD_FILE, P(&status_room) } },
	{ "close", BOTH, 0, SYS_close, { FD_OTHER } },
	{ "anonymous memory", BOTH, 0, SYS_mmap,
	    { 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		0 } },
	{ "brk", BOTH, 0, SYS_brk, { 0 } },
	{ "the clock", BOTH, 0, SYS_clock_gettime, { 1, P(buffer) } },

	{ "executable memory", 0, 1, SYS_mmap,
	    { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		0 } },
	{ "the file as memory", 0, 1, SYS_mmap,
	    { 0, 4096, PROT_READ, MAP_PRIVATE, FD_FILE, 0 } },
	{ "memory made executable", 0, 1, SYS_mprotect,
	    { P(buffer), 4096, PROT_READ | PROT_WRITE } },
	{ "memory given back", BOTH, 0, SYS_madvise,
	    { P(buffer), 0, MADV_DONTNEED } },
	{ "holes in what others share", 0, 1, SYS_madvise,
	    { P(buffer), 0, MADV_REMOVE } },
	{ "a memfd", 0, 0, SYS_memfd_create, { P("x"), 0 } },

	{ "openat", 0, 1, SYS_openat,
	    { AT_FDCWD, P("/dev/null"), O_RDONLY, 0 } },
	{ "openat2", 0, 0, SYS_openat2,
	    { AT_FDCWD, P("/dev/null"), P(buffer), 24 } },
#ifdef SYS_open
	{ "open", 0, 0, SYS_open, { P("/dev/null"), O_RDONLY } },
	{ "creat", 0, 0, SYS_creat, { P("/nonexistent/x"), 0600 } },
	{ "unlink", 0, 0, SYS_unlink, { P("/nonexistent/x") } },
	{ "stat of a path", 0, 0, SYS_stat,
	    { P("/etc/passwd"), P(&status_room) } },
#endif
	{ "stat of a path, new", 0, 0, SYS_newfstatat,
	    { AT_FDCWD, P("/etc/passwd"), P(&status_room), 0 } },
	{ "statx", 0, 0, SYS_statx,
	    { AT_FDCWD, P("/etc/passwd"), 0, 0xfff, P(buffer) } },
	{ "getcwd", 0, 0, SYS_getcwd, { P(buffer), sizeof(buffer) } },
	{ "unlinkat", 0, 0, SYS_unlinkat, { AT_FDCWD, P("/x/y"), 0 } },
	{ "renameat2", 0, 0, SYS_renameat2,
	    { AT_FDCWD, P("/x/y"), AT_FDCWD, P("/x/z"), 0 } },
	{ "read by position of the descriptor", T, 0, SYS_read,
	    { FD_FILE, P(buffer), 1 } },
	{ "write to the file", 0, 1, SYS_write, { FD_FILE, P(buffer), 1 } },
	{ "write to standard error", 0, 1, SYS_write,
	    { STDERR_FILENO, P(buffer), 0 } },
	{ "pwrite", 0, 0, SYS_pwrite64, { FD_FILE, P(buffer), 1, 0 } },
	{ "truncate", 0, 0, SYS_ftruncate, { FD_FILE, 0 } },
	{ "chmod", 0, 0, SYS_fchmod, { FD_FILE, 0777 } },
	{ "extended attributes", 0, 0, SYS_fgetxattr,
	    { FD_FILE, P("user.x"), P(buffer), 1 } },
	{ "ioctl", 0, 0, SYS_ioctl, { FD_FILE, 0x5401, P(buffer) } },
	{ "a lease", 0, 0, SYS_fcntl, { FD_FILE, F_SETLEASE, F_RDLCK } },
	{ "flags of the opener's descriptor", 0, 0, SYS_fcntl,
	    { FD_FILE, F_SETFL, O_NONBLOCK } },
	{ "fcntl at all", 0, 0, SYS_fcntl, { FD_FILE, F_GETFL } },
	{ "a lock that blocks others", 0, 0, SYS_flock, { FD_FILE, 2 | 4 } },
	{ "a copy of a descriptor", 0, 0, SYS_dup, { FD_FILE } },
	{ "a copy in the socket's place", T, 0, SYS_dup3,
	    { FD_OTHER, FD_SOCKET, O_CLOEXEC } },
	{ "a copy in another place", 0, 0, SYS_dup3,
	    { FD_OTHER, FD_FILE, O_CLOEXEC } },

	{ "a network socket", 0, 0, SYS_socket, { AF_INET, SOCK_STREAM, 0 } },
	{ "a local socket", 0, 0, SYS_socket, { AF_UNIX, SOCK_STREAM, 0 } },
	{ "a pair of sockets", T, 0, SYS_socketpair,
	    { AF_UNIX, SOCK_STREAM, 0, P(buffer) } },
	{ "a pair of other sockets", 0, 0, SYS_socketpair,
	    { AF_INET, SOCK_STREAM, 0, P(buffer) } },
	{ "connect", 0, 0, SYS_connect,
	    { FD_SOCKET, P(&unix_address), sizeof(unix_address) } },
	{ "bind", 0, 0, SYS_bind,
	    { FD_SOCKET, P(&unix_address), sizeof(unix_address) } },

	{ "execve", 0, 0, SYS_execve, { P("/bin/true"), 0, 0 } },
	{ "execveat", 0, 0, SYS_execveat, { FD_FILE, P(""), 0, 0, 4096 } },
	{ "fork", T, 0, SYS_clone, { SIGCHLD, 0, 0, 0, 0 } },
	{ "a thread", 0, 0, SYS_clone,
	    { CLONE_VM | CLONE_THREAD | CLONE_SIGHAND, 0, 0, 0, 0 } },
	{ "a user namespace by clone", 0, 0, SYS_clone,
	    { CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0 } },
	{ "clone3", 0, 0, SYS_clone3, { P(buffer), 64 } },
#ifdef SYS_fork
	{ "fork, old", 0, 0, SYS_fork, { 0 } },
	{ "vfork", 0, 0, SYS_vfork, { 0 } },
#endif
	{ "unshare", 0, 0, SYS_unshare, { CLONE_NEWUSER } },
	{ "kill", T, 0, SYS_kill, { 0x7ffffff0, 0 } },
	{ "tkill", 0, 0, SYS_tkill, { 0x7ffffff0, 0 } },
	{ "ptrace", 0, 0, SYS_ptrace, { PTRACE_TRACEME, 0, 0, 0 } },
	{ "another's memory", 0, 0, SYS_process_vm_readv,
	    { 1, P(&iov), 1, P(&iov), 1, 0 } },
	{ "prctl", 0, 0, SYS_prctl, { PR_SET_DUMPABLE, 1 } },
	{ "another filter", T, 0, SYS_seccomp,
	    { SECCOMP_SET_MODE_FILTER, ~0L, 0 } },
	{ "listen to a filter", 0, 0, SYS_seccomp,
	    { SECCOMP_GET_NOTIF_SIZES, 0, P(buffer) } },
	{ "limits of another", 0, 0, SYS_prlimit64,
	    { 1, RLIMIT_NOFILE, 0, P(buffer) } },
	{ "limits of its own", T, 0, SYS_prlimit64,
	    { 0, RLIMIT_NOFILE, 0, P(buffer) } },
	{ "setuid", 0, 0, SYS_setuid, { 0 } },
	{ "capset", 0, 0, SYS_capset, { P(buffer), 0 } },
	{ "mount", 0, 0, SYS_mount, { P("x"), P("/x"), P("x"), 0, 0 } },
	{ "chroot", 0, 0, SYS_chroot, { P("/") } },
	{ "bpf", 0, 0, SYS_bpf, { 0, 0, 0 } },
	{ "io_uring", 0, 0, SYS_io_uring_setup, { 1, P(buffer) } },
	{ "a signal handler", 0, 1, SYS_rt_sigaction, { SIGUSR1, 0, 0, 8 } },
	{ "sleep", 0, 0, SYS_nanosleep, { P(buffer + 64), 0 } },
	{ "a futex", 0, 1, SYS_futex, { P(buffer), 1, 0 } },
	{ "a call that does not exist", 0, 0, 4000, { 0 } },
};

struct attempt {
	enum sandbox_profile profile;
	const struct row *row;
};

/* Enter the profile and make the call; it may fail, it must come back. */
static int
attempt_in_child(void *arg)
{
	const struct attempt *a = arg;
	const long *x = a->row->args;
	struct sandbox_report report;
	pid_t self = getpid();

	if (sandbox_enter(a->profile, true, &report) != ERR_OK)
		return CHILD_NO_SANDBOX;
	(void)syscall(a->row->call, x[0], x[1], x[2], x[3], x[4], x[5]);
	(void)self;
	_exit(CHILD_FINE); /* also where the call was a fork */
}

static void
a_profile_allows_its_rows_and_nothing_else(void **state)
{
	static const struct {
		const char *name;
		enum sandbox_profile profile;
		unsigned bit;
	} profiles[] = { { "worker", SANDBOX_WORKER, W },
		{ "template", SANDBOX_TEMPLATE, T } };

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		struct attempt a = { profiles[i % 2].profile, &rows[i / 2] };
		bool allowed = (a.row->allowed & profiles[i % 2].bit) != 0 ||
		    (SANDBOX_SANITIZERS && a.row->sanitizers);
		int status = in_child(attempt_in_child, &a);

		print_message("%s: %s\n", profiles[i % 2].name, a.row->about);
		if (allowed)
			assert_int_equal(status, CHILD_FINE);
		else
			assert_true(killed_by_seccomp(status));
	}
}

/* Descriptors with known numbers: a socket, a file, another socket. */
static int
descriptors_make(void **state)
{
	int pair[2], fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	(void)state;
	if (fd == -1 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		return -1;
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 20);
	pair[0] = fcntl(pair[0], F_DUPFD_CLOEXEC, 20);
	pair[1] = fcntl(pair[1], F_DUPFD_CLOEXEC, 20);
	return dup3(pair[0], FD_SOCKET, O_CLOEXEC) == -1 ||
		dup3(fd, FD_FILE, O_CLOEXEC) == -1 ||
		dup3(pair[1], FD_OTHER, O_CLOEXEC) == -1
	    ? -1
	    : 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_profile_allows_its_rows_and_nothing_else),
	};

	return cmocka_run_group_tests_name(
	    "sandbox", tests, descriptors_make, NULL);
}
