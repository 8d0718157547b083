/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scout_gaps: what is guarded, and what is not, as lines for people.
 *
 * A guard that covers a part looks like one that covers all.  So whatever lies
 * below a watch and is not guarded has a line of its own, beside those of the
 * watches, for as long as it is so.
 */
#include <string.h>

#include "base/fnv.h"
#include "base/own.h"
#include "base/text.h"
#include "guardd/scout_state.h"

void
gap_add(struct scout *s, const char *point, const char *type, const char *why)
{
	AUTO(buf) struct buf line = buf_new(sizeof(s->gap) - 1);

	/* Users choose the names of their mount points. */
	if (text_escape(&line, point, strlen(point)) != ERR_OK)
		buf_clear(&line);
	(void)!buf_printf(&line, " (%s): %s", type, why);
	memcpy(s->gap, buf_text(&line), line.size + 1);
	/* A directory may be below two watches, or a root twice. */
	if (strstr(buf_text(&s->gaps), s->gap) == NULL)
		/* Those that don't fit in are told of by these. */
		(void)!buf_printf(&s->gaps, "NOT GUARDED: %s\n", s->gap);
}

/* Tell of each once, for as long as it is there: not at each mount that comes.
 */
static void
gaps_tell(struct scout *s)
{
	const char *at = buf_text(&s->gaps);

	while (*at != '\0') {
		size_t n = strcspn(at, "\n");
		const char *said = buf_text(&s->gaps_told);

		if (memmem(said, strlen(said), at, n + 1) == NULL)
			scout_notice(s, false, "%.*s", (int)n, at);
		at += n + (at[n] == '\n');
	}
	buf_clear(&s->gaps_told);
	(void)!buf_puts(&s->gaps_told, buf_text(&s->gaps));
}

static enum err
watch_line(const struct scout *s, const struct watched *w, struct buf *out)
{
	const struct site *site = &s->sites[w->site];

	return buf_printf(out, "guarding %s (%s, filesystem mark, %s%s)\n",
	    w->path, site->type,
	    site->group.features.errnos ? "pre-content" : "content",
	    site->mute ? ", NOT PROVEN" : "");
}

void
state_tell(struct scout *s)
{
	struct buf lines = buf_new(CHANNEL_TEXT_MAX);
	struct msg head = { .type = MSG_READY };
	uint64_t hash;
	enum err e;

	if (!s->ready)
		return;
	gaps_tell(s);
	/* Gaps come first: what doesn't fit must not be these. */
	e = buf_puts(&lines, buf_text(&s->gaps));
	for (size_t i = 0; i < s->start.watch_count && e == ERR_OK; i++)
		e = watch_line(s, &s->watched[i], &lines);
	hash = fnv_add(FNV_START, lines.data, lines.size);
	if (hash != s->state_told &&
	    channel_send(s->start.keeper, &head, buf_text(&lines), lines.size,
		-1) == ERR_OK)
		s->state_told = hash;
	buf_free(&lines);
}
