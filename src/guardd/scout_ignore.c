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
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/own.h"
#include "guardd/facts.h"
#include "guardd/scout_state.h"

enum {
	RENAMES_READ = 64 * 1024,
	INFO_NEW_DIR = 12 /* FAN_EVENT_INFO_TYPE_NEW_DFID_NAME */
};

#define QUIET_LEAST CLOCK_NS_PER_S
#define QUIET_MOST (64 * CLOCK_NS_PER_S)

/* Is the directory, as it is called now, outside? */
static bool
dir_outside(const struct scout *s, uint32_t site, int fd)
{
	char link[32], path[PATH_MAX];
	struct facts facts;
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0 || n >= (ssize_t)sizeof(path) - 1 || !facts_of(fd, &facts))
		return false;
	path[n] = '\0';
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

void
ignore_dir(struct scout *s, uint32_t site, const char *path)
{
	AUTO_CLOSE int fd = -1;
	struct site *in;

	if (site >= GROUPS_MAX || s->image.size == 0)
		return;
	in = &s->sites[site];
	if (in->renames == -1 || in->group.fd == -1 ||
	    clock_now() < in->quiet_until || path[0] != '/')
		return;
	fd = dir_open(path);
	if (fd == -1 || !dir_outside(s, site, fd))
		return;
	if (fan_ignore_dir(in->group.fd, fd) != ERR_OK)
		return;
	if (!dir_outside(s, site, fd))
		fan_heed_dir(in->group.fd, fd);
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

/* The directory that a handle stands for lies in a watch, or can't be told. */
static bool
handle_inside(const struct scout *s, uint32_t site, const char *info)
{
	struct {
		unsigned bytes;
		int type;
		unsigned char data[HANDLE_MAX];
	} handle;
	AUTO_CLOSE int at = -1;
	AUTO_CLOSE int dir = -1;

	memcpy(&handle.bytes, info, sizeof(handle.bytes));
	memcpy(&handle.type, info + sizeof(handle.bytes), sizeof(handle.type));
	if (handle.bytes > HANDLE_MAX)
		return true;
	memcpy(handle.data, info + sizeof(handle.bytes) + sizeof(handle.type),
	    handle.bytes);
	at = site_open(s, site, O_RDONLY | O_DIRECTORY);
	if (at == -1)
		return true;
	dir = open_by_handle_at(
	    at, (struct file_handle *)(void *)&handle, O_PATH | O_CLOEXEC);
	return dir == -1 || !dir_outside(s, site, dir);
}

/* Did this event bring a directory into a watch? */
static bool
event_matters(const struct scout *s, uint32_t site,
    const struct fanotify_event_metadata *m)
{
	const char *at = (const char *)m + m->metadata_len;
	size_t left = m->event_len - m->metadata_len;

	if ((m->mask & FAN_Q_OVERFLOW) != 0)
		return true;
	if ((m->mask & FAN_ONDIR) == 0)
		return false;
	while (left >= sizeof(struct fanotify_event_info_fid)) {
		struct fanotify_event_info_fid info;

		memcpy(&info, at, sizeof(info));
		if (info.hdr.len < sizeof(info) || info.hdr.len > left)
			return true;
		if (info.hdr.info_type == INFO_NEW_DIR)
			return handle_inside(s, site, at + sizeof(info));
		at += info.hdr.len;
		left -= info.hdr.len;
	}
	return true;
}

void
ignore_renamed(struct scout *s, uint32_t site)
{
	alignas(struct fanotify_event_metadata) static char buf[RENAMES_READ];
	bool matters = false, dirs = false;
	ssize_t n;

	while ((n = read(s->sites[site].renames, buf, sizeof(buf))) > 0) {
		const struct fanotify_event_metadata *m = (const void *)buf;

		while (FAN_EVENT_OK(m, n)) {
			dirs |= (m->mask & (FAN_ONDIR | FAN_Q_OVERFLOW)) != 0;
			matters = matters || event_matters(s, site, m);
			m = FAN_EVENT_NEXT(m, n);
		}
	}
	if (matters)
		ignore_none(s, site);
	/* The roots themselves, and what is mounted from where, may have new
	 * names; a table that says otherwise places files wrongly. */
	if (matters || (dirs && roots_moved(s)))
		(void)!scout_refresh(s);
}
