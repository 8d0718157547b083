/* SPDX-License-Identifier: Apache-2.0 */
/* words: titles and bodies. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "base/text.h"
#include "notify/note.h"
#include "out/out.h"

enum {
	NAME_SHOWN = 60, /* characters */
	FOLDER_SHOWN = 70,
	MESSAGE_SHOWN = 240,
	LISTED = 4, /* files of a group */
	ESCAPED_MAX = 64 * 1024
};

/* What a title says of one file. */
static const char *const titles[NOTE_KINDS] = {
	[NOTE_DENIED] = "%s %s file was blocked",
	[NOTE_QUARANTINED] = "%s %s file was put into quarantine",
	[NOTE_FLAGGED] = "%s %s file has arrived",
	[NOTE_OBSERVED] = "%s %s file was opened",
};
static const char *const many[NOTE_KINDS] = {
	[NOTE_DENIED] = "%" PRIu64 " files were blocked",
	[NOTE_QUARANTINED] = "%" PRIu64 " files were put into quarantine",
	[NOTE_FLAGGED] = "%" PRIu64 " dangerous files have arrived",
	[NOTE_OBSERVED] = "%" PRIu64 " dangerous files were opened",
};

/* The word for a verdict that a person knows. */
static const char *
word_of(enum verdict v)
{
	switch (v) {
	case VERDICT_MALICIOUS:
		return "dangerous";
	case VERDICT_SUSPICIOUS:
		return "suspicious";
	case VERDICT_UNVERIFIED:
		return "unreadable";
	case VERDICT_CLEAN:
	case VERDICT_UNKNOWN:
	case VERDICT_COUNT:
		break;
	}
	return "strange";
}

/* Plain text, n bytes of it, for a desktop that reads markup or does not. */
static enum err
put_plain(struct buf *out, const char *s, size_t n, bool markup)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < n && e == ERR_OK; i++) {
		if (markup && s[i] == '&')
			e = buf_puts(out, "&amp;");
		else if (markup && s[i] == '<')
			e = buf_puts(out, "&lt;");
		else if (markup && s[i] == '>')
			e = buf_puts(out, "&gt;");
		else
			e = buf_add(out, s + i, 1);
	}
	return e;
}

/* Hostile text in at most so many characters. */
static enum err
put_hostile(struct buf *out, const char *s, size_t most, bool markup)
{
	AUTO(buf) struct buf text = buf_new(ESCAPED_MAX);
	enum err e = text_escape(&text, s, strlen(s));
	const char *t = buf_text(&text);
	size_t n = 0, shown = 0;

	if (e != ERR_OK)
		return e;
	for (; t[n] != '\0'; n++) {
		bool begins = ((uint8_t)t[n] & 0xc0) != 0x80;

		if (begins && shown == most)
			break;
		shown += begins;
	}
	e = put_plain(out, t, n, markup);
	return e == ERR_OK && t[n] != '\0' ? buf_puts(out, "\xe2\x80\xa6") : e;
}

static const char *
name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL || slash[1] == '\0' ? path : slash + 1;
}

/* Its name, so that it stands out, and where it is. */
static enum err
put_file(struct buf *out, const struct note *n, bool markup, bool folder)
{
	const char *name = name_of(n->path);
	char where[NOTE_PATH];
	enum err e = buf_puts(out, markup ? "<b>" : "");

	if (e == ERR_OK)
		e = put_hostile(out, name, NAME_SHOWN, markup);
	if (e == ERR_OK)
		e = buf_puts(out, markup ? "</b>" : "");
	if (e != ERR_OK || !folder || name - n->path < 2)
		return e;
	(void)snprintf(
	    where, sizeof(where), "%.*s", (int)(name - n->path - 1), n->path);
	if ((e = buf_puts(out, "\nin ")) != ERR_OK)
		return e;
	return put_hostile(out, where, FOLDER_SHOWN, markup);
}

