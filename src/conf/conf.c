/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf: libconfuse reads the syntax, the table says what it means.
 *
 * Everything is a string to the library, so that all complaints are ours, with
 * the line, and one mistake doesn't hide the next.  Only a mistake of syntax
 * ends the reading.
 */
#include "conf/conf.h"

#include <confuse.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/own.h"
#include "conf/check.h"

#define WATCH CONF_WATCH
#define ACTIONS "profile|allow|notify|deny|quarantine"
#define OPTION(name, section, key, kind, initial, min, max, choices, text) \
	[CONF_##name] = { section, key, CONF_##kind, initial, min, max, \
		choices, text },
const struct conf_option conf_options[CONF_COUNT] = {
#include "conf/options.def"
};
#undef OPTION

enum { SECTIONS_MAX = 8, MESSAGE_MAX = 512 };

#define CONF_ARENA_MAX (2u * 1024 * 1024)

/* What is being read: the library's callbacks get no argument of ours. */
static struct reading {
	struct conf *conf;
	struct buf *why;
	const char *path;
	enum err e;
	unsigned lines[CONF_COUNT]; /* where it was set */
	unsigned seen[CONF_COUNT];  /* values of a list, right or wrong */
	const char *last[CONF_COUNT];
	uint64_t watch[CONF_COUNT]; /* of the watch that is being read */
	bool lost; /* the library stopped with a complaint of its own */
} now;

const char *
conf_word(enum conf_key key, uint64_t value, size_t *n)
{
	const char *at = conf_options[key].choices;

	for (; value > 0 && *at != '\0'; value--) {
		at += strcspn(at, "|");
		at += *at == '|';
	}
	*n = strcspn(at, "|");
	return at;
}

void
conf_initial(struct conf *out)
{
	*out = (struct conf){ .arena = arena_new(CONF_ARENA_MAX) };
	for (enum conf_key k = 0; k < CONF_COUNT; k++)
		if (conf_options[k].kind < CONF_TEXT)
			(void)!conf_check_value(&conf_options[k],
			    conf_options[k].initial, &out->values[k]);
}

void
conf_free(struct conf *c)
{
	if (c == NULL)
		return;
	arena_free(&c->arena);
	*c = (struct conf){ 0 };
}

static void
complain_args(const char *file, int line, const char *format, va_list args)
{
	char text[MESSAGE_MAX];
	enum err e;

	(void)vsnprintf(text, sizeof(text), format, args);
	e = line > 0 ? buf_printf(now.why, "%s:%d: %s\n", file, line, text)
		     : buf_printf(now.why, "%s: %s\n", file, text);
	now.e = e == ERR_OK || e == ERR_LIMIT ? ERR_USAGE : e;
}

static void __attribute__((format(printf, 3, 4)))
complain(const char *file, int line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain_args(file, line, format, args);
	va_end(args);
}

/* The library's own complaints: syntax, and names that are no option. */
static void
library_complains(cfg_t *cfg, const char *format, va_list args)
{
	char text[MESSAGE_MAX];

	(void)vsnprintf(text, sizeof(text), format, args);
	now.lost = true;
	complain(now.path, cfg->line,
	    "%s; ckptguard.conf(5) has what may stand here", text);
}

static enum conf_key
key_find(const char *section, const char *name)
{
	enum conf_key k = 0;

	while (k < CONF_COUNT &&
	    (strcmp(conf_options[k].key, name) != 0 ||
		strcmp(conf_options[k].section, section) != 0))
		k++;
	return k;
}

static bool
twice(const cfg_t *cfg, enum conf_key key)
{
	unsigned before = now.lines[key];

	if (before != 0) {
		complain(now.path, cfg->line,
		    "%s is set a second time (first in line %u): keep one of "
		    "them",
		    conf_options[key].key, before);
		return true;
	}
	now.lines[key] = (unsigned)cfg->line;
	return false;
}

