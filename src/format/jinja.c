/* SPDX-License-Identifier: Apache-2.0 */
/* jinja: statements, names and conditions of a template. */
#include "format/jinja.h"

#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/text.h"
#include "format/jinja_inside.h"
#include "format/jinja_word.h"

enum {
	TRIGGER_MIN = 3, /* letters of a word that a condition asks for */
	PROSE_MIN = 6,   /* so many words are a sentence, not a marker */
	/* A word stands for text: markers have signs, codes have few letters.
	 */
	WORD_MIN = 2,
	CAPTURE_MAX = 256, /* a text that could name something */
};

/* Words that leave no way back, for what is no Jinja that can be read. */
static const char *const ruins[] = { "__class__", "__mro__", "__subclasses__",
	"__globals__", "__builtins__", "__import__", "__init__" };

static bool
is(const struct jinja *j, const char *text)
{
	return j->word_size == strlen(text) &&
	    memcmp(j->word, text, j->word_size) == 0;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Words of a text; what stands in angle brackets is a marker. */
static unsigned
prose_count(const char *s, size_t n)
{
	unsigned words = 0, letters = 0;
	bool marker = false;

	for (size_t i = 0; i < n; i++) {
		if (s[i] == '<')
			marker = true;
		if (is_letter(s[i]) && !marker) {
			letters++;
			continue;
		}
		words += letters >= WORD_MIN;
		letters = 0;
		if (s[i] == '>')
			marker = false;
	}
	return words + (letters >= WORD_MIN);
}

/* Text within a macro or block that becomes a value is like a constant. */
static void
data_capture(struct jinja *j, const char *s, size_t n)
{
	while (n > 0 && (unsigned char)s[0] <= ' ') {
		s++;
		n--;
	}
	while (n > 0 && (unsigned char)s[n - 1] <= ' ')
		n--;
	if (j->captures > 0 && n <= CAPTURE_MAX)
		jinja_constant(j, s, n);
}

/* Text that is put out where a condition on the conversation holds. */
static void
data_judge(struct jinja *j, const char *s, size_t n)
{
	data_capture(j, s, n);
	if (j->branches == 0 || j->branches > BRANCHES ||
	    !j->triggers[j->branches - 1])
		return;
	j->prose += prose_count(s, n);
	if (j->prose < PROSE_MIN)
		return;
	visit_find(j->v, RULE_TEMPLATE_TRIGGER, j->base + j->lex.offset,
	    "\"%.*s\"", (int)j->trigger_size, j->trigger);
	jinja_line_trigger(j);
	j->triggers[j->branches - 1] = false;
}

/* Does a condition ask for this in a text: a word, not a marker or a key? */
static void
trigger_note(struct jinja *j)
{
	const char *s = buf_text(&j->lex.string);
	size_t n = j->lex.string.size, letters = 0;

	j->trigger_size = 0;
	for (size_t i = 0; i < n; i++) {
		if (!is_letter(s[i]) && strchr(" .-'0123456789", s[i]) == NULL)
			return;
		letters += is_letter(s[i]);
	}
	if (letters < TRIGGER_MIN || n > sizeof(j->trigger))
		return;
	memcpy(j->trigger, s, n);
	j->trigger_size = n;
}

static void
branch_begin(struct jinja *j)
{
	if (j->branches < BRANCHES)
		j->triggers[j->branches] = false;
	j->branches++;
}

/* A statement is complete. */
static void
statement_finish(struct jinja *j)
{
	bool asks = j->asks && j->asks_content;

	(void)jinja_resolve(j, '%');
	jinja_combine(j);
	if (is(j, "set") && j->set_count == 1)
		jinja_variable_set(j, &jinja_top(j)->whole);
	if ((is(j, "set") && j->naming) || is(j, "macro") || is(j, "call") ||
	    is(j, "filter"))
		j->captures++;
	else if (j->captures > 0 &&
	    (is(j, "endset") || is(j, "endmacro") || is(j, "endcall") ||
		is(j, "endfilter")))
		j->captures--;
	if (is(j, "if"))
		branch_begin(j);
	else if (is(j, "endif") && j->branches > 0)
		j->branches--;
	if ((is(j, "if") || is(j, "elif") || is(j, "else")) &&
	    j->branches > 0 && j->branches <= BRANCHES) {
		j->triggers[j->branches - 1] = asks && !is(j, "else");
		j->prose = 0;
	}
}

static void
statement_begin(struct jinja *j)
{
	j->levels[0] = (struct level){ 0 };
	j->depth = 0;
	j->beyond = 0;
	j->pending = PENDING_NONE;
	j->after_dot = j->after_bar = j->after_is = j->after_string = false;
	j->word = "";
	j->word_size = 0;
	j->naming = false;
	j->set_count = 0;
	j->asks = j->asks_content = false;
}

/* The first name of a statement. */
static void
statement_word(struct jinja *j)
{
	j->word = j->lex.text;
	j->word_size = j->lex.size;
	j->naming =
	    is(j, "set") || is(j, "for") || is(j, "macro") || is(j, "call");
	jinja_word(j, jinja_word_statement, j->word, j->word_size);
}

/* Names of the conversation, by which a chat template is known. */
static void
name_note(struct jinja *j, const char *s, size_t n)
{
	static const char *const content[] = { "content", "text", "query",
		"prompt" };

	if (n == 8 && memcmp(s, "messages", n) == 0)
		j->messages = true;
	if ((n == 4 && memcmp(s, "role", n) == 0) ||
	    (n == 21 && memcmp(s, "add_generation_prompt", n) == 0))
		j->roles = true;
	if (j->asks &&
	    text_is_in(content, sizeof(content) / sizeof(content[0]), s, n))
		j->asks_content = true;
}

/* Words of the language; each ends what stands before it. */
static bool
name_is_keyword(const struct jinja *j)
{
	static const char *const keywords[] = { "and", "else", "if", "in",
		"not", "or", "recursive", "is" };

	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (jinja_lex_is(&j->lex, keywords[i]))
			return true;
	return false;
}

/* A name where an operand or a keyword may stand. */
static void
name_plain(struct jinja *j)
{
	if (j->naming && j->depth == 0 && jinja_lex_is(&j->lex, "in")) {
		j->naming = false;
		return;
	}
	if (j->naming) {
		jinja_name_set(j, j->lex.text, j->lex.size);
		return;
	}
	if (name_is_keyword(j)) {
		if (jinja_lex_is(&j->lex, "in") && j->after_string &&
		    j->trigger_size > 0)
			j->asks = true;
		jinja_restart(j);
		j->after_is = jinja_lex_is(&j->lex, "is");
		return;
	}
	j->pending = PENDING_NAME;
}

static void
token_name(struct jinja *j)
{
	bool dot = j->after_dot, bar = j->after_bar, test = j->after_is;

	(void)jinja_resolve(j, 'a');
	j->after_dot = j->after_bar = j->after_is = false;
	name_note(j, j->lex.text, j->lex.size);
	if (dot)
		j->pending = PENDING_ATTRIBUTE;
	else if (bar)
		j->pending = PENDING_FILTER;
	else if (!test || jinja_lex_is(&j->lex, "not"))
		name_plain(j);
	j->after_is = test && jinja_lex_is(&j->lex, "not") ? true : j->after_is;
	j->after_string = false;
	j->name = j->lex.text;
	j->name_size = j->lex.size;
}

static void
token_string(struct jinja *j)
{
	const char *s = buf_text(&j->lex.string);
	size_t n = j->lex.string.size;
	struct jvalue value = jvalue_of(s, n);

	(void)jinja_resolve(j, '"');
	jinja_constant(j, s, n);
	name_note(j, s, n);
	if (j->after_string && jinja_top(j)->operand)
		jinja_operator(j, '~');
	jinja_operand(j, &value);
	if (j->depth == 0 && j->word_size == 0)
		data_judge(j, s, n);
	if (!j->asks) /* what follows is a key of where it is looked for */
		trigger_note(j);
	j->after_string = true;
}

static void
token_number(struct jinja *j)
{
	struct level *l = jinja_top(j);
	struct jvalue value = jvalue_of(j->lex.text, j->lex.size);

	(void)jinja_resolve(j, '0');
	if (l->role == ROLE_INDEX && l->slice_size < sizeof(l->slice))
		l->slice[l->slice_size++] = j->lex.text[0];
	if (!j->after_dot)
		jinja_operand(j, &value);
	j->after_dot = j->after_string = false;
}

/* Brackets and separators. */
static bool
sign_structure(struct jinja *j, char c, enum role role)
{
	switch (c) {
	case '(':
		jinja_open(j, role);
		return true;
	case '[':
		jinja_open(j, jinja_top(j)->operand ? ROLE_INDEX : ROLE_LIST);
		return true;
	case '{':
		jinja_open(j, ROLE_LIST);
		return true;
	case ')':
	case ']':
	case '}':
		jinja_close(j);
		return true;
	case ',':
		jinja_element(j);
		return true;
	case '.':
		j->after_dot = true;
		return true;
	case '|':
		j->after_bar = true;
		return true;
	default:
		return false;
	}
}

static void
token_sign(struct jinja *j)
{
	char c = j->lex.size == 1 ? j->lex.text[0] : '\0';
	enum role role = jinja_resolve(j, c);
	struct level *l = jinja_top(j);

	j->after_string = false;
	j->after_is = false;
	if (l->role == ROLE_INDEX && l->slice_size < sizeof(l->slice) &&
	    (c == ':' || c == '-'))
		l->slice[l->slice_size++] = c;
	if (sign_structure(j, c, role))
		return;
	if (c == '~' || c == '+' || c == '%') {
		jinja_operator(j, c);
		return;
	}
	if (c == '*') {
		jinja_times(j);
		return;
	}
	if (c == '=' && j->depth == 0)
		j->naming = false;
	jinja_restart(j);
}

static void
token(struct jinja *j)
{
	switch (j->lex.kind) {
	case JINJA_DATA:
		data_judge(j, j->lex.text, j->lex.size);
		break;
	case JINJA_OPEN:
	case JINJA_BLOCK:
		j->result->template = true;
		jinja_line(j, j->lex.offset);
		j->opened = j->lex.offset;
		statement_begin(j);
		break;
	case JINJA_CLOSE:
		(void)jinja_resolve(j, '}');
		jinja_combine(j);
		jinja_line(j, j->lex.offset + j->lex.size);
		break;
	case JINJA_FINISH:
		statement_finish(j);
		jinja_line(j, j->lex.offset + j->lex.size);
		break;
	case JINJA_NAME:
		if (j->lex.in == LEX_BLOCK && j->word_size == 0)
			statement_word(j);
		else
			token_name(j);
		break;
	case JINJA_STRING:
		token_string(j);
		break;
	case JINJA_NUMBER:
		token_number(j);
		break;
	case JINJA_SIGN:
		token_sign(j);
		break;
	case JINJA_END:
		break;
	}
}

/* What can not be read as Jinja is searched: some engine may read it. */
static void
rest_search(struct jinja *j)
{
	const char *s = j->lex.s + j->lex.offset;
	size_t n = j->lex.n - j->lex.offset;

	if (!j->result->template)
		return;
	j->result->broken = true;
	visit_find(j->v, RULE_TEMPLATE_BROKEN, j->base + j->lex.offset, NULL);
	for (size_t i = 0; i < sizeof(ruins) / sizeof(ruins[0]); i++)
		if (memmem(s, n, ruins[i], strlen(ruins[i])) != NULL)
			jinja_say(j, VERDICT_MALICIOUS,
			    "reaches into the insides of Python", ruins[i],
			    strlen(ruins[i]));
}

enum err
jinja_judge(struct visit *v, const char *s, size_t n, uint64_t offset,
    struct jinja_result *out)
{
	struct jinja_result result = { 0 };
	AUTO_FREE struct jinja *j = calloc(1, sizeof(*j));
	enum err e;

	if (j == NULL)
		return ERR_NOMEM;
	j->v = v;
	j->base = offset;
	j->result = &result;
	jinja_lex_begin(&j->lex, s, n);
	while ((e = jinja_lex_next(&j->lex)) == ERR_OK &&
	    j->lex.kind != JINJA_END) {
		token(j);
		jinja_grammar_token(&j->grammar, &j->lex);
		if ((e = budget_check(v->budget)) != ERR_OK)
			break;
	}
	if (e == ERR_MALFORMED ||
	    (e == ERR_LIMIT && v->budget->spent == BUDGET_NOTHING)) {
		rest_search(j);
		e = ERR_OK;
	}
	jinja_line(j, n);
	jinja_lex_free(&j->lex);
	result.chat = j->messages && j->roles;
	result.broken |= j->grammar.broken;
	if (result.chat && !result.broken && !j->told)
		visit_line(v, offset, VERDICT_CLEAN, "",
		    "puts each conversation together by a template of %zu "
		    "bytes, which only handles text",
		    n);
	*out = result;
	return e;
}
