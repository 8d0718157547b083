/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template: the process that workers are forked from.
 *
 * Loads rules and policies once, gives up all rights, then only forks, kills
 * and reaps.  It never sees a file.  It kills nobody but its own children: a
 * pid is in the table from fork until it was waited for, so it cannot mean
 * another process.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fdpass.h"
#include "base/own.h"
#include "engine/engine.h"
#include "pickle/policy.h"
#include "rules/rules.h"
#include "sandbox/sandbox.h"
#include "wire/wire.h"
#include "worker/worker.h"

enum {
	TEMPLATE_ENDED = 0,
	TEMPLATE_TROUBLE = 2,
	/* Workers at once: far more than there are processors. */
	CHILDREN_MAX = 1024,
	/* A spawn's two descriptors, the file, the standard ones and room for
	 * messages under way, which count as the sender's. */
	DESCRIPTORS = 256,
	/* Memory beyond what is mapped at the start, of which some 17 MB can
	 * ever be resident: a worker stays below 64 MB, whatever the file. */
	MEMORY = 44 * 1024 * 1024,
	/* Larger than any single allocation, so that libyara's megabyte for
	 * each scan is reused instead of mapped and unmapped. */
	MAP_THRESHOLD = 32 * 1024 * 1024,
	SMALL_MESSAGE = 64,
};

struct template
{
	const struct knowledge *knowledge;
	int deaths; /* signalfd of SIGCHLD */
	pid_t children[CHILDREN_MAX];
	size_t count;
};

/* False: the parent is gone. */
static bool
tell(const struct wire_control *message, int fd)
{
	uint8_t bytes[SMALL_MESSAGE];
	size_t n = wire_control_encode(message, bytes, sizeof(bytes));
	ssize_t sent;

	do
		sent = fdpass_send(SANDBOX_SOCKET, bytes, n, fd, 0);
	while (sent == -1 && errno == EINTR);
	return sent == (ssize_t)n;
}

static bool
tell_ready(const struct knowledge *k)
{
	AUTO_FREE uint8_t *bytes = calloc(1, WIRE_CONTROL_MAX);
	struct wire_control message = { .type = WIRE_READY,
		.count = k->problem_count,
		.text = buf_text(&k->problems),
		.text_size = k->problems.size,
		.loaded = { .rules = rules_count(k->rules),
		    .imports = policy_count(k->policy),
		    .rules_sum = rules_sum(k->rules),
		    .imports_sum = policy_sum(k->policy) } };
	size_t n;

	if (bytes == NULL)
		return false;
	n = wire_control_encode(&message, bytes, WIRE_CONTROL_MAX);
	return n != 0 &&
	    fdpass_send(SANDBOX_SOCKET, bytes, n, -1, 0) == (ssize_t)n;
}

/* In the child: keep the one socket, lose what the template may, serve. */
static _Noreturn void
child_run(const struct template *t, int sock)
{
	const struct rlimit none = { 0, 0 };
	struct sandbox_report report;

	if (dup3(sock, SANDBOX_SOCKET, O_CLOEXEC) == -1 ||
	    setrlimit(RLIMIT_NPROC, &none) == -1 ||
	    close_range(WARM_FD + 1, ~0U, 0) == -1 ||
	    sandbox_enter(SANDBOX_WORKER, true, &report) != ERR_OK)
		_exit(TEMPLATE_TROUBLE);
	worker_warm(t->knowledge);
	(void)close(WARM_FD);
	worker_serve(t->knowledge);
}

/* One worker more. False: the parent is gone; that there is no room for one
 * now the parent sees by its not coming. */
static bool
spawn(struct template *t)
{
	AUTO_CLOSE int ours = -1;
	AUTO_CLOSE int theirs = -1;
	int pair[2];
	pid_t pid;

	if (t->count == CHILDREN_MAX ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		return true;
	ours = pair[0];
	theirs = pair[1];
	if ((pid = fork()) == 0)
		child_run(t, ours);
	if (pid == -1)
		return true;
	t->children[t->count++] = pid;
	return tell(
	    &(struct wire_control){ .type = WIRE_SPAWNED, .pid = pid }, theirs);
}

static size_t
child_index(const struct template *t, pid_t pid)
{
	size_t i = 0;

	while (i < t->count && t->children[i] != pid)
		i++;
	return i;
}

static bool
bury(struct template *t)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	/* Deaths are merged into one signal: only waiting tells them apart. */
	(void)!read(t->deaths, &info, sizeof(info));
	while ((pid = wait4(-1, &status, WNOHANG, NULL)) > 0) {
		size_t i = child_index(t, pid);

		if (i < t->count)
			t->children[i] = t->children[--t->count];
		if (!tell(
			&(struct wire_control){
			    .type = WIRE_DIED, .pid = pid, .status = status },
			-1))
			return false;
	}
	return true;
}

