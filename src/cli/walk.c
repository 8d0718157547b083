/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk: depth first, with one descriptor for each level.
 *
 * Neither symbolic links nor hard links to directories can make a loop here,
 * and a file system that invents directories for ever is stopped by DEPTH_MAX.
 */
#include "config.h"

#include "cli/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/own.h"

enum {
	DEPTH_MAX = 900,         /* below the usual limit of descriptors */
	PATH_BYTES = 256 * 1024, /* DEPTH_MAX names of 255 bytes */
	OPEN_FILE = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
	OPEN_DIR = OPEN_FILE | O_DIRECTORY,
};

struct level {
	DIR *dir;
	size_t path; /* bytes of the directory's path */
};

struct walk {
	struct level levels[DEPTH_MAX];
	size_t depth;
	struct buf path;
	const char *const *patterns;
	size_t pattern_count;
	bool names_only;
	bool nofollow;
	walk_enter_fn *enter;
	void *context;
};

struct walk *
walk_new(void)
{
	struct walk *w = calloc(1, sizeof(*w));

	if (w != NULL)
		w->path = buf_new(PATH_BYTES);
	return w;
}

void
walk_exclude(struct walk *w, const char *const *patterns, size_t count)
{
	w->patterns = patterns;
	w->pattern_count = count;
}

void
walk_entering(struct walk *w, walk_enter_fn *enter, void *context)
{
	w->enter = enter;
	w->context = context;
}

void
walk_nofollow(struct walk *w, bool on)
{
	w->nofollow = on;
}

void
walk_names_only(struct walk *w, bool on)
{
	w->names_only = on;
}

static void
walk_up(struct walk *w)
{
	w->depth--;
	(void)closedir(w->levels[w->depth].dir);
}

void
walk_free(struct walk *w)
{
	if (w == NULL)
		return;
	while (w->depth != 0)
		walk_up(w);
	buf_free(&w->path);
	free(w);
}

static struct walk_item
trouble(const struct walk *w, const char *why)
{
	return (struct walk_item){ .what = WALK_TROUBLE,
		.fd = -1,
		.path = buf_text(&w->path),
		.why = why };
}

/* Why an open failed. */
static struct walk_item
trouble_open(const struct walk *w, int error)
{
	switch (error) {
	case EPERM:
		return trouble(w,
		    "the open was denied (EPERM), as ckptguardd"
		    " does with a file that it holds for"
		    " harmful: its log says why");
	case EIO:
		return trouble(w,
		    "the open failed (EIO): the disk is damaged,"
		    " or ckptguardd could not verify the file:"
		    " its log says which");
	case EWOULDBLOCK:
		return trouble(w,
		    "another program holds a lease on it: try"
		    " again when that program is done");
	case EMFILE:
	case ENFILE:
		return trouble(w,
		    "too many files are open: raise the limit"
		    " (ulimit -n) or use fewer jobs");
	default:
		return trouble(w, strerror(error));
	}
}

static const char *
kind_text(mode_t mode)
{
	if (S_ISLNK(mode))
		return "it is a symbolic link: name what it leads to";
	if (S_ISFIFO(mode))
		return "it is a pipe, not a file: write it to a file first";
	if (S_ISSOCK(mode))
		return "it is a socket, not a file";
	return "it is a device, not a file";
}

/* What was opened must be a regular file; fd is taken or closed. */
static struct walk_item
file_item(const struct walk *w, int opened)
{
	AUTO_CLOSE int fd = opened;
	struct stat st;

	if (fstat(fd, &st) == -1)
		return trouble(w, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return trouble(w, "it was replaced while it was opened");
	return (struct walk_item){ .what = WALK_FILE,
		.fd = steal_fd(&fd),
		.size = (uint64_t)st.st_size,
		.path = buf_text(&w->path) };
}

static struct walk_item
open_file(const struct walk *w, int dirfd, const char *name, int flags)
{
	int fd;

	if (w->names_only)
		return (struct walk_item){
			.what = WALK_FILE, .fd = -1, .path = buf_text(&w->path)
		};
	fd = openat(dirfd, name, OPEN_FILE | O_CLOEXEC | flags);

	return fd == -1 ? trouble_open(w, errno) : file_item(w, fd);
}

/* Go into a directory; WALK_END: done, look there for the next. */
static struct walk_item
open_dir(struct walk *w, int dirfd, const char *name, int flags)
{
	AUTO_CLOSE int fd = -1;
	DIR *dir;

	if (w->depth == DEPTH_MAX)
		return trouble(w, "directories are nested too deeply here");
	fd = openat(dirfd, name, OPEN_DIR | O_CLOEXEC | flags);
	if (fd == -1)
		return trouble_open(w, errno);
	if (w->enter != NULL && !w->enter(w->context, fd, buf_text(&w->path)))
		return (struct walk_item){ .what = WALK_END, .fd = -1 };
	if ((dir = fdopendir(fd)) == NULL)
		return trouble(w, strerror(errno));
	(void)steal_fd(&fd);
	w->levels[w->depth++] =
	    (struct level){ .dir = dir, .path = w->path.size };
	return (struct walk_item){ .what = WALK_END, .fd = -1 };
}

/* Drop what was left and see what path is. */
static struct walk_item
walk_begin(struct walk *w, const char *path, struct stat *st)
{
	while (w->depth != 0)
		walk_up(w);
	buf_clear(&w->path);
	if (buf_puts(&w->path, path) != ERR_OK)
		return (struct walk_item){ .what = WALK_TROUBLE,
			.fd = -1,
			.path = path,
			.why = "the path is too long" };
	if ((w->nofollow ? lstat(path, st) : stat(path, st)) == -1)
		return trouble_open(w, errno);
	if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode))
		return trouble(w, kind_text(st->st_mode));
	return (struct walk_item){ .what = WALK_END, .fd = -1 };
}

