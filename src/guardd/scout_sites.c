/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scout_sites: the groups and marks of the guarded filesystems.
 *
 * In this order, so that no event is ever without a reader, and none without a
 * holder that outlives the reader: group made; the keeper holds it; the gate
 * reads it; the gate has the table; only then the mark.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "guardd/facts.h"
#include "guardd/scout_state.h"

static uint32_t
group_flags(const struct group *g)
{
	return (g->features.errnos ? (uint32_t)MSG_ERRNOS : 0) |
	    (g->features.audit ? (uint32_t)MSG_AUDIT : 0) |
	    (g->features.ignores ? (uint32_t)MSG_IGNORES : 0);
}

enum err
site_make(struct scout *s, uint32_t site)
{
	struct site *to = &s->sites[site];
	struct msg head = { .type = MSG_GROUP, .group = site, .dev = to->dev };
	AUTO_CLOSE int fd = -1;
	enum err e;

	if (to->group.fd != -1)
		return ERR_OK;
	if (fan_open(&fd, &to->group.features) != ERR_OK)
		return scout_fail(s, ERR_SYS,
		    "fanotify_init: %s (see max_user_groups in "
		    "/proc/sys/fs/fanotify)",
		    strerror(errno));
	head.flags = group_flags(&to->group);
	if ((e = scout_tell(s, &head, fd)) != ERR_OK)
		return scout_fail(s, e, "the gate does not take a group");
	to->group.fd = steal_fd(&fd);
	return ERR_OK;
}

/* Is fd on the site's filesystem, and not on one that was mounted over it? */
static bool
site_is(const struct scout *s, const struct site *site, int fd)
{
	const struct mount *m;
	struct facts facts;

	if (!facts_of(fd, &facts))
		return false;
	m = mounts_find(&s->mounts, facts.mount);
	return m != NULL && m->dev == site->dev;
}

/*
 * A filesystem that is unmounted takes its mark along, and the next one may
 * get the same device number at the same place before the mount table was
 * read: nothing in the table tells.  So each reading of it marks anew, which
 * changes nothing where the mark still stands.
 */
enum err
site_mark(struct scout *s, uint32_t site)
{
	struct site *to = &s->sites[site];
	AUTO_CLOSE int fd = -1;

	if (to->marked && to->fresh)
		return ERR_OK;
	fd = site_open(s, site, O_PATH);
	if (to->marked && (fd == -1 || !site_is(s, to, fd)))
		return ERR_OK; /* what hides it can't go without our hearing */
	if (fd == -1)
		return scout_fail(
		    s, ERR_SYS, "%s: %s", to->point, strerror(errno));
	if (fan_guard(to->group.fd, fd) != ERR_OK)
		return scout_fail(s, ERR_SYS, "%s (%s) cannot be marked: %s",
		    to->point, to->type, strerror(errno));
	if (to->renames == -1)
		to->renames = fan_renames(fd, s->start.scan_new);
	else
		(void)!fan_renames_mark(to->renames, fd, s->start.scan_new);
	to->marked = to->fresh = true;
	return ERR_OK;
}

void
site_drop(struct scout *s, uint32_t site)
{
	struct site *from = &s->sites[site];
	struct msg head = { .type = MSG_GROUP, .group = site };

	/* Busy: somebody's file is being looked at; another time. */
	if (scout_tell(s, &head, -1) != ERR_OK)
		return;
	if (from->group.fd != -1)
		(void)close(from->group.fd);
	if (from->renames != -1)
		(void)close(from->renames);
	*from = (struct site){ .group = { .fd = -1 }, .renames = -1 };
}
