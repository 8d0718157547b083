/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_scan: characters to tokens. */
#include "format/yaml_inside.h"

#include <stdio.h>
#include <string.h>

static const char core_prefix[] = "tag:yaml.org,2002:";

void
yaml_step(struct yaml_scan *y)
{
	if (y->c == '\n') {
		y->column = 0;
		y->line_start = true;
	} else {
		if (y->c != ' ' && y->c != '\t')
			y->line_start = false;
		/* one column for a character, not for each of its bytes */
		if ((y->c & 0xc0) != 0x80)
			y->column++;
	}
	y->c = y->next;
	y->next = utext_next(&y->in);
	/* a carriage return ends a line, alone or before a line feed */
	if (y->c == '\r')
		y->c = y->next == '\n' ? ' ' : '\n';
}

void
yaml_scan_begin(struct yaml_scan *y, const struct source *s, uint64_t max)
{
	memset(y, 0, sizeof(*y));
	utext_begin(&y->in, s, max);
	y->c = utext_next(&y->in);
	y->next = utext_next(&y->in);
	y->node = -1;
	y->line_start = true;
}

bool
yaml_is(const struct yaml_scan *y, const char *text)
{
	size_t n = strlen(text);

	return y->text.n == n && memcmp(y->text.s, text, n) == 0;
}

bool
yaml_is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == UTEXT_END;
}

bool
yaml_is_flow_sign(int c)
{
	return c == ',' || c == '[' || c == ']' || c == '{' || c == '}';
}

void
yaml_text_put(struct yaml_text *t, int c)
{
	if (t->n < sizeof(t->s))
		t->s[t->n++] = (char)c;
	else
		t->cut = true;
}

void
yaml_text_clear(struct yaml_text *t)
{
	t->n = 0;
	t->cut = false;
}

/* Blanks and comments.  In block style a line's end matters to nobody but
 * keys, which ask for it by themselves. */
static void
skip_blanks(struct yaml_scan *y, bool lines)
{
	bool blank = y->line_start;

	for (;;) {
		if (y->c == ' ' || y->c == '\t' || (lines && y->c == '\n')) {
			blank = true;
			yaml_step(y);
		} else if (y->c == '#' && blank) {
			while (y->c != '\n' && y->c != UTEXT_END)
				yaml_step(y);
		} else {
			return;
		}
	}
}

/* A name up to a blank (or a sign of flow style). */
static void
read_name(struct yaml_scan *y, char name[YAML_NAME_MAX])
{
	size_t n = 0;

	while (
	    !yaml_is_blank(y->c) && !(y->flow > 0 && yaml_is_flow_sign(y->c))) {
		if (n + 1 < YAML_NAME_MAX)
			name[n++] = (char)y->c;
		yaml_step(y);
	}
	name[n] = '\0';
}

/* A character of a tag, with %xx read as what it means. */
static void
tag_step(struct yaml_scan *y)
{
	int c = y->c;

	yaml_step(y);
	if (c == '%' && yaml_hex(y->c) >= 0 && yaml_hex(y->next) >= 0) {
		c = yaml_hex(y->c) * 16 + yaml_hex(y->next);
		yaml_step(y);
		yaml_step(y);
	}
	yaml_text_put(&y->text, c);
}

/* What a handle of a tag stands for. */
static const char *
handle_prefix(const struct yaml_scan *y, const char *handle)
{
	for (size_t i = y->handle_count; i > 0; i--)
		if (strcmp(y->handles[i - 1].name, handle) == 0)
			return y->handles[i - 1].prefix;
	return strcmp(handle, "!!") == 0 ? core_prefix : handle;
}

/* Put what the handle stands for in front of the suffix in text, and drop the
 * prefix of YAML's own tags. */
static void
tag_resolve(struct yaml_scan *y, size_t handle_size)
{
	const size_t core = sizeof(core_prefix) - 1;
	char handle[YAML_NAME_MAX];
	char whole[YAML_TEXT_MAX + YAML_NAME_MAX];
	size_t n;

	if (handle_size >= sizeof(handle))
		handle_size = sizeof(handle) - 1;
	memcpy(handle, y->text.s, handle_size);
	handle[handle_size] = '\0';
	n = (size_t)snprintf(whole, sizeof(whole), "%s%.*s",
	    handle_size == 0 ? "" : handle_prefix(y, handle),
	    (int)(y->text.n - handle_size), y->text.s + handle_size);
	if (n >= sizeof(whole))
		n = sizeof(whole) - 1;
	y->core = n >= core && memcmp(whole, core_prefix, core) == 0;
	yaml_text_clear(&y->text);
	for (size_t i = y->core ? core : 0; i < n; i++)
		yaml_text_put(&y->text, whole[i]);
}

/* !suffix, !!suffix, !handle!suffix, !<whole> */
static enum yaml_kind
read_tag(struct yaml_scan *y)
{
	size_t handle = 1;

	yaml_text_clear(&y->text);
	yaml_step(y);
	if (y->c == '<') {
		yaml_step(y);
		while (!yaml_is_blank(y->c) && y->c != '>')
			tag_step(y);
		if (y->c == '>')
			yaml_step(y);
		tag_resolve(y, 0);
		return YAML_TAG;
	}
	yaml_text_put(&y->text, '!');
	while (
	    !yaml_is_blank(y->c) && !(y->flow > 0 && yaml_is_flow_sign(y->c))) {
		if (y->c == '!' && !y->text.cut)
			handle = y->text.n + 1;
		tag_step(y);
	}
	tag_resolve(y, handle);
	return YAML_TAG;
}

