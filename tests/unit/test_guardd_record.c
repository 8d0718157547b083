/* SPDX-License-Identifier: Apache-2.0 */
/* What is said about a file stays one line and one object, whatever its names
 * hold; what the processes say to each other arrives whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guardd/channel.h"
#include "guardd/fds.h"
#include "guardd/record.h"
#include "model/verdict.h"

static int ends[2];

static int
pair_open(void **state)
{
	(void)state;
	return channel_pair(ends) == ERR_OK ? 0 : -1;
}

static int
pair_close(void **state)
{
	(void)state;
	(void)close(ends[0]);
	(void)close(ends[1]);
	return 0;
}

static const char *const parts[] = { "/w/a\n\x1b[2J\"b.pt", "pickle.x",
	"calls os.system", "data.pkl", "pickle" };

/* A record as it arrives. */
static void
receive(struct msg_in *in, uint32_t flags, int error)
{
	struct msg head = { .type = MSG_RECORD,
		.seq = 3,
		.error = error,
		.verdict = VERDICT_MALICIOUS,
		.flags = flags };

	assert_int_equal(
	    channel_send_parts(ends[0], &head, parts, 5, -1), ERR_OK);
	assert_int_equal(channel_recv(ends[1], in), ERR_OK);
}

static void
test_parts_arrive(void **state)
{
	static struct msg_in in;

	(void)state;
	receive(&in, MSG_WHO, EPERM);
	assert_int_equal(in.head.seq, 3);
	assert_int_equal(in.fd, -1);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(msg_part(&in, i), parts[i]);
	assert_string_equal(msg_part(&in, 5), "");
	assert_string_equal(msg_part(&in, 6), "");
}

static void
test_a_descriptor_arrives_closed_on_exec(void **state)
{
	struct msg head = { .type = MSG_TABLE };
	static struct msg_in in;

	(void)state;
	assert_int_equal(
	    channel_send(ends[0], &head, NULL, 0, STDIN_FILENO), ERR_OK);
	assert_int_equal(channel_recv(ends[1], &in), ERR_OK);
	assert_true(in.fd > STDERR_FILENO);
	assert_int_equal(fcntl(in.fd, F_GETFD), FD_CLOEXEC);
	(void)close(in.fd);
}

static void
test_nothing_there_is_no_error(void **state)
{
	static struct msg_in in;

	(void)state;
	assert_int_equal(channel_recv(ends[1], &in), ERR_LIMIT);
}

static void
test_the_end_is_told(void **state)
{
	struct msg head = { .type = MSG_STOP };
	static struct msg_in in;
	int two[2];

	(void)state;
	assert_int_equal(channel_pair(two), ERR_OK);
	(void)close(two[0]);
	assert_int_equal(channel_recv(two[1], &in), ERR_SYS);
	assert_int_equal(channel_send(two[1], &head, NULL, 0, -1), ERR_SYS);
	assert_int_equal(channel_send(-1, &head, NULL, 0, -1), ERR_SYS);
	(void)close(two[1]);
}

static void
test_what_is_no_message_is_refused(void **state)
{
	struct msg head = { .type = MSG_COUNT };
	static struct msg_in in;

	(void)state;
	assert_int_equal(channel_send(ends[0], &head, NULL, 0, -1), ERR_OK);
	assert_int_equal(channel_recv(ends[1], &in), ERR_PROTO);
	assert_int_equal(send(ends[0], "short", 5, 0), 5);
	assert_int_equal(channel_recv(ends[1], &in), ERR_PROTO);
	head.type = MSG_STOP;
	head.text = 7; /* more than there is */
	assert_int_equal(send(ends[0], &head, sizeof(head), 0), sizeof(head));
	assert_int_equal(channel_recv(ends[1], &in), ERR_PROTO);
}

static void
test_a_full_channel_does_not_block(void **state)
{
	struct msg head = { .type = MSG_NOTICE };
	static char text[CHANNEL_TEXT_MAX];
	static struct msg_in in;
	enum err e = ERR_OK;
	int n = 0;

	(void)state;
	while (e == ERR_OK && n < 100000) {
		e = channel_send(ends[0], &head, text, sizeof(text), -1);
		n++;
	}
	assert_int_equal(e, ERR_LIMIT);
	while (channel_recv(ends[1], &in) == ERR_OK)
		n--;
	assert_int_equal(n, 1);
}

