/* SPDX-License-Identifier: Apache-2.0 */
/* pages: what the documentation says of each rule, built in. */
#include <string.h>

#include "out/out.h"

struct page {
	const char *id;
	const char *text; /* Markdown: paragraphs, and words in ** */
};

static const struct page pages[] = {
#include "out/pages.inc"
};

enum { PAGES = sizeof(pages) / sizeof(pages[0]) };

static const char advice_begins[] = "**What to do.** ";

const char *
out_page_id(size_t i)
{
	return i < PAGES ? pages[i].id : NULL;
}

const char *
out_page(const char *rule)
{
	for (size_t i = 0; i < PAGES; i++)
		if (strcmp(pages[i].id, rule) == 0)
			return pages[i].text;
	return NULL;
}

/* The paragraph that says what to do, and its bytes.  NULL: there is none. */
static const char *
advice_of(const char *rule, size_t *size)
{
	const char *page = out_page(rule), *at, *end;

	at = page == NULL ? NULL : strstr(page, advice_begins);
	if (at == NULL)
		return NULL;
	at += sizeof(advice_begins) - 1;
	end = strstr(at, "\n\n");
	*size = end == NULL ? strlen(at) : (size_t)(end - at);
	while (*size > 0 && at[*size - 1] == '\n')
		(*size)--;
	return at;
}

bool
out_advice(struct buf *to, const char *rule)
{
	size_t n, before = to->size;
	const char *at = advice_of(rule, &n);

	if (at == NULL || buf_add(to, at, n) != ERR_OK)
		return false;
	for (size_t i = before; i < to->size; i++)
		if (to->data[i] == '\n')
			to->data[i] = ' ';
	return true;
}

void
out_page_print(struct out *o, const char *rule)
{
	const char *at = out_page(rule);

	out_puts(o, rule);
	out_puts(o, "\n\n");
	for (; at != NULL && *at != '\0'; at++) {
		char one[2] = { *at, '\0' };

		/* Marks of emphasis are for readers of the file. */
		if (at[0] == '*' && at[1] == '*')
			at++;
		else
			out_puts(o, one);
	}
}
