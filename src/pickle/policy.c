/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy: the table of rules and the look-up.
 *
 * Owns the entries and their text.  Must not own: what a line means
 * (policy_parse.c), what a name means in its use (policy_judge.c).
 */
#include "pickle/policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "base/own.h"
#include "pickle/policy_table.h"

/* Text of all rules: a hundred thousand lines fit. */
#define POLICY_TEXT_MAX ((size_t)32 << 20)
#define POLICY_RULES_MAX 200000u

struct policy *
policy_new(void)
{
	struct policy *p = calloc(1, sizeof(*p));

	if (p != NULL)
		p->arena = arena_new(POLICY_TEXT_MAX);
	return p;
}

void
policy_free(struct policy *p)
{
	if (p == NULL)
		return;
	arena_free(&p->arena);
	free(p->entries);
	free(p->table);
	free(p);
}

static uint64_t
hash_more(uint64_t hash, struct policy_span text)
{
	return fnv_add(hash, text.at, text.size);
}

/* The hash of a pattern from those of its parts. */
static uint64_t
hash_pattern(
    uint64_t module, const struct policy_pattern *pattern, uint64_t name)
{
	unsigned kind = (unsigned)pattern->kind * 2 + pattern->below;
	uint64_t hash = module ^ (name << 29 | name >> 35);

	hash = fnv_byte(hash, (uint8_t)kind);
	return hash ^ hash >> 32;
}

static bool
span_equal(struct policy_span a, struct policy_span b)
{
	return a.size == b.size &&
	    (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

static bool
pattern_equal(const struct policy_pattern *a, const struct policy_pattern *b)
{
	return a->below == b->below && a->kind == b->kind &&
	    span_equal(a->module, b->module) && span_equal(a->name, b->name);
}

/* Where the pattern is, or where it would go. */
static uint32_t *
table_slot(
    const struct policy *p, uint64_t hash, const struct policy_pattern *pattern)
{
	size_t mask = p->table_room - 1;

	for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
		const struct policy_entry *e;

		if (p->table[i] == 0)
			return &p->table[i];
		e = &p->entries[p->table[i] - 1];
		if (e->hash == hash && pattern_equal(&e->pattern, pattern))
			return &p->table[i];
	}
}

static enum err
table_grow(struct policy *p)
{
	size_t room = p->table_room == 0 ? 1024 : p->table_room * 2;
	uint32_t *old = p->table;

	if (p->patterns * 2 < p->table_room)
		return ERR_OK;
	p->table = calloc(room, sizeof(*p->table));
	if (p->table == NULL) {
		p->table = old;
		return ERR_NOMEM;
	}
	p->table_room = room;
	free(old);
	/* In order, so that the newest of equal patterns is what stays. */
	for (size_t i = 0; i < p->count; i++)
		*table_slot(p, p->entries[i].hash, &p->entries[i].pattern) =
		    (uint32_t)(i + 1);
	return ERR_OK;
}

static enum err
entries_grow(struct policy *p)
{
	size_t room = p->room == 0 ? 512 : p->room * 2;
	struct policy_entry *entries;

	if (p->count >= POLICY_RULES_MAX)
		return ERR_LIMIT;
	if (p->count < p->room)
		return ERR_OK;
	entries = realloc(p->entries, room * sizeof(*entries));
	if (entries == NULL)
		return ERR_NOMEM;
	p->entries = entries;
	p->room = room;
	return ERR_OK;
}

/* Text that lives as long as the policy; many neighbours share a reason. */
static const char *
keep(struct policy *p, struct policy_span text, const char **last)
{
	const char *copy;

	if (last != NULL && *last != NULL && strlen(*last) == text.size &&
	    memcmp(*last, text.at, text.size) == 0)
		return *last;
	copy = arena_copy(&p->arena, text.at, text.size);
	if (last != NULL && copy != NULL)
		*last = copy;
	return copy;
}

/* The entry of a line, not yet in the table. */
static enum err
entry_make(
    struct policy *p, const struct policy_line *line, struct policy_entry *out)
{
	struct policy_entry e = { .pattern = line->pattern };

	e.module = keep(p, line->module, NULL);
	e.name = keep(p, line->name, NULL);
	e.rule.action = line->action;
	e.rule.reason = keep(p, line->reason, &p->last_reason);
	e.rule.reference = keep(p, line->reference, &p->last_reference);
	if (e.module == NULL || e.name == NULL || e.rule.reason == NULL ||
	    e.rule.reference == NULL)
		return ERR_NOMEM;
	e.pattern.module.at = e.module;
	e.pattern.name.at = e.name;
	e.hash = hash_pattern(hash_more(FNV_START, e.pattern.module),
	    &e.pattern, hash_more(FNV_START, e.pattern.name));
	e.layer = p->layer;
	*out = e;
	return ERR_OK;
}

enum err
policy_enter(struct policy *p, const struct policy_line *line, const char *file,
    unsigned number)
{
	struct policy_entry e;
	enum err err;
	uint32_t *slot;

	if ((err = entries_grow(p)) != ERR_OK ||
	    (err = table_grow(p)) != ERR_OK ||
	    (err = entry_make(p, line, &e)) != ERR_OK)
		return err;
	e.rule.file = file;
	e.rule.line = number;
	slot = table_slot(p, e.hash, &e.pattern);
	e.older = *slot;
	if (e.older == 0)
		p->patterns++;
	p->entries[p->count++] = e;
	*slot = (uint32_t)p->count;
	return ERR_OK;
}

size_t
policy_count(const struct policy *p)
{
	return p->patterns;
}

bool
policy_class_like(struct policy_span name)
{
	size_t i = 0;

	while (i < name.size && name.at[i] == '_')
		i++;
	if (i == name.size || name.at[i] < 'A' || name.at[i] > 'Z')
		return false;
	for (; i < name.size; i++) {
		char c = name.at[i];

		if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') &&
		    !(c >= '0' && c <= '9') && c != '_')
			return false;
	}
	return true;
}

