/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_worker: a template and workers that do wrong on request.
 *
 * Speaks the protocol of ckptguard-worker.  What a worker does is the name of
 * its file (behaviours[]); what the template does is FAKE_MODE of its
 * environment, else the last --rules=NAME of its command line.  Reads no file
 * but for its first byte.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/fdpass.h"
#include "base/own.h"
#include "wire/wire.h"

enum {
	CONTROL = 3,
	CHILDREN = 256,
	FDS_MOST = 253, /* SCM_MAX_FD */
	FLOOD_FRAMES = 16,
	FLOOD_PIECE = 16 * 1024
};

static pid_t children[CHILDREN];
static int control = CONTROL;
static pid_t template;

static void
send_all(int sock, const void *data, size_t n)
{
	if (fdpass_send(sock, data, n, -1, 0) != (ssize_t)n)
		_exit(4);
}

/* An honest answer: verdict by the file's first byte ('0' to '4'). */
static void
answer(int sock, uint64_t id, int file, const struct wire_scan *scan)
{
	AUTO(report) struct report r = { 0 };
	AUTO(buf) struct buf frame = buf_new(WIRE_REPORT_MAX);
	struct import m = { .module = "os",
		.module_size = 2,
		.name = "system",
		.name_size = 6,
		.use = USE_CALL,
		.verdict = VERDICT_MALICIOUS,
		.reason = "runs commands",
		.where = "a\x1b[31m/data.pkl",
		.offset = 17 };
	char byte = '0';

	report_init(&r);
	r.bytes_read = (uint64_t)pread(file, &byte, 1, 0);
	r.size = scan->size;
	r.format = "fake";
	r.in_place = true;
	if (byte == '1')
		report_find(&r, RULE_PICKLE_IMPORT_UNKNOWN, "", 1, "a.b");
	if (byte == '2')
		report_find(&r, RULE_FILE_TRUNCATED, "", 2, NULL);
	if (byte == '3')
		report_find(&r, RULE_PICKLE_IMPORT_SUSPECT, "x\n", 3, "c.d");
	if (byte == '4') {
		report_find(&r, RULE_PICKLE_IMPORT_DANGEROUS, m.where, 17,
		    "os.system\xff");
		(void)report_import(&r, &m);
		report_member(&r, &(struct member){ "", "fake", 0, r.size });
		report_member(
		    &r, &(struct member){ m.where, "pickle", 64, 99 });
		r.explain = (scan->flags & WIRE_EXPLAIN) != 0;
		report_line_skip(&r, 1);
		report_line(&r,
		    &(struct line){ .text = "_1 = os.system('\\n\x1b[2J')",
			.why = "runs commands",
			.where = m.where,
			.offset = 17,
			.verdict = VERDICT_MALICIOUS });
	}
	if (wire_answer_encode(&r, id, scan->report_max, &frame) != ERR_OK)
		_exit(5);
	send_all(sock, frame.data, frame.size);
}

static void
do_honest(int sock, int file, const struct wire_scan *scan)
{
	answer(sock, scan->id, file, scan);
}

/* Without a core file, and without a sanitizer's opinion. */
static void
die_of(int sig)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };

	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)sigaction(sig, &plain, NULL);
	(void)kill(getpid(), sig);
}

static void
do_crash(int sock, int file, const struct wire_scan *scan)
{
	(void)sock, (void)file, (void)scan;
	die_of(SIGSEGV);
}

static void
do_forbidden(int sock, int file, const struct wire_scan *scan)
{
	(void)sock, (void)file, (void)scan;
	die_of(SIGSYS);
}

static void
do_exit(int sock, int file, const struct wire_scan *scan)
{
	(void)sock, (void)file, (void)scan;
	_exit(3);
}

/* Never ends, unless nobody is left to end it. */
static void
do_hang(int sock, int file, const struct wire_scan *scan)
{
	struct pollfd fd = { .fd = sock };

	(void)file, (void)scan;
	(void)poll(&fd, 1, -1);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == template)
		(void)pause();
	_exit(0);
}

/* Ends its socket and lives on. */
static void
do_hide(int sock, int file, const struct wire_scan *scan)
{
	(void)shutdown(sock, SHUT_RDWR);
	(void)close(sock);
	do_hang(sock, file, scan);
}

/* Answers and lives on. */
static void
do_linger(int sock, int file, const struct wire_scan *scan)
{
	do_honest(sock, file, scan);
	do_hang(sock, file, scan);
}

static void
do_garbage(int sock, int file, const struct wire_scan *scan)
{
	send_all(sock, "HTTP/1.1 200 OK\r\n", 17);
	do_hang(sock, file, scan);
}

static void
do_other(int sock, int file, const struct wire_scan *scan)
{
	answer(sock, scan->id ^ 1, file, scan);
	do_hang(sock, file, scan);
}

