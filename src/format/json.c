/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json: walk a JSON file that a model's loader reads.
 *
 * Four kinds are known by what they hold, wherever they lie: a Keras model
 * (config.json of a .keras file, model_config of an HDF5 file, metadata of a
 * SavedModel, model.to_json()), a tokenizer's or processor's chat template,
 * a configuration that names code to be loaded (auto_map), and what holds
 * pickles as text (data of Stable-Baselines3).  Every other JSON is left alone.
 *
 * Keys may come in any order and twice; so an object is judged at its end, and
 * each time that a key comes again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "format/formats.h"
#include "format/jinja.h"
#include "format/json_pull.h"
#include "format/keras.h"
#include "format/sealed.h"

enum {
	/* Configurations have kB, tokenizers some 30 MB; beyond are data. */
	WALK_MAX = 64 << 20,
	TEXT_MAX = 1 << 20, /* a function's code, a template */
	KEY_SHOWN = 32,     /* bytes kept of a key */
	EVIDENCE = 80,
};

/* Keys that are told apart, as bits of what an object had. */
enum key {
	KEY_OTHER = 0,
	KEY_MODULE = 1,
	KEY_CLASS = 2,
	KEY_CONFIG = 4,
	KEY_REGISTERED = 8,
	KEY_CODE = 16,
	KEY_FUNCTION = 32,
	KEY_VOCABULARY = 64,
	KEY_TEMPLATE = 128,      /* chat_template */
	KEY_TEMPLATE_TEXT = 256, /* template, within a list of those */
	KEY_AUTO_MAP = 512,
};

static const struct {
	const char *name;
	enum key key;
} keys[] = {
	{ "module", KEY_MODULE },
	{ "class_name", KEY_CLASS },
	{ "config", KEY_CONFIG },
	{ "registered_name", KEY_REGISTERED },
	{ "code", KEY_CODE },
	{ "function", KEY_FUNCTION },
	{ "vocabulary", KEY_VOCABULARY },
	{ "filepath", KEY_VOCABULARY }, /* TFSMLayer's */
	{ "chat_template", KEY_TEMPLATE },
	{ "template", KEY_TEMPLATE_TEXT },
	{ "auto_map", KEY_AUTO_MAP },
};

/* One open object or array. */
struct frame {
	bool object;
	enum key key;      /* of the pair that is read; of an array, its own */
	unsigned had;      /* enum key, those that came */
	unsigned elements; /* of an array */
	uint64_t codes;    /* pieces of code before it */
	struct keras_object names;
};

struct json_walk {
	struct visit *v;
	struct json_pull pull;
	unsigned depth;
	uint64_t codes; /* pieces of code so far */
	bool keras, template, auto_map, pickles;
	struct frame frames[JSON_DEPTH_MAX + 1];
};

static enum sniff
json_sniff(const struct source *s, struct cursor head)
{
	size_t n = cursor_left(&head), i = 0;
	const uint8_t *text = cursor_take(&head, n);

	(void)s;
	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		i = 3;
	while (i < n && memchr(" \t\r\n", text[i], 4) != NULL)
		i++;
	if (i == n)
		return n == SNIFF_MAX ? SNIFF_MAYBE : SNIFF_NO;
	if (text[i++] != '{')
		return SNIFF_NO;
	while (i < n && memchr(" \t\r\n", text[i], 4) != NULL)
		i++;
	return i == n || text[i] == '"' ? SNIFF_MAYBE : SNIFF_NO;
}

static struct frame *
top(struct json_walk *w)
{
	return &w->frames[w->depth];
}

static enum key
key_of(const struct json_pull *j)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (json_pull_is(j, keys[i].name))
			return keys[i].key;
	return KEY_OTHER;
}

static void
object_judge(struct json_walk *w, struct frame *f)
{
	/* the configuration of a Lambda that names its function */
	if ((f->had & KEY_CLASS) == 0 && (f->had & KEY_MODULE) != 0 &&
	    (f->had & KEY_FUNCTION) != 0 && f->names.class_name.size > 0)
		keras_object_judge(w->v, &f->names);
	if ((f->had & KEY_CLASS) == 0)
		return;
	if ((f->had & (KEY_CONFIG | KEY_MODULE)) != 0)
		w->keras = true;
	else
		return;
	f->names.codes = w->codes > f->codes;
	keras_object_judge(w->v, &f->names);
}

