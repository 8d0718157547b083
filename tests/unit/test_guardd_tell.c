/* SPDX-License-Identifier: Apache-2.0 */
/* What is told to the journal, to terminals, and of whom. */
#include "unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "guardd/tell.h"

/* Take a datagram apart as the journal does: the value of a field. */
static bool
field(const struct buf *d, const char *name, char *out, size_t room)
{
	const uint8_t *at = d->data, *end = d->data + d->size;

	while (at < end) {
		const uint8_t *eol = memchr(at, '\n', (size_t)(end - at));
		const uint8_t *eq = memchr(at, '=', (size_t)(eol - at));
		const uint8_t *value = eq == NULL ? eol + 9 : eq + 1;
		const uint8_t *name_end = eq == NULL ? eol : eq;
		uint64_t n = eq == NULL ? 0 : (uint64_t)(eol - value);

		for (int i = 0; eq == NULL && i < 8; i++)
			n |= (uint64_t)eol[1 + i] << (8 * i);
		assert_true(n < (uint64_t)(end - value));
		assert_int_equal(value[n], '\n');
		if ((size_t)(name_end - at) == strlen(name) &&
		    memcmp(at, name, strlen(name)) == 0) {
			assert_true(n < room);
			memcpy(out, value, n);
			out[n] = '\0';
			return true;
		}
		at = value + n + 1;
	}
	return false;
}

static void
test_no_value_ends_its_field(void **state)
{
	static const struct {
		const char *name, *want; /* NULL: not there */
	} rows[] = {
		{ "MESSAGE", "denied a\nPRIORITY=0" },
		{ "PRIORITY", "4" },
		{ "SYSLOG_IDENTIFIER", "ckptguardd" },
		{ "CKPTGUARD_EVENT", "denied" },
		{ "CKPTGUARD_PATH", "/a\nCKPTGUARD_UID=0\n\xff" },
		{ "CKPTGUARD_VERDICT", "malicious" },
		{ "CKPTGUARD_UID", "1000" },
		{ "CKPTGUARD_PID", "12" },
		{ "CKPTGUARD_RULE", NULL },
		{ "CKPTGUARD_SIZE", "7" },
		{ "ERRNO", "1" },
	};
	struct buf out = buf_new(65536);
	struct history_event e;
	char got[256];

	(void)state;
	history_event_init(&e);
	e.kind = "denied";
	e.error = EPERM;
	e.verdict = VERDICT_MALICIOUS;
	e.path = "/a\nCKPTGUARD_UID=0\n\xff";
	e.uid = 1000;
	e.pid = 12;
	e.size = 7;
	assert_int_equal(
	    tell_fields(&out, TELL_WARNING, "denied a\nPRIORITY=0", &e),
	    ERR_OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool there = field(&out, rows[i].name, got, sizeof(got));

		assert_int_equal(there, rows[i].want != NULL);
		if (there)
			assert_string_equal(got, rows[i].want);
	}
	buf_free(&out);
}

static void
test_a_terminal_is_told_some_and_then_left_alone(void **state)
{
	static struct tell t;
	uint64_t now = 5 * CLOCK_NS_PER_S;

	(void)state;
	for (unsigned i = 1; i < TELL_BURST; i++)
		assert_int_equal(tell_may(&t, 7, now), 1);
	assert_int_equal(tell_may(&t, 7, now), 2);
	assert_int_equal(tell_may(&t, 7, now), 0);
	assert_int_equal(tell_may(&t, 8, now), 1);
	for (uint32_t tty = 100; tty < 100 + TELL_TERMINALS - 2; tty++)
		assert_int_equal(tell_may(&t, tty, now + 1), 1);
	assert_int_equal(tell_may(&t, 7, now + 2), 0);
	now += TELL_PAUSE_S * CLOCK_NS_PER_S;
	assert_int_equal(tell_may(&t, 7, now), 1);
}

static void
test_containers_are_known_by_their_groups(void **state)
{
	static const struct {
		const char *cgroup, *want;
	} rows[] = {
		{ "", "" },
		{ "0::/\n", "" },
		{ "0::/user.slice/user-1000.slice/session-2.scope\n", "" },
		{ "0::/system.slice/docker-0123456789abcdef0123456789abcdef"
		  "0123456789abcdef0123456789abcdef.scope\n",
		    "0123456789abcdef0123456789abcdef0123456789abcdef"
		    "0123456789abcdef" },
		{ "12:cpu:/docker/0123456789abcdef0123456789abcdef"
		  "0123456789abcdef0123456789abcdef\n",
		    "0123456789abcdef0123456789abcdef0123456789abcdef"
		    "0123456789abcdef" },
		{ "0::/machine.slice/libpod-abc.scope/container\n", "abc" },
		{ "0::/kubepods.slice/kubepods-pod1.slice/"
		  "cri-containerd-ffff.scope",
		    "ffff" },
		{ "0::/lxc.payload.web/init.scope\n", "web" },
		{ "0::/machine.slice/machine-deb.scope/payload\n", "deb" },
		{ "0::/docker-.scope\n", "" },
	};
	char out[WHO_CONTAINER_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		who_container(rows[i].cgroup, out);
		if (strcmp(out, rows[i].want) != 0)
			fail_msg("%s: %s", rows[i].cgroup, out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_value_ends_its_field),
		cmocka_unit_test(
		    test_a_terminal_is_told_some_and_then_left_alone),
		cmocka_unit_test(test_containers_are_known_by_their_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