/* A module with the hashes of its parents, and a name: one look-up. */
struct probe {
	const struct policy *policy;
	struct policy_span module, name;
	uint64_t module_hash, name_hash;
	size_t parent_size[POLICY_DEPTH];
	uint64_t parent_hash[POLICY_DEPTH];
	unsigned parents;
	bool class_like;
};

static void
probe_prepare(struct probe *probe)
{
	uint64_t hash = FNV_START;

	for (size_t i = 0; i < probe->module.size; i++) {
		unsigned char c = (unsigned char)probe->module.at[i];

		if (c == '.' && probe->parents < POLICY_DEPTH) {
			probe->parent_size[probe->parents] = i;
			probe->parent_hash[probe->parents++] = hash;
		}
		hash = fnv_byte(hash, c);
	}
	probe->module_hash = hash;
	probe->name_hash = hash_more(FNV_START, probe->name);
	probe->class_like = policy_class_like(probe->name);
}

static const struct policy_entry *
probe_one(const struct probe *probe, struct policy_pattern pattern,
    uint64_t module_hash)
{
	const struct policy *p = probe->policy;
	uint64_t name_hash = FNV_START;
	uint32_t slot;

	if (pattern.kind == POLICY_NAME_EXACT) {
		pattern.name = probe->name;
		name_hash = probe->name_hash;
	}
	slot = *table_slot(
	    p, hash_pattern(module_hash, &pattern, name_hash), &pattern);
	return slot == 0 ? NULL : &p->entries[slot - 1];
}

/* The most specific name of one module pattern. */
static const struct policy_entry *
probe_module(const struct probe *probe, struct policy_pattern pattern,
    uint64_t module_hash)
{
	const struct policy_entry *found;

	pattern.kind = POLICY_NAME_EXACT;
	found = probe_one(probe, pattern, module_hash);
	pattern.kind = POLICY_NAME_CLASS;
	if (found == NULL && probe->class_like)
		found = probe_one(probe, pattern, module_hash);
	pattern.kind = POLICY_NAME_ANY;
	if (found == NULL)
		found = probe_one(probe, pattern, module_hash);
	return found;
}

/* The most specific module, all but "*". */
static const struct policy_entry *
probe_modules(const struct probe *probe)
{
	struct policy_pattern pattern = { .module = probe->module };
	const struct policy_entry *found;

	found = probe_module(probe, pattern, probe->module_hash);
	pattern.below = true;
	if (found == NULL)
		found = probe_module(probe, pattern, probe->module_hash);
	for (unsigned i = probe->parents; found == NULL && i-- > 0;) {
		pattern.module.size = probe->parent_size[i];
		found = probe_module(probe, pattern, probe->parent_hash[i]);
	}
	return found;
}

unsigned
policy_action_rank(enum policy_action action)
{
	static const unsigned char ranks[POLICY_ACTION_COUNT] = {
		[POLICY_NONE] = 2,
		[POLICY_ALLOW] = 0,
		[POLICY_CONSTRUCT] = 1,
		[POLICY_UNKNOWN] = 3,
		[POLICY_ARGS] = 4,
		[POLICY_KNOWN] = 6,
		[POLICY_SUSPECT] = 5,
		[POLICY_DENY] = 7,
	};

	return ranks[action];
}

const struct policy_entry *
policy_entry_find(
    const struct policy *p, struct policy_span module, struct policy_span name)
{
	struct probe probe = { .policy = p, .module = module, .name = name };
	struct policy_pattern any = { .below = true, .module = { "", 0 } };
	const struct policy_entry *found, *anywhere;

	if (p->table_room == 0)
		return NULL;
	probe_prepare(&probe);
	found = probe_modules(&probe);
	if (found != NULL && found->pattern.kind == POLICY_NAME_EXACT)
		return found;
	if (found == NULL)
		return probe_module(&probe, any, FNV_START);
	anywhere = probe_one(&probe, any, FNV_START);
	if (anywhere != NULL &&
	    policy_action_rank(anywhere->rule.action) >
		policy_action_rank(found->rule.action))
		return anywhere;
	return found;
}

const struct policy_entry *
policy_entry_anywhere(const struct policy *p, struct policy_span name)
{
	struct probe probe = { .policy = p, .name = name };
	struct policy_pattern any = { .below = true, .module = { "", 0 } };

	if (p->table_room == 0)
		return NULL;
	probe.name_hash = hash_more(FNV_START, name);
	return probe_one(&probe, any, FNV_START);
}

const struct policy_rule *
policy_find(const struct policy *p, const char *module, size_t module_size,
    const char *name, size_t name_size)
{
	const struct policy_entry *e =
	    policy_entry_find(p, (struct policy_span){ module, module_size },
		(struct policy_span){ name, name_size });

	return e == NULL ? NULL : &e->rule;
}

const char *
policy_action_name(enum policy_action action)
{
	static const char *const names[POLICY_ACTION_COUNT] = {
		[POLICY_NONE] = "none",
		[POLICY_ALLOW] = "allow",
		[POLICY_CONSTRUCT] = "construct",
		[POLICY_UNKNOWN] = "unknown",
		[POLICY_ARGS] = "args",
		[POLICY_KNOWN] = "known",
		[POLICY_SUSPECT] = "suspect",
		[POLICY_DENY] = "deny",
	};

	return (unsigned)action < POLICY_ACTION_COUNT ? names[action] : "none";
}
