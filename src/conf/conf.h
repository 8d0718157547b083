/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf: the configuration file, from one table of options.
 *
 * Owns the options' values, their ranges and prose, and the sentences about
 * what is wrong with them.  Must not own what a value leads to.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum {
	CONF_WATCHES_MAX = 64,       /* entries; a pattern may find many */
	CONF_LIST_MAX = 16,          /* values of an option that has a list */
	CONF_FILE_MAX = 1024 * 1024, /* bytes of a configuration file */
	CONF_WHY_MAX = 64 * 1024,    /* bytes of complaints */
	CONF_PATH_MAX = 4096         /* bytes of a path, with its NUL */
};

#define OPTION(name, section, key, kind, initial, min, max, choices, text) \
	CONF_##name,
enum conf_key {
#include "conf/options.def"
	CONF_COUNT
};
#undef OPTION

/* The section of options that each watch has. */
#define CONF_WATCH "watch"

enum conf_kind {
	CONF_CHOICE, /* the value is the index of the word */
	CONF_NUMBER, /* min to max */
	CONF_TEXT,   /* at most max bytes */
	CONF_LIST    /* of such, at most CONF_LIST_MAX */
};

/* The choices of what is done with a verdict, in this order. */
enum conf_action {
	CONF_ACT_PROFILE, /* what the profile says */
	CONF_ACT_ALLOW,
	CONF_ACT_NOTIFY, /* allow, and tell */
	CONF_ACT_DENY,
	CONF_ACT_QUARANTINE, /* deny, and move it into the vault */
	CONF_ACT_COUNT
};

struct conf_option {
	const char *section, *key;
	enum conf_kind kind;
	const char *initial;
	uint64_t min, max;
	const char *choices; /* of a NUMBER: its unit; of a TEXT or LIST: what
			      * each is */
	const char *text;
};

struct conf {
	struct arena arena;
	uint64_t values[CONF_COUNT]; /* of a LIST: how many there are */
	/* The texts of a TEXT ("" first: none) or LIST. */
	const char *texts[CONF_COUNT][CONF_LIST_MAX];
	/* Directories to watch: absolute, may hold *, ? and []. */
	const char *watches[CONF_WATCHES_MAX];
	uint64_t watch_values[CONF_WATCHES_MAX][CONF_COUNT]; /* CONF_WATCH_* */
	size_t watch_count;
};

extern const struct conf_option conf_options[CONF_COUNT];

/* What holds without a file. */
void conf_initial(struct conf *out);

/*
 * Read a file.  *out is written only when all of it is right: ERR_USAGE puts a
 * line for each mistake into why (file, line, what is wrong, what would be
 * right); ERR_SYS, ERR_NOMEM, ERR_LIMIT one that says what failed.  trusted:
 * the file must be root's and writable by nobody else.  *out owns memory:
 * conf_free().
 */
MUST_USE enum err conf_load(
    const char *path, bool trusted, struct conf *out, struct buf *why);

void conf_free(struct conf *c); /* NULL is fine */

/* The word of a choice. Static storage, not ended by a NUL: *n bytes. */
const char *conf_word(enum conf_key key, uint64_t value, size_t *n);

/* print.c: append.  ERR_LIMIT, ERR_NOMEM. */

/* A configuration as a file that says the same. */
MUST_USE enum err conf_show(const struct conf *c, struct buf *out);
/* The sample file: every option with its words, none set. */
MUST_USE enum err conf_sample(struct buf *out);
/* The manual's list of options, in mdoc(7). */
MUST_USE enum err conf_manual(struct buf *out);

#endif /* CONF_CONF_H */