/* %TAG !e! tag:yaml.org,2002:python/ */
static void
read_directive(struct yaml_scan *y)
{
	char word[YAML_NAME_MAX];

	read_name(y, word);
	if (strcmp(word, "%TAG") == 0 && y->handle_count < YAML_HANDLES) {
		skip_blanks(y, false);
		read_name(y, y->handles[y->handle_count].name);
		skip_blanks(y, false);
		read_name(y, y->handles[y->handle_count].prefix);
		y->handle_count++;
	}
	while (y->c != '\n' && y->c != UTEXT_END)
		yaml_step(y);
}

/* Remember a scalar that has an anchor. */
static void
anchor_keep(struct yaml_scan *y)
{
	if (y->anchor[0] != '\0' && y->anchor_count < YAML_ANCHORS) {
		size_t i = y->anchor_count++;

		memcpy(y->anchors[i].name, y->anchor, sizeof(y->anchor));
		memcpy(y->anchors[i].text, y->text.s, y->text.n);
		y->anchors[i].n = y->text.n;
	}
	y->anchor[0] = '\0';
}

/* The scalar that an alias stands for, or an empty one. */
static void
read_alias(struct yaml_scan *y)
{
	char name[YAML_NAME_MAX];

	yaml_step(y);
	read_name(y, name);
	yaml_text_clear(&y->text);
	for (size_t i = y->anchor_count; i > 0; i--)
		if (strcmp(y->anchors[i - 1].name, name) == 0) {
			memcpy(y->text.s, y->anchors[i - 1].text,
			    y->anchors[i - 1].n);
			y->text.n = y->anchors[i - 1].n;
			return;
		}
}

/* Is what was read a key?  Then the colon is taken. */
static bool
take_colon(struct yaml_scan *y)
{
	skip_blanks(y, y->flow > 0);
	if (y->c != ':' || (y->flow == 0 && !yaml_is_blank(y->next)))
		return false;
	yaml_step(y);
	return true;
}

/* A scalar was read that began at column: a key, or a value? */
static enum yaml_kind
scalar_end(struct yaml_scan *y, long column)
{
	bool first = !y->content;

	anchor_keep(y);
	y->content = true;
	y->dangling = false;
	if (take_colon(y)) {
		if (y->flow == 0)
			y->node = column;
		return YAML_KEY;
	}
	/* between the keys of a mapping stands no text */
	if (y->flow == 0 && column == 0 && !first && y->node >= 0)
		y->broken = true;
	y->dangling = true;
	return YAML_VALUE;
}

static enum yaml_kind
document_end(struct yaml_scan *y)
{
	y->node = -1;
	y->flow = 0;
	y->content = false;
	y->dangling = false;
	y->anchor[0] = '\0';
	return YAML_DOCUMENT;
}

/* "---" or "..." at the start of a line */
static bool
take_mark(struct yaml_scan *y, int sign)
{
	unsigned n = 0;

	if (y->column != 0 || y->c != sign || y->next != sign)
		return false;
	while (y->c == sign && n < 3) {
		yaml_step(y);
		n++;
	}
	return n == 3 && yaml_is_blank(y->c);
}

static enum yaml_kind
read_scalar(struct yaml_scan *y)
{
	long column = y->column;

	if (y->c == '"' || y->c == '\'')
		yaml_read_quoted(y);
	else if (y->c == '*')
		read_alias(y);
	else
		yaml_read_plain(y);
	return scalar_end(y, column);
}

/* A sign that stands for itself and is no token to the caller. */
static bool
take_sign(struct yaml_scan *y)
{
	if (y->c == '%' && y->column == 0 && y->flow == 0) {
		read_directive(y);
		return true;
	}
	if (y->c == '&') {
		yaml_step(y);
		read_name(y, y->anchor);
		return true;
	}
	if (y->c == ']' || y->c == '}') {
		y->flow -= y->flow > 0;
		yaml_step(y);
		return true;
	}
	if (y->flow > 0 && y->c == ',') {
		yaml_step(y);
		return true;
	}
	if ((y->c == '-' || y->c == '?') && yaml_is_blank(y->next)) {
		if (y->flow == 0)
			y->node = y->column;
		y->content = true;
		yaml_step(y);
		return true;
	}
	return false;
}

enum yaml_kind
yaml_scan_next(struct yaml_scan *y)
{
	do {
		skip_blanks(y, true);
		y->at = utext_at(&y->in);
		if (y->c == UTEXT_END) {
			if (y->ended)
				return YAML_END;
			y->ended = true;
			return document_end(y);
		}
		if (take_mark(y, '-') || take_mark(y, '.'))
			return document_end(y);
	} while (take_sign(y));
	if (y->c == '!')
		return read_tag(y);
	if (y->c == '[' || y->c == '{') {
		y->flow++;
		y->content = true;
		yaml_step(y);
		return YAML_OPEN;
	}
	if ((y->c == '|' || y->c == '>') && y->flow == 0) {
		yaml_read_block(y);
		anchor_keep(y);
		y->content = true;
		return YAML_VALUE;
	}
	if (y->c == ':' &&
	    (yaml_is_blank(y->next) || y->flow > 0)) { /* behind "? key" */
		bool key = y->dangling;

		yaml_step(y);
		if (!key)
			yaml_text_clear(&y->text);
		y->dangling = false;
		return YAML_KEY;
	}
	return read_scalar(y);
}
