/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuser: a FUSE server that can stop answering, for the tests of the daemon.
 *
 *	fuser DIR BACKING STOP
 *
 * Mounts itself on DIR and shows the regular files that lie in BACKING, one
 * directory without any below.  While a file STOP exists no read and no write
 * is answered, as by a server, or a disk, that hangs; while STOP.all exists
 * nothing is.  Says "ok" when it is mounted, and serves until it is killed or
 * unmounted.
 * Source: fuse(4), linux/fuse.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FILES_MAX = 64,
	ROOT = FUSE_ROOT_ID,
	DATA_MAX = 128 * 1024,
	REQUEST_MAX = DATA_MAX + 4096,
	STOP_MS = 10,
	VALID_S = 3600
};

struct server {
	int dev, backing;
	const char *stop;
	char stop_all[4096];
	char *names[FILES_MAX]; /* node i + ROOT + 1 */
};

static _Noreturn void
die(const char *what)
{
	(void)fprintf(stderr, "fuser: %s: %s\n", what, strerror(errno));
	exit(3);
}

/* What is asked; the argument of its operation stands behind the head. */
struct request {
	struct fuse_in_header head;
	uint8_t body[REQUEST_MAX];
};

static void
reply(
    const struct server *s, const struct request *r, const void *data, size_t n)
{
	static uint8_t out[sizeof(struct fuse_out_header) + DATA_MAX];
	struct fuse_out_header head = { .len = (uint32_t)(sizeof(head) + n),
		.unique = r->head.unique };

	memcpy(out, &head, sizeof(head));
	if (n != 0)
		memcpy(out + sizeof(head), data, n);
	(void)!write(s->dev, out, sizeof(head) + n);
}

static void
fail(const struct server *s, const struct request *r, int error)
{
	struct fuse_out_header head = {
		.len = sizeof(head), .error = -error, .unique = r->head.unique
	};

	(void)!write(s->dev, &head, sizeof(head));
}

static const char *
name_of(const struct server *s, uint64_t node)
{
	return node > ROOT && node <= ROOT + FILES_MAX
	    ? s->names[node - ROOT - 1]
	    : NULL;
}

/* The node of a name, a new one if need be; 0: too many. */
static uint64_t
node_of(struct server *s, const char *name)
{
	size_t i = 0;

	while (i < FILES_MAX && s->names[i] != NULL &&
	    strcmp(s->names[i], name) != 0)
		i++;
	if (i == FILES_MAX)
		return 0;
	if (s->names[i] == NULL)
		s->names[i] = strdup(name);
	return s->names[i] == NULL ? 0 : i + ROOT + 1;
}

