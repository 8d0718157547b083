/* SPDX-License-Identifier: Apache-2.0 */
/* run: one loop around the pool. */
#include "config.h"

#include "cli/run.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"
#include "cli/beside.h"
#include "cli/cli.h"
#include "cli/promise.h"
#include "model/limits.h"
#include "pool/pool.h"

enum {
	SPARE = 3,      /* idle workers beyond one for each job */
	SPARE_MAX = 32, /* idle workers: so many at most */
	FILES = 256,    /* ordinary ones for each worker, see run.h */
	FLUSH_MS = 50,  /* a person should not wait longer for a line */
	/* Beyond the worker's own budget of time: then it hangs. */
	GRACE_S = 15,
	END_MS = 3000,  /* for the template to end by itself */
	NOBODY = 65534, /* where there is no user of that name */
};

struct job {
	char *path; /* NULL: free */
	uint64_t size;
	uint64_t deadline;
	bool killed;
};

struct run {
	struct run_config config;
	struct pool *pool;
	pid_t template;
	struct job *jobs;
	unsigned busy;
	uint64_t id;
	bool lost;
};

static volatile sig_atomic_t run_caught;
static const int run_signals[] = { SIGINT, SIGTERM, SIGHUP };
enum { SIGNAL_COUNT = sizeof(run_signals) / sizeof(run_signals[0]) };

static void catch (int sig)
{
	run_caught = sig;
}

int
run_signal(void)
{
	return run_caught;
}

/* From here on they are taken only while we wait. */
static void
signals_catch(void)
{
	struct sigaction act = { .sa_handler = catch };
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < SIGNAL_COUNT; i++) {
		struct sigaction old;

		/* nohup(1) and the like stay in force */
		if (sigaction(run_signals[i], NULL, &old) == 0 &&
		    old.sa_handler == SIG_IGN)
			continue;
		(void)sigaction(run_signals[i], &act, NULL);
		(void)sigaddset(&set, run_signals[i]);
	}
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
}

static void
job_done(struct run *r, struct job *job, const struct report *report)
{
	r->config.done(r->config.context, job->path, report);
	free(job->path);
	*job = (struct job){ 0 };
	r->busy--;
}

/* A file whose worker gave no answer: unverified, with the reason. */
static void
job_failed(struct run *r, struct job *job, const char *why)
{
	AUTO(report) struct report report = { 0 };

	report_init(&report);
	report_find(&report, RULE_SCAN_FAILED, "", 0, NULL);
	report.size = job->size;
	report.verdict = verdict_worse(report.verdict, VERDICT_UNVERIFIED);
	report.error = why;
	job_done(r, job, &report);
}

static void
run_answer(void *context, const struct pool_answer *a)
{
	AUTO(report) struct report report = { 0 };
	struct run *r = context;
	struct job *job = a->tag;
	enum err e;

	if (a->e != ERR_OK) {
		job_failed(r, job, a->why);
		return;
	}
	report_init(&report);
	e = wire_report_decode(a->frame, a->frame_size, &report);
	if (e == ERR_OK) {
		beside_look(job->path, &report);
		promise_look(job->path, &report);
		job_done(r, job, &report);
	} else
		job_failed(r, job,
		    e == ERR_NOMEM ? "out of memory"
				   : "the worker's answer was malformed");
}

/* Why there are no workers any more. */
static void
run_lose(struct run *r)
{
	int status = 0;

	if (r->lost)
		return;
	r->lost = true;
	if (waitpid(r->template, &status, WNOHANG) == r->template)
		r->template = -1;
	if (r->template == -1 && WIFEXITED(status) && WEXITSTATUS(status) != 0)
		cli_complain("the worker program ended with status %d;"
			     " what it says above is the reason",
		    WEXITSTATUS(status));
	else if (r->template == -1 && WIFSIGNALED(status))
		cli_complain("the worker program was ended by signal %d;"
			     " the rest is not scanned",
		    WTERMSIG(status));
	else
		cli_complain("the worker program ended;"
			     " the rest is not scanned");
}

/* Kill what is late; how long, in ms, until the next would be. */
static int
run_deadlines(struct run *r)
{
	uint64_t now = clock_now(), next = UINT64_MAX;

	for (unsigned i = 0; i < r->config.jobs; i++) {
		struct job *job = &r->jobs[i];

		if (job->path == NULL || job->killed)
			continue;
		if (job->deadline <= now) {
			job->killed = true;
			pool_kill(r->pool, job);
		} else if (job->deadline < next) {
			next = job->deadline;
		}
	}
	if (next == UINT64_MAX)
		return -1;
	return (int)((next - now) / CLOCK_NS_PER_MS) + 1;
}

