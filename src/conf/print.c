/* SPDX-License-Identifier: Apache-2.0 */
/* print: the table of options as a file, a sample and a manual. */
#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "conf/conf.h"

enum { COLUMNS = 76 };

/* "text", with what would end or change it escaped as the syntax has it. */
static enum err
put_string(struct buf *out, const char *text)
{
	enum err e = buf_puts(out, "\"");

	for (; *text != '\0' && e == ERR_OK; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ' ' || c == 0x7f)
			e = buf_printf(out, "\\x%02x", c);
		else if (strchr("\"\\$", c) != NULL)
			e = buf_printf(out, "\\%c", c);
		else
			e = buf_add(out, text, 1);
	}
	return e != ERR_OK ? e : buf_puts(out, "\"");
}

/* {"a", "b"} */
static enum err
put_list(struct buf *out, const char *const *texts, size_t n)
{
	enum err e = buf_puts(out, "{");

	for (size_t i = 0; i < n && e == ERR_OK; i++) {
		if (i > 0)
			e = buf_puts(out, ", ");
		if (e == ERR_OK)
			e = put_string(out, texts[i]);
	}
	return e != ERR_OK ? e : buf_puts(out, "}");
}

static enum err
put_value(struct buf *out, const struct conf *c, enum conf_key key)
{
	uint64_t value = c->values[key];
	const char *word;
	size_t n;

	if (conf_options[key].kind == CONF_LIST)
		return put_list(out, c->texts[key], value);
	if (conf_options[key].kind == CONF_TEXT)
		return put_string(out, c->texts[key][0]);
	if (conf_options[key].kind == CONF_NUMBER)
		return buf_printf(out, "%llu", (unsigned long long)value);
	word = conf_word(key, value, &n);
	return buf_add(out, word, n);
}

/* key = value */
static enum err
put_option(struct buf *out, const struct conf *c, enum conf_key key,
    const char *before)
{
	enum conf_kind kind = conf_options[key].kind;
	enum err e;

	if (kind >= CONF_TEXT && c->values[key] == 0)
		return ERR_OK; /* there is no way to say none but silence */
	e = buf_printf(out, "%s%s = ", before, conf_options[key].key);
	if (e != ERR_OK)
		return e;
	e = put_value(out, c, key);
	return e != ERR_OK ? e : buf_puts(out, "\n");
}

static bool
of_watch(enum conf_key key)
{
	return strcmp(conf_options[key].section, CONF_WATCH) == 0;
}

static enum err
show_watch(struct buf *out, const char *pattern, const uint64_t *values)
{
	bool any = false;
	enum err e;

	if ((e = buf_puts(out, "\nwatch ")) != ERR_OK ||
	    (e = put_string(out, pattern)) != ERR_OK)
		return e;
	for (enum conf_key k = 0; k < CONF_COUNT && e == ERR_OK; k++) {
		const char *word;
		size_t n;

		if (!of_watch(k) || values[k] == 0)
			continue;
		word = conf_word(k, values[k], &n);
		e = buf_printf(out, "%s\t%s = %.*s\n", any ? "" : " {\n",
		    conf_options[k].key, (int)n, word);
		any = true;
	}
	return e != ERR_OK ? e : buf_puts(out, any ? "}\n" : " {}\n");
}

/* Does a section begin or end with this key? */
static bool
begins(enum conf_key key)
{
	return key == 0 ||
	    strcmp(conf_options[key].section, conf_options[key - 1].section) !=
	    0;
}

static bool
ends(enum conf_key key)
{
	return key + 1 == CONF_COUNT || begins(key + 1);
}

enum err
conf_show(const struct conf *c, struct buf *out)
{
	enum err e = ERR_OK;

	for (enum conf_key k = 0; k < CONF_COUNT && e == ERR_OK; k++) {
		const char *section = conf_options[k].section;
		bool top = section[0] == '\0';

		if (of_watch(k))
			continue;
		if (!top && begins(k))
			e = buf_printf(out, "\n%s {\n", section);
		if (e == ERR_OK)
			e = put_option(out, c, k, top ? "" : "\t");
		if (e == ERR_OK && !top && ends(k))
			e = buf_puts(out, "}\n");
	}
	for (size_t i = 0; i < c->watch_count && e == ERR_OK; i++)
		e = show_watch(out, c->watches[i], c->watch_values[i]);
	return e;
}

/* left bytes of text in lines that begin with before. */
static enum err
put_folded(struct buf *out, const char *before, const char *text, size_t left)
{
	size_t room = COLUMNS - strlen(before);
	enum err e = ERR_OK;

	while (left > 0 && e == ERR_OK) {
		size_t n = left;

		if (n > room)
			for (n = room; n > 1 && text[n] != ' ';)
				n--;
		e = buf_printf(out, "%s%.*s\n", before, (int)n, text);
		text += n;
		left -= n;
		if (left > 0 && *text == ' ')
			text++, left--;
	}
	return e;
}

