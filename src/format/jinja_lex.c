/* SPDX-License-Identifier: Apache-2.0 */
/* jinja_lex: text, then tokens up to the closing delimiter, then text. */
#include "format/jinja_lex.h"

#include <string.h>

enum { ESCAPE_MAX = 8, UTF8_MAX = 4 };

void
jinja_lex_begin(struct jinja_lex *l, const char *s, size_t n)
{
	*l = (struct jinja_lex){
		.s = s, .n = n, .string = buf_new(JINJA_STRING_MAX)
	};
}

void
jinja_lex_free(struct jinja_lex *l)
{
	if (l != NULL)
		buf_free(&l->string);
}

bool
jinja_lex_is(const struct jinja_lex *l, const char *text)
{
	return (l->kind == JINJA_NAME || l->kind == JINJA_SIGN) &&
	    strlen(text) == l->size && memcmp(l->text, text, l->size) == 0;
}

static bool
lex_at(const struct jinja_lex *l, size_t at, const char *text)
{
	size_t n = strlen(text);

	return at <= l->n && n <= l->n - at && memcmp(l->s + at, text, n) == 0;
}

static void
lex_token(struct jinja_lex *l, enum jinja_kind kind, size_t size)
{
	l->kind = kind;
	l->text = l->s + l->at;
	l->size = size;
	l->offset = l->at;
	l->at += size;
}

/* Where the next "{{", "{%" or "{#" stands, or the end. */
static size_t
lex_delimiter(const struct jinja_lex *l)
{
	size_t at = l->at;

	while (at < l->n) {
		const char *brace = memchr(l->s + at, '{', l->n - at);

		if (brace == NULL)
			return l->n;
		at = (size_t)(brace - l->s);
		if (at + 1 < l->n && strchr("{%#", l->s[at + 1]) != NULL &&
		    l->s[at + 1] != '\0')
			return at;
		at++;
	}
	return l->n;
}

static size_t
lex_blanks(const struct jinja_lex *l, size_t at)
{
	while (at < l->n && strchr(" \t\r\n\f\v", l->s[at]) != NULL &&
	    l->s[at] != '\0')
		at++;
	return at;
}

/* "{%", a sign, blanks, word, blanks, a sign, "%}": its size, or 0. */
static size_t
lex_tag(const struct jinja_lex *l, size_t at, const char *word)
{
	size_t from = at;

	if (!lex_at(l, at, "{%"))
		return 0;
	at += 2;
	at += lex_at(l, at, "-") || lex_at(l, at, "+");
	at = lex_blanks(l, at);
	if (!lex_at(l, at, word))
		return 0;
	at = lex_blanks(l, at + strlen(word));
	at += lex_at(l, at, "-") || lex_at(l, at, "+");
	return lex_at(l, at, "%}") ? at + 2 - from : 0;
}

/* The text of a raw block is data. */
static enum err
lex_raw(struct jinja_lex *l, size_t tag)
{
	size_t end;

	l->at += tag;
	for (end = l->at; end < l->n; end++)
		if (l->s[end] == '{' && lex_tag(l, end, "endraw") != 0)
			break;
	if (end == l->n)
		return ERR_MALFORMED;
	lex_token(l, JINJA_DATA, end - l->at);
	l->at += lex_tag(l, end, "endraw");
	return ERR_OK;
}

static enum err
lex_comment(struct jinja_lex *l)
{
	size_t end = l->at + 2;

	while (end < l->n && !lex_at(l, end, "#}"))
		end++;
	if (end == l->n)
		return ERR_MALFORMED;
	l->at = end + 2;
	return ERR_OK;
}

/* Outside of delimiters. */
static enum err
lex_data(struct jinja_lex *l)
{
	enum err e;

	for (;;) {
		size_t next = lex_delimiter(l), tag;

		if (next > l->at) {
			lex_token(l, JINJA_DATA, next - l->at);
			return ERR_OK;
		}
		if (next == l->n) {
			lex_token(l, JINJA_END, 0);
			return ERR_OK;
		}
		if ((tag = lex_tag(l, l->at, "raw")) != 0)
			return lex_raw(l, tag);
		if (l->s[l->at + 1] != '#')
			break;
		if ((e = lex_comment(l)) != ERR_OK)
			return e;
	}
	l->in = l->s[l->at + 1] == '{' ? LEX_OPEN : LEX_BLOCK;
	lex_token(l, l->in == LEX_OPEN ? JINJA_OPEN : JINJA_BLOCK, 2);
	if (lex_at(l, l->at, "-") || lex_at(l, l->at, "+"))
		l->at++;
	return ERR_OK;
}

static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* Up to max digits of base at l->at, used. */
static unsigned
lex_digits(struct jinja_lex *l, unsigned max, int base)
{
	unsigned value = 0;

	for (unsigned i = 0;
	     i < max && l->at < l->n && digit_value(l->s[l->at]) < base; i++)
		value = value * (unsigned)base +
		    (unsigned)digit_value(l->s[l->at++]);
	return value;
}

static enum err
string_add_point(struct jinja_lex *l, unsigned point)
{
	uint8_t b[UTF8_MAX];

	if (point < 0x80) {
		b[0] = (uint8_t)point;
		return buf_add(&l->string, b, 1);
	}
	/* what stands beyond ASCII matters to nobody here */
	return buf_add(&l->string, "\xef\xbf\xbd", 3);
}

