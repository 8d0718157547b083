/* SPDX-License-Identifier: Apache-2.0 */
/* mounts: mountinfo, with the unique numbers of listmount(2). */
#include "guardd/mounts.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/own.h"
#include "guardd/mountid.h"

enum {
	MOUNTS_TEXT_MAX = 16 * 1024 * 1024, /* bytes of the table */
	MOUNTS_MAX = 65536,
	FIELDS_MAX = 32, /* optional fields included */
	READ_STEP = 64 * 1024,
	TRIES = 8 /* the table may change under us; then we begin again */
};

static const struct fs_row {
	const char *type;
	enum fs_kind kind;
} fs_rows[] = {
	{ "autofs", FS_KERNEL },
	{ "bcachefs", FS_GUARDED },
	{ "binfmt_misc", FS_KERNEL },
	{ "bpf", FS_KERNEL },
	{ "btrfs", FS_GUARDED },
	{ "cgroup", FS_KERNEL },
	{ "cgroup2", FS_KERNEL },
	{ "configfs", FS_KERNEL },
	{ "debugfs", FS_KERNEL },
	{ "devpts", FS_KERNEL },
	{ "devtmpfs", FS_KERNEL },
	{ "efivarfs", FS_KERNEL },
	{ "erofs", FS_GUARDED },
	{ "exfat", FS_GUARDED },
	{ "ext2", FS_GUARDED },
	{ "ext3", FS_GUARDED },
	{ "ext4", FS_GUARDED },
	{ "f2fs", FS_GUARDED },
	{ "fusectl", FS_KERNEL },
	{ "hfsplus", FS_GUARDED },
	{ "hugetlbfs", FS_KERNEL },
	{ "iso9660", FS_GUARDED },
	{ "jfs", FS_GUARDED },
	{ "mqueue", FS_KERNEL },
	{ "nilfs2", FS_GUARDED },
	{ "nsfs", FS_KERNEL },
	{ "ntfs3", FS_GUARDED },
	{ "overlay", FS_STACKED },
	{ "proc", FS_KERNEL },
	{ "pstore", FS_KERNEL },
	{ "ramfs", FS_GUARDED },
	{ "rootfs", FS_GUARDED },
	{ "rpc_pipefs", FS_KERNEL },
	{ "securityfs", FS_KERNEL },
	{ "selinuxfs", FS_KERNEL },
	{ "squashfs", FS_GUARDED },
	{ "sysfs", FS_KERNEL },
	{ "tmpfs", FS_GUARDED },
	{ "tracefs", FS_KERNEL },
	{ "udf", FS_GUARDED },
	{ "vfat", FS_GUARDED },
	{ "xfs", FS_GUARDED },
	{ "zfs", FS_GUARDED },
	{ "9p", FS_REMOTE },
	{ "afs", FS_REMOTE },
	{ "ceph", FS_REMOTE },
	{ "cifs", FS_REMOTE },
	{ "coda", FS_REMOTE },
	{ "fuse", FS_REMOTE },
	{ "fuseblk", FS_REMOTE },
	{ "gfs2", FS_REMOTE },
	{ "lustre", FS_REMOTE },
	{ "nfs", FS_REMOTE },
	{ "nfs4", FS_REMOTE },
	{ "ocfs2", FS_REMOTE },
	{ "orangefs", FS_REMOTE },
	{ "smb3", FS_REMOTE },
	{ "virtiofs", FS_REMOTE },
};

enum fs_kind
fs_kind_of(const char *type)
{
	if (strncmp(type, "fuse.", 5) == 0)
		return FS_REMOTE;
	for (size_t i = 0; i < sizeof(fs_rows) / sizeof(fs_rows[0]); i++)
		if (strcmp(fs_rows[i].type, type) == 0)
			return fs_rows[i].kind;
	return FS_OTHER;
}

/* Turn \040 and its like back into bytes, in place. */
static void
unescape(char *s)
{
	char *to = s;

	for (const char *at = s; *at != '\0';) {
		if (at[0] == '\\' && at[1] >= '0' && at[1] <= '3' &&
		    at[2] >= '0' && at[2] <= '7' && at[3] >= '0' &&
		    at[3] <= '7') {
			*to++ = (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 |
			    (at[3] - '0'));
			at += 4;
		} else {
			*to++ = *at++;
		}
	}
	*to = '\0';
}

static bool
place_removable(const char *point)
{
	return strncmp(point, "/media/", 7) == 0 ||
	    strncmp(point, "/run/media/", 11) == 0;
}

