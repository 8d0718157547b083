/* SPDX-License-Identifier: Apache-2.0 */
/* explain: all that is known of one file, for a person. */
#include <string.h>

#include "base/own.h"
#include "out/out.h"

enum {
	NAME_COLUMN = 12,
	OFFSET_COLUMN = 11,
	SIZE_COLUMN = 16,
	WRAP_COLUMN = 78,
	WORD_MAX = 100,
	ADVICE_MAX = 4096,
};

/* The titles of formats for people. */
static const struct {
	const char *name, *title;
} formats[] = {
#define FORMAT(name, title, extensions, in_place, judged, reference) \
	{ name, title },
#include "model/formats.def"
#undef FORMAT
};

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

/* Prose of our own, in lines that fit a terminal. */
static void
explain_wrapped(struct out *o, const char *text)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t n = strcspn(text, " ");
		char word[WORD_MAX + 1];

		if (n > WORD_MAX)
			n = WORD_MAX;
		memcpy(word, text, n);
		word[n] = '\0';
		if (column == 0 || column + 1 + n > WRAP_COLUMN) {
			out_puts(o, column == 0 ? "    " : "\n    ");
			column = 4;
		} else {
			out_puts(o, " ");
			column++;
		}
		out_puts(o, word);
		column += n;
		text += n;
		while (*text == ' ')
			text++;
	}
	out_puts(o, "\n");
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

/* "torch-zip (PyTorch checkpoint)"; of two at once, both. */
static void
explain_format(struct out *o, const char *format)
{
	while (*format != '\0') {
		size_t n = strcspn(format, "+");

		out_escaped(o, format, n);
		for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]);
		     i++) {
			if (strlen(formats[i].name) != n ||
			    memcmp(formats[i].name, format, n) != 0 ||
			    strcmp(formats[i].name, formats[i].title) == 0)
				continue;
			out_puts(o, " (");
			out_puts(o, formats[i].title);
			out_puts(o, ")");
		}
		format += n;
		if (*format == '+') {
			out_puts(o, " and at once ");
			format++;
		}
	}
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
	explain_format(o, r->format);
	out_puts(o,
	    r->in_place                ? ", which programs load as it is\n"
		: r->member_count == 0 ? ", which no loader of models reads\n"
				       : ", which is unpacked before anything"
					 " is loaded\n");
	explain_label(o, "size");
	out_number(o, r->size);
	/* Some of them may be read more than once. */
	if (r->bytes_read >= r->size) {
		out_puts(o, " bytes, all of which were read, in ");
	} else {
		out_puts(o, " bytes, of which ");
		out_number(o, r->bytes_read);
		out_puts(o, " were read, in ");
	}
	out_number(o, r->elapsed_us);
	out_puts(o, " microseconds\n");
	if (out_verdict_advice(r->verdict)[0] != '\0') {
		explain_label(o, "what to do");
		out_puts(o, out_verdict_advice(r->verdict));
		out_puts(o, "\n");
	}
}

/* One finding: what, where, and what to read about it. */
static void
explain_finding(struct out *o, const struct finding *f)
{
	explain_label(o, severity_name(f->severity));
	explain_text(o, f->message);
	out_puts(o, "\n");
	explain_label(o, "");
	explain_place(o, f->where, f->offset);
	if (f->count > 1) {
		out_puts(o, ", ");
		out_number(o, f->count);
		out_puts(o, " times");
	}
	out_puts(o, " [");
	explain_text(o, f->rule);
	out_puts(o, "]\n");
}

/* What the rules' pages advise, for each rule that says more than "clean". */
static void
explain_advice(struct out *o, const struct report *r, size_t i)
{
	AUTO(buf) struct buf advice = buf_new(ADVICE_MAX);
	const struct finding *f = &r->findings[i];

	for (size_t k = 0; k < i; k++)
		if (strcmp(r->findings[k].rule, f->rule) == 0)
			return;
	if (f->verdict == VERDICT_CLEAN || !out_advice(&advice, f->rule))
		return;
	out_puts(o, "\n  ");
	explain_text(o, f->rule);
	out_puts(o, "\n");
	explain_wrapped(o, buf_text(&advice));
}

