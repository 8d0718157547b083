/* SPDX-License-Identifier: Apache-2.0 */
/* text: what a scan says to a person. */
#include <string.h>

#include "out/out.h"

enum { TEXT_FINDINGS = 10 }; /* shown of a file; "explain" shows all */

static void
text_begin(struct out *o)
{
	(void)o;
}

static void
text_finding(struct out *o, const struct finding *f)
{
	out_puts(o, "    ");
	out_puts(o, severity_name(f->severity));
	out_puts(o, ": ");
	out_escaped(o, f->message, strlen(f->message));
	out_puts(o, " (");
	out_escaped(o, f->rule, strlen(f->rule));
	out_puts(o, f->where[0] == '\0' ? " at byte " : " in ");
	if (f->where[0] != '\0') {
		out_escaped(o, f->where, strlen(f->where));
		out_puts(o, " at byte ");
	}
	out_number(o, f->offset);
	if (f->count > 1) {
		out_puts(o, ", ");
		out_number(o, f->count);
		out_puts(o, " times");
	}
	out_puts(o, ")\n");
}

/* The findings, the worst first, a screen of them at most. */
static void
text_findings(struct out *o, const struct report *r)
{
	size_t shown = 0;

	for (unsigned v = VERDICT_COUNT; v > 0; v--) {
		for (size_t i = 0; i < r->finding_count; i++) {
			if ((unsigned)r->findings[i].verdict != v - 1 ||
			    shown == TEXT_FINDINGS)
				continue;
			text_finding(o, &r->findings[i]);
			shown++;
		}
	}
	if (shown < r->finding_count) {
		out_puts(o, "    and ");
		out_number(o, r->finding_count - shown);
		out_puts(o, " more: see ckptguard explain\n");
	}
}

static void
text_file(struct out *o, const char *path, const struct report *r)
{
	out_escaped(o, path, strlen(path));
	out_puts(o, ": ");
	out_verdict(o, r->verdict);
	out_puts(o, " (");
	out_escaped(o, r->format, strlen(r->format));
	out_puts(o, ")\n");
	if (r->error != NULL) {
		out_puts(o, "    error: ");
		out_escaped(o, r->error, strlen(r->error));
		out_puts(o, "\n");
	}
	text_findings(o, r);
	if (r->verdict > VERDICT_CLEAN && r->error == NULL) {
		out_puts(o, "    what to do: ");
		out_puts(o, out_verdict_advice(r->verdict));
		out_puts(o, "\n");
	}
}

/* "N word", with a comma before it unless it is the first. */
static void
text_count(struct out *o, bool *first, uint64_t n, const char *word)
{
	if (n == 0)
		return;
	out_puts(o, *first ? ": " : ", ");
	out_number(o, n);
	out_puts(o, " ");
	out_puts(o, word);
	*first = false;
}

static void
text_end(struct out *o, struct out_totals *t)
{
	uint64_t files = out_files(t);
	bool first = true;

	out_summary(o, t);
	if (t->interrupted)
		out_puts(o, "interrupted after ");
	if (files == 1 && t->failed == 0 && t->skipped == 0 &&
	    t->excluded == 0 && !t->interrupted)
		return;
	out_number(o, files);
	out_puts(o, files == 1 ? " file" : " files");
	for (unsigned v = VERDICT_COUNT; v > 0; v--)
		text_count(o, &first, t->verdicts[v - 1],
		    verdict_name((enum verdict)(v - 1)));
	text_count(o, &first, t->failed, "not scanned");
	text_count(o, &first, t->skipped, "skipped (not regular files)");
	text_count(o, &first, t->excluded, "excluded");
	out_puts(o, "\n");
}

const struct writer out_text = {
	.name = "text",
	.begin = text_begin,
	.file = text_file,
	.end = text_end,
};
