/* SPDX-License-Identifier: Apache-2.0 */
/* talk: connect, ask, hear. */
#include "talk/talk.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"
#include "base/text.h"

enum { READ_STEP = 64 * 1024, SEND_MS = 5000 };

enum err
talk_open(const char *path, struct talk *out)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	AUTO_CLOSE int fd = -1;
	size_t n = strlen(path);

	if (n >= sizeof(at.sun_path)) {
		errno = ENAMETOOLONG;
		return ERR_SYS;
	}
	memcpy(at.sun_path, path, n + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 ||
	    connect(fd, (const struct sockaddr *)(const void *)&at,
		sizeof(at)) == -1)
		return ERR_SYS;
	*out = (struct talk){ .fd = steal_fd(&fd),
		.in = buf_new(TALK_LINE_MAX + READ_STEP) };
	return ERR_OK;
}

void
talk_free(struct talk *t)
{
	if (t == NULL)
		return;
	if (t->fd > 0)
		(void)close(t->fd);
	buf_free(&t->in);
	*t = (struct talk){ .fd = -1 };
}

enum err
talk_begin(struct buf *out, const char *command)
{
	return buf_printf(
	    out, "{\"v\":%d,\"command\":\"%s\"", TALK_VERSION, command);
}

enum err
talk_text(struct buf *out, const char *name, const char *text)
{
	return text_json_member(out, name, text);
}

enum err
talk_number(struct buf *out, const char *name, uint64_t n)
{
	return buf_printf(out, ",\"%s\":%" PRIu64, name, n);
}

enum err
talk_ask(struct talk *t, struct buf *question)
{
	enum err e = buf_puts(question, "}\n");
	size_t done = 0;

	while (e == ERR_OK && done < question->size) {
		struct pollfd p = { .fd = t->fd, .events = POLLOUT };
		ssize_t n;

		if (poll(&p, 1, SEND_MS) == 0) {
			errno = ETIMEDOUT;
			return ERR_SYS;
		}
		n = send(t->fd, question->data + done, question->size - done,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n == -1 && errno != EAGAIN && errno != EINTR)
			return ERR_SYS;
		done += n > 0 ? (size_t)n : 0;
	}
	return e;
}

/* Read what is there, once. */
static enum err
read_more(struct talk *t, int timeout_ms)
{
	struct pollfd p = { .fd = t->fd, .events = POLLIN };
	uint8_t *to = buf_grow(&t->in, READ_STEP);
	int ready;
	ssize_t n;

	if (to == NULL)
		return ERR_PROTO; /* a longer line than there is */
	ready = poll(&p, 1, timeout_ms);
	if (ready == 0)
		errno = ETIMEDOUT;
	if (ready <= 0)
		return ready == -1 && errno == EINTR ? ERR_OK : ERR_SYS;
	n = recv(t->fd, to, READ_STEP, MSG_DONTWAIT);
	if (n == 0)
		return ERR_SHORT;
	if (n == -1)
		return errno == EINTR || errno == EAGAIN ? ERR_OK : ERR_SYS;
	t->in.size += (size_t)n;
	return ERR_OK;
}

/* Forget what was given out. */
static void
compact(struct talk *t)
{
	if (t->read == 0)
		return;
	memmove(t->in.data, t->in.data + t->read, t->in.size - t->read);
	t->in.size -= t->read;
	t->read = 0;
}

static enum err
line_take(struct talk *t, const char *end, struct talk_line *out)
{
	out->text = (const char *)t->in.data + t->read;
	out->size = (size_t)(end - out->text);
	t->read += out->size + 1;
	return json_read(out->text, out->size, out->values, TALK_VALUES_MAX,
		   &out->json) == ERR_OK &&
		out->values[0].type == JSON_OBJECT
	    ? ERR_OK
	    : ERR_PROTO;
}

enum err
talk_hear(struct talk *t, int timeout_ms, struct talk_line *out)
{
	uint64_t until = clock_now() + (uint64_t)timeout_ms * CLOCK_NS_PER_MS;
	size_t looked = 0;
	enum err e;

	for (;;) {
		uint64_t now = clock_now();
		int left = timeout_ms;
		const char *end = NULL;

		if (t->in.size - t->read > looked)
			end = memchr(t->in.data + t->read + looked, '\n',
			    t->in.size - t->read - looked);
		if (end != NULL)
			return line_take(t, end, out);
		looked = t->in.size - t->read;
		compact(t);
		if (timeout_ms >= 0)
			left = now >= until
			    ? 0
			    : (int)((until - now) / CLOCK_NS_PER_MS) + 1;
		if ((e = read_more(t, left)) != ERR_OK)
			return e;
	}
}

bool
talk_last(const struct talk_line *line, bool *ok)
{
	const struct json_value *v =
	    json_member(&line->json, line->values, "ok");

	if (v == NULL)
		return false;
	*ok = v->type == JSON_TRUE;
	return true;
}
