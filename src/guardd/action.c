/* SPDX-License-Identifier: Apache-2.0 */
/* action: the table. */
#include "guardd/action.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

struct row {
	int in_place; /* errno when a loader reads the file as it is */
	int archive;  /* errno when it must be unpacked first */
	bool record;
};

/* Half of all honest pickles name a project's own classes: unknown is for the
 * log.  An encrypted zip of holiday pictures opens; its files are judged when
 * they are opened themselves. */
static const struct row rows[PROFILE_COUNT][VERDICT_COUNT] = {
	[PROFILE_BALANCED] = {
		[VERDICT_CLEAN] = { 0, 0, false },
		[VERDICT_UNKNOWN] = { 0, 0, true },
		[VERDICT_UNVERIFIED] = { EIO, 0, true },
		[VERDICT_SUSPICIOUS] = { EPERM, EPERM, true },
		[VERDICT_MALICIOUS] = { EPERM, EPERM, true },
	},
	[PROFILE_STRICT] = {
		[VERDICT_CLEAN] = { 0, 0, false },
		[VERDICT_UNKNOWN] = { EPERM, EPERM, true },
		[VERDICT_UNVERIFIED] = { EIO, EIO, true },
		[VERDICT_SUSPICIOUS] = { EPERM, EPERM, true },
		[VERDICT_MALICIOUS] = { EPERM, EPERM, true },
	},
};

static const char *const names[PROFILE_COUNT] = { "balanced", "strict" };

/* What somebody decided instead of the profile. */
static void
act_apply(enum act act, enum verdict verdict, struct action *a)
{
	switch (act) {
	case ACT_ALLOW:
	case ACT_NOTIFY:
		a->error = 0;
		break;
	case ACT_DENY:
		a->error = verdict == VERDICT_UNVERIFIED ? EIO : EPERM;
		break;
	case ACT_QUARANTINE:
		a->error = verdict == VERDICT_UNVERIFIED ? EIO : EPERM;
		a->quarantine = true;
		break;
	case ACT_PROFILE:
	case ACT_COUNT:
		break;
	}
}

struct action
action_of(const struct policy *p, const struct judgement *j)
{
	const struct row *row;
	struct action a = { 0 };

	/* Nobody looked to the end, so nobody knows that it's an archive. */
	if (j->failed)
		return (struct action){ .error = EIO, .record = true };
	row = &rows[p->profile][j->verdict];
	a.error = j->in_place ? row->in_place : row->archive;
	a.record = row->record;
	if (j->verdict != VERDICT_CLEAN)
		act_apply(p->acts[j->verdict], j->verdict, &a);
	/* Whatever is done with files like it. */
	if (j->denied)
		a.error = EPERM;
	/*
	 * A download under way is not held against its writer for being
	 * incomplete.  Whoever keeps a writer open to profit from this could
	 * as well write after the answer.
	 */
	if (j->growing && j->verdict == VERDICT_UNVERIFIED)
		a.error = 0;
	/* Its writer is not done: it is moved when he is. */
	if (j->growing)
		a.quarantine = false;
	return a;
}

/* EPERM is for evidence, EIO for the lack of it. */
static int
strictness(int error)
{
	return error == EPERM ? 2 : error != 0;
}

struct action
action_by(const struct settings *s, unsigned policy, const struct judgement *j)
{
	struct action worst = action_of(&s->policies[0], j);

	if (policy < s->policy_count)
		return action_of(&s->policies[policy], j);
	for (unsigned i = 1; i < s->policy_count; i++) {
		struct action a = action_of(&s->policies[i], j);

		if (strictness(a.error) > strictness(worst.error))
			worst.error = a.error;
		worst.record = worst.record || a.record;
		worst.quarantine = worst.quarantine && a.quarantine;
	}
	return worst;
}

bool
profile_parse(const char *name, enum profile *out)
{
	for (size_t i = 0; i < PROFILE_COUNT; i++)
		if (strcmp(names[i], name) == 0) {
			*out = (enum profile)i;
			return true;
		}
	return false;
}

const char *
profile_name(enum profile p)
{
	return names[p];
}
