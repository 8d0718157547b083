/* SPDX-License-Identifier: Apache-2.0 */
/* reload: read and pack; unpack. */
#include "guardd/reload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "guardd/prepare.h"

#define UNCHANGED "; the configuration stays as it was"

static void __attribute__((format(printf, 3, 4)))
say(int keeper, bool good, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	channel_notice(keeper, good, format, args);
	va_end(args);
}

/* A notice for each line of complaint, and all of them for who asked. */
static void
say_lines(int keeper, const char *lines)
{
	struct msg head = { .type = MSG_RELOADED, .error = EINVAL };

	(void)!channel_send(keeper, &head, lines, strlen(lines), -1);
	for (const char *at = lines; *at != '\0';) {
		size_t n = strcspn(at, "\n");

		say(keeper, false, "%.*s" UNCHANGED, (int)n, at);
		at += n + (at[n] == '\n');
	}
}

static enum err
pack(const struct options *o, const struct prepared *p, struct buf *out)
{
	struct reload head = { .set = options_settings(o),
		.settle = o->settle,
		.scan_new = o->scan_new };
	enum err e;

	memcpy(head.watch_policy, p->watch_policy, sizeof(head.watch_policy));
	e = buf_add(out, &head, sizeof(head));
	for (size_t i = 0; i < p->watch_count && e == ERR_OK; i++)
		e = buf_add(out, p->watch[i], strlen(p->watch[i]) + 1);
	return e;
}

static void
expand(const struct options *o, int keeper)
{
	AUTO(buf) struct buf packed = buf_new(CHANNEL_TEXT_MAX);
	struct msg head = { .type = MSG_CONFIG };
	struct prepared *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return;
	if (prepare_watches(o, p) != ERR_OK)
		say_lines(keeper, p->why);
	else if (pack(o, p, &packed) != ERR_OK)
		say_lines(keeper,
		    "the names of the watched directories are too long for a "
		    "reload: restart the guard");
	else
		(void)!channel_send(
		    keeper, &head, (const char *)packed.data, packed.size, -1);
	for (size_t i = 0; i < p->watch_count; i++)
		free(p->watch[i]);
	free(p);
}

void
reload_read(const struct options *old, int keeper)
{
	AUTO(buf) struct buf why = buf_new(CONF_WHY_MAX);
	struct options o = *old;
	struct conf c;

	if (conf_load(o.config, true, &c, &why) != ERR_OK) {
		say_lines(keeper, buf_text(&why));
		return;
	}
	options_complete(&o, &c, &why);
	for (const char *at = buf_text(&why); *at != '\0';) {
		size_t n = strcspn(at, "\n");

		say(keeper, false, "%.*s", (int)n, at);
		at += n + (at[n] == '\n');
	}
	expand(&o, keeper);
	conf_free(&c);
}

bool
reload_take(struct options *o, const struct msg_in *in)
{
	static char room[CHANNEL_TEXT_MAX + 1];
	struct reload head;
	const char *end = room + in->head.text;
	size_t n = 0;

	if (in->head.text <= sizeof(head))
		return false;
	memcpy(room, in->text, in->head.text);
	room[in->head.text] = '\0';
	memcpy(&head, room, sizeof(head));
	for (const char *at = room + sizeof(head);
	     at < end && n < OPTIONS_WATCH_MAX; at += strlen(at) + 1)
		o->watch[n++] = at;
	o->watch_count = n;
	o->policy = head.set.policies[0];
	o->policy_count = head.set.policy_count - 1;
	memcpy(o->watch_policies, &head.set.policies[1],
	    sizeof(o->watch_policies));
	memcpy(o->watch_policy, head.watch_policy, sizeof(o->watch_policy));
	o->observe = head.set.observe;
	o->crash_open = head.set.crash_open;
	o->deadline = head.set.deadline;
	o->stall = head.set.stall;
	o->keep_days = head.set.keep_days;
	o->keep_gigabytes = head.set.keep_gigabytes;
	o->users_restore = head.set.users_restore;
	o->keep = head.set.keep;
	o->settle = head.settle;
	o->scan_new = head.scan_new != 0;
	return true;
}
