/* SPDX-License-Identifier: Apache-2.0 */
/* filter: images of the mount table, and the question put to them. */
#include "guardd/filter.h"

#include <stdlib.h>
#include <string.h>

enum { FILTER_MAGIC = 0x66696c31 };

/* The head of an image; mounts, roots and text follow, in this order. */
struct head {
	uint32_t magic, mounts, roots, text;
};

struct draft
draft_new(void)
{
	return (struct draft){ buf_new(FILTER_IMAGE_MAX),
		buf_new(FILTER_IMAGE_MAX), buf_new(FILTER_IMAGE_MAX) };
}

void
draft_free(struct draft *d)
{
	buf_free(&d->mounts);
	buf_free(&d->roots);
	buf_free(&d->text);
}

/* Append a string with its NUL; *at is where it begins. */
static enum err
draft_text(struct draft *d, const char *s, uint32_t *at)
{
	uint32_t start = (uint32_t)d->text.size;
	enum err e = buf_add(&d->text, s, strlen(s) + 1);

	if (e == ERR_OK)
		*at = start;
	return e;
}

enum err
draft_mount(struct draft *d, const struct filter_mount *mount, const char *root,
    const char *point)
{
	struct filter_mount m = *mount;
	enum err e;

	if ((e = draft_text(d, root, &m.root)) != ERR_OK ||
	    (e = draft_text(d, point, &m.point)) != ERR_OK)
		return e;
	return buf_add(&d->mounts, &m, sizeof(m));
}

enum err
draft_root(struct draft *d, uint32_t group, uint32_t policy, const char *path)
{
	struct filter_root r = { .group = group, .policy = policy };
	enum err e;

	if ((e = draft_text(d, path, &r.path)) != ERR_OK)
		return e;
	return buf_add(&d->roots, &r, sizeof(r));
}

