/* SPDX-License-Identifier: Apache-2.0 */
/* record: sentences and objects. */
#include "guardd/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "model/verdict.h"

/* The parts of a record, in the order in which they are sent. */
enum part { PART_PATH, PART_RULE, PART_MESSAGE, PART_WHERE, PART_FORMAT };

/* Universal time: no zone file is ever opened. */
static enum err
put_time(struct buf *out)
{
	struct timespec now = { 0 };
	struct tm tm;
	char day[32];

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (gmtime_r(&now.tv_sec, &tm) == NULL ||
	    strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return buf_puts(out, "{\"time\":null");
	return buf_printf(
	    out, "{\"time\":\"%s.%03ldZ\"", day, now.tv_nsec / 1000000);
}

/* ,"name":"text" */
static enum err
put_text(struct buf *out, const char *name, const char *text)
{
	enum err e;

	if ((e = buf_printf(out, ",\"%s\":\"", name)) != ERR_OK ||
	    (e = text_json(out, text, strlen(text))) != ERR_OK)
		return e;
	return buf_puts(out, "\"");
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

static const char *
event_name(const struct msg *head)
{
	if (head->error == 0)
		return "noted";
	if ((head->flags & MSG_OBSERVE) != 0)
		return "observed";
	return (head->flags & MSG_WHO) != 0 ? "denied" : "flagged";
}

static const char *
errno_name(int error)
{
	return error == EPERM ? "EPERM" : error == EIO ? "EIO" : "";
}

static enum err
put_who(struct buf *out, const struct who *who)
{
	enum err e;

	if (who == NULL)
		return ERR_OK;
	if ((e = put_number(out, "pid", (uint64_t)who->pid)) != ERR_OK ||
	    !who->known)
		return e;
	if ((e = put_text(out, "comm", who->comm)) != ERR_OK ||
	    (e = put_text(out, "exe", who->exe)) != ERR_OK ||
	    (e = put_number(out, "uid", who->uid)) != ERR_OK)
		return e;
	return put_text(out, "user", who->user);
}

static enum err
put_verdict(struct buf *out, const struct msg_in *in)
{
	enum err e;

	if ((e = put_text(out, "verdict",
		 verdict_name((enum verdict)in->head.verdict))) != ERR_OK ||
	    (e = put_text(out, "format", msg_part(in, PART_FORMAT))) !=
		ERR_OK ||
	    (e = put_text(out, "rule", msg_part(in, PART_RULE))) != ERR_OK ||
	    (e = put_text(out, "message", msg_part(in, PART_MESSAGE))) !=
		ERR_OK)
		return e;
	return put_text(out, "where", msg_part(in, PART_WHERE));
}

static enum err
put_file(struct buf *out, const struct msg *head)
{
	enum err e;

	if ((e = put_number(out, "dev", head->dev)) != ERR_OK ||
	    (e = put_number(out, "ino", head->ino)) != ERR_OK ||
	    (e = put_number(out, "size", head->size)) != ERR_OK ||
	    (e = put_flag(out, "in_place",
		 (head->flags & MSG_IN_PLACE) != 0)) != ERR_OK ||
	    (e = put_flag(out, "growing", (head->flags & MSG_GROWING) != 0)) !=
		ERR_OK)
		return e;
	return put_number(out, "elapsed_us", head->elapsed);
}

enum err
record_json(struct buf *out, const struct msg_in *in, const struct who *who)
{
	enum err e;

	if ((e = put_time(out)) != ERR_OK ||
	    (e = put_text(out, "event", event_name(&in->head))) != ERR_OK ||
	    (e = put_text(out, "errno", errno_name(in->head.error))) !=
		ERR_OK ||
	    (e = put_text(out, "path", msg_part(in, PART_PATH))) != ERR_OK ||
	    (e = put_verdict(out, in)) != ERR_OK ||
	    (e = put_file(out, &in->head)) != ERR_OK ||
	    (e = put_who(out, who)) != ERR_OK)
		return e;
	return buf_puts(out, "}\n");
}

/* " (name: text)" with hostile text, or nothing. */
static enum err
say(struct buf *out, const char *before, const char *text, const char *after)
{
	enum err e;

	if (text[0] == '\0')
		return ERR_OK;
	if ((e = buf_puts(out, before)) != ERR_OK ||
	    (e = text_escape(out, text, strlen(text))) != ERR_OK)
		return e;
	return buf_puts(out, after);
}

static enum err
say_who(struct buf *out, const struct who *who)
{
	const char *program;
	enum err e;

	if (who == NULL)
		return ERR_OK;
	if (!who->known)
		return buf_printf(out, "; opened by pid %d", (int)who->pid);
	program = who->exe[0] != '\0' ? who->exe : who->comm;
	if ((e = say(out, "; opened by ", program, "")) != ERR_OK)
		return e;
	if ((e = buf_printf(out, " (pid %d", (int)who->pid)) != ERR_OK)
		return e;
	return say(out, ", user ", who->user, ")");
}

enum err
record_line(struct buf *out, const struct msg_in *in, const struct who *who)
{
	const char *path = msg_part(in, PART_PATH);
	enum err e;

	if ((e = buf_puts(out, event_name(&in->head))) != ERR_OK ||
	    (e = say(out, " ", path[0] == '\0' ? "(no path)" : path, "")) !=
		ERR_OK)
		return e;
	e = buf_printf(
	    out, ": %s", verdict_name((enum verdict)in->head.verdict));
	if (e != ERR_OK ||
	    (e = say(out, ": ", msg_part(in, PART_MESSAGE), "")) != ERR_OK ||
	    (e = say(out, " [", msg_part(in, PART_RULE), "]")) != ERR_OK ||
	    (e = say(out, " in ", msg_part(in, PART_WHERE), "")) != ERR_OK ||
	    (e = say_who(out, who)) != ERR_OK)
		return e;
	return buf_puts(out, "\n");
}

enum err
record_already(
    struct buf *out, const char *path, const struct who *who, bool mapped)
{
	enum err e;

	if ((e = put_time(out)) != ERR_OK ||
	    (e = put_text(out, "event", "open-before")) != ERR_OK ||
	    (e = put_text(out, "path", path)) != ERR_OK ||
	    (e = put_flag(out, "mapped", mapped)) != ERR_OK ||
	    (e = put_who(out, who)) != ERR_OK)
		return e;
	return buf_puts(out, "}\n");
}

enum err
record_already_line(
    struct buf *out, const char *path, const struct who *who, bool mapped)
{
	enum err e;

	if ((e = buf_puts(out, "not held, was ")) != ERR_OK ||
	    (e = buf_puts(out, mapped ? "mapped" : "open")) != ERR_OK ||
	    (e = say(out, " before: ", path, "")) != ERR_OK ||
	    (e = say(out, "; by ", who->comm, "")) != ERR_OK)
		return e;
	return buf_printf(out, " (pid %d)\n", (int)who->pid);
}

enum err
record_notice(struct buf *out, const char *event, const char *text)
{
	enum err e;

	if ((e = put_time(out)) != ERR_OK ||
	    (e = put_text(out, "event", event)) != ERR_OK ||
	    (e = put_text(out, "text", text)) != ERR_OK)
		return e;
	return buf_puts(out, "}\n");
}

enum err
record_members(struct buf *out, const char *event, const char *members)
{
	enum err e;

	if ((e = put_time(out)) != ERR_OK ||
	    (e = put_text(out, "event", event)) != ERR_OK)
		return e;
	return buf_printf(out, ",%s}\n", members);
}
