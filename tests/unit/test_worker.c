/* SPDX-License-Identifier: Apache-2.0 */
/* ckptguard-worker itself, spoken to as its parent would. */
#include "worker_run.h"

enum { WAIT_MS = 20000 }; /* for what happens by itself, in milliseconds */

static char message[WIRE_CONTROL_MAX];

static ssize_t
receive(struct template *t, struct wire_control *m, int *fd)
{
	ssize_t n = fdpass_recv(t->control, message, sizeof(message), fd, 0);

	if (n > 0)
		assert_int_equal(
		    wire_control_decode(message, (size_t)n, m), ERR_OK);
	return n;
}

static void
start(struct template *t)
{
	char rules[96], imports[96], uid[32], gid[32];
	char *args[] = { (char *)"ckptguard-worker", (char *)"--control=3",
		rules, imports, NULL, NULL, NULL };
	int pair[TWO_SOCKETS], fd;
	struct wire_control m;

	(void)snprintf(rules, sizeof(rules), "--rules=%s", t->dir);
	(void)snprintf(imports, sizeof(imports), "--imports=%s", t->dir);
	(void)snprintf(uid, sizeof(uid), "--uid=%d", NOBODY);
	(void)snprintf(gid, sizeof(gid), "--gid=%d", NOBODY);
	if (geteuid() == 0) {
		args[4] = uid;
		args[5] = gid;
	}
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	t->pid = run(args, pair[1], -1);
	(void)close(pair[1]);
	t->control = pair[0];
	assert_true(receive(t, &m, &fd) > 0);
	assert_int_equal(m.type, WIRE_READY);
	t->problems = m.count;
	assert_true(m.text_size < sizeof(t->text));
	memcpy(t->text, m.text, m.text_size);
}

static void
order(struct template *t, const struct wire_control *m)
{
	uint8_t bytes[64];
	size_t n = wire_control_encode(m, bytes, sizeof(bytes));

	assert_int_equal(fdpass_send(t->control, bytes, n, -1, 0), n);
}

/* One more worker: its pid, and its socket. */
static pid_t
spawn(struct template *t, int *sock)
{
	struct wire_control m;

	order(t, &(struct wire_control){ .type = WIRE_SPAWN, .count = 1 });
	assert_true(receive(t, &m, sock) > 0);
	assert_int_equal(m.type, WIRE_SPAWNED);
	assert_int_not_equal(*sock, -1);
	return m.pid;
}

static int
died(struct template *t, pid_t pid)
{
	struct wire_control m;
	int fd;

	assert_true(receive(t, &m, &fd) > 0);
	assert_int_equal(m.type, WIRE_DIED);
	assert_int_equal(m.pid, pid);
	return m.status;
}

static void
request(int sock, int fd, uint64_t id, uint64_t size)
{
	struct wire_scan scan = { .id = id,
		.size = size,
		.flags = WIRE_OPEN,
		.report_max = WIRE_REPORT_GATE,
		.name = "m.pkl" };
	uint8_t bytes[WIRE_SCAN_MAX];
	size_t n = wire_scan_encode(&scan, bytes, sizeof(bytes));

	assert_int_equal(fdpass_send(sock, bytes, n, fd, 0), n);
}

/* The summary of the answer. */
static void
answer(int sock, struct wire_summary *out)
{
	static uint8_t frame[WIRE_REPORT_GATE];
	size_t have = 0, length = 0;

	while (length == 0 || have < length) {
		ssize_t n = recv(sock, frame + have, sizeof(frame) - have, 0);

		assert_true(n > 0);
		have += (size_t)n;
		assert_int_equal(
		    wire_answer_length(frame, have, sizeof(frame), &length),
		    ERR_OK);
	}
	assert_int_equal(have, length);
	assert_int_equal(wire_summary_decode(frame, length, out), ERR_OK);
}

static int
file_of(const void *data, size_t n)
{
	char name[] = "/tmp/ckptguard-test-XXXXXX";
	int fd = mkstemp(name);

	assert_int_not_equal(fd, -1);
	assert_int_equal(unlink(name), 0);
	assert_int_equal(write(fd, data, n), n);
	return fd;
}

static void
a_worker_answers_one_file_and_ends(void **state)
{
	struct template *t = *state;
	AUTO_CLOSE int file = file_of("hello", 5);
	AUTO_CLOSE int sock = -1;
	struct wire_summary s;
	char byte;
	pid_t pid;

	start(t);
	assert_int_equal(t->problems, 0);
	pid = spawn(t, &sock);
	request(sock, file, 77, 5);
	answer(sock, &s);
	assert_int_equal(s.id, 77);
	assert_int_equal(s.verdict, VERDICT_CLEAN);
	assert_string_equal(s.format, "other");
	assert_int_equal(s.size, 5);
	assert_int_equal(s.bytes_read, 5);
	/* It waits to be told that it may go, and takes no other file. */
	request(sock, file, 78, 5);
	assert_int_not_equal(died(t, pid), 0);
	assert_int_equal(recv(sock, &byte, 1, 0), 0);
}

