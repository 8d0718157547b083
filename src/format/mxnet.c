/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mxnet: graphs of MXNet (-symbol.json).
 *
 *	{"nodes": [{"op": "Convolution", "name": "...", "attrs": {...}}, ...],
 *	 "arg_nodes": [...], "heads": [...]}
 *
 * An operator "Custom" is Python of the program that loads it; an attribute
 * that names a library has it loaded.
 *
 * Reference: nnvm src/pass/saveload_json.cc; mxnet/operator.py.
 */
#include <string.h>
#include <strings.h>

#include "format/formats.h"
#include "format/json_pull.h"

enum { TEXT_MAX = 1024 };

static enum sniff
mxnet_sniff(const struct source *s, struct cursor head)
{
	size_t n = cursor_left(&head);
	const uint8_t *p = cursor_take(&head, n);

	(void)s;
	return n > 0 && p[0] == '{' && memmem(p, n, "\"nodes\"", 7) != NULL
	    ? SNIFF_MAYBE
	    : SNIFF_NO;
}

static bool
is_library(const struct json_pull *j)
{
	static const char *const ends[] = { ".so", ".dll", ".dylib" };
	const char *s = (const char *)j->text.data;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t n = strlen(ends[i]);

		if (j->text.size > n &&
		    strncasecmp(s + j->text.size - n, ends[i], n) == 0)
			return true;
	}
	return false;
}

static void
string_judge(struct visit *v, const struct json_pull *j, bool op, bool library)
{
	if (op && json_pull_is(j, "Custom"))
		visit_find(v, RULE_MXNET_CUSTOM, j->token_at, NULL);
	if (library || is_library(j))
		visit_find(v, RULE_MXNET_LIBRARY, j->token_at, "%.*s",
		    (int)(j->text.size < 160 ? j->text.size : 160),
		    (const char *)j->text.data);
}

static enum err
mxnet_read(struct visit *v, struct json_pull *j)
{
	bool nodes = false, heads = false, op = false, library = false;
	enum json_kind kind = JSON_NULL;
	enum err e = ERR_OK;

	while (kind != JSON_END && (e = json_pull_next(j, &kind)) == ERR_OK) {
		if (kind == JSON_STRING)
			string_judge(v, j, op, library);
		op = library = false;
		if (kind != JSON_KEY)
			continue;
		nodes = nodes || json_pull_is(j, "nodes");
		heads = heads || json_pull_is(j, "arg_nodes") ||
		    json_pull_is(j, "heads");
		op = json_pull_is(j, "op");
		library =
		    json_pull_is(j, "library") || json_pull_is(j, "lib_path");
	}
	if (nodes && heads)
		visit_recognise(v, "mxnet", true);
	return e;
}

static enum err
mxnet_walk(struct visit *v, const struct source *s)
{
	struct json_pull j;
	enum err e;

	json_pull_begin(&j, s, TEXT_MAX);
	e = mxnet_read(v, &j);
	json_pull_free(&j);
	return e;
}

const struct format format_mxnet = {
	.name = "mxnet",
	.title = "MXNet graph",
	.extensions = "-symbol.json",
	.reference = "nnvm src/pass/saveload_json.cc",
	.in_place = true,
	.sniff = mxnet_sniff,
	.walk = mxnet_walk,
};
