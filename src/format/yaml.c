/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml: configurations that have their loader call what they name.
 *
 * Hydra and NeMo call the value of "_target_" with the values beside it;
 * PyYAML's unsafe loaders make what "!!python/" tags name; SnakeYAML (in
 * TorchServe) any class of Java; MLflow imports the "loader_module" of a file
 * called MLmodel.  Any other YAML is nobody's program and left alone, and so
 * is text that is no YAML: a manual that shows such a line.
 *
 * Reference: hydra/_internal/instantiate; CVE-2025-23304 (NeMo); PyYAML
 *	constructor.py; CVE-2022-1471 (SnakeYAML); mlflow/pyfunc/__init__.py.
 */
#include <string.h>

#include "base/own.h"
#include "format/formats.h"
#include "format/target.h"
#include "format/yaml_scan.h"

enum {
	YAML_MAX = 16 * 1024 * 1024, /* a configuration is some pages */
};

/* What the value of a key is to its reader. */
enum role {
	ROLE_NONE,
	ROLE_TARGET, /* called */
	ROLE_CLASS,  /* called by some readers, a word of its own for others */
	ROLE_LOADER, /* imported */
};

struct yaml_walk {
	struct visit *visit;
	struct report_mark document; /* where its findings begin */
	enum role due;               /* of the next value */
	bool target, tag, loader, flavors;
	bool computed;    /* a target is put together of other values */
	bool harm;        /* one of the values would be harmful as a target */
	const char *name; /* NULL: nothing of ours in a whole document yet */
	struct yaml_scan scan;
};

static enum sniff
yaml_sniff(const struct source *s, struct cursor head)
{
	struct cursor whole = head;
	size_t n = cursor_left(&head);
	const uint8_t *p = cursor_take(&head, n);

	(void)s;
	if (n == 0 || !utext_like(whole))
		return SNIFF_NO;
	/* some mark of a mapping or tag, or comments before it */
	return memchr(p, ':', n) != NULL || memchr(p, '!', n) != NULL ||
		p[0] == '#'
	    ? SNIFF_MAYBE
	    : SNIFF_NO;
}

static enum role
key_role(const struct yaml_scan *y)
{
	static const char *const classes[] = { "target", "class_path", "cls",
		"_class_", "__target__", "callable", "entry_point" };

	if (yaml_is(y, "_target_"))
		return ROLE_TARGET;
	if (yaml_is(y, "loader_module"))
		return ROLE_LOADER;
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (yaml_is(y, classes[i]))
			return ROLE_CLASS;
	return ROLE_NONE;
}

#define SHOWN(y) (int)((y)->text.n < 160 ? (y)->text.n : 160), (y)->text.s

/* The value of "_target_", or of a key that some readers treat so. */
static void
judge_target(struct yaml_walk *w, bool sure)
{
	const struct yaml_scan *y = &w->scan;
	enum verdict verdict = VERDICT_UNKNOWN;

	if (y->text.cut || memmem(y->text.s, y->text.n, "${", 2) != NULL) {
		w->computed = w->computed || sure;
		return;
	}
	if (target_is_name(y->text.s, y->text.n))
		verdict = target_judge(y->text.s, y->text.n);
	else if (!sure)
		return;
	if (verdict == VERDICT_MALICIOUS &&
	    (sure || memchr(y->text.s, '.', y->text.n) != NULL)) {
		visit_find(
		    w->visit, RULE_CONFIG_TARGET, y->at, "%.*s", SHOWN(y));
		w->target = true;
	} else if (verdict == VERDICT_UNKNOWN && sure) {
		visit_find(w->visit, RULE_CONFIG_TARGET_UNKNOWN, y->at, "%.*s",
		    SHOWN(y));
	} else if (sure) {
		visit_step(w->visit, y->at,
		    "calls %s, with the values beside it", y->text.s,
		    y->text.n);
	}
}

/* MLflow imports this module and calls its _load_pyfunc(). */
static void
judge_loader(struct yaml_walk *w)
{
	const struct yaml_scan *y = &w->scan;
	static const char own[] = "mlflow.";
	const size_t n = sizeof(own) - 1;

	if (y->text.n >= n && memcmp(y->text.s, own, n) == 0)
		return;
	visit_find(w->visit,
	    target_judge(y->text.s, y->text.n) == VERDICT_MALICIOUS
		? RULE_CONFIG_TARGET
		: RULE_MLFLOW_LOADER,
	    y->at, "%.*s", SHOWN(y));
}

static void
judge_value(struct yaml_walk *w)
{
	struct yaml_scan *y = &w->scan;

	/* a block scalar ends in line feeds, which readers of names strip */
	while (y->text.n > 0 && y->text.s[y->text.n - 1] == '\n')
		y->text.n--;
	if (!w->harm && y->text.n > 0 && target_is_name(y->text.s, y->text.n))
		w->harm =
		    target_judge(y->text.s, y->text.n) == VERDICT_MALICIOUS;
	switch (w->due) {
	case ROLE_NONE:
		return;
	case ROLE_TARGET:
		w->target = true;
		judge_target(w, true);
		break;
	case ROLE_CLASS:
		judge_target(w, false);
		break;
	case ROLE_LOADER:
		w->loader = true;
		judge_loader(w);
		break;
	}
	w->due = ROLE_NONE;
}

