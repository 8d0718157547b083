/* SPDX-License-Identifier: Apache-2.0 */
/* explain: all that is known of one file, for a person. */
#include <string.h>

#include "out/out.h"

enum { NAME_COLUMN = 12 };

static const char *const use_words[USE_COUNT] = { "imports",
	"sets the state of", "constructs", "calls" };

/* A word, and blanks up to the next column. */
static void
explain_label(struct out *o, const char *word)
{
	out_puts(o, "  ");
	out_puts(o, word);
	for (size_t i = strlen(word); i < NAME_COLUMN; i++)
		out_puts(o, " ");
}

static void
explain_text(struct out *o, const char *s)
{
	out_escaped(o, s, strlen(s));
}

/* "in a/data.pkl at byte 17" */
static void
explain_place(struct out *o, const char *where, uint64_t offset)
{
	if (where[0] != '\0') {
		out_puts(o, "in ");
		explain_text(o, where);
		out_puts(o, " ");
	}
	out_puts(o, "at byte ");
	out_number(o, offset);
}

static void
explain_head(struct out *o, const char *path, const struct report *r)
{
	explain_text(o, path);
	out_puts(o, "\n");
	explain_label(o, "verdict");
	out_verdict(o, r->verdict);
	out_puts(o, ": ");
	out_puts(o, out_verdict_text(r->verdict));
	out_puts(o, "\n");
	if (r->error != NULL) {
		explain_label(o, "error");
		explain_text(o, r->error);
		out_puts(o, "\n");
	}
	explain_label(o, "format");
	explain_text(o, r->format);
	out_puts(o,
	    r->in_place ? ", which programs load as it is\n"
		: strcmp(r->format, "other") == 0
		? ", which no model loader reads\n"
		: ", which is unpacked before anything is loaded\n");
	explain_label(o, "size");
	out_number(o, r->size);
	out_puts(o, " bytes, of which ");
	out_number(o, r->bytes_read);
	out_puts(o, " were read, in ");
	out_number(o, r->elapsed_us);
	out_puts(o, " microseconds\n");
	if (out_verdict_advice(r->verdict)[0] != '\0') {
		explain_label(o, "what to do");
		out_puts(o, out_verdict_advice(r->verdict));
		out_puts(o, "\n");
	}
}

static void
explain_findings(struct out *o, const struct report *r)
{
	if (r->finding_count == 0)
		return;
	out_puts(o, "\nwhat was found\n");
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct finding *f = &r->findings[i];

		explain_label(o, severity_name(f->severity));
		explain_text(o, f->message);
		out_puts(o, "\n");
		explain_label(o, "");
		explain_text(o, f->rule);
		out_puts(o, " ");
		explain_place(o, f->where, f->offset);
		if (f->count > 1) {
			out_puts(o, ", ");
			out_number(o, f->count);
			out_puts(o, " times");
		}
		out_puts(o, "\n");
	}
}

static void
explain_imports(struct out *o, const struct report *r)
{
	const char *where = NULL;

	if (r->import_count == 0)
		return;
	out_puts(o, "\nwhat loading it does\n");
	for (size_t i = 0; i < r->import_count; i++) {
		const struct import *m = &r->imports[i];

		if (where == NULL || strcmp(where, m->where) != 0) {
			where = m->where;
			out_puts(o, "  ");
			explain_text(o, where[0] == '\0' ? "the file" : where);
			out_puts(o, ":\n");
		}
		out_puts(o, "    byte ");
		out_number(o, m->offset);
		out_puts(o, ": ");
		out_puts(o, use_words[m->use]);
		out_puts(o, " ");
		out_escaped(o, m->module, m->module_size);
		out_puts(o, ".");
		out_escaped(o, m->name, m->name_size);
		out_puts(o, "  [");
		out_verdict(o, m->verdict);
		if (m->reason[0] != '\0') {
			out_puts(o, ": ");
			explain_text(o, m->reason);
		}
		out_puts(o, "]\n");
	}
}

/* Is the member at outer a container of the one at inner? */
static bool
contains(const char *outer, const char *inner)
{
	size_t n = strlen(outer);

	if (n == 0)
		return inner[0] != '\0';
	return strncmp(outer, inner, n) == 0 && inner[n] == '!';
}

static void
explain_tree(struct out *o, const struct report *r)
{
	if (r->member_count == 0)
		return;
	out_puts(o, "\nwhat is inside\n");
	for (size_t i = 0; i < r->member_count; i++) {
		const struct member *m = &r->members[i];
		const char *name = m->where;

		out_puts(o, "  ");
		for (size_t k = 0; k < i; k++) {
			const char *outer = r->members[k].where;

			if (!contains(outer, m->where))
				continue;
			out_puts(o, "  ");
			if (outer[0] != '\0')
				name = m->where + strlen(outer) + 1;
		}
		explain_text(o, name[0] == '\0' ? "the file" : name);
		out_puts(o, ": ");
		explain_text(o, m->format);
		if (m->size != UINT64_MAX) {
			out_puts(o, ", ");
			out_number(o, m->size);
			out_puts(o, " bytes");
		}
		out_puts(o, " from byte ");
		out_number(o, m->offset);
		out_puts(o, "\n");
	}
}

void
out_explain_text(struct out *o, const char *path, const struct report *r)
{
	explain_head(o, path, r);
	explain_findings(o, r);
	explain_imports(o, r);
	explain_tree(o, r);
	if (r->cut)
		out_puts(o,
		    "\nThere is more than a report holds: these lists"
		    " are cut.\n");
}
