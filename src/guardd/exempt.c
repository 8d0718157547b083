/* SPDX-License-Identifier: Apache-2.0 */
/* exempt: names of users, and files of programs. */
#include "guardd/exempt.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fnv.h"
#include "base/own.h"
#include "guardd/facts.h"

/* A number is nobody's name. */
static bool
user_find(const char *text, uint32_t *out)
{
	const struct passwd *pw = getpwnam(text);
	unsigned long n;
	char *end;

	if (pw != NULL) {
		*out = pw->pw_uid;
		return true;
	}
	n = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || n >= UINT32_MAX)
		return false;
	*out = (uint32_t)n;
	return true;
}

static bool
program_find(const char *path, struct exempt_program *out, struct buf *why)
{
	AUTO_FREE char *real = realpath(path, NULL);
	AUTO_CLOSE int fd =
	    real == NULL ? -1 : open(real, O_PATH | O_CLOEXEC | O_NOFOLLOW);
	struct facts facts;
	struct stat st;

	if (fd == -1 || !facts_of(fd, &facts) || fstat(fd, &st) == -1) {
		(void)!buf_printf(why,
		    "exempt program %s: %s; nobody is "
		    "exempt by it\n",
		    path, strerror(errno));
		return false;
	}
	/* Who may write to it could have it do anything. */
	if (!S_ISREG(st.st_mode) || st.st_uid != 0 ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		(void)!buf_printf(why,
		    "exempt program %s must be a file of root's that nobody "
		    "else may write to: nobody is exempt by it\n",
		    path);
		return false;
	}
	*out = (struct exempt_program){ .path = fnv_add(
					    FNV_START, real, strlen(real)),
		.dev = facts.dev,
		.ino = facts.ino,
		.ctime = facts.ctime };
	return true;
}

void
exempt_find(const struct conf *c, struct exempt *out, struct buf *why)
{
	struct exempt x = { .user_count = 0 };

	for (size_t i = 0; i < c->values[CONF_EXEMPT_USERS]; i++) {
		const char *text = c->texts[CONF_EXEMPT_USERS][i];

		if (user_find(text, &x.users[x.user_count]))
			x.user_count++;
		else
			(void)!buf_printf(why,
			    "exempt user %s: there is no such user\n", text);
	}
	for (size_t i = 0; i < c->values[CONF_EXEMPT_PROGRAMS]; i++)
		if (program_find(c->texts[CONF_EXEMPT_PROGRAMS][i],
			&x.programs[x.program_count], why))
			x.program_count++;
	*out = x;
}

static bool
runs(const struct exempt_program *p, const struct who *who)
{
	char link[32];
	struct facts facts;
	AUTO_CLOSE int fd = -1;

	if (p->path != fnv_add(FNV_START, who->exe, strlen(who->exe)))
		return false;
	(void)snprintf(link, sizeof(link), "/proc/%d/exe", (int)who->pid);
	fd = open(link, O_PATH | O_CLOEXEC);
	return fd != -1 && facts_of(fd, &facts) && facts.dev == p->dev &&
	    facts.ino == p->ino && facts.ctime == p->ctime;
}

bool
exempt_is(const struct exempt *x, const struct who *who)
{
	if (!who->known)
		return false;
	for (size_t i = 0; i < x->user_count; i++)
		if (x->users[i] == who->uid)
			return true;
	for (size_t i = 0; i < x->program_count; i++)
		if (runs(&x->programs[i], who))
			return true;
	return false;
}
