/* SPDX-License-Identifier: Apache-2.0 */
/* ask_history: what happened, as far as who asks may know. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "guardd/record.h"
#include "guardd/recorder_state.h"

enum {
	FLUSH_MS = 500,  /* what has just happened is waited for */
	PAGE_MAX = 1000, /* events in one answer */
	PATH_ROOM = 4096,
	RULE_ROOM = 128,
	PLACE_ROOM = 48
};

/* The reader, with everything written that happened before. */
static struct history_reader *
reader_get(struct ask *ask)
{
	struct recorder *r = ask->world;

	if (r->history == NULL ||
	    (r->reader == NULL &&
		history_reader_new(r->history, &r->reader) != ERR_OK)) {
		ask_fail(ask, ASK_FAILED, "no history is kept");
		return NULL;
	}
	history_flush(r->history, FLUSH_MS);
	return r->reader;
}

/* What a list is made of while it is told. */
struct telling {
	struct ask *ask;
	struct buf json;
	struct history_place last;
	size_t told;
	bool full; /* the answer, before the list's end */
};

static bool
tell(void *context, const struct history_event *e)
{
	struct telling *t = context;

	buf_clear(&t->json);
	if (history_event_json(e, &t->json) != ERR_OK)
		return true; /* longer than a line may be: left out */
	if (!ask_item(t->ask, "event", buf_text(&t->json))) {
		t->full = true;
		return false;
	}
	t->last = (struct history_place){ e->time_ms, e->id };
	t->told++;
	return true;
}

static bool
cancelled(const void *context)
{
	const struct telling *t = context;

	return ask_cancelled(t->ask);
}

/* The filter that is asked for, as far as it is allowed. */
static bool
filter_read(struct ask *ask, struct history_filter *f, char path[PATH_ROOM],
    char rule[RULE_ROOM])
{
	char verdict[RULE_ROOM] = "";
	uint64_t uid = 0;

	*f = (struct history_filter){ .path = path, .rule = rule };
	path[0] = rule[0] = '\0';
	if (ask_has(ask, "path") && !ask_text(ask, "path", path, PATH_ROOM))
		return false;
	if (ask_has(ask, "rule") && !ask_text(ask, "rule", rule, RULE_ROOM))
		return false;
	if (ask_has(ask, "since") && !ask_number(ask, "since", &f->since_ms))
		return false;
	if (ask_has(ask, "until") && !ask_number(ask, "until", &f->until_ms))
		return false;
	f->one_verdict = ask_has(ask, "verdict");
	if (f->one_verdict &&
	    (!ask_text(ask, "verdict", verdict, sizeof(verdict)) ||
		!verdict_parse(verdict, &f->verdict)))
		return false;
	f->one_user = ask_has(ask, "uid");
	if (f->one_user && (!ask_number(ask, "uid", &uid) || uid > UINT32_MAX))
		return false;
	f->uid = (uint32_t)uid;
	if (!ask->by.admin && (!f->one_user || ask_owns(ask, f->uid))) {
		f->one_user = true;
		f->uid = ask->by.uid;
	}
	return true;
}

/* "behind":"time.id", as an answer before said it. */
static bool
place_read(const struct ask *ask, struct history_place *out)
{
	char text[PLACE_ROOM], *end;

	if (!ask_has(ask, "behind"))
		return true;
	if (!ask_text(ask, "behind", text, sizeof(text)))
		return false;
	out->time_ms = strtoull(text, &end, 10);
	if (*end != '.')
		return false;
	out->id = strtoull(end + 1, &end, 10);
	return *end == '\0';
}

static bool
order_read(const struct ask *ask, bool *oldest_first)
{
	char text[PLACE_ROOM] = "newest";

	if (ask_has(ask, "order") &&
	    !ask_text(ask, "order", text, sizeof(text)))
		return false;
	*oldest_first = strcmp(text, "oldest") == 0;
	return *oldest_first || strcmp(text, "newest") == 0;
}

