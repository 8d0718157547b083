/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record: a quarantined file's record, a text of one line for each field.
 *
 * It is written whole beside the old one, to the disk, and takes its place: a
 * power cut leaves one or the other.  The last line says that it is all.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "vault/calls.h"
#include "vault/inside.h"

enum {
	RECORD_MAX = 1024 * 1024,
	RECORD_NAME = VAULT_ID + 5,
	READ_STEP = 16 * 1024,
	HEX = 16
};

#define RECORD_HEAD "ckptguard-vault 1\n"
#define RECORD_END "end\n"

static void
file_name(char out[RECORD_NAME], const char *id, const char *suffix)
{
	(void)snprintf(out, RECORD_NAME, "%.16s%s", id, suffix);
}

bool
record_id(const char *name, char id[VAULT_ID + 1])
{
	if (strspn(name, "0123456789abcdef") != VAULT_ID ||
	    strcmp(name + VAULT_ID, ".rec") != 0)
		return false;
	memcpy(id, name, VAULT_ID);
	id[VAULT_ID] = '\0';
	return true;
}

static enum err
put_text(struct buf *out, const char *name, const char *text)
{
	enum err e = buf_printf(out, "%s ", name);

	for (const char *c = text; *c != '\0' && e == ERR_OK; c++)
		e = *c <= ' ' || *c >= '\x7f' || *c == '%'
		    ? buf_printf(out, "%%%02x", (unsigned char)*c)
		    : buf_add(out, c, 1);
	return e == ERR_OK ? buf_puts(out, "\n") : e;
}

static enum err
put_xattrs(struct buf *out, const struct buf *xattrs)
{
	enum err e = buf_puts(out, "xattrs ");

	for (size_t i = 0; i < xattrs->size && e == ERR_OK; i++)
		e = buf_printf(out, "%02x", xattrs->data[i]);
	return e == ERR_OK ? buf_puts(out, "\n" RECORD_END) : e;
}

