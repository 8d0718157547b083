/* SPDX-License-Identifier: Apache-2.0 */
/*
 * own: who releases what, said where the variable is declared.
 *
 * AUTO_FREE and AUTO_CLOSE release at the end of the scope; STEAL_PTR and
 * steal_fd hand the thing on and leave the variable empty.  AUTO(type) calls
 * type##_free(&variable) for a struct that has such a function.
 */
#ifndef BASE_OWN_H
#define BASE_OWN_H

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define AUTO_FREE __attribute__((cleanup(own_free)))
#define AUTO_CLOSE __attribute__((cleanup(own_close)))
#define AUTO(type) __attribute__((cleanup(type##_free)))

#define STEAL_PTR(p) \
	__extension__({ \
		__typeof__(p) own_taken = (p); \
		(p) = NULL; \
		own_taken; \
	})

/* Free what a pointer variable points at, as free(NULL) does. */
static inline void
own_free(void *var)
{
	free(*(void **)var);
}

/* Close the descriptor in *fd unless it is -1; errno survives. */
static inline void
own_close(const int *fd)
{
	int saved = errno;

	if (*fd != -1)
		(void)close(*fd);
	errno = saved;
}

/* Take the descriptor out of *fd, so that own_close leaves it open. */
static inline int
steal_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#endif /* BASE_OWN_H */
