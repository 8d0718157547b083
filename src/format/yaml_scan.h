/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_scan: YAML as a run of keys, values and tags.
 *
 * No tree is built: what matters are the tags, and the values of some keys.
 * Block and flow style, quotes with their escapes, anchors and aliases, block
 * scalars, directives and several documents are told apart as PyYAML does, so
 * that nothing that a reader takes for a key lies in what is a text here.
 *
 * Reference: YAML 1.1 and 1.2.2; PyYAML scanner.py.
 */
#ifndef FORMAT_YAML_SCAN_H
#define FORMAT_YAML_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "format/utext.h"

enum {
	YAML_TEXT_MAX = 1024, /* of a scalar, this much is kept */
	YAML_NAME_MAX = 64,   /* of an anchor or handle */
	YAML_ANCHORS = 64,
	YAML_HANDLES = 8,
};

enum yaml_kind {
	YAML_KEY,      /* text */
	YAML_VALUE,    /* text: a scalar that is no key */
	YAML_OPEN,     /* a sequence or mapping in flow style begins */
	YAML_TAG,      /* text: resolved, without "tag:yaml.org,2002:" */
	YAML_DOCUMENT, /* one document ended, in good order or broken */
	YAML_END
};

struct yaml_text {
	char s[YAML_TEXT_MAX];
	size_t n;
	bool cut;
};

struct yaml_scan {
	struct utext in;
	int c, next;     /* the present character and the one behind it */
	long column;     /* of c */
	long node;       /* column of the last key, dash or question mark */
	unsigned flow;   /* brackets open */
	bool line_start; /* nothing but blanks stands before c */
	bool broken;     /* this document is none that a reader would take */
	bool content;    /* it has something */
	bool dangling;   /* text holds a scalar that may yet be a key */
	bool ended;
	bool core;   /* the last tag was of YAML's own: "!!" */
	uint64_t at; /* offset of the last token, about */
	struct yaml_text text;
	char anchor[YAML_NAME_MAX]; /* of the next scalar, or "" */
	struct {
		char name[YAML_NAME_MAX];
		char text[YAML_TEXT_MAX];
		size_t n;
	} anchors[YAML_ANCHORS];
	size_t anchor_count;
	struct {
		char name[YAML_NAME_MAX];
		char prefix[YAML_NAME_MAX];
	} handles[YAML_HANDLES];
	size_t handle_count;
};

/* Start at the front of s, of which at most max bytes are read. */
void yaml_scan_begin(struct yaml_scan *y, const struct source *s, uint64_t max);

/* The next token; its text is in y->text, its place in y->at.  YAML_END when
 * the text has ended: then y->in.err says why. */
enum yaml_kind yaml_scan_next(struct yaml_scan *y);

/* Is the text this? */
bool yaml_is(const struct yaml_scan *y, const char *text);

#endif /* FORMAT_YAML_SCAN_H */
