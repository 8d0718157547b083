/* SPDX-License-Identifier: Apache-2.0 */
/* tell: datagrams and terminals. */
#include "guardd/tell.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"
#include "base/text.h"

enum {
	DATAGRAM_MAX = 64 * 1024,
	MESSAGE_MAX = 16 * 1024,
	FACILITY = 3 << 3, /* daemon */
	PTS_MAJOR = 136,   /* UNIX98_PTY_SLAVE_MAJOR */
	TTY_MAJOR = 4,
	TTY_LAST = 63 /* behind it come serial lines */
};

#define JOURNAL_SOCKET "/run/systemd/journal/socket"
#define SYSLOG_SOCKET "/dev/log"
#define IDENTIFIER "ckptguardd"
/* One for each kind of event that a catalogue may explain. */
#define MESSAGE_ID "5e1d2c6f0a1b4d6f9a7c3b8e4f2d1c60"

void
tell_join(void)
{
	const struct group *tty = getgrnam("tty");

	if (tty != NULL)
		(void)setgroups(1, &tty->gr_gid);
}

void
tell_begin(struct tell *t)
{
	*t = (struct tell){ .sock = socket(AF_UNIX,
				SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) };
}

void
tell_end(struct tell *t)
{
	if (t->sock != -1)
		(void)close(t->sock);
	t->sock = -1;
}

/* NAME, the length as 64 bits little endian, the bytes: no value can end its
 * field early. */
static enum err
put_field(struct buf *out, const char *name, const char *value)
{
	size_t n = strlen(value);
	uint8_t size[8];
	enum err e;

	if (n == 0)
		return ERR_OK;
	for (size_t i = 0; i < sizeof(size); i++)
		size[i] = (uint8_t)((uint64_t)n >> (8 * i));
	if ((e = buf_puts(out, name)) != ERR_OK ||
	    (e = buf_puts(out, "\n")) != ERR_OK ||
	    (e = buf_add(out, size, sizeof(size))) != ERR_OK ||
	    (e = buf_add(out, value, n)) != ERR_OK)
		return e;
	return buf_puts(out, "\n");
}

static enum err
put_count(struct buf *out, const char *name, int64_t n)
{
	return buf_printf(out, "%s=%lld\n", name, (long long)n);
}

static enum err
put_event(struct buf *out, const struct history_event *e)
{
	const struct {
		const char *name, *value;
	} fields[] = {
		{ "MESSAGE_ID", MESSAGE_ID },
		{ "CKPTGUARD_EVENT", e->kind },
		{ "CKPTGUARD_PATH", e->path },
		{ "CKPTGUARD_VERDICT", verdict_name(e->verdict) },
		{ "CKPTGUARD_FORMAT", e->format },
		{ "CKPTGUARD_RULE", e->rule },
		{ "CKPTGUARD_FINDING", e->message },
		{ "CKPTGUARD_WHERE", e->where },
		{ "CKPTGUARD_EXE", e->exe },
		{ "CKPTGUARD_USER", e->user },
		{ "CKPTGUARD_CONTAINER", e->container },
		{ "CKPTGUARD_SHA256", e->digest },
	};
	enum err err = put_count(out, "CKPTGUARD_SIZE", (int64_t)e->size);

	for (size_t i = 0;
	     i < sizeof(fields) / sizeof(fields[0]) && err == ERR_OK; i++)
		err = put_field(out, fields[i].name, fields[i].value);
	if (err == ERR_OK && e->error != 0)
		err = put_count(out, "ERRNO", e->error);
	if (err == ERR_OK && e->uid != HISTORY_NOBODY)
		err = put_count(out, "CKPTGUARD_UID", e->uid);
	if (err == ERR_OK && e->pid > 0)
		err = put_count(out, "CKPTGUARD_PID", e->pid);
	return err;
}

enum err
tell_fields(struct buf *out, enum tell_priority priority, const char *sentence,
    const struct history_event *e)
{
	enum err err;

	if ((err = put_field(out, "MESSAGE", sentence)) != ERR_OK ||
	    (err = put_count(out, "PRIORITY", priority)) != ERR_OK ||
	    (err = put_field(out, "SYSLOG_IDENTIFIER", IDENTIFIER)) != ERR_OK ||
	    (err = put_count(out, "SYSLOG_FACILITY", FACILITY >> 3)) != ERR_OK)
		return err;
	return e == NULL ? ERR_OK : put_event(out, e);
}

