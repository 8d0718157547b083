/* SPDX-License-Identifier: Apache-2.0 */
/* jinja_value: bounded strings, one table of filters. */
#include "format/jinja_value.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
has_dunder(const char *s, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++)
		if (s[i] == '_' && s[i + 1] == '_')
			return true;
	return false;
}

struct jvalue
jvalue_of(const char *s, size_t n)
{
	struct jvalue v = { 0 };

	if (n > JVALUE_MAX)
		return v;
	v.known = true;
	v.n = n;
	v.odd = has_dunder(s, n);
	if (n > 0)
		memcpy(v.s, s, n);
	return v;
}

struct jvalue
jvalue_unknown(const struct jvalue *from)
{
	return (struct jvalue){ .odd = from->odd, .built = from->built };
}

struct jvalue
jvalue_part(const struct jvalue *from)
{
	return (struct jvalue){ .odd = from->odd, .built = true };
}

static bool
is_number(const struct jvalue *v)
{
	return v->known && v->n > 0 && v->n <= 3 &&
	    strspn(v->s, "0123456789") >= v->n;
}

void
jvalue_repeat(struct jvalue *v, const struct jvalue *times)
{
	const struct jvalue *number = is_number(times) ? times : v;
	struct jvalue each = is_number(times) ? *v : *times;
	struct jvalue out = jvalue_of("", 0);
	char digits[4] = "";

	if (!is_number(number) || !each.known) {
		*v = jvalue_part(&each);
		return;
	}
	memcpy(digits, number->s, number->n);
	for (long i = strtol(digits, NULL, 10); i > 0 && out.known; i--)
		jvalue_append(&out, &each, '\0');
	*v = out;
}

void
jvalue_append(struct jvalue *a, const struct jvalue *b, char between)
{
	size_t gap = between != '\0';

	a->odd = a->odd || b->odd;
	a->built = true;
	if (!a->known || !b->known || b->n + gap > JVALUE_MAX - a->n) {
		a->known = false;
		return;
	}
	if (gap != 0)
		a->s[a->n++] = between;
	memcpy(a->s + a->n, b->s, b->n);
	a->n += b->n;
	a->odd = a->odd || has_dunder(a->s, a->n);
}

void
jvalue_reverse(struct jvalue *v)
{
	v->built = true;
	for (size_t i = 0, j = v->n; v->known && i + 1 < j; i++) {
		char c = v->s[i];

		v->s[i] = v->s[--j];
		v->s[j] = c;
	}
}

/* The i-th element of a list, as a string. */
static struct jvalue
element(const struct jvalue *list, unsigned i)
{
	const char *s = list->s, *end = list->s + list->n;

	if (!list->known)
		return (struct jvalue){ 0 };
	for (;; s++) {
		const char *next = memchr(s, JVALUE_NEXT, (size_t)(end - s));

		if (i == 0)
			return jvalue_of(
			    s, (size_t)((next == NULL ? end : next) - s));
		if (next == NULL)
			return jvalue_of("", 0);
		s = next;
		i--;
	}
}

/* What an element or, of a string, a character at *at is; false at the end. */
static bool
next_part(const struct jvalue *v, size_t *at, struct jvalue *out)
{
	size_t from = *at, to = from;

	if (from > v->n || (from == v->n && (!v->list || from == 0)))
		return false;
	if (!v->list) {
		*out = jvalue_of(v->s + from, 1);
		*at = from + 1;
		return true;
	}
	while (to < v->n && v->s[to] != JVALUE_NEXT)
		to++;
	*out = jvalue_of(v->s + from, to - from);
	*at = to + 1;
	return true;
}

/* The parts of v with between in the middle, forwards or backwards. */
static struct jvalue
parts_joined(const struct jvalue *v, const struct jvalue *between, bool back)
{
	struct jvalue joined = jvalue_of("", 0), part;
	bool first = true;

	for (size_t at = 0; v->known && next_part(v, &at, &part);) {
		struct jvalue *left = back ? &part : &joined;
		struct jvalue *right = back ? &joined : &part;

		if (!first)
			jvalue_append(left, between, '\0');
		jvalue_append(left, right, '\0');
		joined = *left;
		first = false;
	}
	joined.known = joined.known && v->known && between->known;
	joined.odd = joined.odd || v->odd;
	joined.built = true;
	return joined;
}

static void
filter_join(struct jvalue *v, const struct jvalue *arguments)
{
	struct jvalue between = element(arguments, 0);

	*v = parts_joined(v, &between, false);
}

static void
filter_list(struct jvalue *v, const struct jvalue *arguments)
{
	const char next = JVALUE_NEXT;
	struct jvalue between = jvalue_of(&next, 1);

	(void)arguments;
	*v = parts_joined(v, &between, false);
	v->list = true;
}

