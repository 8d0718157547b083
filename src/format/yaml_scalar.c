/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_scalar: the texts of YAML: plain, quoted, in blocks. */
#include <string.h>

#include "format/yaml_inside.h"

int
yaml_hex(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A character by its number, as UTF-8. */
static void
put_point(struct yaml_scan *y, unsigned long p)
{
	if (p < 0x80) {
		yaml_text_put(&y->text, (int)p);
	} else if (p < 0x800) {
		yaml_text_put(&y->text, (int)(0xc0 | p >> 6));
		yaml_text_put(&y->text, (int)(0x80 | (p & 0x3f)));
	} else {
		yaml_text_put(&y->text, (int)(0xe0 | (p >> 12 & 0xf)));
		yaml_text_put(&y->text, (int)(0x80 | (p >> 6 & 0x3f)));
		yaml_text_put(&y->text, (int)(0x80 | (p & 0x3f)));
	}
}

/* Behind the backslash of a double-quoted scalar. */
static void
read_escape(struct yaml_scan *y)
{
	static const char from[] = "0abtnvfre";
	static const char to[] = "\0\a\b\t\n\v\f\r\033";
	unsigned digits = y->c == 'x' ? 2
	    : y->c == 'u'             ? 4
	    : y->c == 'U'             ? 8
				      : 0;
	const char *known = y->c > 0 ? strchr(from, y->c) : NULL;
	unsigned long point = 0;

	if (digits > 0) {
		yaml_step(y);
		for (; digits > 0 && yaml_hex(y->c) >= 0; digits--) {
			point = (point << 4) + (unsigned)yaml_hex(y->c);
			yaml_step(y);
		}
		put_point(y, point);
		return;
	}
	if (y->c == '\n') { /* the line goes on without a blank */
		yaml_step(y);
		while (y->c == ' ' || y->c == '\t')
			yaml_step(y);
		return;
	}
	yaml_text_put(&y->text, known != NULL ? to[known - from] : y->c);
	if (y->c != UTEXT_END)
		yaml_step(y);
}

void
yaml_read_quoted(struct yaml_scan *y)
{
	int quote = y->c;

	yaml_text_clear(&y->text);
	yaml_step(y);
	while (y->c != UTEXT_END) {
		if (y->c == quote) {
			yaml_step(y);
			if (quote == '"' || y->c != quote)
				return;
			yaml_text_put(&y->text, quote);
			yaml_step(y);
		} else if (y->c == '\\' && quote == '"') {
			yaml_step(y);
			read_escape(y);
		} else if (y->c == '\n') { /* lines are folded */
			while (y->text.n > 0 &&
			    (y->text.s[y->text.n - 1] == ' ' ||
				y->text.s[y->text.n - 1] == '\t'))
				y->text.n--;
			yaml_text_put(&y->text, ' ');
			while (yaml_is_blank(y->c) && y->c != UTEXT_END)
				yaml_step(y);
		} else {
			yaml_text_put(&y->text, y->c);
			yaml_step(y);
		}
	}
	y->broken = true; /* it never ends */
}

/* Does a plain scalar end here? */
static bool
plain_ends(const struct yaml_scan *y, bool blank)
{
	if (y->c == '\n' || y->c == UTEXT_END || (y->c == '#' && blank))
		return true;
	if (y->c == ':' &&
	    (yaml_is_blank(y->next) ||
		(y->flow > 0 && yaml_is_flow_sign(y->next))))
		return true;
	return y->flow > 0 && yaml_is_flow_sign(y->c);
}

void
yaml_read_plain(struct yaml_scan *y)
{
	bool blank = false;

	yaml_text_clear(&y->text);
	while (!plain_ends(y, blank)) {
		blank = y->c == ' ' || y->c == '\t';
		yaml_text_put(&y->text, y->c);
		yaml_step(y);
	}
	while (y->text.n > 0 &&
	    (y->text.s[y->text.n - 1] == ' ' ||
		y->text.s[y->text.n - 1] == '\t'))
		y->text.n--;
}

/*
 * A block scalar: its header, then every line that is indented deeper than
 * the node it belongs to.
 */
void
yaml_read_block(struct yaml_scan *y)
{
	long indent = 0, least = y->node + 1 > 1 ? y->node + 1 : 1;

	yaml_text_clear(&y->text);
	for (; y->c != '\n' && y->c != UTEXT_END; yaml_step(y))
		if (y->c >= '1' && y->c <= '9')
			indent = least + (y->c - '0') - 1;
	while (y->c == '\n') {
		yaml_step(y);
		/* with no indent given, the first line that is not empty
		 * gives it */
		while (y->c == ' ' && (indent == 0 || y->column < indent))
			yaml_step(y);
		if (y->c == '\n' || y->c == UTEXT_END)
			continue;
		if (indent == 0)
			indent = y->column > least ? y->column : least;
		if (y->column < indent)
			return;
		for (; y->c != '\n' && y->c != UTEXT_END; yaml_step(y))
			yaml_text_put(&y->text, y->c);
		yaml_text_put(&y->text, '\n');
	}
}
