/* SPDX-License-Identifier: Apache-2.0 */
/* jinja_line: what a template does, as lines for "explain". */
#include "base/buf.h"
#include "base/own.h"
#include "base/text.h"
#include "format/jinja_inside.h"
#include "model/limits.h"

enum {
	AROUND = 240, /* bytes of a statement before and behind what matters */
	ADDED = 160,  /* bytes that are shown of a text that is added */
};

/* Append n bytes, each run of blanks and line ends as one blank. */
static enum err
squeeze(struct buf *to, const char *s, size_t n)
{
	bool blank = false;
	enum err e = ERR_OK;

	for (size_t i = 0; i < n && e == ERR_OK; i++) {
		bool is_blank = s[i] == ' ' || (s[i] >= '\t' && s[i] <= '\r');

		/* A NUL would end the line. */
		if (s[i] == '\0')
			e = buf_puts(to, "\\x00");
		else if (!is_blank)
			e = buf_add(to, &s[i], 1);
		else if (!blank)
			e = buf_puts(to, " ");
		blank = is_blank;
	}
	return e;
}

/* Is it the second or a later byte of a character? */
static bool
is_inside(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

void
jinja_line(struct jinja *j, size_t end)
{
	AUTO(buf) struct buf text = buf_new(LIMIT_LINE);
	size_t from = j->opened, to = end;
	enum verdict worst = j->worst;
	const char *s = j->lex.s;

	j->worst = VERDICT_CLEAN;
	if (worst == VERDICT_CLEAN || !j->v->report->explain)
		return;
	j->told = true;
	if (j->worst_at > from && j->worst_at - from > AROUND)
		from = j->worst_at - AROUND;
	if (to > j->worst_at && to - j->worst_at > AROUND)
		to = j->worst_at + AROUND;
	if (from > to)
		from = to;
	while (from < to && is_inside(s[from]))
		from++;
	while (to > from && to < j->lex.n && is_inside(s[to]))
		to--;
	if ((from > j->opened && buf_puts(&text, "... ") != ERR_OK) ||
	    squeeze(&text, s + from, to - from) != ERR_OK ||
	    (to < end && buf_puts(&text, " ...") != ERR_OK)) {
		report_line_skip(j->v->report, 1);
		return;
	}
	visit_line(
	    j->v, j->base + j->opened, worst, j->why, "%s", buf_text(&text));
}

void
jinja_line_trigger(struct jinja *j)
{
	AUTO(buf) struct buf text = buf_new(LIMIT_LINE);
	size_t n = j->lex.size < ADDED ? j->lex.size : ADDED;

	if (!j->v->report->explain)
		return;
	j->told = true;
	while (n > 0 && n < j->lex.size && is_inside(j->lex.text[n]))
		n--;
	if (buf_puts(&text, "when the conversation has ") != ERR_OK ||
	    text_quote(&text, j->trigger, j->trigger_size, false) != ERR_OK ||
	    buf_puts(&text, ", adds ") != ERR_OK ||
	    text_quote(&text, j->lex.text, n, false) != ERR_OK ||
	    (n < j->lex.size && buf_puts(&text, "...") != ERR_OK)) {
		report_line_skip(j->v->report, 1);
		return;
	}
	visit_line(j->v, j->base + j->lex.offset, VERDICT_SUSPICIOUS,
	    rule_row(RULE_TEMPLATE_TRIGGER)->sentence, "%s", buf_text(&text));
}
