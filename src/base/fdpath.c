/* SPDX-License-Identifier: Apache-2.0 */
/* fdpath: by the link in /proc. */
#include "base/fdpath.h"

#include <stdio.h>
#include <unistd.h>

bool
fd_path(int fd, char out[PATH_MAX])
{
	char link[32];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, out, PATH_MAX - 1);
	if (n <= 0 || n >= PATH_MAX - 1 || out[0] != '/')
		return false;
	out[n] = '\0';
	return true;
}
