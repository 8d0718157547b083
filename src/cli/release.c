/* SPDX-License-Identifier: Apache-2.0 */
/*
 * release: have the guard let go of a filesystem, so that it can be unmounted.
 *
 * The path is looked up here, with the rights of who asks: the daemon gets a
 * number and touches no name.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/own.h"
#include "cli/ask.h"

enum {
	OPT_SOCKET = 256,
	WANT_MNT_ID = 0x1000 /* STATX_MNT_ID, Linux 5.8 */
};

/* "31 1 8:1 /...": the mount's own number, its parent's, the filesystem's. */
static bool
line_take(const char *line, uint64_t mount, uint64_t *dev)
{
	char *at;
	uint64_t major;

	if (strtoull(line, &at, 10) != mount)
		return false;
	(void)strtoull(at, &at, 10);
	major = strtoull(at, &at, 10);
	if (*at != ':')
		return false;
	*dev = major << 32 | strtoull(at + 1, NULL, 10);
	return true;
}

/* The filesystem of a mount.  What stat says is another one for each subvolume
 * of btrfs; the superblock's number is in the mount table alone. */
static bool
filesystem_of_mount(uint64_t mount, uint64_t *dev)
{
	FILE *table = fopen("/proc/self/mountinfo", "re");
	AUTO_FREE char *line = NULL;
	size_t room = 0;
	bool found = false;

	if (table == NULL)
		return false;
	while (!found && getline(&line, &room, table) > 0)
		found = line_take(line, mount, dev);
	(void)fclose(table);
	if (!found)
		errno = ENOENT;
	return found;
}

/* False with errno. */
static bool
filesystem_of(const char *path, uint64_t *dev)
{
	struct statx sx;

	if (statx(AT_FDCWD, path, 0, WANT_MNT_ID, &sx) == -1)
		return false;
	if ((sx.stx_mask & WANT_MNT_ID) == 0) {
		errno = ENOSYS;
		return false;
	}
	return filesystem_of_mount(sx.stx_mnt_id, dev);
}

/* dev 0: all filesystems. */
static int
release_dev(const char *socket, uint64_t dev)
{
	AUTO(buf) struct buf q = buf_new(TALK_QUESTION_MAX);
	struct ask a;
	enum err e;

	if (!ask_open(&a, &command_release, socket))
		return EXIT_TROUBLE;
	e = talk_begin(&q, "release");
	if (e == ERR_OK && dev != 0)
		e = talk_number(&q, "dev", dev);
	if (e == ERR_OK)
		e = ask_question(&a, &q, NULL, NULL);
	if (e == ERR_USAGE)
		ask_complain(&a);
	ask_free(&a);
	return e == ERR_OK   ? EXIT_CLEAN
	    : e == ERR_USAGE ? EXIT_FOUND
			     : EXIT_TROUBLE;
}

static const struct option longs[] = {
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ NULL, 0, NULL, 0 },
};

static int
release(int argc, char **argv)
{
	const char *socket = NULL;
	uint64_t dev = 0;
	int opt;

	while ((opt = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (opt != OPT_SOCKET)
			return cli_bad_option(&command_release, argv);
		socket = optarg;
	}
	if (argc - optind > 1)
		return cli_usage(&command_release,
		    "release: one path at most; what is %s?", argv[optind + 1]);
	if (optind < argc && !filesystem_of(argv[optind], &dev)) {
		cli_complain("release: %s: its filesystem is not known: %s",
		    argv[optind], strerror(errno));
		return EXIT_TROUBLE;
	}
	return release_dev(socket, dev);
}

const struct command command_release = {
	.name = "release",
	.summary = "have the guard let go of files, so that umount works",
	.usage =
	    "ckptguard release [--socket=PATH] [PATH]\n"
	    "\n"
	    "Has the guard let go of the files that it keeps open on the "
	    "filesystem of\n"
	    "PATH, or on all, and waits until that is done. They stay "
	    "guarded. For root\n"
	    "and administrators.\n"
	    "\n"
	    "  --socket=PATH  where the guard answers\n"
	    "\n"
	    "Exit status: 0 it holds none of them, 1 it refused, 2 no guard "
	    "answers, there\n"
	    "is no such path, or the command line is wrong.\n",
	.run = release,
};
