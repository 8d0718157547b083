/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_names: names of files from a list.
 *
 * Whoever writes the list may wait for our answers, so the files at work go on
 * while nothing is to be read.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "cli/scan.h"

enum {
	LIST_BLOCK = 64 * 1024,         /* bytes read at once */
	LIST_NAME_MAX = 16 * 64 * 1024, /* bytes of a name, and a block */
};

/* One name, without what ends it. */
static enum err
names_one(const struct scan_names *l, const char *name, size_t n)
{
	if (n == 0)
		return ERR_OK;
	return l->add(l->context, name,
	    strlen(name) == n
		? NULL
		: "the name has a NUL inside: is --null missing?");
}

/* The names that are whole in names; what is left is moved to its front. */
static enum err
names_whole(const struct scan_names *l, struct buf *names)
{
	char *at = (char *)names->data, *end = at + names->size, *stop;
	enum err e = ERR_OK;

	while (e == ERR_OK && at < end &&
	    (stop = memchr(at, l->separator, (size_t)(end - at))) != NULL) {
		*stop = '\0';
		e = names_one(l, at, (size_t)(stop - at));
		at = stop + 1;
	}
	names->size = (size_t)(end - at);
	memmove(names->data, at, names->size);
	return e;
}

static enum err
names_fd(const struct scan_names *l, int fd)
{
	AUTO(buf) struct buf names = buf_new(LIST_NAME_MAX);
	enum err e;

	while ((e = l->wait(l->context, fd)) == ERR_OK) {
		uint8_t *to = buf_grow(&names, LIST_BLOCK);
		ssize_t n = to == NULL ? -1 : read(fd, to, LIST_BLOCK);

		if (n == -1 && to != NULL && errno == EINTR)
			continue;
		if (n == -1)
			e = l->add(l->context, l->from,
			    to == NULL ? "a name in it is too long"
				       : strerror(errno));
		if (n <= 0 || e != ERR_OK)
			break;
		names.size += (size_t)n;
		if ((e = names_whole(l, &names)) != ERR_OK)
			return e;
	}
	/* The last name need not be ended. */
	if (e != ERR_OK || buf_add(&names, "", 1) != ERR_OK)
		return e;
	return names_one(l, (const char *)names.data, names.size - 1);
}

enum err
scan_names(const struct scan_names *l)
{
	AUTO_CLOSE int fd = -1;

	if (strcmp(l->from, "-") == 0)
		return names_fd(l, STDIN_FILENO);
	fd = open(l->from, O_RDONLY | O_CLOEXEC);
	if (fd != -1)
		return names_fd(l, fd);
	return l->add(l->context, l->from, strerror(errno));
}
