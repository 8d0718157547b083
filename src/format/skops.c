/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skops: the schema of a skops file: which objects loading it makes.
 *
 *	{"__class__": "SVC", "__module__": "sklearn.svm._classes",
 *	 "__loader__": "ObjectNode", "content": {...}, "__id__": 1}
 *
 * skops asks before it makes what it does not know, but its loaders were led
 * astray by nodes that say one thing and do another: an operator function of
 * another module, a method of another class than the object's.
 *
 * Reference: skops io/_audit.py, _general.py; CVE-2025-54412, CVE-2025-54413.
 */
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "format/formats.h"
#include "format/json_pull.h"
#include "format/target.h"

enum {
	NAME_SIZE = 128,
	DEPTH_MAX = 256, /* of nodes; Python ends near 1000 */
};

enum key { KEY_OTHER, KEY_CLASS, KEY_MODULE, KEY_LOADER, KEY_OBJ };

struct node {
	char class[NAME_SIZE], module[NAME_SIZE], loader[NAME_SIZE];
	char held[2 * NAME_SIZE]; /* module.class of the object "obj" in it */
	uint64_t at;
	bool is_obj; /* it is the value of "obj" */
	bool object; /* and no array */
};

struct skops {
	struct visit *visit;
	struct json_pull json;
	enum key key;
	bool found; /* a node with a loader */
	size_t depth;
	struct node nodes[DEPTH_MAX];
};

static enum sniff
skops_sniff(const struct source *s, struct cursor head)
{
	size_t n = cursor_left(&head);
	const uint8_t *p = cursor_take(&head, n);

	(void)s;
	return n > 0 && p[0] == '{' && memmem(p, n, "__", 2) != NULL
	    ? SNIFF_MAYBE
	    : SNIFF_NO;
}

static void
node_name(const struct node *n, char to[2 * NAME_SIZE])
{
	size_t module = strlen(n->module), class = strlen(n->class);

	memcpy(to, n->module, module);
	to[module] = '.';
	memcpy(to + module + 1, n->class, class + 1);
}

/* A node is whole: what does its loader make of it? */
static void
node_judge(struct skops *k, const struct node *n)
{
	char name[2 * NAME_SIZE];
	bool operator= strcmp(n->loader, "OperatorFuncNode") == 0;

	if (n->loader[0] == '\0')
		return;
	k->found = true;
	node_name(n, name);
	if (operator&& strcmp(n->module, "operator") == 0 &&
	    (strcmp(n->class, "attrgetter") == 0 ||
		strcmp(n->class, "itemgetter") == 0 ||
		strcmp(n->class, "methodcaller") == 0))
		return;
	if (operator)
		visit_find(k->visit, RULE_SKOPS_NODE, n->at,
		    "OperatorFuncNode with %s", name);
	else if (strcmp(n->loader, "MethodNode") == 0 && n->held[0] != '\0' &&
	    strcmp(n->held, name) != 0)
		visit_find(k->visit, RULE_SKOPS_NODE, n->at,
		    "a method of %s, of an object of %s", name, n->held);
	else if (target_judge(name, strlen(name)) == VERDICT_MALICIOUS)
		visit_find(k->visit, RULE_SKOPS_NODE, n->at, "%s", name);
	else if (target_judge(name, strlen(name)) == VERDICT_UNKNOWN)
		visit_find(k->visit, RULE_SKOPS_UNKNOWN, n->at, "%s", name);
}

static enum err
node_enter(struct skops *k, bool object)
{
	struct node *n;

	if (k->depth == DEPTH_MAX)
		return ERR_LIMIT;
	n = &k->nodes[k->depth++];
	n->class[0] = n->module[0] = n->loader[0] = n->held[0] = '\0';
	n->at = k->json.token_at;
	n->is_obj = k->key == KEY_OBJ;
	n->object = object;
	k->key = KEY_OTHER;
	return ERR_OK;
}

/* What an object holds as "obj" its parents hold as well: it may lie in their
 * "content". */
static void
node_leave(struct skops *k)
{
	struct node *n = &k->nodes[--k->depth];
	struct node *up = k->depth == 0 ? NULL : &k->nodes[k->depth - 1];

	if (n->object)
		node_judge(k, n);
	if (up != NULL && n->is_obj)
		node_name(n, up->held);
	else if (up != NULL && n->held[0] != '\0' && n->loader[0] == '\0')
		memcpy(up->held, n->held, sizeof(up->held));
	k->key = KEY_OTHER;
}

static enum key
key_of(const struct json_pull *j)
{
	if (json_pull_is(j, "__class__"))
		return KEY_CLASS;
	if (json_pull_is(j, "__module__"))
		return KEY_MODULE;
	if (json_pull_is(j, "__loader__"))
		return KEY_LOADER;
	return json_pull_is(j, "obj") ? KEY_OBJ : KEY_OTHER;
}

static void
text_keep(struct skops *k)
{
	struct node *n = &k->nodes[k->depth == 0 ? 0 : k->depth - 1];
	char *to = k->key == KEY_CLASS ? n->class
	    : k->key == KEY_MODULE     ? n->module
	    : k->key == KEY_LOADER     ? n->loader
				       : NULL;
	size_t size = k->json.text.size;

	if (to == NULL || k->depth == 0)
		return;
	if (size >= NAME_SIZE)
		size = NAME_SIZE - 1;
	if (size > 0)
		memcpy(to, k->json.text.data, size);
	to[size] = '\0';
}

static enum err
token_take(struct skops *k, enum json_kind kind)
{
	switch (kind) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		return node_enter(k, kind == JSON_OBJECT);
	case JSON_OBJECT_END:
	case JSON_ARRAY_END:
		node_leave(k);
		return ERR_OK;
	case JSON_KEY:
		k->key = key_of(&k->json);
		return ERR_OK;
	case JSON_STRING:
		text_keep(k);
		break;
	case JSON_NUMBER:
	case JSON_TRUE:
	case JSON_FALSE:
	case JSON_NULL:
	case JSON_END:
		break;
	}
	k->key = KEY_OTHER;
	return ERR_OK;
}

static enum err
skops_read(struct skops *k, const struct source *s)
{
	enum json_kind kind = JSON_NULL;
	enum err e = ERR_OK;

	json_pull_begin(&k->json, s, 4096);
	while (e == ERR_OK && kind != JSON_END)
		if ((e = json_pull_next(&k->json, &kind)) == ERR_OK)
			e = token_take(k, kind);
	json_pull_free(&k->json);
	if (k->found)
		visit_recognise(k->visit, "skops-schema", true);
	return e;
}

static enum err
skops_walk(struct visit *v, const struct source *s)
{
	AUTO_FREE struct skops *k = NULL;
	enum err e = budget_take(s->budget, BUDGET_MEMORY, sizeof(*k));

	if (e != ERR_OK)
		return e;
	if ((k = calloc(1, sizeof(*k))) == NULL) {
		e = ERR_NOMEM;
	} else {
		k->visit = v;
		e = skops_read(k, s);
	}
	budget_give(s->budget, sizeof(*k));
	return e;
}

const struct format format_skops = {
	.name = "skops",
	.title = "schema of a skops file",
	.extensions = ".skops",
	.reference = "skops io/_general.py",
	.in_place = true,
	.sniff = skops_sniff,
	.walk = skops_walk,
};
