/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load: compile rule files, each by itself first.
 *
 * libyara gives a compiler up after its first bad file, and a rule of one file
 * could shadow another's name or, being global, switch it off.  So each file
 * is tried alone, in a namespace of its own, and only the good ones are then
 * compiled together.  A file that is left out is told about; the others load.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fnv.h"
#include "base/own.h"
#include "rules/rules_priv.h"

enum {
	/* One rule file; the largest public sets are a few megabytes. */
	RULE_FILE_MAX = 8 * 1024 * 1024,
	/* Ids and messages made up here. */
	RULE_META_MAX = 4 * 1024 * 1024,
	RULE_PATH_MAX = 4096,
	/* Values on libyara's evaluation stack: its default of 16384 costs a
	 * mapping of 128 KB for every scan, and no rule comes near this. */
	RULE_STACK = 2048,
	/* Bytes of a match that libyara keeps; we show this many at most. */
	RULE_MATCH_DATA = 128,
};

/* Modules that only compute.  Others read files when they are first used, or
 * parse hostile bytes with code that is not ours to vouch for; inside the
 * sandbox the first would kill the worker. */
static const char *const modules_allowed[] = { "math", "string", "time", NULL };

/* The externals that the engine fills (struct rules_facts). */
static const char *const externals[] = { "format", "member", "imports", "text",
	NULL };

struct loader {
	struct rules *rules;
	YR_COMPILER *all; /* the good files */
	rules_problem_fn problem;
	void *context;
	const char *file; /* being compiled */
	unsigned last;    /* its last line */
	bool bad;         /* something was left out */
};

static void
tell(struct loader *l, unsigned line, const char *text)
{
	if (l->problem != NULL)
		l->problem(l->context, l->file, line, text);
}

static void
compiler_free(YR_COMPILER **c)
{
	if (*c != NULL)
		yr_compiler_destroy(*c);
}

static void
scanner_free(YR_SCANNER **s)
{
	if (*s != NULL)
		yr_scanner_destroy(*s);
}

static void
compiled_free(YR_RULES **r)
{
	if (*r != NULL)
		(void)yr_rules_destroy(*r);
}

/* The parameters are libyara's: YR_COMPILER_CALLBACK_FUNC. */
#define ON_COMPILE \
	int level, const char *file, int line, const YR_RULE *rule, \
	    const char *message, void *context

static void
on_compile(ON_COMPILE)
{
	struct loader *l = context;
	char text[512];

	(void)file;
	(void)snprintf(text, sizeof(text), "%s%s%s%s%s",
	    level == YARA_ERROR_LEVEL_ERROR ? "" : "warning: ",
	    rule == NULL ? "" : "rule ", rule == NULL ? "" : rule->identifier,
	    rule == NULL ? "" : ": ", message);
	/* What misses at the end of a file has no line for libyara. */
	tell(l, line > 0 ? (unsigned)line : l->last, text);
}

/* A compiler that knows the externals and includes nothing. */
static enum err
compiler_new(struct loader *l, bool loud, YR_COMPILER **out)
{
	if (yr_compiler_create(out) != ERROR_SUCCESS)
		return ERR_NOMEM;
	yr_compiler_set_include_callback(*out, NULL, NULL, NULL);
	if (loud)
		yr_compiler_set_callback(*out, on_compile, l);
	for (size_t i = 0; externals[i] != NULL; i++)
		if (yr_compiler_define_string_variable(
			*out, externals[i], "") != ERROR_SUCCESS)
			return ERR_NOMEM;
	if (yr_compiler_define_boolean_variable(*out, "active", 0) !=
	    ERROR_SUCCESS)
		return ERR_NOMEM;
	return ERR_OK;
}

/* Read a rule file whole. ERR_SYS, ERR_LIMIT, ERR_NOMEM. */
static enum err
file_read(int dir, const char *name, struct buf *out)
{
	AUTO_CLOSE int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t got = 1;

	if (fd == -1)
		return ERR_SYS;
	while (got != 0) {
		char block[16 * 1024];
		enum err e;

		got = read(fd, block, sizeof(block));
		if (got == -1 && errno == EINTR)
			got = 1;
		else if (got == -1)
			return ERR_SYS;
		else if ((e = buf_add(out, block, (size_t)got)) != ERR_OK)
			return e;
	}
	return ERR_OK;
}

static int
on_trial(YR_SCAN_CONTEXT *scan, int message, void *data, void *context)
{
	struct loader *l = context;
	const YR_MODULE_IMPORT *import = data;
	char text[256];

	(void)scan;
	if (message != CALLBACK_MSG_IMPORT_MODULE)
		return CALLBACK_CONTINUE;
	for (size_t i = 0; modules_allowed[i] != NULL; i++)
		if (strcmp(modules_allowed[i], import->module_name) == 0)
			return CALLBACK_CONTINUE;
	(void)snprintf(text, sizeof(text),
	    "the module \"%s\" is not available in the sandbox; "
	    "remove its import (there are: math, string, time)",
	    import->module_name);
	tell(l, 0, text);
	return CALLBACK_ERROR;
}

