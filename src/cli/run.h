/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run: scan files with workers, for the commands that do.
 *
 * Owns the template, the pool, the deadline of each file and the signals that
 * interrupt.  A worker that dies or lies costs its file a report that says so.
 */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/report.h"
#include "out/out.h"

struct run;

struct run_config {
	unsigned jobs;  /* files at once */
	uint32_t flags; /* WIRE_DEEP, WIRE_EXPLAIN */
	/* A worker for each file, whatever it costs.  Otherwise one serves many
	 * as long as they are ordinary: forking is most of the time that a
	 * small file takes, and on a scan's verdict hangs only what the person
	 * who asked makes of it.  The guard never shares a worker. */
	bool isolate;
	/* No more files than jobs: make no workers to spare. */
	bool few;
	struct out *out; /* flushed when nothing happens for a while */
	void (*done)(void *context, const char *path, const struct report *r);
	/* When set, called often: do what is due, say in how many ms it wants
	 * to be called at the latest, or -1. */
	int (*tick)(void *context);
	void *context;
};

/* Start the worker program and wait until it is ready. What goes wrong is told
 * on standard error. */
MUST_USE enum err run_new(const struct run_config *config, struct run **out);
void run_free(struct run *r);

/*
 * Scan size bytes of fd (the caller's still) as soon as a job is free; done is
 * called for it, or for others, now or later.  ERR_PROTO: there are no workers
 * any more (told); ERR_SYS: fd can't be passed on, errno says why; ERR_NOMEM.
 */
MUST_USE enum err run_file(
    struct run *r, int fd, uint64_t size, const char *path);

/* Go on with what is at work until fd is readable. ERR_PROTO, also when a
 * signal came. */
MUST_USE enum err run_while_idle(struct run *r, int fd);

/* Wait until every file is done. ERR_PROTO. */
MUST_USE enum err run_finish(struct run *r);

/* Is nothing at work? */
bool run_is_idle(const struct run *r);

/* The signal that asks to stop, or 0. */
int run_signal(void);

#endif /* CLI_RUN_H */
