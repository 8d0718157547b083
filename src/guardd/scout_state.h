/* SPDX-License-Identifier: Apache-2.0 */
/* scout_state: what the files of the scout share; nobody else includes this. */
#ifndef GUARDD_SCOUT_STATE_H
#define GUARDD_SCOUT_STATE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "guardd/channel.h"
#include "guardd/fan.h"
#include "guardd/filter.h"
#include "guardd/mounts.h"
#include "guardd/options.h"
#include "guardd/scout.h"

enum {
	HANDLE_MAX = 128, /* MAX_HANDLE_SZ */
	PLACES_MAX = 512, /* watched roots: directories, and mounts below */
	LOOKS_MAX = 4096, /* new files that wait to be handed on */
	TYPE_MAX = 32,
	GAPS_MAX = 12 * 1024 /* bytes of lines about what is not guarded */
};

/* The filesystem of one permission group. */
struct site {
	struct group group;
	uint64_t dev;
	char type[TYPE_MAX];
	char point[PATH_MAX]; /* where it can be reached */
	int renames; /* tells of renamed directories; -1: nobody does */
	bool marked; /* once, at least */
	bool fresh;  /* since the mount table was read last */
	bool mute;   /* a canary was not heard */
	uint64_t quiet_until, quiet_ns; /* ignore no directories until */
	uint64_t flushed;
	uint64_t seen; /* events of ours that arrived */
};

/* struct file_handle, with room. */
struct handle {
	unsigned bytes;
	int type;
	unsigned char data[HANDLE_MAX];
};

/* A file that was written, or moved. */
struct look {
	uint32_t site;
	uint64_t due; /* ns: not before */
	struct handle handle;
};

/* A watched directory: where it was when we began, whatever it's called. */
struct watched {
	const char *path;
	char now[PATH_MAX];   /* where it is; "" when it is gone */
	char inner[PATH_MAX]; /* its path inside the filesystem, at last */
	uint32_t site;
	uint64_t mount; /* that it is reached through */
	bool handled;   /* handle holds */
	struct handle handle;
};

/* A root: something inside a filesystem that is watched. */
struct place {
	uint32_t site;
	uint32_t policy;
	char path[PATH_MAX];  /* inside the filesystem */
	char point[PATH_MAX]; /* as people reach it */
};

struct scout {
	struct scout_start start;
	struct site sites[GROUPS_MAX];
	struct watched watched[OPTIONS_WATCH_MAX];
	struct place *places; /* PLACES_MAX */
	size_t place_count;
	uint64_t roots_hash;  /* of the places, to see them change */
	struct buf gaps;      /* what is not guarded, and why: a line each */
	struct buf gaps_told; /* those that were told of */
	uint64_t state_told;  /* the same of all that is guarded or not */
	char gap[4 * PATH_MAX + 512]; /* the last of gaps */
	struct mounts mounts;
	struct filter filter; /* over image */
	struct buf image;
	struct look *looks; /* LOOKS_MAX, a ring */
	size_t look_first, look_count;
	unsigned looking;    /* that the gate has and is not done with */
	uint64_t looking_at; /* when it last changed */
	uint64_t look_lost;  /* no room, since that was told */
	int mountinfo;
	uint64_t canary_at, retry_at;
	uint32_t seq;
	bool ready, stopping;
	bool reload; /* the configuration is to be read */
	char why[512];
};

/* scout_table.c */

/* Read the mounts, find the roots, make groups and marks for new ones, and
 * hand the new table on. ERR_...: why says what is wrong. */
MUST_USE enum err scout_refresh(struct scout *s);

/* scout_roots.c */

/* Find all roots in the mount table. ERR_...: as scout_refresh(). */
MUST_USE enum err roots_find(struct scout *s);
/* Has a watched directory another name by now? */
bool roots_moved(struct scout *s);
/* The site of a filesystem, GROUPS_MAX: none. */
uint32_t site_find(const struct scout *s, uint64_t dev);
/* Open a place where site is reached; -1 with errno. */
int site_open(const struct scout *s, uint32_t site, int flags);

/* scout_sites.c */

/* Make the group of a site that has none, and hand it on. */
MUST_USE enum err site_make(struct scout *s, uint32_t site);
/* Mark it, once everybody is ready for its events. */
MUST_USE enum err site_mark(struct scout *s, uint32_t site);
/* Its filesystem is gone. */
void site_drop(struct scout *s, uint32_t site);

/* scout_ignore.c */

/* A directory outside, by its path: ignore what lies in it. */
void ignore_dir(struct scout *s, uint32_t site, const char *path);
/* A file by its handle (n bytes): ignore its directory, if that is outside. */
void ignore_of(struct scout *s, uint32_t site, const char *handle, size_t n);
/* Directories were renamed. */
void ignore_renamed(struct scout *s, uint32_t site);
/* Forget every ignored directory of a site (or all: GROUPS_MAX). */
void ignore_none(struct scout *s, uint32_t site);

/* The handle in an event; false: it has none. */
bool event_handle(const struct fan_event *e, struct handle *out);
/* Open what a handle stands for, O_PATH; -1: it can't be found. */
int thing_open(const struct scout *s, uint32_t site, struct handle *h);

/* scout_look.c */

/* An event of a site: remember the file that it tells of, if it does. */
void look_heard(struct scout *s, uint32_t site, const struct fan_event *e);
/* The gate is done with one. */
void look_done(struct scout *s);
/* When there is something to do (ns), UINT64_MAX: not. */
uint64_t look_due(const struct scout *s);
/* Hand the gate what has come to rest. */
void look_some(struct scout *s);

/* scout_gaps.c */

/* Something is not guarded: where, what it is, and why. */
void gap_add(
    struct scout *s, const char *point, const char *type, const char *why);
/* Tell of gaps that are new, and the keeper of the state if it is. */
void state_tell(struct scout *s);

/* scout_canary.c */

/* Prove that opens on every root arrive; tells where they don't. */
void canary_all(struct scout *s);

/* scout.c */

/* Say something to the keeper and wait until it is done. ERR_SYS. */
MUST_USE enum err scout_tell(struct scout *s, struct msg *head, int fd);
/* Take in what the gate says. */
void scout_hear_gate(struct scout *s);
/* A line for people. */
void scout_notice(struct scout *s, bool good, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Why it can't go on. */
enum err scout_fail(struct scout *s, enum err e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif /* GUARDD_SCOUT_STATE_H */
