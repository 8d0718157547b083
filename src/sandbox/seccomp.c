/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seccomp: the profiles' lists as programs of the kernel's, and entering them.
 *
 * A program is made once, by libseccomp, and kept: the template makes that of
 * its workers before it closes itself in, and each worker only loads it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/own.h"
#include "sandbox/internal.h"

enum {
	/* Instructions of a program; the lists make about a hundred. */
	PROGRAM_MAX = 1024,
	/* libseccomp: search the numbers as a tree. */
	OPTIMIZE_TREE = 2,
};

#define INT_MASK UINT64_C(0xffffffff) /* what the kernel takes of an int */
#define ALL_BITS UINT64_MAX
/* A fork makes a process that shares nothing. */
#define CLONE_FORBIDDEN \
	((uint64_t)(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | \
	    CLONE_THREAD | CLONE_PARENT | CLONE_NEWNS | CLONE_NEWCGROUP | \
	    CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | \
	    CLONE_NEWNET | CLONE_PTRACE))

struct condition {
	unsigned argument;
	uint64_t mask, value;
};

struct row {
	bool worker; /* else the template alone */
	int number;
	unsigned conditions;
	struct condition condition[2];
};

#define WORKER true
#define TEMPLATE false
#define SYSCALL(profile, name, why) { profile, SCMP_SYS(name), 0, { { 0 } } },
#define SYSCALL_IF(profile, name, argument, mask, value, why) \
	{ profile, SCMP_SYS(name), 1, \
		{ { argument, mask, (uint64_t)(value) } } },
#define SYSCALL_IF2(profile, name, a, amask, avalue, b, bmask, bvalue, why) \
	{ profile, SCMP_SYS(name), 2, \
		{ { a, amask, (uint64_t)(avalue) }, \
		    { b, bmask, (uint64_t)(bvalue) } } },
#if SANDBOX_SANITIZERS
#define SYSCALL_SANITIZER(name, why) SYSCALL(WORKER, name, why)
#else
#define SYSCALL_SANITIZER(name, why)
#endif

static const struct row rows[] = {
#include "sandbox/syscalls.def"
};

/* Programs ready to be loaded; data of this process, written once. */
static struct program {
	unsigned short count;
	struct sock_filter code[PROGRAM_MAX];
} programs[SANDBOX_COUNT];

static bool landlocked; /* by this process or one that it was forked from */

static void
context_free(scmp_filter_ctx *c)
{
	if (*c != NULL)
		seccomp_release(*c);
}

static bool
row_add(scmp_filter_ctx c, const struct row *r)
{
	struct scmp_arg_cmp compare[2];

	for (unsigned i = 0; i < r->conditions; i++)
		compare[i] =
		    (struct scmp_arg_cmp){ .arg = r->condition[i].argument,
			    .op = SCMP_CMP_MASKED_EQ,
			    .datum_a = r->condition[i].mask,
			    .datum_b = r->condition[i].value };
	/* A call that this architecture does not have needs no row. */
	if (r->number < 0)
		return true;
	return seccomp_rule_add_array(
		   c, SCMP_ACT_ALLOW, r->number, r->conditions, compare) == 0;
}

/* Every number of a filter: x32 and other ABIs are killed by the head that
 * libseccomp puts in front. */
static bool
rows_add(scmp_filter_ctx c, enum sandbox_profile profile)
{
	if (seccomp_attr_set(
		c, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0)
		return false;
	/* Only speed: an older library goes without. */
	(void)seccomp_attr_set(c, SCMP_FLTATR_CTL_OPTIMIZE, OPTIMIZE_TREE);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((rows[i].worker || profile == SANDBOX_TEMPLATE) &&
		    !row_add(c, &rows[i]))
			return false;
	return true;
}

/* libseccomp writes a program only to a descriptor. */
static enum err
program_export(scmp_filter_ctx c, struct program *out)
{
	AUTO_CLOSE int fd = memfd_create("seccomp", MFD_CLOEXEC);
	ssize_t n;

	if (fd == -1 || seccomp_export_bpf(c, fd) != 0)
		return ERR_SYS;
	n = pread(fd, out->code, sizeof(out->code), 0);
	if (n <= 0)
		return ERR_SYS;
	if ((size_t)n == sizeof(out->code))
		return ERR_BUG; /* it may be longer */
	out->count = (unsigned short)((size_t)n / sizeof(out->code[0]));
	return ERR_OK;
}

enum err
sandbox_prepare(enum sandbox_profile profile)
{
	__attribute__((cleanup(context_free))) scmp_filter_ctx c = NULL;

	if (programs[profile].count != 0)
		return ERR_OK;
	if ((c = seccomp_init(SCMP_ACT_KILL_PROCESS)) == NULL)
		return ERR_NOMEM;
	if (!rows_add(c, profile))
		return ERR_UNSUPPORTED;
	return program_export(c, &programs[profile]);
}

static enum err
program_load(const struct program *p)
{
	/* The kernel copies the program and does not write it. */
	struct sock_fprog prog = { .len = p->count,
		.filter = (struct sock_filter *)(uintptr_t)p->code };

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) == 0)
		return ERR_OK;
	return errno == ENOSYS || errno == EINVAL ? ERR_UNSUPPORTED : ERR_SYS;
}

enum err
sandbox_enter(enum sandbox_profile profile, bool allow_degraded,
    struct sandbox_report *out)
{
	enum err e = sandbox_prepare(profile);

	if (e != ERR_OK)
		return e;
	if (!landlocked) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
			return ERR_SYS;
		e = landlock_enter();
		if (e != ERR_OK && !(e == ERR_UNSUPPORTED && allow_degraded))
			return e;
		landlocked = e == ERR_OK;
	}
	if ((e = program_load(&programs[profile])) != ERR_OK)
		return e;
	*out =
	    (struct sandbox_report){ .seccomp = true, .landlock = landlocked };
	return ERR_OK;
}
