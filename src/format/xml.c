/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml: models in XML: PMML and OpenVINO's.
 *
 * A reader that resolves entities opens the files and addresses that the
 * document type names: no model needs one.  The text is read in the encoding
 * that readers find, so that nothing is written past a scanner in another.
 * What has neither root is nobody's model and left alone.
 *
 * Reference: XML 1.0, 2.8 and 4.2; PMML 4.4; OpenVINO ir_deserializer.cpp.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/own.h"
#include "format/formats.h"
#include "format/utext.h"

enum {
	XML_MAX = 64 * 1024 * 1024,
	NAME_SIZE = 64,
	VALUE_SIZE = 256,
};

struct xml {
	struct visit *visit;
	struct utext in;
	int c;
	const char *name; /* of the format, once the root is known */
	bool rooted;
	bool external; /* the document type leads to a file or address */
	bool entities; /* it defines entities */
	bool expands;  /* one of them is made of others */
	uint64_t at;   /* where it stands */
	bool odd_coding;
	char word[NAME_SIZE];
	char value[VALUE_SIZE];
	char opens[VALUE_SIZE]; /* what an entity or the type leads to */
};

static enum sniff
xml_sniff(const struct source *s, struct cursor head)
{
	struct cursor whole = head;
	size_t mark, n = cursor_left(&head);
	const uint8_t *p = cursor_take(&head, n);
	enum utext_kind kind = utext_tell(whole, &mark);

	(void)s;
	if (n < 8 || (kind != UTEXT_EBCDIC && !utext_like(whole)))
		return SNIFF_NO;
	for (size_t i = mark; i < n; i++)
		if (p[i] == '<' || kind == UTEXT_EBCDIC)
			return SNIFF_MAYBE;
		else if (p[i] != 0 && p[i] != ' ' && p[i] != '\t' &&
		    p[i] != '\n' && p[i] != '\r')
			return SNIFF_NO;
	return SNIFF_NO;
}

static void
next(struct xml *x)
{
	x->c = utext_next(&x->in);
}

static bool
is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
skip_blanks(struct xml *x)
{
	while (is_blank(x->c))
		next(x);
}

static bool
ends_name(int c)
{
	return c == UTEXT_END || is_blank(c) || c == '>' || c == '/' ||
	    c == '=' || c == '<' || c == '"' || c == '\'' || c == '?' ||
	    c == '[' || c == ']' || c == '%' || c == '&';
}

static void
read_word(struct xml *x)
{
	size_t n = 0;

	for (; !ends_name(x->c); next(x))
		if (n + 1 < sizeof(x->word))
			x->word[n++] = (char)x->c;
	x->word[n] = '\0';
}

/* A quoted value.  A reference to a character is read as that. */
static void
read_value(struct xml *x)
{
	int quote = x->c;
	size_t n = 0;

	for (next(x); x->c != quote && x->c != UTEXT_END; next(x))
		if (n + 1 < sizeof(x->value))
			x->value[n++] = (char)x->c;
	x->value[n] = '\0';
	next(x);
	for (char *at = x->value; (at = strstr(at, "&#")) != NULL; at++) {
		bool hex = at[2] == 'x';
		char *end;
		unsigned long c =
		    strtoul(at + (hex ? 3 : 2), &end, hex ? 16 : 10);

		if (*end != ';' || c == 0 || c > 0x7f)
			continue;
		*at = (char)c;
		memmove(at + 1, end + 1, strlen(end + 1) + 1);
	}
}

/* Up to and with this text, whose first sign does not repeat but in "-->". */
static void
skip_past(struct xml *x, const char *end)
{
	size_t n = strlen(end), seen = 0;

	while (x->c != UTEXT_END && seen < n) {
		if (x->c == (unsigned char)end[seen])
			seen++;
		else if (!(seen == 2 && x->c == (unsigned char)end[0] &&
			     end[0] == end[1]))
			seen = x->c == (unsigned char)end[0];
		next(x);
	}
}

