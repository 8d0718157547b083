/* SPDX-License-Identifier: Apache-2.0 */
/* recorder: two channels in, one log out. */
#include "guardd/recorder.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"
#include "guardd/action.h"
#include "guardd/already.h"
#include "guardd/confine.h"
#include "guardd/record.h"
#include "guardd/recorder_state.h"

enum {
	ALREADY_MAX = 256, /* of these a line each; the rest is counted */
	POLL_KEEPER = 0,
	POLL_GATE,
	POLL_HISTORY,
	POLL_CONTROL,
	POLL_COUNT = POLL_CONTROL + CONTROL_POLLS
};

#define BRIEF_BYTES (16u << 20)
#define REPEAT_NS CLOCK_NS_PER_S

/* Write all of it, whatever the terminal makes of it. */
static void
print_out(const void *data, size_t n)
{
	const char *at = data;
	ssize_t done;

	while (n > 0) {
		done = write(STDOUT_FILENO, at, n);
		if (done == -1 && errno == EINTR)
			continue;
		if (done <= 0)
			return;
		at += done;
		n -= (size_t)done;
	}
}

/* Write the line that was composed, if it was. */
static void
log_line(struct recorder *r, enum err e)
{
	if (e == ERR_OK)
		journal_write(&r->start.journal, r->line.data, r->line.size);
	buf_clear(&r->line);
}

static void
print_line(struct recorder *r, enum err e)
{
	if (e == ERR_OK && r->start.print)
		print_out(r->line.data, r->line.size);
	buf_clear(&r->line);
}

static void
repeat_flush(struct recorder *r)
{
	struct history_event e;
	char members[96];

	if (r->repeat.times == 0)
		return;
	(void)snprintf(members, sizeof(members),
	    "\"ino\":%llu,\"pid\":%d,\"times\":%llu",
	    (unsigned long long)r->repeat.first.head.ino,
	    r->repeat.first.head.pid, (unsigned long long)r->repeat.times);
	log_line(r, record_members(&r->line, "repeated", members));
	record_event(&r->repeat.first, &r->repeat.who, &e);
	e.times = r->repeat.times;
	if (r->history != NULL)
		history_add(r->history, &e);
	print_line(r,
	    buf_printf(&r->line, "(the same, %llu more times)\n",
		(unsigned long long)r->repeat.times));
	r->repeat.times = 0;
}

/* Is this the same as a moment ago?  Then it's counted. */
static bool
repeated(struct recorder *r, const struct msg *head)
{
	const struct msg *last = &r->repeat.first.head;
	uint64_t now = clock_now();

	if (r->repeat.since != 0 && last->dev == head->dev &&
	    last->ino == head->ino && last->pid == head->pid &&
	    last->error == head->error && now - r->repeat.since < REPEAT_NS) {
		r->repeat.times++;
		return true;
	}
	repeat_flush(r);
	r->repeat.since = now;
	return false;
}

/* Into the log, the history and to those who follow, if it is theirs to see.
 */
static void
keep(struct recorder *r, const struct msg_in *in, const struct who *who)
{
	struct buf *line = &r->line;
	struct history_event e;

	record_event(in, who, &e);
	if (r->history != NULL)
		history_add(r->history, &e);
	if (history_event_json(&e, line) != ERR_OK) {
		buf_clear(line);
		return;
	}
	control_publish(&r->control, e.uid, buf_text(line));
	log_line(r, buf_puts(line, "\n"));
}

/* To a journal go the fields, too; in the foreground of a terminal it is not
 * used. */
static bool
to_journal(const struct recorder *r)
{
	return r->start.set.journal && (!r->start.print || r->stdout_journal);
}

static enum tell_priority
priority_of(const struct history_event *e)
{
	if (strcmp(e->kind, "denied") == 0 || strcmp(e->kind, "flagged") == 0)
		return TELL_WARNING;
	return e->error != 0 ? TELL_NOTICE : TELL_INFO;
}

/* A line of the daemon's own. */
static void
say(struct recorder *r, bool good, const char *text)
{
	if (to_journal(r) &&
	    tell_journal(&r->tell, good ? TELL_INFO : TELL_WARNING, text, NULL))
		return;
	print_line(r, buf_printf(&r->line, "ckptguardd: %s\n", text));
}

