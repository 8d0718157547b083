/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_judge: what a global means in its use, by the worst of its readings.
 *
 * Loaders do not agree on what a pair names: Python 2 takes it raw, Python 3
 * maps it below protocol 3 and walks the dots of the name from protocol 4 on,
 * and the stream can switch the protocol as often as it likes.  So every
 * reading counts, whatever the stream says.
 *
 * The dots are how attackers leave a module: "pathlib os.system" goes through
 * a module that pathlib imported, "json loads.__globals__" through a function.
 * Honest picklers write them only for Outer.Inner and Class.method.
 */
#include <string.h>

#include "pickle/policy_table.h"
#include "pickle/pynames.h"

/* Parts of a dotted name; honest ones have two or three. */
#define PARTS_MAX 12u
/* Bytes of a module and name joined; beyond it nothing is honest. */
#define JOINED_MAX 2048u

/* What the readings have said so far. */
struct judge {
	const struct policy *policy;
	enum use use;
	bool hidden; /* the reading at hand is not the raw one */
	bool ruled;  /* some reading has a rule, or is judged by its form */
	struct policy_verdict out;
};

/* One reading, cut at its dots. */
struct dotted {
	struct policy_span module, name;
	struct policy_span parts[PARTS_MAX];
	unsigned count;
	bool class_path; /* begins with a class */
	bool looked_at;  /* a rule spells its first part out */
};

static enum verdict
verdict_of(enum policy_action action, enum use use, bool class_like)
{
	bool called = use == USE_CALL;
	bool made = called || use == USE_CONSTRUCT;

	switch (action) {
	case POLICY_ALLOW:
		return VERDICT_CLEAN;
	case POLICY_CONSTRUCT:
		return called ? VERDICT_UNKNOWN : VERDICT_CLEAN;
	case POLICY_ARGS:
		return made ? VERDICT_MALICIOUS : VERDICT_UNKNOWN;
	case POLICY_KNOWN:
		/* cls.__new__ of a Python class runs no code of its own, a C
		 * type such as itertools.starmap is called by it. */
		if (called || (made && !class_like))
			return VERDICT_MALICIOUS;
		return VERDICT_SUSPICIOUS;
	case POLICY_SUSPECT:
		return VERDICT_SUSPICIOUS;
	case POLICY_DENY:
		return VERDICT_MALICIOUS;
	case POLICY_NONE:
	case POLICY_UNKNOWN:
	case POLICY_ACTION_COUNT:
		break;
	}
	return VERDICT_UNKNOWN;
}

/* Take a reading's verdict if it is the first or the worst. */
static void
take(struct judge *j, const struct policy_entry *e, enum verdict v,
    const char *reason)
{
	if (j->ruled && v <= j->out.verdict)
		return;
	j->ruled = true;
	j->out.verdict = v;
	j->out.hidden = j->hidden;
	j->out.reason = reason;
	j->out.rule = e == NULL ? NULL : &e->rule;
	if (e == NULL) {
		j->out.module = j->out.name = "";
		j->out.action =
		    v == VERDICT_MALICIOUS ? POLICY_DENY : POLICY_SUSPECT;
		return;
	}
	j->out.module = e->module;
	j->out.name = e->name;
	j->out.action = e->rule.action;
}

static void
take_rule(
    struct judge *j, const struct policy_entry *e, struct policy_span name)
{
	enum verdict v =
	    verdict_of(e->rule.action, j->use, policy_class_like(name));

	/* Libraries have classes in lower case that no list has yet. */
	if (e->rule.action == POLICY_ARGS && j->use == USE_CONSTRUCT &&
	    e->pattern.kind != POLICY_NAME_EXACT)
		v = VERDICT_SUSPICIOUS;
	take(j, e, v, e->rule.reason);
}

static bool
stands_for_itself(enum policy_action action)
{
	return action == POLICY_KNOWN || action == POLICY_SUSPECT ||
	    action == POLICY_DENY;
}

/* Cut the name at its dots. False: more parts than any honest name has. */
static bool
dotted_cut(struct dotted *d)
{
	struct policy_span rest = d->name;

	d->count = 0;
	for (;;) {
		const char *dot = memchr(rest.at, '.', rest.size);
		size_t size = dot == NULL ? rest.size : (size_t)(dot - rest.at);

		if (d->count == PARTS_MAX)
			return false;
		d->parts[d->count++] = (struct policy_span){ rest.at, size };
		if (dot == NULL)
			return true;
		rest.at += size + 1;
		rest.size -= size + 1;
	}
}

