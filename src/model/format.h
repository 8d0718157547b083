/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format: what a walker is, and what it may say while it walks.
 *
 * A walker never calls another walker: it hands children to the engine, which
 * sniffs them and picks theirs, one level deeper on the same budget.  So a new
 * format is one file and one line in engine/table.c.
 */
#ifndef MODEL_FORMAT_H
#define MODEL_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "byte/cursor.h"
#include "byte/source.h"
#include "model/report.h"

enum {
	SNIFF_MAX = 512,  /* bytes of the front that a sniff is given */
	CHILD_FRONT = 64, /* and of a storage's: enough for any magic */
};

enum sniff {
	SNIFF_NO,
	SNIFF_MAYBE, /* walk it; the walker says whether it is this format */
	SNIFF_YES    /* it is, without more (in a file; numbers and nested bytes
		      * may begin like anything, there it counts as MAYBE) */
};

enum child_kind {
	CHILD_MEMBER,  /* a file in a container */
	CHILD_STORAGE, /* should be raw numbers: only looked at, unless the look
			* shows something that can carry code */
	CHILD_NESTED   /* bytes or text inside another stream */
};

struct child {
	const char *name; /* raw bytes from the file; hostile */
	size_t name_size;
	uint64_t offset; /* bytes from the start of the parent */
	enum child_kind kind;
	/* The child's first bytes, when the parent has read them already (with
	 * a header in front of them, say): NULL, or at least CHILD_FRONT of
	 * them or all.  Saves a read for each storage of a checkpoint. */
	const void *front;
	size_t front_size;
};

/* What became of a child. */
struct child_result {
	const struct format *format; /* NULL: nothing recognised it */
	enum verdict verdict;        /* the worst that was found in it */
};

struct policy; /* pickle/policy.h */
struct visit;

struct visit_ops {
	enum err (*child)(struct visit *v, const struct child *child,
	    const struct source *bytes, struct child_result *result);
	void (*code)(struct visit *v, const void *data, size_t n);
	void (*string)(struct visit *v, const char *s, size_t n);
};

/* One walk of one format over one source. */
struct visit {
	const struct visit_ops *ops;
	struct report *report;
	struct budget *budget;
	const struct policy *policy;
	const char *where; /* path inside the containers; "" for the file */
	enum child_kind kind;
	bool unpack;  /* walk archives to the end; false while an opener waits
		       * for what no loader reads in place */
	bool deep;    /* look at everything, tensor data included */
	bool growing; /* a writer has the file open: the end may be missing */
	/* Bytes from where to where something of some format was found nested
	 * in what these bytes are as another format, last; 0: nothing. */
	uint64_t nested_at, nested_end;
	bool recognised;  /* set by visit_recognise(), as are: */
	const char *name; /* the format as recognised */
	bool in_place;
};

/* One file format.  Functions keep no state and may run again. */
struct format {
	const char *name;       /* printed in reports; never renamed */
	const char *title;      /* for people */
	const char *extensions; /* usual ones, for people: ".pt .pth" */
	const char *reference;  /* what the walker was written against */
	bool in_place;          /* loaders read such a file as it is */
	/*
	 * head is over the first SNIFF_MAX bytes; s is the whole, for formats
	 * whose mark is elsewhere (a zip's is at its end).  Cheap: it runs for
	 * every file and every member.
	 */
	enum sniff (*sniff)(const struct source *s, struct cursor head);
	/*
	 * Walk s, saying what is found.  An error is the engine's to report:
	 * SHORT truncated, MALFORMED, LIMIT, UNSUPPORTED; whatever was said
	 * before stays.  A walker that was only SNIFF_MAYBE and does not call
	 * visit_recognise() has said nothing: all is taken back.
	 */
	enum err (*walk)(struct visit *v, const struct source *s);
};

/* These bytes are mine.  name may refine format->name ("torch-zip"); it is
 * static storage. Calling again refines further. */
void visit_recognise(struct visit *v, const char *name, bool in_place);

/* Report a finding at offset of what is being walked (see report_find()). */
#define visit_find(v, rule, offset, ...) \
	report_find((v)->report, (rule), (v)->where, (offset), __VA_ARGS__)

/*
 * Say a step of what using this model does, for "explain": printf-like text in
 * which hostile strings stand quoted (text_quote()).  why is static storage, ""
 * when nothing is wrong with it.  Costs nothing unless it was asked for.
 */
void visit_line(struct visit *v, uint64_t offset, enum verdict verdict,
    const char *why, const char *text, ...)
    __attribute__((format(printf, 5, 6)));

/* Say a harmless step: text, in which the one "%s" stands for the n bytes at s,
 * quoted. */
void visit_step(struct visit *v, uint64_t offset, const char *text,
    const char *s, size_t n);

/*
 * Have the engine look at a child.  ERR_OK whatever it is and however damaged:
 * that is in the report.  ERR_LIMIT when the budget is spent, so that loops
 * over children end; ERR_NOMEM, ERR_SYS for the host's faults.
 * result may be NULL.
 */
MUST_USE enum err visit_child(struct visit *v, const struct child *child,
    const struct source *bytes, struct child_result *result);

/* n bytes that could carry code, for the YARA rules, in file order.  Cheap to
 * call with blocks of any size; never give it tensor data. */
void visit_code(struct visit *v, const void *data, size_t n);

/* A decoded string that rules may look at (the external "text"). */
void visit_string(struct visit *v, const char *s, size_t n);

#endif /* MODEL_FORMAT_H */