static bool
attributes(const struct server *s, uint64_t node, struct fuse_attr *out)
{
	const char *name = name_of(s, node);
	struct stat st;

	if (node == ROOT) {
		*out = (struct fuse_attr){
			.ino = ROOT, .mode = S_IFDIR | 0755, .nlink = 2
		};
		return true;
	}
	if (name == NULL ||
	    fstatat(s->backing, name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISREG(st.st_mode))
		return false;
	*out = (struct fuse_attr){ .ino = node,
		.size = (uint64_t)st.st_size,
		.mode = st.st_mode,
		.nlink = 1,
		.mtime = (uint64_t)st.st_mtime,
		.ctime = (uint64_t)st.st_ctime };
	return true;
}

static void
do_init(struct server *s, struct request *r)
{
	struct fuse_init_in in;
	struct fuse_init_out out = { .major = FUSE_KERNEL_VERSION,
		.minor = FUSE_KERNEL_MINOR_VERSION,
		.max_write = DATA_MAX,
		.max_background = 64,
		.congestion_threshold = 48 };

	memcpy(&in, r->body, sizeof(in));
	if (in.minor < out.minor)
		out.minor = in.minor;
	reply(s, r, &out, sizeof(out));
}

static void
do_lookup(struct server *s, struct request *r)
{
	struct fuse_entry_out out = { .entry_valid = VALID_S,
		.attr_valid = VALID_S };

	r->body[sizeof(r->body) - 1] = '\0';
	out.nodeid = node_of(s, (const char *)r->body);
	if (out.nodeid == 0 || !attributes(s, out.nodeid, &out.attr))
		fail(s, r, ENOENT);
	else
		reply(s, r, &out, sizeof(out));
}

static void
do_attributes(struct server *s, struct request *r)
{
	struct fuse_attr_out out = { .attr_valid = VALID_S };

	if (attributes(s, r->head.nodeid, &out.attr))
		reply(s, r, &out, sizeof(out));
	else
		fail(s, r, ENOENT);
}

static void
do_open(struct server *s, struct request *r)
{
	const char *name = name_of(s, r->head.nodeid);
	struct fuse_open_out out = { 0 };
	struct fuse_open_in in;
	int fd;

	memcpy(&in, r->body, sizeof(in));
	fd = name == NULL
	    ? -1
	    : openat(s->backing, name, (int)(in.flags & O_ACCMODE) | O_CLOEXEC);
	if (fd == -1) {
		fail(s, r, name == NULL ? ENOENT : errno);
		return;
	}
	out.fh = (uint64_t)fd;
	reply(s, r, &out, sizeof(out));
}

static void
do_opendir(struct server *s, struct request *r)
{
	struct fuse_open_out out = { 0 };

	reply(s, r, &out, sizeof(out));
}

static void
stand_still(const char *stop)
{
	while (access(stop, F_OK) == 0)
		(void)poll(NULL, 0, STOP_MS);
}

static void
do_read(struct server *s, struct request *r)
{
	static uint8_t data[DATA_MAX];
	struct fuse_read_in in;
	ssize_t n;

	memcpy(&in, r->body, sizeof(in));
	stand_still(s->stop);
	n = pread((int)in.fh, data, in.size < DATA_MAX ? in.size : DATA_MAX,
	    (off_t)in.offset);
	if (n == -1)
		fail(s, r, errno);
	else
		reply(s, r, data, (size_t)n);
}

static void
do_write(struct server *s, struct request *r)
{
	struct fuse_write_out out = { 0 };
	struct fuse_write_in in;
	ssize_t n;

	memcpy(&in, r->body, sizeof(in));
	stand_still(s->stop);
	n = pwrite((int)in.fh, r->body + sizeof(in), in.size, (off_t)in.offset);
	out.size = (uint32_t)n;
	if (n == -1)
		fail(s, r, errno);
	else
		reply(s, r, &out, sizeof(out));
}

static void
do_release(struct server *s, struct request *r)
{
	struct fuse_release_in in;

	memcpy(&in, r->body, sizeof(in));
	(void)close((int)in.fh);
	reply(s, r, NULL, 0);
}

static void
do_statfs(struct server *s, struct request *r)
{
	struct fuse_statfs_out out = { .st = {
					   .bsize = 4096, .namelen = 255 } };

	reply(s, r, &out, sizeof(out));
}

/* Nothing to do, and so it is done; a directory has no entries. */
static void
do_nothing(struct server *s, struct request *r)
{
	reply(s, r, NULL, 0);
}

static void
serve(struct server *s, struct request *r)
{
	static void (*const operations[])(struct server *, struct request *) = {
		[FUSE_LOOKUP] = do_lookup,
		[FUSE_GETATTR] = do_attributes,
		[FUSE_SETATTR] = do_attributes,
		[FUSE_OPEN] = do_open,
		[FUSE_READ] = do_read,
		[FUSE_WRITE] = do_write,
		[FUSE_STATFS] = do_statfs,
		[FUSE_RELEASE] = do_release,
		[FUSE_FSYNC] = do_nothing,
		[FUSE_FLUSH] = do_nothing,
		[FUSE_INIT] = do_init,
		[FUSE_OPENDIR] = do_opendir,
		[FUSE_READDIR] = do_nothing,
		[FUSE_RELEASEDIR] = do_nothing,
	};
	uint32_t op = r->head.opcode;

	if (op == FUSE_FORGET || op == FUSE_BATCH_FORGET ||
	    op == FUSE_INTERRUPT)
		return; /* these want no answer */
	stand_still(s->stop_all);
	if (op >= sizeof(operations) / sizeof(operations[0]) ||
	    operations[op] == NULL)
		fail(s, r, ENOSYS);
	else
		operations[op](s, r);
}

int
main(int argc, char **argv)
{
	static struct request r;
	static struct server s;
	char options[128];

	if (argc != 4) {
		(void)fputs("fuser: see the head of fuser.c\n", stderr);
		return 2;
	}
	s.stop = argv[3];
	(void)snprintf(s.stop_all, sizeof(s.stop_all), "%s.all", argv[3]);
	s.backing = open(argv[2], O_PATH | O_DIRECTORY | O_CLOEXEC);
	s.dev = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (s.backing == -1 || s.dev == -1)
		die(s.backing == -1 ? argv[2] : "/dev/fuse");
	(void)snprintf(options, sizeof(options),
	    "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", s.dev);
	if (mount("fuser", argv[1], "fuse", MS_NOSUID | MS_NODEV, options) ==
	    -1)
		die(argv[1]);
	(void)puts("ok");
	(void)fflush(stdout);
	for (;;) {
		ssize_t n = read(s.dev, &r, sizeof(r));

		if (n == -1 && errno == ENODEV)
			return 0;
		if (n >= (ssize_t)sizeof(r.head))
			serve(&s, &r);
	}
}
