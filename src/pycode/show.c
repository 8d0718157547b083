/* SPDX-License-Identifier: Apache-2.0 */
/* show: the words of marshalled code. */
#include "pycode/show.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "pycode/marshal.h"

enum {
	WORDS_MAX = 700, /* bytes shown of its names, and of its texts */
	WORD_MAX = 80,   /* and of one of them */
};

struct code_words {
	struct buf names, texts;
	const char *worst; /* the one that stands first; "" if none */
	bool more;         /* than are shown */
};

static void
word_add(struct code_words *w, struct buf *to, const char *s, size_t n)
{
	size_t before = to->size, shown = n < WORD_MAX ? n : WORD_MAX;
	enum err e = ERR_OK;

	while (
	    shown > 0 && shown < n && ((unsigned char)s[shown] & 0xc0) == 0x80)
		shown--;
	if (before > 0)
		e = buf_puts(to, ", ");
	if (e == ERR_OK && to == &w->names && shown == n &&
	    text_identifier(s, n))
		e = buf_add(to, s, n);
	else if (e == ERR_OK)
		e = text_quote(to, s, shown, false);
	if (e == ERR_OK && shown < n)
		e = buf_puts(to, "...");
	if (e == ERR_OK)
		return;
	w->more = true;
	to->size = before;
	if (to->data != NULL)
		to->data[before] = '\0';
}

static bool
is_worst(const struct code_words *w, const char *s, size_t n)
{
	return strlen(w->worst) == n && memcmp(w->worst, s, n) == 0;
}

static void
word_name(void *context, const char *s, size_t n)
{
	struct code_words *w = context;

	if (!is_worst(w, s, n))
		word_add(w, &w->names, s, n);
}

static void
word_text(void *context, const char *s, size_t n)
{
	struct code_words *w = context;

	if (n > 0 && !is_worst(w, s, n))
		word_add(w, &w->texts, s, n);
}

static void
word_none(void *context, const uint8_t *code, size_t n)
{
	(void)context;
	(void)code;
	(void)n;
}

static enum err
words_put(struct buf *out, const struct code_words *w)
{
	enum err e = ERR_OK;

	if (w->names.size > 0)
		e = buf_printf(out, "which uses %s", buf_text(&w->names));
	if (e == ERR_OK && w->texts.size > 0)
		e = buf_printf(out, "%s the texts %s",
		    w->names.size == 0 ? "which has" : " and",
		    buf_text(&w->texts));
	return e == ERR_OK && w->more ? buf_puts(out, " and more") : e;
}

enum err
pycode_show(
    struct buf *out, const struct pycode *judged, const void *data, size_t n)
{
	struct code_words w = { buf_new(WORDS_MAX), buf_new(WORDS_MAX),
		judged->evidence, false };
	const struct marshal_sink sink = { .context = &w,
		.name = word_name,
		.constant = word_text,
		.code = word_none };
	size_t before = out->size, worst = strlen(judged->evidence);
	enum err e;

	/* What matters must not fall behind a crowd of words. */
	if (worst > 0)
		word_add(&w,
		    text_identifier(judged->evidence, worst) ? &w.names
							     : &w.texts,
		    judged->evidence, worst);
	if ((e = marshal_walk(data, n, &sink, NULL)) == ERR_OK)
		e = words_put(out, &w);
	if (e != ERR_OK) {
		out->size = before;
		if (out->data != NULL)
			out->data[before] = '\0';
	}
	buf_free(&w.names);
	buf_free(&w.texts);
	return e;
}