/* A text that is right is kept. */
static void
text_keep(const cfg_t *cfg, enum conf_key key, const char *text)
{
	struct conf *c = now.conf;
	bool list = conf_options[key].kind == CONF_LIST;
	size_t at = list ? c->values[key] : 0;

	if (!list && conf_options[key].kind != CONF_TEXT)
		return;
	if (at == CONF_LIST_MAX) {
		complain(now.path, cfg->line, "%s has more than %d values",
		    conf_options[key].key, CONF_LIST_MAX);
		return;
	}
	c->texts[key][at] = arena_copy(&c->arena, text, strlen(text));
	if (c->texts[key][at] == NULL)
		now.e = ERR_NOMEM;
	else
		c->values[key] = at + 1;
}

/* Is this the next value of a list?  The library calls once more at its end,
 * and begins again when the option is set a second time. */
static bool
list_goes_on(const cfg_t *cfg, enum conf_key key, unsigned at, const char *text)
{
	const char *last = now.last[key];

	if (last != NULL && at == now.seen[key] && strcmp(text, last) == 0)
		return false;
	now.last[key] = arena_copy(&now.conf->arena, text, strlen(text));
	now.seen[key] = at;
	return at > 1 || !twice(cfg, key);
}

/* The library has read one value. */
static int
value_read(cfg_t *cfg, cfg_opt_t *opt)
{
	bool top = strcmp(cfg->name, "root") == 0;
	enum conf_key key = key_find(top ? "" : cfg->name, opt->name);
	unsigned at = cfg_opt_size(opt);
	const char *text = at == 0 ? NULL : cfg_opt_getnstr(opt, at - 1);
	uint64_t *to;
	char want[MESSAGE_MAX];

	if (key == CONF_COUNT || text == NULL)
		return 0;
	if (conf_options[key].kind == CONF_LIST
		? !list_goes_on(cfg, key, at, text)
		: twice(cfg, key))
		return 0;
	to = strcmp(conf_options[key].section, WATCH) == 0
	    ? &now.watch[key]
	    : &now.conf->values[key];
	if (conf_check_value(&conf_options[key], text, to)) {
		text_keep(cfg, key, text);
		return 0;
	}
	conf_check_want(&conf_options[key], want, sizeof(want));
	complain(now.path, cfg->line, "%s is %s, not \"%.64s\"", opt->name,
	    want, text);
	return 0;
}

/* The next watch may say the same options again. */
static void
watch_next(void)
{
	memset(now.watch, 0, sizeof(now.watch));
	for (enum conf_key k = 0; k < CONF_COUNT; k++)
		if (strcmp(conf_options[k].section, WATCH) == 0)
			now.lines[k] = 0;
}

/* A watch has been read to its end. */
static int
watch_read(cfg_t *cfg, cfg_opt_t *opt)
{
	struct conf *c = now.conf;
	const char *path;
	const char *title = cfg_title(cfg_opt_getnsec(
	    opt, cfg_opt_size(opt) == 0 ? 0 : cfg_opt_size(opt) - 1));

	if (title == NULL || title[0] != '/' || strlen(title) >= CONF_PATH_MAX)
		complain(now.path, cfg->line,
		    "watch \"%.64s\" is no absolute path: begin it with /",
		    title == NULL ? "" : title);
	else if (c->watch_count == CONF_WATCHES_MAX)
		complain(now.path, cfg->line,
		    "more than %d watches: join some by a pattern such as "
		    "/home/*/models",
		    CONF_WATCHES_MAX);
	else if ((path = arena_copy(&c->arena, title, strlen(title))) == NULL)
		now.e = ERR_NOMEM;
	else {
		memcpy(c->watch_values[c->watch_count], now.watch,
		    sizeof(now.watch));
		c->watches[c->watch_count++] = path;
	}
	watch_next();
	return 0;
}

