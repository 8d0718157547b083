/* SPDX-License-Identifier: Apache-2.0 */
/*
 * out: reports for people and machines.
 *
 * Owns the forms: text, JSON lines, SARIF, HTML, and the two forms of
 * "explain".
 * Chooses no findings and opens nothing: what a report says is written to a
 * descriptor that the program gives.  Everything that came from a file, its
 * path included, passes through base/text.
 *
 * JSON is written as it is met instead of built as a tree: a report of 8 MB
 * needs no second copy in memory, and a JSON library would refuse the names
 * that are no UTF-8, which are just the ones that matter here.
 */
#ifndef OUT_OUT_H
#define OUT_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "model/report.h"
#include "out/tally.h"

struct html;

/* A stream of output with a memory: the first error stays. */
struct out {
	struct buf buf;        /* not yet written */
	int fd;                /* borrowed */
	int error;             /* errno of the first failed write; 0: none */
	bool colour;           /* escape sequences for a terminal are welcome */
	bool any;              /* something stands before: a comma is needed */
	bool seen[RULE_COUNT]; /* rules that the output must describe */
	struct buf extra;      /* ids of other rules, each with its NUL */
	struct buf notes;      /* what went wrong, in the writer's form */
	uint64_t written;      /* bytes, without those that wait */
	/* Called before anything is written, when set: what stands on the
	 * terminal for a moment has to go. */
	void (*before)(void *context);
	void *context;
	/* A file that is nobody else's, for a form that says first what it
	 * knows last; borrowed.  -1: there is none, and no such form. */
	int spool;
	struct arena arena;
	struct html *html;
};

/* Counts of one run, for the end of the output. */
struct out_totals {
	uint64_t verdicts[VERDICT_COUNT]; /* files, without the failed ones */
	uint64_t sizes[VERDICT_COUNT];    /* bytes of them */
	uint64_t failed;                  /* files that could not be scanned */
	uint64_t skipped;                 /* pipes, devices, sockets */
	uint64_t excluded;                /* as the person asked */
	uint64_t bytes_read;
	uint64_t elapsed_us; /* from the beginning to the end */
	struct tally formats;
	const char *about; /* what was scanned; hostile */
	bool interrupted;
};

/* Count a file. */
void out_count(struct out_totals *t, const struct report *r);

/* Files that were counted, the failed ones included, and their bytes. */
uint64_t out_files(const struct out_totals *t);
uint64_t out_bytes(const struct out_totals *t);

/* One form of a scan's output. */
struct writer {
	const char *name; /* as --format has it */
	void (*begin)(struct out *o);
	void (*file)(struct out *o, const char *path, const struct report *r);
	void (*end)(struct out *o, struct out_totals *t);
};

extern const struct writer out_text, out_jsonl, out_sarif, out_html;

/* The writer of that name, or NULL. */
const struct writer *out_writer(const char *name);

/* The end of a text scan of many files: a table. */
void out_summary(struct out *o, struct out_totals *t);

/* What "explain" says of one file. */
void out_explain_text(struct out *o, const char *path, const struct report *r);
void out_explain_json(struct out *o, const char *path, const struct report *r);

/* The page of a rule (Markdown), or NULL.  Source: docs/rules. */
const char *out_page(const char *rule);

/* The id of the page at i; NULL behind the last. */
const char *out_page_id(size_t i);

/* Append what a rule's page says is to be done, as one line. False: nothing,
 * or no memory. */
bool out_advice(struct buf *to, const char *rule);

/* A page for a terminal: its id, then its text. */
void out_page_print(struct out *o, const char *rule);

struct out out_new(int fd, bool colour);
void out_free(struct out *o); /* what is not flushed is lost */

/* Write what is waiting. ERR_SYS: o->error says how, now or earlier. */
MUST_USE enum err out_flush(struct out *o);

/* A verdict as a sentence without a full stop, and what to do about it (""
 * when nothing is to be done). Static storage. */
const char *out_verdict_text(enum verdict v);
const char *out_verdict_advice(enum verdict v);

/* For writers. */

void out_puts(struct out *o, const char *text);
void out_number(struct out *o, uint64_t n);
/* "1.2 MB", in powers of ten. */
void out_size(struct out *o, uint64_t bytes);
/* "1,234,567" */
void out_grouped(struct out *o, uint64_t n);
/* "1.2 MB of 3.4 GB": what was looked at of all files; of archives that is what
 * they hold, which may be more. */
void out_read(struct out *o, const struct out_totals *t);
/* Bytes as they are. */
void out_add(struct out *o, const void *data, size_t n);
/* Remember that the output names this rule: in seen, else in extra. */
void out_see_rule(struct out *o, const char *id);
/* Hostile text for a terminal. */
void out_escaped(struct out *o, const char *s, size_t n);
/* The same, where backslashes are escapes already. */
void out_escaped_again(struct out *o, const char *s, size_t n);
/* Hostile text as a JSON string, quotes included. */
void out_string(struct out *o, const char *s, size_t n);
/* "key":"text", with a comma before it unless first. */
void out_member(struct out *o, bool first, const char *key, const char *text);
/* The verdict, coloured as it deserves. */
void out_verdict(struct out *o, enum verdict v);

/* Findings and imports as JSON arrays. */
void out_json_findings(struct out *o, const struct report *r);
void out_json_imports(struct out *o, const struct report *r);
/* The fields that "scan" has of every file, without the braces. */
void out_json_file(struct out *o, const char *path, const struct report *r);

#endif /* OUT_OUT_H */
