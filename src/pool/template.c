/* SPDX-License-Identifier: Apache-2.0 */
/* template: start ckptguard-worker as a child; its command line is in pool.h.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/own.h"
#include "pool/pool.h"

enum {
	CONTROL_FD = 3,
	ARGS_BYTES = 1 << 20, /* of a command line */
	ARGS_FIXED = 6,       /* path, control, few, uid, gid, the NULL */
};

static size_t
dirs_count(const char *const *dirs)
{
	size_t n = 0;

	while (dirs != NULL && dirs[n] != NULL)
		n++;
	return n;
}

/* Append option=dir for each; directories named "" are none. */
static char **
dirs_add(
    struct arena *a, char **at, const char *option, const char *const *dirs)
{
	for (size_t i = 0; i < dirs_count(dirs); i++)
		if (dirs[i][0] != '\0')
			*at++ = arena_printf(a, "%s=%s", option, dirs[i]);
	return at;
}

/* The command line, in the arena. ERR_NOMEM. */
static enum err
template_args(
    const struct template_config *config, struct arena *a, char ***out)
{
	size_t room = ARGS_FIXED + dirs_count(config->rule_dirs) +
	    dirs_count(config->policy_dirs);
	char **args = arena_take(a, room * sizeof(*args)), **at = args;

	if (args == NULL)
		return ERR_NOMEM;
	*at++ = arena_printf(a, "%s", config->path);
	*at++ = arena_printf(a, "--control=%d", CONTROL_FD);
	if (config->few)
		*at++ = arena_printf(a, "--few");
	if (config->uid != (uid_t)-1) {
		*at++ =
		    arena_printf(a, "--uid=%lu", (unsigned long)config->uid);
		*at++ =
		    arena_printf(a, "--gid=%lu", (unsigned long)config->gid);
	}
	at = dirs_add(a, at, "--rules", config->rule_dirs);
	at = dirs_add(a, at, "--imports", config->policy_dirs);
	for (char **arg = args; arg < at; arg++)
		if (*arg == NULL)
			return ERR_NOMEM;
	*out = args;
	return ERR_OK;
}

/*
 * Signals as a program expects them, whatever this one made of them, and a
 * process group of its own: an interrupt from the terminal is for the parent,
 * which ends the template by closing its socket.
 */
static int
template_attributes(posix_spawnattr_t *attr)
{
	short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
	    POSIX_SPAWN_SETPGROUP;
	sigset_t none, all;
	int e;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	if ((e = posix_spawnattr_setsigmask(attr, &none)) != 0 ||
	    (e = posix_spawnattr_setsigdefault(attr, &all)) != 0 ||
	    (e = posix_spawnattr_setpgroup(attr, 0)) != 0)
		return e;
	return posix_spawnattr_setflags(attr, flags);
}

/* 0, or an errno. */
static int
template_spawn(const char *path, char **args, int control, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int e;

	if ((e = posix_spawn_file_actions_init(&files)) != 0)
		return e;
	if ((e = posix_spawnattr_init(&attr)) != 0) {
		(void)posix_spawn_file_actions_destroy(&files);
		return e;
	}
	e = posix_spawn_file_actions_adddup2(&files, control, CONTROL_FD);
	if (e == 0)
		e = posix_spawn_file_actions_addopen(
		    &files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (e == 0)
		e = template_attributes(&attr);
	if (e == 0)
		e = posix_spawn(pid, path, &files, &attr, args, environ);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&files);
	return e;
}

enum err
template_start(const struct template_config *config, int *control, pid_t *pid)
{
	AUTO(arena) struct arena a = arena_new(ARGS_BYTES);
	AUTO_CLOSE int ours = -1;
	AUTO_CLOSE int theirs = -1;
	char **args;
	int pair[2];
	enum err e;

	if ((e = template_args(config, &a, &args)) != ERR_OK)
		return e;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return ERR_SYS;
	ours = pair[0];
	theirs = pair[1];
	if ((errno = template_spawn(config->path, args, theirs, pid)) != 0)
		return ERR_SYS;
	*control = steal_fd(&ours);
	return ERR_OK;
}

/* Signals as a program expects them, and a process group of its own, as
 * template_attributes() says. */
static void
template_signals(void)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int sig = 1; sig < SIGRTMAX; sig++)
		(void)sigaction(sig, &plain, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)setpgid(0, 0);
}

enum err
template_exec(const struct template_config *config, int control)
{
	AUTO(arena) struct arena a = arena_new(ARGS_BYTES);
	AUTO_CLOSE int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	char **args;
	enum err e;

	if ((e = template_args(config, &a, &args)) != ERR_OK)
		return e;
	if (null == -1 || dup2(null, STDIN_FILENO) == -1)
		return ERR_SYS;
	/* dup2() onto itself would leave it close-on-exec. */
	if (control == CONTROL_FD ? fcntl(control, F_SETFD, 0) == -1
				  : dup2(control, CONTROL_FD) == -1)
		return ERR_SYS;
	template_signals();
	(void)execve(config->path, args, environ);
	return ERR_SYS;
}