/* The library's table for one section, from ours. */
static void
section_fill(const char *section, cfg_opt_t opts[CONF_COUNT + SECTIONS_MAX])
{
	size_t n = 0;

	for (enum conf_key k = 0; k < CONF_COUNT; k++) {
		if (strcmp(conf_options[k].section, section) != 0)
			continue;
		if (conf_options[k].kind == CONF_LIST)
			opts[n] = (cfg_opt_t)CFG_STR_LIST(
			    conf_options[k].key, NULL, CFGF_NODEFAULT);
		else
			opts[n] = (cfg_opt_t)CFG_STR(
			    conf_options[k].key, NULL, CFGF_NODEFAULT);
		opts[n++].validcb = value_read;
	}
	opts[n] = (cfg_opt_t)CFG_END();
}

/* Sections of the table beyond the top, in its order. */
static size_t
sections_find(const char *names[SECTIONS_MAX])
{
	size_t n = 0;

	for (enum conf_key k = 0; k < CONF_COUNT; k++) {
		const char *s = conf_options[k].section;

		if (s[0] != '\0' && strcmp(s, WATCH) != 0 &&
		    n < SECTIONS_MAX - 1 &&
		    (n == 0 || strcmp(names[n - 1], s) != 0))
			names[n++] = s;
	}
	return n;
}

static cfg_t *
library_init(void)
{
	static cfg_opt_t top[CONF_COUNT + SECTIONS_MAX];
	static cfg_opt_t rows[SECTIONS_MAX][CONF_COUNT + SECTIONS_MAX];
	const char *names[SECTIONS_MAX];
	size_t at = 0, n = sections_find(names);

	section_fill("", top);
	while (top[at].name != NULL)
		at++;
	section_fill(WATCH, rows[n]);
	top[at] = (cfg_opt_t)CFG_SEC(
	    WATCH, rows[n], CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
	top[at++].validcb = watch_read;
	for (size_t i = 0; i < n; i++) {
		section_fill(names[i], rows[i]);
		top[at++] = (cfg_opt_t)CFG_SEC(names[i], rows[i], CFGF_NONE);
	}
	top[at] = (cfg_opt_t)CFG_END();
	return cfg_init(top, CFGF_NONE);
}

static enum err
file_open(const char *path, bool trusted, FILE **out)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1) {
		complain(path, 0, "%s", strerror(errno));
		return ERR_SYS;
	}
	if (!S_ISREG(st.st_mode) || st.st_size > CONF_FILE_MAX) {
		complain(path, 0,
		    "is no configuration file: a text file of at "
		    "most 1 MiB is");
		return ERR_USAGE;
	}
	if (trusted &&
	    (st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)) {
		complain(path, 0,
		    "must belong to root and be writable by nobody else: chown "
		    "root it and chmod go-w it");
		return ERR_USAGE;
	}
	*out = fdopen(fd, "re");
	if (*out == NULL)
		return ERR_SYS;
	(void)steal_fd(&fd);
	return ERR_OK;
}

static enum err
file_parse(const char *path, FILE *file)
{
	cfg_t *cfg = library_init();
	int parsed;

	if (cfg == NULL || (cfg->filename = strdup(path)) == NULL)
		return ERR_NOMEM;
	(void)cfg_set_error_function(cfg, library_complains);
	parsed = cfg_parse_fp(cfg, file);
	if (parsed != CFG_SUCCESS && !now.lost && now.e == ERR_OK)
		complain(path, cfg->line,
		    "the syntax is wrong; ckptguard.conf(5) shows it");
	(void)cfg_free(cfg);
	return now.e;
}

enum err
conf_load(const char *path, bool trusted, struct conf *out, struct buf *why)
{
	struct conf *c = calloc(1, sizeof(*c));
	FILE *file = NULL;
	enum err e = ERR_NOMEM;

	if (c == NULL)
		return e;
	conf_initial(c);
	now = (struct reading){ .conf = c, .why = why, .path = path };
	e = file_open(path, trusted, &file);
	if (e == ERR_OK) {
		e = file_parse(path, file);
		(void)fclose(file);
	}
	now = (struct reading){ 0 };
	if (e == ERR_OK)
		*out = *c;
	else
		conf_free(c);
	free(c);
	return e;
}
