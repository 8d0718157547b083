/* SPDX-License-Identifier: Apache-2.0 */
/* share: memory that a process and its forks have in common, no file's. */
#include <sys/mman.h>

#include "sandbox/sandbox.h"

enum err
sandbox_share(size_t size, void **out)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return ERR_SYS;
	*out = at;
	return ERR_OK;
}

void
sandbox_share_only_read(void *at, size_t size)
{
	(void)mprotect(at, size, PROT_READ);
}
