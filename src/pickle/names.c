/* SPDX-License-Identifier: Apache-2.0 */
/* names: a table of globals, by hash of module and name. */
#include "pickle/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "base/text.h"
#include "pickle/call.h"
#include "pickle/scan.h"

enum {
	NAMES_ROOM_FIRST = 64,
	NAMES_MAX = 16 * 1024,        /* an index has 16 bits in a value */
	NAMES_TEXT_MAX = 1024 * 1024, /* bytes */
	EVIDENCE = 100, /* bytes of each part of a name that are shown */
};

const char *
names_module(const struct scan *s, uint32_t i)
{
	return buf_text(&s->names.text) + s->names.at[i].module;
}

const char *
names_name(const struct scan *s, uint32_t i)
{
	return buf_text(&s->names.text) + s->names.at[i].name;
}

enum err
names_open(struct scan *s)
{
	struct names *n = &s->names;
	size_t slots = NAMES_ROOM_FIRST * 2;

	*n = (struct names){ .text = buf_new(NAMES_TEXT_MAX) };
	n->paid = NAMES_ROOM_FIRST * sizeof(*n->at) + slots * sizeof(*n->slots);
	if (budget_take(s->visit->budget, BUDGET_MEMORY, n->paid) != ERR_OK) {
		n->paid = 0;
		return ERR_LIMIT;
	}
	n->at = calloc(NAMES_ROOM_FIRST, sizeof(*n->at));
	n->slots = calloc(slots, sizeof(*n->slots));
	if (n->at == NULL || n->slots == NULL)
		return ERR_NOMEM;
	n->room = NAMES_ROOM_FIRST;
	n->slot_room = slots;
	n->count = NAMES_FIRST;
	return ERR_OK;
}

void
names_free(struct scan *s)
{
	budget_give(s->visit->budget, s->names.paid);
	free(s->names.at);
	free(s->names.slots);
	buf_free(&s->names.text);
	s->names = (struct names){ 0 };
}

static uint64_t
hash(uint64_t h, const char *p, size_t n)
{
	h = fnv_add(h, p, n);
	return h ^ h >> 29;
}

/* The slot of a name: its own or a free one. */
static uint32_t *
names_slot(const struct scan *s, const struct import *g)
{
	const struct names *n = &s->names;
	size_t mask = n->slot_room - 1;
	size_t at = hash(hash(FNV_START, g->module, g->module_size) ^ 0xff,
			g->name, g->name_size) &
	    mask;

	for (; n->slots[at] != 0; at = (at + 1) & mask) {
		const struct name *old = &n->at[n->slots[at]];

		if (old->module_size == g->module_size &&
		    old->name_size == g->name_size &&
		    memcmp(names_module(s, n->slots[at]), g->module,
			g->module_size) == 0 &&
		    memcmp(names_name(s, n->slots[at]), g->name,
			g->name_size) == 0)
			break;
	}
	return &n->slots[at];
}

static struct import
names_import(const struct scan *s, uint32_t i)
{
	const struct name *n = &s->names.at[i];

	return (struct import){ .module = names_module(s, i),
		.module_size = n->module_size,
		.name = names_name(s, i),
		.name_size = n->name_size };
}

/* Twice the room for names and slots. */
static bool
names_grow(struct scan *s)
{
	struct names *n = &s->names;
	size_t room = n->room * 2;
	size_t more =
	    n->room * sizeof(*n->at) + n->slot_room * 2 * sizeof(*n->slots);
	struct name *at;
	uint32_t *slots;

	if (room > NAMES_MAX ||
	    budget_take(s->visit->budget, BUDGET_MEMORY, more) != ERR_OK)
		return false;
	n->paid += more;
	if ((at = realloc(n->at, room * sizeof(*at))) == NULL)
		return false;
	n->at = at;
	if ((slots = calloc(n->slot_room * 2, sizeof(*slots))) == NULL)
		return false;
	free(n->slots);
	n->slots = slots;
	n->slot_room *= 2;
	n->room = room;
	for (uint32_t i = NAMES_FIRST; i < n->count; i++) {
		struct import g = names_import(s, i);

		*names_slot(s, &g) = i;
	}
	return true;
}

