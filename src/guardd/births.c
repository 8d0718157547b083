/* SPDX-License-Identifier: Apache-2.0 */
/* births: what vaulter and hasher inherit. */
#include "guardd/confine.h"
#include "guardd/hasher.h"
#include "guardd/keeper_state.h"
#include "guardd/vaulter.h"

int
be_vaulter(const struct keeper *k, int channel, int gate)
{
	struct vaulter_start start = {
		.keeper = channel,
		.gate = gate,
		.dir = k->start.journal.dir,
		.lasting = !k->start.brief,
		.lists = k->start.lists,
		.set = k->gate.set,
	};

	return vaulter_run(&start);
}

int
be_hasher(const struct keeper *k, int gate)
{
	struct hasher_start start = {
		.gate = gate,
		.uid = k->start.template.uid,
		.gid = k->start.template.gid,
	};

	confine_oom(CONFINE_OOM_EARLY);
	return hasher_run(&start);
}
