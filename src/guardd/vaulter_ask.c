/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vaulter_ask: what people ask of the vault and decide about contents.
 *
 * Who asks was named by the kernel to the recorder.  A user sees what was his;
 * what he may not see is not there for him.  A restore by a user is made where
 * that user may make files: the directory is opened with his rights.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fdpass.h"
#include "base/own.h"
#include "base/text.h"
#include "guardd/vaulter_state.h"

enum { ITEM_MAX = 128 * 1024, MEETING_MAX = 64 };

static enum err
put_item(struct buf *out, const struct vault_item *item)
{
	enum err e;

	if ((e = buf_printf(out,
		 "{\"id\":\"%s\",\"state\":\"%s\",\"stored\":%" PRIu64
		 ",\"size\":%" PRIu64 ",\"uid\":%" PRIu64 ",\"gid\":%" PRIu64
		 ",\"mode\":%" PRIu64 ",\"mtime\":%" PRIu64
		 ",\"other_names\":%" PRIu64 ",\"copy\":%s,\"stray\":%s",
		 item->id, vault_state_name(item->state), item->stored_at,
		 item->size, item->uid, item->gid, item->mode, item->mtime,
		 item->links,
		 (item->flags & VAULT_COPY) != 0 ? "true" : "false",
		 (item->flags & VAULT_STRAY) != 0 ? "true" : "false")) !=
		ERR_OK ||
	    (e = text_json_member(out, "path", item->path)) != ERR_OK ||
	    (e = text_json_member(out, "sha256", item->digest)) != ERR_OK ||
	    (e = text_json_member(out, "verdict", item->verdict)) != ERR_OK ||
	    (e = text_json_member(out, "format", item->format)) != ERR_OK ||
	    (e = text_json_member(out, "rule", item->rule)) != ERR_OK ||
	    (e = text_json_member(out, "message", item->message)) != ERR_OK ||
	    (e = text_json_member(out, "where", item->where)) != ERR_OK)
		return e;
	return buf_puts(out, "}");
}

static bool
say_item(struct ask *a, const struct vault_item *item)
{
	AUTO(buf) struct buf out = buf_new(ITEM_MAX);

	return put_item(&out, item) == ERR_OK &&
	    ask_item(a, "file", buf_text(&out));
}

static bool
list_one(void *context, const struct vault_item *item)
{
	struct ask *a = context;

	return !ask_owns(a, (uid_t)item->uid) || say_item(a, item);
}

static void
answer_list(struct ask *a)
{
	struct vaulter *v = a->world;

	if (vault_each(&v->vault, list_one, a) != ERR_OK)
		ask_fail(a, ASK_FAILED, "%s", v->vault.why);
	else
		ask_ok(a, "");
}

/* The file that is asked about, if it is his who asks. */
static bool
item_of(struct ask *a, struct vault_item *out)
{
	struct vaulter *v = a->world;
	char id[VAULT_ID + 2];
	enum err e;

	if (!ask_text(a, "id", id, sizeof(id))) {
		ask_fail(a, ASK_WRONG,
		    "which file? \"id\" is its number, as the list has it");
		return false;
	}
	e = vault_get(&v->vault, id, out);
	if (e == ERR_OK && ask_owns(a, (uid_t)out->uid))
		return true;
	if (e == ERR_OK)
		vault_item_free(out);
	if (e == ERR_OK || e == ERR_USAGE)
		ask_fail(a, ASK_MISSING,
		    "there is no file of that number in the vault");
	else
		ask_fail(a, ASK_FAILED, "%s", v->vault.why);
	return false;
}

static void
answer_show(struct ask *a)
{
	struct vault_item item;

	if (!item_of(a, &item))
		return;
	if (say_item(a, &item))
		ask_ok(a, "");
	else
		ask_fail(a, ASK_FAILED, "out of memory");
	vault_item_free(&item);
}

/* Decide about a content, with a name for people; the gate knows it when this
 * returns. */
