/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket: who may ask what, and that nobody is hurt. */
#include <grp.h>

#include "unit/control_world.h"

static void
test_each_question_gets_one_answer(void **state)
{
	static const char *const rows_of[][2] = {
		{ "{\"v\":1,\"command\":\"echo\",\"text\":\"x\"}\n",
		    "{\"v\":1,\"item\":1}\n{\"v\":1,\"ok\":true}\n" },
		{ " { \"command\" : \"echo\" , \"v\" : 1 } \r\n",
		    "\"error\":\"wrong\",\"message\":\"echo wants a text\"" },
		{ "hello\n", "\"error\":\"malformed\"" },
		{ "[]\n", "\"error\":\"malformed\"" },
		{ "\n", "\"error\":\"malformed\"" },
		{ "{\"v\":2,\"command\":\"echo\"}\n", "\"malformed\"" },
		{ "{\"command\":\"echo\"}\n", "\"malformed\"" },
		{ "{\"v\":1}\n", "\"malformed\"" },
		{ "{\"v\":1,\"command\":\"rm\"}\n", "\"error\":\"unknown\"" },
		{ "{\"v\":1,\"command\":\"slow\"}\n",
		    "{\"v\":1,\"ok\":true,\"slow\":true}\n" },
		{ "{\"v\":1,\"command\":\"silent\"}\n", "\"item\":1" },
	};
	int fd;

	(void)state;
	NEED_ROOT();
	fd = join(0);
	for (size_t i = 0; i < COUNT(rows_of); i++) {
		ask(fd, rows_of[i][0], rows_of[i][1]);
		now += CLOCK_NS_PER_S;
	}
	(void)close(fd);
}

static void
test_the_kernel_says_who_asks(void **state)
{
	int fd;

	(void)state;
	NEED_ROOT();
	fd = join(4321);
	ask(fd, "{\"v\":1,\"command\":\"admin\"}\n", "\"forbidden\"");
	(void)close(fd);
	turns(2);
	assert_int_equal(setgroups(1, (gid_t[]){ 77 }), 0);
	control.admins = 77;
	fd = join(4321);
	ask(fd, "{\"v\":1,\"command\":\"admin\"}\n", "\"ok\":true");
	(void)close(fd);
	turns(2);
	control.admins = 78;
	fd = join(4321);
	ask(fd, "{\"v\":1,\"command\":\"admin\"}\n", "\"forbidden\"");
	(void)close(fd);
	control.admins = (gid_t)-1;
	fd = join(0);
	ask(fd, "{\"v\":1,\"command\":\"admin\"}\n", "\"ok\":true");
	(void)close(fd);
}

static void
test_one_user_cannot_take_all_places(void **state)
{
	int fds[CONTROL_USER + 1], other;

	(void)state;
	NEED_ROOT();
	for (size_t i = 0; i < COUNT(fds); i++)
		fds[i] = join(4321);
	assert_non_null(strstr(hear(fds[CONTROL_USER]), "\"busy\""));
	other = join(4322);
	ask(other, "{\"v\":1,\"command\":\"echo\",\"text\":\"\"}\n", "true");
	(void)close(fds[0]);
	turns(2);
	(void)close(fds[CONTROL_USER]);
	fds[0] = join(4321);
	ask(fds[0], "{\"v\":1,\"command\":\"echo\",\"text\":\"\"}\n", "true");
	for (size_t i = 0; i < CONTROL_USER; i++)
		(void)close(fds[i]);
	(void)close(other);
}

static void
test_some_places_are_kept_for_administrators(void **state)
{
	int fds[CONTROL_CLIENTS], admin;
	size_t n = CONTROL_CLIENTS - CONTROL_KEPT;

	(void)state;
	NEED_ROOT();
	for (size_t i = 0; i < n; i++)
		fds[i] = join(5000 + (uid_t)i);
	fds[n] = join(9000);
	assert_non_null(strstr(hear(fds[n]), "\"busy\""));
	admin = join(0);
	ask(admin, "{\"v\":1,\"command\":\"admin\"}\n", "\"ok\":true");
	for (size_t i = 0; i <= n; i++)
		(void)close(fds[i]);
	(void)close(admin);
}

