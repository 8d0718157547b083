/* SPDX-License-Identifier: Apache-2.0 */
/* control: a listener and a few clients, none of them waited for. */
#include "guardd/control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/own.h"
#include "base/text.h"

enum { ANSWER_MAX = 64 * 1024, BACKLOG = 8 };

/* A dead daemon's socket is in the way; anything else stays. */
static void
stale_remove(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		(void)unlink(path);
}

enum err
control_listen(const char *path, int *out)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	AUTO_CLOSE int fd =
	    socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	size_t n = strlen(path);

	if (n >= sizeof(at.sun_path)) {
		errno = ENAMETOOLONG;
		return ERR_SYS;
	}
	memcpy(at.sun_path, path, n + 1);
	stale_remove(path);
	if (fd == -1 || fchmod(fd, 0600) == -1 ||
	    bind(fd, (const struct sockaddr *)(const void *)&at, sizeof(at)) ==
		-1 ||
	    chmod(path, 0600) == -1 || listen(fd, BACKLOG) == -1)
		return ERR_SYS;
	*out = steal_fd(&fd);
	return ERR_OK;
}

void
control_begin(struct control *c, int listener)
{
	*c = (struct control){ .listener = listener };
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		c->clients[i].fd = -1;
}

void
control_poll(const struct control *c, struct pollfd *p)
{
	p[0] = (struct pollfd){ .fd = c->listener, .events = POLLIN };
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		p[i + 1] =
		    (struct pollfd){ .fd = c->clients[i].fd, .events = POLLIN };
}

static void
client_drop(struct control_client *c)
{
	if (c->fd != -1)
		(void)close(c->fd);
	*c = (struct control_client){ .fd = -1 };
}

static bool
peer_is_root(int fd)
{
	struct ucred who = { .uid = (uid_t)-1 };
	socklen_t n = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0 &&
	    who.uid == 0;
}

static void
client_accept(struct control *c)
{
	int fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd == -1)
		return;
	for (size_t i = 0; i < CONTROL_CLIENTS && peer_is_root(fd); i++)
		if (c->clients[i].fd == -1) {
			c->clients[i] = (struct control_client){ .fd = fd };
			return;
		}
	(void)close(fd);
}

/* One write, or none: who doesn't read is no reason to wait. */
static void
client_say(struct control_client *c, const void *data, size_t n)
{
	if (send(c->fd, data, n, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)n)
		client_drop(c);
}

/* A whole line came. */
static void
client_ask(struct control_client *c)
{
	static const char wrong[] =
	    "{\"error\":\"ask {\\\"command\\\":\\\"status\\\"}\"}\n";

	if (strcmp(c->line, "{\"command\":\"status\"}") == 0)
		c->waits = true;
	else
		client_say(c, wrong, sizeof(wrong) - 1);
}

/* Read what a client says, up to one line, without its blanks. */
static void
client_read(struct control_client *c)
{
	char byte;
	ssize_t n;

	while ((n = recv(c->fd, &byte, 1, MSG_DONTWAIT)) == 1) {
		if (byte == '\n') {
			c->line[c->used] = '\0';
			c->used = 0;
			client_ask(c);
			return;
		}
		if (byte == ' ' || byte == '\t' || byte == '\r')
			continue;
		if (c->used == CONTROL_LINE - 1) {
			client_drop(c);
			return;
		}
		c->line[c->used++] = byte;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		client_drop(c);
}

bool
control_step(struct control *c, const struct pollfd *p)
{
	bool wanted = false;

	for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *client = &c->clients[i];

		if (p[i + 1].revents != 0 && client->fd == p[i + 1].fd)
			client_read(client);
		wanted = wanted || client->waits;
	}
	if (p[0].revents != 0)
		client_accept(c);
	return wanted;
}

/* "a","b" of the lines of text. */
static enum err
put_lines(struct buf *out, const char *text)
{
	enum err e = ERR_OK;

	for (const char *at = text; *at != '\0' && e == ERR_OK;) {
		size_t n = strcspn(at, "\n");

		if ((e = buf_puts(out, at == text ? "\"" : ",\"")) != ERR_OK ||
		    (e = text_json(out, at, n)) != ERR_OK)
			return e;
		e = buf_puts(out, "\"");
		at += n + (at[n] == '\n');
	}
	return e;
}

static enum err
put_warnings(const struct control *c, struct buf *out)
{
	size_t first =
	    c->warned > CONTROL_WARNINGS ? c->warned - CONTROL_WARNINGS : 0;
	enum err e = ERR_OK;

	for (size_t i = first; i < c->warned && e == ERR_OK; i++) {
		const char *text = c->warnings[i % CONTROL_WARNINGS];

		if ((e = buf_puts(out, i == first ? "\"" : ",\"")) != ERR_OK ||
		    (e = text_json(out, text, strlen(text))) != ERR_OK)
			return e;
		e = buf_puts(out, "\"");
	}
	return e;
}

static enum err
answer_make(const struct control *c, const char *counters, struct buf *out)
{
	enum err e;

	if ((e = buf_puts(out, "{\"guarding\":[")) != ERR_OK ||
	    (e = put_lines(out, c->guarding)) != ERR_OK ||
	    (e = buf_puts(out, "],\"warnings\":[")) != ERR_OK ||
	    (e = put_warnings(c, out)) != ERR_OK)
		return e;
	return buf_printf(out, "],\"counters\":{%s}}\n", counters);
}

void
control_answer(struct control *c, const char *counters)
{
	AUTO(buf) struct buf answer = buf_new(ANSWER_MAX);

	if (answer_make(c, counters, &answer) != ERR_OK)
		return;
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		if (c->clients[i].waits) {
			c->clients[i].waits = false;
			client_say(&c->clients[i], answer.data, answer.size);
		}
}

void
control_guarding(struct control *c, const char *lines)
{
	(void)snprintf(c->guarding, sizeof(c->guarding), "%s", lines);
}

void
control_warning(struct control *c, const char *text)
{
	char *to = c->warnings[c->warned++ % CONTROL_WARNINGS];
	size_t n = strnlen(text, CONTROL_TEXT - 1);

	memcpy(to, text, n);
	to[n] = '\0';
}
