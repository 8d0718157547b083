/* SPDX-License-Identifier: Apache-2.0 */
/* sort: a heap. */
#include "base/sort.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct heap {
	char *at;
	size_t size;
	sort_fn compare;
};

static void *
item(const struct heap *h, size_t i)
{
	return h->at + i * h->size;
}

static void
swap(const struct heap *h, size_t a, size_t b)
{
	char t[SORT_ITEM_MAX];

	memcpy(t, item(h, a), h->size);
	memcpy(item(h, a), item(h, b), h->size);
	memcpy(item(h, b), t, h->size);
}

/* Let the item at root sink to its place among the first n. */
static void
sink(const struct heap *h, size_t root, size_t n)
{
	size_t child;

	while ((child = root * 2 + 1) < n) {
		if (child + 1 < n &&
		    h->compare(item(h, child), item(h, child + 1)) < 0)
			child++;
		if (h->compare(item(h, root), item(h, child)) >= 0)
			return;
		swap(h, root, child);
		root = child;
	}
}

void
sort_items(void *items, size_t n, size_t size, sort_fn compare)
{
	struct heap h = { .at = items, .size = size, .compare = compare };
	size_t i = 1;

	assert(size <= SORT_ITEM_MAX);
	while (i < n && compare(item(&h, i - 1), item(&h, i)) <= 0)
		i++;
	if (i >= n)
		return; /* honest writers keep the order */
	for (i = n / 2; i > 0; i--)
		sink(&h, i - 1, n);
	for (i = n; i > 1; i--) {
		swap(&h, 0, i - 1);
		sink(&h, 0, i - 1);
	}
}

static int
by_byte(const void *a, const void *b)
{
	return *(const unsigned char *)a - *(const unsigned char *)b;
}

void
sort_prepare(void)
{
	/* Of a kilobyte and less glibc sorts on its stack. */
	unsigned char bytes[4096];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 7);
	qsort(bytes, sizeof(bytes), 1, by_byte);
}
