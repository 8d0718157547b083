/* SPDX-License-Identifier: Apache-2.0 */
/* journal: log.jsonl, log.jsonl.1, ... */
#include "guardd/journal.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"

enum {
	JOURNAL_MAX = 16 * 1024 * 1024, /* bytes of one file */
	JOURNAL_OLD = 4                 /* older files that are kept */
};

#define JOURNAL_NAME "log.jsonl"

enum err
journal_open(int dir, struct journal *out)
{
	AUTO_CLOSE int fd = openat(dir, JOURNAL_NAME,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1 ||
	    flock(fd, LOCK_EX | LOCK_NB) == -1)
		return ERR_SYS;
	*out = (struct journal){
		.dir = dir, .fd = steal_fd(&fd), .size = (uint64_t)st.st_size
	};
	return ERR_OK;
}

/* The n-th older name. */
static void
old_name(char *out, size_t size, int n)
{
	if (n == 0)
		(void)snprintf(out, size, JOURNAL_NAME);
	else
		(void)snprintf(out, size, JOURNAL_NAME ".%d", n);
}

static void
journal_rotate(struct journal *j)
{
	struct journal fresh;
	char from[32], to[32];

	for (int n = JOURNAL_OLD; n > 0; n--) {
		old_name(from, sizeof(from), n - 1);
		old_name(to, sizeof(to), n);
		(void)renameat(j->dir, from, j->dir, to);
	}
	if (journal_open(j->dir, &fresh) != ERR_OK)
		return; /* go on with the old one, whatever its name */
	(void)close(j->fd);
	*j = fresh;
}

void
journal_write(struct journal *j, const void *lines, size_t n)
{
	/* One write for whole lines: with O_APPEND none is torn. */
	ssize_t done = write(j->fd, lines, n);

	if (done > 0)
		j->size += (uint64_t)done;
	if (j->size >= JOURNAL_MAX)
		journal_rotate(j);
}
