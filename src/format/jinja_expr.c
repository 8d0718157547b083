/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jinja_expr: brackets, operands and the constants they make.
 *
 * No tree is built and no expression evaluated: a level is kept for each open
 * bracket, with the constant that its operands make so far.  Precedence does
 * not matter, since every operand is looked at and only strings are joined.
 */
#include <string.h>

#include "format/jinja_inside.h"
#include "format/jinja_word.h"

enum { EVIDENCE = JINJA_EVIDENCE };

void
jinja_say(struct jinja *j, enum verdict verdict, const char *why, const char *s,
    size_t n)
{
	int shown = (int)(n < EVIDENCE ? n : EVIDENCE);
	enum rule rule = verdict == VERDICT_MALICIOUS ? RULE_TEMPLATE_ESCAPE
						      : RULE_TEMPLATE_SUSPECT;

	if (verdict == VERDICT_CLEAN)
		return;
	if (verdict == VERDICT_MALICIOUS)
		j->result->escape = true;
	if (verdict > j->worst) {
		j->worst = verdict;
		j->why = why;
		j->worst_at = j->lex.offset;
	}
	visit_find(
	    j->v, rule, j->base + j->lex.offset, "%s: %.*s", why, shown, s);
}

void
jinja_word(struct jinja *j, jinja_word_fn *judge, const char *s, size_t n)
{
	const char *why = "";
	enum verdict verdict = judge(s, n, &why);

	if (verdict == VERDICT_MALICIOUS &&
	    (judge == jinja_word_attribute || judge == jinja_word_dotted))
		j->result->climbs = true;
	jinja_say(j, verdict, why, s, n);
}

struct level *
jinja_top(struct jinja *j)
{
	return &j->levels[j->depth];
}

static uint64_t
name_hash(const char *s, size_t n)
{
	uint64_t hash = UINT64_C(5381);

	for (size_t i = 0; i < n; i++)
		hash = (hash << 5 ^ hash >> 59) ^ (uint8_t)s[i];
	return hash;
}

static bool
name_is(const char *s, size_t n, const char *text)
{
	return strlen(text) == n && memcmp(s, text, n) == 0;
}

static bool
name_is_own(const struct jinja *j, const char *s, size_t n)
{
	uint64_t hash = name_hash(s, n);

	for (unsigned i = 0; i < j->name_count; i++)
		if (j->names[i] == hash)
			return true;
	return false;
}

void
jinja_name_set(struct jinja *j, const char *s, size_t n)
{
	j->set_one = name_hash(s, n);
	j->set_count++;
	if (!name_is_own(j, s, n) && j->name_count < NAMES)
		j->names[j->name_count++] = j->set_one;
}

static struct jvalue
variable_value(const struct jinja *j, const char *s, size_t n)
{
	uint64_t hash = name_hash(s, n);

	for (unsigned i = j->variable_count; i > 0; i--)
		if (j->variables[i - 1].name == hash)
			return j->variables[i - 1].value;
	return (struct jvalue){ 0 };
}

/* {% set name = value %}: constants only, the newest counts. */
void
jinja_variable_set(struct jinja *j, const struct jvalue *value)
{
	unsigned at = j->variable_count;

	for (unsigned i = 0; i < j->variable_count; i++)
		if (j->variables[i].name == j->set_one)
			at = i;
	if (at == VARIABLES)
		return;
	j->variables[at] = (struct variable){ j->set_one, *value };
	if (at == j->variable_count)
		j->variable_count++;
}

/* A constant, as written or as put together. */
void
jinja_constant(struct jinja *j, const char *s, size_t n)
{
	jinja_word(j, jinja_word_constant, s, n);
}

/* A constant or its ruins are used to reach an attribute. */
static void
attribute_judge(struct jinja *j, const struct jvalue *value)
{
	if (value->known)
		jinja_word(j, jinja_word_attribute, value->s, value->n);
	else if (value->odd && value->built)
		jinja_say(j, VERDICT_SUSPICIOUS,
		    "reaches an attribute by pieces of its name", "", 0);
}

/* Join the present operand to those before it. */
/* "%c": characters by their numbers, which no prompt needs. */
static void
format_judge(struct jinja *j, const struct jvalue *format)
{
	if (format->known && memmem(format->s, format->n, "%c", 2) != NULL)
		jinja_say(j, VERDICT_SUSPICIOUS, "puts a hidden word together",
		    format->s, format->n);
}

