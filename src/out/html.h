/* SPDX-License-Identifier: Apache-2.0 */
/*
 * html: what the parts of the HTML report share.
 *
 * Hostile text reaches the page only through html_text(), in elements and in
 * double-quoted attributes, never in a script, a style or a URL.  The page's
 * own policy forbids whatever else there might be: one style and one script,
 * each with a number that nobody could know beforehand, and no network.
 */
#ifndef OUT_HTML_H
#define OUT_HTML_H

#include "out/out.h"

/* In the order in which they are listed. */
enum html_class {
	HTML_MALICIOUS,
	HTML_SUSPICIOUS,
	HTML_UNVERIFIED,
	HTML_FAILED, /* could not be scanned */
	HTML_UNKNOWN,
	HTML_CLEAN,
	HTML_CLASSES
};

struct html_class_row {
	const char *key;   /* in attributes */
	const char *title; /* for people */
	const char *means;
};

extern const struct html_class_row html_classes[HTML_CLASSES];

/* A file that the page lists: where its piece of the page lies. */
struct html_entry {
	const char *path;
	uint64_t at;   /* bytes into the spool */
	uint64_t size; /* bytes */
};

struct html {
	struct out spool;
	struct arena paths;
	struct buf entries[HTML_CLASSES]; /* struct html_entry each */
	uint64_t files[HTML_CLASSES];
	struct tally folders;
	struct tally formats;
};

void html_free(struct html *h); /* NULL is fine */

enum html_class html_class_of(const struct report *r);
uint64_t html_row_files(const struct tally_row *g, enum html_class c);

/* Hostile text. */
void html_text(struct out *o, const char *s);
/* The same in at most so many characters, an ellipsis for what is left out: of
 * a path that is its beginning. */
void html_text_short(struct out *o, const char *s, size_t most, bool path);

/* One file, as it comes. */
void html_card(struct out *o, const char *path, const struct report *r);

/* A picture of the groups: bars of verdicts. */
void html_picture(
    struct out *o, const struct tally_row *groups, size_t count, bool paths);
/* One bar of all files. */
void html_bar(struct out *o, const struct html *h, uint64_t all);

/* The page of each rule that was seen. */
void html_rules(struct out *o);

/* Up to what was found; and the end. */
void html_begin(struct out *o, const struct html *h, const struct out_totals *t,
    const char *nonce);
void html_end(struct out *o, const char *nonce);

#endif /* OUT_HTML_H */
