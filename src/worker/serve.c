/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve: one request, one file, one answer; then the next, or the end.
 *
 * Owns the descriptor that comes with the request.  Whatever goes wrong with
 * the file is in the report; whatever goes wrong with the conversation ends
 * the process, and its parent knows what to make of that.
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/ckd.h"
#include "base/clock.h"
#include "base/fdpass.h"
#include "base/own.h"
#include "engine/engine.h"
#include "sandbox/sandbox.h"
#include "wire/wire.h"
#include "worker/worker.h"

enum { SERVED = 0, SERVE_FAILED = 1 };

/* fstat(2) of libc takes the way of the paths, which the sandbox bars.  The
 * kernel's struct is libc's where long has 64 bits. */
_Static_assert(sizeof(long) == 8, "only 64 bit machines are supported");

static bool
is_regular(int fd)
{
	struct stat st;

	return syscall(SYS_fstat, fd, &st) == 0 && S_ISREG(st.st_mode);
}

/* The request and its descriptor, or the end. */
static void
receive(struct wire_scan *scan, int *fd)
{
	uint8_t bytes[WIRE_SCAN_MAX];
	ssize_t n;

	do
		n = fdpass_recv(SANDBOX_SOCKET, bytes, sizeof(bytes), fd, 0);
	while (n == -1 && errno == EINTR);
	if (n == 0)
		_exit(SERVED); /* nobody wants anything */
	if (n < 0 || *fd == -1 ||
	    wire_scan_decode(bytes, (size_t)n, scan) != ERR_OK)
		_exit(SERVE_FAILED);
}

static void
answer(const struct report *r, const struct wire_scan *scan)
{
	AUTO(buf) struct buf frame = buf_new(WIRE_REPORT_MAX);
	size_t max = (size_t)ckd_min(scan->report_max, WIRE_REPORT_MAX);
	const uint8_t *at;
	size_t left;

	if (wire_answer_encode(r, scan->id, max, &frame) != ERR_OK)
		_exit(SERVE_FAILED);
	at = frame.data;
	left = frame.size;
	while (left > 0) {
		ssize_t n = send(SANDBOX_SOCKET, at, left, MSG_NOSIGNAL);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(SERVE_FAILED);
		at += n;
		left -= (size_t)n;
	}
}

static struct budget
budget_for(const struct wire_scan *scan)
{
	struct budget b = (scan->flags & WIRE_OPEN) != 0 ? engine_budget_open()
							 : engine_budget_scan();
	uint64_t ns;

	if (scan->time_ms != 0 &&
	    ckd_mul(scan->time_ms, CLOCK_NS_PER_MS, &ns) &&
	    !ckd_add(clock_now(), ns, &b.deadline))
		b.deadline = UINT64_MAX;
	return b;
}

/* One file. Nothing of it is left when this returns. */
static void
serve_file(const struct knowledge *k, const struct wire_scan *scan, int fd)
{
	AUTO(report) struct report report = { 0 };

	report_init(&report);
	report.explain = (scan->flags & WIRE_EXPLAIN) != 0;
	if (is_regular(fd)) {
		struct engine_options options = { .policy = k->policy,
			.rules = k->rules,
			.budget = budget_for(scan),
			.unpack = (scan->flags & WIRE_OPEN) == 0,
			.deep = (scan->flags & WIRE_DEEP) != 0,
			.growing = (scan->flags & WIRE_GROWING) != 0 };

		engine_scan_fd(&options, fd, scan->size, &report);
	} else {
		report_find(&report, RULE_SCAN_FAILED, "", 0,
		    "it is not a regular file");
		report.error = "it is not a regular file";
	}
	answer(&report, scan);
}

void
worker_serve(const struct knowledge *k)
{
	struct wire_scan scan;
	struct pollfd end = { .fd = SANDBOX_SOCKET, .events = POLLIN };
	AUTO_CLOSE int fd = -1;

	do {
		AUTO_CLOSE int file = -1;

		receive(&scan, &file);
		serve_file(k, &scan, file);
	} while ((scan.flags & WIRE_STAY) != 0);
	/* To end is work for the kernel that whoever waits for the answer would
	 * wait for, too, on the same processor: not before the parent says. Who
	 * waits in recvmsg() is woken when the parent takes the answer, too. */
	(void)ppoll(&end, 1, NULL, NULL);
	receive(&scan, &fd);
	_exit(SERVE_FAILED);
}
