/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paths: where the worker, the rules and the policies are.
 *
 * A program that lies in the very directory that it was built in uses the
 * worker beside it and the rules of the source, so that everything runs before
 * it is installed.  An installed program never looks there: whoever owns what
 * was once a build directory must not choose the worker of a guard.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pool/pool.h"

/* Where programs of the build lie, from its top. */
static const char *const build_dirs[] = { "", "/tests/unit", "/tests/fuzz" };

/* The directory of the running program. ERR_SYS, ERR_LIMIT. */
static enum err
program_dir(char *out, size_t n)
{
	ssize_t got = readlink("/proc/self/exe", out, n - 1);
	char *slash;

	if (got == -1)
		return ERR_SYS;
	if ((size_t)got >= n - 1)
		return ERR_LIMIT;
	out[got] = '\0';
	if ((slash = strrchr(out, '/')) == NULL)
		return ERR_SYS;
	*slash = '\0';
	return ERR_OK;
}

/* Is dir one of those that the build puts programs into? */
static bool
in_build_tree(const char *dir)
{
	char path[4096];
	struct stat here, there;

	if (stat(dir, &here) == -1)
		return false;
	for (size_t i = 0; i < sizeof(build_dirs) / sizeof(build_dirs[0]);
	     i++) {
		(void)snprintf(
		    path, sizeof(path), "%s%s", CKPT_BUILDDIR, build_dirs[i]);
		if (stat(path, &there) == 0 && here.st_dev == there.st_dev &&
		    here.st_ino == there.st_ino)
			return true;
	}
	return false;
}

/* dir + rest into a path of struct paths. */
static bool
path_put(char out[4096], const char *dir, const char *rest)
{
	return snprintf(out, 4096, "%s%s", dir, rest) < 4096;
}

/* The user's own directory, or "" when there is none. */
static bool
path_user(char out[4096], const char *rest)
{
	struct stat st;

	if (!path_put(out, CKPT_SYSCONFDIR, rest))
		return false;
	if (stat(out, &st) == -1 || !S_ISDIR(st.st_mode))
		out[0] = '\0';
	return true;
}

enum err
paths_find(struct paths *out)
{
	char dir[4096];
	struct paths p;
	enum err e = program_dir(dir, sizeof(dir));
	bool build;

	if (e != ERR_OK)
		return e;
	build = in_build_tree(dir);
	if (!path_put(p.worker, build ? CKPT_BUILDDIR : CKPT_LIBEXECDIR,
		"/ckptguard-worker") ||
	    !path_put(p.rules, build ? CKPT_SRCDIR : CKPT_DATADIR, "/rules") ||
	    !path_put(p.imports, build ? CKPT_SRCDIR : CKPT_DATADIR,
		build ? "/rules/imports" : "/imports") ||
	    !path_user(p.user_rules, "/rules.d") ||
	    !path_user(p.user_imports, "/imports.d") ||
	    !path_put(p.user_hashes, CKPT_SYSCONFDIR, "/hashes.d"))
		return ERR_LIMIT;
	*out = p;
	return ERR_OK;
}
