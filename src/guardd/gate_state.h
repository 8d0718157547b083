/* SPDX-License-Identifier: Apache-2.0 */
/* gate_state: what the files of the gate share; nobody else includes this. */
#ifndef GUARDD_GATE_STATE_H
#define GUARDD_GATE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "digest/known.h"
#include "guardd/cache.h"
#include "guardd/channel.h"
#include "guardd/event.h"
#include "guardd/filter.h"
#include "guardd/gate.h"
#include "guardd/metrics.h"
#include "pool/pool.h"
#include "wire/wire.h"

enum {
	GATE_EVENTS = 8192,  /* openers that wait at once */
	GATE_RESERVE = 512,  /* descriptors for everything else */
	GATE_NOTES = 1024,   /* files remembered without a descriptor */
	GATE_STORIES = 1024, /* flagged files remembered with their reasons */
	GATE_LOOKS = 256,    /* new files that wait for a scan at once */
	GATE_ASKED = 256,    /* directories asked for lately */
	FAIR_BITS = 10,      /* users are counted in so many slots: 2^n */
	GATE_PATH = 4096     /* bytes of a path, with its NUL: PATH_MAX */
};

#define TELL_NS (50 * CLOCK_NS_PER_MS) /* a denial waits so long to be told */
#define NOTE_NS (600 * CLOCK_NS_PER_S) /* a note holds so long */
#define TICK_NS CLOCK_NS_PER_S
/* The same while files queue: a slow one may have to make room. */
#define TICK_BUSY_NS (100 * CLOCK_NS_PER_MS)
/* A scan that has run for so long is a dear one. */
#define DEAR_NS (500 * CLOCK_NS_PER_MS)
/* A token, or a denial from memory, lives so long at most: what nobody uses
 * any more must not keep a descriptor and a mount for ever. */
#define IDLE_NS (3600 * CLOCK_NS_PER_S)
/* PIDFD_GET_INFO */
#define FAIR_WHO 0xc040ff0bU
/* A token on a mount that somebody may want to unmount lives so long. */
#define BRIEF_NS (2 * CLOCK_NS_PER_S)
/* CPU time that one file may cost in the background before it is given up. */
#define BACKGROUND_NS (3600 * CLOCK_NS_PER_S)

/* Why a file is flagged. */
struct story {
	struct link link; /* when free */
	enum verdict verdict;
	bool in_place;
	char format[WIRE_FORMAT_MAX + 1];
	char rule[WIRE_RULE_MAX + 1];
	char message[WIRE_TEXT_MAX + 1];
	char where[WIRE_TEXT_MAX + 1];
};

struct asked {
	uint64_t hash, when;
};

struct gate {
	struct gate_start start;
	struct events events;
	struct cache *cache;
	struct subject **by_fd; /* who holds a lease on that descriptor */
	size_t tokens_max;      /* subjects that may keep a descriptor */
	struct story *stories;
	struct link stories_free;
	struct link queue;      /* subjects that wait for a worker */
	struct link dear;       /* the same, which are known to take long */
	struct link background; /* the same, with nobody waiting for them */
	struct link scanning;   /* subjects that a worker is at */
	struct link summing;    /* subjects that the hasher is at */
	uint32_t sum;           /* of the last one */
	struct known known;     /* contents that are decided on */
	void *known_image;
	struct link brief;  /* tokens to be let go of soon, by age */
	uint64_t scan_id;   /* of the last scan */
	struct pool *pool;  /* NULL: no template yet */
	bool template_told; /* the keeper knows that it is ready */
	struct filter filter;
	void *image;
	struct asked asked[GATE_ASKED];
	uint16_t users[1 << FAIR_BITS]; /* openers of each that wait */
	size_t looks;                   /* new files that are not done */
	size_t dirs;                    /* ignored since the last flush */
	uint32_t ping, pong;            /* numbers of the last ones */
	uint64_t ping_at;
	bool recorder_slow; /* it missed a moment; don't wait for it */
	struct metrics *m;  /* shared: what it says nothing here depends on */
	uint64_t now, read_at, tick_at;
	int path_of; /* the descriptor whose path is known; -1: none */
	char path[GATE_PATH];
	int epoll, signals;
	int gone;                  /* the group that tells of deletions; -1 */
	int own_files;             /* the directory of its descriptors; -1 */
	size_t blind;              /* tokens whose deletion it won't tell */
	bool gone_wanted;          /* something may have been deleted */
	uint64_t gone_at;          /* when to look */
	struct subject *gone_next; /* where a round goes on; NULL: none */
	bool stopping;
	bool followed;         /* a successor guards */
	uint64_t linger_until; /* ns: without a keeper; 0: it has one */
};