static int
run_tick(const struct run *r)
{
	return r->config.tick == NULL ? -1 : r->config.tick(r->config.context);
}

/* The shorter of two waits; -1 is for ever. */
static int
run_sooner(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

/* Wait for the pool, for more (a descriptor or -1) to be readable, or for a
 * signal. True: more is. */
static bool
run_wait(struct run *r, int more)
{
	struct pollfd fds[2] = { { .fd = pool_fd(r->pool), .events = POLLIN },
		{ .fd = more, .events = POLLIN } };
	struct timespec soon = { .tv_nsec = FLUSH_MS * 1000 * 1000 };
	struct timespec late = { 0 };
	sigset_t none;
	int ms;

	(void)sigemptyset(&none);
	if (r->config.out->buf.size != 0) {
		if (ppoll(fds, 2, &soon, &none) != 0) {
			(void)run_tick(r);
			return fds[1].revents != 0;
		}
		(void)!out_flush(r->config.out); /* told at the end */
	}
	ms = run_sooner(run_deadlines(r), run_tick(r));
	late.tv_sec = ms / 1000;
	late.tv_nsec = ms % 1000 * (long)CLOCK_NS_PER_MS;
	(void)ppoll(fds, 2, ms < 0 ? NULL : &late, &none);
	return fds[1].revents != 0;
}

/* Do what is ready. ERR_PROTO: told. */
static enum err
run_step(struct run *r)
{
	if (pool_step(r->pool) != ERR_OK)
		run_lose(r);
	if (!r->lost && pool_is_stuck(r->pool)) {
		cli_complain("no worker can be had: they end at once, or the"
			     " limit of processes (ulimit -u) is reached");
		r->lost = true;
	}
	return r->lost ? ERR_PROTO : ERR_OK;
}

/* Wait once, and do what came of it. ERR_PROTO: told. */
static enum err
run_turn(struct run *r)
{
	(void)run_wait(r, -1);
	return run_step(r);
}

enum err
run_while_idle(struct run *r, int fd)
{
	bool readable = false;

	while (!readable) {
		readable = run_wait(r, fd);
		if (run_step(r) != ERR_OK || run_caught != 0)
			return ERR_PROTO;
	}
	return ERR_OK;
}

/* Each problem of the rules and policies, a line each. */
static void
run_problems(const char *problems)
{
	while (*problems != '\0') {
		size_t n = strcspn(problems, "\n");

		cli_complain("%.*s", (int)n, problems);
		problems += n + (problems[n] == '\n');
	}
}

/*
 * May this process make another that is uid?  In a container even root may
 * not, for want of a capability or because the number means nobody there; the
 * kernel alone knows, so a child tries.
 */
static bool
can_become(uid_t uid, gid_t gid)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(setgroups(0, NULL) == -1 ||
		    setresgid(gid, gid, gid) == -1 ||
		    setresuid(uid, uid, uid) == -1);
	return pid != -1 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* Root's workers are somebody who owns nothing. */
static void
run_user(struct template_config *config)
{
	const struct passwd *pw;

	if (geteuid() != 0)
		return;
	pw = getpwnam("nobody");
	config->uid = pw == NULL ? NOBODY : pw->pw_uid;
	config->gid = pw == NULL ? NOBODY : pw->pw_gid;
	if (!can_become(config->uid, config->gid)) {
		config->uid = (uid_t)-1;
		config->gid = (gid_t)-1;
	}
}

/* ERR_SYS, told. */
static enum err
run_template(struct run *r, int *control)
{
	struct paths paths;
	const char *own = secure_getenv("CKPTGUARD_WORKER");
	const char *const rules[] = { paths.rules, paths.user_rules, NULL };
	const char *const imports[] = { paths.imports, paths.user_imports,
		NULL };
	struct template_config config = { .path = paths.worker,
		.rule_dirs = rules,
		.policy_dirs = imports,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.few = !r->config.isolate };
	enum err e = paths_find(&paths);

	if (e != ERR_OK) {
		cli_complain("cannot tell where this program is installed: %s",
		    e == ERR_SYS ? strerror(errno) : err_text(e));
		return e;
	}
	if (own != NULL)
		config.path = own;
	run_user(&config);
	if ((e = template_start(&config, control, &r->template)) != ERR_OK)
		cli_complain("cannot start the worker program %s: %s",
		    config.path, strerror(errno));
	return e;
}

/* Wait until rules and policies are loaded. */
static enum err
run_ready(struct run *r)
{
	const char *problems;

	while (!pool_is_ready(r->pool, &problems)) {
		if (run_turn(r) != ERR_OK || run_caught != 0)
			return ERR_PROTO;
	}
	run_problems(problems);
	return ERR_OK;
}

enum err
run_new(const struct run_config *config, struct run **out)
{
	struct run *r = calloc(1, sizeof(*r));
	unsigned spare = config->few ? 0 : SPARE;
	unsigned idle =
	    config->jobs < SPARE_MAX - spare ? config->jobs + spare : SPARE_MAX;
	struct pool_config pool = { .workers = config->jobs + 2 * idle,
		.files = config->isolate ? 1 : FILES,
		.idle = idle,
		.report_max = WIRE_REPORT_MAX,
		.answer = run_answer,
		.context = r };
	enum err e;

	if (r == NULL)
		return ERR_NOMEM;
	*r = (struct run){ .config = *config, .template = -1 };
	signals_catch();
	r->jobs = calloc(config->jobs, sizeof(*r->jobs));
	if (r->jobs == NULL) {
		run_free(r);
		return ERR_NOMEM;
	}
	if ((e = run_template(r, &pool.control)) != ERR_OK) {
		run_free(r);
		return e;
	}
	if ((e = pool_new(&pool, &r->pool)) != ERR_OK) {
		cli_complain("cannot prepare the workers: %s", err_text(e));
		(void)close(pool.control);
	} else {
		e = run_ready(r);
	}
	if (e != ERR_OK) {
		run_free(r);
		return e;
	}
	*out = r;
	return ERR_OK;
}

/* The template ends when its socket does; one that does not is killed. */
static void
template_end(pid_t pid)
{
	const uint64_t until = clock_now() + END_MS * CLOCK_NS_PER_MS;
	sigset_t child;
	struct timespec wait = { .tv_nsec = FLUSH_MS * 1000 * 1000 };
	int status;

	/* Blocked, it can't come between looking and waiting. */
	(void)sigemptyset(&child);
	(void)sigaddset(&child, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &child, NULL);
	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (clock_now() > until)
			(void)kill(pid, SIGKILL);
		(void)sigtimedwait(&child, NULL, &wait);
	}
}

