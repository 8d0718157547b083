/* SPDX-License-Identifier: Apache-2.0 */
/* caps: become somebody who may nothing, or keep the few that are needed. */
#include <cap-ng.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "sandbox/internal.h"

enum { CAPABILITY_BITS = 64 };

static enum err
no_new_privileges(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ? ERR_SYS : ERR_OK;
}

/* Whether the bounding set can be cut: it takes a capability to give them
 * up, and without any there is nothing to bound. */
static capng_select_t
reach(void)
{
	return capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) != 0
	    ? CAPNG_SELECT_BOTH
	    : CAPNG_SELECT_CAPS;
}

enum err
sandbox_drop_to(uid_t uid, gid_t gid)
{
	capng_select_t set;

	if (capng_get_caps_process() != 0)
		return ERR_SYS;
	set = reach();
	capng_clear(CAPNG_SELECT_BOTH);
	if (uid != (uid_t)-1 &&
	    capng_change_id((int)uid, (int)gid,
		CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING |
		    CAPNG_CLEAR_AMBIENT) != 0)
		return ERR_SYS;
	if (uid == (uid_t)-1 && capng_apply(set) != 0)
		return ERR_SYS;
	/* Believe the kernel, not the library: nothing may be left. */
	if (capng_get_caps_process() != 0 ||
	    capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE)
		return ERR_SYS;
	if (uid != (uid_t)-1 && (geteuid() != uid || getegid() != gid))
		return ERR_SYS;
	return no_new_privileges();
}

enum err
sandbox_keep_caps(uint64_t caps)
{
	capng_select_t set;

	if (capng_get_caps_process() != 0)
		return ERR_SYS;
	set = reach();
	capng_clear(CAPNG_SELECT_BOTH);
	for (unsigned i = 0; i < CAPABILITY_BITS; i++)
		if ((caps >> i & 1) != 0 &&
		    capng_update(CAPNG_ADD,
			CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET,
			i) != 0)
			return ERR_SYS;
	if (capng_apply(set) != 0 || capng_get_caps_process() != 0)
		return ERR_SYS;
	for (unsigned i = 0; i <= CAP_LAST_CAP; i++)
		if (capng_have_capability(CAPNG_PERMITTED, i) !=
		    (int)(caps >> i & 1))
			return ERR_SYS;
	return no_new_privileges();
}
