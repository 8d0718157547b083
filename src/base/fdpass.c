/* SPDX-License-Identifier: Apache-2.0 */
/* fdpass: SCM_RIGHTS, one descriptor at a time. */
#include "base/fdpass.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FDPASS_TAKE = 8 }; /* descriptors taken in, to be closed if unwanted */

ssize_t
fdpass_send(int sock, const void *data, size_t n, int fd, int flags)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { .iov_base = (void *)(uintptr_t)data,
		.iov_len = n };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (fd != -1) {
		struct cmsghdr *head;

		msg.msg_control = control.bytes;
		msg.msg_controllen = sizeof(control.bytes);
		head = CMSG_FIRSTHDR(&msg);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(head), &fd, sizeof(int));
	}
	return sendmsg(sock, &msg, flags | MSG_NOSIGNAL);
}

/* Keep the first descriptor of one control message, close the others. */
static int
fdpass_take(const struct cmsghdr *head, int *fd)
{
	size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	int extra = 0;

	for (size_t i = 0; i < count; i++) {
		int got;

		memcpy(&got, CMSG_DATA(head) + i * sizeof(int), sizeof(int));
		if (*fd == -1) {
			*fd = got;
		} else {
			(void)close(got);
			extra = 1;
		}
	}
	return extra;
}

ssize_t
fdpass_recv(int sock, void *data, size_t n, int *fd, int flags)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int) * FDPASS_TAKE)];
	} control = { 0 };
	struct iovec iov = { .iov_base = data, .iov_len = n };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	int extra = 0;
	ssize_t got;

	*fd = -1;
	got = recvmsg(sock, &msg, flags | MSG_CMSG_CLOEXEC);
	if (got < 0)
		return -1;
	for (struct cmsghdr *head = CMSG_FIRSTHDR(&msg); head != NULL;
	     head = CMSG_NXTHDR(&msg, head))
		if (head->cmsg_level == SOL_SOCKET &&
		    head->cmsg_type == SCM_RIGHTS)
			extra |= fdpass_take(head, fd);
	if (extra != 0 || (msg.msg_flags & MSG_CTRUNC) != 0) {
		if (*fd != -1)
			(void)close(*fd);
		*fd = -1;
		errno = EPROTO;
		return -1;
	}
	return got;
}