static int
mount_order(const void *a, const void *b)
{
	const struct filter_mount *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

enum err
draft_finish(struct draft *d, struct buf *out)
{
	struct head h = { .magic = FILTER_MAGIC };
	enum err e;

	/* An image without text has no end to its last string. */
	if (d->text.size == 0 && (e = buf_add(&d->text, "", 1)) != ERR_OK)
		return e;
	h.mounts = (uint32_t)(d->mounts.size / sizeof(struct filter_mount));
	h.roots = (uint32_t)(d->roots.size / sizeof(struct filter_root));
	h.text = (uint32_t)d->text.size;
	if (h.mounts != 0)
		qsort(d->mounts.data, h.mounts, sizeof(struct filter_mount),
		    mount_order);
	if ((e = buf_add(out, &h, sizeof(h))) != ERR_OK ||
	    (e = buf_add(out, d->mounts.data, d->mounts.size)) != ERR_OK ||
	    (e = buf_add(out, d->roots.data, d->roots.size)) != ERR_OK)
		return e;
	return buf_add(out, d->text.data, d->text.size);
}

/* Do all offsets lie in the text, and does the text end? */
static bool
image_sound(const struct filter *f)
{
	if (f->text_size == 0 || f->text[f->text_size - 1] != '\0')
		return false;
	for (uint32_t i = 0; i < f->mount_count; i++)
		if (f->mounts[i].root >= f->text_size ||
		    f->mounts[i].point >= f->text_size)
			return false;
	for (uint32_t i = 0; i < f->root_count; i++)
		if (f->roots[i].path >= f->text_size)
			return false;
	return true;
}

enum err
filter_open(const void *image, size_t n, struct filter *out)
{
	const char *at = image;
	struct filter f = { 0 };
	struct head h;
	uint64_t want;

	if (n < sizeof(h) || n > FILTER_IMAGE_MAX)
		return ERR_PROTO;
	memcpy(&h, image, sizeof(h));
	/* None of these can wrap: counts are 32 bits wide, the sum 64. */
	want = sizeof(h) + (uint64_t)h.mounts * sizeof(struct filter_mount) +
	    (uint64_t)h.roots * sizeof(struct filter_root) + h.text;
	if (h.magic != FILTER_MAGIC || want != n)
		return ERR_PROTO;
	f.mount_count = h.mounts;
	f.root_count = h.roots;
	f.text_size = h.text;
	at += sizeof(h);
	f.mounts = (const void *)at;
	at += h.mounts * sizeof(struct filter_mount);
	f.roots = (const void *)at;
	at += h.roots * sizeof(struct filter_root);
	f.text = at;
	if (!image_sound(&f))
		return ERR_PROTO;
	*out = f;
	return ERR_OK;
}

bool
filter_below(const char *dir, const char *path)
{
	size_t n = strlen(dir);

	if (n == 1) /* "/" */
		return path[0] == '/';
	return strncmp(dir, path, n) == 0 &&
	    (path[n] == '\0' || path[n] == '/');
}

bool
filter_inner(const char *root, const char *point, const char *path,
    char out[FILTER_PATH_MAX])
{
	const char *rest;
	size_t root_size = strcmp(root, "/") == 0 ? 0 : strlen(root);
	size_t rest_size;

	if (!filter_below(point, path))
		return false;
	rest = path + (strcmp(point, "/") == 0 ? 0 : strlen(point));
	if (strcmp(rest, "/") == 0)
		rest = "";
	rest_size = strlen(rest);
	if (root_size + rest_size == 0)
		rest = "/", rest_size = 1;
	if (rest_size >= FILTER_PATH_MAX - root_size)
		return false;
	memcpy(out, root, root_size);
	memcpy(out + root_size, rest, rest_size + 1);
	return true;
}

bool
filter_inside(const struct filter *f, uint32_t group, const char *path)
{
	for (uint32_t i = 0; i < f->root_count; i++)
		if (f->roots[i].group == group &&
		    filter_below(f->text + f->roots[i].path, path))
			return true;
	return false;
}

static const struct filter_mount *
mount_find(const struct filter *f, uint64_t id)
{
	struct filter_mount key = { .id = id };

	return f->mount_count == 0 ? NULL
				   : bsearch(&key, f->mounts, f->mount_count,
					 sizeof(key), mount_order);
}

bool
filter_knows(const struct filter *f, uint64_t mount)
{
	return mount_find(f, mount) != NULL;
}

bool
filter_lasting(const struct filter *f, uint64_t mount)
{
	const struct filter_mount *m = mount_find(f, mount);

	return m != NULL && (m->flags & FILTER_BRIEF) == 0;
}

/* The path inside its filesystem; false: it can't be told. */
static bool
placed(const struct filter *f, uint32_t group, uint64_t mount, const char *path,
    char inner[FILTER_PATH_MAX])
{
	const struct filter_mount *m = mount_find(f, mount);

	return path != NULL && path[0] == '/' && path[1] != '\0' && m != NULL &&
	    m->group == group &&
	    filter_inner(f->text + m->root, f->text + m->point, path, inner);
}

bool
filter_watched(
    const struct filter *f, uint32_t group, uint64_t mount, const char *path)
{
	char inner[FILTER_PATH_MAX];

	return !placed(f, group, mount, path, inner) ||
	    filter_inside(f, group, inner);
}

uint32_t
filter_policy(const struct filter *f, uint32_t group, uint64_t mount,
    const char *path, uint32_t none)
{
	char inner[FILTER_PATH_MAX];
	uint32_t policy = none;
	size_t depth = 0;

	if (!placed(f, group, mount, path, inner))
		return none;
	for (uint32_t i = 0; i < f->root_count; i++) {
		const char *root = f->text + f->roots[i].path;

		if (f->roots[i].group != group || strlen(root) < depth ||
		    !filter_below(root, inner))
			continue;
		depth = strlen(root);
		policy = f->roots[i].policy;
	}
	return policy;
}
