/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fdpass: hand one descriptor through a Unix socket, with some bytes.
 *
 * The receiver owns what it gets (close-on-exec from birth).  A message with
 * more descriptors than asked for has them closed and is a broken protocol: a
 * hostile peer must not fill our descriptor table.
 */
#ifndef BASE_FDPASS_H
#define BASE_FDPASS_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * Send n bytes (at least 1) and, unless fd is -1, the descriptor fd, which
 * stays the caller's.  flags as for sendmsg(2); MSG_NOSIGNAL is added.
 * Returns the bytes sent or -1 with errno.
 */
ssize_t fdpass_send(int sock, const void *data, size_t n, int fd, int flags);

/*
 * Receive up to n bytes and at most one descriptor (*fd, -1 when none came).
 * Returns the bytes, 0 at the end of the stream, or -1 with errno: EPROTO when
 * the ancillary data was cut or held more than one descriptor.
 */
ssize_t fdpass_recv(int sock, void *data, size_t n, int *fd, int flags);

#endif /* BASE_FDPASS_H */
