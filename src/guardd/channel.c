/* SPDX-License-Identifier: Apache-2.0 */
/* channel: sequenced packets. */
#include "guardd/channel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fdpass.h"

enum {
	/* Enough for a burst of denials; the kernel gives what it allows. */
	CHANNEL_ROOM = 1024 * 1024
};

enum err
channel_pair(int ends[2])
{
	int room = CHANNEL_ROOM, got[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		0, got) == -1)
		return ERR_SYS;
	for (int i = 0; i < 2; i++)
		(void)setsockopt(
		    got[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	ends[0] = got[0];
	ends[1] = got[1];
	return ERR_OK;
}

enum err
channel_send(
    int sock, const struct msg *head, const char *text, size_t n, int fd)
{
	struct {
		struct msg head;
		char text[CHANNEL_TEXT_MAX];
	} packet;

	if (sock == -1)
		return ERR_SYS;
	if (n > CHANNEL_TEXT_MAX)
		n = CHANNEL_TEXT_MAX;
	packet.head = *head;
	packet.head.text = (uint32_t)n;
	if (n != 0)
		memcpy(packet.text, text, n);
	if (fdpass_send(
		sock, &packet, sizeof(struct msg) + n, fd, MSG_DONTWAIT) != -1)
		return ERR_OK;
	return errno == EAGAIN || errno == ENOBUFS ? ERR_LIMIT : ERR_SYS;
}

enum err
channel_send_parts(int sock, const struct msg *head, const char *const *parts,
    size_t count, int fd)
{
	char text[CHANNEL_TEXT_MAX];
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(parts[i]) + 1;

		if (n > sizeof(text) - used)
			break;
		memcpy(text + used, parts[i], n);
		used += n;
	}
	return channel_send(sock, head, text, used, fd);
}

enum err
channel_recv(int sock, struct msg_in *in)
{
	struct {
		struct msg head;
		char text[CHANNEL_TEXT_MAX];
	} packet;
	int fd = -1;
	ssize_t n =
	    fdpass_recv(sock, &packet, sizeof(packet), &fd, MSG_DONTWAIT);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return ERR_LIMIT;
	if (n <= 0)
		return errno == EPROTO && n == -1 ? ERR_PROTO : ERR_SYS;
	if ((size_t)n < sizeof(struct msg) ||
	    (size_t)n - sizeof(struct msg) != packet.head.text ||
	    packet.head.type >= MSG_COUNT) {
		if (fd != -1)
			(void)close(fd);
		return ERR_PROTO;
	}
	in->head = packet.head;
	in->fd = fd;
	memcpy(in->text, packet.text, packet.head.text);
	in->text[packet.head.text] = '\0';
	return ERR_OK;
}

const char *
msg_part(const struct msg_in *in, size_t i)
{
	size_t at = 0;

	while (i > 0 && at < in->head.text) {
		at += strlen(in->text + at) + 1;
		i--;
	}
	return at < in->head.text ? in->text + at : "";
}

void
channel_notice(int sock, bool good, const char *format, va_list args)
{
	struct msg head = { .type = MSG_NOTICE,
		.flags = good ? (uint32_t)MSG_GOOD : 0 };
	char text[CHANNEL_TEXT_MAX];

	(void)vsnprintf(text, sizeof(text), format, args);
	(void)!channel_send(sock, &head, text, strlen(text), -1);
}
