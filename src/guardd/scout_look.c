/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scout_look: what was written, or moved, before anybody opens it.
 *
 * A file that is closed after writing, or has a new name, is handed to the gate
 * when it has come to rest: its scan is over by the time that somebody wants
 * it, and what is flagged is dealt with though nobody does.  All this is for
 * convenience: what is lost here (no room, a writer who comes back, a gate that
 * dies) is judged when it is opened, like everything else.
 *
 * Owns the ring of such files.  Must not own what becomes of them.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fdpath.h"
#include "base/own.h"
#include "guardd/facts.h"
#include "guardd/scout_state.h"
#include "vault/vault.h"

enum {
	AT_ONCE = 32, /* that the gate has, so that its lanes stay short */
	PER_TURN = 16 /* a directory that moves in must not wait for more */
};

/* A writer is not through with closing when this is heard of, and many come
 * back at once. */
#define REST_NS (250 * CLOCK_NS_PER_MS)
/* After so long without a word of the gate it is asked again. */
#define SILENT_NS (60 * CLOCK_NS_PER_S)

void
look_heard(struct scout *s, uint32_t site, const struct fan_event *e)
{
	struct look *l;

	if (!s->start.scan_new ||
	    (e->head.mask & (FAN_CLOSE_WRITE | FAN_MOVE_SELF)) == 0 ||
	    (e->head.mask & FAN_ONDIR) != 0)
		return;
	if (s->look_count == LOOKS_MAX) {
		s->look_lost++;
		return;
	}
	l = &s->looks[(s->look_first + s->look_count) % LOOKS_MAX];
	if (!event_handle(e, &l->handle))
		return;
	l->site = site;
	l->due = clock_now() + REST_NS;
	s->look_count++;
}

void
look_done(struct scout *s)
{
	if (s->looking != 0)
		s->looking--;
	s->looking_at = clock_now();
}

uint64_t
look_due(const struct scout *s)
{
	if (s->look_count == 0 || s->start.gate == -1)
		return UINT64_MAX;
	if (s->looking >= AT_ONCE)
		return s->looking_at + SILENT_NS;
	return s->looks[s->look_first].due;
}

/*
 * Is it to be looked at?  What may be unmounted at any moment isn't: the scan,
 * and the token after it, would keep the filesystem busy just when its user has
 * copied what he wanted to.  What goes into the vault is known.
 */
static bool
look_wanted(const struct scout *s, uint32_t site, int fd)
{
	char path[PATH_MAX];
	struct facts facts;

	return facts_of(fd, &facts) && facts.regular && facts.size != 0 &&
	    facts.links != 0 && fd_path(fd, path) &&
	    strstr(path, "/" VAULT_PLACE "/") == NULL &&
	    filter_lasting(&s->filter, facts.mount) &&
	    filter_watched(&s->filter, site, facts.mount, path);
}

static void
look_one(struct scout *s, struct look *l)
{
	struct msg head = { .type = MSG_LOOK, .group = l->site };
	AUTO_CLOSE int thing = -1;
	AUTO_CLOSE int fd = -1;
	char name[32];

	if (s->sites[l->site].dev == 0)
		return;
	thing = thing_open(s, l->site, &l->handle);
	if (thing == -1 || !look_wanted(s, l->site, thing))
		return;
	/* By the descriptor: it is the very file, whatever its name is now. */
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", thing);
	fd = open(name, O_RDONLY | O_NONBLOCK | O_NOATIME | O_CLOEXEC);
	/* It said that it saw this open: a canary's must not be taken for it.
	 */
	scout_hear_gate(s);
	if (fd == -1 || s->start.gate == -1)
		return;
	head.size = s->look_lost;
	if (channel_send(s->start.gate, &head, NULL, 0, fd) != ERR_OK) {
		s->look_lost++;
		return;
	}
	s->look_lost = 0;
	s->looking++;
	s->looking_at = clock_now();
}

void
look_some(struct scout *s)
{
	uint64_t now = clock_now();

	if (s->looking != 0 && now >= s->looking_at + SILENT_NS)
		s->looking = 0;
	for (int i = 0; i < PER_TURN && look_due(s) <= now; i++) {
		struct look *l = &s->looks[s->look_first];

		look_one(s, l);
		s->look_first = (s->look_first + 1) % LOOKS_MAX;
		s->look_count--;
	}
}
