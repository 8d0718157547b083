/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reload: a new configuration takes the place of the old one, whole or not at
 * all.
 *
 * The scout reads it, because files and directories may keep their reader
 * waiting; the keeper takes what the scout found, tells the gate and starts
 * another scout, which finds the roots anew.  Whatever is wrong in it is told,
 * and nothing changes.
 */
#ifndef GUARDD_RELOAD_H
#define GUARDD_RELOAD_H

#include "guardd/channel.h"
#include "guardd/options.h"

/* What was read, as it crosses to the keeper: this, then the directories, each
 * with its NUL. */
struct reload {
	struct settings set;
	uint8_t watch_policy[OPTIONS_WATCH_MAX];
	unsigned settle;
	unsigned scan_new; /* yes: 1 */
};

/* Read the configuration of old and say MSG_CONFIG to the keeper, or what is
 * wrong to the recorder by way of it. */
void reload_read(const struct options *old, int keeper);

/* Take what reload_read() sent into the options: o->watch is the directories
 * then, of static storage.  False: it is none. */
bool reload_take(struct options *o, const struct msg_in *in);

#endif /* GUARDD_RELOAD_H */