/* \N{NAME}: the one name that hides an underscore is known. */
static enum err
string_named(struct jinja_lex *l)
{
	bool low =
	    lex_at(l, l->at, "{LOW LINE}") || lex_at(l, l->at, "{low line}");

	while (l->at < l->n && l->s[l->at] != '}' && l->s[l->at] != '\'' &&
	    l->s[l->at] != '"')
		l->at++;
	l->at += l->at < l->n && l->s[l->at] == '}';
	return buf_add(&l->string, low ? "_" : "?", 1);
}

/* Behind the backslash, as Python's unicode-escape codec reads. */
static enum err
string_escape(struct jinja_lex *l)
{
	static const char letters[] = "\\'\"abfnrtv";
	static const char means[] = "\\'\"\a\b\f\n\r\t\v";
	char c = l->s[l->at];
	const char *found = c == '\0' ? NULL : strchr(letters, c);

	if (c >= '0' && c <= '7')
		return string_add_point(l, lex_digits(l, 3, 8));
	l->at++;
	if (found != NULL)
		return buf_add(&l->string, means + (found - letters), 1);
	switch (c) {
	case '\n':
		return ERR_OK;
	case 'x':
		return string_add_point(l, lex_digits(l, 2, 16));
	case 'u':
		return string_add_point(l, lex_digits(l, 4, 16));
	case 'U':
		return string_add_point(l, lex_digits(l, ESCAPE_MAX, 16));
	case 'N':
		return string_named(l);
	default:
		break;
	}
	/* it stands for itself, with the backslash */
	return buf_add(&l->string, l->s + l->at - 2, 2);
}

static enum err
lex_string(struct jinja_lex *l)
{
	char quote = l->s[l->at];
	size_t from = l->at++;
	enum err e;

	buf_clear(&l->string);
	while (l->at < l->n && l->s[l->at] != quote) {
		size_t run = l->at;

		while (
		    l->at < l->n && l->s[l->at] != quote && l->s[l->at] != '\\')
			l->at++;
		if ((e = buf_add(&l->string, l->s + run, l->at - run)) !=
		    ERR_OK)
			return e;
		if (l->at == l->n || l->s[l->at] == quote)
			break;
		if (++l->at == l->n)
			return ERR_MALFORMED;
		if ((e = string_escape(l)) != ERR_OK)
			return e;
	}
	if (l->at == l->n)
		return ERR_MALFORMED;
	l->at++;
	l->kind = JINJA_STRING;
	l->text = l->s + from;
	l->size = l->at - from;
	l->offset = from;
	return ERR_OK;
}

static bool
is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	    (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

static size_t
name_size(const struct jinja_lex *l)
{
	size_t at = l->at;

	while (at < l->n && is_name(l->s[at]))
		at++;
	return at - l->at;
}

/* Two-character operators are one sign. */
static size_t
sign_size(const struct jinja_lex *l)
{
	static const char *const pairs[] = { "==", "!=", "<=", ">=", "**",
		"//" };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (lex_at(l, l->at, pairs[i]))
			return 2;
	return 1;
}

/* Keep the brackets in pairs. */
static enum err
lex_sign(struct jinja_lex *l)
{
	static const char opening[] = "([{", closing[] = ")]}";
	char c = l->s[l->at];
	const char *open = c == '\0' ? NULL : strchr(opening, c);

	if (open != NULL) {
		if (l->depth == JINJA_NEST)
			return ERR_LIMIT;
		l->nest[l->depth++] = closing[open - opening];
	} else if (c != '\0' && strchr(closing, c) != NULL) {
		if (l->depth == 0 || l->nest[l->depth - 1] != c)
			return ERR_MALFORMED;
		l->depth--;
	}
	lex_token(l, JINJA_SIGN, sign_size(l));
	return ERR_OK;
}

/* The closing delimiter at l->at: its size, or 0. */
static size_t
lex_closing(const struct jinja_lex *l)
{
	const char *end = l->in == LEX_OPEN ? "}}" : "%}";
	size_t control = lex_at(l, l->at, "-") ||
	    (l->in == LEX_BLOCK && lex_at(l, l->at, "+"));

	if (l->depth != 0)
		return 0;
	if (lex_at(l, l->at, end))
		return 2;
	return control != 0 && lex_at(l, l->at + 1, end) ? 3 : 0;
}

enum err
jinja_lex_next(struct jinja_lex *l)
{
	size_t closing;
	char c;

	if (l->in == LEX_DATA)
		return lex_data(l);
	l->at = lex_blanks(l, l->at);
	if (l->at == l->n)
		return ERR_MALFORMED;
	if ((closing = lex_closing(l)) != 0) {
		lex_token(
		    l, l->in == LEX_OPEN ? JINJA_CLOSE : JINJA_FINISH, closing);
		l->in = LEX_DATA;
		return ERR_OK;
	}
	c = l->s[l->at];
	if (c == '"' || c == '\'')
		return lex_string(l);
	if (is_name(c)) {
		lex_token(l, c >= '0' && c <= '9' ? JINJA_NUMBER : JINJA_NAME,
		    name_size(l));
		return ERR_OK;
	}
	return lex_sign(l);
}
