/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template: walk a text that is a chat template (chat_template.jinja).
 *
 * Web pages and configuration are written in the same language, so a text is
 * taken for a chat template only when it speaks of messages and roles, or does
 * what no template may do.
 *
 * Reference: Jinja2 3.1; transformers, utils/chat_template_utils.py.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ckd.h"
#include "base/own.h"
#include "base/text.h"
#include "format/formats.h"
#include "format/jinja.h"
#include "format/script.h"

enum {
	/* Without a delimiter in here it is some other text. */
	FRONT_MAX = 64 * 1024,
	UTF8_MAX = 4, /* bytes of a character */
};

static bool
has_delimiter(const uint8_t *s, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++)
		if (s[i] == '{' && (s[i + 1] == '{' || s[i + 1] == '%'))
			return true;
	return false;
}

/* Is it text, perhaps cut within its last character?  Loaders read it as UTF-8,
 * whatever control characters are in it. */
static bool
is_utf8(const char *s, size_t n)
{
	unsigned point;
	size_t size;

	for (size_t i = 0; i < n; i += size)
		if ((size = text_utf8(s + i, n - i, &point)) == 0)
			return n == SNIFF_MAX && n - i < UTF8_MAX;
	return true;
}

/* JSON has a walker of its own. */
static enum sniff
template_sniff(const struct source *s, struct cursor head)
{
	size_t n = cursor_left(&head);
	const uint8_t *text = cursor_take(&head, n);
	size_t first = 0;

	if ((s->size != SOURCE_UNENDING && s->size > JINJA_MAX) || n < 4)
		return SNIFF_NO;
	if (!is_utf8((const char *)text, n))
		return SNIFF_NO;
	while (first < n && text[first] <= ' ')
		first++;
	if (first + 1 < n && text[first] == '{' && text[first + 1] != '{' &&
	    text[first + 1] != '%' && text[first + 1] != '#')
		return SNIFF_NO;
	return SNIFF_MAYBE;
}

/*
 * A program in Python has braces in its strings, and may have whole templates
 * there: it is one only if Jinja would read all of it, and it does harm.  (Who
 * writes a line of Python into a template hides nothing by it.)  Any other text
 * is one that speaks as chats do, or climbs through attributes of Python and
 * would be read: C++ has double braces and double underscores, and web pages
 * extend others.
 */
static bool
is_template(const struct jinja_result *r, const char *s, size_t n)
{
	if (r->escape && r->chat && !r->broken)
		return true;
	if (r->climbs && !r->broken)
		return !script_is_python(s, n);
	return r->chat && !script_is_python(s, n);
}

static enum err
template_walk(struct visit *v, const struct source *s)
{
	size_t n = (size_t)ckd_min(s->size, JINJA_MAX), got, rest;
	AUTO_FREE uint8_t *text = malloc(n);
	size_t front = n < FRONT_MAX ? n : FRONT_MAX;
	struct jinja_result result;
	enum err e;

	if (text == NULL)
		return ERR_NOMEM;
	if ((e = source_read_some(s, 0, text, front, &got)) != ERR_OK)
		return e;
	if (!has_delimiter(text, got))
		return ERR_OK;
	if (got == front && n > front) {
		if ((e = source_read_some(
			 s, front, text + front, n - front, &rest)) != ERR_OK)
			return e;
		got += rest;
	}
	if ((e = jinja_judge(v, (const char *)text, got, 0, &result)) != ERR_OK)
		return e;
	if (is_template(&result, (const char *)text, got)) {
		visit_recognise(v, "chat-template", true);
		visit_code(v, text, got);
	}
	return ERR_OK;
}

const struct format format_template = {
	.name = "chat-template",
	.title = "chat template",
	.extensions = ".jinja",
	.reference = "Jinja2 3.1",
	.in_place = true,
	.sniff = template_sniff,
	.walk = template_walk,
};