/* What to do about each rule, the worst first. */
static void
explain_all_advice(struct out *o, const struct report *r)
{
	if (r->verdict == VERDICT_CLEAN || r->finding_count == 0)
		return;
	out_puts(o,
	    "\nwhat to do, rule by rule (more: ckptguard rules explain "
	    "ID)\n");
	for (unsigned v = VERDICT_COUNT; v > 0; v--)
		for (size_t i = 0; i < r->finding_count; i++)
			if ((unsigned)r->findings[i].verdict == v - 1)
				explain_advice(o, r, i);
}

/* The findings, the worst first. */
static void
explain_findings(struct out *o, const struct report *r)
{
	if (r->finding_count == 0)
		return;
	out_puts(o, "\nwhy\n");
	for (unsigned v = VERDICT_COUNT; v > 0; v--)
		for (size_t i = 0; i < r->finding_count; i++)
			if ((unsigned)r->findings[i].verdict == v - 1)
				explain_finding(o, &r->findings[i]);
}

/* "the file", or a path inside it, as a heading of what follows. */
static void
explain_where(struct out *o, const char *where)
{
	out_puts(o, "  ");
	explain_text(o, where[0] == '\0' ? "the file itself" : where);
	out_puts(o, "\n");
}

/* A number at the end of a column. */
static void
explain_column(struct out *o, uint64_t n, size_t width)
{
	char digits[24];
	size_t at = sizeof(digits);

	digits[--at] = '\0';
	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n != 0);
	for (size_t i = sizeof(digits) - 1 - at; i < width; i++)
		out_puts(o, " ");
	out_puts(o, digits + at);
}

static void
explain_skipped(struct out *o, uint64_t n)
{
	if (n == 0)
		return;
	out_puts(o, "                 ... ");
	out_number(o, n);
	out_puts(
	    o, n == 1 ? " more step like that\n" : " more steps like these\n");
}

/* The reason stands once for a run of lines that have the same. */
static void
explain_line(struct out *o, const struct line *l, const struct line *before)
{
	static const char *const marks[VERDICT_COUNT] = { "   ", " ? ", " ? ",
		" ! ", "!!!" };

	explain_column(o, l->offset, OFFSET_COLUMN);
	out_puts(o, " ");
	out_puts(o, marks[l->verdict]);
	out_puts(o, " ");
	out_escaped_again(o, l->text, strlen(l->text));
	out_puts(o, "\n");
	if (l->verdict == VERDICT_CLEAN ||
	    (before != NULL && before->verdict == l->verdict &&
		strcmp(before->why, l->why) == 0))
		return;
	out_puts(o, "                 ^ ");
	out_verdict(o, l->verdict);
	if (l->why[0] != '\0') {
		out_puts(o, ": ");
		explain_text(o, l->why);
	}
	out_puts(o, "\n");
}

/* How many lines from i on are of one reading of one member.  A pickle that
 * has returned is over: what begins at a lower place is another. */
static size_t
lines_of_one(const struct report *r, size_t i)
{
	const struct line *first = &r->lines[i];
	size_t n = 1;

	while (i + n < r->line_count &&
	    strcmp(first[n].where, first->where) == 0 &&
	    (first[n].offset >= first[n - 1].offset ||
		strncmp(first[n - 1].text, "return ", strlen("return ")) != 0))
		n++;
	return n;
}

/* Did the n lines from i on stand before, word by word? */
static bool
lines_are_again(const struct report *r, size_t i, size_t n)
{
	const struct line *own = &r->lines[i];

	for (size_t k = 0; k + n <= i; k++) {
		const struct line *old = &r->lines[k];
		size_t same = 0;

		while (same < n && old[same].offset == own[same].offset &&
		    strcmp(old[same].where, own[same].where) == 0 &&
		    strcmp(old[same].text, own[same].text) == 0)
			same++;
		if (same == n)
			return true;
	}
	return false;
}

/* "the same again", or the lines. */
static void
explain_part(struct out *o, const struct report *r, size_t i, size_t n)
{
	bool again = n > 1 && lines_are_again(r, i, n);

	for (size_t k = i; k < i + n; k++) {
		if (again && k > i)
			continue;
		explain_skipped(o, r->lines[k].skipped);
		if (k == i)
			explain_where(o, r->lines[i].where);
		if (!again)
			explain_line(
			    o, &r->lines[k], k == i ? NULL : &r->lines[k - 1]);
	}
	if (again)
		out_puts(o, "                 ... the same again\n");
}