static void
do_twice(int sock, int file, const struct wire_scan *scan)
{
	AUTO(report) struct report r = { 0 };
	AUTO(buf) struct buf frames = buf_new(WIRE_REPORT_MAX);

	(void)file;
	report_init(&r);
	if (wire_answer_encode(&r, scan->id, 4096, &frames) != ERR_OK ||
	    wire_answer_encode(&r, scan->id, 4096, &frames) != ERR_OK)
		_exit(5);
	send_all(sock, frames.data, frames.size);
	do_hang(sock, file, scan);
}

/* A frame whose length is beyond what was asked for. */
static void
do_huge(int sock, int file, const struct wire_scan *scan)
{
	static const uint8_t head[] = { 'C', 'K', 'A', '2', 0, 0, 0, 0x7f };

	send_all(sock, head, sizeof(head));
	do_hang(sock, file, scan);
}

/* A frame of the right length with nonsense in it. */
static void
do_nonsense(int sock, int file, const struct wire_scan *scan)
{
	uint8_t bytes[200] = { 'C', 'K', 'A', '2', 200, 0, 0, 0 };

	memset(bytes + 8, 0xee, sizeof(bytes) - 8);
	send_all(sock, bytes, sizeof(bytes));
	do_hang(sock, file, scan);
}

/* Half a frame, then the end. */
static void
do_half(int sock, int file, const struct wire_scan *scan)
{
	static const uint8_t head[] = { 'C', 'K', 'A', '2', 200, 0, 0, 0, 1 };

	(void)file, (void)scan;
	send_all(sock, head, sizeof(head));
	_exit(0);
}

/* An honest answer, one byte at a time. */
static void
do_dribble(int sock, int file, const struct wire_scan *scan)
{
	int pair[2];
	uint8_t bytes[4096];
	ssize_t n;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		_exit(6);
	answer(pair[0], scan->id, file, scan);
	(void)shutdown(pair[0], SHUT_WR);
	while ((n = read(pair[1], bytes, sizeof(bytes))) > 0)
		for (ssize_t i = 0; i < n; i++)
			send_all(sock, bytes + i, 1);
}

/* Sends the file back, with an honest beginning. */
static void
do_fds(int sock, int file, const struct wire_scan *scan)
{
	if (fdpass_send(sock, "CKA2", 4, file, 0) != 4)
		_exit(4);
	do_hang(sock, file, scan);
}

/* An honest answer, and in the same breath as many descriptors as a message
 * can carry. */
static void
do_laden(int sock, int file, const struct wire_scan *scan)
{
	AUTO(report) struct report r = { 0 };
	AUTO(buf) struct buf frame = buf_new(WIRE_REPORT_MAX);
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(FDS_MOST * sizeof(int))];
	} control_data = { 0 };
	struct iovec iov;
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control_data,
		.msg_controllen = sizeof(control_data.room) };
	int fds[FDS_MOST];

	for (size_t i = 0; i < FDS_MOST; i++)
		fds[i] = file;
	control_data.head = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
		.cmsg_len = CMSG_LEN(sizeof(fds)) };
	memcpy(CMSG_DATA(&control_data.head), fds, sizeof(fds));
	report_init(&r);
	if (wire_answer_encode(&r, scan->id, 4096, &frame) != ERR_OK)
		_exit(5);
	iov = (struct iovec){ .iov_base = frame.data, .iov_len = frame.size };
	if (sendmsg(sock, &m, MSG_NOSIGNAL) != (ssize_t)frame.size)
		_exit(4);
	do_hang(sock, file, scan);
}

/* Honest answers without end. */
static void
do_flood(int sock, int file, const struct wire_scan *scan)
{
	AUTO(report) struct report r = { 0 };
	AUTO(buf) struct buf frames = buf_new(WIRE_REPORT_MAX);

	(void)file;
	report_init(&r);
	for (int i = 0; i < FLOOD_FRAMES; i++)
		if (wire_answer_encode(&r, scan->id, 4096, &frames) != ERR_OK)
			_exit(5);
	for (;;)
		send_all(sock, frames.data, frames.size);
}

/* The longest frame that is asked for, all zeros: for file 0, that is. */
static void
do_brimful(int sock, int file, const struct wire_scan *scan)
{
	AUTO_FREE uint8_t *bytes = calloc(1, scan->report_max);

	if (bytes == NULL)
		_exit(5);
	memcpy(bytes, "CKA2", 4);
	for (int i = 0; i < 4; i++)
		bytes[4 + i] = (uint8_t)(scan->report_max >> 8 * i);
	for (size_t at = 0, n; at < scan->report_max; at += n) {
		n = scan->report_max - at;
		if (n > FLOOD_PIECE)
			n = FLOOD_PIECE;
		send_all(sock, bytes + at, n);
	}
	do_hang(sock, file, scan);
}

struct behaviour {
	const char *name;
	void (*act)(int sock, int file, const struct wire_scan *scan);
};

static const struct behaviour behaviours[] = {
	{ "crash", do_crash },
	{ "forbidden", do_forbidden },
	{ "exit", do_exit },
	{ "hang", do_hang },
	{ "hide", do_hide },
	{ "linger", do_linger },
	{ "garbage", do_garbage },
	{ "other", do_other },
	{ "twice", do_twice },
	{ "huge", do_huge },
	{ "nonsense", do_nonsense },
	{ "half", do_half },
	{ "dribble", do_dribble },
	{ "fds", do_fds },
	{ "laden", do_laden },
	{ "flood", do_flood },
	{ "brimful", do_brimful },
	{ NULL, do_honest },
};