static void
test_who_floods_waits_and_is_answered(void **state)
{
	size_t answers = 0;
	int fd;

	(void)state;
	NEED_ROOT();
	fd = join(4321);
	for (size_t i = 0; i < 4 * CONTROL_BURST; i++)
		say(fd, "{\"v\":1,\"command\":\"follow me\"}\n");
	turns(200);
	for (const char *at = hear(fd); (at = strchr(at, '\n')) != NULL; at++)
		answers++;
	assert_in_range(answers, CONTROL_BURST, CONTROL_BURST + 2);
	assert_in_range(control_due(&control), now, now + CLOCK_NS_PER_S);
	now += CLOCK_NS_PER_S;
	turns(200);
	answers = 0;
	for (const char *at = hear(fd); (at = strchr(at, '\n')) != NULL; at++)
		answers++;
	assert_in_range(answers, CONTROL_BURST - 1, CONTROL_BURST + 2);
	(void)close(fd);
}

static void
test_a_line_without_an_end_is_hung_up_on(void **state)
{
	char part[4096];
	int fd;

	(void)state;
	NEED_ROOT();
	fd = join(4321);
	memset(part, 'x', sizeof(part));
	for (int i = 0; i < 16; i++) {
		(void)send(fd, part, sizeof(part), MSG_NOSIGNAL | MSG_DONTWAIT);
		turns(1);
	}
	assert_true(hung_up(fd));
	(void)close(fd);
}

static void
test_who_says_nothing_or_half_is_hung_up_on(void **state)
{
	int idle, half;

	(void)state;
	NEED_ROOT();
	idle = join(4321);
	half = join(4321);
	say(half, "{\"v\":1,");
	turns(2);
	now += 11 * CLOCK_NS_PER_S;
	assert_true(control_due(&control) <= now);
	assert_true(hung_up(half));
	assert_false(hung_up(idle));
	now += 60 * CLOCK_NS_PER_S;
	assert_true(hung_up(idle));
	assert_true(control_due(&control) == UINT64_MAX);
	(void)close(idle);
	(void)close(half);
}

static void
test_who_does_not_read_is_hung_up_on(void **state)
{
	int fd;

	(void)state;
	NEED_ROOT();
	fd = join(4321);
	say(fd, "{\"v\":1,\"command\":\"endless\"}\n");
	for (int i = 0; i < 100 && control.clients[0].out.size == 0; i++) {
		(void)usleep(1000);
		turns(1);
	}
	assert_in_range(control.clients[0].out.size, ASK_ANSWER_MAX / 2,
	    2 * ASK_ANSWER_MAX);
	now += 11 * CLOCK_NS_PER_S;
	turns(2);
	assert_int_equal(control.clients[0].fd, -1);
	(void)close(fd);
}

static void
test_who_ends_his_side_still_gets_his_answer(void **state)
{
	int fd;

	(void)state;
	NEED_ROOT();
	fd = join(4321);
	say(fd, "{\"v\":1,\"command\":\"slow\"}\n");
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	assert_non_null(strstr(hear(fd), "\"slow\":true"));
	assert_true(hung_up(fd));
	(void)close(fd);
}

static void
test_followers_get_their_own_events(void **state)
{
	int a, b, root;

	(void)state;
	NEED_ROOT();
	a = join(4321);
	b = join(4322);
	root = join(0);
	ask(a, "{\"v\":1,\"command\":\"follow\"}\n", "true");
	ask(b, "{\"v\":1,\"command\":\"follow\"}\n", "true");
	ask(root, "{\"v\":1,\"command\":\"follow\"}\n", "true");
	control_publish(&control, 4321, "{\"n\":1}");
	assert_string_equal(hear(a), "{\"v\":1,\"event\":{\"n\":1}}\n");
	assert_string_equal(hear(root), "{\"v\":1,\"event\":{\"n\":1}}\n");
	control_publish(&control, 4322, "{\"n\":2}");
	assert_string_equal(hear(b), "{\"v\":1,\"event\":{\"n\":2}}\n");
	assert_string_equal(hear(root), "{\"v\":1,\"event\":{\"n\":2}}\n");
	(void)close(a);
	(void)close(b);
	(void)close(root);
}

