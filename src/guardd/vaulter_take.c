/* SPDX-License-Identifier: Apache-2.0 */
/* vaulter_take: from a flagged descriptor to a file in the vault. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fdpath.h"
#include "base/own.h"
#include "base/text.h"
#include "guardd/vaulter_state.h"
#include "model/verdict.h"

enum {
	PART_RULE,
	PART_MESSAGE,
	PART_WHERE,
	PART_FORMAT,
	SHOWN_MAX = 6 * PATH_MAX
};

static void
copy(char *to, size_t size, const char *from)
{
	size_t n = strnlen(from, size - 1);

	memcpy(to, from, n);
	to[n] = '\0';
}

static void
fill(struct vault_item *say, const struct msg_in *in, const char *path)
{
	enum verdict verdict = in->head.verdict < VERDICT_COUNT
	    ? (enum verdict)in->head.verdict
	    : VERDICT_MALICIOUS;

	*say = (struct vault_item){ 0 };
	copy(say->path, sizeof(say->path), path);
	copy(say->verdict, sizeof(say->verdict), verdict_name(verdict));
	copy(say->format, sizeof(say->format), msg_part(in, PART_FORMAT));
	copy(say->rule, sizeof(say->rule), msg_part(in, PART_RULE));
	copy(say->message, sizeof(say->message), msg_part(in, PART_MESSAGE));
	copy(say->where, sizeof(say->where), msg_part(in, PART_WHERE));
}

/* For the log, the history and those who follow. */
static void
record(
    struct vaulter *v, const struct msg_in *in, const struct vault_item *item)
{
	struct msg head = in->head;
	const char *parts[] = { item->path, item->rule, item->message,
		item->where, item->format, item->id };

	head.type = MSG_RECORD;
	head.seq = 0;
	head.error = 0;
	head.flags |= MSG_VAULTED | MSG_TELL;
	head.owner = (uint32_t)item->uid;
	(void)!channel_send_parts(v->start.keeper, &head, parts,
	    sizeof(parts) / sizeof(parts[0]), -1);
}

/* A sentence about a file whose name anybody may have chosen. */
static void
tell(struct vaulter *v, const char *path, const char *what, const char *why)
{
	AUTO(buf) struct buf shown = buf_new(SHOWN_MAX);

	if (text_escape(&shown, path, strlen(path)) == ERR_OK)
		vaulter_notice(
		    v, false, "%s %s%s", buf_text(&shown), what, why);
}

void
vaulter_take(struct vaulter *v, const struct msg_in *in)
{
	static struct vault_item say, item;
	AUTO_CLOSE int dir = -1;
	struct vault_find f = { .fd = in->fd, .say = &say };
	char path[PATH_MAX];

	if (!fd_path(in->fd, path))
		return; /* nothing that we could move by a name */
	if (!v->start.lasting) {
		tell(v, path, "is denied but stays where it is: ",
		    "a vault needs a directory that lasts, give --state-dir");
		return;
	}
	if (vault_dir_of(path, &dir, &f.name) != ERR_OK) {
		tell(v, path, "is denied but stays where it is: ",
		    "its directory cannot be reached by that path");
		return;
	}
	f.dir = dir;
	fill(&say, in, path);
	if (vault_store(&v->vault, &f, &item) != ERR_OK) {
		tell(
		    v, path, "is denied but stays where it is: ", v->vault.why);
		return;
	}
	record(v, in, &item);
	if (item.links != 0)
		tell(v, path,
		    "is in the vault, but has other names, which stay: they "
		    "are denied",
		    "");
	vault_item_free(&item);
	v->unsummed = true;
}