static enum err
put_range(struct buf *out, const struct conf_option *o, const char *before)
{
	if (o->kind == CONF_NUMBER)
		return buf_printf(out, "%s%s, %llu to %llu\n", before,
		    o->choices, (unsigned long long)o->min,
		    (unsigned long long)o->max);
	if (o->kind == CONF_CHOICE)
		return buf_printf(out, "%sone of: %s\n", before, o->choices);
	return buf_printf(out, "%s%s%s\n", before,
	    o->kind == CONF_LIST ? "each " : "", o->choices);
}

static enum err
sample_option(struct buf *out, enum conf_key key)
{
	const struct conf_option *o = &conf_options[key];
	bool top = o->section[0] == '\0';
	const char *note = top ? "# " : "\t# ";
	enum err e;

	if ((e = buf_puts(out, "\n")) != ERR_OK ||
	    (e = put_folded(out, note, o->text, strlen(o->text))) != ERR_OK ||
	    (e = put_range(out, o, note)) != ERR_OK)
		return e;
	return buf_printf(out, "%s%s = %s\n",
	    top                 ? "#"
		: of_watch(key) ? "#\t"
				: "\t#",
	    o->key, o->initial);
}

static const char sample_head[] =
    "# ckptguard.conf: what ckptguardd(8) guards, and how.\n"
    "#\n"
    "# Everything here is as it is without this file, save the watches.\n"
    "# ckptguard.conf(5) says more; \"ckptguard config check\" reads this "
    "file;\n"
    "# \"ckptguard config suggest\" finds the directories of this machine.\n"
    "\n"
    "# A directory, or a pattern of directories (*, ?, [...]), is guarded "
    "with all\n"
    "# below it.\n"
    "#watch \"/srv/models\" {}\n"
    "#watch \"/home/*/.cache/huggingface\" {}\n";

enum err
conf_sample(struct buf *out)
{
	enum err e = buf_puts(out, sample_head);

	for (enum conf_key k = 0; k < CONF_COUNT && e == ERR_OK; k++) {
		const char *section = conf_options[k].section;

		if (section[0] != '\0' && begins(k))
			e = of_watch(k)
			    ? buf_puts(out, "\n#watch \"/srv/strict\" {")
			    : buf_printf(out, "\n%s {", section);
		if (e == ERR_OK)
			e = sample_option(out, k);
		if (e == ERR_OK && section[0] != '\0' && ends(k))
			e = buf_puts(out, of_watch(k) ? "#}\n" : "}\n");
	}
	return e;
}

/* A sentence begins a line, as manuals are written. */
static enum err
manual_text(struct buf *out, const char *text)
{
	enum err e = ERR_OK;

	while (*text != '\0' && e == ERR_OK) {
		const char *end = strstr(text, ". ");
		size_t n =
		    end == NULL ? strlen(text) : (size_t)(end - text) + 1;

		e = put_folded(out, "", text, n);
		text += n;
		text += strspn(text, " ");
	}
	return e;
}

static enum err
manual_option(struct buf *out, enum conf_key key)
{
	const struct conf_option *o = &conf_options[key];
	enum err e;

	if ((e = buf_printf(out, ".It Cm %s\n", o->key)) != ERR_OK ||
	    (e = manual_text(out, o->text)) != ERR_OK)
		return e;
	if (o->kind == CONF_NUMBER)
		return buf_printf(out,
		    "In %s, from %llu to %llu; %s unless it is set.\n",
		    o->choices, (unsigned long long)o->min,
		    (unsigned long long)o->max, o->initial);
	if (o->kind != CONF_CHOICE)
		return buf_printf(out, "%s\n%s; none unless it is set.\n",
		    o->kind == CONF_LIST
			? "A list in braces, with commas; each is"
			: "It is",
		    o->choices);
	for (uint64_t i = 0; e == ERR_OK; i++) {
		size_t n;
		const char *word = conf_word(key, i, &n);

		if (n == 0)
			break;
		e = buf_printf(out, "%s.Cm %.*s%s\n", i == 0 ? "One of\n" : "",
		    (int)n, word, word[n] == '\0' ? " ;" : " ,");
	}
	return e != ERR_OK
	    ? e
	    : buf_printf(out, ".Cm %s\nunless it is set.\n", o->initial);
}

enum err
conf_manual(struct buf *out)
{
	enum err e = ERR_OK;

	for (enum conf_key k = 0; k < CONF_COUNT && e == ERR_OK; k++) {
		const char *s = conf_options[k].section;

		if (begins(k))
			e = s[0] == '\0'
			    ? buf_puts(out, ".Bl -tag -width suspicious\n")
			    : buf_printf(out,
				  ".Ss In the section %s\n"
				  ".Bl -tag -width suspicious\n",
				  s);
		if (e == ERR_OK)
			e = manual_option(out, k);
		if (e == ERR_OK && ends(k))
			e = buf_puts(out, ".El\n");
	}
	return e;
}
