/* SPDX-License-Identifier: Apache-2.0 */
/* known: the image, looked up. The gate does this for each new file, so it
 * allocates nothing and reads some twenty words. */
#include "digest/known.h"

#include <string.h>

#include "digest/known_image.h"

static uint64_t
size_at(const struct known *k, size_t i)
{
	uint64_t size;

	memcpy(&size, (const char *)k->image + IMAGE_HEAD + i * sizeof(size),
	    sizeof(size));
	return size;
}

static struct image_row
row_at(const struct known *k, size_t i)
{
	struct image_row row;

	memcpy(&row,
	    (const char *)k->image + IMAGE_HEAD + k->count * sizeof(uint64_t) +
		i * sizeof(row),
	    sizeof(row));
	return row;
}

static const char *
names_at(const struct known *k)
{
	return (const char *)k->image + IMAGE_HEAD +
	    k->count * (sizeof(uint64_t) + sizeof(struct image_row));
}

/* Is each row what it should be?  The maker is trusted; its memory may not
 * be. */
static bool
rows_right(const struct known *k)
{
	for (size_t i = 0; i < k->count; i++) {
		struct image_row row = row_at(k, i);

		if (row.name >= k->names || row.kind == KNOWN_NOT ||
		    row.kind >= KNOWN_COUNT ||
		    (i != 0 && size_at(k, i) < size_at(k, i - 1)))
			return false;
	}
	return k->names != 0 && names_at(k)[k->names - 1] == '\0';
}

enum err
known_open(const void *image, size_t n, struct known *out)
{
	struct image_head head;
	struct known k = { .image = image };

	if (n < IMAGE_HEAD)
		return ERR_MALFORMED;
	memcpy(&head, image, sizeof(head));
	k.count = head.count;
	k.names = head.names;
	if (head.magic != IMAGE_MAGIC || k.count > KNOWN_MAX ||
	    n - IMAGE_HEAD <
		k.count * (sizeof(uint64_t) + sizeof(struct image_row)) ||
	    n - IMAGE_HEAD -
		    k.count * (sizeof(uint64_t) + sizeof(struct image_row)) !=
		k.names ||
	    !rows_right(&k))
		return ERR_MALFORMED;
	*out = k;
	return ERR_OK;
}

/* The first row of that size, or of a larger one. */
static size_t
first_of(const struct known *k, uint64_t size)
{
	size_t low = 0, high = k->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (size_at(k, middle) < size)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
known_size(const struct known *k, uint64_t size)
{
	size_t i = first_of(k, size);

	return i < k->count && size_at(k, i) == size;
}

enum known_kind
known_find(const struct known *k, uint64_t size, const struct digest *d,
    char name[KNOWN_NAME_MAX + 1])
{
	for (size_t i = first_of(k, size);
	     i < k->count && size_at(k, i) == size; i++) {
		struct image_row row = row_at(k, i);
		size_t n;

		if (memcmp(row.digest, d->bytes, DIGEST_SIZE) != 0)
			continue;
		if (name != NULL) {
			n = strnlen(names_at(k) + row.name, KNOWN_NAME_MAX);
			memcpy(name, names_at(k) + row.name, n);
			name[n] = '\0';
		}
		return (enum known_kind)row.kind;
	}
	return KNOWN_NOT;
}
