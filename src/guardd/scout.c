/* SPDX-License-Identifier: Apache-2.0 */
/* scout: its loop. */
#include "guardd/scout.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"
#include "guardd/confine.h"
#include "guardd/reload.h"
#include "guardd/scout_state.h"

enum {
	TELL_MS = 10000, /* a gate that is being replaced needs a moment */
	POLL_KEEPER = 0,
	POLL_GATE,
	POLL_MOUNTS,
	POLL_SITES,
	POLL_COUNT = POLL_SITES + GROUPS_MAX
};

#define CANARY_NS (300 * CLOCK_NS_PER_S)

void
scout_notice(struct scout *s, bool good, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	/* By way of the keeper, who has the recorder's ear. */
	channel_notice(s->start.keeper, good, format, ap);
	va_end(ap);
}

enum err
scout_fail(struct scout *s, enum err e, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(s->why, sizeof(s->why), format, ap);
	va_end(ap);
	return e;
}

/* One word of the keeper; true: it was the confirmation of seq. */
static bool
keeper_word(struct scout *s, struct msg_in *in, uint32_t seq, int *error)
{
	if (in->head.type == MSG_STOP)
		s->stopping = true;
	if (in->head.type == MSG_PEER && in->fd != -1) {
		if (s->start.gate != -1)
			(void)close(s->start.gate);
		s->start.gate = in->fd;
		in->fd = -1;
		s->looking = 0;
	}
	if (in->fd != -1)
		(void)close(in->fd);
	if (in->head.type == MSG_RELOAD)
		s->reload = true;
	*error = in->head.error;
	return in->head.type == MSG_DONE && in->head.seq == seq;
}

/* Take in what the keeper says; seq 0: nothing is awaited. */
static enum err
hear_keeper(struct scout *s, uint32_t seq, bool *done, int *error)
{
	static struct msg_in in;
	enum err e;

	while ((e = channel_recv(s->start.keeper, &in)) == ERR_OK) {
		int code = 0;

		if (keeper_word(s, &in, seq, &code)) {
			*done = true;
			*error = code;
		}
	}
	if (e == ERR_SYS)
		s->stopping = true;
	return e == ERR_LIMIT ? ERR_OK : e;
}

enum err
scout_tell(struct scout *s, struct msg *head, int fd)
{
	uint64_t end = clock_now() + TELL_MS * CLOCK_NS_PER_MS;
	bool done = false;
	int error = 0;

	head->seq = ++s->seq;
	if (channel_send(s->start.keeper, head, NULL, 0, fd) != ERR_OK)
		return ERR_SYS;
	while (!done && !s->stopping && clock_now() < end) {
		struct pollfd p = { .fd = s->start.keeper, .events = POLLIN };

		(void)poll(&p, 1, TELL_MS);
		(void)!hear_keeper(s, head->seq, &done, &error);
	}
	errno = error;
	return done && error == 0 ? ERR_OK : ERR_SYS;
}

static void
gate_word(struct scout *s, const struct msg_in *in)
{
	struct msg pong = { .type = MSG_PONG, .seq = in->head.seq };

	if (in->head.type == MSG_PING)
		(void)!channel_send(s->start.gate, &pong, NULL, 0, -1);
	else if (in->head.type == MSG_SEEN && in->head.group < GROUPS_MAX)
		s->sites[in->head.group].seen++;
	else if (in->head.type == MSG_LOOKED)
		look_done(s);
	else if (in->head.type == MSG_IGNORE_DIR)
		ignore_dir(s, in->head.group, in->text);
	else if (in->head.type == MSG_IGNORE_OF)
		ignore_of(s, in->head.group, in->text, in->head.text);
}

void
scout_hear_gate(struct scout *s)
{
	static struct msg_in in;
	int fd = s->start.gate;
	enum err e = ERR_LIMIT;

	while (fd != -1 && (e = channel_recv(fd, &in)) == ERR_OK) {
		if (in.fd != -1)
			(void)close(in.fd);
		gate_word(s, &in);
	}
	if (fd == -1 || e == ERR_LIMIT)
		return;
	(void)close(s->start.gate); /* the keeper brings another */
	s->start.gate = -1;
}