void
jinja_combine(struct jinja *j)
{
	struct level *l = jinja_top(j);

	if (!l->operand)
		return;
	if (l->operation == '%')
		format_judge(j, &l->whole);
	if (l->operation == '%')
		(void)jvalue_filter(&l->whole, "%", 1, &l->value);
	else if (l->operation != '\0')
		jvalue_append(&l->whole, &l->value, '\0');
	else
		l->whole = l->value;
	l->operand = false;
	l->operation = '\0';
	if (l->whole.known && l->whole.built)
		jinja_constant(j, l->whole.s, l->whole.n);
}

/* An operator behind an operand. */
void
jinja_operator(struct jinja *j, char operation)
{
	jinja_combine(j);
	jinja_top(j)->operation = operation;
}

/* Words and comparisons end an expression; what follows is another. */
void
jinja_restart(struct jinja *j)
{
	jinja_combine(j);
	jinja_top(j)->whole = (struct jvalue){ 0 };
}

/* A comma: the expression is an element. */
void
jinja_element(struct jinja *j)
{
	struct level *l = jinja_top(j);

	jinja_combine(j);
	if (l->elements)
		jvalue_append(&l->list, &l->whole, JVALUE_NEXT);
	else
		l->list = l->whole;
	l->list.list = true;
	l->elements = true;
	l->whole = (struct jvalue){ 0 };
}

void
jinja_times(struct jinja *j)
{
	struct level *l = jinja_top(j);

	l->factor = l->value;
	l->times = l->operand;
	l->operand = false;
}

void
jinja_operand(struct jinja *j, const struct jvalue *value)
{
	struct level *l = jinja_top(j);

	if (l->operand)
		jinja_restart(j);
	l->value = *value;
	l->operand = true;
	if (l->times)
		jvalue_repeat(&l->value, &l->factor);
	l->times = false;
}

static void
filter_apply(struct jinja *j, struct level *l, const struct jvalue *arguments)
{
	static const char attr[] = "the attr filter", attr_name[] = "attr";

	if (name_is(l->name, l->name_size, "attr")) {
		const char *why = "";
		enum verdict verdict = !arguments->known
		    ? VERDICT_MALICIOUS
		    : jinja_word_attribute(arguments->s, arguments->n, &why);

		jinja_say(j,
		    verdict == VERDICT_CLEAN ? VERDICT_SUSPICIOUS : verdict,
		    "reaches an attribute past the sandbox", attr,
		    sizeof(attr) - 1);
		l->target = jvalue_unknown(&l->target);
		return;
	}
	if (name_is(l->name, l->name_size, "map") && arguments->n >= 4 &&
	    memcmp(arguments->s, attr_name, 4) == 0)
		jinja_say(j, VERDICT_SUSPICIOUS,
		    "reaches an attribute past the sandbox", attr,
		    sizeof(attr) - 1);
	if (name_is(l->name, l->name_size, "format"))
		format_judge(j, &l->target);
	if (!jvalue_filter(&l->target, l->name, l->name_size, arguments))
		l->target = jvalue_part(&l->target);
	else if (l->target.known)
		jinja_constant(j, l->target.s, l->target.n);
}

/* "sep".join(list): the list is the argument. */
static void
method_apply(struct level *l, const struct jvalue *arguments)
{
	if (name_is(l->name, l->name_size, "join")) {
		struct jvalue list = *arguments;
		struct jvalue between = l->target;

		list.list = true;
		(void)jvalue_filter(&list, "join", 4, &between);
		l->target = list;
	} else if (!jvalue_filter(
		       &l->target, l->name, l->name_size, arguments)) {
		l->target = jvalue_part(&l->target);
	}
}

/* Nothing stands between the brackets. */
static bool
level_is_empty(const struct level *l)
{
	return !l->elements && !l->operand && l->operation == '\0' &&
	    !l->whole.known && !l->whole.built && l->slice_size == 0;
}

