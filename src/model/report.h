/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report: all that is said about one file.
 *
 * A report owns its strings (in an arena).  It only grows: findings, imports
 * and tree entries are added while a file is walked, and report_rewind() takes
 * back what a walker said that turned out not to have recognised its bytes.
 * A full report still counts: the verdict knows of every finding.
 */
#ifndef MODEL_REPORT_H
#define MODEL_REPORT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/verdict.h"

/* How an import is used, in rising order. */
enum use {
	USE_IMPORT,    /* looked up (which runs its module) */
	USE_SETSTATE,  /* its state is set: BUILD */
	USE_CONSTRUCT, /* cls.__new__: NEWOBJ, or a copyreg helper */
	USE_CALL,      /* called: REDUCE, INST, OBJ */
	USE_COUNT
};

struct finding {
	const char *rule;
	enum severity severity;
	enum verdict verdict;
	const char *message;  /* a sentence with the evidence; hostile */
	const char *where;    /* path inside the containers, "" for the file */
	uint64_t offset;      /* bytes from the start of that member */
	const char *evidence; /* short; "" when there is none; hostile */
	uint32_t count;       /* how often in this member */
};

struct import {
	const char *module; /* raw bytes, NUL-terminated; hostile */
	const char *name;
	size_t module_size; /* bytes: a NUL may be inside */
	size_t name_size;
	enum use use;
	enum verdict verdict; /* what the policy makes of it, so used */
	const char *reason;   /* from the policy; "" when none */
	const char *where;
	uint64_t offset;
};

/* A container or stream inside the file, for the tree. */
struct member {
	const char *where;
	const char *format;
	uint64_t offset; /* bytes from the start of its parent */
	uint64_t size;   /* bytes unpacked, or SOURCE_UNENDING */
};

/* One step of what loading would do, as pseudo-code.  Only when it was asked
 * for, see report.explain. */
struct line {
	const char *text; /* quotes inside are escaped; else hostile */
	const char *why;  /* what is wrong with it; "" when nothing is */
	const char *where;
	uint64_t offset;
	uint64_t skipped; /* steps before it that are not shown */
	enum verdict verdict;
};

struct report {
	struct arena arena;
	enum verdict verdict;
	const char *format; /* "pickle", "torch-zip", "other", "pickle+zip" */
	bool in_place;      /* some loader reads this very file as it is */
	uint64_t size;      /* bytes of the file */
	uint64_t bytes_read;
	uint64_t elapsed_us;
	const char *error; /* why the scan failed, or NULL; host's fault */
	struct finding *findings;
	size_t finding_count, finding_room;
	struct import *imports;
	size_t import_count, import_room;
	uint32_t *import_hash; /* index + 1 by hash of where, module, name */
	size_t import_hash_room;
	struct member *members;
	size_t member_count, member_room;
	bool explain; /* lines are wanted: set before the scan */
	struct line *lines;
	size_t line_count, line_room;
	uint64_t lines_skipped; /* steps since the last line */
	bool cut;               /* something did not fit */
};

/* Where a report was, to go back to. */
struct report_mark {
	enum verdict verdict;
	size_t findings, imports, members, lines;
	uint64_t lines_skipped;
	bool cut;
};

/* An empty, clean report of format "other". */
void report_init(struct report *r);

/* Release everything. NULL is fine. */
void report_free(struct report *r);

struct report_mark report_mark(const struct report *r);

/* Take back everything said since the mark (memory is kept).  What was raised
 * on an older finding or import (count, use) stays raised. */
void report_rewind(struct report *r, const struct report_mark *mark);

/*
 * Add a finding of a built-in rule: verdict and severity come from the table.
 * evidence is printf-like and may be NULL; its result is cut at
 * LIMIT_EVIDENCE.  The same rule in the same member is counted, not repeated,
 * unless the evidence differs.  What the rule says is done (steps.def) is also
 * a line, when lines are wanted.  Never fails: without memory, or when the
 * report is full (the last places are kept for the worst verdicts), the verdict
 * alone is raised and the report is marked cut.
 */
void report_find(struct report *r, enum rule rule, const char *where,
    uint64_t offset, const char *evidence, ...)
    __attribute__((format(printf, 5, 6)));

/*
 * As report_find(), for rules that are not in the table (YARA): message is the
 * rule's sentence; count is ignored.  rule, message and evidence (not NULL) are
 * copied, where must outlive the report.
 */
void report_find_as(struct report *r, const struct finding *finding);

/*
 * Add an import, or raise the use and verdict of the same import in the same
 * member.  Returns its index, or SIZE_MAX when the report is full (the report
 * is then marked cut and gets a finding).  Strings are copied, except where
 * and reason, which must outlive the report.
 * Raises no verdict by itself: the caller adds the finding.
 */
size_t report_import(struct report *r, const struct import *import);

/* A string that lives as long as the report: "" when memory is out. */
const char *report_text(struct report *r, const char *s, size_t n);

/* Add an entry to the tree. */
void report_member(struct report *r, const struct member *member);

/* Is there a place for a line of this verdict?  The worse, the more places: a
 * flood of harmless steps hides no harm. */
bool report_line_fits(const struct report *r, enum verdict verdict);

/*
 * Add a line, or count it as skipped.  text is copied; why and where must
 * outlive the report.  Does nothing unless r->explain.
 */
void report_line(struct report *r, const struct line *line);

/* n steps are not shown. */
void report_line_skip(struct report *r, uint64_t n);

/* "import", "setstate", "construct", "call". Static storage. */
const char *use_name(enum use use);

#endif /* MODEL_REPORT_H */