static enum err
decide(struct vaulter *v, struct known_entry *entry, const char *path)
{
	const char *slash = strrchr(path, '/');
	enum err e;

	(void)snprintf(entry->name, sizeof(entry->name), "%.63s",
	    slash == NULL ? path : slash + 1);
	if ((e = decisions_set(&v->decisions, entry)) != ERR_OK)
		return e;
	return vaulter_publish(v);
}

/* Open the directory of path with the rights of who asks: root must not be made
 * to write where he could not. */
static enum err
dir_for(const struct ask *a, const char *path, int *out, const char **name)
{
	bool user = a->by.uid != 0;
	int dir = -1;
	enum err e;

	if (user) {
		(void)setfsgid(a->by.gid);
		(void)setfsuid(a->by.uid);
	}
	e = vault_dir_of(path, &dir, name);
	if (e == ERR_OK && user &&
	    syscall(SYS_faccessat2, dir, ".", W_OK | X_OK, AT_EACCESS) == -1)
		e = ERR_SYS;
	if (user) {
		int error = errno;

		(void)setfsuid(0);
		(void)setfsgid(0);
		errno = error;
	}
	if (e == ERR_OK)
		*out = dir;
	else if (dir != -1)
		(void)close(dir);
	return e;
}

/* Allow its content, so that it can be opened where it is restored. *fresh: it
 * was not before. */
static bool
restore_allow(struct ask *a, struct vault_item *item, bool *fresh)
{
	struct vaulter *v = a->world;
	struct known_entry entry = { .kind = KNOWN_ALLOWED };

	if (vault_digest(&v->vault, item) != ERR_OK) {
		ask_fail(a, ASK_FAILED, "%s", v->vault.why);
		return false;
	}
	if (!digest_parse(item->digest, DIGEST_HEX, &entry.digest))
		return false;
	entry.size = item->size;
	*fresh = decisions_own(&v->decisions, entry.size, &entry.digest) !=
	    KNOWN_ALLOWED;
	if (!*fresh || decide(v, &entry, item->path) == ERR_OK)
		return true;
	ask_fail(a, ASK_FAILED,
	    "that its content is allowed cannot be written down: nothing was "
	    "restored");
	return false;
}

static void
allow_undo(struct vaulter *v, const struct vault_item *item)
{
	struct known_entry entry = { .kind = KNOWN_NOT, .size = item->size };

	if (digest_parse(item->digest, DIGEST_HEX, &entry.digest))
		(void)!decide(v, &entry, "");
}

static void
restore_item(struct ask *a, struct vault_item *item, const char *to)
{
	struct vaulter *v = a->world;
	bool allow =
	    (item->flags & VAULT_STRAY) == 0 && !ask_flag(a, "keep_denied");
	AUTO_CLOSE int dir = -1;
	bool fresh = false;
	const char *name;
	enum err e = dir_for(a, to, &dir, &name);

	if (e != ERR_OK) {
		ask_fail(a, e == ERR_USAGE ? ASK_WRONG : ASK_FAILED,
		    "the directory to restore to cannot be used: %s; name "
		    "another place with --to",
		    e == ERR_USAGE ? "it needs a whole path" : strerror(errno));
		return;
	}
	if (allow && !restore_allow(a, item, &fresh))
		return;
	if (vault_restore(&v->vault, item, dir, name, to) == ERR_OK) {
		ask_ok(a, allow ? "\"allowed\":true" : "\"allowed\":false");
		return;
	}
	ask_fail(a, ASK_FAILED, "%s", v->vault.why);
	if (fresh)
		allow_undo(v, item);
}

static void
answer_restore(struct ask *a)
{
	const struct vaulter *v = a->world;
	struct vault_item item;
	char to[PATH_MAX];

	if (!item_of(a, &item))
		return;
	if (!ask_text(a, "to", to, sizeof(to)))
		(void)snprintf(to, sizeof(to), "%s", item.path);
	if (!a->by.admin && !v->start.set.users_restore)
		ask_fail(a, ASK_FORBIDDEN,
		    "only administrators may restore files here; "
		    "\"quarantine { users_restore = yes }\" in the "
		    "configuration would let you");
	else
		restore_item(a, &item, to);
	vault_item_free(&item);
}

