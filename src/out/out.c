/* SPDX-License-Identifier: Apache-2.0 */
/* out: the stream, and the words that all forms share. */
#include "out/out.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "out/html.h"

enum {
	OUT_FULL = 64 * 1024, /* bytes that wait before they are written */
	/* One escaped string: at most six times a report's largest. */
	OUT_MAX = 64 * 1024 * 1024,
	OUT_EXTRA_MAX = 1024 * 1024,
	OUT_NOTES_MAX = 16 * 1024 * 1024,
	OUT_ARENA_MAX = 64 * 1024,
};

struct verdict_words {
	const char *text;
	const char *advice;
	const char *colour;
};

static const struct verdict_words words[VERDICT_COUNT] = {
	[VERDICT_CLEAN] = { "loading it runs no code of its own", "",
	    "\x1b[32m" },
	[VERDICT_UNKNOWN] = { "loading it may run code that ckptguard does not "
			      "know",
	    "load it only if you trust who made it, and the code that it names",
	    "\x1b[36m" },
	[VERDICT_UNVERIFIED] = { "it could not be read whole, so nothing is"
				 " known about the rest",
	    "do not load it as it is: get it again, or unpack it and scan what"
	    " is inside",
	    "\x1b[35m" },
	[VERDICT_SUSPICIOUS] = { "no honest writer makes such a file",
	    "do not load it: ask its author for a .safetensors file",
	    "\x1b[33m" },
	[VERDICT_MALICIOUS] = { "loading it runs something harmful, or it hides"
				" what it runs",
	    "do not load it: delete it, and get the model from a source that"
	    " you trust",
	    "\x1b[1;31m" },
};

static const struct verdict_words *
words_of(enum verdict v)
{
	return &words[(unsigned)v < VERDICT_COUNT ? v : VERDICT_UNVERIFIED];
}

const char *
out_verdict_text(enum verdict v)
{
	return words_of(v)->text;
}

const char *
out_verdict_advice(enum verdict v)
{
	return words_of(v)->advice;
}

const struct writer *
out_writer(const char *name)
{
	static const struct writer *const writers[] = { &out_text, &out_jsonl,
		&out_sarif, &out_html };

	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++)
		if (strcmp(writers[i]->name, name) == 0)
			return writers[i];
	return NULL;
}

struct out
out_new(int fd, bool colour)
{
	return (struct out){ .buf = buf_new(OUT_MAX),
		.fd = fd,
		.colour = colour,
		.extra = buf_new(OUT_EXTRA_MAX),
		.notes = buf_new(OUT_NOTES_MAX),
		.spool = -1,
		.arena = arena_new(OUT_ARENA_MAX) };
}

void
out_free(struct out *o)
{
	if (o == NULL)
		return;
	buf_free(&o->buf);
	buf_free(&o->extra);
	buf_free(&o->notes);
	html_free(o->html);
	o->html = NULL;
	arena_free(&o->arena);
}

enum err
out_flush(struct out *o)
{
	size_t at = 0;

	if (o->before != NULL && o->buf.size != 0)
		o->before(o->context);
	while (at < o->buf.size && o->error == 0) {
		ssize_t n = write(o->fd, o->buf.data + at, o->buf.size - at);

		if (n > 0)
			at += (size_t)n;
		else if (n == -1 && errno != EINTR)
			o->error = errno;
	}
	o->written += o->buf.size;
	buf_clear(&o->buf);
	return o->error == 0 ? ERR_OK : ERR_SYS;
}

/* After each append: remember that it failed, and don't let much wait. */
static void
out_after(struct out *o, enum err e)
{
	if (e != ERR_OK && o->error == 0)
		o->error = e == ERR_NOMEM ? ENOMEM : EFBIG;
	if (o->buf.size >= OUT_FULL)
		(void)!out_flush(o); /* the error stays in o */
}

void
out_puts(struct out *o, const char *text)
{
	out_after(o, buf_puts(&o->buf, text));
}

void
out_add(struct out *o, const void *data, size_t n)
{
	out_after(o, buf_add(&o->buf, data, n));
}

void
out_number(struct out *o, uint64_t n)
{
	out_after(o, buf_printf(&o->buf, "%" PRIu64, n));
}

void
out_grouped(struct out *o, uint64_t n)
{
	char text[32];
	size_t length = (size_t)snprintf(text, sizeof(text), "%" PRIu64, n);

	for (size_t i = 0; i < length; i++) {
		if (i != 0 && (length - i) % 3 == 0)
			out_puts(o, ",");
		out_add(o, text + i, 1);
	}
}

void
out_size(struct out *o, uint64_t bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB",
		"EB" };
	double n = (double)bytes;
	size_t unit = 0;

	while (n >= 999.5) {
		n /= 1000;
		unit++;
	}
	out_after(o,
	    buf_printf(&o->buf, unit != 0 && n < 9.95 ? "%.1f %s" : "%.0f %s",
		n, units[unit]));
}

void
out_read(struct out *o, const struct out_totals *t)
{
	uint64_t all = out_bytes(t);

	out_size(o, t->bytes_read);
	out_puts(o, t->bytes_read > all ? " unpacked from " : " of ");
	out_size(o, all);
}

void
out_see_rule(struct out *o, const char *id)
{
	const char *at = buf_text(&o->extra), *end = at + o->extra.size;

	for (unsigned i = 0; i < RULE_COUNT; i++) {
		if (strcmp(rule_row((enum rule)i)->id, id) == 0) {
			o->seen[i] = true;
			return;
		}
	}
	while (at < end && strcmp(at, id) != 0)
		at += strlen(at) + 1;
	/* A rule that is not described is still a rule that was found. */
	if (at == end)
		(void)!buf_add(&o->extra, id, strlen(id) + 1);
}

void
out_count(struct out_totals *t, const struct report *r)
{
	if (r->error != NULL) {
		t->failed++;
	} else {
		t->verdicts[r->verdict]++;
		t->sizes[r->verdict] += r->size;
	}
	t->bytes_read += r->bytes_read;
	tally_add(&t->formats, r->format, strlen(r->format), r);
}

uint64_t
out_files(const struct out_totals *t)
{
	uint64_t n = t->failed;

	for (size_t v = 0; v < VERDICT_COUNT; v++)
		n += t->verdicts[v];
	return n;
}

uint64_t
out_bytes(const struct out_totals *t)
{
	uint64_t n = 0;

	for (size_t v = 0; v < VERDICT_COUNT; v++)
		n += t->sizes[v];
	return n;
}

void
out_escaped(struct out *o, const char *s, size_t n)
{
	out_after(o, text_escape(&o->buf, s, n));
}

void
out_escaped_again(struct out *o, const char *s, size_t n)
{
	out_after(o, text_escape_again(&o->buf, s, n));
}

void
out_string(struct out *o, const char *s, size_t n)
{
	out_puts(o, "\"");
	out_after(o, text_json(&o->buf, s, n));
	out_puts(o, "\"");
}

void
out_member(struct out *o, bool first, const char *key, const char *text)
{
	out_puts(o, first ? "\"" : ",\"");
	out_puts(o, key);
	out_puts(o, "\":");
	out_string(o, text, strlen(text));
}

void
out_verdict(struct out *o, enum verdict v)
{
	if (o->colour)
		out_puts(o, words_of(v)->colour);
	out_puts(o, verdict_name(v));
	if (o->colour)
		out_puts(o, "\x1b[0m");
}