/* Run a file's rules once over nothing: that tells which modules they use and
 * that they run at all. */
static enum err
file_trial(struct loader *l, YR_COMPILER *c)
{
	__attribute__((cleanup(compiled_free))) YR_RULES *r = NULL;
	__attribute__((cleanup(scanner_free))) YR_SCANNER *s = NULL;
	const uint8_t nothing[1] = { 0 };
	int rc;

	if (yr_compiler_get_rules(c, &r) != ERROR_SUCCESS ||
	    yr_scanner_create(r, &s) != ERROR_SUCCESS)
		return ERR_NOMEM;
	yr_scanner_set_callback(s, on_trial, l);
	yr_scanner_set_flags(s, SCAN_FLAGS_NO_TRYCATCH);
	rc = yr_scanner_scan_mem(s, nothing, sizeof(nothing));
	if (rc == ERROR_INSUFFICIENT_MEMORY)
		return ERR_NOMEM;
	if (rc == ERROR_SUCCESS)
		return ERR_OK;
	if (rc != ERROR_CALLBACK_ERROR)
		tell(l, 0, "the rules cannot be run");
	return ERR_MALFORMED;
}

/* Compile one file by itself, and if it is good, with the others. */
static enum err
file_compile(struct loader *l, const char *text)
{
	__attribute__((cleanup(compiler_free))) YR_COMPILER *alone = NULL;
	enum err e;

	l->last = 1;
	for (const char *s = text; *s != '\0'; s++)
		l->last += s[0] == '\n' && s[1] != '\0';
	if ((e = compiler_new(l, true, &alone)) != ERR_OK)
		return e;
	if (yr_compiler_add_string(alone, text, l->file) != 0)
		return ERR_MALFORMED;
	if ((e = file_trial(l, alone)) != ERR_OK)
		return e;
	if (yr_compiler_add_string(l->all, text, l->file) == 0) {
		/* With its NUL: no file runs into the next. */
		l->rules->sum = fnv_add(l->rules->sum, text, strlen(text) + 1);
		return ERR_OK;
	}
	/* A limit of libyara over all rules: the compiler is of no more use. */
	tell(l, 0, "does not compile together with the files before it");
	return ERR_NOMEM;
}

/* Add one file, whose path for people is l->file. ERR_NOMEM ends loading; what
 * is bad is told and left out. */
static enum err
file_add(struct loader *l, int dir, const char *name)
{
	AUTO(buf) struct buf text = buf_new(RULE_FILE_MAX);
	enum err e;

	e = file_read(dir, name, &text);
	if (e == ERR_SYS)
		tell(l, 0, strerror(errno));
	if (e == ERR_LIMIT)
		tell(l, 0, "larger than 8 MB: split it");
	if (e == ERR_OK && strlen(buf_text(&text)) != text.size) {
		tell(l, 0, "holds a NUL byte: this is no rule file");
		e = ERR_MALFORMED;
	}
	if (e == ERR_OK)
		e = file_compile(l, buf_text(&text));
	if (e != ERR_OK)
		l->bad = true;
	return e == ERR_NOMEM ? e : ERR_OK;
}

static int
yar_filter(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return d->d_name[0] != '.' && n > 4 &&
	    strcmp(d->d_name + n - 4, ".yar") == 0;
}

/* Every *.yar of one directory, in name order; or one file, whatever its name.
 */
