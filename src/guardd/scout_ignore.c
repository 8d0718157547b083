/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scout_ignore: directories outside every watch, whose files raise no events.
 *
 * Only directories, never files: a file that is renamed or linked into a watch
 * has another parent there, so its next open is seen.  A directory takes its
 * mark along, so when one is renamed into a watch all marks are flushed; that
 * is the one race of this scheme: between the rename and the flush (a wake-up
 * of this process, some ten microseconds to a millisecond) an open below the
 * moved directory is not seen, if somebody had opened files in that very
 * directory before.  Where the kernel doesn't tell of renames nothing is
 * ignored.
 *
 * The order of ignore_dir() closes the other race: mark, then look again where
 * the directory is.  A rename before the look is seen by it, one after it is
 * told of later than the mark was made.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fdpath.h"
#include "base/own.h"
#include "guardd/facts.h"
#include "guardd/scout_state.h"

enum {
	RENAMES_READ = 64 * 1024,
	READS_MAX = 16, /* of the events at once: those who write must not keep
			 * what they brought from being dealt with */
	INFO_FID = 1    /* FAN_EVENT_INFO_TYPE_FID: the directory moved into, or
			 * the file */
};

#define QUIET_LEAST CLOCK_NS_PER_S
#define QUIET_MOST (64 * CLOCK_NS_PER_S)

/*
 * A directory that was made a moment ago is what is most likely moved into a
 * watch, and opened there at once: unpacked beside it, renamed when it is
 * whole.  So only settled ones are ignored.
 */
static bool
dir_settled(const struct scout *s, const struct facts *facts)
{
	int64_t wait = (int64_t)(s->start.settle * CLOCK_NS_PER_S);
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) == -1)
		return false;
	return (int64_t)now.tv_sec * (int64_t)CLOCK_NS_PER_S + now.tv_nsec -
	    facts->born >=
	    wait;
}

/* Is the directory, as it is called now, outside? */
static bool
dir_outside(const struct scout *s, uint32_t site, int fd)
{
	char path[PATH_MAX];
	struct facts facts;

	if (!fd_path(fd, path) || !facts_of(fd, &facts))
		return false;
	/* "/" is where disconnected files appear to be, too; as a directory it
	 * is just the root. */
	if (strcmp(path, "/") == 0)
		return false;
	return !filter_watched(&s->filter, site, facts.mount, path);
}

