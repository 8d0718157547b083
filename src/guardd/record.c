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
enum part {
	PART_PATH,
	PART_RULE,
	PART_MESSAGE,
	PART_WHERE,
	PART_FORMAT,
	PART_VAULT
};

static uint64_t
now_ms(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static enum err
put_time(struct buf *out)
{
	return history_time_json(now_ms(), out);
}

static enum err
put_flag(struct buf *out, const char *name, bool on)
{
	return buf_printf(out, ",\"%s\":%s", name, on ? "true" : "false");
}

static const char *
event_name(const struct msg *head)
{
	if ((head->flags & MSG_VAULTED) != 0)
		return "quarantined";
	if (head->error == 0)
		return "noted";
	if ((head->flags & MSG_OBSERVE) != 0)
		return "observed";
	if ((head->flags & MSG_EXEMPT) != 0)
		return "exempted";
	return (head->flags & MSG_WHO) != 0 ? "denied" : "flagged";
}

static void
event_who(struct history_event *out, const struct who *who)
{
	out->pid = who->pid;
	out->known = who->known;
	if (!who->known)
		return;
	out->uid = who->uid;
	out->comm = who->comm;
	out->exe = who->exe;
	out->user = who->user;
	out->container = who->container;
}

void
record_event(
    const struct msg_in *in, const struct who *who, struct history_event *out)
{
	const struct msg *head = &in->head;

	history_event_init(out);
	out->time_ms = now_ms();
	out->kind = event_name(head);
	out->error = head->error;
	out->verdict = (enum verdict)head->verdict;
	out->path = msg_part(in, PART_PATH);
	out->rule = msg_part(in, PART_RULE);
	out->message = msg_part(in, PART_MESSAGE);
	out->where = msg_part(in, PART_WHERE);
	out->format = msg_part(in, PART_FORMAT);
	out->dev = head->dev;
	out->ino = head->ino;
	out->size = head->size;
	out->in_place = (head->flags & MSG_IN_PLACE) != 0;
	out->growing = (head->flags & MSG_GROWING) != 0;
	out->elapsed_us = head->elapsed;
	out->uid = head->owner;
	if (who != NULL)
		event_who(out, who);
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
	    (e = say_who(out, who)) != ERR_OK ||
	    (e = say(out, "; in the vault as ", msg_part(in, PART_VAULT),
		 "")) != ERR_OK)
		return e;
	return buf_puts(out, "\n");
}

enum err
record_already(
    struct buf *out, const char *path, const struct who *who, bool mapped)
{
	struct history_event opener;
	enum err e;

	history_event_init(&opener);
	event_who(&opener, who);
	if ((e = put_time(out)) != ERR_OK ||
	    (e = text_json_member(out, "event", "open-before")) != ERR_OK ||
	    (e = text_json_member(out, "path", path)) != ERR_OK ||
	    (e = put_flag(out, "mapped", mapped)) != ERR_OK ||
	    (e = history_who_json(&opener, out)) != ERR_OK)
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
	    (e = text_json_member(out, "event", event)) != ERR_OK ||
	    (e = text_json_member(out, "text", text)) != ERR_OK)
		return e;
	return buf_puts(out, "}\n");
}

enum err
record_members(struct buf *out, const char *event, const char *members)
{
	enum err e;

	if ((e = put_time(out)) != ERR_OK ||
	    (e = text_json_member(out, "event", event)) != ERR_OK)
		return e;
	return buf_printf(out, ",%s}\n", members);
}
