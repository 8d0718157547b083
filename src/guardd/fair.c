/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fair: no user takes all the places of those who wait.
 *
 * Somebody who opens thousands of files that take long would have everybody
 * else denied for want of a place.  So one user gets half of them; root, whom
 * nothing here could stop, all.  Who it is says the opener's pidfd, which
 * can't be anybody else's by now (Linux 6.13; before that there is no cap).
 */
#include <sys/ioctl.h>

#include "guardd/gate_state.h"

/* linux/pidfd.h of 6.13, which no header of the time of writing has. */
struct pidfd_info_first {
	uint64_t mask, cgroup;
	uint32_t pid, tgid, ppid;
	uint32_t ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
	int32_t exit_code;
};

_Static_assert(sizeof(struct pidfd_info_first) == 64, "as the kernel has it");
_Static_assert(_IOWR(0xff, 11, struct pidfd_info_first) == FAIR_WHO,
    "the number that the gate may use");

/* Users share a counter where their numbers collide: that caps both at once,
 * and is rare enough. */
static uint32_t
slot(uint32_t uid)
{
	return (uid * UINT32_C(0x9e3779b1)) >> (32 - FAIR_BITS);
}

bool
fair_enter(struct gate *g, struct event *e)
{
	struct pidfd_info_first who = { 0 };
	uint32_t at;

	if (e->pidfd < 0 || ioctl(e->pidfd, FAIR_WHO, &who) == -1 ||
	    who.ruid == 0)
		return true;
	at = slot(who.ruid);
	if (g->users[at] >= g->events.room / 2)
		return false;
	g->users[at]++;
	e->user = at + 1;
	return true;
}

void
fair_leave(struct gate *g, struct event *e)
{
	if (e->user != 0)
		g->users[e->user - 1]--;
	e->user = 0;
}