/* The parts [from, to) as one span: they are neighbours in the name. */
static struct policy_span
dotted_slice(const struct dotted *d, unsigned from, unsigned to)
{
	const struct policy_span *last = &d->parts[to - 1];
	const char *at = d->parts[from].at;

	return (struct policy_span){ at, (size_t)(last->at + last->size - at) };
}

static bool
dunder(struct policy_span part)
{
	return part.size > 4 && memcmp(part.at, "__", 2) == 0 &&
	    memcmp(part.at + part.size - 2, "__", 2) == 0 &&
	    !(part.size == 7 && memcmp(part.at, "__new__", 7) == 0);
}

/* Is the part the name of a module that is not to be walked into?  Libraries
 * import as _os what they mean as os. */
static const struct policy_entry *
module_part(const struct policy *p, struct policy_span part)
{
	/* No rule spells this name out, so that a wildcard answers. */
	const struct policy_span nothing = { "", 0 };
	const struct policy_entry *e;

	if (part.size == 0 || policy_class_like(part))
		return NULL;
	for (;;) {
		e = policy_entry_find(p, part, nothing);
		if (e != NULL && e->pattern.module.size > 0 &&
		    stands_for_itself(e->rule.action))
			return e;
		if (part.size < 2 || *part.at != '_')
			return NULL;
		part.at++;
		part.size--;
	}
}

/* One part of a dotted name as attribute of whatever stands before it. */
static void
judge_part(struct judge *j, const struct dotted *d, unsigned i)
{
	struct policy_span part = d->parts[i];
	const struct policy_entry *e;

	if (part.size == 0)
		take(j, NULL, VERDICT_SUSPICIOUS,
		    "a dotted name with an empty part");
	e = policy_entry_anywhere(j->policy, part);
	if (e != NULL && stands_for_itself(e->rule.action))
		take(j, e, VERDICT_MALICIOUS, e->rule.reason);
	if (dunder(part))
		take(j, NULL, VERDICT_MALICIOUS,
		    "a dotted name that walks through an object's internals");
	if ((i == d->count - 1 && d->class_path) || (i == 0 && d->looked_at))
		return;
	e = module_part(j->policy, part);
	if (e != NULL)
		take(j, e, VERDICT_MALICIOUS,
		    "a dotted name that walks into another module");
}

/* The last part as a name of the module that the parts before it spell. */
static void
judge_as_module(
    struct judge *j, struct policy_span module, struct policy_span name)
{
	const struct policy_entry *e =
	    policy_entry_find(j->policy, module, name);

	if (e == NULL || !stands_for_itself(e->rule.action))
		return;
	if (e->rule.action == POLICY_DENY ||
	    (e->pattern.kind == POLICY_NAME_EXACT &&
		e->pattern.module.size > 0))
		take(j, e, VERDICT_MALICIOUS, e->rule.reason);
}

/* Every place to cut the name into a module and an attribute: on its own
 * ("os.system") and below the module ("torch" + "serialization.os.system"). */
static void
judge_cuts(struct judge *j, const struct dotted *d)
{
	char joined[JOINED_MAX];
	struct policy_span below = { joined, 0 };

	if (d->module.size + d->name.size + 1 > sizeof(joined)) {
		take(j, NULL, VERDICT_SUSPICIOUS,
		    "a name longer than any honest one");
		return;
	}
	for (unsigned to = 1; to < d->count; to++)
		for (unsigned from = 0; from < to; from++)
			judge_as_module(
			    j, dotted_slice(d, from, to), d->parts[to]);
	memcpy(joined, d->module.at, d->module.size);
	joined[d->module.size] = '.';
	memcpy(joined + d->module.size + 1, d->name.at, d->name.size);
	for (unsigned to = 1; to < d->count; to++) {
		below.size = d->module.size + 1 + dotted_slice(d, 0, to).size;
		judge_as_module(j, below, d->parts[to]);
	}
}

/* A method or inner class by the rule of its class: never better than unknown,
 * since what is true of a class is not true of all that it can do. */
static enum verdict
verdict_of_method(
    const struct judge *j, const struct policy_entry *parent, bool class_like)
{
	switch (parent->rule.action) {
	case POLICY_CONSTRUCT:
		return class_like || j->use == USE_IMPORT ? VERDICT_UNKNOWN
							  : VERDICT_MALICIOUS;
	case POLICY_ALLOW:
	case POLICY_ARGS:
		return verdict_of(POLICY_KNOWN, j->use, class_like);
	case POLICY_NONE:
	case POLICY_UNKNOWN:
	case POLICY_KNOWN:
	case POLICY_SUSPECT:
	case POLICY_DENY:
	case POLICY_ACTION_COUNT:
		break;
	}
	return verdict_of(parent->rule.action, j->use, class_like);
}