/* Room for one more of this size. */
static bool
names_reserve(struct scan *s, const struct import *g)
{
	struct names *n = &s->names;
	size_t bytes = g->module_size + g->name_size;

	if (n->count == n->room && !names_grow(s))
		return false;
	if (budget_take(s->visit->budget, BUDGET_MEMORY, bytes) != ERR_OK)
		return false;
	n->paid += bytes;
	return buf_grow(&n->text, bytes) != NULL;
}

/* Put it into the table. False: there is no room. */
static bool
names_add(struct scan *s, const struct import *g, uint32_t *out)
{
	struct names *n = &s->names;
	uint32_t at = (uint32_t)n->text.size;

	if (!names_reserve(s, g) ||
	    buf_add(&n->text, g->module, g->module_size) != ERR_OK)
		return false;
	if (buf_add(&n->text, g->name, g->name_size) != ERR_OK) {
		n->text.size = at;
		return false;
	}
	n->at[n->count] = (struct name){ .module = at,
		.module_size = (uint32_t)g->module_size,
		.name = at + (uint32_t)g->module_size,
		.name_size = (uint32_t)g->name_size,
		.place = g->offset,
		.gadget = gadget_find(g) };
	*out = (uint32_t)n->count++;
	*names_slot(s, g) = *out;
	return true;
}

static enum rule
rule_for(const struct policy_verdict *v, enum use use)
{
	switch (v->verdict) {
	case VERDICT_MALICIOUS:
		if (v->action == POLICY_ARGS)
			return RULE_PICKLE_CALL_ARGUMENTS;
		return v->action == POLICY_KNOWN && use > USE_IMPORT
		    ? RULE_PICKLE_CALL_KNOWN
		    : RULE_PICKLE_IMPORT_DANGEROUS;
	case VERDICT_SUSPICIOUS:
		return v->action == POLICY_ARGS ? RULE_PICKLE_CALL_SUSPECT
						: RULE_PICKLE_IMPORT_SUSPECT;
	case VERDICT_UNVERIFIED:
		return RULE_PICKLE_CALL_FORGOTTEN;
	case VERDICT_UNKNOWN:
		return v->action == POLICY_ARGS ? RULE_PICKLE_CALL_UNKNOWN
						: RULE_PICKLE_IMPORT_UNKNOWN;
	case VERDICT_CLEAN:
	case VERDICT_COUNT:
		break;
	}
	return RULE_COUNT;
}

/* Identifiers with dots between them. */
static bool
dotted(const char *s, size_t n)
{
	for (;;) {
		const char *dot = n == 0 ? NULL : memchr(s, '.', n);
		size_t part = dot == NULL ? n : (size_t)(dot - s);

		if (!text_identifier(s, part))
			return false;
		if (dot == NULL)
			return true;
		s += part + 1;
		n -= part + 1;
	}
}

/* Does the rule spell the global out? */
static bool
exact(const struct policy_verdict *v)
{
	return v->module[0] != '\0' && strchr(v->module, '*') == NULL &&
	    strchr(v->name, '*') == NULL;
}

/* Report one use of one global. */
static void
names_report(
    struct scan *s, const struct import *g, const struct policy_verdict *v)
{
	enum rule rule = rule_for(v, g->use);
	int module = g->module_size < EVIDENCE ? (int)g->module_size : EVIDENCE;
	int name = g->name_size < EVIDENCE ? (int)g->name_size : EVIDENCE;

	(void)report_import(s->visit->report, g);
	/* Something may look like a name by chance, in a file that is no
	 * pickle; one that is dangerous as it stands does not, nor does a
	 * dangerous one that is used. */
	if (dotted(g->module, g->module_size) &&
	    dotted(g->name, g->name_size)) {
		s->named = true;
		s->known = s->known || v->action != POLICY_NONE;
		s->strong = s->strong ||
		    (v->action != POLICY_NONE &&
			v->verdict == VERDICT_MALICIOUS &&
			(g->use > USE_IMPORT || exact(v)));
	}
	if (rule == RULE_COUNT)
		return;
	if (v->reason != NULL && v->reason[0] != '\0')
		visit_find(s->visit, rule, g->offset, "%.*s.%.*s (%s)", module,
		    g->module, name, g->name, v->reason);
	else
		visit_find(s->visit, rule, g->offset, "%.*s.%.*s", module,
		    g->module, name, g->name);
}

