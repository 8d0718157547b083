/* SPDX-License-Identifier: Apache-2.0 */
/*
 * html_picture: bars of verdicts, as SVG inside the page.
 *
 * A bar is the whole of a group, however large that is, and one malicious file
 * among a million is still seen: no part is narrower than PART_LEAST.
 */
#include <string.h>

#include "out/html.h"

enum {
	ROWS = 12,
	ROW_HEIGHT = 28, /* these in the picture's own units */
	LABEL_WIDTH = 236,
	LABEL_CHARACTERS = 30,
	BAR_LEFT = 248,
	BAR_WIDTH = 330,
	BAR_HEIGHT = 14,
	COUNT_RIGHT = 640,
	PART_LEAST = 5,
	WHOLE_WIDTH = 1000,
	WHOLE_HEIGHT = 16,
};

struct parts {
	uint64_t files[HTML_CLASSES];
	unsigned widths[HTML_CLASSES];
};

/* Share width among the parts that are there. */
static void
parts_share(struct parts *p, unsigned width)
{
	unsigned sum = 0;
	uint64_t all = 0;
	size_t most = 0;

	for (size_t c = 0; c < HTML_CLASSES; c++)
		all += p->files[c];
	for (size_t c = 0; c < HTML_CLASSES && all != 0; c++) {
		double share = (double)p->files[c] / (double)all;

		p->widths[c] = (unsigned)(share * width);
		if (p->files[c] != 0 && p->widths[c] < PART_LEAST)
			p->widths[c] = PART_LEAST;
		sum += p->widths[c];
		if (p->widths[c] > p->widths[most])
			most = c;
	}
	/* The widest gives or takes what rounding left; it is wide enough. */
	p->widths[most] = p->widths[most] + width - sum;
}

/* ATTRIBUTE="N" */
static void
attribute(struct out *o, const char *name, unsigned n)
{
	out_puts(o, " ");
	out_puts(o, name);
	out_puts(o, "=\"");
	out_number(o, n);
	out_puts(o, "\"");
}

static void
picture_parts(struct out *o, const struct parts *p, unsigned x, unsigned y,
    unsigned height)
{
	for (size_t c = 0; c < HTML_CLASSES; c++) {
		if (p->files[c] == 0)
			continue;
		out_puts(o, "<rect class=\"");
		out_puts(o, html_classes[c].key);
		out_puts(o, "\"");
		attribute(o, "x", x);
		attribute(o, "y", y);
		attribute(o, "width", p->widths[c]);
		attribute(o, "height", height);
		out_puts(o, "/>");
		x += p->widths[c];
	}
}

/* "NAME: 3 malicious, 4 clean" */
static void
picture_title(struct out *o, const char *name, const struct parts *p)
{
	const char *before = ": ";

	out_puts(o, "<title>");
	html_text(o, name);
	for (size_t c = 0; c < HTML_CLASSES; c++) {
		if (p->files[c] == 0)
			continue;
		out_puts(o, before);
		out_grouped(o, p->files[c]);
		out_puts(o, " ");
		out_puts(
		    o, c == HTML_FAILED ? "not scanned" : html_classes[c].key);
		before = ", ";
	}
	out_puts(o, "</title>");
}

static void
picture_row(struct out *o, const struct tally_row *g, unsigned row,
    const char *name, bool path)
{
	unsigned top = row * ROW_HEIGHT, text = top + ROW_HEIGHT / 2 + 5;
	struct parts p = { 0 };

	for (enum html_class c = HTML_MALICIOUS; c < HTML_CLASSES; c++)
		p.files[c] = html_row_files(g, c);
	parts_share(&p, BAR_WIDTH);
	out_puts(o, "<g>");
	picture_title(o, name, &p);
	out_puts(o, "<text class=\"label\"");
	attribute(o, "x", LABEL_WIDTH);
	attribute(o, "y", text);
	out_puts(o, ">");
	html_text_short(o, name, LABEL_CHARACTERS, path);
	out_puts(o, "</text>");
	picture_parts(
	    o, &p, BAR_LEFT, top + (ROW_HEIGHT - BAR_HEIGHT) / 2, BAR_HEIGHT);
	out_puts(o, "<text class=\"count\"");
	attribute(o, "x", COUNT_RIGHT);
	attribute(o, "y", text);
	out_puts(o, ">");
	out_grouped(o, tally_row_files(g));
	out_puts(o, "</text></g>");
}

void
html_picture(
    struct out *o, const struct tally_row *groups, size_t count, bool paths)
{
	size_t rows = count < ROWS ? count : ROWS;

	out_puts(o, "<svg role=\"img\" viewBox=\"0 0 ");
	out_number(o, COUNT_RIGHT);
	out_puts(o, " ");
	out_number(o, rows * ROW_HEIGHT);
	out_puts(o, "\">");
	for (size_t i = 0; i < rows; i++) {
		const char *name = groups[i].name;

		if (!paths && strcmp(name, "other") == 0)
			name = "no model";
		picture_row(o, &groups[i], (unsigned)i, name, paths);
	}
	out_puts(o, "</svg>");
	if (rows == count)
		return;
	out_puts(o, "<p class=more>and ");
	out_grouped(o, count - rows);
	out_puts(o, paths ? " more folders</p>" : " more formats</p>");
}

void
html_bar(struct out *o, const struct html *h, uint64_t all)
{
	struct parts p = { 0 };

	if (all == 0)
		return;
	for (size_t c = 0; c < HTML_CLASSES; c++)
		p.files[c] = h->files[c];
	parts_share(&p, WHOLE_WIDTH);
	out_puts(o,
	    "<svg class=whole role=\"img\""
	    " preserveAspectRatio=\"none\" viewBox=\"0 0 ");
	out_number(o, WHOLE_WIDTH);
	out_puts(o, " ");
	out_number(o, WHOLE_HEIGHT);
	out_puts(o, "\">");
	picture_title(o, "all files", &p);
	picture_parts(o, &p, 0, 0, WHOLE_HEIGHT);
	out_puts(o, "</svg>\n");
}
