/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_parse: one line of a policy file.
 *
 * A bad line gets a sentence that says what is wrong with it and what to write
 * instead.  Trust takes no wildcards: whoever writes "allow pkg.* *" means the
 * classes and gets pkg.utils.load_and_run as well, so that is a bad line.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "pickle/policy_table.h"

/* A reason is a sentence, not a page. */
#define LINE_MAX_BYTES 1000u

/* What is told about a bad line. */
struct complaint {
	char *text;
	size_t size;
};

static bool __attribute__((format(printf, 2, 3)))
complain(const struct complaint *c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(c->text, c->size, format, args);
	va_end(args);
	return false;
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Cut the next word off the line; empty at its end. */
static struct policy_span
next_word(struct policy_span *line)
{
	struct policy_span word;

	while (line->size > 0 && blank(*line->at)) {
		line->at++;
		line->size--;
	}
	word = (struct policy_span){ line->at, 0 };
	while (word.size < line->size && !blank(word.at[word.size]))
		word.size++;
	line->at += word.size;
	line->size -= word.size;
	return word;
}

static bool
span_is(struct policy_span span, const char *text)
{
	return span.size == strlen(text) &&
	    memcmp(span.at, text, span.size) == 0;
}

static bool
parse_action(
    struct policy_span word, struct policy_line *out, const struct complaint *c)
{
	for (unsigned i = POLICY_ALLOW; i < POLICY_ACTION_COUNT; i++) {
		enum policy_action action = (enum policy_action)i;

		if (span_is(word, policy_action_name(action))) {
			out->action = action;
			return true;
		}
	}
	return complain(c,
	    "\"%.*s\" is no action; begin the line with allow, construct, "
	    "unknown, args, known, suspect or deny",
	    (int)word.size, word.at);
}

/* A dotted path without empty parts or wildcards; true and its dots. */
static bool
dotted_path(struct policy_span path, unsigned *dots)
{
	bool part = false;

	*dots = 0;
	for (size_t i = 0; i < path.size; i++) {
		if (path.at[i] == '*' || path.at[i] == '"')
			return false;
		if (path.at[i] != '.') {
			part = true;
			continue;
		}
		if (!part)
			return false;
		part = false;
		(*dots)++;
	}
	return part;
}

static bool
parse_module(
    struct policy_span word, struct policy_line *out, const struct complaint *c)
{
	struct policy_span path = word;
	unsigned dots;

	if (word.size == 0)
		return complain(c,
		    "the module is missing; write ACTION MODULE NAME "
		    "\"REASON\"");
	out->module = word;
	if (span_is(word, "*")) {
		out->pattern.below = true;
		return true;
	}
	if (path.size > 2 && memcmp(path.at + path.size - 2, ".*", 2) == 0) {
		out->pattern.below = true;
		path.size -= 2;
	}
	if (!dotted_path(path, &dots))
		return complain(c,
		    "\"%.*s\" is no module; write it in full, or \"pkg.*\" "
		    "for pkg and all below it, or \"*\" for any",
		    (int)word.size, word.at);
	if (dots >= POLICY_DEPTH)
		return complain(c,
		    "\"%.*s\" has more than %u parts; name a parent with "
		    "\".*\" instead",
		    (int)word.size, word.at, POLICY_DEPTH);
	out->pattern.module = path;
	return true;
}

static bool
parse_name(
    struct policy_span word, struct policy_line *out, const struct complaint *c)
{
	unsigned dots;

	if (word.size == 0 || *word.at == '"')
		return complain(c,
		    "the name is missing; write ACTION MODULE NAME "
		    "\"REASON\"");
	out->name = word;
	if (span_is(word, "*")) {
		out->pattern.kind = POLICY_NAME_ANY;
	} else if (span_is(word, "Class*")) {
		out->pattern.kind = POLICY_NAME_CLASS;
	} else if (dotted_path(word, &dots)) {
		out->pattern.kind = POLICY_NAME_EXACT;
		out->pattern.name = word;
	} else {
		return complain(c,
		    "\"%.*s\" is no name; write it in full, or \"Class*\" "
		    "for anything that is called like a class, or \"*\"",
		    (int)word.size, word.at);
	}
	return true;
}

static bool
parse_reason(struct policy_span *line, struct policy_line *out,
    const struct complaint *c)
{
	const char *end;

	while (line->size > 0 && blank(*line->at)) {
		line->at++;
		line->size--;
	}
	if (line->size == 0 || *line->at != '"')
		return complain(c,
		    "the reason is missing; say in double quotes why this "
		    "rule is right");
	line->at++;
	line->size--;
	end = memchr(line->at, '"', line->size);
	if (end == NULL)
		return complain(c, "the reason has no closing double quote");
	out->reason =
	    (struct policy_span){ line->at, (size_t)(end - line->at) };
	if (out->reason.size == 0)
		return complain(
		    c, "the reason is empty; say why this rule is right");
	line->at = end + 1;
	line->size -= out->reason.size + 1;
	if (line->size > 0 && !blank(*line->at))
		return complain(c,
		    "text follows the reason's closing quote; a reason has "
		    "no quotes inside, a reference stands after a space");
	return true;
}

/* Wildcards that would trust what nobody has looked at. */
static bool
check_trust(const struct policy_line *line, const struct complaint *c)
{
	const struct policy_pattern *pattern = &line->pattern;

	if (line->action == POLICY_ALLOW &&
	    (pattern->below || pattern->kind != POLICY_NAME_EXACT))
		return complain(c,
		    "allow wants one module and one name: a wildcard would "
		    "also allow functions that nobody has looked at; list the "
		    "names, or write construct with Class*");
	if (line->action == POLICY_ARGS && pattern->below &&
	    pattern->module.size == 0)
		return complain(c,
		    "args wants a module or package: nobody judges the "
		    "arguments of every function there is");
	if (line->action != POLICY_CONSTRUCT)
		return true;
	if (pattern->kind == POLICY_NAME_ANY)
		return complain(c,
		    "construct wants a name or Class*: \"*\" would take in "
		    "every function");
	if (pattern->below && pattern->module.size == 0)
		return complain(c,
		    "construct wants a package: \"*\" would take in every "
		    "module of the standard library");
	return true;
}

/* Printable text in valid UTF-8: a policy's words go to terminals. */
static bool
check_text(struct policy_span line, const struct complaint *c)
{
	for (size_t i = 0; i < line.size;) {
		unsigned point = 0;
		size_t n = text_utf8(line.at + i, line.size - i, &point);

		if (n == 0 || (point < 0x20 && point != '\t') || point == 0x7f)
			return complain(c,
			    "byte %zu is no printable UTF-8; take it out",
			    i + 1);
		i += n;
	}
	return true;
}

bool
policy_parse_line(struct policy_span line, struct policy_line *out,
    char *problem, size_t size)
{
	struct policy_line parsed = { .pattern = { .module = { "", 0 } } };
	struct complaint c = { problem, size };
	struct policy_span word;

	problem[0] = '\0';
	if (line.size > LINE_MAX_BYTES)
		return complain(&c,
		    "the line is longer than %u bytes; shorten its reason",
		    LINE_MAX_BYTES);
	if (!check_text(line, &c))
		return false;
	word = next_word(&line);
	if (word.size == 0 || *word.at == '#')
		return false;
	parsed.pattern.name.at = "";
	if (!parse_action(word, &parsed, &c) ||
	    !parse_module(next_word(&line), &parsed, &c) ||
	    !parse_name(next_word(&line), &parsed, &c) ||
	    !parse_reason(&line, &parsed, &c))
		return false;
	parsed.reference = next_word(&line);
	word = next_word(&line);
	if (word.size > 0)
		return complain(&c,
		    "\"%.*s\" stands behind the reference, which is one word; "
		    "put it into the reason",
		    (int)word.size, word.at);
	if (!check_trust(&parsed, &c))
		return false;
	*out = parsed;
	return true;
}
