/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker: the parts of ckptguard-worker, the program that reads hostile bytes.
 */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "sandbox/sandbox.h"

enum {
	/* Directories of each kind on a command line: ours and the user's,
	 * with room for packages that bring their own. */
	WORKER_DIRS = 32,
};

/* The command line. */
struct worker_options {
	enum { WORKER_NOTHING, WORKER_TEMPLATE, WORKER_CHECK, WORKER_LIST } job;
	int control; /* descriptor */
	bool few;    /* workers will be asked for; see pool.h */
	uid_t uid;   /* (uid_t)-1: stay */
	gid_t gid;   /* (gid_t)-1: stay */
	const char *rules[WORKER_DIRS + 1]; /* NULL ends it */
	const char *imports[WORKER_DIRS + 1];
};

/* What is known before any file is seen. */
struct knowledge {
	struct rules *rules;
	struct policy *policy;
	struct buf problems; /* one a line, each with file and line */
	unsigned problem_count;
};

/*
 * Load rules and policies.  What is bad is left out and becomes a problem;
 * with check, so do contradictions.  ERR_NOMEM; ERR_UNSUPPORTED: there is no
 * import policy at all, and without one everything would look unknown.
 */
MUST_USE enum err knowledge_load(
    const struct worker_options *options, bool check, struct knowledge *out);
void knowledge_free(struct knowledge *k);

/* Print every problem, or every rule, to standard output. The exit status. */
int worker_check(const struct worker_options *options);
int worker_list(const struct worker_options *options);

/* Be the template until the control socket closes. The exit status. */
int worker_template(const struct worker_options *options);

/* Be a worker: serve the one request that comes on SANDBOX_SOCKET and end.
 * Called in a process of its own, inside the sandbox. */
_Noreturn void worker_serve(const struct knowledge *k);

/* Where the template keeps the file that workers warm up with: next to the
 * socket. */
enum { WARM_FD = SANDBOX_SOCKET + 1 };

/* Make it. ERR_SYS. */
MUST_USE enum err warm_open(void);

/* Scan it, so that the pages that a scan touches are there before a file waits
 * for them. */
void worker_warm(const struct knowledge *k);

#endif /* WORKER_WORKER_H */