/* Say it where people look. */
static void
tell(struct recorder *r, const struct msg_in *in, const struct who *who)
{
	bool told = false, denied;
	struct history_event e;
	enum err err;

	record_event(in, who, &e);
	denied = strcmp(e.kind, "denied") == 0;
	err = record_line(&r->line, in, who);
	if (err == ERR_OK && to_journal(r)) {
		r->line.data[r->line.size - 1] = '\0'; /* its newline */
		told = tell_journal(
		    &r->tell, priority_of(&e), buf_text(&r->line), &e);
		r->line.data[r->line.size - 1] = '\n';
	}
	if (denied && who != NULL && r->start.set.terminal)
		tell_terminal(&r->tell, &e, who);
	if (told || (e.error == 0 && (in->head.flags & MSG_TELL) == 0))
		buf_clear(&r->line);
	else
		print_line(r, err);
}

static void
record(struct recorder *r, struct msg_in *in)
{
	bool asked = (in->head.flags & MSG_WHO) != 0;
	struct who who;

	if (asked) {
		struct msg done = { .type = MSG_RECORDED, .seq = in->head.seq };

		who_look(in->head.pid, &who);
		if (exempt_is(&r->start.set.exempt, &who)) {
			done.flags = MSG_EXEMPT;
			in->head.flags |= MSG_EXEMPT;
		}
		/* The opener goes on from here; names can wait. */
		(void)!channel_send(r->start.gate, &done, NULL, 0, -1);
		if (repeated(r, &in->head))
			return;
		who_name(&who);
		r->repeat.first = *in;
		r->repeat.who = who;
	}
	keep(r, in, asked ? &who : NULL);
	tell(r, in, asked ? &who : NULL);
}

/* The last warnings are told to who asks. */
static void
recorder_warned(struct recorder *r, const char *text)
{
	char *to = r->warnings[r->warned++ % WARNINGS];
	size_t n = strnlen(text, WARNING_MAX - 1);

	memcpy(to, text, n);
	to[n] = '\0';
}

static void
notice(struct recorder *r, const struct msg_in *in)
{
	bool good = (in->head.flags & MSG_GOOD) != 0;

	log_line(
	    r, record_notice(&r->line, good ? "notice" : "warning", in->text));
	if (!good)
		recorder_warned(r, in->text);
	say(r, good, in->text);
}

/* What the history has to tell is told as a notice of ours. */
static void
history_step(struct recorder *r)
{
	char text[HISTORY_TOLD_MAX];
	bool bad;

	if (r->history == NULL || !history_told(r->history, text, &bad))
		return;
	log_line(r, record_notice(&r->line, bad ? "warning" : "notice", text));
	if (bad)
		recorder_warned(r, text);
	say(r, !bad, text);
}

static void
already(void *context, const char *path, pid_t pid, bool mapped)
{
	struct recorder *r = context;
	struct who who;

	if (r->already++ >= ALREADY_MAX)
		return;
	who_look(pid, &who);
	who_name(&who);
	log_line(r, record_already(&r->line, path, &who, mapped));
	print_line(r, record_already_line(&r->line, path, &who, mapped));
}

/* The guard has begun: say what it can't hold any more. */
static void
began(struct recorder *r)
{
	char text[128];
	int n;

	if (r->start.again)
		return;
	r->start.again = true;
	already_find(
	    r->start.watch, r->start.watch_count, getppid(), already, r);
	if (r->already == 0)
		return;
	n = snprintf(text, sizeof(text),
	    "what was opened before the guard began (%zu times) is not held: "
	    "restart those programs",
	    r->already);
	if (n < 0)
		return;
	log_line(r, record_notice(&r->line, "warning", text));
	recorder_warned(r, text);
	say(r, false, text);
}

static void
take_gate(struct recorder *r, struct msg_in *in)
{
	if (in->fd == -1)
		return;
	if (r->start.gate != -1)
		(void)close(r->start.gate);
	r->start.gate = in->fd;
	in->fd = -1;
	/* Whatever the one before held went with it. */
	ask_released(r, NULL);
}

/* A directory of this run alone is in memory, as a rule. */
static struct history_bounds
history_bounds(const struct recorder *r)
{
	struct history_bounds b = r->start.set.history;

	if (r->start.brief && b.bytes > BRIEF_BYTES)
		b.bytes = BRIEF_BYTES;
	return b;
}

static void
take_settings(struct recorder *r, const struct msg_in *in)
{
	struct history_bounds bounds;
	struct settings set;

	if (in->head.text != sizeof(set))
		return;
	memcpy(&set, in->text, sizeof(set));
	r->start.set = set.keep;
	r->control.admins = set.keep.admins;
	bounds = history_bounds(r);
	if (r->history != NULL)
		history_bound(r->history, &bounds);
}

