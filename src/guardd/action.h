/* SPDX-License-Identifier: Apache-2.0 */
/*
 * action: which verdict leads to which answer.
 *
 * A table, pure: it knows no files and no processes.  An error is a judgement
 * like any other (failed), and there is no row that makes one clean.
 */
#ifndef GUARDD_ACTION_H
#define GUARDD_ACTION_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "guardd/keeping.h"
#include "model/verdict.h"

enum profile { PROFILE_BALANCED, PROFILE_STRICT, PROFILE_COUNT };

/* What is done with a verdict, whatever the profile says. */
enum act {
	ACT_PROFILE,
	ACT_ALLOW,
	ACT_NOTIFY,
	ACT_DENY,
	ACT_QUARANTINE, /* deny, and move it into the vault */
	ACT_COUNT
};

struct policy {
	enum profile profile;
	enum act acts[VERDICT_COUNT]; /* that of clean is not looked at */
};

/* What is known about a file when its openers are answered. */
struct judgement {
	enum verdict verdict;
	bool in_place; /* some loader reads this very file as it is */
	bool growing;  /* a writer had it open while it was read */
	bool failed;   /* no verdict: the worker died, lied or was too late */
	bool denied;   /* somebody denied its content */
};

struct action {
	int error;       /* what the opener gets: 0, EPERM or EIO */
	bool record;     /* worth a line in the log though it was allowed */
	bool quarantine; /* and it goes into the vault */
};

enum {
	POLICIES_MAX = CONF_WATCHES_MAX + 1, /* the first: where no watch has
					      * one of its own */
	POLICY_ALL = 255 /* it can't be told which: the strictest counts */
};

/* What may change while the gate runs. */
struct settings {
	struct policy policies[POLICIES_MAX];
	unsigned policy_count;
	bool observe, crash_open, users_restore;
	unsigned deadline, stall;           /* seconds */
	unsigned keep_days, keep_gigabytes; /* in the vault; 0: no bound */
	struct keeping keep;
};

struct action action_of(const struct policy *p, const struct judgement *j);

/* The same by the number of a policy; POLICY_ALL, or a number that there isn't:
 * the strictest action of all. */
struct action action_by(
    const struct settings *s, unsigned policy, const struct judgement *j);

/* The profile of that name; false when there is none. */
bool profile_parse(const char *name, enum profile *out);

/* "balanced", "strict". Static storage. */
const char *profile_name(enum profile p);

#endif /* GUARDD_ACTION_H */