struct policy_verdict
names_judge(const struct scan *s, uint32_t i, enum use use)
{
	const struct name *n = &s->names.at[i];

	if (i < NAMES_FIRST)
		return (struct policy_verdict){ .verdict = VERDICT_UNKNOWN,
			.reason = "",
			.module = "",
			.name = "" };
	return policy_judge(s->visit->policy, names_module(s, i),
	    n->module_size, names_name(s, i), n->name_size, use);
}

void
names_say(struct scan *s, uint32_t i, enum use use,
    const struct policy_verdict *v, uint64_t place)
{
	struct name *n = &s->names.at[i];
	struct import g;

	s->judged = *v;
	if (i < NAMES_FIRST || (n->use >= use && n->verdict >= v->verdict))
		return;
	if (use > n->use)
		n->use = use;
	n->verdict = verdict_worse(n->verdict, v->verdict);
	g = names_import(s, i);
	g.use = n->use;
	g.verdict = n->verdict;
	g.reason = v->reason;
	g.where = s->visit->where;
	g.offset = place;
	names_report(s, &g, v);
}

void
names_use(struct scan *s, uint32_t i, enum use use, uint64_t place)
{
	struct policy_verdict v;

	if (i < NAMES_FIRST || s->names.at[i].use >= use)
		return;
	v = names_judge(s, i, use);
	names_say(s, i, use, &v, place);
}

uint32_t
names_find(struct scan *s, const struct import *global)
{
	uint32_t i = *names_slot(s, global);
	struct import g = *global;
	struct policy_verdict v;
	bool fits = true;

	s->imports++;
	if (i != 0)
		return i;
	fits = names_add(s, global, &i);
	g.use = fits ? USE_IMPORT : USE_CALL;
	v = policy_judge(s->visit->policy, g.module, g.module_size, g.name,
	    g.name_size, g.use);
	/* Each call of it will be judged; see names_finish(). */
	if (fits && v.action == POLICY_ARGS && s->names.at[i].gadget != NULL)
		v.verdict = VERDICT_CLEAN;
	g.verdict = v.verdict;
	g.reason = v.reason;
	g.where = s->visit->where;
	if (fits) {
		s->names.at[i].action = v.action;
		s->names.at[i].verdict = v.verdict;
	}
	/* The report is full long before the table is. */
	if (fits || v.verdict > VERDICT_UNVERIFIED)
		names_report(s, &g, &v);
	return fits ? i : NAMES_OVERFLOW;
}

bool
names_importable(const struct scan *s, uint32_t i)
{
	const char *module = names_module(s, i);
	size_t n = s->names.at[i].module_size;

	if (n == 0 || (module[0] >= '0' && module[0] <= '9'))
		return false;
	for (size_t k = 0; k < n; k++) {
		char c = module[k];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		/* Letters of any alphabet will do. */
		if (!letter && !(c >= '0' && c <= '9') && c != '_' &&
		    c != '.' && !((uint8_t)c & 0x80))
			return false;
	}
	return true;
}

void
names_forget(struct scan *s, size_t count)
{
	struct names *n = &s->names;

	if (count >= n->count)
		return;
	n->text.size = n->at[count].module;
	n->count = count;
	memset(n->slots, 0, n->slot_room * sizeof(*n->slots));
	for (uint32_t i = NAMES_FIRST; i < n->count; i++) {
		struct import g = names_import(s, i);

		*names_slot(s, &g) = i;
	}
}

void
names_finish(struct scan *s)
{
	for (uint32_t i = NAMES_FIRST; i < s->names.count; i++) {
		const struct name *n = &s->names.at[i];
		struct policy_verdict v;

		if (n->action != POLICY_ARGS || n->gadget == NULL ||
		    n->use != USE_IMPORT || n->verdict != VERDICT_CLEAN)
			continue;
		v = names_judge(s, i, USE_IMPORT);
		names_say(s, i, USE_IMPORT, &v, n->place);
	}
}
