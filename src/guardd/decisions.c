/* SPDX-License-Identifier: Apache-2.0 */
/* decisions: two files of ours, and a directory of lists. */
#include "guardd/decisions.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"

enum { RANK_LIST, RANK_OWN, SAY_MAX = 512, STEP = 64 * 1024 };

static const char *const files[KNOWN_COUNT] = {
	[KNOWN_ALLOWED] = "allowed.sfp",
	[KNOWN_DENIED] = "denied.hsb",
};

/* A whole file. A file that isn't there is empty. */
static enum err
file_read(int dir, const char *name, struct buf *out)
{
	AUTO_CLOSE int fd =
	    openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	ssize_t n;

	if (fd == -1)
		return errno == ENOENT ? ERR_OK : ERR_SYS;
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		return ERR_SYS;
	do {
		uint8_t *at = buf_grow(out, STEP);

		if (at == NULL)
			return ERR_LIMIT;
		n = read(fd, at, STEP);
		if (n > 0)
			out->size += (size_t)n;
	} while (n > 0);
	return n == 0 ? ERR_OK : ERR_SYS;
}

enum err
decisions_read(struct decisions *d)
{
	struct known_list own = { 0 };
	enum err e = ERR_OK;

	for (int kind = KNOWN_ALLOWED; kind < KNOWN_COUNT && e == ERR_OK;
	     kind++) {
		AUTO(buf) struct buf text = buf_new(KNOWN_FILE_MAX);

		e = file_read(d->dir, files[kind], &text);
		if (e == ERR_OK)
			e = known_read(&own, buf_text(&text), text.size,
			    (enum known_kind)kind, RANK_OWN);
	}
	if (e != ERR_OK) {
		known_list_free(&own);
		return e;
	}
	known_list_free(&d->own);
	d->own = own;
	return ERR_OK;
}

void
decisions_free(struct decisions *d)
{
	known_list_free(&d->own);
}

/* The new file takes the old one's place when it is on the disk. */
static enum err
file_write(
    const struct decisions *d, enum known_kind kind, const struct known_list *l)
{
	AUTO(buf) struct buf text = buf_new(KNOWN_FILE_MAX);
	AUTO_CLOSE int fd = -1;
	enum err e = known_write(l, kind, &text);

	if (e != ERR_OK)
		return e;
	fd = openat(d->dir, "decisions.new",
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1 ||
	    (text.size != 0 &&
		write(fd, text.data, text.size) != (ssize_t)text.size) ||
	    fsync(fd) == -1 ||
	    renameat(d->dir, "decisions.new", d->dir, files[kind]) == -1)
		return ERR_SYS;
	return fsync(d->dir) == 0 ? ERR_OK : ERR_SYS;
}

static enum err
list_copy(const struct known_list *from, struct known_list *to)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < from->count && e == ERR_OK; i++)
		e = known_add(to, &from->entries[i]);
	return e;
}

/* Nothing may be in it that would end a line or a field. */
static void
name_clean(char *name)
{
	for (char *c = name; *c != '\0'; c++)
		if (*c <= ' ' || *c == ':' || *c >= '\x7f')
			*c = '_';
}

enum err
decisions_set(struct decisions *d, const struct known_entry *entry)
{
	struct known_list now = { 0 };
	struct known_entry own = *entry;
	enum err e = list_copy(&d->own, &now);

	own.rank = RANK_OWN;
	name_clean(own.name);
	(void)known_remove(&now, &own, RANK_OWN);
	if (e == ERR_OK && own.kind != KNOWN_NOT)
		e = known_add(&now, &own);
	/* What denies is written first: a power cut between leaves both, and
	 * that denies. */
	if (e == ERR_OK && (e = file_write(d, KNOWN_DENIED, &now)) == ERR_OK)
		e = file_write(d, KNOWN_ALLOWED, &now);
	if (e != ERR_OK) {
		known_list_free(&now);
		return e;
	}
	known_list_free(&d->own);
	d->own = now;
	return ERR_OK;
}

enum known_kind
decisions_own(
    const struct decisions *d, uint64_t size, const struct digest *digest)
{
	for (size_t i = 0; i < d->own.count; i++)
		if (d->own.entries[i].size == size &&
		    digest_equal(&d->own.entries[i].digest, digest))
			return d->own.entries[i].kind;
	return KNOWN_NOT;
}

/* What a list's name says. */
static enum known_kind
list_kind(const char *name)
{
	const char *dot = strrchr(name, '.');

	if (name[0] == '.' || dot == NULL)
		return KNOWN_NOT;
	return strcmp(dot, ".hsb") == 0 ? KNOWN_DENIED
	    : strcmp(dot, ".sfp") == 0  ? KNOWN_ALLOWED
					: KNOWN_NOT;
}

/* Where to say what is wrong. */
struct listener {
	decisions_say_fn *say;
	void *context;
};

static enum err
list_read(
    int dir, const char *name, const struct listener *to, struct known_list *l)
{
	AUTO(buf) struct buf text = buf_new(KNOWN_FILE_MAX);
	char what[SAY_MAX];
	uint64_t skipped = l->skipped;
	enum err e = file_read(dir, name, &text);

	if (e != ERR_OK) {
		(void)snprintf(what, sizeof(what),
		    "the list of hashes %s cannot be read: %s", name,
		    e == ERR_SYS ? strerror(errno) : err_text(e));
		to->say(to->context, what);
		return ERR_OK;
	}
	l->skipped = 0;
	e = known_read(
	    l, buf_text(&text), text.size, list_kind(name), RANK_LIST);
	if (l->skipped != 0) {
		(void)snprintf(what, sizeof(what),
		    "the list of hashes %s: line %u is no sha256:size:name and "
		    "does not count (such lines: %llu)",
		    name, l->line, (unsigned long long)l->skipped);
		to->say(to->context, what);
	}
	l->skipped += skipped;
	return e;
}

static enum err
lists_read(
    const struct decisions *d, const struct listener *to, struct known_list *l)
{
	DIR *dir = d->lists == NULL ? NULL : opendir(d->lists);
	const struct dirent *entry;
	enum err e = ERR_OK;

	if (dir == NULL)
		return ERR_OK; /* nobody has any */
	while (e == ERR_OK && (entry = readdir(dir)) != NULL)
		if (list_kind(entry->d_name) != KNOWN_NOT)
			e = list_read(dirfd(dir), entry->d_name, to, l);
	(void)closedir(dir);
	return e;
}

enum err
decisions_image(const struct decisions *d, decisions_say_fn *say, void *context,
    struct buf *out)
{
	struct known_list all = { 0 };
	struct listener to = { say, context };
	enum err e = list_copy(&d->own, &all);

	if (e == ERR_OK)
		e = lists_read(d, &to, &all);
	/* Too many are better than none: those that were read first hold. */
	if (e == ERR_LIMIT) {
		say(context,
		    "the lists of hashes are too long: those at their end do "
		    "not count");
		e = ERR_OK;
	}
	if (e == ERR_OK)
		e = known_image(&all, out);
	known_list_free(&all);
	return e;
}