static void
serve(int sock, const char *mode)
{
	uint8_t bytes[WIRE_SCAN_MAX];
	struct wire_scan scan;
	const struct behaviour *b;
	int file = -1;
	ssize_t n;

	if (strcmp(mode, "stillborn") == 0)
		_exit(9);
	if (strcmp(mode, "chatty") == 0) {
		send_all(sock, "hello", 5);
		do_hang(sock, file, NULL);
	}
	do {
		n = fdpass_recv(sock, bytes, sizeof(bytes), &file, 0);
		if (n == 0)
			_exit(0);
		if (n < 0 ||
		    wire_scan_decode(bytes, (size_t)n, &scan) != ERR_OK)
			_exit(2);
		b = behaviours;
		while (b->name != NULL && strcmp(b->name, scan.name) != 0)
			b++;
		b->act(sock, file, &scan);
		(void)close(file);
	} while ((scan.flags & WIRE_STAY) != 0);
	_exit(0);
}

static void
say(const struct wire_control *message, int fd)
{
	uint8_t bytes[1024];
	size_t n = wire_control_encode(message, bytes, sizeof(bytes));

	if (n == 0 || fdpass_send(control, bytes, n, fd, 0) != (ssize_t)n)
		_exit(4);
}

static void
spawn(const char *mode)
{
	int pair[2];
	pid_t pid;
	size_t i = 0;

	while (i < CHILDREN && children[i] != 0)
		i++;
	if (i == CHILDREN ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1 ||
	    (pid = fork()) == -1)
		_exit(6);
	if (pid == 0) {
		sigset_t none;

		(void)sigemptyset(&none);
		(void)sigprocmask(SIG_SETMASK, &none, NULL);
		(void)close(control);
		(void)close(pair[0]);
		serve(pair[1], mode);
	}
	children[i] = pid;
	say(&(struct wire_control){ .type = WIRE_SPAWNED, .pid = pid },
	    strcmp(mode, "forgetful") == 0 ? -1 : pair[0]);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void
bury(void)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (size_t i = 0; i < CHILDREN; i++)
			if (children[i] == pid)
				children[i] = 0;
		say(
		    &(struct wire_control){
			.type = WIRE_DIED, .pid = pid, .status = status },
		    -1);
	}
}

static void
kill_children(pid_t which)
{
	for (size_t i = 0; i < CHILDREN; i++)
		if (children[i] != 0 && (which == 0 || children[i] == which))
			(void)kill(children[i], SIGKILL);
}

/* One message; false at the end. */
static bool
obey(const char *mode)
{
	uint8_t bytes[1024];
	struct wire_control m;
	int fd;
	ssize_t n = fdpass_recv(control, bytes, sizeof(bytes), &fd, 0);

	if (n <= 0 || wire_control_decode(bytes, (size_t)n, &m) != ERR_OK)
		return false;
	if (strcmp(mode, "barren") == 0)
		return true;
	for (uint32_t i = 0; m.type == WIRE_SPAWN && i < m.count; i++)
		spawn(mode);
	/* Gone as soon as the first workers are there. */
	if (m.type == WIRE_SPAWN && strcmp(mode, "leaving") == 0)
		_exit(8);
	if (m.type == WIRE_KILL)
		kill_children(m.pid);
	return true;
}

int
main(int argc, char **argv)
{
	const char *mode = "";
	const char *problem = "a.yar:1: syntax error";
	struct pollfd fds[2] = { { .fd = CONTROL, .events = POLLIN },
		{ .events = POLLIN } };
	sigset_t child;

	template = getpid();
	for (int i = 1; i < argc; i++)
		if (strncmp(argv[i], "--rules=", 8) == 0)
			mode = strrchr(argv[i], '=') + 1;
	if (getenv("FAKE_MODE") != NULL)
		mode = getenv("FAKE_MODE");
	if (strcmp(mode, "dead") == 0)
		return 7;
	if (strcmp(mode, "mad") == 0) {
		send_all(control, "what?", 5);
		(void)pause();
	}
	(void)sigemptyset(&child);
	(void)sigaddset(&child, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &child, NULL);
	fds[1].fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	say(&(struct wire_control){ .type = WIRE_READY,
		.count = strcmp(mode, "problem") == 0,
		.text = problem,
		.text_size =
		    strcmp(mode, "problem") == 0 ? strlen(problem) : 0 },
	    -1);
	for (;;) {
		struct signalfd_siginfo info;

		if (poll(fds, 2, -1) == -1)
			return 1;
		if (fds[1].revents != 0 &&
		    read(fds[1].fd, &info, sizeof(info)) > 0)
			bury();
		if (fds[0].revents != 0 && !obey(mode)) {
			kill_children(0);
			return 0;
		}
	}
}