static void
list_end(struct telling *t, size_t limit)
{
	char members[PLACE_ROOM + 32];
	bool more = t->full || t->told == limit;

	if (!more || t->told == 0)
		(void)snprintf(members, sizeof(members), "\"more\":false");
	else
		(void)snprintf(members, sizeof(members),
		    "\"more\":true,\"behind\":\"%llu.%llu\"",
		    (unsigned long long)t->last.time_ms,
		    (unsigned long long)t->last.id);
	ask_ok(t->ask, members);
}

static void
history_failed(struct ask *ask, enum err e)
{
	if (e == ERR_LIMIT)
		ask_fail(ask, ASK_BUSY,
		    "that takes too long: ask for a shorter time");
	else
		ask_fail(ask, ASK_FAILED,
		    "the history cannot be read now: try again");
}

void
ask_events(struct ask *ask)
{
	char path[PATH_ROOM], rule[RULE_ROOM];
	struct telling t = { .ask = ask, .json = buf_new(RECORD_MAX) };
	struct history_question q = { .limit = PAGE_MAX,
		.cancelled = cancelled,
		.tell = tell,
		.context = &t };
	struct history_reader *reader;
	uint64_t limit = PAGE_MAX;
	enum err e;

	if (!filter_read(ask, &q.filter, path, rule) ||
	    !place_read(ask, &q.behind) || !order_read(ask, &q.oldest_first) ||
	    (ask_has(ask, "limit") && !ask_number(ask, "limit", &limit))) {
		ask_fail(ask, ASK_WRONG, "a filter makes no sense");
		return;
	}
	if (q.filter.one_user && !ask_owns(ask, q.filter.uid)) {
		ask_fail(ask, ASK_FORBIDDEN,
		    "only root and administrators may see what happened to "
		    "others");
		return;
	}
	q.limit = limit < PAGE_MAX ? (size_t)limit : PAGE_MAX;
	if ((reader = reader_get(ask)) == NULL)
		return;
	e = history_find(reader, &q);
	buf_free(&t.json);
	if (e != ERR_OK)
		history_failed(ask, e);
	else
		list_end(&t, q.limit);
}

void
ask_history(struct ask *ask)
{
	struct history_reader *reader = reader_get(ask);
	struct history_size size;
	char members[256];
	enum err e;

	if (reader == NULL)
		return;
	if ((e = history_measure(reader, &size)) != ERR_OK) {
		history_failed(ask, e);
		return;
	}
	(void)snprintf(members, sizeof(members),
	    "\"events\":%llu,\"bytes\":%llu,\"oldest\":%llu,"
	    "\"lost\":%llu,\"pausing\":%s",
	    (unsigned long long)size.events, (unsigned long long)size.bytes,
	    (unsigned long long)size.oldest_ms, (unsigned long long)size.lost,
	    size.pausing ? "true" : "false");
	ask_ok(ask, members);
}

void
ask_why(struct ask *ask)
{
	char path[PATH_ROOM];
	struct telling t = { .ask = ask, .json = buf_new(RECORD_MAX) };
	struct history_file file = {
		.path = path, .all = ask->by.admin, .uid = ask->by.uid
	};
	struct history_reader *reader;
	enum err e;

	if (!ask_text(ask, "path", path, sizeof(path)) || path[0] != '/') {
		ask_fail(ask, ASK_WRONG, "why wants an absolute path");
		return;
	}
	(void)ask_number(ask, "dev", &file.dev);
	(void)ask_number(ask, "ino", &file.ino);
	if ((reader = reader_get(ask)) == NULL)
		return;
	e = history_last(reader, &file, tell, &t);
	buf_free(&t.json);
	if (e != ERR_OK)
		history_failed(ask, e);
	else if (t.told == 0)
		ask_fail(ask, ASK_MISSING,
		    ask->by.admin ? "nothing is known of it"
				  : "nothing is known of it that happened to "
				    "you");
	else
		ask_ok(ask, "");
}
