/* SPDX-License-Identifier: Apache-2.0 */
/* scout_table: from a changed mount table to a new filter in the gate. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fnv.h"
#include "base/own.h"
#include "guardd/scout_state.h"

#define RETRY_NS (100 * CLOCK_NS_PER_MS)
/* What failed for one place is tried again after so many of these. */
enum { RETRY_CALM = 50 };

/* Only the mount that a watched directory lies on is there to stay while we
 * watch it; what is mounted below must be free to go. */
static bool
mount_lasts(const struct scout *s, const struct mount *m)
{
	for (size_t i = 0; i < s->start.watch_count; i++)
		if (s->watched[i].mount == m->id)
			return !m->removable;
	return false;
}

/* The new image of mounts and roots. */
static enum err
table_draft(struct scout *s, struct buf *out)
{
	struct draft d = draft_new();
	enum err e = ERR_OK;

	for (size_t i = 0; i < s->mounts.count && e == ERR_OK; i++) {
		const struct mount *m = &s->mounts.rows[i];
		struct filter_mount row = { .id = m->id,
			.group = site_find(s, m->dev),
			.flags = mount_lasts(s, m) ? 0 : FILTER_BRIEF };

		/* A deleted root has no path that could be compared. */
		if (row.group == GROUPS_MAX || m->id == 0 || m->dev == 0 ||
		    strstr(m->root, "//deleted") != NULL)
			continue;
		e = draft_mount(&d, &row, m->root, m->point);
	}
	for (size_t i = 0; i < s->place_count && e == ERR_OK; i++)
		e = draft_root(&d, s->places[i].site, s->places[i].policy,
		    s->places[i].path);
	if (e == ERR_OK)
		e = draft_finish(&d, out);
	draft_free(&d);
	return e;
}

/* Hand the image to keeper and gate, in memory: the gate reads no file. */
static enum err
table_send(struct scout *s, const struct buf *image)
{
	struct msg head = { .type = MSG_TABLE };
	AUTO_CLOSE int fd = memfd_create("ckptguard-table", MFD_CLOEXEC);
	size_t done = 0;

	if (fd == -1)
		return ERR_SYS;
	while (done < image->size) {
		ssize_t n = write(fd, image->data + done, image->size - done);

		if (n <= 0)
			return ERR_SYS;
		done += (size_t)n;
	}
	return scout_tell(s, &head, fd);
}

static bool
image_same(const struct buf *a, const struct buf *b)
{
	return a->size == b->size && a->size != 0 &&
	    memcmp(a->data, b->data, a->size) == 0;
}

/* Use a new image. */
static enum err
table_apply(struct scout *s)
{
	struct buf image = buf_new(FILTER_IMAGE_MAX);
	enum err e = table_draft(s, &image);

	if (e != ERR_OK || image_same(&image, &s->image)) {
		buf_free(&image);
		return e;
	}
	if ((e = table_send(s, &image)) == ERR_OK)
		e = filter_open(image.data, image.size, &s->filter);
	if (e != ERR_OK) {
		buf_free(&image);
		return e;
	}
	buf_free(&s->image);
	s->image = image;
	return ERR_OK;
}

static uint64_t
roots_hash(const struct scout *s)
{
	uint64_t h = FNV_START;

	for (size_t i = 0; i < s->place_count; i++) {
		const struct place *p = &s->places[i];

		h = fnv_add(h, &p->site, sizeof(p->site));
		h = fnv_add(h, p->path, strlen(p->path));
	}
	return h;
}

/* Filesystems of which nothing is mounted any more. */
static void
sites_clean(struct scout *s)
{
	for (uint32_t i = 0; i < GROUPS_MAX; i++) {
		bool mounted = s->sites[i].dev == 0;

		for (size_t m = 0; m < s->mounts.count && !mounted; m++)
			mounted = s->mounts.rows[m].dev == s->sites[i].dev;
		if (mounted)
			continue;
		site_drop(s, i);
		/* There is room for what had none. */
		if (s->sites[i].dev == 0 && s->gaps.size != 0)
			s->retry_at = clock_now();
	}
}

/* At the start everything must be right; later on what fails for one place must
 * not keep the others from being guarded. */
static enum err
place_result(struct scout *s, const struct place *p, enum err e)
{
	if (e == ERR_OK || !s->ready)
		return e;
	gap_add(s, p->point, s->sites[p->site].type, s->why);
	s->retry_at = clock_now() + RETRY_NS * RETRY_CALM;
	return ERR_OK;
}

/* Groups for new roots, the table for all, marks for new groups. */
static enum err
sites_bring(struct scout *s)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < s->place_count && e == ERR_OK; i++)
		e = place_result(
		    s, &s->places[i], site_make(s, s->places[i].site));
	if (e == ERR_OK)
		e = table_apply(s);
	for (uint32_t i = 0; i < GROUPS_MAX; i++)
		s->sites[i].fresh = false;
	for (size_t i = 0; i < s->place_count && e == ERR_OK; i++)
		if (s->sites[s->places[i].site].group.fd != -1)
			e = place_result(
			    s, &s->places[i], site_mark(s, s->places[i].site));
	return e;
}

enum err
scout_refresh(struct scout *s)
{
	uint64_t hash;
	enum err e;

	mounts_free(&s->mounts);
	if ((e = mounts_read(&s->mounts)) != ERR_OK) {
		s->retry_at = clock_now() + RETRY_NS;
		return scout_fail(
		    s, e, "the mount table cannot be read: %s", err_text(e));
	}
	if ((e = roots_find(s)) != ERR_OK || (e = sites_bring(s)) != ERR_OK) {
		s->retry_at = clock_now() + RETRY_NS;
		return e;
	}
	hash = roots_hash(s);
	/* What was outside may be inside by now. */
	if (s->roots_hash != 0 && hash != s->roots_hash)
		ignore_none(s, GROUPS_MAX);
	s->roots_hash = hash;
	sites_clean(s);
	state_tell(s);
	return ERR_OK;
}
