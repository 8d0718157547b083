/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recorder_state: what the files of the recorder share; nobody else includes
 * this.
 *
 * The functions of asks.def on the lane NOW run in the recorder's own thread
 * and may use all of it.  Those on other lanes may use start, and what is
 * marked as their lane's.
 */
#ifndef GUARDD_RECORDER_STATE_H
#define GUARDD_RECORDER_STATE_H

#include "guardd/channel.h"
#include "guardd/control.h"
#include "guardd/recorder.h"
#include "guardd/tell.h"
#include "guardd/who.h"
#include "history/history.h"

enum {
	WARNINGS = 16,     /* the last ones, kept for who asks */
	WARNING_MAX = 512, /* bytes of one */
	LOADED_MAX = 255
};

/* Somebody who tries the same file again and again is told of once. */
struct repeat {
	struct msg_in first;
	struct who who;
	uint64_t since; /* ns */
	uint64_t times; /* beyond the first */
};

struct recorder {
	struct recorder_start start;
	struct repeat repeat;
	struct control control;
	struct history *history; /* NULL: none is kept */
	/* Of the lane HISTORY. */
	struct history_reader *reader; /* NULL: not asked yet */
	/* Of the recorder's own thread. */
	struct buf line;
	struct tell tell;
	bool stdout_journal; /* what is printed ends up in the journal */
	char guarding[CHANNEL_TEXT_MAX + 1]; /* what the scout said, lines */
	char loaded[LOADED_MAX + 1];         /* which rules hold, JSON; "" */
	char warnings[WARNINGS][WARNING_MAX];
	size_t warned;  /* how many there have been */
	size_t already; /* files that were open before */
	bool stopping;
};

/* ask_recorder.c: a reload has ended, well if error is 0. */
void ask_reloaded(struct recorder *r, int error, const char *text);

/* ask_recorder.c: nothing of that filesystem (0: of none; NULL: of whatever
 * was asked) is held any more. */
void ask_released(struct recorder *r, const uint64_t *dev);

/* ask_vault.c: where the vaulter answers; it owns fd. */
void ask_vault_take(int fd);

/* The functions of asks.def. */
#define ASK(name, right, lane, text) void ask_##name(struct ask *ask);
#include "guardd/asks.def"
#undef ASK

#endif /* GUARDD_RECORDER_STATE_H */
