/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_cursor: any sequence of reads against a model that only counts.
 *
 * The first half of the input says which reads to make, the second half is
 * what they read.  The model knows how many bytes are left; the cursor must
 * agree after each read, give the right bytes, and never recover once spent.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "byte/cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct model {
	const uint8_t *data;
	size_t size;
	size_t at;
	bool spent;
};

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* Where n bytes must come from, or NULL when they cannot. */
static const uint8_t *
model_take(struct model *m, size_t n)
{
	const uint8_t *from = m->data + m->at;

	if (m->spent || n > m->size - m->at) {
		m->spent = true;
		return NULL;
	}
	m->at += n;
	return from;
}

static void
step_number(struct cursor *c, struct model *m, size_t n)
{
	const uint8_t *from = model_take(m, n);
	uint64_t want = 0;

	for (size_t i = 0; from != NULL && i < n; i++)
		want |= (uint64_t)from[i] << 8 * i;
	if (n == 1)
		must(cursor_u8(c) == want);
	else if (n == 2)
		must(cursor_u16le(c) == want);
	else if (n == 4)
		must(cursor_u32le(c) == want);
	else
		must(cursor_u64le(c) == want);
}

static void
step_until(struct cursor *c, struct model *m, uint8_t stop)
{
	size_t n = 12345;
	const uint8_t *got = cursor_until(c, stop, &n);
	size_t i = m->at;

	while (!m->spent && i < m->size && m->data[i] != stop)
		i++;
	if (m->spent || i == m->size) {
		must(got == NULL && n == 12345);
		m->spent = true;
		return;
	}
	must(got == m->data + m->at && n == i - m->at);
	m->at = i + 1;
}

static void
step(struct cursor *c, struct model *m, uint8_t op)
{
	size_t n = op >> 3;

	switch (op & 7) {
	case 0:
	case 1:
	case 2:
	case 3:
		step_number(c, m, (size_t)1 << (op & 3));
		break;
	case 4:
		must(cursor_take(c, n) == model_take(m, n));
		break;
	case 5:
		must(cursor_take(c, SIZE_MAX - n) ==
		    model_take(m, SIZE_MAX - n));
		break;
	case 6:
		step_until(c, m, (uint8_t)n);
		break;
	default:
		break;
	}
	must(cursor_left(c) == (m->spent ? 0 : m->size - m->at));
	must(cursor_check(c) == (m->spent ? ERR_SHORT : ERR_OK));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t ops = size / 2;
	struct model m = { .data = data + ops, .size = size - ops };
	struct cursor c = cursor_over(m.data, m.size);

	for (size_t i = 0; i < ops; i++)
		step(&c, &m, data[i]);
	return 0;
}
