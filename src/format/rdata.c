/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rdata: R's serialized objects: .rds, .rda, .RData.
 *
 *	RDX3\n			a file of load(), or nothing: readRDS()
 *	X\n			XDR; A\n is text, B\n the writer's byte order
 *	i32 version, i32 writer, i32 least reader; version 3: a text
 *	item			i32 flags: type, has attributes, has tag;
 *				then what the type says, items among it
 *
 * An item is a number of items more, so that a stack of such numbers reads it.
 * A promise that has no value yet is a program that runs when somebody looks at
 * it (CVE-2024-27322): honest ones lie in environments alone, as arguments
 * that nobody used.  A .rda that binds the names of R's own functions, or what
 * R runs at its start, is a trap.  Calls of formulas and functions are honest.
 *
 * Reference: R src/main/serialize.c; R Internals, 1.8 Serialization Formats.
 */
#include "format/rdata_item.h"

#include <string.h>

#include "base/own.h"
#include "format/formats.h"

enum {
	HEADER_MAX = 7, /* RDX3\nX\n */
	FRONT = 14,
	VERSION_MAX = 3,
	WORD = 4,
};

/* Names that matter to somebody. */
static const struct {
	const char *name;
	uint8_t watch;
} watched[] = { { "system", WATCH_CALL }, { "system2", WATCH_CALL },
	{ "shell", WATCH_CALL }, { "shell.exec", WATCH_CALL },
	{ "dyn.load", WATCH_CALL }, { "socketConnection", WATCH_CALL },
	{ "pipe", WATCH_CALL }, { "download.file", WATCH_CALL },
	{ ".External", WATCH_CALL }, { ".First", WATCH_SHADOW },
	{ ".Last", WATCH_SHADOW }, { ".First.sys", WATCH_SHADOW },
	{ "print", WATCH_SHADOW }, { "c", WATCH_SHADOW },
	{ "library", WATCH_SHADOW }, { "require", WATCH_SHADOW },
	{ "predict", WATCH_SHADOW }, { "summary", WATCH_SHADOW },
	{ "load", WATCH_SHADOW }, { "readRDS", WATCH_SHADOW },
	{ "list", WATCH_SHADOW }, { "data.frame", WATCH_SHADOW },
	{ "length", WATCH_SHADOW }, { "cat", WATCH_SHADOW },
	{ "ls", WATCH_SHADOW }, { "q", WATCH_SHADOW }, { "(", WATCH_SHADOW },
	{ "{", WATCH_SHADOW }, { "+", WATCH_SHADOW }, { "[", WATCH_SHADOW },
	{ "<-", WATCH_SHADOW }, { "if", WATCH_SHADOW } };

uint8_t
rdata_watch(const char *name, size_t n)
{
	for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++)
		if (strlen(watched[i].name) == n &&
		    memcmp(watched[i].name, name, n) == 0)
			return (uint8_t)(i + 1);
	return 0;
}

enum rdata_watch
rdata_watch_kind(uint8_t watch)
{
	return watch == 0 ? WATCH_NONE
			  : (enum rdata_watch)watched[watch - 1].watch;
}

const char *
rdata_watch_name(uint8_t watch)
{
	return watch == 0 ? "" : watched[watch - 1].name;
}

/* How it is written: 'X', 'A', 'B', or 0; *at is behind that. */
static char
form_find(const uint8_t *p, size_t n, size_t *at)
{
	*at = 0;
	if (n >= HEADER_MAX && p[0] == 'R' && p[1] == 'D' &&
	    (p[3] == '2' || p[3] == '3') && p[4] == '\n')
		*at = 5;
	if (n < *at + 2 || p[*at + 1] != '\n')
		return 0;
	*at += 2;
	return p[*at - 2] == 'X' || p[*at - 2] == 'A' || p[*at - 2] == 'B'
	    ? (char)p[*at - 2]
	    : 0;
}

static enum sniff
rdata_sniff(const struct source *s, struct cursor head)
{
	size_t at, n = cursor_left(&head);
	const uint8_t *p = cursor_take(&head, n);
	char form = form_find(p, n, &at);

	(void)s;
	if (form == 0 || n < FRONT)
		return SNIFF_NO;
	if (at == HEADER_MAX)
		return SNIFF_YES;
	/* two letters are little: the version must follow */
	if (form == 'A')
		return (p[at] == '2' || p[at] == '3') && p[at + 1] == '\n'
		    ? SNIFF_MAYBE
		    : SNIFF_NO;
	if (form == 'B')
		return (p[at] == 2 || p[at] == 3) && p[at + 1] == 0 &&
			p[at + 2] == 0 && p[at + 3] == 0
		    ? SNIFF_MAYBE
		    : SNIFF_NO;
	return p[at] == 0 && p[at + 1] == 0 && p[at + 2] == 0 &&
		(p[at + 3] == 2 || p[at + 3] == 3)
	    ? SNIFF_YES
	    : SNIFF_NO;
}

/* Version, and of version 3 the writer's encoding. */
static enum err
header_read(struct rdata *r)
{
	int32_t version, n;
	enum err e;

	if ((e = rdata_int(r, &version)) != ERR_OK ||
	    (e = rdata_int(r, &n)) != ERR_OK ||
	    (e = rdata_int(r, &n)) != ERR_OK)
		return e;
	if (version < 2 || version > VERSION_MAX)
		return ERR_UNSUPPORTED;
	if (version < VERSION_MAX)
		return ERR_OK;
	if ((e = rdata_int(r, &n)) != ERR_OK)
		return e;
	return n < 0 ? ERR_MALFORMED : rdata_text(r, (uint64_t)n, NULL, 0);
}

static void
judge(struct rdata *r)
{
	if (r->calls == NULL)
		return;
	visit_find(r->visit, r->lazy ? RULE_RDATA_PROMISE : RULE_RDATA_CALL,
	    r->call_at, "%s", r->calls);
}

static enum err
walk(struct rdata *r, const struct source *s, char form, size_t at)
{
	enum err e = stream_open(&r->in, s);

	if (e != ERR_OK)
		return e;
	r->form = form;
	if ((e = stream_skip(&r->in, at)) == ERR_OK)
		e = header_read(r);
	if (e == ERR_OK)
		e = rdata_items(r);
	judge(r);
	stream_free(&r->in);
	return e;
}

static enum err
rdata_walk(struct visit *v, const struct source *s)
{
	AUTO_FREE struct rdata *r = NULL;
	uint8_t front[HEADER_MAX];
	size_t got, at;
	enum err e;
	char form;

	if ((e = source_read_some(s, 0, front, sizeof(front), &got)) != ERR_OK)
		return e;
	if ((form = form_find(front, got, &at)) == 0)
		return ERR_OK;
	if ((e = budget_take(s->budget, BUDGET_MEMORY, sizeof(*r))) != ERR_OK)
		return e;
	if ((r = calloc(1, sizeof(*r))) != NULL) {
		r->visit = v;
		r->load = at == HEADER_MAX;
		e = walk(r, s, form, at);
		if (e == ERR_OK || form == 'X' || r->load)
			visit_recognise(v, r->load ? "rdata" : "rds", true);
		budget_give(s->budget, r->ref_room);
		free(r->refs);
	} else {
		e = ERR_NOMEM;
	}
	budget_give(s->budget, sizeof(*r));
	return e;
}

const struct format format_rdata = {
	.name = "rdata",
	.title = "R object",
	.extensions = ".rds .rda .RData",
	.reference = "R src/main/serialize.c",
	.in_place = true,
	.sniff = rdata_sniff,
	.walk = rdata_walk,
};