/* The level's own value, once its bracket closes. */
static struct jvalue
level_result(struct jinja *j, struct level *l)
{
	struct jvalue arguments = { 0 };

	if (level_is_empty(l))
		arguments = (struct jvalue){ .known = true, .list = true };
	else if (l->role == ROLE_LIST || l->role == ROLE_CALL || l->elements ||
	    l->role == ROLE_FILTER || l->role == ROLE_METHOD) {
		jinja_element(j);
		arguments = l->list;
	} else {
		jinja_combine(j);
	}
	switch (l->role) {
	case ROLE_PLAIN:
		return l->elements ? arguments : l->whole;
	case ROLE_LIST:
		return arguments;
	case ROLE_CALL:
		return jvalue_unknown(&arguments);
	case ROLE_FILTER:
		filter_apply(j, l, &arguments);
		return l->target;
	case ROLE_METHOD:
		method_apply(l, &arguments);
		if (l->target.known)
			jinja_constant(j, l->target.s, l->target.n);
		return l->target;
	case ROLE_INDEX:
		break;
	}
	if (name_is(l->slice, l->slice_size, "::-1")) {
		jvalue_reverse(&l->target);
		return l->target;
	}
	attribute_judge(j, &l->whole);
	return memchr(l->slice, ':', l->slice_size) != NULL
	    ? jvalue_part(&l->target)
	    : jvalue_unknown(&l->target);
}

void
jinja_open(struct jinja *j, enum role role)
{
	struct level *up = jinja_top(j), *l;

	if (j->depth + 1 == LEVELS) {
		j->beyond++;
		return;
	}
	j->depth++;
	l = jinja_top(j);
	*l = (struct level){ .role = role };
	if (role == ROLE_PLAIN || role == ROLE_LIST)
		return;
	l->target = up->value;
	if (role == ROLE_FILTER || role == ROLE_METHOD) {
		l->name_size =
		    j->name_size < NAME_MAX_SEEN ? j->name_size : NAME_MAX_SEEN;
		memcpy(l->name, j->name, l->name_size);
	}
	up->operand = false;
}

void
jinja_close(struct jinja *j)
{
	struct jvalue result;

	if (j->beyond > 0) {
		j->beyond--;
		return;
	}
	if (j->depth == 0)
		return;
	result = level_result(j, jinja_top(j));
	j->depth--;
	jinja_operand(j, &result);
	if (result.known && result.built)
		jinja_constant(j, result.s, result.n);
}

/* A name that stands for itself: a variable, a builtin, a keyword argument. */
static void
root_judge(struct jinja *j, char next)
{
	const char *why = "";
	struct jvalue value = variable_value(j, j->name, j->name_size);
	enum verdict verdict;

	if (next == '=' && jinja_top(j)->role != ROLE_PLAIN)
		jinja_constant(j, j->name, j->name_size);
	else if (!name_is_own(j, j->name, j->name_size)) {
		verdict = jinja_word_name(j->name, j->name_size, next, &why);
		jinja_say(j, verdict, why, j->name, j->name_size);
	}
	jinja_operand(j, &value);
}

static void
attribute_named(struct jinja *j, char next)
{
	struct level *l = jinja_top(j);

	jinja_word(j, jinja_word_dotted, j->name, j->name_size);
	if (next == '(')
		jinja_word(j, jinja_word_method, j->name, j->name_size);
	else
		l->value = jvalue_unknown(&l->value);
	l->operand = true;
}

static void
filter_named(struct jinja *j, char next)
{
	struct level filter = { .target = jinja_top(j)->value };
	static const struct jvalue none = { .known = true, .list = true };

	if (next == '(')
		return; /* with its arguments */
	filter.name_size =
	    j->name_size < NAME_MAX_SEEN ? j->name_size : NAME_MAX_SEEN;
	memcpy(filter.name, j->name, filter.name_size);
	filter_apply(j, &filter, &none);
	jinja_top(j)->value = filter.target;
	jinja_top(j)->operand = true;
}

/* The next token says what the last name was. Returns the role that an opening
 * parenthesis has. */
enum role
jinja_resolve(struct jinja *j, char next)
{
	enum pending pending = j->pending;

	j->pending = PENDING_NONE;
	switch (pending) {
	case PENDING_NONE:
		return jinja_top(j)->operand ? ROLE_CALL : ROLE_PLAIN;
	case PENDING_NAME:
		root_judge(j, next);
		return ROLE_CALL;
	case PENDING_ATTRIBUTE:
		attribute_named(j, next);
		return ROLE_METHOD;
	case PENDING_FILTER:
		filter_named(j, next);
		return ROLE_FILTER;
	}
	return ROLE_PLAIN;
}