static void
message(struct recorder *r, struct msg_in *in)
{
	if (in->head.type == MSG_RECORD)
		record(r, in);
	else if (in->head.type == MSG_NOTICE)
		notice(r, in);
	else if (in->head.type == MSG_COUNTERS)
		log_line(r, record_members(&r->line, "counters", in->text));
	else if (in->head.type == MSG_READY) {
		memcpy(r->guarding, in->text, sizeof(r->guarding));
		began(r);
	} else if (in->head.type == MSG_LOADED && in->head.text <= LOADED_MAX)
		memcpy(r->loaded, in->text, in->head.text + 1);
	else if (in->head.type == MSG_RELOADED)
		ask_reloaded(r, in->head.error, in->text);
	else if (in->head.type == MSG_RELEASED)
		ask_released(r, &in->head.dev);
	else if (in->head.type == MSG_SETTINGS)
		take_settings(r, in);
	else if (in->head.type == MSG_VAULT && in->fd != -1)
		ask_vault_take(steal_fd(&in->fd));
	else if (in->head.type == MSG_PEER)
		take_gate(r, in);
	else if (in->head.type == MSG_STOP)
		r->stopping = true;
	if (in->fd != -1)
		(void)close(in->fd);
}

/* Read one channel empty; false: its other end is gone. */
static bool
drain(struct recorder *r, int *sock)
{
	static struct msg_in in;
	int fd = *sock;
	enum err e = ERR_LIMIT;

	/* A new gate's channel may take this one's place meanwhile. */
	while (fd != -1 && *sock == fd && (e = channel_recv(fd, &in)) == ERR_OK)
		message(r, &in);
	return e != ERR_SYS;
}

static int
sleep_ms(const struct recorder *r)
{
	uint64_t due = control_due(&r->control), now = clock_now();

	if (r->repeat.times != 0 && r->repeat.since + REPEAT_NS < due)
		due = r->repeat.since + REPEAT_NS;
	if (due == UINT64_MAX)
		return -1;
	return due <= now ? 0 : (int)((due - now) / CLOCK_NS_PER_MS) + 1;
}

static void
turn(struct recorder *r)
{
	struct pollfd p[POLL_COUNT] = {
		[POLL_KEEPER] = { .fd = r->start.keeper, .events = POLLIN },
		[POLL_GATE] = { .fd = r->start.gate, .events = POLLIN },
		[POLL_HISTORY] = { .fd = r->history == NULL
			? -1
			: history_wake(r->history),
		    .events = POLLIN },
	};

	control_poll(&r->control, &p[POLL_CONTROL]);
	(void)poll(p, POLL_COUNT, sleep_ms(r));
	if (clock_now() - r->repeat.since >= REPEAT_NS)
		repeat_flush(r);
	if (!drain(r, &r->start.gate)) {
		(void)close(r->start.gate);
		r->start.gate = -1;
	}
	if (!drain(r, &r->start.keeper))
		r->stopping = true;
	if (p[POLL_HISTORY].revents != 0)
		history_step(r);
	control_step(&r->control, &p[POLL_CONTROL]);
}

/* The log may have another name since this descriptor was opened. */
static void
log_again(struct recorder *r)
{
	struct journal fresh;

	if (journal_open(r->start.journal.dir, &fresh) == ERR_OK) {
		(void)close(r->start.journal.fd);
		r->start.journal = fresh;
	}
}

/* Without a history the guard goes on, and says so. */
static void
history_begin(struct recorder *r)
{
	static const char text[] = "no history is kept: out of memory";
	struct history_bounds bounds = history_bounds(r);
	char dir[32];

	(void)snprintf(
	    dir, sizeof(dir), "/proc/self/fd/%d", r->start.journal.dir);
	if (history_new(dir, &bounds, &r->history) == ERR_OK)
		return;
	r->history = NULL;
	log_line(r, record_notice(&r->line, "warning", text));
	recorder_warned(r, text);
}

int
recorder_run(const struct recorder_start *start)
{
	static struct recorder r;

	r.start = *start;
	r.line = buf_new(RECORD_MAX);

	tell_join();
	if (confine_recorder() != ERR_OK)
		return 1;
	if (start->again)
		log_again(&r);
	r.stdout_journal = getenv("JOURNAL_STREAM") != NULL;
	tell_begin(&r.tell);
	history_begin(&r);
	if (control_begin(&r.control, start->control, ask_rows, ask_row_count,
		&r) != ERR_OK)
		return 1;
	r.control.admins = start->set.admins;
	while (!r.stopping)
		turn(&r);
	(void)drain(&r, &r.start.gate);
	repeat_flush(&r);
	control_end(&r.control);
	history_reader_free(&r.reader);
	history_free(&r.history);
	tell_end(&r.tell);
	buf_free(&r.line);
	return 0;
}