/* Tags that make data. */
static bool
tag_is_data(const char *kind, size_t n)
{
	static const char *const data[] = { "none", "bool", "str", "unicode",
		"bytes", "int", "long", "float", "complex", "list", "tuple",
		"dict" };

	for (size_t i = 0; i < sizeof(data) / sizeof(data[0]); i++)
		if (strlen(data[i]) == n && memcmp(data[i], kind, n) == 0)
			return true;
	return false;
}

/* python/object/apply:os.system */
static void
judge_python(struct yaml_walk *w)
{
	const struct yaml_scan *y = &w->scan;
	const size_t skip = sizeof("python/") - 1;
	const char *kind = y->text.s + skip;
	size_t n = y->text.n - skip;
	const char *colon = memchr(kind, ':', n);
	size_t kind_size = colon == NULL ? n : (size_t)(colon - kind);
	size_t name_size = colon == NULL ? 0 : n - kind_size - 1;
	enum verdict verdict = VERDICT_UNKNOWN;
	bool calls;

	if (tag_is_data(kind, kind_size))
		return;
	w->tag = true;
	if (name_size > 0 && target_is_name(colon + 1, name_size))
		verdict = target_judge(colon + 1, name_size);
	calls = memmem(kind, kind_size, "apply", 5) != NULL ||
	    memmem(kind, kind_size, "module", 6) != NULL;
	if (verdict == VERDICT_MALICIOUS)
		visit_find(w->visit, RULE_YAML_TAG, y->at, "!!%.*s", SHOWN(y));
	else if (verdict == VERDICT_UNKNOWN)
		visit_find(w->visit,
		    calls ? RULE_YAML_TAG_SUSPECT : RULE_YAML_TAG_UNKNOWN,
		    y->at, "!!%.*s", SHOWN(y));
}

static bool
text_begins(const struct yaml_scan *y, const char *with)
{
	size_t n = strlen(with);

	return y->text.n >= n && memcmp(y->text.s, with, n) == 0;
}

static void
judge_tag(struct yaml_walk *w)
{
	static const char *const java[] = { "java.", "javax.", "com.sun.",
		"sun.", "org.", "jdk.", "ch.qos.", "com.mchange.", "groovy.",
		"com.zaxxer." };
	const struct yaml_scan *y = &w->scan;

	if (y->core && text_begins(y, "python/")) {
		judge_python(w);
		return;
	}
	for (size_t i = 0; y->core && i < sizeof(java) / sizeof(java[0]); i++)
		if (text_begins(y, java[i])) {
			w->tag = true;
			visit_find(
			    w->visit, RULE_YAML_TAG, y->at, "!!%.*s", SHOWN(y));
			return;
		}
	if (text_begins(y, "!ruby/object") || text_begins(y, "ruby/object") ||
	    (y->core && text_begins(y, "js/function"))) {
		w->tag = true;
		visit_find(
		    w->visit, RULE_YAML_TAG_SUSPECT, y->at, "%.*s", SHOWN(y));
	}
}

/* A document is over: what was said of it stands, if it is one. */
static void
document_close(struct yaml_walk *w)
{
	if (w->scan.broken) {
		report_rewind(w->visit->report, &w->document);
	} else {
		if (w->computed)
			visit_find(w->visit,
			    w->harm ? RULE_CONFIG_TARGET
				    : RULE_CONFIG_TARGET_UNKNOWN,
			    w->scan.at, "put together of other values");
		if (w->target)
			w->name = "hydra-config";
		else if (w->loader && w->flavors)
			w->name = "mlflow";
		else if (w->tag || w->loader)
			w->name = w->name == NULL ? "yaml" : w->name;
	}
	w->document = report_mark(w->visit->report);
	w->target = w->tag = w->loader = w->flavors = false;
	w->computed = w->harm = false;
	w->due = ROLE_NONE;
	w->scan.broken = false;
}

static enum err
walk_tokens(struct yaml_walk *w)
{
	for (;;) {
		switch (yaml_scan_next(&w->scan)) {
		case YAML_KEY:
			w->flavors = w->flavors || yaml_is(&w->scan, "flavors");
			w->due = key_role(&w->scan);
			break;
		case YAML_VALUE:
			judge_value(w);
			break;
		case YAML_OPEN:
			w->due = ROLE_NONE;
			break;
		case YAML_TAG:
			judge_tag(w);
			break;
		case YAML_DOCUMENT:
			document_close(w);
			break;
		case YAML_END:
			return w->scan.in.err;
		}
	}
}

static enum err
yaml_walk(struct visit *v, const struct source *s)
{
	AUTO_FREE struct yaml_walk *w = NULL;
	enum err e = budget_take(s->budget, BUDGET_MEMORY, sizeof(*w));

	if (e != ERR_OK)
		return e;
	if ((w = calloc(1, sizeof(*w))) == NULL) {
		budget_give(s->budget, sizeof(*w));
		return ERR_NOMEM;
	}
	w->visit = v;
	w->document = report_mark(v->report);
	yaml_scan_begin(&w->scan, s, YAML_MAX);
	e = walk_tokens(w);
	if (w->name != NULL)
		visit_recognise(v, w->name, true);
	if (e == ERR_OK && w->name != NULL && w->scan.in.cut)
		e = ERR_LIMIT;
	budget_give(s->budget, sizeof(*w));
	return e;
}

const struct format format_yaml = {
	.name = "yaml",
	.title = "configuration that names code (Hydra, MLflow, YAML tags)",
	.extensions = ".yaml .yml MLmodel",
	.reference = "YAML 1.2.2; CVE-2025-23304",
	.in_place = true,
	.sniff = yaml_sniff,
	.walk = yaml_walk,
};
