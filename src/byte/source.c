/* SPDX-License-Identifier: Apache-2.0 */
/* source: views by subtraction, reads by pread. */
#include "byte/source.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/ckd.h"

/* Is all of it kept? */
static bool
kept_read(const struct source *s, uint64_t off, void *buf, size_t n)
{
	for (const struct source_kept *k = s->kept; k != NULL; k = k->next) {
		if (off < k->at || off - k->at > k->size ||
		    n > k->size - (off - k->at))
			continue;
		memcpy(buf, k->bytes + (off - k->at), n);
		return true;
	}
	return false;
}

static enum err
source_fd_read(
    const struct source *s, uint64_t off, void *buf, size_t n, size_t *got)
{
	uint8_t *to = buf;
	size_t done = 0;

	if (kept_read(s, off, buf, n)) {
		*got = n;
		return ERR_OK;
	}
	if (off > INT64_MAX || n > INT64_MAX - off)
		return ERR_SHORT;
	if (budget_take(s->budget, BUDGET_BYTES, n) != ERR_OK)
		return ERR_LIMIT;
	while (done < n) {
		ssize_t r =
		    pread(s->fd, to + done, n - done, (off_t)(off + done));

		if (r == -1 && errno == EINTR)
			continue;
		if (r == -1)
			return ERR_SYS;
		if (r == 0)
			break; /* the file shrank since its size was taken */
		done += (size_t)r;
	}
	s->budget->read += done;
	*got = done;
	return ERR_OK;
}

static const struct source_ops source_fd_ops = { source_fd_read };

static enum err
source_memory_read(
    const struct source *s, uint64_t off, void *buf, size_t n, size_t *got)
{
	memcpy(buf, s->memory + off, n);
	*got = n;
	return ERR_OK;
}

static const struct source_ops source_memory_ops = { source_memory_read };

struct source
source_fd(int fd, uint64_t size, struct budget *budget)
{
	return (struct source){
		.ops = &source_fd_ops, .fd = fd, .size = size, .budget = budget
	};
}

struct source
source_memory(const void *data, size_t size, struct budget *budget)
{
	return (struct source){ .ops = &source_memory_ops,
		.fd = -1,
		.memory = data,
		.size = size,
		.budget = budget };
}

enum err
source_view(
    const struct source *s, uint64_t off, uint64_t size, struct source *out)
{
	struct source view = *s;

	if (off > s->size || size > s->size - off ||
	    !ckd_add(s->base, off, &view.base))
		return ERR_SHORT;
	view.size = size;
	*out = view;
	return ERR_OK;
}

enum err
source_rest(const struct source *s, uint64_t off, struct source *out)
{
	struct source view = *s;

	if (off > s->size || !ckd_add(s->base, off, &view.base))
		return ERR_SHORT;
	if (s->size != SOURCE_UNENDING)
		view.size = s->size - off;
	*out = view;
	return ERR_OK;
}

enum err
source_read_some(
    const struct source *s, uint64_t off, void *buf, size_t n, size_t *got)
{
	uint64_t at;

	*got = 0;
	if (off >= s->size || n == 0)
		return ERR_OK;
	if (s->size != SOURCE_UNENDING)
		n = (size_t)ckd_min(n, s->size - off);
	if (!ckd_add(s->base, off, &at))
		return ERR_SHORT;
	return s->ops->read(s, at, buf, n, got);
}

enum err
source_read(const struct source *s, uint64_t off, void *buf, size_t n)
{
	size_t got;
	enum err e;

	if (off > s->size || n > s->size - off)
		return ERR_SHORT;
	if ((e = source_read_some(s, off, buf, n, &got)) != ERR_OK)
		return e;
	return got == n ? ERR_OK : ERR_SHORT;
}

const uint8_t *
source_bytes(const struct source *s)
{
	return s->memory == NULL ? NULL : s->memory + s->base;
}
