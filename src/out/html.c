/* SPDX-License-Identifier: Apache-2.0 */
/*
 * html: a report that stands alone.
 *
 * What is said of each file goes into the spool as it comes; at the end, when
 * the counts are known, the page is put together, the worst files first.  A
 * page that no browser can hold is of no use, so each class lists a bounded
 * number of files and says how many there are more.
 */
#include "out/html.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/own.h"

enum {
	LISTED = 5000, /* files of a class */
	GROUPS = 65536,
	PATHS_MAX = 64 * 1024 * 1024, /* bytes of all paths */
	PIECE = 64 * 1024,            /* bytes copied at once */
	NONCE_BYTES = 16,
};

const struct html_class_row html_classes[HTML_CLASSES] = {
	[HTML_MALICIOUS] = { "malicious", "Malicious",
	    "loading it runs something harmful, or it hides what it runs" },
	[HTML_SUSPICIOUS] = { "suspicious", "Suspicious",
	    "no honest writer makes such a file" },
	[HTML_UNVERIFIED] = { "unverified", "Unverified",
	    "it could not be read whole" },
	[HTML_FAILED] = { "failed", "Not scanned",
	    "it could not be looked at: nothing is known of it" },
	[HTML_UNKNOWN] = { "unknown", "Unknown",
	    "it names code that no policy knows, as half of all honest ones "
	    "do" },
	[HTML_CLEAN] = { "clean", "Clean",
	    "loading it runs no code of its "
	    "own" },
};

enum html_class
html_class_of(const struct report *r)
{
	if (r->error != NULL)
		return HTML_FAILED;
	switch (r->verdict) {
	case VERDICT_CLEAN:
		return HTML_CLEAN;
	case VERDICT_UNKNOWN:
		return HTML_UNKNOWN;
	case VERDICT_SUSPICIOUS:
		return HTML_SUSPICIOUS;
	case VERDICT_MALICIOUS:
		return HTML_MALICIOUS;
	case VERDICT_UNVERIFIED:
	case VERDICT_COUNT:
		break;
	}
	return HTML_UNVERIFIED;
}

uint64_t
html_row_files(const struct tally_row *g, enum html_class c)
{
	static const enum verdict verdicts[HTML_CLASSES] = {
		[HTML_MALICIOUS] = VERDICT_MALICIOUS,
		[HTML_SUSPICIOUS] = VERDICT_SUSPICIOUS,
		[HTML_UNVERIFIED] = VERDICT_UNVERIFIED,
		[HTML_UNKNOWN] = VERDICT_UNKNOWN,
		[HTML_CLEAN] = VERDICT_CLEAN,
	};

	return c == HTML_FAILED ? g->failed : g->files[verdicts[c]];
}

void
html_free(struct html *h)
{
	if (h == NULL)
		return;
	out_free(&h->spool);
	arena_free(&h->paths);
	for (size_t c = 0; c < HTML_CLASSES; c++)
		buf_free(&h->entries[c]);
	tally_free(&h->folders);
	tally_free(&h->formats);
}

static void
page_begin(struct out *o)
{
	struct html *h = arena_take(&o->arena, sizeof(*h));

	if (h == NULL) {
		o->error = ENOMEM;
		return;
	}
	h->spool = out_new(o->spool, false);
	h->paths = arena_new(PATHS_MAX);
	for (size_t c = 0; c < HTML_CLASSES; c++)
		h->entries[c] = buf_new(LISTED * sizeof(struct html_entry));
	h->folders = tally_new(GROUPS);
	h->formats = tally_new(GROUPS);
	o->html = h;
}

/* Count it in the pictures. */
static void
page_count(struct html *h, const char *path, const struct report *r)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		tally_add(&h->folders, ".", 1, r);
	else
		tally_add(&h->folders, path,
		    slash == path ? 1 : (size_t)(slash - path), r);
	tally_add(&h->formats, r->format, strlen(r->format), r);
	h->files[html_class_of(r)]++;
}

static void
page_file(struct out *o, const char *path, const struct report *r)
{
	struct html *h = o->html;
	struct buf *entries;
	struct html_entry e;

	if (h == NULL)
		return;
	page_count(h, path, r);
	entries = &h->entries[html_class_of(r)];
	e.path = entries->size == entries->max
	    ? NULL
	    : arena_copy(&h->paths, path, strlen(path));
	if (e.path == NULL)
		return;
	for (size_t i = 0; i < r->finding_count; i++)
		out_see_rule(o, r->findings[i].rule);
	e.at = h->spool.written + h->spool.buf.size;
	html_card(&h->spool, path, r);
	e.size = h->spool.written + h->spool.buf.size - e.at;
	(void)!buf_add(entries, &e, sizeof(e)); /* then it is not listed */
}

