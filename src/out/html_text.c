/* SPDX-License-Identifier: Apache-2.0 */
/* html_text: hostile text, and the pages of the rules. */
#include <string.h>

#include "base/own.h"
#include "base/text.h"
#include "out/html.h"

enum { TEXT_MAX = 8 * 1024 * 1024 };

/* Plain text, n bytes of it. */
static void
html_plain(struct out *o, const char *s, size_t n)
{
	static const char special[] = "&<>\"'";
	static const char *const names[] = { "&amp;", "&lt;", "&gt;", "&quot;",
		"&#39;" };

	while (n != 0) {
		size_t i = 0;

		while (i < n && (s[i] == '\0' || strchr(special, s[i]) == NULL))
			i++;
		out_add(o, s, i);
		if (i == n)
			break;
		out_puts(o, names[strchr(special, s[i]) - special]);
		s += i + 1;
		n -= i + 1;
	}
}

void
html_text(struct out *o, const char *s)
{
	AUTO(buf) struct buf text = buf_new(TEXT_MAX);

	if (text_escape(&text, s, strlen(s)) != ERR_OK)
		out_puts(o, "(too long)");
	else
		html_plain(o, (const char *)text.data, text.size);
}

/* Does a character begin here? */
static bool
begins(char c)
{
	return ((uint8_t)c & 0xc0) != 0x80;
}

static size_t
characters(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += begins(*s);
	return n;
}

/* The character at i. */
static const char *
character(const char *s, size_t i)
{
	while (*s != '\0' && (i != 0 || !begins(*s))) {
		s++;
		if (begins(*s))
			i--;
	}
	return s;
}

void
html_text_short(struct out *o, const char *s, size_t most, bool path)
{
	AUTO(buf) struct buf text = buf_new(TEXT_MAX);
	const char *t, *at;
	size_t n;

	if (text_escape(&text, s, strlen(s)) != ERR_OK)
		return;
	t = buf_text(&text);
	n = characters(t);
	if (n <= most) {
		html_plain(o, t, strlen(t));
	} else if (path) {
		at = character(t, n - most + 1);
		out_puts(o, "\xe2\x80\xa6");
		html_plain(o, at, strlen(at));
	} else {
		html_plain(o, t, (size_t)(character(t, most - 1) - t));
		out_puts(o, "\xe2\x80\xa6");
	}
}

/* A paragraph of Markdown, whose only marks are ** and `. */
static void
html_paragraph(struct out *o, const char *s, size_t n)
{
	bool strong = false, code = false;

	out_puts(o, "<p>");
	for (size_t from = 0, at = 0; at <= n; at++) {
		bool two = at + 1 < n && s[at] == '*' && s[at + 1] == '*';

		if (at < n && !two && s[at] != '`')
			continue;
		html_plain(o, s + from, at - from);
		if (two && !code) {
			out_puts(o, strong ? "</strong>" : "<strong>");
			strong = !strong;
			at++;
		} else if (at < n && s[at] == '`') {
			out_puts(o, code ? "</code>" : "<code>");
			code = !code;
		}
		from = at + 1;
	}
	out_puts(o, code ? "</code>" : "");
	out_puts(o, strong ? "</strong></p>" : "</p>");
}

static void
html_rule(struct out *o, const char *id, const char *sentence)
{
	const char *page = out_page(id);

	out_puts(o, "<article class=rule id=\"rule-");
	html_text(o, id);
	out_puts(o, "\"><h3><code>");
	html_text(o, id);
	out_puts(o, "</code></h3>");
	if (sentence != NULL) {
		out_puts(o, "<p class=means>");
		html_text(o, sentence);
		out_puts(o, "</p>");
	}
	while (page != NULL && *page != '\0') {
		const char *end = strstr(page, "\n\n");
		size_t n = end == NULL ? strlen(page) : (size_t)(end - page);

		html_paragraph(o, page, n);
		page += n;
		page += strspn(page, "\n");
	}
	out_puts(o, "</article>\n");
}

void
html_rules(struct out *o)
{
	const char *at = buf_text(&o->extra), *end = at + o->extra.size;
	bool any = o->extra.size != 0;

	for (unsigned i = 0; i < RULE_COUNT; i++)
		any |= o->seen[i];
	if (!any)
		return;
	out_puts(o, "<section id=rules><h2>What was found, explained</h2>\n");
	for (unsigned i = 0; i < RULE_COUNT; i++) {
		const struct rule_row *row = rule_row((enum rule)i);

		if (o->seen[i])
			html_rule(o, row->id, row->sentence);
	}
	for (; at < end; at += strlen(at) + 1)
		html_rule(o, at, NULL);
	out_puts(o, "</section>\n");
}
