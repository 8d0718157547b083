/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool: the parent's side of the barrier: workers that serve a file each.
 *
 * A template process (ckptguard-worker) has compiled the rules and loaded the
 * policies; it forks a worker on demand.  The pool keeps some idle ones ready,
 * so that a file never waits for a fork; a worker serves one file and ends, so
 * that a file which takes its worker over has nobody else's file to lie
 * about.  A worker that dies, hangs or lies costs one file.
 *
 * Nothing here blocks, and after pool_new() nothing allocates.
 */
#ifndef POOL_POOL_H
#define POOL_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "wire/wire.h"

struct pool;

/* What came of a file.  e is ERR_OK with summary and frame (borrowed until the
 * callback returns), or ERR_PROTO (it died or lied; why says how). */
struct pool_answer {
	void *tag;
	enum err e;
	const char *why;
	const struct wire_summary *summary;
	const uint8_t *frame;
	size_t frame_size;
};

typedef void (*pool_answer_fn)(void *context, const struct pool_answer *a);

struct pool_config {
	int control;       /* socket to the template; the pool owns it, unless
			    * pool_new() fails */
	unsigned workers;  /* at most so many at once, idle ones included */
	unsigned spare;    /* so many more, for each that hangs in the kernel */
	unsigned idle;     /* keep so many ready */
	size_t report_max; /* bytes of an answer */
	unsigned files;    /* a worker serves so many at most; 0 and 1: one.
			    * It goes after any that is worse than unknown */
	pool_answer_fn answer;
	void *context;
};

/*
 * Start the template as a child of this process: path is ckptguard-worker's;
 * rule and policy directories go on its command line (NULL-terminated).  uid
 * and gid: whom it becomes ((uid_t)-1: stay).  *control is the caller's.
 * ERR_SYS: also when path can't be executed; errno says why.
 *
 * The command line, which src/worker reads:
 *	ckptguard-worker --control=3 [--few] [--uid=N --gid=N]
 *	    [--rules=DIR]... [--imports=DIR]...
 * Descriptor 3 is the control socket (SOCK_SEQPACKET); 0 is /dev/null, 1 and 2
 * are the parent's.  The template itself becomes uid and gid, once rules and
 * policies are loaded: whom it becomes need not be able to reach them.
 */
struct template_config {
	const char *path;
	const char *const *rule_dirs;
	const char *const *policy_dirs;
	uid_t uid;
	gid_t gid;
	bool few; /* workers will be asked for: what makes many of them cheap
		   * is not worth its time */
};
MUST_USE enum err template_start(
    const struct template_config *config, int *control, pid_t *pid);

/*
 * Become the template: for a child that was forked already, because somebody
 * had to know its pid before it executes a file.  control is its end of the
 * socket.  Returns only when it fails.  ERR_NOMEM, ERR_SYS.
 */
MUST_USE enum err template_exec(
    const struct template_config *config, int control);

/*
 * Where ckptguard-worker, the rules and the policies are: beside the running
 * program and in its source when it runs from the build tree, else under the
 * prefix; and the user's own, "" where there are none.  Absolute paths.
 */
struct paths {
	char worker[4096];
	char rules[4096];
	char imports[4096];
	char user_rules[4096];
	char user_imports[4096];
	char user_hashes[4096];
};

/* ERR_SYS: the running program's own path can't be read; ERR_LIMIT: a path is
 * too long.  Whether the worker is there, template_start() finds out. */
MUST_USE enum err paths_find(struct paths *out);

/* ERR_NOMEM, ERR_SYS. */
MUST_USE enum err pool_new(const struct pool_config *config, struct pool **out);
void pool_free(struct pool *p); /* NULL is fine; kills its workers */

/* Becomes readable (epoll, poll) when pool_step() has something to do. */
int pool_fd(const struct pool *p);

/* Do what is ready, calling answer for each file that is done.  ERR_PROTO, from
 * then on until pool_template(): the template is gone; the workers at work go
 * on, none can be made. */
MUST_USE enum err pool_step(struct pool *p);

/* A new template took the old one's place. Owns control. */
void pool_template(struct pool *p, int control);

/* How many files could be submitted now. */
unsigned pool_ready(const struct pool *p);

/* Do workers die, one after the other, before they get a file, or does none
 * come at all (no process can be made)?  The pool keeps trying, a few times a
 * second; a program with nothing else to do gives up. */
bool pool_is_stuck(const struct pool *p);

/*
 * Give a file to an idle worker.  fd is duplicated into the worker and stays
 * the caller's.  tag comes back in the answer, exactly once, whatever happens
 * (unless abandoned).  ERR_LIMIT: no worker is idle, try again after
 * pool_step().  ERR_SYS: the kernel won't pass fd on; errno says why.
 * ERR_USAGE: no descriptor, or a name without an end.
 */
MUST_USE enum err pool_submit(
    struct pool *p, const struct wire_scan *scan, int fd, void *tag);

/* Say where the file that was submitted with tag lies: any number, 0 to begin
 * with.  pool_at() counts the workers with files of a place, those that were
 * killed and have not died included; *stuck those of them that hang in the
 * kernel. */
void pool_place(struct pool *p, const void *tag, unsigned place);
unsigned pool_at(const struct pool *p, unsigned place, unsigned *stuck);

/* Kill the worker of a file that is at work; its answer comes as ERR_PROTO. */
void pool_kill(struct pool *p, void *tag);

/* The worker of a file that is at work, to look at its CPU time; 0: none. */
pid_t pool_worker(const struct pool *p, const void *tag);

/* Has the template said READY, and what problems did it name? */
bool pool_is_ready(const struct pool *p, const char **problems);
/* What it goes by, once it is. */
struct wire_loaded pool_loaded(const struct pool *p);

struct pool_stats {
	uint64_t submitted, answered, died, lied, killed, spawned;
};
struct pool_stats pool_stats(const struct pool *p);

#endif /* POOL_POOL_H */