static void
judge_parent(struct judge *j, const struct dotted *d)
{
	const struct policy_span nothing = { "", 0 };
	bool class_like = policy_class_like(d->parts[d->count - 1]);
	const struct policy_entry *e =
	    policy_entry_find(j->policy, d->module, d->parts[0]);

	if (e == NULL)
		return;
	take(j, e, verdict_of_method(j, e, class_like), e->rule.reason);
	if (class_like || j->use == USE_IMPORT)
		return;
	/* A method that is called is a function of its module. */
	e = policy_entry_find(j->policy, d->module, nothing);
	if (e != NULL && stands_for_itself(e->rule.action))
		take(j, e, verdict_of(e->rule.action, j->use, false),
		    e->rule.reason);
}

static void
judge_dotted(
    struct judge *j, struct policy_span module, struct policy_span name)
{
	struct dotted d = { .module = module, .name = name };
	const struct policy_entry *e;

	j->hidden = true;
	if (!dotted_cut(&d)) {
		take(j, NULL, VERDICT_MALICIOUS,
		    "a dotted name that walks deeper than any class lies");
		return;
	}
	e = policy_entry_find(j->policy, module, d.parts[0]);
	d.looked_at = e != NULL && e->pattern.kind == POLICY_NAME_EXACT &&
	    !stands_for_itself(e->rule.action);
	d.class_path = policy_class_like(d.parts[0]) ||
	    (e != NULL && e->pattern.kind == POLICY_NAME_EXACT &&
		(e->rule.action == POLICY_CONSTRUCT ||
		    e->rule.action == POLICY_ALLOW));
	judge_parent(j, &d);
	if (!d.class_path)
		take(j, NULL, VERDICT_SUSPICIOUS,
		    "a dotted name that does not begin with a class");
	for (unsigned i = 0; i < d.count; i++)
		judge_part(j, &d, i);
	judge_cuts(j, &d);
}

/* Python 2 and 3 both take any string; no honest module has these. */
static bool
strange(struct policy_span text)
{
	if (text.size == 0)
		return true;
	for (size_t i = 0; i < text.size; i++)
		if (text.at[i] <= ' ' || text.at[i] > '~')
			return true;
	return false;
}

/* Is the name an attribute of whatever stands before its last dot? */
static bool
is_dotted(struct policy_span name)
{
	return memchr(name.at, '.', name.size) != NULL;
}

static void
judge_pair(struct judge *j, struct policy_span module, struct policy_span name)
{
	const struct policy_entry *e =
	    policy_entry_find(j->policy, module, name);

	/* Whoever writes a rule for "Outer.Inner" has looked at it. */
	if (is_dotted(name) &&
	    (e == NULL || e->pattern.kind != POLICY_NAME_EXACT ||
		e->pattern.module.size == 0))
		judge_dotted(j, module, name);
	else if (e != NULL)
		take_rule(j, e, name);
}

/* Does nothing but a rule for any module know the pair? */
static bool
known_anywhere_only(
    const struct policy *p, struct policy_span module, struct policy_span name)
{
	const struct policy_entry *e = policy_entry_find(p, module, name);

	return e == NULL || e->pattern.module.size == 0;
}

struct policy_verdict
policy_judge_name(
    const struct policy *p, const struct pyname *global, enum use use)
{
	struct judge j = {
		.policy = p,
		.use = use,
		.out = { .action = POLICY_NONE,
		    .verdict = VERDICT_UNKNOWN,
		    .reason = "",
		    .module = "",
		    .name = "" },
	};
	struct policy_span m = { global->module, global->module_size };
	struct policy_span n = { global->name, global->name_size };
	struct policy_span m3, n3;
	struct pyname mapped;

	if (strange(m) || strange(n))
		take(&j, NULL, VERDICT_SUSPICIOUS,
		    "a name with spaces, control or non-ASCII characters");
	if (!pyname_map(global, &mapped)) {
		judge_pair(&j, m, n);
		return j.out;
	}
	/* A module of Python 2 that the policy knows by its new name alone is
	 * that module, not one that nobody knows. */
	m3 = (struct policy_span){ mapped.module, mapped.module_size };
	n3 = (struct policy_span){ mapped.name, mapped.name_size };
	if (is_dotted(n) || !known_anywhere_only(p, m, n) ||
	    known_anywhere_only(p, m3, n3))
		judge_pair(&j, m, n);
	j.hidden = true;
	judge_pair(&j, m3, n3);
	return j.out;
}