/* A key.  One that names something and comes again: loaders take the last,
 * others the first; so what is there is judged as if it ended here. */
static void
key_read(struct json_walk *w)
{
	struct frame *f = top(w);
	const unsigned naming =
	    KEY_MODULE | KEY_CLASS | KEY_CONFIG | KEY_REGISTERED | KEY_CODE;

	f->key = key_of(&w->pull);
	if ((f->had & (unsigned)f->key & naming) != 0) {
		object_judge(w, f);
		if ((f->had & KEY_CLASS) != 0)
			visit_find(w->v, RULE_KERAS_DUPLICATE, w->pull.token_at,
			    "%.*s", KEY_SHOWN, buf_text(&w->pull.text));
	}
	f->had |= (unsigned)f->key;
}

static void
name_keep(struct keras_name *name, const struct json_pull *j)
{
	size_t n =
	    j->text.size < KERAS_NAME_MAX ? j->text.size : KERAS_NAME_MAX;

	name->size = n;
	memcpy(name->text, buf_text(&j->text), n);
}

/*
 * Does the string stand where only code stands?  That is "code" in the config
 * of a "__lambda__" (whose class may come later), and the first in a list that
 * is a function: "function": ["base64", defaults, closure].
 */
static bool
place_is_code(const struct json_walk *w)
{
	const struct frame *f = &w->frames[w->depth], *up = f - 1;

	if (!f->object)
		return f->key == KEY_FUNCTION && f->elements == 1;
	return f->key == KEY_CODE && w->depth >= 2 && up->object &&
	    up->key == KEY_CONFIG &&
	    (up->names.class_name.size == 0 ||
		keras_class_is(&up->names.class_name, "__lambda__"));
}

static enum err
template_judge(struct json_walk *w)
{
	struct jinja_result result;

	w->template = true;
	if (w->pull.cut)
		visit_find(
		    w->v, RULE_TEMPLATE_BROKEN, w->pull.token_at, "too long");
	visit_code(w->v, buf_text(&w->pull.text), w->pull.text.size);
	return jinja_judge(w->v, buf_text(&w->pull.text), w->pull.text.size,
	    w->pull.token_at, &result);
}

/* Does it stand in the list of named templates? */
static bool
place_is_template(const struct json_walk *w)
{
	const struct frame *f = &w->frames[w->depth];

	if (f->key == KEY_TEMPLATE)
		return true;
	return f->key == KEY_TEMPLATE_TEXT && w->depth >= 2 &&
	    w->frames[w->depth - 1].key == KEY_TEMPLATE;
}

/* A string that Keras may take for code, a path or a name. */
static void
string_keras(struct json_walk *w, struct frame *f)
{
	const char *s = buf_text(&w->pull.text);
	size_t n = w->pull.text.size;

	/* "function": a name; TFOpLambda takes any of TensorFlow's */
	if (f->object && f->key == KEY_FUNCTION) {
		struct keras_object named = { .at = w->pull.token_at };

		name_keep(&named.class_name, &w->pull);
		keras_object_judge(w->v, &named);
		if ((f->had & KEY_CLASS) == 0)
			f->names.class_name = named.class_name;
	}
	if (f->object && f->key == KEY_VOCABULARY)
		keras_path_judge(w->v, s, n, w->pull.token_at);
	else if (keras_code_judge(
		     w->v, s, n, w->pull.token_at, place_is_code(w)))
		w->codes++;
}

/* A pickle in base64, as Stable-Baselines3 keeps what is no JSON. */
static enum err
string_sealed(struct json_walk *w)
{
	static const char name[] = "(decoded)";
	struct child child = { .name = name,
		.name_size = sizeof(name) - 1,
		.offset = w->pull.token_at,
		.kind = CHILD_NESTED };

	return sealed_judge(w->v, &child, buf_text(&w->pull.text),
	    w->pull.text.size, &w->pickles);
}