static void
answer_delete(struct ask *a)
{
	struct vaulter *v = a->world;
	struct vault_item item;

	if (!item_of(a, &item))
		return;
	if (vault_delete(&v->vault, &item) == ERR_OK)
		ask_ok(a, "");
	else
		ask_fail(a, ASK_FAILED, "%s", v->vault.why);
	vault_item_free(&item);
}

/* Hand a descriptor to who asks, who waits for it on a socket of his own. */
static bool
meet(const struct ask *a, const char *meeting, int fd)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	AUTO_CLOSE int sock =
	    socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct ucred who = { .uid = (uid_t)-1 };
	socklen_t n = sizeof(who);
	size_t size = strlen(meeting);

	memcpy(at.sun_path + 1, meeting, size);
	return sock != -1 &&
	    connect(sock, (const struct sockaddr *)(const void *)&at,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
		    size)) == 0 &&
	    getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0 &&
	    who.uid == a->by.uid && fdpass_send(sock, "", 1, fd, 0) == 1;
}

static void
answer_export(struct ask *a)
{
	struct vaulter *v = a->world;
	char meeting[MEETING_MAX];
	AUTO_CLOSE int fd = -1;
	struct vault_item item;

	if (!ask_text(a, "socket", meeting, sizeof(meeting)) ||
	    meeting[0] == '\0') {
		ask_fail(a, ASK_WRONG, "the abstract socket is missing");
		return;
	}
	if (!item_of(a, &item))
		return;
	if (vault_read(&v->vault, &item, &fd) != ERR_OK)
		ask_fail(a, ASK_FAILED, "%s", v->vault.why);
	else if (!meet(a, meeting, fd))
		ask_fail(a, ASK_FAILED, "nobody of yours listens there");
	else
		ask_ok(a, "");
	vault_item_free(&item);
}

/* The digest of a file that nobody writes meanwhile. */
static bool
sum_path(struct ask *a, const char *path, struct known_entry *out)
{
	AUTO_CLOSE int dir = -1, fd = -1;
	const char *name;
	struct stat st, now;
	bool leased;

	if (vault_dir_of(path, &dir, &name) == ERR_OK)
		fd = openat(dir, name,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		ask_fail(a, ASK_MISSING,
		    "there is no file that can be opened by that path");
		return false;
	}
	leased = fcntl(fd, F_SETLEASE, F_RDLCK) == 0;
	if (!leased && errno == EAGAIN) {
		ask_fail(a, ASK_BUSY, "somebody is writing it: try again then");
		return false;
	}
	out->size = (uint64_t)st.st_size;
	if (digest_fd(fd, out->size, &out->digest) != ERR_OK ||
	    fstat(fd, &now) == -1 || now.st_mtim.tv_sec != st.st_mtim.tv_sec ||
	    now.st_mtim.tv_nsec != st.st_mtim.tv_nsec ||
	    (leased && fcntl(fd, F_GETLEASE) != F_RDLCK)) {
		ask_fail(a, ASK_FAILED, "it could not be read whole");
		return false;
	}
	return true;
}

/* Which content is meant: a file's, a digest, or something in the vault. */
static bool
content_of(struct ask *a, struct known_entry *out, char name[PATH_MAX])
{
	struct vaulter *v = a->world;
	char hex[DIGEST_HEX + 1];
	struct vault_item item;
	bool good;

	name[0] = '\0';
	if (ask_text(a, "path", name, PATH_MAX))
		return sum_path(a, name, out);
	if (ask_text(a, "sha256", hex, sizeof(hex))) {
		if (digest_parse(hex, strlen(hex), &out->digest) &&
		    ask_number(a, "size", &out->size))
			return true;
		ask_fail(a, ASK_WRONG,
		    "a digest is 64 hexadecimal digits, and needs the size");
		return false;
	}
	if (!item_of(a, &item))
		return false;
	good = vault_digest(&v->vault, &item) == ERR_OK &&
	    digest_parse(item.digest, DIGEST_HEX, &out->digest);
	out->size = item.size;
	(void)snprintf(name, PATH_MAX, "%s", item.path);
	vault_item_free(&item);
	if (!good)
		ask_fail(a, ASK_FAILED, "%s", v->vault.why);
	return good;
}

