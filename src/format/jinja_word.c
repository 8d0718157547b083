/* SPDX-License-Identifier: Apache-2.0 */
/* jinja_word: sorted by where a word stands. */
#include "format/jinja_word.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

enum { DUNDER_MIN = 5 };

static const char inside[] = "reaches into the insides of Python";
static const char calls[] = "calls what runs commands or code";
static const char builtin[] = "reaches into a builtin of Jinja";
static const char web[] = "reaches into the web server";
static const char other[] = "loads another template";
static const char pieces[] = "puts a hidden word together";

/* Attributes of functions, frames and generators; Jinja's own sandbox
 * (jinja2/sandbox.py, UNSAFE_*_ATTRIBUTES) and what stands behind them. */
static const char *const internal[] = { "ag_code", "ag_frame", "co_code",
	"cr_code", "cr_frame", "f_back", "f_builtins", "f_code", "f_globals",
	"f_locals", "func_closure", "func_code", "func_defaults",
	"func_globals", "gi_code", "gi_frame", "im_func", "im_self", "mro",
	"tb_frame", "tb_next", "_TemplateReference__context",
	"_Context__self" };

static const char *const commands[] = { "Popen", "check_call", "check_output",
	"exec_module", "from_object", "from_pyfile", "getoutput",
	"getstatusoutput", "import_module", "load_module", "popen", "system" };

static const char *const functions[] = { "compile", "eval", "exec", "execfile",
	"getattr", "globals", "locals", "open", "setattr", "vars" };

static const char *const modules[] = { "builtins", "importlib", "os", "posix",
	"pty", "shutil", "socket", "subprocess", "sys" };

/* What Jinja and Flask put into every template as a function or class: honest
 * templates call it, and reach for nothing in it. */
static const char *const builtins[] = { "cycler", "dict",
	"get_flashed_messages", "joiner", "lipsum", "namespace", "range",
	"url_for" };

static const char *const requests[] = { "current_app", "g", "request",
	"session" };

static const char *const statements[] = { "extends", "from", "import",
	"include" };

#define IS_IN(list, s, n) text_is_in(list, sizeof(list) / sizeof(list[0]), s, n)

static bool
is_dunder(const char *s, size_t n)
{
	return n >= DUNDER_MIN && s[0] == '_' && s[1] == '_' &&
	    s[n - 1] == '_' && s[n - 2] == '_';
}

static enum verdict
said(const char **why, const char *reason, enum verdict verdict)
{
	*why = reason;
	return verdict;
}

enum verdict
jinja_word_attribute(const char *s, size_t n, const char **why)
{
	if (is_dunder(s, n) || IS_IN(internal, s, n))
		return said(why, inside, VERDICT_MALICIOUS);
	return VERDICT_CLEAN;
}

enum verdict
jinja_word_dotted(const char *s, size_t n, const char **why)
{
	enum verdict verdict = jinja_word_attribute(s, n, why);

	if (verdict == VERDICT_CLEAN && n > 1 && s[0] == '_')
		return said(why, inside, VERDICT_SUSPICIOUS);
	return verdict;
}

enum verdict
jinja_word_method(const char *s, size_t n, const char **why)
{
	if (IS_IN(commands, s, n))
		return said(why, calls, VERDICT_MALICIOUS);
	return VERDICT_CLEAN;
}

enum verdict
jinja_word_name(const char *s, size_t n, char next, const char **why)
{
	if (is_dunder(s, n))
		return said(why, inside, VERDICT_MALICIOUS);
	if (IS_IN(functions, s, n) && next == '(')
		return said(why, calls, VERDICT_MALICIOUS);
	if (IS_IN(modules, s, n) && next == '.')
		return said(why, calls, VERDICT_MALICIOUS);
	if (IS_IN(builtins, s, n) &&
	    (next == '.' || next == '[' || next == '|'))
		return said(why, builtin, VERDICT_MALICIOUS);
	if (n == 6 && memcmp(s, "lipsum", 6) == 0)
		return said(why, builtin, VERDICT_SUSPICIOUS);
	if (IS_IN(requests, s, n) && (next == '.' || next == '['))
		return said(why, web, VERDICT_SUSPICIOUS);
	return VERDICT_CLEAN;
}

/* Letters, digits, underscores and dots alone: a name or a path of names. */
static bool
is_path(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') ||
			(s[i] >= 'A' && s[i] <= 'Z') || s[i] == '_' ||
			(s[i] >= '0' && s[i] <= '9') || s[i] == '.'))
			return false;
	return n > 0;
}

/* Is a component of the path, between dots, a word of attributes? */
static bool
path_is_internal(const char *s, size_t n)
{
	const char *why;

	for (size_t from = 0, i = 0; i <= n; i++)
		if (i == n || s[i] == '.') {
			if (is_dunder(s + from, i - from) ||
			    (from > 0 &&
				jinja_word_attribute(
				    s + from, i - from, &why) != VERDICT_CLEAN))
				return true;
			from = i + 1;
		}
	return false;
}

/* "{0.__class__}", "{x[__globals__]}": str.format reaches attributes. */
static bool
format_reaches(const char *s, size_t n)
{
	bool brace = false;

	for (size_t i = 0; i + 2 < n; i++) {
		if (s[i] == '{')
			brace = true;
		else if (s[i] == '}' || s[i] == ' ')
			brace = false;
		else if (brace && (s[i] == '.' || s[i] == '[') &&
		    s[i + 1] == '_' && s[i + 2] == '_')
			return true;
	}
	return false;
}

/* "__cla", "ss__": half a dunder. */
static bool
is_piece(const char *s, size_t n)
{
	size_t head = 0, tail = 0, letters = 0;

	if (n < 3 || n > 24)
		return false;
	while (head < n && s[head] == '_')
		head++;
	while (tail < n - head && s[n - 1 - tail] == '_')
		tail++;
	for (size_t i = head; i < n - tail; i++) {
		if (s[i] < 'a' || s[i] > 'z')
			return false;
		letters++;
	}
	return letters > 0 && (head == 2) != (tail == 2) && head + tail == 2;
}

enum verdict
jinja_word_constant(const char *s, size_t n, const char **why)
{
	if (is_path(s, n)) {
		if (path_is_internal(s, n))
			return said(why, inside, VERDICT_MALICIOUS);
		if (is_piece(s, n))
			return said(why, pieces, VERDICT_SUSPICIOUS);
		return VERDICT_CLEAN;
	}
	if (format_reaches(s, n))
		return said(why, inside, VERDICT_MALICIOUS);
	return VERDICT_CLEAN;
}

enum verdict
jinja_word_statement(const char *s, size_t n, const char **why)
{
	if (IS_IN(statements, s, n))
		return said(why, other, VERDICT_SUSPICIOUS);
	return VERDICT_CLEAN;
}