/* Do what the parent says. False: it is gone, or talks nonsense. */
static bool
obey(struct template *t)
{
	uint8_t bytes[SMALL_MESSAGE];
	struct wire_control m;
	int fd = -1;
	ssize_t n = fdpass_recv(SANDBOX_SOCKET, bytes, sizeof(bytes), &fd, 0);

	if (n == -1 && errno == EINTR)
		return true;
	if (n <= 0 || fd != -1 ||
	    wire_control_decode(bytes, (size_t)n, &m) != ERR_OK)
		return false;
	if (m.type == WIRE_SPAWN) {
		for (uint32_t i = 0; i < m.count && i < CHILDREN_MAX; i++)
			if (!spawn(t))
				return false;
		return true;
	}
	if (m.type == WIRE_KILL) {
		if (child_index(t, m.pid) < t->count)
			(void)kill(m.pid, SIGKILL);
		return true;
	}
	return false;
}

static void
run(struct template *t)
{
	struct pollfd fds[] = { { .fd = SANDBOX_SOCKET, .events = POLLIN },
		{ .fd = t->deaths, .events = POLLIN } };
	bool going = true;

	while (going) {
		if (ppoll(fds, 2, NULL, NULL) == -1 && errno != EINTR)
			break;
		if (fds[1].revents != 0)
			going = bury(t);
		if (going && fds[0].revents != 0)
			going = obey(t);
	}
	for (size_t i = 0; i < t->count; i++)
		(void)kill(t->children[i], SIGKILL);
}

/* What is allocated and freed, by the compiler of rules or by a scan, stays
 * mapped: to map it anew is a page fault for each page. */
static void
memory_keep(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, MAP_THRESHOLD);
	(void)mallopt(M_TRIM_THRESHOLD, MAP_THRESHOLD);
}

/* Compiling rules leaves megabytes of free memory behind: give them back, and
 * make the rest cheap to fork, if it will be forked often: it takes as long as
 * forty forks save. */
static void
memory_settle(bool few)
{
	(void)malloc_trim(0);
	if (!few)
		(void)!sandbox_freeze(); /* else forks are slower, and right */
}

static bool
say(const char *what)
{
	(void)fprintf(stderr, "ckptguard-worker: %s: %s\n", what,
	    errno == 0 ? "failed" : strerror(errno));
	return false;
}

/* SIGCHLD as a descriptor; nothing else interrupts a template. */
static bool
watch_deaths(struct template *t)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		return say("signals");
	t->deaths = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return t->deaths != -1 || say("signals");
}

/* Give up everything. */
static bool
close_in(const struct worker_options *options)
{
	struct sandbox_report report;

	errno = 0;
	/* Made by way of a file in memory: not after the limits. */
	if (sandbox_prepare(SANDBOX_WORKER) != ERR_OK ||
	    sandbox_prepare(SANDBOX_TEMPLATE) != ERR_OK)
		return say("preparing the sandbox");
	if (sandbox_drop_to(options->uid, options->gid) != ERR_OK)
		return say("giving up privileges");
	if (sandbox_limits(MEMORY, DESCRIPTORS) != ERR_OK)
		return say("setting limits");
	if (sandbox_enter(SANDBOX_TEMPLATE, true, &report) != ERR_OK)
		return say("entering the sandbox");
	return true;
}

/* The control socket in its place, whatever number it came with. */
static bool
place_control(int fd)
{
	if (fd == SANDBOX_SOCKET)
		return true;
	return dup3(fd, SANDBOX_SOCKET, O_CLOEXEC) != -1 ||
	    say("the control socket");
}

int
worker_template(const struct worker_options *options)
{
	struct knowledge k = { 0 };
	struct template t = { .knowledge = &k };
	enum err e;

	if (!place_control(options->control))
		return TEMPLATE_TROUBLE;
	memory_keep();
	if ((e = knowledge_load(options, false, &k)) != ERR_OK) {
		(void)fprintf(stderr, "ckptguard-worker: %s\n",
		    e == ERR_UNSUPPORTED
			? "no import policy was found in the directories given "
			  "with --imports: nothing could be judged"
			: err_text(e));
		return TEMPLATE_TROUBLE;
	}
	engine_prepare();
	if (warm_open() == ERR_OK)
		worker_warm(&k);
	/* else the first scan of each worker is slower, and as right */
	memory_settle(options->few);
	if (!watch_deaths(&t) || !close_in(options))
		return TEMPLATE_TROUBLE;
	if (tell_ready(&k))
		run(&t);
	/* Nothing is left to be tidied; a leak check could not run here. */
	_exit(TEMPLATE_ENDED);
}