/* gate.c */

/* Put what the numbers are now where others look. */
void gate_gauges(struct gate *g);

/* answer.c */

/* Give the one answer of an event and let go of it. */
void gate_answer(struct gate *g, struct event *e, int error);
/* The same for an opener who never became an event. */
void gate_answer_now(
    struct gate *g, uint32_t group, int fd, int pidfd, int error);
/* Deny: have the recorder look who it is, then answer. */
void gate_deny(
    struct gate *g, struct event *e, int error, const struct story *why);
/* The recorder has looked at the opener of event seq. exempt: the denial does
 * not apply to it. */
void gate_recorded(struct gate *g, uint32_t seq, bool exempt);
/* Answer all whose time has come. */
void gate_expire(struct gate *g);
/* A line in the log about a file that nobody is denied. */
void gate_record(struct gate *g, const struct subject *s, int error,
    const struct story *why, uint64_t elapsed_us);
/* The path of an open file; false (and "" in out): none can be told. */
bool gate_path(const struct gate *g, int fd, char out[GATE_PATH]);
/* A line for people. */
void gate_notice(struct gate *g, const char *text);

/* token.c */

/* Take a read lease on the subject's descriptor, before a byte is read. */
void token_lease(struct gate *g, struct subject *s);
/* Is the lease held, and no writer waiting for it? */
bool token_intact(const struct subject *s);
/* Clean: set the ignore mark and rest as a token. False: the lease is gone. */
bool token_make(struct gate *g, struct subject *s);
/* A token whose mark was flushed gets it back. */
void token_mark(struct gate *g, struct subject *s);
/* Give the lease back, after the mark. */
void token_unlease(struct gate *g, struct subject *s);
/* Forget a subject that nobody waits for, with all that it holds. */
void token_forget(struct gate *g, struct subject *s);
/* Keep its size and times only. */
void token_note(struct gate *g, struct subject *s, int error);
/* A writer waits for the lease on fd. */
void token_broken(struct gate *g, int fd);
/* Let go of tokens on mounts that people may want to unmount, and of old ones.
 */
void token_expire(struct gate *g);
/* When the next one is old (ns), UINT64_MAX: never. */
uint64_t token_due(struct gate *g);
/* Let go of all of one group, or of all groups (GROUPS_MAX), so that
 * filesystems can be unmounted. */
void token_release(struct gate *g, uint32_t group);
/* Signals were lost: look at every lease. */
void token_check_all(struct gate *g);
/* Stories of flagged files. */
struct story *story_of(struct gate *g, const struct subject *s);
void token_flag(
    struct gate *g, struct subject *s, int error, const struct story *why);

/* A new file is done with, or somebody's by now. */
void token_looked(struct gate *g, struct subject *s);

/* gone.c */

/* Look out for the deletion of a file that is kept open; stop it. */
void gone_watch(struct gate *g, struct subject *s);
void gone_unwatch(struct gate *g, struct subject *s);
/* The kernel tells of something. */
void gone_told(struct gate *g);
/* When to sweep (ns), UINT64_MAX: not. */
uint64_t gone_due(const struct gate *g);
/* Let go of what has been deleted. */
void gone_sweep(struct gate *g);

/* scan.c */

/* A new subject joins the queue. */
void scan_queue(struct gate *g, struct subject *s);
/* Give files to idle workers. */
void scan_pump(struct gate *g);
/* What the pool calls. */
void scan_answered(void *context, const struct pool_answer *a);
/* Kill workers that stand still or run on. */
void scan_watch(struct gate *g);
/* Somebody waits for a scan under way, or nobody does any more: its worker's
 * priority follows. */
