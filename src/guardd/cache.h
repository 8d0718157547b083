/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cache: the files that the gate knows, by device and inode.
 *
 * A subject is a file from its first event until it is forgotten:
 *
 *	QUEUED -> SCANNING -> TOKEN    clean: lease held, ignore mark set
 *	             |     -> FLAGGED  denied: lease held, no mark
 *	             |     -> NOTED    no descriptor; size and times only
 *	             `-> QUEUED        once more (worker died, writer came)
 *
 * Owns the table, its hash and the order of use; all memory is taken at birth.
 * Must not own what a state means: descriptors, leases and marks are dealt
 * with by whoever moves a subject (see token.c, scan.c).
 */
#ifndef GUARDD_CACHE_H
#define GUARDD_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "guardd/facts.h"
#include "guardd/list.h"
#include "model/verdict.h"

enum subject_state {
	SUBJECT_FREE,
	SUBJECT_QUEUED,   /* waits for a worker */
	SUBJECT_SCANNING, /* a worker is at it */
	SUBJECT_TOKEN,
	SUBJECT_FLAGGED,
	SUBJECT_NOTED
};

struct event;

struct subject {
	struct link hash;     /* in its bucket, or the free list */
	struct link order;    /* in the queue, or among its kind by use */
	struct link brief;    /* among those to be let go of soon */
	struct link waiters;  /* events that this scan answers */
	struct link later;    /* events that came too late for this scan */
	struct facts facts;   /* when it was last looked at */
	uint64_t started;     /* ns: of the scan, or of the note */
	uint64_t cpu;         /* ns: CPU time of its worker, when last seen */
	uint64_t cpu_moved;   /* ns: when that was seen to move */
	struct event *lender; /* unanswered event whose number is fd, or NULL */
	int fd;               /* -1: none */
	uint32_t group;
	int error; /* FLAGGED, NOTED: what openers get */
	int story; /* FLAGGED: index of the reasons; -1: none */
	enum subject_state state;
	uint32_t sum;  /* number of the question about its digest */
	bool sum_sent; /* which was asked */
	bool summed;   /* no decision about its content, under this lease */
	uint8_t tries; /* workers that it has cost */
	bool leased;
	bool watched;   /* its deletion is looked out for */
	bool told;      /* and the kernel will tell */
	bool growing;   /* the scan began while a writer existed */
	bool broken;    /* a writer came while it was scanned */
	bool again;     /* that was seen to once */
	bool look;      /* it is new: nobody had to ask for it */
	bool newer;     /* and was written again since its scan began */
	uint8_t policy; /* look: of the watch that it lies in */
	bool dear;      /* its scan took long: such ones have their own lane */
	bool put_off;   /* its worker was ended to make room */
	bool overrun;   /* it cost too much: no second try */
};

struct cache;

/* Room for n subjects. ERR_NOMEM. */
MUST_USE enum err cache_new(size_t n, struct cache **out);
void cache_free(struct cache *c); /* NULL is fine */

/* The subject of that file, or NULL. */
struct subject *cache_find(const struct cache *c, uint64_t dev, uint64_t ino);

/* A new subject, QUEUED and in no list, or NULL: no room. */
struct subject *cache_add(struct cache *c, const struct facts *facts);

/* Forget a subject: it must hold nothing and nobody must wait for it. */
void cache_drop(struct cache *c, struct subject *s);

/* Move to a resting state (TOKEN, FLAGGED, NOTED), as the most recently used
 * of its kind. */
void cache_rest(struct cache *c, struct subject *s, enum subject_state state);

/* Take out of rest (or the queue): in no list, in that state. */
void cache_wake(struct cache *c, struct subject *s, enum subject_state state);

/* The least recently used of a resting kind, or NULL. */
struct subject *cache_oldest(struct cache *c, enum subject_state state);

/* How many rest in that state; how many subjects there are. */
size_t cache_count(const struct cache *c, enum subject_state state);
size_t cache_used(const struct cache *c);

/* Go through all subjects in use: the next after s, the first for NULL. */
struct subject *cache_next(struct cache *c, const struct subject *s);

#endif /* GUARDD_CACHE_H */
