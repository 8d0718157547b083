/* SPDX-License-Identifier: Apache-2.0 */
/* gadget: the table, and what its judges have in common. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "pickle/call.h"
#include "pickle/machine.h"
#include "pickle/pynames.h"
#include "pickle/scan.h"

/* The module and name of a gadget, as C strings; longer ones are none. */
enum { GADGET_NAME = 96 };

static const struct gadget gadgets[] = {
#define GADGET(module, name, judge, makes) \
	{ module, name, gadget_##judge, MAKES_##makes },
#include "pickle/gadgets.def"
#undef GADGET
};

/* Copies of one library under other names. */
static const char *const twins[][2] = {
	{ "_operator", "operator" },
	{ "_functools", "functools" },
	{ "_collections", "collections" },
	{ "_pickle", "pickle" },
	{ "_io", "io" },
	{ "codecs", "_codecs" },
	{ "torch.tensor", "torch._tensor" },
	{ "numpy._core", "numpy.core" },
	{ "numpy._core.multiarray", "numpy.core.multiarray" },
	{ "dill._dill", "dill" },
	{ "dill.dill", "dill" },
	{ "distributed.protocol.pickle", "cloudpickle" },
};

/* Is one of the dotted parts of module this word? */
static bool
has_part(const char *module, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = strstr(module, word); at != NULL;
	     at = strstr(at + 1, word))
		if ((at == module || at[-1] == '.') &&
		    (at[n] == '\0' || at[n] == '.'))
			return true;
	return false;
}

static const char *
twin(const char *module)
{
	if (has_part(module, "cloudpickle"))
		return "cloudpickle";
	/* sklearn.externals.joblib, numpy_pickle_compat */
	if (has_part(module, "joblib") &&
	    (has_part(module, "numpy_pickle") ||
		has_part(module, "numpy_pickle_compat")))
		return "joblib.numpy_pickle";
	if (strncmp(module, "sympy.", strlen("sympy.")) == 0)
		return "sympy";
	for (size_t i = 0; i < sizeof(twins) / sizeof(*twins); i++)
		if (strcmp(module, twins[i][0]) == 0)
			return twins[i][1];
	return module;
}

const struct gadget *
gadget_find(const struct import *global)
{
	struct pyname raw = { global->module, global->name, global->module_size,
		global->name_size },
		      mapped = raw;
	char module[GADGET_NAME], name[GADGET_NAME];
	const char *public;

	(void)pyname_map(&raw, &mapped);
	if (mapped.module_size >= sizeof(module) ||
	    mapped.name_size >= sizeof(name))
		return NULL;
	memcpy(module, mapped.module, mapped.module_size);
	module[mapped.module_size] = '\0';
	memcpy(name, mapped.name, mapped.name_size);
	name[mapped.name_size] = '\0';
	public = twin(module);
	for (size_t i = 0; i < sizeof(gadgets) / sizeof(*gadgets); i++)
		if ((strcmp(gadgets[i].name, name) == 0 ||
			strcmp(gadgets[i].name, "*") == 0) &&
		    strcmp(gadgets[i].module, public) == 0)
			return &gadgets[i];
	return NULL;
}

bool
gadget_text(
    struct gadget_call *g, value v, struct buf *out, enum verdict *verdict)
{
	enum err e;

	buf_clear(out);
	if (value_kind(v) == KIND_STR) {
		e = text_read(g->m, v, out);
		if (e == ERR_OK)
			return true;
		g->why = "given a text that is too long or out of reach";
		*verdict =
		    e == ERR_LIMIT ? VERDICT_SUSPICIOUS : VERDICT_UNVERIFIED;
		return false;
	}
	*verdict = VERDICT_MALICIOUS;
	g->why = "given something computed, or of a wrong kind, for a name";
	if (value_kind(v) == KIND_FORGOTTEN || !g->items.known)
		*verdict = VERDICT_UNVERIFIED;
	return false;
}

enum verdict
gadget_attribute(struct gadget_call *g, const struct buf *name)
{
	char dotted[LIMIT_NAME + 3];
	struct policy_verdict v;
	int n;

	/* The policy knows names that are dangerous wherever they stand: ask
	 * it for an attribute of a class of a module that nobody has. */
	n = snprintf(dotted, sizeof(dotted), "C.%s", buf_text(name));
	if (n < 0 || (size_t)n >= sizeof(dotted) ||
	    strlen(buf_text(name)) != name->size) {
		g->why = "given a name that is none";
		return VERDICT_MALICIOUS;
	}
	v = policy_judge(
	    g->m->scan->visit->policy, "-", 1, dotted, (size_t)n, USE_IMPORT);
	if (v.verdict == VERDICT_MALICIOUS) {
		g->why = v.reason;
		return VERDICT_MALICIOUS;
	}
	for (const char *s = buf_text(name);;) {
		size_t part = strcspn(s, ".");

		if (!text_identifier(s, part)) {
			g->why = "given a name that is none";
			return VERDICT_MALICIOUS;
		}
		if (s[part] == '\0')
			break;
		s += part + 1;
	}
	return VERDICT_UNKNOWN;
}

enum verdict
gadget_look_up(
    struct gadget_call *g, const struct buf *module, const struct buf *name)
{
	struct scan *s = g->m->scan;
	struct import global = { .module = buf_text(module),
		.module_size = module->size,
		.name = buf_text(name),
		.name_size = name->size,
		.offset = g->call->place };
	uint32_t i = names_find(s, &global);

	if (i < NAMES_FIRST)
		return VERDICT_UNVERIFIED;
	g->result = value_make(KIND_GLOBAL, i);
	return verdict_worse(s->names.at[i].verdict, VERDICT_UNKNOWN);
}
