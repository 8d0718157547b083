/* SPDX-License-Identifier: Apache-2.0 */
/* keeper_state: what the files of the keeper share; nobody else includes
 * this. */
#ifndef GUARDD_KEEPER_STATE_H
#define GUARDD_KEEPER_STATE_H

#include <stdint.h>

#include "guardd/channel.h"
#include "guardd/fds.h"
#include "guardd/gate.h"
#include "guardd/keeper.h"

enum role {
	ROLE_GATE,
	ROLE_RECORDER,
	ROLE_SCOUT,
	ROLE_VAULT,
	/* Those who know nothing: a new gate gets new ones. */
	ROLE_HASHER,
	ROLE_TEMPLATE,
	ROLE_COUNT
};

enum {
	GRAVES_MAX = 8, /* dead children that the gate still takes for family */
	KEEPER_WHY_MAX = 1024,
	KEEPER_LOADED_MAX = 256
};

struct child {
	pid_t pid; /* 0: none */
	int pidfd;
	int channel; /* to the keeper; -1: it has none (template) */
	int hold;    /* it does nothing until a byte comes; -1: it was let go */
	int peer;    /* what the gate shall get of it when it is let go */
	uint32_t seq;      /* the gate's confirmation that is awaited */
	unsigned falls;    /* deaths in a row */
	uint64_t started;  /* ns */
	uint64_t start_at; /* ns: when to start it (again); UINT64_MAX: not */
};

struct grave {
	pid_t pid; /* 0: free */
	uint32_t seq;
};

struct keeper {
	struct keeper_start start;
	struct child children[ROLE_COUNT];
	struct grave graves[GRAVES_MAX];
	struct options options;    /* as they are now */
	struct gate_start gate;    /* what the next gate inherits */
	uint64_t devs[GROUPS_MAX]; /* the filesystem of each group */
	uint32_t seq;              /* of the last message to the gate */
	uint32_t scout_seq;        /* scout's message under way; 0: none */
	uint32_t scout_gate_seq;   /* as the gate will confirm it */
	uint32_t vault_seq;        /* vaulter's message under way; 0: none */
	uint32_t vault_gate_seq;   /* as the gate will confirm it */
	int scout_drops;           /* the group that it lets go of; -1 */
	uint32_t ping;             /* the gate's sign of life, awaited; 0 */
	uint64_t ping_at;          /* when to ask for it, or despair */
	char guarding[CHANNEL_TEXT_MAX + 1]; /* what the scout said at ready */
	char loaded[KEEPER_LOADED_MAX];      /* which rules hold, as JSON; "" */
	int signals;
	struct store old; /* a predecessor's gate, as long as it is there */
	bool ready, stopping;
	bool reloading;  /* the scout was ended on purpose */
	bool reload_due; /* when there is a scout again */
	int status;      /* of the program */
	char why[KEEPER_WHY_MAX];
};

/* children.c */

/* Have the manager keep what leads to the gate. */
void gate_store(struct keeper *k);
/* Start what is due. */
void children_start(struct keeper *k);
/* A child is dead: note it, and when to start another. */
void child_died(struct keeper *k, enum role role);
/* Let a child go that waited for the gate to know it. */
void child_release(struct keeper *k, enum role role);
/* Reap a child that the gate has forgotten. */
void grave_close(struct keeper *k, struct grave *g);
/* The next moment at which a child is to be started; UINT64_MAX: none. */
uint64_t children_due(const struct keeper *k);
/* "gate", ... */
const char *role_name(enum role role);

/* births.c: be one of those; the channels to the keeper and to the gate. */
int be_vaulter(const struct keeper *k, int channel, int gate);
int be_hasher(const struct keeper *k, int gate);

/* keeper_talk.c */

/* Say something to the gate, to be confirmed; 0: there is no gate, and the
 * next one will know. */
uint32_t gate_tell(struct keeper *k, struct msg *head, int fd);
/* New settings for the gate and the recorder. */
void gate_set(struct keeper *k);
/* What the children say. */
void gate_talk(struct keeper *k);
void scout_talk(struct keeper *k);
void recorder_talk(struct keeper *k);
void vault_talk(struct keeper *k);
/* Let recorder and vaulter talk, when both are there. */
void vault_join(struct keeper *k);
/* Everything that a gate was to confirm counts as done: a new one was born
 * knowing it. */
void confirm_all(struct keeper *k);
/* Is the gate alive?  Ask now and then, and end one that doesn't say. */
void gate_ask_life(struct keeper *k);
/* Have the configuration read again. */
void reload_ask(struct keeper *k);
/* Have the gate let go of the files of one filesystem; 0: of all. */
void release_ask(struct keeper *k, uint64_t dev);
/* Tell the recorder what is guarded. */
void guarding_tell(struct keeper *k);
void loaded_tell(struct keeper *k);
/* A line for people, by way of the recorder. */
void keeper_notice(struct keeper *k, bool good, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* It can't start, or go on: one sentence, and the exit status. */
void keeper_fail(struct keeper *k, const char *text);

#endif /* GUARDD_KEEPER_STATE_H */