static void
inherit(struct scout *s, const struct scout_start *start)
{
	s->start = *start;
	for (size_t i = 0; i < start->watch_count; i++)
		s->watched[i].path = start->watch[i];
	for (uint32_t i = 0; i < GROUPS_MAX; i++) {
		s->sites[i].group = start->groups[i];
		s->sites[i].dev =
		    start->groups[i].fd == -1 ? 0 : start->devs[i];
		s->sites[i].renames = -1;
	}
	s->image = buf_new(FILTER_IMAGE_MAX);
	s->gaps = buf_new(GAPS_MAX);
	s->gaps_told = buf_new(GAPS_MAX);
	s->places = calloc(PLACES_MAX, sizeof(*s->places));
	s->looks = calloc(LOOKS_MAX, sizeof(*s->looks));
	s->mountinfo = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
}

static void
say_fatal(struct scout *s)
{
	struct msg head = { .type = MSG_FATAL };

	(void)!channel_send(s->start.keeper, &head, s->why, strlen(s->why), -1);
}

static void
begin(struct scout *s)
{
	if (s->places == NULL || s->looks == NULL || s->mountinfo == -1 ||
	    scout_refresh(s) != ERR_OK) {
		if (s->why[0] == '\0')
			(void)!scout_fail(s, ERR_SYS,
			    "the mount table cannot be watched: %s",
			    strerror(errno));
		say_fatal(s);
		s->stopping = true;
		return;
	}
	canary_all(s);
	s->canary_at = clock_now() + CANARY_NS;
	s->ready = true;
	state_tell(s);
}

/* What is due; the first moment at which something will be. */
static void
timers(struct scout *s)
{
	uint64_t now = clock_now();

	if (s->retry_at != 0 && now >= s->retry_at) {
		s->retry_at = 0;
		(void)!scout_refresh(s);
	}
	if (now < s->canary_at)
		return;
	s->canary_at = now + CANARY_NS;
	canary_all(s);
	for (size_t i = 0; i < s->place_count; i++)
		(void)!site_mark(s, s->places[i].site);
	state_tell(s);
}

static int
sleep_ms(const struct scout *s)
{
	uint64_t now = clock_now(), due = s->canary_at;

	/* It may have been heard while something else was waited for. */
	if (s->reload)
		return 0;
	if (s->retry_at != 0 && s->retry_at < due)
		due = s->retry_at;
	if (look_due(s) < due)
		due = look_due(s);
	return due <= now ? 0 : (int)((due - now) / CLOCK_NS_PER_MS) + 1;
}

static void
turn(struct scout *s)
{
	struct pollfd p[POLL_COUNT] = {
		[POLL_KEEPER] = { .fd = s->start.keeper, .events = POLLIN },
		[POLL_GATE] = { .fd = s->start.gate, .events = POLLIN },
		[POLL_MOUNTS] = { .fd = s->mountinfo, .events = POLLPRI },
	};
	bool done;
	int error;

	for (uint32_t i = 0; i < GROUPS_MAX; i++)
		p[POLL_SITES + i] = (struct pollfd){
			.fd = s->sites[i].dev == 0 ? -1 : s->sites[i].renames,
			.events = POLLIN
		};
	(void)poll(p, POLL_COUNT, sleep_ms(s));
	/* First what may have come inside, then what is said to be outside. */
	for (uint32_t i = 0; i < GROUPS_MAX; i++)
		if (p[POLL_SITES + i].revents != 0 &&
		    s->sites[i].renames == p[POLL_SITES + i].fd)
			ignore_renamed(s, i);
	if (p[POLL_MOUNTS].revents != 0 && scout_refresh(s) != ERR_OK)
		scout_notice(s, false, "%s", s->why);
	if (p[POLL_KEEPER].revents != 0)
		(void)!hear_keeper(s, 0, &done, &error);
	scout_hear_gate(s);
	timers(s);
	look_some(s);
	if (s->reload && s->start.options->config != NULL)
		reload_read(s->start.options, s->start.keeper);
	s->reload = false;
}

int
scout_run(const struct scout_start *start)
{
	struct scout *s = calloc(1, sizeof(*s));

	if (s == NULL || confine_scout() != ERR_OK)
		return 1;
	inherit(s, start);
	begin(s);
	while (!s->stopping)
		turn(s);
	return 0;
}