static int
entry_compare(const void *a, const void *b)
{
	return strcmp(((const struct html_entry *)a)->path,
	    ((const struct html_entry *)b)->path);
}

/* A piece of the page out of the spool. */
static void
page_copy(struct out *o, const struct html_entry *e)
{
	AUTO(buf) struct buf piece = buf_new(PIECE);
	uint64_t done = 0;

	while (done < e->size && o->error == 0) {
		uint64_t left = e->size - done;
		size_t want = left < PIECE ? (size_t)left : PIECE;
		uint8_t *to = buf_grow(&piece, want);
		ssize_t n = to == NULL
		    ? -1
		    : pread(o->spool, to, want, (off_t)(e->at + done));

		if (n == -1 && to != NULL && errno == EINTR)
			continue;
		if (n <= 0) {
			o->error = n == 0 ? EIO : errno;
			return;
		}
		out_add(o, to, (size_t)n);
		done += (uint64_t)n;
	}
}

static void
page_list(struct out *o, const struct html *h, enum html_class c)
{
	struct html_entry *e = (struct html_entry *)(void *)h->entries[c].data;
	size_t n = h->entries[c].size / sizeof(*e);

	if (n != 0)
		qsort(e, n, sizeof(*e), entry_compare);
	for (size_t i = 0; i < n; i++)
		page_copy(o, &e[i]);
	if (n == h->files[c])
		return;
	out_puts(o, c == HTML_CLEAN ? "<li class=\"more\">" : "<p class=more>");
	out_puts(o, "and ");
	out_grouped(o, h->files[c] - n);
	out_puts(o,
	    " more of this verdict: ckptguard scan --format=jsonl lists"
	    " them all");
	out_puts(o, c == HTML_CLEAN ? "</li>" : "</p>\n");
}

static void
page_lists(struct out *o, const struct html *h)
{
	out_puts(o,
	    "<section id=files><h2>Files</h2>\n<search id=tools hidden>"
	    "<input id=find type=search autocomplete=off aria-label=Search"
	    " placeholder=\"Search paths, formats and findings\">"
	    "<output id=shown></output></search>\n"
	    "<p id=none hidden>No file matches.</p>\n");
	for (enum html_class c = HTML_MALICIOUS; c < HTML_CLEAN; c++)
		page_list(o, h, c);
	if (h->files[HTML_CLEAN] != 0) {
		out_puts(o, "<details id=clean><summary>");
		out_grouped(o, h->files[HTML_CLEAN]);
		out_puts(o, " clean</summary><ul>\n");
		page_list(o, h, HTML_CLEAN);
		out_puts(o, "</ul></details>\n");
	}
	out_puts(o, "</section>\n");
}

/* What the page's own script and style are told by. */
static bool
page_nonce(char out[2 * NONCE_BYTES + 1])
{
	static const char hex[] = "0123456789abcdef";
	uint8_t bytes[NONCE_BYTES];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return false;
	for (size_t i = 0; i < NONCE_BYTES; i++) {
		out[2 * i] = hex[bytes[i] >> 4];
		out[2 * i + 1] = hex[bytes[i] & 15];
	}
	out[2 * NONCE_BYTES] = '\0';
	return true;
}

static void
page_end(struct out *o, struct out_totals *t)
{
	char nonce[2 * NONCE_BYTES + 1];
	struct html *h = o->html;

	if (h == NULL)
		return;
	if (out_flush(&h->spool) != ERR_OK || !page_nonce(nonce)) {
		o->error = h->spool.error != 0 ? h->spool.error : errno;
		return;
	}
	html_begin(o, h, t, nonce);
	if (out_files(t) != 0) {
		const struct tally_row *g;
		size_t n;

		out_puts(o,
		    "<section id=pictures><figure><figcaption>By folder"
		    "</figcaption>");
		g = tally_sort(&h->folders, &n);
		html_picture(o, g, n, true);
		out_puts(o,
		    "</figure><figure><figcaption>By format"
		    "</figcaption>");
		g = tally_sort(&h->formats, &n);
		html_picture(o, g, n, false);
		out_puts(o, "</figure></section>\n");
		page_lists(o, h);
		html_rules(o);
	}
	html_end(o, nonce);
}

const struct writer out_html = {
	.name = "html",
	.begin = page_begin,
	.file = page_file,
	.end = page_end,
};