static void
answer_decision(struct ask *a, enum known_kind kind)
{
	struct known_entry entry = { .kind = kind };
	char path[PATH_MAX], hex[DIGEST_HEX + 1], members[DIGEST_HEX + 64];
	enum err e;

	if (!content_of(a, &entry, path))
		return;
	e = decide(a->world, &entry, path);
	if (e != ERR_OK) {
		ask_fail(a, ASK_FAILED, "it cannot be written down: %s",
		    e == ERR_SYS ? strerror(errno) : err_text(e));
		return;
	}
	digest_hex(&entry.digest, hex);
	(void)snprintf(members, sizeof(members),
	    "\"sha256\":\"%s\",\"size\":%" PRIu64, hex, entry.size);
	ask_ok(a, members);
}

static void
answer_allow(struct ask *a)
{
	answer_decision(a, KNOWN_ALLOWED);
}

static void
answer_deny(struct ask *a)
{
	answer_decision(a, KNOWN_DENIED);
}

static void
answer_forget(struct ask *a)
{
	answer_decision(a, KNOWN_NOT);
}

static void
answer_decisions(struct ask *a)
{
	const struct vaulter *v = a->world;

	for (size_t i = 0; i < v->decisions.own.count; i++) {
		const struct known_entry *k = &v->decisions.own.entries[i];
		AUTO(buf) struct buf out = buf_new(ITEM_MAX);
		char hex[DIGEST_HEX + 1];

		digest_hex(&k->digest, hex);
		if (buf_printf(&out,
			"{\"kind\":\"%s\",\"sha256\":\"%s\",\"size\":%" PRIu64,
			k->kind == KNOWN_ALLOWED ? "allow" : "deny", hex,
			k->size) != ERR_OK ||
		    text_json_member(&out, "name", k->name) != ERR_OK ||
		    buf_puts(&out, "}") != ERR_OK ||
		    !ask_item(a, "decision", buf_text(&out)))
			break;
	}
	ask_ok(a, "");
}

static const struct ask_row rows[] = {
	{ "allow", ASK_ADMIN, LANE_VAULT, answer_allow, "" },
	{ "decisions", ASK_ADMIN, LANE_VAULT, answer_decisions, "" },
	{ "deny", ASK_ADMIN, LANE_VAULT, answer_deny, "" },
	{ "forget", ASK_ADMIN, LANE_VAULT, answer_forget, "" },
	{ "quarantine_delete", ASK_ADMIN, LANE_VAULT, answer_delete, "" },
	{ "quarantine_export", ASK_ADMIN, LANE_VAULT, answer_export, "" },
	{ "quarantine_list", ASK_OWN, LANE_VAULT, answer_list, "" },
	{ "quarantine_restore", ASK_OWN, LANE_VAULT, answer_restore, "" },
	{ "quarantine_show", ASK_OWN, LANE_VAULT, answer_show, "" },
};

void
vaulter_ask(struct vaulter *v, const struct asker *by, const char *line,
    size_t n, struct buf *out)
{
	struct ask *a = NULL;

	if (ask_new(line, n, rows, sizeof(rows) / sizeof(rows[0]), &a) !=
	    ERR_OK)
		return;
	a->world = v;
	a->by = *by;
	if (!a->done && a->row->right == ASK_ADMIN && !by->admin)
		ask_fail(a, ASK_FORBIDDEN, "only administrators may do that");
	if (!a->done)
		a->row->answer(a);
	if (!a->done)
		ask_fail(a, ASK_FAILED, "out of memory");
	if (buf_add(out, a->out.data, a->out.size) != ERR_OK)
		buf_clear(out);
	ask_free(&a);
}