struct walk_item
walk_file(struct walk *w, const char *path)
{
	struct stat st;
	struct walk_item item = walk_begin(w, path, &st);

	if (item.what == WALK_TROUBLE)
		return item;
	if (S_ISDIR(st.st_mode))
		return trouble(w, "it is a directory: name a file in it");
	return open_file(w, AT_FDCWD, path, 0);
}

struct walk_item
walk_named(struct walk *w, const char *path)
{
	struct stat st;
	struct walk_item item = walk_begin(w, path, &st);
	int flags = w->nofollow ? O_NOFOLLOW : 0;

	if (item.what == WALK_TROUBLE)
		return item;
	if (S_ISREG(st.st_mode))
		return open_file(w, AT_FDCWD, path, flags);
	item = open_dir(w, AT_FDCWD, path, flags);
	return item.what == WALK_TROUBLE ? item : walk_next(w);
}

/* The type of an entry, as DT_x. */
static unsigned char
entry_type(int dirfd, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type;
	if (fstatat(dirfd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return DT_REG; /* opening it says what is wrong */
	return (unsigned char)IFTODT(st.st_mode);
}

/* w->path is the directory's, of n bytes; make it the entry's. */
static bool
path_enter(struct walk *w, size_t n, const char *name)
{
	bool slash = n != 0 && w->path.data[n - 1] == '/';

	w->path.size = n;
	return (slash || buf_puts(&w->path, "/") == ERR_OK) &&
	    buf_puts(&w->path, name) == ERR_OK;
}

bool
walk_leaves_out(const struct walk *w, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;

	for (size_t i = 0; i < w->pattern_count; i++) {
		const char *pattern = w->patterns[i];
		bool whole = strchr(pattern, '/') != NULL;

		if (fnmatch(pattern, whole ? path : name, 0) == 0)
			return true;
	}
	return false;
}

/* One entry of the innermost directory; WALK_END: nothing to tell. */
static struct walk_item
walk_entry(struct walk *w, const struct dirent *entry)
{
	const struct level *level = &w->levels[w->depth - 1];
	const char *name = entry->d_name;
	struct walk_item none = { .what = WALK_END, .fd = -1 };
	int fd = dirfd(level->dir);
	unsigned char type;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return none;
	type = entry_type(fd, entry);
	if (type == DT_LNK)
		return none;
	if (!path_enter(w, level->path, name))
		return trouble(w, "the path is too long");
	if (walk_leaves_out(w, buf_text(&w->path))) {
		none.what = WALK_EXCLUDED;
		none.path = buf_text(&w->path);
		return none;
	}
	if (type == DT_REG)
		return open_file(w, fd, name, O_NOFOLLOW);
	if (type == DT_DIR)
		return open_dir(w, fd, name, O_NOFOLLOW);
	none.what = WALK_SKIPPED;
	none.path = buf_text(&w->path);
	return none;
}

struct walk_item
walk_next(struct walk *w)
{
	while (w->depth != 0) {
		struct level *level = &w->levels[w->depth - 1];
		struct walk_item item;
		const struct dirent *entry;

		errno = 0;
		entry = readdir(level->dir);
		if (entry != NULL) {
			item = walk_entry(w, entry);
			if (item.what != WALK_END)
				return item;
			continue;
		}
		w->path.size = level->path;
		w->path.data[w->path.size] = '\0';
		item = trouble(w, strerror(errno));
		if (errno == 0)
			item.what = WALK_END;
		walk_up(w);
		if (item.what == WALK_TROUBLE)
			return item;
	}
	return (struct walk_item){ .what = WALK_END, .fd = -1 };
}
