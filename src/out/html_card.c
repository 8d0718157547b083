/* SPDX-License-Identifier: Apache-2.0 */
/* html_card: what the page says of one file. */
#include <string.h>

#include "out/html.h"

enum { CARD_FINDINGS = 12 }; /* shown of a file; "explain" shows all */

static void
card_finding(struct out *o, const struct finding *f)
{
	bool known = out_page(f->rule) != NULL;

	out_puts(o, "<li class=");
	out_puts(o, severity_name(f->severity));
	out_puts(o, "><b>");
	out_puts(o, severity_name(f->severity));
	out_puts(o, "</b> ");
	html_text(o, f->message);
	out_puts(o, known ? " <a href=\"#rule-" : " <span");
	if (known)
		html_text(o, f->rule);
	out_puts(o, known ? "\">" : ">");
	html_text(o, f->rule);
	out_puts(o, known ? "</a>" : "</span>");
	out_puts(o, " <small>");
	if (f->where[0] != '\0') {
		out_puts(o, "in <code>");
		html_text(o, f->where);
		out_puts(o, "</code> ");
	}
	out_puts(o, "at byte ");
	out_grouped(o, f->offset);
	if (f->count > 1) {
		out_puts(o, ", ");
		out_grouped(o, f->count);
		out_puts(o, " times");
	}
	out_puts(o, "</small></li>");
}

static void
card_findings(struct out *o, const struct report *r)
{
	size_t shown = 0;

	if (r->finding_count == 0)
		return;
	out_puts(o, "<ul>");
	for (unsigned v = VERDICT_COUNT; v > 0; v--) {
		for (size_t i = 0; i < r->finding_count; i++) {
			if ((unsigned)r->findings[i].verdict != v - 1 ||
			    shown == CARD_FINDINGS)
				continue;
			card_finding(o, &r->findings[i]);
			shown++;
		}
	}
	if (shown < r->finding_count) {
		out_puts(o, "<li class=info>and ");
		out_grouped(o, r->finding_count - shown);
		out_puts(o, " more: ckptguard explain shows them</li>");
	}
	out_puts(o, "</ul>");
}

/* A line is enough for a clean file. */
static void
card_clean(struct out *o, const char *path, const struct report *r)
{
	out_puts(o, "<li data-v=clean><code>");
	html_text(o, path);
	out_puts(o, "</code> <small>");
	html_text(o, strcmp(r->format, "other") == 0 ? "no model" : r->format);
	out_puts(o, ", ");
	out_size(o, r->size);
	out_puts(o, "</small></li>\n");
}

void
html_card(struct out *o, const char *path, const struct report *r)
{
	enum html_class c = html_class_of(r);

	if (c == HTML_CLEAN) {
		card_clean(o, path, r);
		return;
	}
	out_puts(o, "<article class=\"file ");
	out_puts(o, html_classes[c].key);
	out_puts(o, "\" data-v=");
	out_puts(o, html_classes[c].key);
	out_puts(o, "><h3><b class=badge>");
	out_puts(o, html_classes[c].title);
	out_puts(o, "</b> <code>");
	html_text(o, path);
	out_puts(o, "</code></h3><p class=meta>");
	if (r->error != NULL) {
		html_text(o, r->error);
	} else {
		html_text(o, r->format);
		out_puts(o, " \xc2\xb7 ");
		out_size(o, r->size);
		out_puts(o,
		    r->in_place ? " \xc2\xb7 programs load it as it is"
				: " \xc2\xb7 not loaded as it is");
	}
	out_puts(o, "</p>");
	card_findings(o, r);
	if (r->error == NULL) {
		out_puts(o, "<p class=advice>");
		html_text(o, out_verdict_advice(r->verdict));
		out_puts(o, ".</p>");
	}
	out_puts(o, "</article>\n");
}