/* <?xml version="1.0" encoding="..."?> */
static void
read_instruction(struct xml *x)
{
	static const char *const known[] = { "utf-8", "utf8", "us-ascii",
		"ascii", "utf-16", "utf-16le", "utf-16be", "iso-8859-1",
		"iso-8859-15", "latin1", "windows-1252", "windows-1251",
		"gb2312", "gbk", "gb18030", "big5", "shift_jis", "euc-jp",
		"euc-kr", "iso-8859-2", "utf-32", "ucs-4" };
	bool found = false;

	read_word(x);
	if (strcmp(x->word, "xml") != 0) {
		skip_past(x, "?>");
		return;
	}
	while (x->c != '?' && x->c != UTEXT_END && x->c != '>') {
		skip_blanks(x);
		read_word(x);
		skip_blanks(x);
		if (x->c == '=') {
			next(x);
			skip_blanks(x);
		}
		if (x->c != '"' && x->c != '\'') {
			if (x->c != '?' && x->c != '>')
				next(x);
			continue;
		}
		read_value(x);
		if (strcmp(x->word, "encoding") != 0)
			continue;
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			found = found || strcasecmp(known[i], x->value) == 0;
		x->odd_coding = !found && x->in.kind == UTEXT_UTF8;
	}
	skip_past(x, ">");
}

/* <!ENTITY name "...">, <!ENTITY % name SYSTEM "..."> */
static void
read_entity(struct xml *x)
{
	bool system = false;

	x->entities = true;
	while (x->c != '>' && x->c != UTEXT_END) {
		skip_blanks(x);
		if (x->c == '"' || x->c == '\'') {
			read_value(x);
			if (system) /* of two, the second is the address */
				memcpy(x->opens, x->value, sizeof(x->opens));
			x->expands =
			    x->expands || strchr(x->value, '&') != NULL;
			continue;
		}
		if (x->c == '%')
			x->external = true; /* they build others */
		read_word(x);
		if (strcmp(x->word, "SYSTEM") == 0 ||
		    strcmp(x->word, "PUBLIC") == 0)
			x->external = system = true;
		if (x->c != '>' && x->c != '"' && x->c != '\'' &&
		    !is_blank(x->c))
			next(x);
	}
}

/* What stands in brackets in a document type. */
static void
read_subset(struct xml *x)
{
	while (x->c != ']' && x->c != UTEXT_END) {
		if (x->c == '%')
			x->external = true;
		if (x->c == '"' || x->c == '\'') {
			read_value(x);
			continue;
		}
		if (x->c != '<') {
			next(x);
			continue;
		}
		next(x);
		if (x->c == '?') {
			skip_past(x, "?>");
			continue;
		}
		read_word(x);
		if (strncmp(x->word, "!--", 3) == 0)
			skip_past(x, "-->");
		else if (strcmp(x->word, "!ENTITY") == 0)
			read_entity(x);
	}
}

static void
read_doctype(struct xml *x)
{
	bool system = false;

	x->at = utext_at(&x->in);
	while (x->c != '>' && x->c != UTEXT_END) {
		skip_blanks(x);
		if (x->c == '[') {
			next(x);
			read_subset(x);
			next(x);
		} else if (x->c == '"' || x->c == '\'') {
			read_value(x);
			if (system)
				memcpy(x->opens, x->value, sizeof(x->opens));
		} else if (x->c != '>') {
			read_word(x);
			if (strcmp(x->word, "SYSTEM") == 0 ||
			    strcmp(x->word, "PUBLIC") == 0)
				x->external = system = true;
			if (x->c != '>' && !is_blank(x->c) && x->c != '[' &&
			    x->c != '"' && x->c != '\'')
				next(x);
		}
	}
}

static bool
ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), size = strlen(end);

	return n > size && strcasecmp(s + n - size, end) == 0;
}

