/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_fakes: formats made up for tests of the engine:
 *	box	"B", then children: kind, name length, name, u16le size, bytes;
 *		"K" is one that no loader reads as it is
 *	leaf	"L" and the digit of the error that its walk ends with
 *	shy	"S", a digit as above, then 'y' if it recognises itself
 *	tail	whatever ends in "Z"
 * Includes what the tests need; each test is one program.
 */
#ifndef TESTS_ENGINE_FAKES_H
#define TESTS_ENGINE_FAKES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/own.h"
#include "engine/walk.h"
#include "rules/rules.h"

static const struct format fake_box, fake_leaf, fake_shy, fake_tail;
static const struct format *const fakes[] = { &fake_box, &fake_leaf, &fake_shy,
	&fake_tail, NULL };

static enum sniff
sniff_letter(struct cursor head, char letter, enum sniff yes)
{
	return cursor_u8(&head) == (uint8_t)letter ? yes : SNIFF_NO;
}

static enum sniff
box_sniff(const struct source *s, struct cursor head)
{
	struct cursor whole = head;

	(void)s;
	return cursor_u8(&head) == 'K' ? SNIFF_MAYBE
				       : sniff_letter(whole, 'B', SNIFF_YES);
}

static enum err
box_child(struct visit *v, const struct source *s, uint64_t *at)
{
	uint8_t head[2], size[2];
	char name[256];
	struct child c = { .name = name, .offset = *at };
	struct source bytes;
	enum err e;

	if ((e = source_read(s, *at, head, 2)) != ERR_OK ||
	    (e = source_read(s, *at + 2, name, head[1])) != ERR_OK ||
	    (e = source_read(s, *at + 2 + head[1], size, 2)) != ERR_OK)
		return e;
	c.name_size = head[1];
	c.kind = head[0] == 's' ? CHILD_STORAGE
	    : head[0] == 'n'    ? CHILD_NESTED
				: CHILD_MEMBER;
	*at += 4u + head[1];
	if ((e = source_view(s, *at, (uint64_t)size[0] | (uint64_t)size[1] << 8,
		 &bytes)) != ERR_OK)
		return e;
	*at += bytes.size;
	return visit_child(v, &c, &bytes, NULL);
}

static enum err
box_walk(struct visit *v, const struct source *s)
{
	uint8_t letter;
	enum err e = source_read(s, 0, &letter, 1);

	visit_recognise(v, "box-fine", letter == 'B');
	for (uint64_t at = 1; e == ERR_OK && at < s->size;)
		e = box_child(v, s, &at);
	return e;
}

static enum sniff
leaf_sniff(const struct source *s, struct cursor head)
{
	(void)s;
	return sniff_letter(head, 'L', SNIFF_YES);
}

static enum err
digit(const struct source *s)
{
	uint8_t d = '0';

	assert_int_equal(source_read(s, 1, &d, 1), ERR_OK);
	errno = EIO;
	return (enum err)(d - '0');
}

static enum err
leaf_walk(struct visit *v, const struct source *s)
{
	(void)v;
	return digit(s);
}

static enum sniff
shy_sniff(const struct source *s, struct cursor head)
{
	(void)s;
	return sniff_letter(head, 'S', SNIFF_MAYBE);
}

static enum err
shy_walk(struct visit *v, const struct source *s)
{
	uint8_t sure = 0;

	visit_find(v, RULE_PICKLE_IMPORT_DANGEROUS, 0, "said too early");
	visit_code(v, "EVIL", 4);
	if (source_read(s, 2, &sure, 1) == ERR_OK && sure == 'y')
		visit_recognise(v, "shy", false);
	return digit(s);
}

static enum sniff
tail_sniff(const struct source *s, struct cursor head)
{
	uint8_t last = 0;

	(void)head;
	if (s->size == 0 || s->size == SOURCE_UNENDING ||
	    source_read(s, s->size - 1, &last, 1) != ERR_OK)
		return SNIFF_NO;
	return last == 'Z' ? SNIFF_YES : SNIFF_NO;
}

static enum err
tail_walk(struct visit *v, const struct source *s)
{
	uint8_t block[1000];

	visit_recognise(v, "tail", false);
	if (s->size > sizeof(block) ||
	    source_read(s, 0, block, s->size) != ERR_OK)
		return ERR_LIMIT;
	visit_code(v, block, s->size);
	return ERR_OK;
}

static const struct format fake_box = {
	.name = "box", .in_place = true, .sniff = box_sniff, .walk = box_walk
};
static const struct format fake_leaf = {
	.name = "leaf", .in_place = true, .sniff = leaf_sniff, .walk = leaf_walk
};
static const struct format fake_shy = {
	.name = "shy", .sniff = shy_sniff, .walk = shy_walk
};
static const struct format fake_tail = {
	.name = "tail", .sniff = tail_sniff, .walk = tail_walk
};

/* A box around one child. */
static inline struct buf
box(char kind, const char *name, const void *data, size_t n)
{
	struct buf b = buf_new(1 << 20);

	assert_int_equal(buf_printf(&b, "B%c%c%s%c%c", kind, (int)strlen(name),
			     name, (int)(n & 0xff), (int)(n >> 8)),
	    ERR_OK);
	/* printf stops at no NUL of %c: the sizes are in place */
	assert_int_equal(buf_add(&b, data, n), ERR_OK);
	return b;
}

static inline void
scan_with(const struct engine_options *o, const void *data, size_t n,
    struct report *r)
{
	struct source s = source_memory(data, n, NULL);

	report_init(r);
	engine_scan_table(o, fakes, &s, r);
}

static inline void
scan(const void *data, size_t n, struct report *r)
{
	struct engine_options o = { .budget = engine_budget_scan() };

	scan_with(&o, data, n, r);
}

static inline bool
has(const struct report *r, const char *rule, const char *where)
{
	for (size_t i = 0; i < r->finding_count; i++)
		if (strcmp(r->findings[i].rule, rule) == 0 &&
		    strcmp(r->findings[i].where, where) == 0)
			return true;
	return false;
}

#endif /* TESTS_ENGINE_FAKES_H */
