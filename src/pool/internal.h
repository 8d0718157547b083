/* SPDX-License-Identifier: Apache-2.0 */
/*
 * internal: what pool.c (files and answers), worker.c (one worker) and
 * control.c (the template) share.
 *
 * The way of a slot:
 *
 *	FREE -> IDLE		the template sent a worker
 *	IDLE -> BUSY		it was given a file
 *	BUSY -> IDLE		it answered, and may serve another file
 *	BUSY -> ENDING		it answered, lied or was killed; its death is
 *				awaited, because it counts until then.  One that
 *				answered waits for its socket to be closed,
 *				which is put off (rest) until whoever waits for
 *				the file has had the processor
 *	BUSY -> FALLEN		its socket ended without an answer; the template
 *				will say how it died
 *	FALLEN -> ENDING	the file has its answer
 *	IDLE -> ENDING		it spoke unasked, or died
 *	ENDING -> FREE		the template said that it died
 *
 * A process that hangs in the kernel (its disk does not answer) does not die
 * when it is killed.  Its slot is STUCK then, beside ENDING, and no longer
 * counts as a worker, so that another one can be made: as long as there are
 * spare slots.
 *
 * A slot whose template is gone (orphan) waits for nobody's word.
 */
#ifndef POOL_INTERNAL_H
#define POOL_INTERNAL_H

#include <stdint.h>

#include "pool/pool.h"

enum {
	/* Idle workers that died in a row before the pool stops to believe
	 * that the next one will live, and asks for one with each tick. */
	POOL_STILLBORN = 16,
	POOL_TICK_MS = 250,
	/* From an answer to the worker's death; from the end of its socket to
	 * the word how it died. Both take some microseconds. */
	POOL_LINGER_MS = 500,
	/* From an answer to what it leaves to be done, when nobody else waits:
	 * a process that ends and one that is made are a millisecond of work,
	 * and the opener is to have the processor first. */
	POOL_REST_MS = 1,
	/* From SPAWN to SPAWNED, before it is asked for again. */
	POOL_SPAWN_MS = 2000,
	/* So often in a row asked for in vain: no process can be made. */
	POOL_BARREN = 3,
	POOL_WHY = 160, /* bytes of a sentence */
};

enum slot_state { SLOT_FREE, SLOT_IDLE, SLOT_BUSY, SLOT_FALLEN, SLOT_ENDING };

struct slot {
	enum slot_state state;
	uint32_t
	    generation; /* events of an earlier worker are not this one's */
	int fd;         /* its work socket, or -1 */
	pid_t pid;
	bool kill;   /* the template is still to be told to end it */
	bool told;   /* it was, once at least */
	bool asked;  /* pool_kill(): its answer is due */
	bool dead;   /* status says how */
	bool orphan; /* its template is gone */
	bool stuck;  /* it was killed, and lives: it hangs in the kernel */
	int status;
	uint64_t since; /* clock_now() when it fell or began to end */
	void *tag;
	unsigned place; /* where its file lies: pool_place() */
	uint64_t id;
	unsigned files; /* it was given so far */
	size_t got;     /* bytes of the frame so far */
	uint8_t *frame; /* report_max + 1 bytes: one more shows a lie */
};

struct pool {
	struct pool_config config;
	struct slot *slots;
	unsigned room; /* slots: config.workers and config.spare */
	uint8_t *frames;
	uint8_t *message; /* WIRE_CONTROL_MAX bytes */
	char *problems;   /* WIRE_CONTROL_MAX + 1 bytes */
	struct wire_loaded loaded;
	int epoll;
	int timer;
	int control;       /* -1: the template is gone */
	bool control_full; /* waiting for room to write */
	bool ticking;      /* the timer is armed */
	bool resting;      /* workers that answered wait for their end */
	bool ready;
	unsigned used;        /* slots that are not FREE and not stuck */
	unsigned stuck;       /* slots that are: config.spare at most */
	unsigned idle;        /* slots that are IDLE */
	unsigned spawning;    /* workers asked for and not yet seen */
	uint64_t spawn_since; /* when the last ones were asked for */
	unsigned stillborn;   /* idle workers dead in a row */
	unsigned barren;      /* times in a row that no worker came */
	char why[POOL_WHY];
	struct pool_stats stats;
};

/* Who an event is for: a slot's number, or one of these. */
enum { WHO_CONTROL = -1, WHO_TIMER = -2 };

/* Watch fd for reading, for who (a slot's number and generation). */
MUST_USE enum err pool_watch(
    struct pool *p, int fd, int who, uint32_t generation);

/* Have the timer fire in ms, or at once for 0. */
void pool_tick_in(struct pool *p, unsigned ms);

/* worker.c */

/* A worker came. The slot owns fd. False: no room, nothing taken. */
bool slot_take(struct pool *p, pid_t pid, int fd);

/* Something is to be read on the slot's socket, or it ended. */
void slot_event(struct pool *p, struct slot *s);

/* The template says that the worker is dead. */
void slot_died(struct pool *p, struct slot *s, int status);

/* An idle worker is of no use: dead, or no worker. */
void slot_discard(struct pool *p, struct slot *s);

/* Let the workers that answered go, and have others made. */
void slots_rest_end(struct pool *p);

/* Is there more to do than to clear up? */
bool slots_pressed(const struct pool *p);

/* Answer a file whose worker did not. */
void slot_fail(struct pool *p, struct slot *s, const char *why);

/* What time does to a slot. True: it needs another tick. */
bool slot_tick(struct pool *p, struct slot *s, uint64_t now);

/* control.c */

/* Read what the template says. */
void control_event(struct pool *p);

/* Send the KILLs and SPAWNs that are due, as far as there is room. */
void control_flush(struct pool *p);

/* The template is gone, or mad: its workers are on their own. */
void control_lost(struct pool *p);

/* Begin a conversation with a template. ERR_SYS. */
MUST_USE enum err control_start(struct pool *p, int control);

#endif /* POOL_INTERNAL_H */
