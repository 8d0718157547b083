/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdpass.h"
#include "base/own.h"

enum { MANY = 4, TOO_MANY = 20 };

static void
pair(int ends[2])
{
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
}

/* How many descriptors this process has open. */
static int
open_count(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) != -1;
	return count;
}

/* Send count copies of fd in one message, as only a hostile peer would. */
static void
send_many(int sock, int fd, size_t count)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int) * TOO_MANY)];
	} control = { 0 };
	char byte = 'x';
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = CMSG_SPACE(sizeof(int) * count) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&msg);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int) * count);
	for (size_t i = 0; i < count; i++)
		memcpy(CMSG_DATA(head) + i * sizeof(int), &fd, sizeof(int));
	assert_int_equal(sendmsg(sock, &msg, 0), 1);
}

static void
a_descriptor_arrives_with_its_bytes_and_closes_on_exec(void **state)
{
	int ends[2], pipes[2], got;
	char text[8] = "";

	(void)state;
	pair(ends);
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	assert_int_equal(fdpass_send(ends[0], "abc", 3, pipes[1], 0), 3);
	assert_int_equal(fdpass_recv(ends[1], text, sizeof(text), &got, 0), 3);
	assert_string_equal(text, "abc");
	assert_int_not_equal(got, -1);
	assert_int_equal(fcntl(got, F_GETFD), FD_CLOEXEC);
	assert_int_equal(write(got, "z", 1), 1);
	assert_int_equal(read(pipes[0], text, 1), 1);
	assert_int_equal(text[0], 'z');
	close(got);
	close(pipes[0]);
	close(pipes[1]);
	close(ends[0]);
	close(ends[1]);
}

static void
bytes_without_a_descriptor_give_none(void **state)
{
	int ends[2], got = 77;
	char text[8] = "";

	(void)state;
	pair(ends);
	assert_int_equal(fdpass_send(ends[0], "a", 1, -1, 0), 1);
	assert_int_equal(fdpass_recv(ends[1], text, sizeof(text), &got, 0), 1);
	assert_int_equal(got, -1);
	close(ends[0]);
	got = 77;
	assert_int_equal(fdpass_recv(ends[1], text, sizeof(text), &got, 0), 0);
	assert_int_equal(got, -1);
	close(ends[1]);
}

static void
more_descriptors_than_one_are_refused_and_closed(void **state)
{
	static const size_t counts[] = { 2, MANY, TOO_MANY };
	int ends[2], got, before;
	char text[8];

	(void)state;
	pair(ends);
	for (size_t i = 0; i < COUNT(counts); i++) {
		send_many(ends[0], ends[0], counts[i]);
		before = open_count();
		errno = 0;
		assert_int_equal(
		    fdpass_recv(ends[1], text, sizeof(text), &got, 0), -1);
		assert_int_equal(errno, EPROTO);
		assert_int_equal(got, -1);
		assert_int_equal(open_count(), before);
	}
	close(ends[0]);
	close(ends[1]);
}

static void
a_peer_that_is_gone_is_an_error_and_no_signal(void **state)
{
	int ends[2];

	(void)state;
	pair(ends);
	close(ends[1]);
	assert_int_equal(fdpass_send(ends[0], "a", 1, -1, 0), -1);
	assert_int_equal(errno, EPIPE);
	close(ends[0]);
}

static void
nothing_to_read_is_told_at_once_when_asked_not_to_wait(void **state)
{
	int ends[2], got = 77;
	char byte;

	(void)state;
	pair(ends);
	assert_int_equal(
	    fdpass_recv(ends[1], &byte, 1, &got, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(got, -1);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_descriptor_arrives_with_its_bytes_and_closes_on_exec),
		cmocka_unit_test(bytes_without_a_descriptor_give_none),
		cmocka_unit_test(
		    more_descriptors_than_one_are_refused_and_closed),
		cmocka_unit_test(a_peer_that_is_gone_is_an_error_and_no_signal),
		cmocka_unit_test(
		    nothing_to_read_is_told_at_once_when_asked_not_to_wait),
	};

	return cmocka_run_group_tests_name("base/fdpass", tests, NULL, NULL);
}