static const struct {
	uint32_t flags;
	int error;
	const char *want;
} lines[] = {
	{ MSG_WHO, EPERM,
	    "denied /w/a\\x0a\\x1b[2J\"b.pt: malicious: calls os.system "
	    "[pickle.x] in data.pkl; opened by /bin/\\x07cat (pid 9, user "
	    "me)\n" },
	{ MSG_WHO | MSG_OBSERVE, EPERM,
	    "observed /w/a\\x0a\\x1b[2J\"b.pt: malicious: calls os.system "
	    "[pickle.x] in data.pkl; opened by /bin/\\x07cat (pid 9, user "
	    "me)\n" },
};

static const struct who somebody = { .pid = 9,
	.known = true,
	.comm = "cat",
	.exe = "/bin/\acat",
	.user = "me" };

static void
test_a_line_stays_a_line(void **state)
{
	static struct msg_in in;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct buf b = buf_new(RECORD_MAX);

		receive(&in, lines[i].flags, lines[i].error);
		assert_int_equal(record_line(&b, &in, &somebody), ERR_OK);
		assert_string_equal(buf_text(&b), lines[i].want);
		buf_free(&b);
	}
}

static void
test_an_opener_that_is_gone_is_a_number(void **state)
{
	struct who gone = { .pid = 9 };
	struct buf b = buf_new(RECORD_MAX);
	static struct msg_in in;

	(void)state;
	receive(&in, MSG_WHO, EPERM);
	assert_int_equal(record_line(&b, &in, &gone), ERR_OK);
	assert_non_null(strstr(buf_text(&b), "; opened by pid 9\n"));
	buf_free(&b);
}

static void
test_an_object_holds_all(void **state)
{
	static const char *const wanted[] = { "\"event\":\"denied\"",
		"\"errno\":\"EPERM\"",
		"\"path\":\"/w/a\\u000a\\u001b[2J\\\"b.pt\"",
		"\"verdict\":\"malicious\"", "\"rule\":\"pickle.x\"",
		"\"pid\":9", "\"user\":\"me\"", "\"exe\":\"/bin/\\u0007cat\"" };
	struct buf b = buf_new(RECORD_MAX);
	struct history_event e;
	static struct msg_in in;

	(void)state;
	receive(&in, MSG_WHO, EPERM);
	record_event(&in, &somebody, &e);
	assert_int_equal(history_event_json(&e, &b), ERR_OK);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		print_message("%s\n", wanted[i]);
		assert_non_null(strstr(buf_text(&b), wanted[i]));
	}
	assert_null(strchr(buf_text(&b), '\n'));
	buf_free(&b);
}

static void
test_other_descriptors_are_closed(void **state)
{
	struct fds keep = { .count = 0 };
	int a[2], status = -1;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(a, O_CLOEXEC), 0);
	if ((pid = fork()) == 0) {
		fds_keep(&keep, a[1]);
		fds_keep(&keep, -1);
		fds_close_others(&keep);
		_exit(fcntl(a[0], F_GETFD) == -1 &&
			    fcntl(a[1], F_GETFD) != -1 &&
			    fcntl(STDERR_FILENO, F_GETFD) != -1
			? 0
			: 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	(void)close(a[0]);
	(void)close(a[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts_arrive),
		cmocka_unit_test(test_a_descriptor_arrives_closed_on_exec),
		cmocka_unit_test(test_nothing_there_is_no_error),
		cmocka_unit_test(test_the_end_is_told),
		cmocka_unit_test(test_what_is_no_message_is_refused),
		cmocka_unit_test(test_a_full_channel_does_not_block),
		cmocka_unit_test(test_a_line_stays_a_line),
		cmocka_unit_test(test_an_opener_that_is_gone_is_a_number),
		cmocka_unit_test(test_an_object_holds_all),
		cmocka_unit_test(test_other_descriptors_are_closed),
	};

	return cmocka_run_group_tests_name(
	    "guardd/record", tests, pair_open, pair_close);
}
