/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jinja: judge a chat template without rendering it.
 *
 * Loaders render the template of a model on every prompt, some of them outside
 * a sandbox (CVE-2024-34359, CVE-2026-5760).  Told are: attributes that lead
 * into Python's insides, however they are spelled (names, strings in brackets,
 * attr and map filters, words in pieces or escapes); names that only an escape
 * uses; and text that is put in when the conversation holds certain words.
 * Plain text of the template is never searched for words: honest prompts speak
 * of Python too.
 */
#ifndef FORMAT_JINJA_H
#define FORMAT_JINJA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/format.h"

enum {
	/* The longest honest ones have some 30 kB. */
	JINJA_MAX = 1 << 20,
};

struct jinja_result {
	bool template; /* there is a delimiter */
	bool chat;     /* it speaks of messages and roles */
	bool escape;   /* something malicious was reported */
	bool climbs;   /* so by an attribute, as only Python reads it */
	bool broken;   /* Jinja would not compile it */
};

/*
 * Judge n bytes; offset is where they stand in what is walked.  Findings go to
 * v, and the text to the rules.  ERR_NOMEM, ERR_LIMIT (the time budget).
 */
MUST_USE enum err jinja_judge(struct visit *v, const char *s, size_t n,
    uint64_t offset, struct jinja_result *out);

#endif /* FORMAT_JINJA_H */
