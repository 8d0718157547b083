/* SPDX-License-Identifier: Apache-2.0 */
/* ckptguardd: from the command line to a keeper that guards. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/own.h"
#include "config.h"
#include "guardd/confine.h"
#include "guardd/keeper.h"
#include "guardd/options.h"
#include "guardd/prepare.h"

enum { EXIT_TROUBLE = 2 };

static int
complain(const char *why)
{
	(void)fprintf(stderr, "ckptguardd: %s\n", why);
	return EXIT_TROUBLE;
}

/* Wait for the keeper's word that it guards, or for its end. */
static int
parent_wait(int ready)
{
	unsigned char status;

	/* One byte: how it ended; none: it died without a word. */
	return read(ready, &status, 1) == 1 ? status : EXIT_TROUBLE;
}

/* Leave the terminal's session.  Only the keeper returns; *ready is where it
 * says that it guards. */
static enum err
daemonize(int *ready)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return ERR_SYS;
	pid = fork();
	if (pid == -1)
		return ERR_SYS;
	if (pid > 0) {
		(void)close(ends[1]);
		_exit(parent_wait(ends[0]));
	}
	(void)close(ends[0]);
	(void)setsid();
	pid = fork();
	if (pid != 0)
		_exit(pid == -1 ? EXIT_TROUBLE : 0);
	*ready = ends[1];
	return ERR_OK;
}

/* stdio to nowhere; what it was stays in *out and *err until it guards. */
static enum err
stdio_leave(int *out, int *err)
{
	AUTO_CLOSE int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	*out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	*err = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (null == -1)
		return ERR_SYS;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(null, fd) == -1)
			return ERR_SYS;
	return chdir("/") == 0 ? ERR_OK : ERR_SYS;
}

/* stdin, stdout and stderr are there, so that no other file gets their
 * numbers. */
static bool
stdio_there(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd != -1 && fd <= STDERR_FILENO && fcntl(fd, F_SETFD, 0) != -1);
	if (fd == -1)
		return false;
	(void)close(fd);
	return true;
}

static int
guard(const struct options *o, struct prepared *p, const struct store *store)
{
	const char *rules[] = { p->paths.rules, p->paths.user_rules, NULL };
	const char *imports[] = { p->paths.imports, p->paths.user_imports,
		NULL };
	struct keeper_start start = {
		.options = o,
		.watch = (const char *const *)p->watch,
		.watch_count = p->watch_count,
		.watch_policy = p->watch_policy,
		.journal = p->journal,
		.control = p->control,
		.brief = p->state_ours,
		.lists = p->paths.user_hashes,
		.template = { .path = p->paths.worker,
		    .rule_dirs = rules,
		    .policy_dirs = imports,
		    .uid = p->uid,
		    .gid = p->gid },
		.store = *store,
		.workers = p->workers,
		.out = STDOUT_FILENO,
		.err = STDERR_FILENO,
		.detach = -1,
	};
	unsigned char status;

	if (!o->foreground &&
	    (daemonize(&start.detach) != ERR_OK ||
		stdio_leave(&start.out, &start.err) != ERR_OK))
		return complain(strerror(errno));
	(void)umask(077);
	confine_limits(&start.fd_limit);
	confine_oom(CONFINE_OOM_LAST);
	status = (unsigned char)keeper_run(&start);
	if (start.detach != -1)
		(void)!write(start.detach, &status, 1);
	return status;
}

/* What the configuration says, where there is one; c owns it. */
static enum err
configure(struct options *o, struct conf *c)
{
	AUTO(buf) struct buf why = buf_new(CONF_WHY_MAX);
	enum err e;

	if (o->config == NULL)
		return ERR_OK;
	e = conf_load(o->config, true, c, &why);
	if (e == ERR_OK)
		options_complete(o, c, &why);
	(void)fputs(buf_text(&why), stderr);
	return e;
}

int
main(int argc, char **argv)
{
	static struct prepared p;
	char why[OPTIONS_WHY_MAX];
	static struct options o;
	struct conf conf = { 0 };
	struct store store;
	int status;

	if (!stdio_there())
		return EXIT_TROUBLE;
	if (options_parse(argc, argv, &o, why) != ERR_OK)
		return complain(why);
	if (o.want == OPTIONS_HELP) {
		(void)fputs(options_help(), stdout);
		return 0;
	}
	if (o.want == OPTIONS_VERSION) {
		(void)puts(PACKAGE_STRING);
		return 0;
	}
	store_take(&store);
	if (configure(&o, &conf) != ERR_OK)
		return complain("the configuration is not right: nothing is "
				"guarded");
	if (prepare(&o, &p) != ERR_OK) {
		status = complain(p.why);
		prepare_undo(&p);
		return status;
	}
	(void)fflush(NULL);
	status = guard(&o, &p, &store);
	prepare_undo(&p);
	conf_free(&conf);
	return status;
}
