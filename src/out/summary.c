/* SPDX-License-Identifier: Apache-2.0 */
/* summary: what a scan of many files says at its end, as a table. */
#include <string.h>

#include "base/own.h"
#include "out/out.h"

enum {
	SUMMARY_FROM = 10, /* fewer files are a list that a person reads */
	FORMATS_SHOWN = 3,
	WIDTH_VERDICT = 12, /* columns */
	WIDTH_FILES = 11,
	WIDTH_SIZE = 9,
	US_PER_S = 1000 * 1000,
	US_PER_TENTH = 100 * 1000,
};

/* What put() writes, at the right end of a column. */
static void
summary_right(struct out *o, void (*put)(struct out *, uint64_t), uint64_t n,
    size_t width)
{
	AUTO(out) struct out cell = out_new(-1, false);

	put(&cell, n);
	for (size_t i = cell.buf.size; i < width; i++)
		out_puts(o, " ");
	out_puts(o, buf_text(&cell.buf));
}

static void
summary_blanks(struct out *o, size_t used, size_t width)
{
	for (; used < width; used++)
		out_puts(o, " ");
}

/* The format with the most files of a verdict, but below where the one before
 * stands in the order by number; NULL: there is none. */
static const struct tally_row *
summary_next(const struct tally_row *rows, size_t count, enum verdict v,
    const struct tally_row *before)
{
	const struct tally_row *best = NULL;

	for (size_t i = 0; i < count; i++) {
		uint64_t n = rows[i].files[v];

		if (n == 0 ||
		    (before != NULL &&
			(n > before->files[v] ||
			    (n == before->files[v] && &rows[i] <= before))))
			continue;
		if (best == NULL || n > best->files[v])
			best = &rows[i];
	}
	return best;
}

/* "torch-zip 3, pickle 1", of the files of one verdict. */
static void
summary_formats(
    struct out *o, const struct tally_row *rows, size_t count, enum verdict v)
{
	const struct tally_row *row = NULL;
	uint64_t rest = 0;

	for (size_t i = 0; i < count; i++)
		rest += rows[i].files[v];
	for (size_t i = 0; i < FORMATS_SHOWN; i++) {
		const char *name;

		if ((row = summary_next(rows, count, v, row)) == NULL)
			break;
		name = strcmp(row->name, "other") == 0 ? "no model" : row->name;
		out_puts(o, i == 0 ? "  " : ", ");
		out_escaped(o, name, strlen(name));
		out_puts(o, " ");
		out_grouped(o, row->files[v]);
		rest -= row->files[v];
	}
	if (rest != 0) {
		out_puts(o, ", of other formats ");
		out_grouped(o, rest);
	}
	out_puts(o, "\n");
}

/* "looked at 1.2 MB of 3.4 GB in 5.6 s: 789 files a second" */
static void
summary_speed(struct out *o, const struct out_totals *t)
{
	uint64_t us = t->elapsed_us;

	out_puts(o, "looked at ");
	out_read(o, t);
	if (us != 0) {
		out_puts(o, " in ");
		out_grouped(o, us / US_PER_S);
		out_puts(o, ".");
		out_number(o, us % US_PER_S / US_PER_TENTH);
		out_puts(o, " s, ");
		out_grouped(o,
		    (uint64_t)((double)out_files(t) * US_PER_S / (double)us));
		out_puts(o, " files a second");
	}
	out_puts(o, "\n");
}

void
out_summary(struct out *o, struct out_totals *t)
{
	const struct tally_row *rows;
	size_t count;

	if (out_files(t) < SUMMARY_FROM)
		return;
	rows = tally_sort(&t->formats, &count);
	out_puts(o, "\nverdict           files     size  formats\n");
	for (size_t i = VERDICT_COUNT; i-- > 0;) {
		enum verdict v = (enum verdict)i;

		if (t->verdicts[v] == 0)
			continue;
		out_verdict(o, v);
		summary_blanks(o, strlen(verdict_name(v)), WIDTH_VERDICT);
		summary_right(o, out_grouped, t->verdicts[v], WIDTH_FILES);
		summary_right(o, out_size, t->sizes[v], WIDTH_SIZE);
		summary_formats(o, rows, count, v);
	}
	if (t->failed != 0) {
		out_puts(o, "not scanned ");
		summary_right(o, out_grouped, t->failed, WIDTH_FILES);
		out_puts(o, "\n");
	}
	summary_speed(o, t);
}
