/* SPDX-License-Identifier: Apache-2.0 */
/* zip_maker: write large zips, in memory or with holes into a file. */
#ifndef TESTS_ZIP_MAKER_H
#define TESTS_ZIP_MAKER_H

#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "format/zip_dir.h"

/* A zip that grows in memory or, with holes, in a file. */
struct maker {
	struct buf bytes; /* what was written to memory */
	int fd;           /* -1: to memory */
	uint64_t at;      /* where the next byte goes */
	struct buf directory;
	uint64_t count;
};

static inline void
maker_free(struct maker *m)
{
	buf_free(&m->bytes);
	buf_free(&m->directory);
	if (m->fd != -1)
		(void)close(m->fd);
}

static inline struct maker
maker_new(int fd)
{
	return (struct maker){ .bytes = buf_new(SIZE_MAX / 4),
		.directory = buf_new(SIZE_MAX / 4),
		.fd = fd };
}

static inline void
put_all(struct maker *m, const void *p, size_t n)
{
	if (m->fd == -1)
		assert_int_equal(buf_add(&m->bytes, p, n), ERR_OK);
	else
		assert_int_equal(pwrite(m->fd, p, n, (off_t)m->at), n);
	m->at += n;
}

static inline size_t
put_le(uint8_t *to, uint64_t value, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (uint8_t)(value >> (8 * i));
	return n;
}

/* A stored member of `hole` zero bytes (in a file) or of the bytes given. */
static inline void
put_member(struct maker *m, const char *name, const void *data, uint64_t size)
{
	uint8_t h[ZIP_CENTRAL_SIZE + 32] = { 0 };
	size_t n = strlen(name);
	uint64_t header = m->at;

	(void)put_le(h, ZIP_SIG_LOCAL, 4);
	(void)put_le(h + 18, size, 4);
	(void)put_le(h + 22, size, 4);
	(void)put_le(h + 26, n, 2);
	put_all(m, h, ZIP_LOCAL_SIZE);
	put_all(m, name, n);
	if (data != NULL)
		put_all(m, data, (size_t)size);
	else
		m->at += size;
	memset(h, 0, sizeof(h));
	(void)put_le(h, ZIP_SIG_CENTRAL, 4);
	(void)put_le(h + 20, size, 4);
	(void)put_le(h + 24, size, 4);
	(void)put_le(h + 28, n, 2);
	(void)put_le(h + 30, 12, 2);
	(void)put_le(h + 42, UINT32_MAX, 4);
	assert_int_equal(buf_add(&m->directory, h, ZIP_CENTRAL_SIZE), ERR_OK);
	assert_int_equal(buf_add(&m->directory, name, n), ERR_OK);
	memset(h, 0, sizeof(h));
	(void)put_le(h, 1, 2);
	(void)put_le(h + 2, 8, 2);
	(void)put_le(h + 4, header, 8);
	assert_int_equal(buf_add(&m->directory, h, 12), ERR_OK);
	m->count++;
}

/* The directory and a zip64 end that declares count entries, or, not wide,
 * the classic end alone. */
static inline void
put_end(struct maker *m, bool wide, uint64_t count)
{
	uint8_t e[98] = { 0 };
	uint64_t start = m->at;
	size_t n = m->directory.size;

	put_all(m, m->directory.data, n);
	(void)put_le(e, 0x06064b50, 4);
	(void)put_le(e + 4, 44, 8);
	(void)put_le(e + 24, count, 8);
	(void)put_le(e + 32, count, 8);
	(void)put_le(e + 40, n, 8);
	(void)put_le(e + 48, start, 8);
	(void)put_le(e + 56, 0x07064b50, 4);
	(void)put_le(e + 64, m->at, 8);
	(void)put_le(e + 72, 1, 4);
	if (wide)
		put_all(m, e, 76);
	(void)put_le(e + 76, ZIP_SIG_END, 4);
	(void)put_le(e + 84, wide ? UINT16_MAX : count, 2);
	(void)put_le(e + 86, wide ? UINT16_MAX : count, 2);
	(void)put_le(e + 88, wide ? UINT32_MAX : n, 4);
	(void)put_le(e + 92, wide ? UINT32_MAX : start, 4);
	put_all(m, e + 76, ZIP_END_SIZE);
}

/* For zip_dir: no name matters. */
static uint32_t
no_role(void *context, const uint8_t *name, size_t size, bool first)
{
	(void)context;
	(void)name;
	(void)size;
	(void)first;
	return 0;
}

#endif /* TESTS_ZIP_MAKER_H */
