/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk: the inside of the engine: one scan, one part, one walk.
 *
 * A scan is one file.  A part is the file or something inside it; the same
 * bytes are walked once for each format that claims them.  A level is the
 * memory that one depth of nesting works in, kept for the next part there, so
 * that an archive of many small members allocates little.
 */
#ifndef ENGINE_WALK_H
#define ENGINE_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "engine/engine.h"
#include "model/limits.h"

enum {
	/* A part up to this size is read once, whole, while it is sniffed. */
	WALK_WHOLE = 4096,
	/* Formats in a table: one bit each in part.nested. */
	WALK_FORMATS = 32,
	/* Bytes that the rules see at once.  A condition that needs two
	 * strings finds them when they lie this close. */
	CODE_BLOCK = 256 * 1024,
	/* Bytes seen again at the start of the next block: a string across
	 * the border is found if it is no longer than this. */
	CODE_OVERLAP = 4096,
	/* Bytes of the fact "text"; more are looked at in turns. */
	STRINGS_MAX = 64 * 1024,
};

/* What one depth of nesting works in. */
struct level {
	struct buf code;    /* bytes for the rules, not yet scanned */
	struct buf strings; /* for the rules, one a line */
	uint64_t code_at;   /* bytes handed over before code.data[0] */
	size_t code_seen;   /* bytes of code that were scanned before */
	uint8_t head[WALK_WHOLE];
	char *spare; /* a path in the report's arena that nothing uses */
	size_t spare_room;
};

struct scan {
	const struct engine_options *options;
	const struct format *const *table;
	struct budget budget;
	struct report *report;
	bool limit_said;    /* a spent budget is reported once */
	struct buf imports; /* scratch for the fact */
	struct level *levels[LIMIT_DEPTH + 1];
	unsigned depth;
};

/* The file or something inside it. */
struct part {
	struct scan *scan;
	struct level *level;
	const char *where;
	enum child_kind kind;
	struct source bytes;     /* what is walked */
	struct source_kept kept; /* its front, of a file's */
	const uint8_t *front;    /* its first bytes, if its parent read them */
	size_t front_size;
	struct source look; /* what is sniffed: of a storage, its front */
	struct cursor head;
	bool beside;                 /* it lies in what a loader unpacks */
	bool at_end;                 /* its last byte is the file's last */
	const char *name;            /* of the formats so far: "pickle+zip" */
	const struct format *format; /* the first that recognised it */
	uint32_t formats;            /* which of the table recognised it */
	uint64_t nested_at, nested_end; /* the last of those in its bytes */
	uint32_t nested; /* which were found nested in its streams */
	bool in_place;
};

/* One format over one part; visit is what the walker sees of it. */
struct walk {
	struct visit visit;
	struct part *part;
	size_t imports_from; /* first import of this walk in the report */
	bool script;         /* a text that could be a program */
};

/* Scan bytes as the whole of a file, with the formats of table (a NULL ends
 * it; at most WALK_FORMATS).  engine_scan_fd() and _memory() are this. */
void engine_scan_table(const struct engine_options *options,
    const struct format *const *table, const struct source *bytes,
    struct report *report);

/* Sniff and walk one part, and say in the report what it is. */
MUST_USE enum err part_walk(struct part *p);

/* Report an error of a part: the only place where errors become findings,
 * and none of them becomes "clean". */
void scan_error(struct scan *s, const struct part *p, enum err e);

/* Among numbers, does the front belong to something that is not there by
 * chance?  A format's own mark, or a pickle's beginning that is longer than
 * chance makes one. */
bool look_numbers_are_code(
    const struct part *p, const struct format *f, enum sniff sniff);

/*
 * Is a text a program?  *out is what the rules are told that it is, or NULL.
 * "text": beside a model, whose loader runs it; it is told by its name, or as
 * it reads.  "script": by itself, also in an archive, which is unpacked first;
 * it must read like one, as most of those are notes, manuals and data.
 * Errors of a read.
 */
MUST_USE enum err look_script(struct part *p, const char **out);

/* Report a program where numbers should be.  That of Windows has its header
 * further behind than the front, which is read only for it. */
MUST_USE enum err look_program(struct part *p);

/* visit->code and visit->string. */
void code_add(struct visit *v, const void *data, size_t n);
void code_string(struct visit *v, const char *text, size_t n);

/* Run the rules over what is left of a walk and its facts. */
void code_finish(struct walk *w);

/* Forget what a walk handed over that was not its format. */
void code_drop(struct level *level);

/* Hand a part's bytes to the rules as they are, at most max of them. */
MUST_USE enum err code_raw(struct walk *w, uint64_t max);

#endif /* ENGINE_WALK_H */