static void
test_a_slow_follower_is_told_what_it_missed(void **state)
{
	static char big[1024], got[4 * CONTROL_LAG];
	ssize_t n;
	int fd;

	(void)state;
	NEED_ROOT();
	memset(big, '1', sizeof(big) - 1);
	fd = join(4321);
	ask(fd, "{\"v\":1,\"command\":\"follow\"}\n", "true");
	for (int i = 0; i < 2000; i++)
		control_publish(&control, 4321, big);
	assert_true(control.clients[0].missed > 100);
	for (int i = 0; i < 1000; i++) {
		turns(1);
		(void)!recv(fd, got, sizeof(got), MSG_DONTWAIT);
	}
	control_publish(&control, 4321, "2");
	turns(1);
	n = recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT);
	assert_true(n > 0);
	got[n] = '\0';
	assert_non_null(strstr(got, "{\"v\":1,\"missed\":"));
	assert_non_null(strstr(got, "{\"v\":1,\"event\":2}\n"));
	(void)close(fd);
}

static void
finish_wait(struct ask *ask, const void *with)
{
	ask_ok(ask, with);
}

static void
test_an_answer_may_come_later_or_for_nobody(void **state)
{
	int a, b;

	(void)state;
	NEED_ROOT();
	a = join(4321);
	b = join(4321);
	say(a, "{\"v\":1,\"command\":\"wait\"}\n");
	say(b, "{\"v\":1,\"command\":\"wait\"}\n");
	turns(2);
	(void)close(b);
	turns(2);
	control_answer(&control, answer_wait, finish_wait, "\"late\":1");
	assert_string_equal(hear(a), "{\"v\":1,\"ok\":true,\"late\":1}\n");
	say(a, "{\"v\":1,\"command\":\"endless\"}\n");
	turns(2);
	(void)close(a);
	turns(2);
	assert_int_equal(control.clients[0].fd, -1);
}

static void
test_a_socket_is_made_where_nobody_else_could(void **state)
{
	char other[128];
	int fd = -1;
	struct stat st;

	(void)state;
	NEED_ROOT();
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0666);
	assert_int_equal(control_listen(path, &fd), ERR_SYS);
	assert_int_equal(errno, EADDRINUSE);
	(void)snprintf(other, sizeof(other), "%s/d", dir);
	assert_int_equal(mkdir(other, 0777), 0);
	assert_int_equal(chmod(other, 0777), 0);
	(void)snprintf(other, sizeof(other), "%s/d/s", dir);
	assert_int_equal(control_listen(other, &fd), ERR_SYS);
	assert_int_equal(errno, EPERM);
	(void)snprintf(other, sizeof(other), "%s/d", dir);
	(void)rmdir(other);
}

int
main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		ROW(test_each_question_gets_one_answer),
		ROW(test_the_kernel_says_who_asks),
		ROW(test_one_user_cannot_take_all_places),
		ROW(test_some_places_are_kept_for_administrators),
		ROW(test_who_floods_waits_and_is_answered),
		ROW(test_a_line_without_an_end_is_hung_up_on),
		ROW(test_who_says_nothing_or_half_is_hung_up_on),
		ROW(test_who_does_not_read_is_hung_up_on),
		ROW(test_who_ends_his_side_still_gets_his_answer),
		ROW(test_followers_get_their_own_events),
		ROW(test_a_slow_follower_is_told_what_it_missed),
		ROW(test_an_answer_may_come_later_or_for_nobody),
		ROW(test_a_socket_is_made_where_nobody_else_could),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