static void
filter_reverse(struct jvalue *v, const struct jvalue *arguments)
{
	const char next = JVALUE_NEXT;
	struct jvalue between = jvalue_of(v->list ? &next : "", v->list);
	bool list = v->list;

	(void)arguments;
	*v = parts_joined(v, &between, true);
	v->list = list;
}

static void
filter_replace(struct jvalue *v, const struct jvalue *arguments)
{
	struct jvalue from = element(arguments, 0), to = element(arguments, 1);
	struct jvalue out = jvalue_of("", 0);

	if (!v->known || !from.known || !to.known || from.n == 0) {
		*v = jvalue_unknown(v);
		return;
	}
	for (size_t i = 0; i < v->n;) {
		struct jvalue c = jvalue_of(v->s + i, 1);
		bool here =
		    from.n <= v->n - i && memcmp(v->s + i, from.s, from.n) == 0;

		jvalue_append(&out, here ? &to : &c, '\0');
		i += here ? from.n : 1;
	}
	out.odd = out.odd || v->odd;
	*v = out;
}

/* One conversion of a format: %s, %d or %c. */
static void
format_one(struct jvalue *out, char how, const struct jvalue *argument)
{
	char c;
	long code;

	if (how != 'c' || !argument->known || argument->n == 0 ||
	    argument->s[0] < '0' || argument->s[0] > '9') {
		jvalue_append(out, argument, '\0');
		return;
	}
	code = strtol(argument->s, NULL, 0);
	c = code > 0 && code < 0x80 ? (char)code : '?';
	jvalue_append(
	    out, &(struct jvalue){ .known = true, .n = 1, .s = { c } }, '\0');
}

/* "%s%c"|format(...), and "{}{}".format(...) by the braces. */
static void
filter_format(struct jvalue *v, const struct jvalue *arguments)
{
	struct jvalue out = jvalue_of("", 0);
	unsigned used = 0;

	for (size_t i = 0; v->known && i < v->n; i++) {
		bool percent = v->s[i] == '%' && i + 1 < v->n;
		bool brace = v->s[i] == '{';
		struct jvalue one = jvalue_of(v->s + i, 1);

		if (!percent && !brace) {
			jvalue_append(&out, &one, '\0');
			continue;
		}
		one = element(arguments, used++);
		format_one(&out, percent ? v->s[i + 1] : 's', &one);
		i += percent;
		while (brace && i < v->n && v->s[i] != '}')
			i++;
	}
	out.known = out.known && v->known && arguments->known;
	out.odd = out.odd || v->odd || arguments->odd;
	out.built = true;
	*v = out;
}

static void
filter_lower(struct jvalue *v, const struct jvalue *arguments)
{
	(void)arguments;
	for (size_t i = 0; i < v->n; i++)
		if (v->s[i] >= 'A' && v->s[i] <= 'Z')
			v->s[i] = (char)(v->s[i] - 'A' + 'a');
	v->built = true;
}

static void
filter_trim(struct jvalue *v, const struct jvalue *arguments)
{
	size_t from = 0;

	(void)arguments;
	while (from < v->n && v->s[from] == ' ')
		from++;
	while (v->n > from && v->s[v->n - 1] == ' ')
		v->n--;
	memmove(v->s, v->s + from, v->n - from);
	v->n -= from;
}

static void
filter_same(struct jvalue *v, const struct jvalue *arguments)
{
	(void)v;
	(void)arguments;
}

static void
filter_first(struct jvalue *v, const struct jvalue *arguments)
{
	struct jvalue first =
	    v->list ? element(v, 0) : jvalue_of(v->s, v->n > 0);

	(void)arguments;
	first.known = first.known && v->known;
	first.odd = first.odd || v->odd;
	*v = first;
}

static const struct {
	const char *name;
	void (*make)(struct jvalue *v, const struct jvalue *arguments);
} filters[] = {
	{ "join", filter_join },
	{ "list", filter_list },
	{ "reverse", filter_reverse },
	{ "replace", filter_replace },
	{ "format", filter_format },
	{ "%", filter_format },
	{ "lower", filter_lower },
	{ "upper", filter_same },
	{ "trim", filter_trim },
	{ "strip", filter_trim },
	{ "string", filter_same },
	{ "safe", filter_same },
	{ "escape", filter_same },
	{ "e", filter_same },
	{ "first", filter_first },
};

bool
jvalue_filter(struct jvalue *v, const char *name, size_t n,
    const struct jvalue *arguments)
{
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		if (strlen(filters[i].name) == n &&
		    memcmp(filters[i].name, name, n) == 0) {
			filters[i].make(v, arguments);
			return true;
		}
	return false;
}