void
run_free(struct run *r)
{
	if (r == NULL)
		return;
	pool_free(r->pool);
	if (r->template != -1)
		template_end(r->template);
	for (unsigned i = 0; r->jobs != NULL && i < r->config.jobs; i++)
		free(r->jobs[i].path);
	free(r->jobs);
	free(r);
}

static struct job *
job_free(struct run *r)
{
	struct job *job = r->jobs;

	while (job->path != NULL)
		job++;
	return job;
}

/* The last component of a path, as far as it fits. */
static void
name_of(const char *path, char out[WIRE_NAME_MAX + 1])
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	size_t n = strnlen(name, WIRE_NAME_MAX);

	memcpy(out, name, n);
	out[n] = '\0';
}

enum err
run_file(struct run *r, int fd, uint64_t size, const char *path)
{
	struct wire_scan scan = { .id = ++r->id,
		.size = size,
		.flags = r->config.flags,
		.report_max = WIRE_REPORT_MAX };
	AUTO_FREE char *own = strdup(path);
	struct job *job;
	enum err e;

	if (own == NULL)
		return ERR_NOMEM;
	name_of(path, scan.name);
	do {
		while (r->busy == r->config.jobs || pool_ready(r->pool) == 0)
			if ((e = run_turn(r)) != ERR_OK || run_caught != 0)
				return ERR_PROTO;
		job = job_free(r);
		e = pool_submit(r->pool, &scan, fd, job);
	} while (e == ERR_LIMIT); /* the idle ones had died */
	if (e != ERR_OK)
		return e;
	*job = (struct job){ .path = STEAL_PTR(own),
		.size = size,
		.deadline = clock_now() +
		    (LIMIT_SCAN_SECONDS + GRACE_S) * CLOCK_NS_PER_S };
	r->busy++;
	return ERR_OK;
}

bool
run_is_idle(const struct run *r)
{
	return r->busy == 0;
}

enum err
run_finish(struct run *r)
{
	enum err e = r->lost ? ERR_PROTO : ERR_OK;

	/* Without a template the workers at work still answer or end. */
	while (r->busy != 0 && run_caught == 0)
		if (run_turn(r) != ERR_OK)
			e = ERR_PROTO;
	return e;
}
