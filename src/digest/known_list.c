/* SPDX-License-Identifier: Apache-2.0 */
/* known_list: lines of hashes in, a sorted image out. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "digest/known.h"
#include "digest/known_image.h"

enum { ROOM_FIRST = 64, DECIMAL = 10, NUMBER_MAX = 20 };

void
known_list_free(struct known_list *l)
{
	if (l == NULL)
		return;
	free(l->entries);
	*l = (struct known_list){ 0 };
}

enum err
known_add(struct known_list *l, const struct known_entry *entry)
{
	struct known_entry *more;
	size_t room = l->room == 0 ? ROOM_FIRST : 2 * l->room;

	if (l->count == KNOWN_MAX)
		return ERR_LIMIT;
	if (l->count == l->room) {
		more = realloc(l->entries, room * sizeof(*more));
		if (more == NULL)
			return ERR_NOMEM;
		l->entries = more;
		l->room = room;
	}
	l->entries[l->count++] = *entry;
	return ERR_OK;
}

static bool
same_file(const struct known_entry *a, const struct known_entry *b)
{
	return a->size == b->size && digest_equal(&a->digest, &b->digest);
}

bool
known_remove(
    struct known_list *l, const struct known_entry *like, unsigned rank)
{
	size_t kept = 0, had = l->count;

	for (size_t i = 0; i < l->count; i++)
		if (l->entries[i].rank != rank ||
		    !same_file(&l->entries[i], like))
			l->entries[kept++] = l->entries[i];
	l->count = kept;
	return kept != had;
}

/* A field up to the next colon (or the end); *s goes behind it. */
static size_t
field(const char **s, const char *end, const char **out)
{
	const char *colon = memchr(*s, ':', (size_t)(end - *s));
	size_t n = (size_t)((colon == NULL ? end : colon) - *s);

	*out = *s;
	*s = colon == NULL ? end : colon + 1;
	return n;
}

static bool
number(const char *s, size_t n, uint64_t *out)
{
	char text[NUMBER_MAX + 1];
	char *end;

	if (n == 0 || n > NUMBER_MAX || s[0] < '0' || s[0] > '9')
		return false;
	memcpy(text, s, n);
	text[n] = '\0';
	errno = 0;
	*out = strtoull(text, &end, DECIMAL);
	return errno == 0 && *end == '\0';
}

/* False: not understood. */
static bool
line_parse(const char *at, const char *end, struct known_entry *out)
{
	const char *hash, *size, *name;
	size_t hash_n = field(&at, end, &hash), size_n, name_n;

	size_n = field(&at, end, &size);
	name_n = field(&at, end, &name);
	if (!digest_parse(hash, hash_n, &out->digest) ||
	    !number(size, size_n, &out->size))
		return false;
	if (name_n > KNOWN_NAME_MAX)
		name_n = KNOWN_NAME_MAX;
	memcpy(out->name, name, name_n);
	out->name[name_n] = '\0';
	return true;
}

enum err
known_read(struct known_list *l, const char *text, size_t n,
    enum known_kind kind, unsigned rank)
{
	const char *end = text + n;
	unsigned line = 0;
	enum err e = ERR_OK;

	for (const char *at = text; at < end && e == ERR_OK;) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		const char *last = stop == NULL ? end : stop;
		struct known_entry entry = { .kind = kind, .rank = rank };
		const char *next = stop == NULL ? end : stop + 1;

		line++;
		if (last > at && last[-1] == '\r')
			last--;
		if (last == at || *at == '#') {
			at = next;
			continue;
		}
		if (line_parse(at, last, &entry))
			e = known_add(l, &entry);
		else if (l->skipped++ == 0)
			l->line = line;
		at = next;
	}
	return e;
}

enum err
known_write(const struct known_list *l, enum known_kind kind, struct buf *out)
{
	char hex[DIGEST_HEX + 1];
	enum err e = ERR_OK;

	for (size_t i = 0; i < l->count && e == ERR_OK; i++) {
		const struct known_entry *k = &l->entries[i];

		if (k->kind != kind)
			continue;
		digest_hex(&k->digest, hex);
		e = buf_printf(
		    out, "%s:%" PRIu64 ":%s\n", hex, k->size, k->name);
	}
	return e;
}

/* By size and digest; of one file the highest rank comes first, and what
 * denies before what allows. */
static int
entry_order(const void *a, const void *b)
{
	const struct known_entry *x = a, *y = b;
	int d;

	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	if ((d = memcmp(&x->digest, &y->digest, sizeof(x->digest))) != 0)
		return d;
	if (x->rank != y->rank)
		return x->rank > y->rank ? -1 : 1;
	return (int)y->kind - (int)x->kind;
}

/* One entry for each file. */
static void
sort_out(struct known_list *l)
{
	size_t kept = 0;

	if (l->count == 0)
		return;
	qsort(l->entries, l->count, sizeof(*l->entries), entry_order);
	for (size_t i = 0; i < l->count; i++)
		if (i == 0 || !same_file(&l->entries[i], &l->entries[kept - 1]))
			l->entries[kept++] = l->entries[i];
	l->count = kept;
}

static enum err
put_sizes(const struct known_list *l, struct buf *out)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < l->count && e == ERR_OK; i++)
		e = buf_add(out, &l->entries[i].size, sizeof(uint64_t));
	return e;
}

static enum err
put_rows(const struct known_list *l, struct buf *out)
{
	enum err e = ERR_OK;
	uint32_t at = 1;

	for (size_t i = 0; i < l->count && e == ERR_OK; i++) {
		const struct known_entry *k = &l->entries[i];
		struct image_row row = { .kind = k->kind, .name = at };

		memcpy(row.digest, k->digest.bytes, DIGEST_SIZE);
		at += (uint32_t)strlen(k->name) + 1;
		e = buf_add(out, &row, sizeof(row));
	}
	return e;
}

enum err
known_image(struct known_list *l, struct buf *out)
{
	struct image_head head = { .magic = IMAGE_MAGIC, .names = 1 };
	enum err e;

	sort_out(l);
	head.count = (uint32_t)l->count;
	for (size_t i = 0; i < l->count; i++)
		head.names += (uint32_t)strlen(l->entries[i].name) + 1;
	if ((e = buf_add(out, &head, sizeof(head))) != ERR_OK ||
	    (e = put_sizes(l, out)) != ERR_OK ||
	    (e = put_rows(l, out)) != ERR_OK ||
	    (e = buf_add(out, "", 1)) != ERR_OK)
		return e;
	for (size_t i = 0; i < l->count && e == ERR_OK; i++)
		e = buf_add(
		    out, l->entries[i].name, strlen(l->entries[i].name) + 1);
	return e;
}