static enum err
dir_add(struct loader *l, const char *dirname)
{
	AUTO_CLOSE int dir = open(dirname, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent **names = NULL;
	char path[RULE_PATH_MAX];
	enum err e = ERR_OK;
	int n;

	l->file = dirname;
	if (dir == -1 && errno == ENOENT)
		return ERR_OK;
	if (dir == -1 && errno == ENOTDIR)
		return file_add(l, AT_FDCWD, dirname);
	if (dir == -1 ||
	    (n = scandir(dirname, &names, yar_filter, alphasort)) == -1) {
		tell(l, 0, strerror(errno));
		l->bad = true;
		return ERR_OK;
	}
	for (int i = 0; i < n; i++) {
		(void)snprintf(
		    path, sizeof(path), "%s/%s", dirname, names[i]->d_name);
		l->file = path;
		if (e == ERR_OK)
			e = file_add(l, dir, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return e;
}

/* A rule without a verdict of its own gets that of its severity: a rule that
 * only informs must not close a file to its owner. */
static enum verdict
severity_verdict(enum severity s)
{
	switch (s) {
	case SEVERITY_CRITICAL:
	case SEVERITY_HIGH:
		return VERDICT_MALICIOUS;
	case SEVERITY_MEDIUM:
		return VERDICT_SUSPICIOUS;
	case SEVERITY_LOW:
	case SEVERITY_INFO:
	case SEVERITY_COUNT:
		break;
	}
	return VERDICT_CLEAN;
}

static const char *
meta_text(const YR_RULE *rule, const char *name)
{
	const YR_META *meta;

	yr_rule_metas_foreach(rule, meta)
	{
		if (meta->type == META_TYPE_STRING &&
		    strcmp(meta->identifier, name) == 0)
			return meta->string;
	}
	return NULL;
}

/* The line of meta that is wrong; the rule counts with the default. */
static void
meta_problem(
    struct loader *l, const YR_RULE *rule, const char *name, const char *values)
{
	char text[512];

	(void)snprintf(text, sizeof(text),
	    "rule %s: meta %s = \"%s\" is none of %s", rule->identifier, name,
	    meta_text(rule, name), values);
	l->file = rule->ns->name;
	l->bad = true;
	tell(l, 0, text);
}

static enum err
row_fill(struct loader *l, const YR_RULE *rule, struct rules_row *row)
{
	struct arena *arena = &l->rules->arena;
	const char *id = meta_text(rule, "id");
	const char *severity = meta_text(rule, "severity");
	const char *verdict = meta_text(rule, "verdict");

	row->file = rule->ns->name;
	row->id =
	    arena_printf(arena, "yara.%s", id == NULL ? rule->identifier : id);
	row->severity = SEVERITY_MEDIUM;
	if (severity != NULL && !severity_parse(severity, &row->severity))
		meta_problem(
		    l, rule, "severity", "info, low, medium, high, critical");
	row->verdict = severity_verdict(row->severity);
	if (verdict != NULL && !verdict_parse(verdict, &row->verdict))
		meta_problem(l, rule, "verdict",
		    "clean, unknown, unverified, suspicious, malicious");
	row->message = meta_text(rule, "message");
	if (row->message == NULL)
		row->message = arena_printf(
		    arena, "matches the rule %s", rule->identifier);
	row->reference = meta_text(rule, "reference");
	if (row->reference == NULL)
		row->reference = "";
	return row->id == NULL || row->message == NULL ? ERR_NOMEM : ERR_OK;
}

/* The table of what was compiled. */
static enum err
rows_fill(struct loader *l)
{
	struct rules *r = l->rules;
	const YR_RULE *rule;
	enum err e = ERR_OK;

	r->rows = calloc((size_t)r->compiled->num_rules + 1, sizeof(*r->rows));
	if (r->rows == NULL)
		return ERR_NOMEM;
	yr_rules_foreach(r->compiled, rule)
	{
		if (e == ERR_OK)
			e = row_fill(l, rule, &r->rows[r->count++]);
	}
	return e;
}

static enum err
load_all(struct loader *l, const char *const *dirs)
{
	struct rules *r = l->rules;
	enum err e = compiler_new(l, false, &l->all);

	for (size_t i = 0; e == ERR_OK && dirs[i] != NULL; i++)
		e = dir_add(l, dirs[i]);
	if (e != ERR_OK)
		return e;
	if (yr_compiler_get_rules(l->all, &r->compiled) != ERROR_SUCCESS)
		return ERR_NOMEM;
	if ((e = rows_fill(l)) != ERR_OK)
		return e;
	if (yr_scanner_create(r->compiled, &r->scanner) != ERROR_SUCCESS)
		return ERR_NOMEM;
	return l->bad ? ERR_MALFORMED : ERR_OK;
}

enum err
rules_load(const char *const *dirs, rules_problem_fn problem, void *context,
    struct rules **out)
{
	struct rules *r = calloc(1, sizeof(*r));
	struct loader l = {
		.rules = r, .problem = problem, .context = context
	};
	enum err e;

	if (r == NULL)
		return ERR_NOMEM;
	r->arena = arena_new(RULE_META_MAX);
	r->sum = FNV_START;
	if (yr_initialize() != ERROR_SUCCESS) {
		free(r);
		return ERR_NOMEM;
	}
	(void)yr_set_configuration_uint32(YR_CONFIG_STACK_SIZE, RULE_STACK);
	(void)yr_set_configuration_uint32(
	    YR_CONFIG_MAX_MATCH_DATA, RULE_MATCH_DATA);
	e = load_all(&l, dirs);
	compiler_free(&l.all);
	if (e != ERR_OK && e != ERR_MALFORMED) {
		rules_free(r);
		return e;
	}
	*out = r;
	return e;
}

void
rules_free(struct rules *r)
{
	if (r == NULL)
		return;
	scanner_free(&r->scanner);
	compiled_free(&r->compiled);
	free(r->rows);
	arena_free(&r->arena);
	free(r);
	(void)yr_finalize();
}

size_t
rules_count(const struct rules *r)
{
	return r->count;
}

uint64_t
rules_sum(const struct rules *r)
{
	return r->sum;
}

void
rules_each(const struct rules *r, rules_row_fn fn, void *context)
{
	for (size_t i = 0; i < r->count; i++)
		fn(context, &r->rows[i]);
}
