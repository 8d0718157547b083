/* SPDX-License-Identifier: Apache-2.0 */
/* happened: events for people. */
#include "cli/happened.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MS_PER_S = 1000, DAY_S = 86400, NUMBER_MAX = 9 };

static const char *
text_of(const struct ask *a, const struct json_value *of, const char *name,
    struct arena *arena)
{
	const struct json_value *v = ask_member(a, of, name);
	char *text = v == NULL ? NULL : arena_take(arena, v->size + 1);

	return text == NULL ||
		json_string(&a->line->json, v, text, v->size + 1) != ERR_OK
	    ? ""
	    : text;
}

static bool
flag_of(const struct ask *a, const struct json_value *of, const char *name)
{
	const struct json_value *v = ask_member(a, of, name);

	return v != NULL && v->type == JSON_TRUE;
}

/* "2026-11-24T18:01:02.003Z", as the guard writes it. */
static uint64_t
time_of(const char *text)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	time_t s = rest == NULL ? -1 : timegm(&tm);

	if (s < 0)
		return 0;
	return (uint64_t)s * MS_PER_S +
	    (rest[0] == '.' ? strtoul(rest + 1, NULL, 10) % MS_PER_S : 0);
}

static void
who_read(const struct ask *a, const struct json_value *v, struct arena *arena,
    struct history_event *out)
{
	const char *whose = ask_member(a, v, "uid") == NULL ? "owner" : "uid";

	out->pid = (int64_t)ask_count(a, v, "pid");
	out->known = ask_member(a, v, "uid") != NULL;
	if (ask_member(a, v, whose) != NULL)
		out->uid = (uint32_t)ask_count(a, v, whose);
	out->comm = text_of(a, v, "comm", arena);
	out->exe = text_of(a, v, "exe", arena);
	out->user = text_of(a, v, "user", arena);
	out->container = text_of(a, v, "container", arena);
}

bool
happened_read(
    const struct ask *a, struct arena *arena, struct history_event *out)
{
	const struct json_value *v = ask_member(a, NULL, "event");
	const char *error;

	if (v == NULL || v->type != JSON_OBJECT)
		return false;
	history_event_init(out);
	out->time_ms = time_of(text_of(a, v, "time", arena));
	out->kind = text_of(a, v, "event", arena);
	error = text_of(a, v, "errno", arena);
	out->error = strcmp(error, "EPERM") == 0 ? EPERM
	    : strcmp(error, "EIO") == 0          ? EIO
						 : 0;
	/* A word of a later program is the worst that it may be. */
	if (!verdict_parse(text_of(a, v, "verdict", arena), &out->verdict))
		out->verdict = VERDICT_MALICIOUS;
	out->path = text_of(a, v, "path", arena);
	out->format = text_of(a, v, "format", arena);
	out->rule = text_of(a, v, "rule", arena);
	out->message = text_of(a, v, "message", arena);
	out->where = text_of(a, v, "where", arena);
	out->digest = text_of(a, v, "sha256", arena);
	out->dev = ask_count(a, v, "dev");
	out->ino = ask_count(a, v, "ino");
	out->size = ask_count(a, v, "size");
	out->in_place = flag_of(a, v, "in_place");
	out->growing = flag_of(a, v, "growing");
	out->elapsed_us = ask_count(a, v, "elapsed_us");
	out->times = ask_count(a, v, "times");
	who_read(a, v, arena, out);
	return true;
}

void
happened_time(uint64_t ms, char out[HAPPENED_TIME])
{
	time_t s = (time_t)(ms / MS_PER_S);
	struct tm tm;

	if (localtime_r(&s, &tm) == NULL ||
	    strftime(out, HAPPENED_TIME, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		out[0] = '\0';
}

static void
put(struct out *o, const char *before, const char *text)
{
	if (text[0] == '\0')
		return;
	out_puts(o, before);
	out_escaped(o, text, strlen(text));
}

void
happened_who(struct out *o, const struct history_event *e)
{
	if (e->pid <= 0)
		return;
	put(o, " by ", e->exe[0] != '\0' ? e->exe : e->comm);
	out_puts(o, e->known ? " (pid " : " by (pid ");
	out_number(o, (uint64_t)e->pid);
	put(o, ", user ", e->user);
	put(o, ", container ", e->container);
	out_puts(o, ")");
}

void
happened_line(struct out *o, const struct history_event *e)
{
	char when[HAPPENED_TIME];

	happened_time(e->time_ms, when);
	out_puts(o, when);
	put(o, " ", e->kind);
	out_puts(o, " ");
	out_verdict(o, e->verdict);
	put(o, " ", e->path[0] == '\0' ? "(no path)" : e->path);
	put(o, ": ", e->message);
	put(o, " [", e->rule);
	if (e->rule[0] != '\0')
		out_puts(o, "]");
	put(o, " in ", e->where);
	if (e->pid > 0) {
		out_puts(o, "; opened");
		happened_who(o, e);
	}
	if (e->times > 1) {
		out_puts(o, ", ");
		out_number(o, e->times);
		out_puts(o, " times");
	}
	out_puts(o, "\n");
}

/* "2h": how long ago, in seconds. */
static bool
ago(const char *text, uint64_t *out)
{
	static const struct {
		const char *unit;
		uint64_t s;
	} units[] = { { "s", 1 }, { "m", 60 }, { "min", 60 }, { "h", 3600 },
		{ "d", DAY_S }, { "w", 7 * DAY_S } };
	size_t n = strspn(text, "0123456789");

	if (n == 0 || n > NUMBER_MAX)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(text + n, units[i].unit) == 0) {
			*out = strtoull(text, NULL, 10) * units[i].s;
			return true;
		}
	return false;
}

/* The beginning of the day that is so many days before now. */
static time_t
midnight(uint64_t now_ms, int days)
{
	time_t s = (time_t)(now_ms / MS_PER_S);
	struct tm tm;

	if (localtime_r(&s, &tm) == NULL)
		return 0;
	tm.tm_mday -= days;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	return mktime(&tm);
}

/* A date, perhaps with a time of day. */
static bool
date(const char *text, time_t *out)
{
	static const char *const forms[] = { "%Y-%m-%dT%H:%M:%S",
		"%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M",
		"%Y-%m-%d" };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm tm = { .tm_isdst = -1 };
		const char *rest = strptime(text, forms[i], &tm);

		if (rest != NULL && rest[0] == '.')
			rest += 1 + strspn(rest + 1, "0123456789");
		if (rest == NULL || (rest[0] != '\0' && strcmp(rest, "Z") != 0))
			continue;
		*out = rest[0] == 'Z' ? timegm(&tm) : mktime(&tm);
		return true;
	}
	return false;
}

bool
happened_moment(const char *text, uint64_t now_ms, uint64_t *out_ms)
{
	uint64_t s;
	time_t t;

	if (ago(text, &s)) {
		*out_ms = s > now_ms / MS_PER_S ? 0 : now_ms - s * MS_PER_S;
		return true;
	}
	if (strcmp(text, "now") == 0) {
		*out_ms = now_ms;
		return true;
	}
	if (strcmp(text, "today") == 0)
		t = midnight(now_ms, 0);
	else if (strcmp(text, "yesterday") == 0)
		t = midnight(now_ms, 1);
	else if (!date(text, &t))
		return false;
	if (t < 0)
		return false;
	*out_ms = (uint64_t)t * MS_PER_S;
	return true;
}