static void
what_is_no_regular_file_is_unverified(void **state)
{
	struct template *t = *state;
	int ends[2];
	AUTO_CLOSE int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int dir = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	start(t);
	for (int i = 0; i < 3; i++) {
		const int fds[] = { ends[0], dir, zero };
		AUTO_CLOSE int sock = -1;
		struct wire_summary s;
		pid_t pid = spawn(t, &sock);

		request(sock, fds[i], 1, 100);
		answer(sock, &s);
		assert_int_equal(s.verdict, VERDICT_UNVERIFIED);
		assert_string_equal(s.rule, "scan.failed");
		assert_non_null(strstr(s.message, "regular"));
		assert_int_equal(shutdown(sock, SHUT_WR), 0);
		assert_int_equal(died(t, pid), 0);
	}
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void
a_request_that_makes_no_sense_costs_one_worker(void **state)
{
	struct template *t = *state;
	AUTO_CLOSE int file = file_of("hello", 5);
	struct wire_summary s;
	int sock[3];
	pid_t pid[3];

	start(t);
	for (int i = 0; i < 3; i++)
		pid[i] = spawn(t, &sock[i]);
	assert_int_equal(fdpass_send(sock[0], "nonsense", 8, file, 0), 8);
	assert_int_not_equal(died(t, pid[0]), 0);
	request(sock[1], -1, 1, 5); /* no descriptor */
	assert_int_not_equal(died(t, pid[1]), 0);
	request(sock[2], file, 2, 5);
	answer(sock[2], &s);
	assert_int_equal(s.verdict, VERDICT_CLEAN);
	for (int i = 0; i < 3; i++)
		(void)close(sock[i]);
}

static void
it_kills_its_own_workers_and_nobody_else(void **state)
{
	struct template *t = *state;
	AUTO_CLOSE int sock = -1;
	int status;
	pid_t stranger, pid;

	start(t);
	stranger = fork();
	assert_int_not_equal(stranger, -1);
	if (stranger == 0) {
		(void)pause();
		_exit(0);
	}
	order(t, &(struct wire_control){ .type = WIRE_KILL, .pid = stranger });
	order(t, &(struct wire_control){ .type = WIRE_KILL, .pid = t->pid });
	pid = spawn(t, &sock);
	order(t, &(struct wire_control){ .type = WIRE_KILL, .pid = pid });
	status = died(t, pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(waitpid(stranger, &status, WNOHANG), 0);
	assert_int_equal(kill(stranger, SIGKILL), 0);
	assert_int_equal(waitpid(stranger, &status, 0), stranger);
}

static void
an_idle_worker_ends_with_its_socket(void **state)
{
	struct template *t = *state;
	int sock = -1;
	pid_t pid;

	start(t);
	pid = spawn(t, &sock);
	(void)close(sock);
	assert_int_equal(died(t, pid), 0);
}

static void
all_end_when_the_parent_does(void **state)
{
	struct template *t = *state;
	AUTO_CLOSE int sock = -1;
	int status;
	char byte;

	start(t);
	(void)spawn(t, &sock);
	(void)close(t->control);
	t->control = -1;
	assert_int_equal(waitpid(t->pid, &status, 0), t->pid);
	t->pid = 0;
	assert_int_equal(status, 0);
	/* its worker is gone too: its end of the socket is closed */
	assert_int_equal(recv(sock, &byte, 1, 0), 0);
}

/* A field of /proc/PID/status. */
static void
status_field(pid_t pid, const char *name, char *out, size_t size)
{
	char path[64], line[256];
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	assert_non_null(f);
	out[0] = '\0';
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			(void)snprintf(
			    out, size, "%s", line + strlen(name) + 1);
	(void)fclose(f);
}

/* How many seccomp filters a process is under. */
static long
filters(pid_t pid)
{
	char value[128];

	status_field(pid, "Seccomp_filters:", value, sizeof(value));
	return strtol(value, NULL, 10);
}

static void
a_worker_enters_a_list_of_its_own(void **state)
{
	struct template *t = *state;
	AUTO_CLOSE int sock = -1;
	long ours = filters(getpid()); /* a container's, say */
	pid_t pid;

	start(t);
	if (filters(t->pid) == 0)
		skip(); /* an old kernel does not count them */
	assert_int_equal(filters(t->pid), ours + 1);
	pid = spawn(t, &sock);
	/* It is told of before it has got there; it waits there for a file. */
	for (int i = 0; i < WAIT_MS && filters(pid) < ours + 2; i++)
		(void)poll(NULL, 0, 1);
	assert_int_equal(filters(pid), ours + 2);
}

static void
both_hold_no_rights_at_all(void **state)
{
	static const struct {
		const char *field, *value;
	} rows[] = {
		{ "CapEff:", "0000000000000000\n" },
		{ "CapPrm:", "0000000000000000\n" },
		{ "CapBnd:", "0000000000000000\n" },
		{ "NoNewPrivs:", "1\n" },
		{ "Seccomp:", "2\n" },
		{ "Uid:", "65534\t65534\t65534\t65534\n" },
		{ "Gid:", "65534\t65534\t65534\t65534\n" },
		{ "Groups:", " \n" },
	};
	struct template *t = *state;
	AUTO_CLOSE int sock = -1;
	pid_t pid;

	if (geteuid() != 0)
		skip(); /* an ordinary user has nobody to become */
	start(t);
	pid = spawn(t, &sock);
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		char value[128];

		status_field(i % 2 == 0 ? t->pid : pid, rows[i / 2].field,
		    value, sizeof(value));
		print_message("%s %s", rows[i / 2].field, value);
		assert_string_equal(value, rows[i / 2].value);
	}
}

/* The soft limit of address space of a process, in kilobytes. */
static long
address_space(pid_t pid)
{
	char path[64], line[256];
	long kb = -1;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/limits", (int)pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "Max address space", 17) == 0)
			kb = strtol(line + 17, NULL, 10) / 1024;
	(void)fclose(f);
	return kb;
}

static void
a_worker_can_never_hold_more_than_64_megabytes(void **state)
{
	struct template *t = *state;
	AUTO_CLOSE int sock = -1;
	char size[64], resident[64];
	long more, now;
	pid_t pid;

	if (SANDBOX_SANITIZERS)
		skip(); /* their shadow memory has no limit */
	start(t);
	pid = spawn(t, &sock);
	status_field(pid, "VmSize:", size, sizeof(size));
	status_field(pid, "VmRSS:", resident, sizeof(resident));
	now = strtol(resident, NULL, 10);
	more = address_space(pid) - strtol(size, NULL, 10);
	print_message("%ld kB resident, %ld more at most\n", now, more);
	assert_true(now > 0 && more > 16 * 1024);
	assert_true(now + more < 64 * 1024);
}

static void
ready_names_what_is_wrong_with_the_rules(void **state)
{
	struct template *t = *state;

	put(t, "a.yar", "rule A { condition: nothing }\n");
	put(t, "b.yar", "rule B { condition: true }\n");
	put(t, "a.policy", "allow collections OrderedDict \"data\"\nwhat?\n");
	start(t);
	assert_int_equal(t->problems, 2);
	assert_non_null(strstr(t->text, "/a.yar:1: "));
	assert_non_null(strstr(t->text, "/a.policy:2: "));
}

static void
rules_find_and_their_finding_is_in_the_answer(void **state)
{
	/* A tiny safetensors header: a format that hands its text over. */
	static const char header[] =
	    "\x48\0\0\0\0\0\0\0"
	    "{\"__metadata__\":{\"a\":\"MARKER\"},\"t\":{\"dtype\":\"U8\","
	    "\"shape\":[1],\"data_offsets\":[0,1]}}     \1";
	struct template *t = *state;
	AUTO_CLOSE int file = file_of(header, sizeof(header) - 1);
	AUTO_CLOSE int sock = -1;
	struct wire_summary s;

	put(t, "a.yar",
	    "rule Marker { meta: severity = \"high\" strings: $a = "
	    "\"MARKER\" condition: $a or text contains \"MARKER\" }\n");
	start(t);
	(void)spawn(t, &sock);
	request(sock, file, 1, sizeof(header) - 1);
	answer(sock, &s);
	print_message("%s: %s\n", s.format, s.rule);
	assert_string_equal(s.format, "safetensors");
	assert_int_equal(s.verdict, VERDICT_MALICIOUS);
	assert_string_equal(s.rule, "yara.Marker");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_worker_answers_one_file_and_ends),
		TEST(what_is_no_regular_file_is_unverified),
		TEST(a_request_that_makes_no_sense_costs_one_worker),
		TEST(it_kills_its_own_workers_and_nobody_else),
		TEST(an_idle_worker_ends_with_its_socket),
		TEST(all_end_when_the_parent_does),
		TEST(a_worker_enters_a_list_of_its_own),
		TEST(both_hold_no_rights_at_all),
		TEST(a_worker_can_never_hold_more_than_64_megabytes),
		TEST(ready_names_what_is_wrong_with_the_rules),
		TEST(rules_find_and_their_finding_is_in_the_answer),
	};

	return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
