/* SPDX-License-Identifier: Apache-2.0 */
/* fan: flags and retries. */
#include "guardd/fan.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"

#ifndef FAN_ENABLE_AUDIT
#define FAN_ENABLE_AUDIT 0x00000040
#endif
#ifndef FAN_AUDIT
#define FAN_AUDIT 0x10
#endif
#ifndef FAN_REPORT_PIDFD
#define FAN_REPORT_PIDFD 0x00000080
#endif
#ifndef FAN_MARK_EVICTABLE
#define FAN_MARK_EVICTABLE 0x00000200
#endif
#ifndef FAN_MARK_IGNORE
#define FAN_MARK_IGNORE 0x00000400
#endif
enum {
	FD_NAME_MAX = 32,
	ERRNO_SHIFT = 24, /* where a response carries its errno (6.14) */
	DIR_IGNORE = FAN_MARK_IGNORE | FAN_MARK_IGNORED_SURV_MODIFY |
	    FAN_MARK_EVICTABLE | FAN_MARK_ONLYDIR,
	DIR_MASK = FAN_OPEN_PERM | FAN_EVENT_ON_CHILD,
};

/* Unlimited: a full queue would let openers pass unseen.  O_NOATIME: looking
 * at a file must not change it. */
static int
group_open(unsigned class, bool *audit)
{
	unsigned flags = class | FAN_CLOEXEC | FAN_NONBLOCK |
	    FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS | FAN_REPORT_PIDFD;
	unsigned files =
	    O_RDONLY | O_LARGEFILE | O_CLOEXEC | O_NOATIME | O_NONBLOCK;
	int fd = fanotify_init(flags | FAN_ENABLE_AUDIT, files);

	/* Neither every kernel nor every container has that. */
	*audit = fd != -1;
	return fd != -1 ? fd : fanotify_init(flags, files);
}

/* Does the kernel know FAN_MARK_IGNORE?  Removing what isn't there changes
 * nothing: ENOENT says yes, EINVAL no. */
static bool
group_ignores(int group)
{
	return fanotify_mark(group,
		   FAN_MARK_REMOVE | FAN_MARK_IGNORE |
		       FAN_MARK_IGNORED_SURV_MODIFY,
		   FAN_OPEN_PERM, AT_FDCWD, "/") == 0 ||
	    errno != EINVAL;
}

/* Can a denial carry an errno?  An answer to nobody is ENOENT if its form is
 * right, and EINVAL if it isn't. */
static bool
group_errnos(int group)
{
	struct fanotify_response r = { .fd = 0,
		.response = FAN_DENY | (uint32_t)EIO << ERRNO_SHIFT };

	return write(group, &r, sizeof(r)) == -1 && errno == ENOENT;
}

enum err
fan_open(int *group, struct fan_features *features)
{
	struct fan_features f = { 0 };
	AUTO_CLOSE int fd = group_open(FAN_CLASS_PRE_CONTENT, &f.audit);

	if (fd == -1 && errno == EINVAL)
		fd = group_open(FAN_CLASS_CONTENT, &f.audit);
	if (fd == -1)
		return ERR_SYS;
	f.errnos = group_errnos(fd);
	f.ignores = group_ignores(fd);
	*features = f;
	*group = steal_fd(&fd);
	return ERR_OK;
}

/* The name of an open thing, whatever it is: a mount point may be a file. */
static const char *
fd_name(int fd, char name[FD_NAME_MAX])
{
	(void)snprintf(name, FD_NAME_MAX, "/proc/self/fd/%d", fd);
	return name;
}

enum err
fan_guard(int group, int fd)
{
	char name[FD_NAME_MAX];

	return fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_FILESYSTEM,
		   FAN_OPEN_PERM, AT_FDCWD, fd_name(fd, name)) == 0
	    ? ERR_OK
	    : ERR_SYS;
}

void
fan_unguard(int group)
{
	(void)fanotify_mark(
	    group, FAN_MARK_FLUSH | FAN_MARK_FILESYSTEM, 0, AT_FDCWD, NULL);
}

void
fan_heed_all(int group)
{
	(void)fanotify_mark(group, FAN_MARK_FLUSH, 0, AT_FDCWD, NULL);
}

/* Without IGNORED_SURV_MODIFY: if a lease is ever lost unnoticed, the first
 * plain write still brings the events back. */
static unsigned
file_flags(const struct fan_features *features)
{
	return features->ignores ? FAN_MARK_IGNORE : FAN_MARK_IGNORED_MASK;
}

enum err
fan_ignore_file(int group, const struct fan_features *features, int fd)
{
	return fanotify_mark(group, FAN_MARK_ADD | file_flags(features),
		   FAN_OPEN_PERM, fd, NULL) == 0
	    ? ERR_OK
	    : ERR_SYS;
}