/* OpenVINO's layers and extensions. */
static void
judge_attribute(struct xml *x)
{
	if (x->name == NULL || strcmp(x->name, "openvino") != 0)
		return;
	if (strcasecmp(x->word, "library") == 0 || ends_in(x->value, ".so") ||
	    ends_in(x->value, ".dll") || ends_in(x->value, ".dylib"))
		visit_find(x->visit, RULE_OPENVINO_LIBRARY, utext_at(&x->in),
		    "%s", x->value);
	else if ((strcmp(x->word, "version") == 0 &&
		     (strcasecmp(x->value, "extension") == 0 ||
			 strcasecmp(x->value, "custom_opset") == 0)) ||
	    (strcmp(x->word, "type") == 0 &&
		(strcasecmp(x->value, "Extension") == 0 ||
		    strcasecmp(x->value, "CustomLayer") == 0)))
		visit_find(
		    x->visit, RULE_OPENVINO_CUSTOM, utext_at(&x->in), NULL);
}

/* A start tag behind its "<".  The root tells whose model it is. */
static void
read_element(struct xml *x)
{
	const char *colon;

	read_word(x);
	if (!x->rooted) {
		colon = strchr(x->word, ':');
		x->rooted = true;
		if (strcmp(colon == NULL ? x->word : colon + 1, "PMML") == 0)
			x->name = "pmml";
		else if (strcmp(x->word, "net") == 0)
			x->name = "openvino";
	}
	while (x->c != '>' && x->c != UTEXT_END) {
		skip_blanks(x);
		if (x->c == '"' || x->c == '\'') {
			read_value(x);
			judge_attribute(x);
		} else if (x->c == '=' || x->c == '/' || ends_name(x->c)) {
			if (x->c != '>')
				next(x);
		} else {
			read_word(x);
		}
	}
}

static void
read_markup(struct xml *x)
{
	next(x);
	if (x->c == '?') {
		next(x);
		read_instruction(x);
	} else if (x->c == '!') {
		read_word(x);
		if (strncmp(x->word, "!--", 3) == 0)
			skip_past(x, "-->");
		else if (strcmp(x->word, "!DOCTYPE") == 0)
			read_doctype(x);
		else if (x->c == '[') /* <![CDATA[ */
			skip_past(x, "]]>");
	} else if (x->c == '/') {
		skip_past(x, ">");
	} else {
		read_element(x);
	}
}

static void
judge_document(struct xml *x)
{
	if (x->external)
		visit_find(x->visit, RULE_XML_EXTERNAL, x->at,
		    x->opens[0] == '\0' ? NULL : "%s", x->opens);
	else if (x->expands)
		visit_find(x->visit, RULE_XML_ENTITIES, x->at, NULL);
	if (x->odd_coding)
		visit_find(x->visit, RULE_XML_ENCODING, 0, NULL);
}

static enum err
xml_read(struct xml *x)
{
	next(x);
	while (x->c != UTEXT_END) {
		if (x->c == '<')
			read_markup(x);
		else
			next(x);
		if (x->rooted && x->name == NULL)
			return ERR_OK; /* nobody's model */
		/* PMML has nothing behind its root that matters here */
		if (x->rooted && strcmp(x->name, "pmml") == 0)
			break;
	}
	if (x->name == NULL)
		return ERR_OK;
	visit_recognise(x->visit, x->name, true);
	judge_document(x);
	return x->in.cut ? ERR_LIMIT : x->in.err;
}

static enum err
xml_walk(struct visit *v, const struct source *s)
{
	AUTO_FREE struct xml *x = NULL;

	if ((x = calloc(1, sizeof(*x))) == NULL)
		return ERR_NOMEM;
	x->visit = v;
	utext_begin(&x->in, s, XML_MAX);
	return xml_read(x);
}

const struct format format_xml = {
	.name = "xml",
	.title = "PMML or OpenVINO model",
	.extensions = ".pmml .xml",
	.reference = "XML 1.0; PMML 4.4",
	.in_place = true,
	.sniff = xml_sniff,
	.walk = xml_walk,
};
