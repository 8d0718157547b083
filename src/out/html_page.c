/* SPDX-License-Identifier: Apache-2.0 */
/* html_page: the head of the report, its counts, and its end. */
#include "config.h"

#include <string.h>
#include <time.h>

#include "out/html.h"

enum {
	US_PER_S = 1000 * 1000,
	US_PER_TENTH = 100 * 1000,
	DATE_MAX = 64,
};

static const char style[] = {
#include "out/report_style.inc"
};

static const char script[] = {
#include "out/report_script.inc"
};

static void
page_policy(struct out *o, const char *nonce)
{
	out_puts(o,
	    "<!doctype html>\n<html lang=en><head><meta charset=utf-8>\n"
	    "<meta http-equiv=Content-Security-Policy content=\""
	    "default-src 'none'; base-uri 'none'; form-action 'none'; "
	    "style-src 'nonce-");
	out_puts(o, nonce);
	out_puts(o, "'; script-src 'nonce-");
	out_puts(o, nonce);
	out_puts(o,
	    "'\">\n<meta name=viewport content=\"width=device-width\">\n"
	    "<meta name=color-scheme content=\"light dark\">\n"
	    "<meta name=referrer content=no-referrer>\n"
	    "<title>ckptguard report</title>\n<style nonce=");
	out_puts(o, nonce);
	out_puts(o, ">\n");
	out_add(o, style, sizeof(style));
	out_puts(o, "</style></head>\n");
}

/* "3 files" */
static void
page_files(struct out *o, uint64_t n)
{
	out_grouped(o, n);
	out_puts(o, n == 1 ? " file" : " files");
}

/* The one sentence that a person in a hurry reads. */
static void
page_sentence(struct out *o, const struct html *h, uint64_t all)
{
	static const char *const ends[HTML_CLASSES] = {
		[HTML_MALICIOUS] = " must not be loaded",
		[HTML_SUSPICIOUS] = " should not be loaded",
		[HTML_UNVERIFIED] = " could not be read whole",
		[HTML_FAILED] = " could not be scanned",
	};

	for (enum html_class c = HTML_MALICIOUS; c <= HTML_FAILED; c++) {
		if (h->files[c] == 0)
			continue;
		page_files(o, h->files[c]);
		out_puts(o, " of ");
		out_grouped(o, all);
		out_puts(o, ends[c]);
		return;
	}
	out_puts(o,
	    all == 0 ? "No file was scanned" : "Nothing harmful was found in ");
	if (all == 0)
		return;
	page_files(o, all);
}

/* "/srv/models · 24 November 2026, 18:05 UTC · 1.2 MB of 3.4 GB ..." */
static void
page_about(struct out *o, const struct out_totals *t)
{
	time_t now = time(NULL);
	char date[DATE_MAX] = "";
	struct tm utc;

	if (gmtime_r(&now, &utc) != NULL)
		(void)strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", &utc);
	out_puts(o, "<p class=about><code>");
	html_text(o, t->about == NULL ? "" : t->about);
	out_puts(o, "</code> \xc2\xb7 ");
	out_puts(o, date);
	out_puts(o, " \xc2\xb7 looked at ");
	out_read(o, t);
	out_puts(o, " in ");
	out_grouped(o, t->elapsed_us / US_PER_S);
	out_puts(o, ".");
	out_number(o, t->elapsed_us % US_PER_S / US_PER_TENTH);
	out_puts(o, " s");
	if (t->skipped != 0) {
		out_puts(o, " \xc2\xb7 ");
		out_grouped(o, t->skipped);
		out_puts(o, " skipped (not regular files)");
	}
	if (t->excluded != 0) {
		out_puts(o, " \xc2\xb7 ");
		out_grouped(o, t->excluded);
		out_puts(o, " excluded");
	}
	out_puts(o, "</p>\n");
	if (t->interrupted)
		out_puts(o,
		    "<p class=broken>The scan was interrupted: this is"
		    " not all of it.</p>\n");
}

static void
page_tile(struct out *o, const struct html *h, enum html_class c)
{
	if (c == HTML_FAILED && h->files[c] == 0)
		return;
	out_puts(o, "<button type=button class=\"tile ");
	out_puts(o, html_classes[c].key);
	out_puts(o, h->files[c] == 0 ? " zero\" data-f=" : "\" data-f=");
	out_puts(o, html_classes[c].key);
	out_puts(o, " aria-pressed=false title=\"");
	html_text(o, html_classes[c].means);
	out_puts(o, "\"><b data-count=");
	out_number(o, h->files[c]);
	out_puts(o, ">");
	out_grouped(o, h->files[c]);
	out_puts(o, "</b><span>");
	out_puts(o, html_classes[c].title);
	out_puts(o, "</span></button>\n");
}

void
html_begin(struct out *o, const struct html *h, const struct out_totals *t,
    const char *nonce)
{
	enum html_class worst = HTML_MALICIOUS;

	while (worst < HTML_CLEAN && h->files[worst] == 0)
		worst++;
	page_policy(o, nonce);
	out_puts(o, "<body><header class=\"");
	out_puts(o, html_classes[worst].key);
	out_puts(o, "\"><p class=name>ckptguard report</p><h1>");
	page_sentence(o, h, out_files(t));
	out_puts(o, "</h1>\n");
	page_about(o, t);
	html_bar(o, h, out_files(t));
	out_puts(o, "</header><main>\n<section id=tiles>\n");
	for (enum html_class c = HTML_MALICIOUS; c < HTML_CLASSES; c++)
		page_tile(o, h, c);
	out_puts(o, "</section>\n");
}

void
html_end(struct out *o, const char *nonce)
{
	out_puts(o,
	    "</main><footer>Made by ckptguard " PACKAGE_VERSION
	    ", which ran nothing of these files. This page needs no"
	    " network and sends nothing.</footer>\n<script nonce=");
	out_puts(o, nonce);
	out_puts(o, ">\n");
	out_add(o, script, sizeof(script));
	out_puts(o, "</script></body></html>\n");
}