void
fan_heed_file(int group, const struct fan_features *features, int fd)
{
	(void)fanotify_mark(group, FAN_MARK_REMOVE | file_flags(features),
	    FAN_OPEN_PERM, fd, NULL);
}

enum err
fan_ignore_dir(int group, int dirfd)
{
	return fanotify_mark(
		   group, FAN_MARK_ADD | DIR_IGNORE, DIR_MASK, dirfd, ".") == 0
	    ? ERR_OK
	    : ERR_SYS;
}

void
fan_heed_dir(int group, int dirfd)
{
	(void)fanotify_mark(
	    group, FAN_MARK_REMOVE | DIR_IGNORE, DIR_MASK, dirfd, ".");
}

static int
respond(int group, int fd, uint32_t response)
{
	struct fanotify_response r = { .fd = fd, .response = response };
	ssize_t n;

	do
		n = write(group, &r, sizeof(r));
	while (n == -1 && errno == EINTR);
	return n == -1 ? -1 : 0;
}

enum err
fan_answer(int group, const struct fan_features *features, int fd, int error)
{
	uint32_t response = error == 0 ? FAN_ALLOW : FAN_DENY;

	if (error != 0 && error != EPERM && features->errnos)
		response |= (uint32_t)error << ERRNO_SHIFT;
	if (error != 0 && features->audit)
		response |= FAN_AUDIT;
	if (respond(group, fd, response) == 0)
		return ERR_OK;
	/* A form that the kernel refuses leaves the opener waiting: the plain
	 * denial is the one that every kernel takes. */
	if (errno == EINVAL && respond(group, fd, FAN_DENY) == 0)
		return ERR_OK;
	return ERR_SYS;
}

unsigned
fan_sweep(int group, const struct fan_features *features, int limit, int error)
{
	struct fan_features plain = *features;
	unsigned waited = 0;

	plain.audit = false; /* most of these numbers are nobody's */
	for (int fd = 0; fd < limit; fd++)
		while (fan_answer(group, &plain, fd, error) == ERR_OK)
			waited++;
	return waited;
}

/* The plainest form: one that reports names or parents would have the kernel
 * look for the parent at each open on the filesystem, which costs a fifth of
 * one. */
enum err
fan_renames_mark(int group, int on, bool files)
{
	uint64_t mask = FAN_MOVED_TO | FAN_ONDIR;
	char name[FD_NAME_MAX];

	/* Moved as itself: of a file that is moved in, only this tells which
	 * it is without its name. */
	if (files)
		mask |= FAN_CLOSE_WRITE | FAN_MOVE_SELF;
	return fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, mask,
		   AT_FDCWD, fd_name(on, name)) == 0
	    ? ERR_OK
	    : ERR_SYS;
}

int
fan_renames(int on, bool files)
{
	AUTO_CLOSE int fd =
	    fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK |
		    FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS | FAN_REPORT_FID,
		O_RDONLY | O_CLOEXEC);

	if (fd == -1 || fan_renames_mark(fd, on, files) != ERR_OK)
		return -1;
	return steal_fd(&fd);
}

int
fan_deletions(void)
{
	return fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK |
		FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS | FAN_REPORT_FID,
	    O_RDONLY | O_CLOEXEC);
}

/* Unlinking is a change of the number of links, an attribute; the deletion
 * itself comes only when nobody has the file open, which we have. */
enum err
fan_deletions_watch(int group, int fd)
{
	return fanotify_mark(group, FAN_MARK_ADD, FAN_ATTRIB, fd, NULL) == 0
	    ? ERR_OK
	    : ERR_SYS;
}

void
fan_deletions_ignore(int group, int fd)
{
	(void)fanotify_mark(group, FAN_MARK_REMOVE, FAN_ATTRIB, fd, NULL);
}

bool
fan_next(const char **at, size_t *left, struct fan_event *out)
{
	struct fanotify_event_metadata m;

	if (*left < sizeof(m))
		return false;
	memcpy(&m, *at, sizeof(m));
	if (m.event_len < sizeof(m) || m.event_len > *left ||
	    m.metadata_len < sizeof(m) || m.metadata_len > m.event_len ||
	    m.vers != FANOTIFY_METADATA_VERSION)
		return false;
	*out = (struct fan_event){ .head = m,
		.info = *at + m.metadata_len,
		.info_size = m.event_len - m.metadata_len };
	*at += m.event_len;
	*left -= m.event_len;
	return true;
}

const char *
fan_info(const struct fan_event *e, int type, size_t *size)
{
	struct fanotify_event_info_header head;
	const char *at = e->info;
	size_t left = e->info_size;

	while (left >= sizeof(head)) {
		memcpy(&head, at, sizeof(head));
		if (head.len < sizeof(head) || head.len > left)
			return NULL;
		if (head.info_type == type) {
			*size = head.len - sizeof(head);
			return at + sizeof(head);
		}
		at += head.len;
		left -= head.len;
	}
	return NULL;
}
