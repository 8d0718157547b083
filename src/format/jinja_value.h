/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jinja_value: what constant strings of a template become when it puts them
 * together.
 *
 * Who hides "__class__" from a search writes it in pieces.  Small constants
 * are followed through concatenation, formats and string filters; whatever is
 * not a small constant is not known, and stays marked when pieces of such a
 * word went into it.
 */
#ifndef FORMAT_JINJA_VALUE_H
#define FORMAT_JINJA_VALUE_H

#include <stdbool.h>
#include <stddef.h>

enum {
	/* Longer than any word that matters, spelled in pieces. */
	JVALUE_MAX = 160,
	/* Between the elements of a list. */
	JVALUE_NEXT = '\x1f',
};

struct jvalue {
	bool known; /* s[0..n) is its value */
	bool list;  /* of elements with JVALUE_NEXT between */
	bool odd;   /* pieces with double underscores went into it */
	bool built; /* it was put together of pieces */
	size_t n;
	char s[JVALUE_MAX];
};

/* A constant; not known when it is longer than JVALUE_MAX. */
struct jvalue jvalue_of(const char *s, size_t n);

/* Not known, but as odd as from. */
struct jvalue jvalue_unknown(const struct jvalue *from);

/* Something of from, nobody knows what: a slice, the result of a filter. */
struct jvalue jvalue_part(const struct jvalue *from);

/* Append b to a, behind between when it is not 0. */
void jvalue_append(struct jvalue *a, const struct jvalue *b, char between);

/* What the string filter, method or operator name makes of v with the
 * arguments (a list); false when it is none that is followed. */
bool jvalue_filter(struct jvalue *v, const char *name, size_t n,
    const struct jvalue *arguments);

/* v as often as the number in times says, or the other way round. */
void jvalue_repeat(struct jvalue *v, const struct jvalue *times);

/* v backwards: [::-1]. */
void jvalue_reverse(struct jvalue *v);

#endif /* FORMAT_JINJA_VALUE_H */