static enum err
string_read(struct json_walk *w)
{
	struct frame *f = top(w);
	struct json_pull *j = &w->pull;

	if (f->object && f->key == KEY_MODULE)
		name_keep(&f->names.module, j);
	else if (f->object && f->key == KEY_CLASS)
		name_keep(&f->names.class_name, j);
	else if (f->object && f->key == KEY_REGISTERED)
		name_keep(&f->names.registered, j);
	else if (f->object && f->key == KEY_CONFIG)
		name_keep(&f->names.config, j);
	else if (place_is_template(w))
		return template_judge(w);
	else
		string_keras(w, f);
	return string_sealed(w);
}

static void
frame_open(struct json_walk *w, bool object)
{
	struct frame *up = top(w), *f;

	w->depth++;
	f = top(w);
	*f = (struct frame){ .object = object,
		.codes = w->codes,
		.names.at = w->pull.token_at };
	/* an array's elements, and the objects of a list of templates, stand
	 * for the key of the array */
	if (!object)
		f->key = up->key;
	if (object && up->key == KEY_AUTO_MAP && w->depth == 2)
		w->auto_map = true;
}

static enum err
json_token(struct json_walk *w, enum json_kind kind)
{
	if (!top(w)->object && kind != JSON_ARRAY_END)
		top(w)->elements++;
	switch (kind) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		frame_open(w, kind == JSON_OBJECT);
		return ERR_OK;
	case JSON_OBJECT_END:
		object_judge(w, top(w));
		w->depth--;
		return ERR_OK;
	case JSON_ARRAY_END:
		w->depth--;
		return ERR_OK;
	case JSON_KEY:
		key_read(w);
		return ERR_OK;
	case JSON_STRING:
		return string_read(w);
	case JSON_NUMBER:
	case JSON_TRUE:
	case JSON_FALSE:
	case JSON_NULL:
	case JSON_END:
		break;
	}
	return ERR_OK;
}

/* Everything up to the end, or to where data is too much to be a model's. */
static enum err
json_tokens(struct json_walk *w)
{
	enum json_kind kind = JSON_NULL;
	enum err e = ERR_OK;

	while (e == ERR_OK && kind != JSON_END) {
		if ((e = json_pull_next(&w->pull, &kind)) == ERR_OK)
			e = json_token(w, kind);
		if (json_pull_at(&w->pull) > WALK_MAX && w->v->where[0] == '\0')
			return w->keras || w->template ? ERR_LIMIT : ERR_OK;
	}
	return e;
}

static void
json_name(struct json_walk *w)
{
	if (w->keras)
		visit_recognise(w->v, "keras-config", true);
	else if (w->template)
		visit_recognise(w->v, "tokenizer-config", true);
	else if (w->auto_map)
		visit_recognise(w->v, "model-config", true);
	else if (w->pickles)
		visit_recognise(w->v, "json-pickle", false);
	if (w->auto_map)
		visit_find(w->v, RULE_CONFIG_CODE, 0, NULL);
}

static void
json_walk_free(struct json_walk **w)
{
	if (*w == NULL)
		return;
	json_pull_free(&(*w)->pull);
	free(*w);
}

static enum err
json_walk(struct visit *v, const struct source *s)
{
	AUTO(json_walk) struct json_walk *w = calloc(1, sizeof(*w));
	enum err e;

	if (w == NULL)
		return ERR_NOMEM;
	w->v = v;
	json_pull_begin(&w->pull, s, TEXT_MAX);
	e = json_tokens(w);
	/* of what breaks off, too, a lenient loader may take what it has */
	for (; e != ERR_OK && w->depth > 0; w->depth--)
		if (top(w)->object)
			object_judge(w, top(w));
	json_name(w);
	return e;
}

const struct format format_json = {
	.name = "json",
	.title = "Keras model or tokenizer as JSON",
	.extensions = ".json",
	.reference = "Keras 3 serialization_lib.py; RFC 8259",
	.in_place = true,
	.sniff = json_sniff,
	.walk = json_walk,
};
