/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scout_canary: proof that an open below a watch raises an event.
 *
 * A guard that lost its mark looks healthy.  So a file is opened on every root:
 * one without a name, which leaves no trace, or, where nothing can be made, one
 * that is there.  The gate says SEEN before it lets the open go on, so when the
 * open returns the word is there already; no clock is needed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "guardd/scout_state.h"

enum { ENTRIES_MAX = 64 }; /* of a directory that are looked through */

enum canary { CANARY_HEARD, CANARY_SILENT, CANARY_UNTRIED };

/* Was the open that just returned seen? */
static enum canary
heard(struct scout *s, uint32_t site, uint64_t before)
{
	scout_hear_gate(s);
	return s->sites[site].seen != before ? CANARY_HEARD : CANARY_SILENT;
}

/* A file that has no name. */
static enum canary
canary_nameless(struct scout *s, uint32_t site, int dir)
{
	uint64_t before = s->sites[site].seen;
	AUTO_CLOSE int fd =
	    openat(dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	return fd == -1 ? CANARY_UNTRIED : heard(s, site, before);
}

/* Files that are there.  Those with a token raise no event, rightly. */
static enum canary
canary_present(struct scout *s, uint32_t site, int dirfd)
{
	int copy =
	    openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOATIME);
	DIR *dir = copy == -1 ? NULL : fdopendir(copy);
	enum canary c = CANARY_UNTRIED;
	struct dirent *entry;

	if (dir == NULL) {
		if (copy != -1)
			(void)close(copy);
		return c;
	}
	for (int i = 0; i < ENTRIES_MAX && c != CANARY_HEARD &&
	     (entry = readdir(dir)) != NULL;
	     i++) {
		uint64_t before = s->sites[site].seen;
		AUTO_CLOSE int fd = entry->d_type != DT_REG
		    ? -1
		    : openat(dirfd, entry->d_name,
			  O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

		if (fd != -1)
			c = heard(s, site, before);
	}
	(void)closedir(dir);
	return c;
}

/* Tell what became of it, when that is new. */
static void
canary_judge(struct scout *s, const struct place *p, enum canary c)
{
	struct site *site = &s->sites[p->site];

	if (c == CANARY_HEARD) {
		if (site->mute)
			scout_notice(s, true, "guarded again: %s", p->point);
		site->mute = false;
		return;
	}
	if (c == CANARY_UNTRIED)
		return;
	if (!site->mute)
		scout_notice(s, false,
		    "NOT GUARDED: %s (%s): an open there raised no event; "
		    "the mark is being set again",
		    p->point, site->type);
	site->mute = true;
	site->marked = false;
}

static void
canary_place(struct scout *s, const struct place *p)
{
	AUTO_CLOSE int dir =
	    open(p->point, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	enum canary c;

	if (dir == -1 || s->sites[p->site].group.fd == -1)
		return; /* a file, or gone: the next table knows */
	c = canary_nameless(s, p->site, dir);
	if (c == CANARY_UNTRIED)
		c = canary_present(s, p->site, dir);
	canary_judge(s, p, c);
}

void
canary_all(struct scout *s)
{
	for (size_t i = 0; i < s->place_count; i++)
		canary_place(s, &s->places[i]);
}