/* Open a directory by a path that the kernel gave: no link may lie on it. */
static int
dir_open(const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

/* May directories of this site be ignored at all, now? */
static bool
site_ignores(const struct scout *s, uint32_t site)
{
	return site < GROUPS_MAX && s->image.size != 0 &&
	    s->sites[site].renames != -1 && s->sites[site].group.fd != -1 &&
	    clock_now() >= s->sites[site].quiet_until;
}

/* Mark, then look again. */
static void
dir_ignore(struct scout *s, uint32_t site, int fd)
{
	int group = s->sites[site].group.fd;
	struct facts facts;

	if (!facts_of(fd, &facts) || !dir_settled(s, &facts))
		return;
	if (!dir_outside(s, site, fd) || fan_ignore_dir(group, fd) != ERR_OK)
		return;
	if (!dir_outside(s, site, fd))
		fan_heed_dir(group, fd);
}

void
ignore_dir(struct scout *s, uint32_t site, const char *path)
{
	AUTO_CLOSE int fd = -1;

	if (!site_ignores(s, site) || path[0] != '/')
		return;
	fd = dir_open(path);
	if (fd != -1)
		dir_ignore(s, site, fd);
}

/* Copy a handle out of a message or an event; false: it is none. */
static bool
handle_copy(struct handle *out, const char *data, size_t n)
{
	size_t head = offsetof(struct handle, data);

	if (n < head || n > sizeof(*out))
		return false;
	memcpy(out, data, head);
	if (out->bytes > HANDLE_MAX || out->bytes > n - head)
		return false;
	memcpy(out->data, data + head, out->bytes);
	return true;
}

int
thing_open(const struct scout *s, uint32_t site, struct handle *h)
{
	AUTO_CLOSE int at = site_open(s, site, O_RDONLY | O_DIRECTORY);

	return at == -1 ? -1
			: open_by_handle_at(at, (struct file_handle *)(void *)h,
			      O_PATH | O_CLOEXEC);
}

/*
 * The file was opened through a mount that is not ours (a service's namespace,
 * a container, a layer of an overlay), so its path there says nothing.  Its
 * inode has a path here as well.  That path is only believed if it leads back
 * to the very file: a handle may reach what lies outside of the mount that it
 * was opened by.
 */
void
ignore_of(struct scout *s, uint32_t site, const char *handle, size_t n)
{
	AUTO_CLOSE int fd = -1;
	AUTO_CLOSE int dir = -1;
	char path[PATH_MAX], *slash;
	struct facts facts;
	struct handle h;
	struct stat st;

	if (!site_ignores(s, site) || !handle_copy(&h, handle, n))
		return;
	fd = thing_open(s, site, &h);
	if (fd == -1 || !facts_of(fd, &facts) || facts.links != 1 ||
	    !fd_path(fd, path))
		return;
	slash = strrchr(path, '/');
	*slash = '\0';
	dir = dir_open(slash == path ? "/" : path);
	if (dir == -1 ||
	    fstatat(dir, slash + 1, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    st.st_ino != facts.ino ||
	    ((uint64_t)major(st.st_dev) << 32 | minor(st.st_dev)) != facts.dev)
		return;
	dir_ignore(s, site, dir);
}

/* Flush one site: tokens lose their marks too, and get them back at their
 * next event. */
static void
site_flush(struct site *in)
{
	uint64_t now = clock_now();

	fan_heed_all(in->group.fd);
	/* Who renames directories into the watch all the time only pays for
	 * events; he shall not pay for flushes as well. */
	if (in->flushed != 0 && now - in->flushed < QUIET_MOST)
		in->quiet_ns = in->quiet_ns * 2;
	else
		in->quiet_ns = QUIET_LEAST;
	if (in->quiet_ns > QUIET_MOST)
		in->quiet_ns = QUIET_MOST;
	in->quiet_until = now + in->quiet_ns;
	in->flushed = now;
}

void
ignore_none(struct scout *s, uint32_t site)
{
	for (uint32_t i = 0; i < GROUPS_MAX; i++)
		if ((site == GROUPS_MAX || site == i) &&
		    s->sites[i].group.fd != -1)
			site_flush(&s->sites[i]);
}

bool
event_handle(const struct fan_event *e, struct handle *out)
{
	const char *body;
	unsigned bytes;
	size_t size;

	body = fan_info(e, INFO_FID, &size);
	if (body == NULL || size < sizeof(__kernel_fsid_t) + sizeof(bytes))
		return false;
	body += sizeof(__kernel_fsid_t);
	size -= sizeof(__kernel_fsid_t);
	memcpy(&bytes, body, sizeof(bytes));
	/* The record may be longer than its handle. */
	if (bytes <= HANDLE_MAX && offsetof(struct handle, data) + bytes < size)
		size = offsetof(struct handle, data) + bytes;
	return handle_copy(out, body, size);
}

/* Did this event bring a directory into a watch?  If it can't be told, yes. */
static bool
event_matters(const struct scout *s, uint32_t site, const struct fan_event *e)
{
	AUTO_CLOSE int dir = -1;
	struct handle h;

	if ((e->head.mask & FAN_Q_OVERFLOW) != 0)
		return true;
	if ((e->head.mask & FAN_ONDIR) == 0 ||
	    (e->head.mask & FAN_MOVED_TO) == 0)
		return false;
	if (!event_handle(e, &h))
		return true;
	dir = thing_open(s, site, &h);
	return dir == -1 || !dir_outside(s, site, dir);
}

void
ignore_renamed(struct scout *s, uint32_t site)
{
	static char buf[RENAMES_READ];
	bool matters = false, dirs = false;
	struct fan_event e;
	ssize_t n;

	for (int i = 0; i < READS_MAX &&
	     (n = read(s->sites[site].renames, buf, sizeof(buf))) > 0;
	     i++) {
		const char *at = buf;
		size_t left = (size_t)n;

		while (fan_next(&at, &left, &e)) {
			dirs |=
			    (e.head.mask & (FAN_ONDIR | FAN_Q_OVERFLOW)) != 0;
			matters = matters || event_matters(s, site, &e);
			look_heard(s, site, &e);
		}
	}
	if (matters)
		ignore_none(s, site);
	/* The roots themselves, and what is mounted from where, may have new
	 * names; a table that says otherwise places files wrongly. */
	if (matters || (dirs && roots_moved(s)))
		(void)!scout_refresh(s);
}