static bool
send_to(const struct tell *t, const char *path, const void *data, size_t n)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	memcpy(at.sun_path, path, strlen(path) + 1);
	return sendto(t->sock, data, n, MSG_DONTWAIT | MSG_NOSIGNAL,
		   (const struct sockaddr *)(const void *)&at,
		   sizeof(at)) == (ssize_t)n;
}

/* "<28>Nov 24 18:00:00 ckptguardd[12]: sentence" */
static bool
send_syslog(
    const struct tell *t, enum tell_priority priority, const char *sentence)
{
	AUTO(buf) struct buf line = buf_new(MESSAGE_MAX);
	time_t now = time(NULL);
	char when[32];
	struct tm tm;

	if (localtime_r(&now, &tm) == NULL ||
	    strftime(when, sizeof(when), "%b %e %H:%M:%S", &tm) == 0)
		return false;
	return buf_printf(&line, "<%d>%s " IDENTIFIER "[%d]: %s",
		   FACILITY | (int)priority, when, (int)getpid(),
		   sentence) == ERR_OK &&
	    send_to(t, SYSLOG_SOCKET, line.data, line.size);
}

bool
tell_journal(struct tell *t, enum tell_priority priority, const char *sentence,
    const struct history_event *e)
{
	AUTO(buf) struct buf out = buf_new(DATAGRAM_MAX);

	if (t->sock == -1)
		return false;
	if (tell_fields(&out, priority, sentence, e) == ERR_OK &&
	    send_to(t, JOURNAL_SOCKET, out.data, out.size))
		return true;
	return send_syslog(t, priority, sentence);
}

int
tell_may(struct tell *t, uint32_t tty, uint64_t now)
{
	struct tell_terminal *at = &t->terminals[0];

	for (size_t i = 0; i < TELL_TERMINALS; i++) {
		struct tell_terminal *one = &t->terminals[i];

		if (one->tty == tty) {
			at = one;
			break;
		}
		if (one->since < at->since)
			at = one;
	}
	if (at->tty != tty || now - at->since >= TELL_PAUSE_S * CLOCK_NS_PER_S)
		*at = (struct tell_terminal){ .tty = tty, .since = now };
	if (at->count == TELL_BURST)
		return 0;
	at->count++;
	return at->count == TELL_BURST ? 2 : 1;
}

/* The terminal as a file, if it is this user's and takes messages; -1. */
static int
terminal_open(const struct who *who)
{
	/* As /proc/PID/stat has it: the minor's upper bits are on top. */
	unsigned major_of = who->tty >> 8 & 0xfff;
	unsigned minor_of = (who->tty & 0xff) | (who->tty >> 12 & 0xfff00);
	AUTO_CLOSE int fd = -1;
	struct stat st;
	char path[32];

	if (major_of == PTS_MAJOR)
		(void)snprintf(path, sizeof(path), "/dev/pts/%u", minor_of);
	else if (major_of == TTY_MAJOR && minor_of > 0 && minor_of <= TTY_LAST)
		(void)snprintf(path, sizeof(path), "/dev/tty%u", minor_of);
	else
		return -1;
	fd = open(
	    path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (fd == -1 || fstat(fd, &st) == -1 || !S_ISCHR(st.st_mode) ||
	    st.st_rdev != makedev(major_of, minor_of) ||
	    st.st_uid != who->uid || (st.st_mode & S_IWGRP) == 0)
		return -1;
	return steal_fd(&fd);
}

static enum err
put_message(struct buf *out, const struct history_event *e, bool last)
{
	enum err err;

	if ((err = buf_puts(out, "\r\nckptguard: opening ")) != ERR_OK ||
	    (err = text_escape(out, e->path, strlen(e->path))) != ERR_OK ||
	    (err = buf_printf(out,
		 " was denied: %s: ", verdict_name(e->verdict))) != ERR_OK ||
	    (err = text_escape(out, e->message, strlen(e->message))) != ERR_OK)
		return err;
	return buf_puts(out,
	    last ? "\r\n(no more for now: see ckptguard events)\r\n"
		 : "\r\n(ckptguard why FILE says more)\r\n");
}

void
tell_terminal(
    struct tell *t, const struct history_event *e, const struct who *who)
{
	AUTO(buf) struct buf out = buf_new(MESSAGE_MAX);
	AUTO_CLOSE int fd = -1;
	int may;

	/* A container has terminals of its own with the same numbers. */
	if (!who->known || who->tty == 0 || who->container[0] != '\0' ||
	    (fd = terminal_open(who)) == -1 ||
	    (may = tell_may(t, who->tty, clock_now())) == 0)
		return;
	if (put_message(&out, e, may == 2) == ERR_OK)
		(void)!write(fd, out.data, out.size);
}