void scan_hurry(struct gate *g, struct subject *s, bool waited);
/* Somebody stopped waiting: nobody may be left. */
void scan_deserted(struct gate *g, struct subject *s);

/* Once more, before all others. */
void scan_again(struct gate *g, struct subject *s);
/* Does what was read of it still hold? */
bool scan_holds(struct gate *g, struct subject *s);
/* A verdict came. */
void scan_finish(struct gate *g, struct subject *s, const struct judgement *j,
    const struct story *why, uint64_t elapsed_us);

/* decided.c */

/* Is it to be summed before it is scanned? */
bool decided_wanted(const struct gate *g, const struct subject *s);
/* Have it summed; it goes on from there. */
void decided_ask(struct gate *g, struct subject *s);
/* What the hasher says. */
void decided_heard(struct gate *g);
/* There is a new hasher. */
void decided_hasher(struct gate *g, int fd);
/* Load what is decided on, from a descriptor in memory. */
void decided_load(struct gate *g, int fd);
/* Does a watch by which somebody waits for it, or which it came into, want it
 * moved aside? */
bool decided_quarantines(
    const struct gate *g, const struct subject *s, const struct judgement *j);
/* Have a flagged file moved into the vault. */
void decided_quarantine(
    struct gate *g, const struct subject *s, const struct story *why);

/* fair.c */

/* Count the opener for his user; false: that user has enough waiting. */
bool fair_enter(struct gate *g, struct event *e);
void fair_leave(struct gate *g, struct event *e);

/* judge.c */

/* Read what is there of one group, and deal with it.  False: nothing was. */
bool judge_group(struct gate *g, uint32_t group);
/* A new file that the scout opened: scan it when nothing else is to be done. fd
 * is the gate's. */
void judge_look(struct gate *g, uint32_t group, int fd);

/* linger.c */

/* The keeper is gone.  Go on for a successor, or end. */
void linger(struct gate *g);
/* Something happened to the baton. */
void linger_baton(struct gate *g);
/* When to give up (ns); UINT64_MAX: never. */
uint64_t linger_due(const struct gate *g);
void linger_step(struct gate *g);
/* Others guard: finish what has begun, and look at nothing new. */
void linger_finish(struct gate *g);
/* One turn of the gate's loop (gate.c). */
void gate_turn(struct gate *g);

/* gate_channels.c */

/* Tell the scout that one of its new files is done with. */
void gate_looked(struct gate *g);
/* What came over the channels. False: the keeper is gone. */
bool gate_keeper_said(struct gate *g);
void gate_recorder_said(struct gate *g);
void gate_scout_said(struct gate *g);
/* Load the filter from a descriptor in memory. */
void gate_load(struct gate *g, int fd);
/* Ask the scout to place a file that has no path of ours, by its handle, and
 * to ignore its directory if that is outside. */
void gate_ask_place(struct gate *g, uint32_t group, int fd);
/* Ask the scout to ignore the directory of a path outside. */
void gate_ask(struct gate *g, uint32_t group, const char *path);
/* Watch over the scout: what it would flush is flushed when it is stuck. */
void gate_ping(struct gate *g);
/* No events are ignored any more: the tokens stay, and get their marks back
 * when they are asked for. */
void gate_heed_all(struct gate *g);
/* Watch a descriptor; stop watching one and close it. */
void gate_watch(struct gate *g, int fd, uint32_t kind, uint32_t index);
void gate_unwatch(struct gate *g, int *fd);
/* Send the counters to the recorder, for the log. */
void gate_dump(struct gate *g);

enum gate_kind {
	KIND_GROUP,
	KIND_KEEPER,
	KIND_RECORDER,
	KIND_SCOUT,
	KIND_VAULT,
	KIND_HASHER,
	KIND_POOL,
	KIND_SIGNAL,
	KIND_GONE,
	KIND_BATON
};

#endif /* GUARDD_GATE_STATE_H */
