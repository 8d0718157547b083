/* SPDX-License-Identifier: Apache-2.0 */
/* event: its object. */
#include "history/event.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

enum { MS_PER_S = 1000 };

void
history_event_init(struct history_event *e)
{
	*e = (struct history_event){ .uid = HISTORY_NOBODY,
		.kind = "",
		.path = "",
		.format = "",
		.rule = "",
		.message = "",
		.where = "",
		.comm = "",
		.exe = "",
		.user = "",
		.container = "",
		.digest = "",
		.times = 1 };
}

/* Universal time: no zone file is ever opened. */
enum err
history_time_json(uint64_t ms, struct buf *out)
{
	time_t s = (time_t)(ms / MS_PER_S);
	struct tm tm;
	char day[32];

	if (gmtime_r(&s, &tm) == NULL ||
	    strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return buf_puts(out, "{\"time\":null");
	return buf_printf(
	    out, "{\"time\":\"%s.%03dZ\"", day, (int)(ms % MS_PER_S));
}

static enum err
put_number(struct buf *out, const char *name, uint64_t n)
{
	return buf_printf(out, ",\"%s\":%" PRIu64, name, n);
}

static enum err
put_flag(struct buf *out, const char *name, bool on)
{
	return buf_printf(out, ",\"%s\":%s", name, on ? "true" : "false");
}

/* A text that is left out when there is none. */
static enum err
put_some(struct buf *out, const char *name, const char *text)
{
	return text[0] == '\0' ? ERR_OK : text_json_member(out, name, text);
}

static enum err
put_verdict(struct buf *out, const struct history_event *v)
{
	enum err e;

	if ((e = text_json_member(out, "verdict", verdict_name(v->verdict))) !=
		ERR_OK ||
	    (e = text_json_member(out, "format", v->format)) != ERR_OK ||
	    (e = text_json_member(out, "rule", v->rule)) != ERR_OK ||
	    (e = text_json_member(out, "message", v->message)) != ERR_OK)
		return e;
	return text_json_member(out, "where", v->where);
}

static enum err
put_file(struct buf *out, const struct history_event *v)
{
	enum err e;

	if ((e = put_number(out, "dev", v->dev)) != ERR_OK ||
	    (e = put_number(out, "ino", v->ino)) != ERR_OK ||
	    (e = put_number(out, "size", v->size)) != ERR_OK ||
	    (e = put_some(out, "sha256", v->digest)) != ERR_OK ||
	    (e = put_flag(out, "in_place", v->in_place)) != ERR_OK ||
	    (e = put_flag(out, "growing", v->growing)) != ERR_OK)
		return e;
	return put_number(out, "elapsed_us", v->elapsed_us);
}

enum err
history_who_json(const struct history_event *v, struct buf *out)
{
	enum err e;

	if (v->pid <= 0)
		return v->uid == HISTORY_NOBODY
		    ? ERR_OK
		    : put_number(out, "owner", v->uid);
	if ((e = put_number(out, "pid", (uint64_t)v->pid)) != ERR_OK ||
	    !v->known)
		return e;
	if ((e = text_json_member(out, "comm", v->comm)) != ERR_OK ||
	    (e = text_json_member(out, "exe", v->exe)) != ERR_OK ||
	    (e = put_number(out, "uid", v->uid)) != ERR_OK ||
	    (e = text_json_member(out, "user", v->user)) != ERR_OK)
		return e;
	return put_some(out, "container", v->container);
}

enum err
history_event_json(const struct history_event *v, struct buf *out)
{
	const char *error = v->error == EPERM ? "EPERM"
	    : v->error == EIO                 ? "EIO"
					      : "";
	enum err e;

	if ((e = history_time_json(v->time_ms, out)) != ERR_OK ||
	    (e = text_json_member(out, "event", v->kind)) != ERR_OK ||
	    (e = text_json_member(out, "errno", error)) != ERR_OK ||
	    (e = text_json_member(out, "path", v->path)) != ERR_OK ||
	    (e = put_verdict(out, v)) != ERR_OK ||
	    (e = put_file(out, v)) != ERR_OK ||
	    (e = history_who_json(v, out)) != ERR_OK)
		return e;
	if (v->times > 1 && (e = put_number(out, "times", v->times)) != ERR_OK)
		return e;
	return buf_puts(out, "}");
}

/* Is path the same as top, or below it? */
static bool
below(const char *path, const char *top)
{
	size_t n = strlen(top);

	while (n > 1 && top[n - 1] == '/')
		n--;
	if (strncmp(path, top, n) != 0)
		return false;
	return path[n] == '\0' || path[n] == '/' || (n == 1 && top[0] == '/');
}

bool
history_matches(const struct history_filter *f, const struct history_event *e)
{
	return e->time_ms >= f->since_ms &&
	    (f->until_ms == 0 || e->time_ms < f->until_ms) &&
	    (!f->one_user || e->uid == f->uid) &&
	    (!f->one_verdict || e->verdict == f->verdict) &&
	    (f->rule[0] == '\0' || strcmp(f->rule, e->rule) == 0) &&
	    (f->path[0] == '\0' || below(e->path, f->path));
}
