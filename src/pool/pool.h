/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool: the parent's side of the barrier: workers that each serve one file.
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
	int control;       /* socket to the template; the pool owns it */
	unsigned workers;  /* at most so many at once, idle ones included */
	unsigned idle;     /* keep so many ready */
	size_t report_max; /* bytes of an answer */
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
 *	ckptguard-worker --control=3 [--uid=N --gid=N]
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
};
MUST_USE enum err template_start(
    const struct template_config *config, int *control, pid_t *pid);

/* Where ckptguard-worker and the rules are: beside the build tree's program,
 * or under the prefix. dir: "libexec", "rules", "imports"; see pool/paths.c. */
struct paths {
	char worker[4096];
	char rules[4096];
	char imports[4096];
};
MUST_USE enum err paths_find(struct paths *out);

/* ERR_NOMEM, ERR_SYS. */
MUST_USE enum err pool_new(const struct pool_config *config, struct pool **out);
void pool_free(struct pool *p); /* NULL is fine; kills its workers */

/* Becomes readable (epoll, poll) when pool_step() has something to do. */
int pool_fd(const struct pool *p);

/* Do what is ready, calling answer for each file that is done.  ERR_PROTO: the
 * template is gone; the workers at work go on, none can be made. */
MUST_USE enum err pool_step(struct pool *p);

/* A new template took the old one's place. Owns control. */
void pool_template(struct pool *p, int control);

/* How many files could be submitted now. */
unsigned pool_ready(const struct pool *p);

/*
 * Give a file to an idle worker.  fd is duplicated into the worker and stays
 * the caller's.  tag comes back in the answer, exactly once, whatever happens
 * (unless abandoned).  ERR_LIMIT: no worker is idle, try again after
 * pool_step().
 */
MUST_USE enum err pool_submit(
    struct pool *p, const struct wire_scan *scan, int fd, void *tag);

/* Kill the worker of a file that is at work; its answer comes as ERR_PROTO. */
void pool_kill(struct pool *p, void *tag);

/* Has the template said READY, and what problems did it name? */
bool pool_is_ready(const struct pool *p, const char **problems);

struct pool_stats {
	uint64_t submitted, answered, died, lied, killed, spawned;
};
struct pool_stats pool_stats(const struct pool *p);

#endif /* POOL_POOL_H */
