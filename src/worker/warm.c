/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warm: scan a checkpoint that is built in, before a file comes.
 *
 * A process that was just forked takes a page fault for each page that it
 * first reads or writes: more time than the scan of a small checkpoint itself.
 * So it scans one while nobody waits, by the same way as a file that is sent:
 * from a descriptor, which the template made and the worker closes.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/own.h"
#include "engine/engine.h"
#include "wire/wire.h"
#include "worker/worker.h"

enum {
	WARM_SEALS = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL,
	/* One scan leaves memory free that the next one takes, in other
	 * places. */
	WARM_TURNS = 2,
	/* What a scan of a small checkpoint takes of new memory, and a page. */
	WARM_FRESH = 384 * 1024,
	WARM_PAGE = 4096,
};

static uint64_t warm_size; /* bytes */

static bool
write_at(int fd, const uint8_t *bytes, size_t n, off_t at)
{
	return pwrite(fd, bytes, n, at) == (ssize_t)n;
}

#define WARM_BYTES(at, ...) \
	{ \
		static const uint8_t bytes[] = { __VA_ARGS__ }; \
\
		good = good && write_at(fd, bytes, sizeof(bytes), at); \
		warm_size = (at) + sizeof(bytes); \
	}

enum err
warm_open(void)
{
	AUTO_CLOSE int fd =
	    memfd_create("warm", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	bool good = fd != -1;

#include "worker/warm.def"
	/* A worker that is taken over must not change what others read. */
	if (!good || fcntl(fd, F_ADD_SEALS, WARM_SEALS) == -1)
		return ERR_SYS;
	if (fd == WARM_FD)
		(void)steal_fd(&fd);
	else if (dup3(fd, WARM_FD, O_CLOEXEC) == -1)
		return ERR_SYS;
	return ERR_OK;
}

static void
warm_once(const struct knowledge *k)
{
	struct engine_options options = { .policy = k->policy,
		.rules = k->rules,
		.budget = engine_budget_open() };
	AUTO(buf) struct buf frame = buf_new(WIRE_REPORT_MAX);
	AUTO(report) struct report report = { 0 };

	report_init(&report);
	engine_scan_fd(&options, WARM_FD, warm_size, &report);
	/* Only its pages are wanted. */
	(void)!wire_answer_encode(&report, 0, WIRE_REPORT_GATE, &frame);
}

/* Where the heap grows, no scan has been: be there first. */
static void
warm_fresh(void)
{
	volatile uint8_t *p = malloc(WARM_FRESH);

	for (size_t i = 0; p != NULL && i < WARM_FRESH; i += WARM_PAGE)
		p[i] = 0;
	free((void *)p);
}

void
worker_warm(const struct knowledge *k)
{
	for (unsigned i = 0; i < WARM_TURNS; i++)
		warm_once(k);
	warm_fresh();
}
