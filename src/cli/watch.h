/* SPDX-License-Identifier: Apache-2.0 */
/* watch: what the parts of "ckptguard watch" share. */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include <sys/stat.h>

#include "cli/aside.h"
#include "cli/run.h"
#include "cli/scan.h"
#include "cli/tree.h"
#include "cli/walk.h"

enum { WATCH_SEEN = 65536 }; /* files remembered, a power of two */

struct watch_options {
	struct scan_options scan; /* what it shares with scan */
	const char *aside;        /* --quarantine */
	const char *restore;      /* an id */
	bool list;
	bool once;
	bool fresh; /* only what comes from now on */
};

/* A file that is at work. */
struct watch_job {
	char *path; /* NULL: free */
	int fd;
	struct stat st; /* when it began */
	bool again;     /* something happened to it meanwhile */
};

/* A file as it was when it was last judged. */
struct watch_seen {
	dev_t dev;
	ino_t ino;
	struct timespec mtime;
	off_t size;
};

struct watch {
	struct watch_options options;
	struct out out;
	struct run *run;
	struct walk *walk;
	struct tree tree;
	struct aside aside;
	struct watch_job *jobs;
	struct watch_seen *seen;
	struct buf again; /* paths, each with its NUL */
	struct out_totals totals;
	char **named;
	uint64_t moved;
	bool lost; /* look at everything again */
	bool found, trouble, stop;
};

/* Read the command line.  An exit status, or -1: go on. */
int watch_options(int argc, char **argv, struct watch_options *o);

extern const char watch_usage[];

/* What is done with a file that was scanned. */
void watch_done(void *context, const char *path, const struct report *r);

/* Have a file scanned unless that was done; item is walk's. ERR_PROTO: stop. */
MUST_USE enum err watch_file(struct watch *w, const struct walk_item *item);

#endif /* CLI_WATCH_H */
