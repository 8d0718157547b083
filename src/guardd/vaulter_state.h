/* SPDX-License-Identifier: Apache-2.0 */
/* vaulter_state: what the files of the vaulter share; nobody else includes
 * this, save who passes questions on. */
#ifndef GUARDD_VAULTER_STATE_H
#define GUARDD_VAULTER_STATE_H

#include "guardd/ask.h"
#include "guardd/channel.h"
#include "guardd/decisions.h"
#include "guardd/vaulter.h"
#include "vault/vault.h"

enum {
	VAULTER_CHUNK = 32 * 1024 /* bytes of an answer in one packet */
};

/*
 * What the recorder's lane and the vaulter say to each other, as packets: this
 * and the question's line, then the lines of its answer in some packets with
 * this before each.
 */
struct vaulter_packet {
	uint32_t seq;  /* of the question */
	uint32_t more; /* of an answer: another packet follows */
	struct asker by;
};

struct vaulter {
	struct vaulter_start start;
	struct vault vault;
	struct decisions decisions;
	int asks;         /* where questions come from; -1: none yet */
	uint32_t seq;     /* of the last message to the keeper */
	uint64_t tidy_at; /* ns: when to look for what is too old */
	bool lists;       /* they are to be read again */
	bool unsummed;    /* something in the vault has no digest yet */
	bool stopping;
};

/* vaulter.c */

/* A line for people; hostile text goes in by %s after text_escape(). */
void vaulter_notice(struct vaulter *v, bool good, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Hand all decisions to the gate and wait until they hold there. ERR_SYS,
 * ERR_LIMIT, ERR_NOMEM. */
MUST_USE enum err vaulter_publish(struct vaulter *v);

/* vaulter_take.c */

/* The gate has flagged a file. */
void vaulter_take(struct vaulter *v, const struct msg_in *in);

/* vaulter_ask.c */

/* A question of at most n bytes; its answer is in *out (the caller's). */
void vaulter_ask(struct vaulter *v, const struct asker *by, const char *line,
    size_t n, struct buf *out);

#endif /* GUARDD_VAULTER_STATE_H */