/* What it would do, as a sentence. */
static enum err
put_reason(struct buf *out, const struct note *n, bool markup)
{
	const char *text =
	    n->message[0] == '\0' ? out_verdict_text(n->verdict) : n->message;
	char first[2] = { text[0], '\0' };
	enum err e = buf_puts(out, "\n");

	if (first[0] >= 'a' && first[0] <= 'z')
		first[0] = (char)(first[0] - 'a' + 'A');
	else
		first[0] = '\0';
	if (e == ERR_OK)
		e = buf_puts(out, first);
	if (e == ERR_OK)
		e = put_hostile(
		    out, text + (first[0] != '\0'), MESSAGE_SHOWN, markup);
	return e == ERR_OK ? buf_puts(out, ".") : e;
}

/* What came of it. */
static enum err
put_outcome(struct buf *out, const struct note *n, bool markup)
{
	static const char *const ends[NOTE_KINDS] = {
		[NOTE_DENIED] = " wanted to open it and got nothing of it.",
		[NOTE_QUARANTINED] =
		    " wanted to open it and got nothing of it.",
		[NOTE_FLAGGED] = " brought it.",
		[NOTE_OBSERVED] = " opened it: the guard only observes.",
	};
	enum err e;

	if (n->exe[0] == '\0')
		return ERR_OK;
	if ((e = buf_puts(out, "\n")) != ERR_OK ||
	    (e = put_hostile(out, name_of(n->exe), NAME_SHOWN, markup)) !=
		ERR_OK ||
	    (e = buf_puts(out, ends[n->kind])) != ERR_OK)
		return e;
	return n->times > 1 ? buf_printf(out, " (%" PRIu64 " times)", n->times)
			    : ERR_OK;
}

const char *
group_title(const struct group *g, char *text, size_t size)
{
	enum note_kind kind = g->notes[0].kind;
	const char *word = word_of(g->notes[0].verdict);

	for (size_t i = 1; i < g->count; i++)
		if (g->notes[i].kind < kind)
			kind = g->notes[i].kind;
			/* The formats are the constants above. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	if (g->files == 1)
		(void)snprintf(text, size, titles[kind],
		    strchr("aeiou", word[0]) != NULL ? "An" : "A", word);
	else
		(void)snprintf(text, size, many[kind], g->files);
#pragma GCC diagnostic pop
	return text;
}

enum err
group_body(const struct group *g, bool markup, struct buf *out)
{
	enum err e = ERR_OK;
	size_t listed = g->count < LISTED ? g->count : LISTED;

	if (g->files == 1) {
		if ((e = put_file(out, &g->notes[0], markup, true)) != ERR_OK ||
		    (e = put_reason(out, &g->notes[0], markup)) != ERR_OK)
			return e;
		return put_outcome(out, &g->notes[0], markup);
	}
	for (size_t i = 0; i < listed && e == ERR_OK; i++) {
		e = buf_puts(out, i == 0 ? "" : "\n");
		if (e == ERR_OK)
			e = put_file(out, &g->notes[i], markup, false);
		if (e == ERR_OK)
			e = buf_printf(
			    out, " (%s)", word_of(g->notes[i].verdict));
	}
	if (e == ERR_OK && g->files > listed)
		e = buf_printf(
		    out, "\nand %" PRIu64 " more", g->files - listed);
	return e;
}

enum err
note_details(const struct note *n, bool markup, struct buf *out)
{
	AUTO(buf) struct buf advice = buf_new(ESCAPED_MAX);
	enum err e;

	if ((e = put_file(out, n, markup, true)) != ERR_OK ||
	    (e = put_reason(out, n, markup)) != ERR_OK ||
	    (e = put_outcome(out, n, markup)) != ERR_OK ||
	    (e = buf_puts(out, "\n\n")) != ERR_OK)
		return e;
	if (out_advice(&advice, n->rule))
		e = put_plain(out, buf_text(&advice), advice.size, markup);
	else
		e = buf_printf(
		    out, "What to do: %s.", out_verdict_advice(n->verdict));
	if (e != ERR_OK ||
	    (e = buf_puts(out, "\n\nMore in a terminal: ckptguard why ")) !=
		ERR_OK)
		return e;
	return put_hostile(out, name_of(n->path), NAME_SHOWN, markup);
}