/* The pseudo-code, in the order in which a loader does it. */
static void
explain_lines(struct out *o, const struct report *r)
{
	if (r->line_count == 0 && r->in_place && r->error == NULL &&
	    r->verdict == VERDICT_CLEAN)
		out_puts(o,
		    "\nNothing in it is run: it holds numbers, text and"
		    " settings.\n");
	if (r->line_count == 0)
		return;
	out_puts(o,
	    "\nwhat loading or using it does, step by step"
	    " (none of it was run)\n");
	for (size_t i = 0, n; i < r->line_count; i += n) {
		n = lines_of_one(r, i);
		explain_part(o, r, i, n);
	}
	explain_skipped(o, r->lines_skipped);
}

static void
explain_import(struct out *o, const struct import *m)
{
	explain_column(o, m->offset, OFFSET_COLUMN);
	out_puts(o, "     ");
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

static void
explain_imports(struct out *o, const struct report *r)
{
	const char *where = NULL;

	if (r->import_count == 0)
		return;
	out_puts(o, "\nwhat it needs of Python, and what is known of that\n");
	for (size_t i = 0; i < r->import_count; i++) {
		if (where == NULL || strcmp(where, r->imports[i].where) != 0)
			explain_where(o, r->imports[i].where);
		where = r->imports[i].where;
		explain_import(o, &r->imports[i]);
	}
}

/* Are the first n bytes of member i's path one of the members before it? */
static bool
is_member(const struct report *r, size_t i, size_t n)
{
	for (size_t k = 0; k < i; k++)
		if (strlen(r->members[k].where) == n &&
		    memcmp(r->members[k].where, r->members[i].where, n) == 0)
			return true;
	return false;
}

/* Bytes that are loaded in two ways are looked at twice. */
static bool
member_is_again(const struct report *r, size_t i)
{
	const struct member *m = &r->members[i];

	for (size_t k = 0; k < i; k++) {
		const struct member *old = &r->members[k];

		if (old->offset == m->offset && old->size == m->size &&
		    strcmp(old->where, m->where) == 0 &&
		    strcmp(old->format, m->format) == 0)
			return true;
	}
	return false;
}

/* One entry of the tree, under the containers that it is in. */
static void
explain_member(struct out *o, const struct report *r, size_t i)
{
	const struct member *m = &r->members[i];
	const char *name = m->where;

	explain_column(o, m->offset, OFFSET_COLUMN);
	if (m->size == UINT64_MAX)
		out_puts(o, "               ?");
	else
		explain_column(o, m->size, SIZE_COLUMN);
	out_puts(o, "  ");
	if (m->where[0] == '\0')
		name = "the file itself";
	else if (is_member(r, i, 0))
		out_puts(o, "  ");
	for (size_t n = 0; m->where[n] != '\0'; n++) {
		if (m->where[n] != '!' || !is_member(r, i, n))
			continue;
		out_puts(o, "  ");
		name = m->where + n + 1;
	}
	explain_text(o, name);
	out_puts(o, ": ");
	explain_text(o, m->format);
	out_puts(o, "\n");
}

static void
explain_tree(struct out *o, const struct report *r)
{
	bool unknown = false;

	if (r->member_count == 0)
		return;
	out_puts(o,
	    "\nwhat is inside, as far as it is no plain numbers\n"
	    "    at byte           bytes\n");
	for (size_t i = 0; i < r->member_count; i++) {
		if (!member_is_again(r, i))
			explain_member(o, r, i);
		unknown = unknown || r->members[i].size == UINT64_MAX;
	}
	if (unknown)
		out_puts(
		    o, "  (a size is not known before all is unpacked: ?)\n");
}

void
out_explain_text(struct out *o, const char *path, const struct report *r)
{
	explain_head(o, path, r);
	explain_findings(o, r);
	explain_lines(o, r);
	explain_imports(o, r);
	explain_tree(o, r);
	explain_all_advice(o, r);
	if (r->cut)
		out_puts(o,
		    "\nThere is more than a report holds: these lists"
		    " are cut.\n");
}