static enum err
put_item(struct buf *out, const struct vault_item *item)
{
	enum err e = buf_puts(out, RECORD_HEAD);

#define NUMBER(name) \
	if (e == ERR_OK) \
		e = buf_printf(out, #name " %" PRIu64 "\n", item->name);
#define TEXT(name, size) \
	if (e == ERR_OK) \
		e = put_text(out, #name, item->name);
#include "vault/item.def"
#undef NUMBER
#undef TEXT
	return e == ERR_OK ? put_xattrs(out, &item->xattrs) : e;
}

static enum err
write_all(int fd, const struct buf *b)
{
	for (size_t at = 0; at < b->size;) {
		ssize_t n = vault_write(fd, b->data + at, b->size - at);

		if (n <= 0)
			return ERR_SYS;
		at += (size_t)n;
	}
	return vault_fsync(fd) == 0 ? ERR_OK : ERR_SYS;
}

enum err
record_write(struct vault *v, const struct vault_item *item)
{
	AUTO(buf) struct buf text = buf_new(RECORD_MAX);
	char fresh[RECORD_NAME], name[RECORD_NAME];
	AUTO_CLOSE int fd = -1;
	enum err e;

	file_name(fresh, item->id, ".new");
	file_name(name, item->id, ".rec");
	if ((e = put_item(&text, item)) != ERR_OK)
		return vault_fail(v, e, "its record cannot be made");
	fd = vault_openat(v->dir, fresh,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1 || write_all(fd, &text) != ERR_OK ||
	    vault_replace(v->dir, fresh, name) == -1 ||
	    vault_fsync(v->dir) == -1) {
		e = vault_fail(v, ERR_SYS, "its record cannot be written");
		(void)unlinkat(v->dir, fresh, 0); /* of no use to anybody */
		return e;
	}
	return ERR_OK;
}

enum err
record_remove(struct vault *v, const char *id)
{
	char name[RECORD_NAME];

	file_name(name, id, ".rec");
	if (vault_unlinkat(v->dir, name, 0) == -1 && errno != ENOENT)
		return vault_fail(v, ERR_SYS, "its record cannot be removed");
	return vault_fsync(v->dir) == 0
	    ? ERR_OK
	    : vault_fail(v, ERR_SYS, "its record cannot be removed");
}

static int
hex_pair(const char *s)
{
	char pair[3] = { s[0], s[0] == '\0' ? '\0' : s[1], '\0' };
	char *end;
	long n = strtol(pair, &end, HEX);

	return end == pair + 2 ? (int)n : -1;
}

/* Undo put_text(); false: too long, or none. */
static bool
get_text(const char *value, char *out, size_t size)
{
	size_t n = 0;

	for (const char *c = value; *c != '\0'; c++, n++) {
		int byte = (unsigned char)*c;

		if (*c == '%') {
			byte = hex_pair(c + 1);
			if (byte <= 0)
				return false;
			c += 2;
		}
		if (n + 1 >= size)
			return false;
		out[n] = (char)byte;
	}
	out[n] = '\0';
	return true;
}

static bool
get_xattrs(const char *value, struct buf *out)
{
	for (const char *c = value; *c != '\0'; c += 2) {
		int n = hex_pair(c);
		uint8_t byte = (uint8_t)n;

		if (n < 0 || buf_add(out, &byte, 1) != ERR_OK)
			return false;
	}
	return true;
}

/* Unknown names are a later version's. */
static bool
get_field(const char *name, const char *value, struct vault_item *item)
{
	char *end;

#define NUMBER(field) \
	if (strcmp(name, #field) == 0) { \
		item->field = strtoull(value, &end, 10); \
		return *end == '\0' && end != value; \
	}
#define TEXT(field, size) \
	if (strcmp(name, #field) == 0) \
		return get_text(value, item->field, size);
#include "vault/item.def"
#undef NUMBER
#undef TEXT
	if (strcmp(name, "xattrs") == 0)
		return get_xattrs(value, &item->xattrs);
	return true;
}

static enum err
parse(char *text, struct vault_item *item)
{
	char *at = text + strlen(RECORD_HEAD);

	if (strncmp(text, RECORD_HEAD, strlen(RECORD_HEAD)) != 0)
		return ERR_MALFORMED;
	while (strcmp(at, RECORD_END) != 0) {
		char *stop = strchr(at, '\n');
		char *space = strchr(at, ' ');

		if (stop == NULL || space == NULL || space > stop)
			return ERR_MALFORMED;
		*stop = *space = '\0';
		if (!get_field(at, space + 1, item))
			return ERR_MALFORMED;
		at = stop + 1;
	}
	return item->state < VAULT_STATES ? ERR_OK : ERR_MALFORMED;
}

static enum err
read_all(int fd, struct buf *out)
{
	char block[READ_STEP];
	ssize_t n;

	while ((n = vault_read_(fd, block, sizeof(block))) > 0)
		if (buf_add(out, block, (size_t)n) != ERR_OK)
			return ERR_LIMIT;
	return n == 0 ? ERR_OK : ERR_SYS;
}

enum err
record_read(struct vault *v, const char *id, struct vault_item *out)
{
	AUTO(buf) struct buf text = buf_new(RECORD_MAX);
	AUTO_CLOSE int fd = -1;
	struct vault_item item = { .xattrs = buf_new(VAULT_XATTRS_MAX) };
	char name[RECORD_NAME];
	enum err e;

	file_name(name, id, ".rec");
	fd = vault_openat(v->dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd == -1 && errno == ENOENT)
		return vault_fail(
		    v, ERR_USAGE, "there is nothing of that number");
	if (fd == -1 || read_all(fd, &text) != ERR_OK)
		return vault_fail(v, ERR_SYS, "its record cannot be read");
	(void)memcpy(item.id, id, VAULT_ID);
	e = text.size == 0 ? ERR_MALFORMED : parse((char *)text.data, &item);
	if (e != ERR_OK) {
		vault_item_free(&item);
		return vault_fail(v, e, "its record is damaged");
	}
	*out = item;
	return ERR_OK;
}