/* "8:1" */
static bool
dev_parse(const char *text, uint64_t *out)
{
	char *end;
	uint64_t major = strtoul(text, &end, 10), minor;

	if (end == text || *end != ':')
		return false;
	text = end + 1;
	minor = strtoul(text, &end, 10);
	if (end == text || *end != '\0' || minor > UINT32_MAX)
		return false;
	*out = major << 32 | minor;
	return true;
}

/* One line: id parent major:minor root point options [optional...] - type
 * source super. */
static enum err
line_parse(char *line, struct mount *out)
{
	char *fields[FIELDS_MAX], *next = line;
	uint64_t dev;
	size_t n = 0, dash = 0;

	while (n < FIELDS_MAX && (fields[n] = strsep(&next, " ")) != NULL)
		n++;
	for (size_t i = 6; i < n && dash == 0; i++)
		if (strcmp(fields[i], "-") == 0)
			dash = i;
	if (dash == 0 || dash + 1 >= n || !dev_parse(fields[2], &dev))
		return ERR_PROTO;
	unescape(fields[3]);
	unescape(fields[4]);
	unescape(fields[dash + 1]);
	*out = (struct mount){
		.id = strtoul(fields[0], NULL, 10),
		.dev = dev,
		.root = fields[3],
		.point = fields[4],
		.type = fields[dash + 1],
		.removable = place_removable(fields[4]),
	};
	return ERR_OK;
}

enum err
mounts_parse(char *text, struct mounts *out)
{
	size_t count = 0;
	struct mount *rows;
	char *line;

	for (const char *at = text; *at != '\0'; at++)
		count += *at == '\n';
	if (count > MOUNTS_MAX)
		return ERR_LIMIT;
	rows = arena_take(&out->arena, (count + 1) * sizeof(*rows));
	if (rows == NULL)
		return ERR_NOMEM;
	count = 0;
	while ((line = strsep(&text, "\n")) != NULL && line[0] != '\0') {
		enum err e = line_parse(line, &rows[count]);

		if (e != ERR_OK)
			return e;
		count++;
	}
	out->rows = rows;
	out->count = count;
	return ERR_OK;
}

/* The table as text; read(2) gives it in pieces, each of whole lines. */
static enum err
text_read(struct buf *out)
{
	AUTO_CLOSE int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return ERR_SYS;
	for (;;) {
		uint8_t *to = buf_grow(out, READ_STEP);
		ssize_t n;

		if (to == NULL)
			return ERR_LIMIT;
		if ((n = read(fd, to, READ_STEP)) == -1)
			return ERR_SYS;
		if (n == 0)
			return buf_add(out, "", 1); /* the end, as a string */
		out->size += (size_t)n;
	}
}

/* Read the text twice with the numbers in between: what is the same before and
 * after belongs to these numbers. */
static enum err
read_once(struct mounts *out, bool *same)
{
	AUTO(buf) struct buf before = buf_new(MOUNTS_TEXT_MAX);
	AUTO(buf) struct buf after = buf_new(MOUNTS_TEXT_MAX);
	struct mount_ids ids = { 0 };
	char *text;
	enum err e;

	if ((e = text_read(&before)) != ERR_OK)
		return e;
	if ((e = mount_ids_read(&ids)) != ERR_OK)
		return e;
	e = text_read(&after);
	*same = e == ERR_OK && before.size == after.size &&
	    memcmp(before.data, after.data, after.size) == 0;
	text = arena_copy(&out->arena, before.data, before.size);
	if (e == ERR_OK)
		e = text == NULL ? ERR_NOMEM : mounts_parse(text, out);
	for (size_t i = 0; e == ERR_OK && i < out->count; i++)
		out->rows[i].id = mount_ids_unique(&ids, out->rows[i].id);
	mount_ids_free(&ids);
	return e;
}

enum err
mounts_read(struct mounts *out)
{
	bool same = false;

	for (int i = 0; i < TRIES; i++) {
		struct mounts m = { .arena = arena_new(
					(size_t)4 * MOUNTS_TEXT_MAX) };
		enum err e = read_once(&m, &same);

		if (e == ERR_OK && same) {
			*out = m;
			return ERR_OK;
		}
		mounts_free(&m);
		if (e != ERR_OK)
			return e;
	}
	return ERR_LIMIT; /* it never stood still: ask again later */
}

void
mounts_free(struct mounts *m)
{
	arena_free(&m->arena);
	m->rows = NULL;
	m->count = 0;
}

const struct mount *
mounts_find(const struct mounts *m, uint64_t id)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->rows[i].id == id)
			return &m->rows[i];
	return NULL;
}
