/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vault_world: two small filesystems of our own, a watched one and one for the
 * vault's state, in a mount namespace that nobody else sees.
 */
#ifndef TESTS_UNIT_VAULT_WORLD_H
#define TESTS_UNIT_VAULT_WORLD_H

#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/own.h"
#include "vault/vault.h"

#define BYTES_A "the flagged one: echo marker"
#define BYTES_B "an innocent bystander"
#define BYTES_C "another one"
#define XATTR "trusted.ckptguard.test"

enum {
	AT_MAX = 1024,
	MODE_A = 0640,
	UID_A = 1000,
	GID_A = 1001,
	MTIME_A = 1234567890
};

static char world[] = "/tmp/vault-test-XXXXXX";
static char at_paths[4][AT_MAX];

/* A path in the world; valid for three more. */
static const char *
at(const char *name)
{
	static unsigned n;
	char *path = at_paths[n++ % COUNT(at_paths)];

	(void)snprintf(path, AT_MAX, "%.64s/%.900s", world, name);
	return path;
}

/* False: not possible here. */
static bool
world_make(void)
{
	uid_t uid = geteuid();

	if (uid != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1)
		return false;
	if (uid == 0 && unshare(CLONE_NEWNS) == -1)
		return false;
	(void)signal(SIGIO, SIG_IGN);
	return uid == 0 && mkdtemp(world) != NULL &&
	    mount("", "/", "", MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("vault-test", world, "tmpfs", 0, "mode=0755") == 0 &&
	    mkdir(at("w"), 0755) == 0 && mkdir(at("s"), 0755) == 0 &&
	    mount("vault-test", at("w"), "tmpfs", 0, "mode=0755") == 0 &&
	    mount("vault-test", at("s"), "tmpfs", 0, "mode=0755") == 0;
}

static void
world_end(void)
{
	(void)umount2(at("w"), MNT_DETACH);
	(void)umount2(at("s"), MNT_DETACH);
	(void)umount2(world, MNT_DETACH);
	(void)rmdir(world);
}

static void
file_make(const char *name, const char *bytes)
{
	AUTO_CLOSE int fd =
	    open(at(name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, bytes, strlen(bytes)), strlen(bytes));
}

/* The flagged file, with everything that it can have. */
static void
flagged_make(const char *name)
{
	const struct timespec times[2] = { { MTIME_A, 5 }, { MTIME_A, 7 } };

	file_make(name, BYTES_A);
	assert_int_equal(setxattr(at(name), XATTR, "x", 1, 0), 0);
	assert_int_equal(chown(at(name), UID_A, GID_A), 0);
	assert_int_equal(chmod(at(name), MODE_A), 0);
	assert_int_equal(utimensat(AT_FDCWD, at(name), times, 0), 0);
}

static bool
file_holds(const char *name, const char *bytes)
{
	char have[128] = "";
	AUTO_CLOSE int fd =
	    open(at(name), O_RDONLY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC);
	ssize_t n = fd == -1 ? -1 : read(fd, have, sizeof(have) - 1);

	return n == (ssize_t)strlen(bytes) &&
	    memcmp(have, bytes, (size_t)n) == 0;
}

/* Is it the flagged file, just as it was? */
static void
flagged_whole(const char *name)
{
	struct stat st;
	char value;

	assert_int_equal(lstat(at(name), &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | MODE_A);
	assert_int_equal(st.st_uid, UID_A);
	assert_int_equal(st.st_gid, GID_A);
	assert_int_equal(st.st_mtim.tv_sec, MTIME_A);
	assert_int_equal(st.st_mtim.tv_nsec, 7);
	assert_int_equal(st.st_atim.tv_nsec, 5);
	assert_int_equal(getxattr(at(name), XATTR, &value, 1), 1);
	assert_true(file_holds(name, BYTES_A));
}

/* How many entries of a directory begin so. */
static size_t
count_in(const char *dir, const char *prefix)
{
	DIR *d = opendir(at(dir));
	const struct dirent *e;
	size_t n = 0;

	while (d != NULL && (e = readdir(d)) != NULL)
		n += strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0 &&
		    strncmp(e->d_name, prefix, strlen(prefix)) == 0;
	if (d != NULL)
		(void)closedir(d);
	return n;
}

static int
entry_remove(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	return ftw->level == 0 ? 0 : remove(path);
}

/* Remove everything in a directory, and below. */
static void
dir_empty(const char *dir)
{
	assert_int_equal(
	    nftw(at(dir), entry_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void
vault_make(struct vault *v)
{
	AUTO_CLOSE int s = open(at("s"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(vault_open(s, v), ERR_OK);
}

/* Quarantine w/d/NAME. */
static enum err
store_it(struct vault *v, const char *name, struct vault_item *out)
{
	static struct vault_item say;
	char path[PATH_MAX];
	AUTO_CLOSE int dir = -1, fd = -1;
	struct vault_find f;

	(void)snprintf(path, sizeof(path), "w/d/%s", name);
	(void)snprintf(say.path, sizeof(say.path), "%s", at(path));
	(void)strcpy(say.verdict, "malicious");
	dir = open(at("w/d"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	f = (struct vault_find){ fd, dir, name, &say };
	return vault_store(v, &f, out);
}

struct only {
	struct vault_item item;
	size_t count;
};

static bool
only_take(void *context, const struct vault_item *item)
{
	struct only *o = context;

	o->item = *item;
	o->item.xattrs = (struct buf){ 0 };
	o->count++;
	return true;
}

/* How many are in the vault; *out is one of them. */
static size_t
stored(struct vault *v, struct vault_item *out)
{
	static struct only o;

	o.count = 0;
	assert_int_equal(vault_each(v, only_take, &o), ERR_OK);
	*out = o.item;
	return o.count;
}

static enum err
restore_to(
    struct vault *v, struct vault_item *item, const char *dir, const char *name)
{
	AUTO_CLOSE int fd = open(at(dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return vault_restore(v, item, fd, name, name);
}

#endif /* TESTS_UNIT_VAULT_WORLD_H */
