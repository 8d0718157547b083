/* SPDX-License-Identifier: Apache-2.0 */
/* calls: made of the table. */
#include "vault/calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static vault_before_fn *watcher;

void
vault_calls_watch(vault_before_fn *before)
{
	watcher = before;
}

static int
fails(enum vault_call call)
{
	int error = watcher == NULL ? 0 : watcher(call);

	if (error != 0)
		errno = error;
	return error;
}

/* Without CAP_DAC_READ_SEARCH a file is linked by its name in /proc alone. */
static int
link_fd(int fd, int to, const char *name)
{
	char self[32];

	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, self, to, name, AT_SYMLINK_FOLLOW);
}

#define CALL(returns, name, parameters, does) \
	returns vault_##name parameters \
	{ \
		return fails(VAULT_CALL_##name) != 0 ? -1 : (does); \
	}
#include "vault/calls.def"
#undef CALL

const char *
vault_call_name(enum vault_call call)
{
	static const char *const names[] = {
#define CALL(returns, name, parameters, does) #name,
#include "vault/calls.def"
#undef CALL
	};

	return names[call];
}
