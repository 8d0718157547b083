/* SPDX-License-Identifier: Apache-2.0 */
/* aside: the vault room, for a user without rights. */
#include "config.h"

#include "cli/aside.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/own.h"
#include "cli/cli.h"
#include "digest/known.h"
#include "out/out.h"

enum {
	DATE_MAX = 32,
	KEPT_BLOCK = 4096,           /* bytes read at once */
	KEPT_MAX = 16 * 1024 * 1024, /* a hundred thousand files */
};

/* In ClamAV's format, like the guard's own lists. */
#define KEPT "restored.sfp"

/* Nobody else may write there, or what lies there could be anybody's. */
static bool
is_ours(int dir)
{
	struct stat st;

	return fstat(dir, &st) == 0 && st.st_uid == geteuid() &&
	    (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static enum err
aside_fail(const char *path, const char *why)
{
	cli_complain("%s can't keep quarantined files: %s", path, why);
	return ERR_SYS;
}

enum err
aside_open(const char *path, struct aside *out)
{
	struct aside a = { .path = path, .vault = { .dir = -1 } };
	AUTO_CLOSE int dir = -1;

	if (mkdir(path, S_IRWXU) == -1 && errno != EEXIST)
		return aside_fail(path, strerror(errno));
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir == -1)
		return aside_fail(path, strerror(errno));
	if (!is_ours(dir))
		return aside_fail(path,
		    "it belongs to somebody else, or others may write there"
		    " (chmod go-w)");
	if (vault_open(dir, &a.vault) != ERR_OK)
		return aside_fail(path, strerror(errno));
	a.dir = steal_fd(&dir);
	a.vault.beside = true;
	if (vault_recover(&a.vault, NULL) != ERR_OK)
		cli_complain("%s: %s", path, a.vault.why);
	*out = a;
	return ERR_OK;
}

void
aside_free(struct aside *a)
{
	if (a == NULL || a->path == NULL)
		return;
	vault_item_free(&a->last);
	vault_close(&a->vault);
	(void)close(a->dir);
	a->path = NULL;
}

bool
aside_is(const struct aside *a, int dir, const char *path)
{
	const char *name = strrchr(path, '/');
	struct stat st, own;

	if (strcmp(name == NULL ? path : name + 1, VAULT_PLACE) == 0)
		return true;
	return a->path != NULL && fstat(dir, &st) == 0 &&
	    fstat(a->dir, &own) == 0 && st.st_dev == own.st_dev &&
	    st.st_ino == own.st_ino;
}

/* The files that were restored, as lines of hashes; empty: none, or not to be
 * read, and then nothing is left where it is. */
static void
kept_read(const struct aside *a, struct buf *out)
{
	AUTO_CLOSE int fd =
	    openat(a->dir, KEPT, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	uint8_t *to;
	ssize_t n;

	while (fd != -1 && (to = buf_grow(out, KEPT_BLOCK)) != NULL &&
	    (n = read(fd, to, KEPT_BLOCK)) > 0)
		out->size += (size_t)n;
}

/* Was this very file restored by somebody who knows what it is? */
static bool
is_kept(const struct aside *a, int fd)
{
	AUTO(known_list) struct known_list list = { 0 };
	AUTO(buf) struct buf text = buf_new(KEPT_MAX);
	AUTO(buf) struct buf image = buf_new(KNOWN_IMAGE_MAX);
	struct known known = { 0 };
	struct digest digest;
	struct stat st;

	kept_read(a, &text);
	if (text.size == 0 || fstat(fd, &st) == -1 ||
	    known_read(&list, buf_text(&text), text.size, KNOWN_ALLOWED, 0) !=
		ERR_OK ||
	    known_image(&list, &image) != ERR_OK ||
	    known_open(image.data, image.size, &known) != ERR_OK ||
	    !known_size(&known, (uint64_t)st.st_size) ||
	    digest_fd(fd, (uint64_t)st.st_size, &digest) != ERR_OK)
		return false;
	return known_find(&known, (uint64_t)st.st_size, &digest, NULL) ==
	    KNOWN_ALLOWED;
}

/* Remember that this file is to stay where it is. False: errno says why. */
static bool
kept_add(const struct aside *a, const struct vault_item *item)
{
	AUTO_CLOSE int fd = openat(a->dir, KEPT,
	    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd != -1 &&
	    dprintf(fd, "%s:%" PRIu64 ":restored\n", item->digest, item->size) >
	    0;
}

/* The finding for which it is moved. */
static void
say_finding(struct vault_item *say, const struct report *r)
{
	const struct finding *worst = NULL;

	for (size_t i = 0; i < r->finding_count; i++)
		if (worst == NULL || r->findings[i].verdict > worst->verdict)
			worst = &r->findings[i];
	if (worst == NULL)
		return;
	(void)snprintf(say->rule, sizeof(say->rule), "%s", worst->rule);
	(void)snprintf(
	    say->message, sizeof(say->message), "%s", worst->message);
	(void)snprintf(say->where, sizeof(say->where), "%s", worst->where);
}

enum err
aside_move(struct aside *a, int fd, const char *path, const struct report *r)
{
	AUTO_FREE struct vault_item *say = calloc(1, sizeof(*say));
	AUTO_FREE char *full = NULL;
	AUTO_CLOSE int dir = -1;
	struct vault_find find = { .fd = fd, .say = say };
	enum err e;

	a->vault.why[0] = '\0';
	if (is_kept(a, fd)) {
		(void)snprintf(a->vault.why, sizeof(a->vault.why),
		    "it was restored before, and stays");
		return ERR_UNSUPPORTED;
	}
	if (say == NULL || (full = realpath(path, NULL)) == NULL) {
		(void)snprintf(a->vault.why, sizeof(a->vault.why), "%s",
		    say == NULL ? "out of memory" : strerror(errno));
		return ERR_SYS;
	}
	(void)snprintf(say->path, sizeof(say->path), "%s", full);
	(void)snprintf(
	    say->verdict, sizeof(say->verdict), "%s", verdict_name(r->verdict));
	(void)snprintf(say->format, sizeof(say->format), "%s", r->format);
	say_finding(say, r);
	if ((e = vault_dir_of(full, &dir, &find.name)) != ERR_OK) {
		(void)snprintf(a->vault.why, sizeof(a->vault.why),
		    "its directory can't be opened: %s", strerror(errno));
		return e;
	}
	find.dir = dir;
	vault_item_free(&a->last);
	a->last = (struct vault_item){ 0 };
	return vault_store(&a->vault, &find, &a->last);
}

static bool
list_one(void *context, const struct vault_item *item)
{
	struct out *o = context;
	time_t at = (time_t)item->stored_at;
	char date[DATE_MAX] = "";
	struct tm local;

	if (localtime_r(&at, &local) != NULL)
		(void)strftime(date, sizeof(date), "%Y-%m-%d %H:%M", &local);
	out_puts(o, item->id);
	out_puts(o, "  ");
	out_puts(o, date);
	out_puts(o, "  ");
	out_escaped(o, item->verdict, strlen(item->verdict));
	out_puts(o, "  ");
	out_size(o, item->size);
	out_puts(o, "  ");
	out_escaped(o, item->path, strlen(item->path));
	out_puts(o, "\n");
	return true;
}

enum err
aside_list(struct aside *a)
{
	AUTO(out) struct out o = out_new(STDOUT_FILENO, false);
	enum err e = vault_each(&a->vault, list_one, &o);

	if (e != ERR_OK)
		cli_complain("%s: %s", a->path, a->vault.why);
	if (out_flush(&o) == ERR_OK)
		return e;
	cli_complain("cannot write: %s", strerror(o.error));
	return ERR_SYS;
}

enum err
aside_restore(struct aside *a, const char *id)
{
	AUTO_FREE struct vault_item *item = calloc(1, sizeof(*item));
	AUTO_CLOSE int dir = -1;
	const char *name;
	enum err e;

	if (item == NULL) {
		cli_complain("out of memory");
		return ERR_NOMEM;
	}
	if ((e = vault_get(&a->vault, id, item)) != ERR_OK) {
		cli_complain(
		    "%s has no quarantined file %s; --quarantined shows what"
		    " there is",
		    a->path, id);
		return e;
	}
	/* First, or whoever watches would move it again at once. */
	if (vault_digest(&a->vault, item) != ERR_OK || !kept_add(a, item))
		cli_complain(
		    "it can't be remembered that %s was restored", item->path);
	e = vault_dir_of(item->path, &dir, &name);
	if (e != ERR_OK)
		cli_complain("the directory of %s can't be opened: %s",
		    item->path, strerror(errno));
	if (e == ERR_OK &&
	    (e = vault_restore(&a->vault, item, dir, name, item->path)) !=
		ERR_OK)
		cli_complain(
		    "%s was not restored: %s", item->path, a->vault.why);
	vault_item_free(item);
	return e;
}
