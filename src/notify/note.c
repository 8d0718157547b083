/* SPDX-License-Identifier: Apache-2.0 */
/* note: which events are told, and how many at once. */
#include "notify/note.h"

#include <string.h>

struct kind_row {
	const char *event;
	enum note_kind kind;
};

static const struct kind_row kinds[] = { { "denied", NOTE_DENIED },
	{ "quarantined", NOTE_QUARANTINED }, { "flagged", NOTE_FLAGGED },
	{ "observed", NOTE_OBSERVED } };

static bool
kind_read(const char *event, enum note_kind *out)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].event, event) != 0)
			continue;
		*out = kinds[i].kind;
		return true;
	}
	return false;
}

/* A string that need not be there; one that does not fit is left out. */
static void
text_read(const struct json *j, const struct json_value *of, const char *key,
    char *out, size_t size)
{
	out[0] = '\0';
	if (json_string(j, json_member(j, of, key), out, size) != ERR_OK)
		out[0] = '\0';
}

/* Whom does it concern? */
static bool
is_of(const struct json *j, const struct json_value *event, uid_t uid)
{
	uint64_t n;

	if (!json_number(j, json_member(j, event, "uid"), &n) &&
	    !json_number(j, json_member(j, event, "owner"), &n))
		return false;
	return n == uid;
}

bool
note_read(const struct talk_line *line, uid_t uid, bool all, struct note *out)
{
	const struct json *j = &line->json;
	const struct json_value *event = json_member(j, j->values, "event");
	struct note n = { .times = 1 };
	char word[NOTE_WORD];

	if (event == NULL || (!all && !is_of(j, event, uid)))
		return false;
	text_read(j, event, "event", word, sizeof(word));
	if (!kind_read(word, &n.kind))
		return false;
	text_read(j, event, "verdict", word, sizeof(word));
	if (!verdict_parse(word, &n.verdict))
		n.verdict = VERDICT_UNVERIFIED;
	text_read(j, event, "path", n.path, sizeof(n.path));
	text_read(j, event, "message", n.message, sizeof(n.message));
	text_read(j, event, "exe", n.exe, sizeof(n.exe));
	text_read(j, event, "rule", n.rule, sizeof(n.rule));
	(void)json_number(j, json_member(j, event, "times"), &n.times);
	*out = n;
	return true;
}

void
group_add(struct group *g, const struct note *note, uint64_t now_ms)
{
	if (g->files == 0)
		g->first_ms = now_ms;
	for (size_t i = 0; i < g->count; i++) {
		struct note *n = &g->notes[i];

		if (strcmp(n->path, note->path) != 0)
			continue;
		/* Moved after it was denied: that says more. */
		if (note->kind == NOTE_QUARANTINED) {
			uint64_t times = n->times;

			*n = *note;
			n->times = times;
			return;
		}
		n->times += note->times;
		return;
	}
	g->files++;
	if (g->count < GROUP_NOTES)
		g->notes[g->count++] = *note;
}

int
group_due(const struct group *g, uint64_t now_ms)
{
	uint64_t at = g->first_ms + GROUP_WAIT_MS;

	if (g->files == 0)
		return -1;
	if (g->shown_ms != 0 && at < g->shown_ms + GROUP_REST_MS)
		at = g->shown_ms + GROUP_REST_MS;
	return at <= now_ms ? 0 : (int)(at - now_ms);
}

void
group_clear(struct group *g, uint64_t now_ms)
{
	g->count = 0;
	g->files = 0;
	g->shown_ms = now_ms;
}
