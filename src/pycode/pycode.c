/* SPDX-License-Identifier: Apache-2.0 */
/* pycode: look every name and string up in the table of words. */
#include "pycode/pycode.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pycode/marshal.h"

struct word {
	const char *text;
	enum verdict verdict;
	const char *reason;
};

#define NAME(text, verdict, reason) { text, VERDICT_##verdict, reason },
static const struct word names[] = {
#include "pycode/words.def"
};
#undef NAME

#define PART(text, verdict, reason) { text, VERDICT_##verdict, reason },
static const struct word parts[] = {
#include "pycode/words.def"
};
#undef PART

enum {
	NAME_COUNT = sizeof(names) / sizeof(names[0]),
	PART_COUNT = sizeof(parts) / sizeof(parts[0]),
	/* A constant is searched so far: 20 words a byte must stay cheap. */
	CONSTANT_MAX = 64 * 1024,
};

struct bytes {
	const char *s;
	size_t n;
};

void
pycode_begin(struct pycode *p)
{
	*p = (struct pycode){ .verdict = VERDICT_UNKNOWN, .reason = "" };
}

/* Keep a word if it is worse than what is known. */
static void
pycode_raise(struct pycode *p, const struct word *w, struct bytes evidence)
{
	size_t n = evidence.n;

	if (w->verdict <= p->verdict)
		return;
	p->verdict = w->verdict;
	p->reason = w->reason;
	if (n > PYCODE_EVIDENCE_MAX - 1)
		n = PYCODE_EVIDENCE_MAX - 1;
	if (n != 0)
		memcpy(p->evidence, evidence.s, n);
	p->evidence[n] = '\0';
}

static int
name_compare(const void *key, const void *row)
{
	const struct bytes *name = key;
	const char *text = ((const struct word *)row)->text;
	int order = strncmp(name->s, text, name->n);

	return order != 0 ? order : text[name->n] == '\0' ? 0 : -1;
}

void
pycode_name(struct pycode *p, const char *s, size_t n)
{
	struct bytes name = { s, n };
	const struct word *w;

	/* A NUL inside cannot be an honest name, and strncmp() stops there. */
	if (n == 0 || memchr(s, '\0', n) != NULL)
		return;
	w = bsearch(&name, names, NAME_COUNT, sizeof(names[0]), name_compare);
	if (w != NULL)
		pycode_raise(p, w, name);
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Does the lower-case text stand at s, which has n bytes? */
static bool
part_at(const char *s, size_t n, const char *text)
{
	size_t i = 0;

	while (text[i] != '\0' && i < n && lower(s[i]) == text[i])
		i++;
	return text[i] == '\0';
}

void
pycode_constant(struct pycode *p, const char *s, size_t n)
{
	if (n > CONSTANT_MAX)
		n = CONSTANT_MAX;
	for (size_t i = 0; i < n; i++)
		for (size_t w = 0; w < PART_COUNT; w++)
			if (lower(s[i]) == parts[w].text[0] &&
			    part_at(s + i, n - i, parts[w].text))
				pycode_raise(p, &parts[w],
				    (struct bytes){ s + i, n - i });
}

static void
sink_name(void *context, const char *s, size_t n)
{
	pycode_name(context, s, n);
}

static void
sink_constant(void *context, const char *s, size_t n)
{
	pycode_constant(context, s, n);
}

static void
sink_code(void *context, const uint8_t *code, size_t n)
{
	(void)context;
	(void)code;
	(void)n;
}

enum err
pycode_marshal(struct pycode *p, const void *data, size_t n)
{
	static const struct word undecodable = { "", VERDICT_SUSPICIOUS,
		"cannot be decoded, so nobody knows what it does" };
	const struct marshal_sink sink = { p, sink_name, sink_constant,
		sink_code };
	enum err e = marshal_walk(data, n, &sink, NULL);

	if (e != ERR_OK)
		pycode_raise(p, &undecodable, (struct bytes){ "", 0 });
	return e;
}
