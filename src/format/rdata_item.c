/* SPDX-License-Identifier: Apache-2.0 */
/* rdata_item: items, one after another. */
#include "format/rdata_item.h"

#include <stdlib.h>
#include <string.h>

enum {
	TYPE_SYMBOL = 1,
	TYPE_LIST = 2,
	TYPE_CLOSURE = 3,
	TYPE_ENVIRONMENT = 4,
	TYPE_PROMISE = 5,
	TYPE_CALL = 6,
	TYPE_SPECIAL = 7,
	TYPE_BUILTIN = 8,
	TYPE_CHARS = 9,
	TYPE_LOGICAL = 10,
	TYPE_INTEGER = 13,
	TYPE_REAL = 14,
	TYPE_COMPLEX = 15,
	TYPE_STRINGS = 16,
	TYPE_DOTS = 17,
	TYPE_VECTOR = 19,
	TYPE_EXPRESSION = 20,
	TYPE_CODE = 21,
	TYPE_POINTER = 22,
	TYPE_WEAK = 23,
	TYPE_RAW = 24,
	TYPE_S4 = 25,
	TYPE_ALTERNATIVE = 238,
	TYPE_LIST_ATTRIBUTES = 239,
	TYPE_CALL_ATTRIBUTES = 240,
	TYPE_CONSTANT_LOW = 241, /* base, empty environment */
	TYPE_CONSTANT_HIGH = 242,
	TYPE_CODE_REF = 243,
	TYPE_CODE_DEF = 244,
	TYPE_BASE_SPACE = 247,
	TYPE_PERSISTENT = 248,
	TYPE_NAMESPACE = 249,
	TYPE_PACKAGE = 250,
	TYPE_MISSING = 251,
	TYPE_UNBOUND = 252,
	TYPE_GLOBAL = 253,
	TYPE_NIL = 254,
	TYPE_REF = 255,

	FLAG_ATTRIBUTES = 0x200,
	FLAG_TAG = 0x400,
	REF_SHIFT = 8,
	REFS_FIRST = 4096,
};

static enum err
push(struct rdata *r, struct rdata_frame frame)
{
	if (frame.left == 0)
		return ERR_OK;
	if (r->depth == RDATA_DEPTH)
		return ERR_LIMIT;
	r->frames[r->depth++] = frame;
	return ERR_OK;
}

static enum err
push_items(struct rdata *r, uint64_t n, enum rdata_role role)
{
	return push(r,
	    (struct rdata_frame){
		.left = n, .kind = FRAME_ITEMS, .role = (uint8_t)role });
}

/* Number what can be referred to later. */
static enum err
ref_add(struct rdata *r, uint8_t watch)
{
	struct budget *b = r->in.source.budget;
	size_t want = r->ref_room == 0 ? REFS_FIRST : r->ref_room * 2;
	uint8_t *grown;
	enum err e;

	if (r->ref_count == RDATA_REFS_MAX)
		return ERR_LIMIT;
	if (r->ref_count == r->ref_room) {
		if ((e = budget_take(b, BUDGET_MEMORY, want - r->ref_room)) !=
		    ERR_OK)
			return e;
		if ((grown = realloc(r->refs, want)) == NULL) {
			budget_give(b, want - r->ref_room);
			return ERR_NOMEM;
		}
		r->refs = grown;
		r->ref_room = want;
	}
	r->refs[r->ref_count++] = watch;
	return ERR_OK;
}

/* A symbol, new or known, stands where role says. */
static void
symbol_judge(struct rdata *r, uint8_t watch, enum rdata_role role)
{
	if (role == ROLE_NAME)
		r->name = watch;
	if (role != ROLE_CALLEE || rdata_watch_kind(watch) != WATCH_CALL ||
	    r->calls != NULL)
		return;
	r->calls = rdata_watch_name(watch);
	r->call_at = stream_pos(&r->in);
}

static enum err
symbol_read(struct rdata *r, enum rdata_role role)
{
	char name[RDATA_NAME_MAX];
	int32_t flags, n;
	uint8_t watch = 0;
	enum err e;

	if ((e = rdata_int(r, &flags)) != ERR_OK ||
	    (e = rdata_int(r, &n)) != ERR_OK)
		return e;
	if ((flags & 0xff) != TYPE_CHARS)
		return ERR_MALFORMED;
	if (n > 0) {
		if ((e = rdata_text(r, (uint64_t)n, name, sizeof(name))) !=
		    ERR_OK)
			return e;
		if ((size_t)n <= sizeof(name))
			watch = rdata_watch(name, (size_t)n);
	}
	symbol_judge(r, watch, role);
	return ref_add(r, watch);
}

static enum err
ref_read(struct rdata *r, int32_t flags, enum rdata_role role)
{
	int32_t index = (int32_t)((uint32_t)flags >> REF_SHIFT);
	enum err e;

	if (index == 0 && (e = rdata_int(r, &index)) != ERR_OK)
		return e;
	if (index < 1 || (size_t)index > r->ref_count)
		return ERR_MALFORMED;
	symbol_judge(r, r->refs[index - 1], role);
	return ERR_OK;
}

/* attributes, tag, first, rest */
static enum err
pair_read(struct rdata *r, int32_t flags, enum rdata_role role)
{
	struct rdata_frame f = { .kind = FRAME_ITEMS };
	int type = flags & 0xff;
	bool top = role == ROLE_TOP && type == TYPE_LIST;
	bool frame = role == ROLE_FRAME && type == TYPE_LIST;
	enum rdata_role first = ROLE_ANY, rest = ROLE_ANY;

	if (type == TYPE_CALL)
		first = ROLE_CALLEE;
	else if (type == TYPE_PROMISE)
		first = role == ROLE_HOLD ? ROLE_LAZY : ROLE_VALUE;
	else if (top)
		first = ROLE_BOUND, rest = ROLE_TOP;
	else if (frame)
		first = ROLE_HOLD, rest = ROLE_FRAME;
	if ((flags & FLAG_ATTRIBUTES) != 0)
		f.roles[f.count++] = ROLE_ANY;
	if ((flags & FLAG_TAG) != 0)
		f.roles[f.count++] = (uint8_t)(top ? ROLE_NAME : ROLE_ANY);
	f.roles[f.count++] = (uint8_t)first;
	f.roles[f.count++] = (uint8_t)rest;
	f.left = f.count;
	if (role == ROLE_BOUND && type == TYPE_CLOSURE &&
	    rdata_watch_kind(r->name) == WATCH_SHADOW)
		visit_find(r->visit, RULE_RDATA_SHADOW, stream_pos(&r->in),
		    "%s", rdata_watch_name(r->name));
	return push(r, f);
}

/* An empty place where a promise's value would be. */
static void
unbound_judge(struct rdata *r, enum rdata_role role)
{
	if (role == ROLE_LAZY) {
		r->lazy = true;
		visit_find(r->visit, RULE_RDATA_LAZY, stream_pos(&r->in), NULL);
	} else if (role == ROLE_VALUE) {
		visit_find(
		    r->visit, RULE_RDATA_PROMISE, stream_pos(&r->in), NULL);
	}
}

/* Vectors of numbers, texts and items. */
static enum err
vector_read(struct rdata *r, int type, enum rdata_role role)
{
	uint64_t n;
	enum err e = rdata_length(r, &n);

	if (e != ERR_OK)
		return e;
	switch (type) {
	case TYPE_LOGICAL:
	case TYPE_INTEGER:
		return rdata_numbers_skip(r, n, 4, 1);
	case TYPE_REAL:
		return rdata_numbers_skip(r, n, 8, 1);
	case TYPE_COMPLEX:
		return rdata_numbers_skip(r, n, 16, 2);
	case TYPE_RAW:
		return rdata_numbers_skip(r, n, 1, 1);
	default:
		/* an environment's table holds lists of variables */
		return push_items(
		    r, n, role == ROLE_FRAME ? ROLE_FRAME : ROLE_ANY);
	}
}

static enum err
chars_read(struct rdata *r)
{
	int32_t n;
	enum err e = rdata_int(r, &n);

	if (e != ERR_OK || n == -1)
		return e;
	return n < 0 ? ERR_MALFORMED : rdata_text(r, (uint64_t)n, NULL, 0);
}

/* The names of a package or namespace. */
static enum err
names_read(struct rdata *r)
{
	int32_t zero, n;
	enum err e;

	if ((e = rdata_int(r, &zero)) != ERR_OK ||
	    (e = rdata_int(r, &n)) != ERR_OK || (e = ref_add(r, 0)) != ERR_OK)
		return e;
	return n < 0 ? ERR_MALFORMED : push_items(r, (uint64_t)n, ROLE_ANY);
}

static enum err
environment_read(struct rdata *r)
{
	int32_t locked;
	enum err e;

	if ((e = rdata_int(r, &locked)) != ERR_OK ||
	    (e = ref_add(r, 0)) != ERR_OK)
		return e;
	/* around it, its variables, their table, attributes */
	return push(r,
	    (struct rdata_frame){ .left = 4,
		.kind = FRAME_ITEMS,
		.count = 4,
		.roles = { ROLE_ANY, ROLE_FRAME, ROLE_FRAME, ROLE_ANY } });
}

static enum err
code_read(struct rdata *r)
{
	int32_t repeated;
	enum err e = rdata_int(r, &repeated);

	if (e != ERR_OK)
		return e;
	return push(r, (struct rdata_frame){ .left = 1, .kind = FRAME_CODE });
}

/* What has no pairs and follows its flags. */
static enum err
plain_read(struct rdata *r, int type, enum rdata_role role)
{
	enum err e;

	switch (type) {
	case TYPE_SPECIAL:
	case TYPE_BUILTIN:
	case TYPE_CHARS:
		return chars_read(r);
	case TYPE_LOGICAL:
	case TYPE_INTEGER:
	case TYPE_REAL:
	case TYPE_COMPLEX:
	case TYPE_STRINGS:
	case TYPE_VECTOR:
	case TYPE_EXPRESSION:
	case TYPE_RAW:
		return vector_read(r, type, role);
	case TYPE_CODE:
		return code_read(r);
	case TYPE_POINTER:
		if ((e = ref_add(r, 0)) != ERR_OK)
			return e;
		return push_items(r, 2, ROLE_ANY);
	case TYPE_WEAK:
		return ref_add(r, 0);
	case TYPE_S4:
		return ERR_OK;
	default:
		return ERR_UNSUPPORTED;
	}
}

/* Attributes follow what is no pair; they are pushed first, to come last. */
static enum err
valued_read(struct rdata *r, int32_t flags, enum rdata_role role)
{
	enum err e;

	if ((flags & FLAG_ATTRIBUTES) != 0 &&
	    (e = push_items(r, 1, ROLE_ANY)) != ERR_OK)
		return e;
	return plain_read(r, flags & 0xff, role);
}

static enum err
item_read(struct rdata *r, enum rdata_role role)
{
	int32_t flags;
	enum err e = rdata_int(r, &flags);

	if (e != ERR_OK)
		return e;
	switch (flags & 0xff) {
	case TYPE_UNBOUND:
		unbound_judge(r, role);
		return ERR_OK;
	case TYPE_CONSTANT_LOW:
	case TYPE_CONSTANT_HIGH:
	case TYPE_BASE_SPACE:
	case TYPE_MISSING:
	case TYPE_GLOBAL:
	case TYPE_NIL:
		return ERR_OK;
	case TYPE_REF:
		return ref_read(r, flags, role);
	case TYPE_SYMBOL:
		return symbol_read(r, role);
	case TYPE_PERSISTENT:
	case TYPE_NAMESPACE:
	case TYPE_PACKAGE:
		return names_read(r);
	case TYPE_ENVIRONMENT:
		return environment_read(r);
	case TYPE_LIST:
	case TYPE_CLOSURE:
	case TYPE_PROMISE:
	case TYPE_CALL:
	case TYPE_DOTS:
		return pair_read(r, flags, role);
	case TYPE_ALTERNATIVE:
		return push_items(r, 3, ROLE_ANY);
	default:
		return valued_read(r, flags, role);
	}
}

/* Behind the kind in a call of byte code: attributes and tag are items, the
 * first and the rest have kinds again. */
static enum err
language_read(struct rdata *r)
{
	int32_t kind, position;
	enum err e = rdata_int(r, &kind);

	if (e != ERR_OK)
		return e;
	if (kind == TYPE_CODE_REF)
		return rdata_int(r, &position);
	if (kind == TYPE_CODE_DEF &&
	    ((e = rdata_int(r, &position)) != ERR_OK ||
		(e = rdata_int(r, &kind)) != ERR_OK))
		return e;
	if (kind != TYPE_CALL && kind != TYPE_LIST &&
	    kind != TYPE_CALL_ATTRIBUTES && kind != TYPE_LIST_ATTRIBUTES)
		return push_items(r, 1, ROLE_ANY);
	if ((e = push(r,
		 (struct rdata_frame){ .left = 2, .kind = FRAME_LANGUAGE })) !=
	    ERR_OK)
		return e;
	return push_items(r,
	    kind == TYPE_CALL_ATTRIBUTES || kind == TYPE_LIST_ATTRIBUTES ? 2
									 : 1,
	    ROLE_ANY);
}

static enum err
constant_read(struct rdata *r)
{
	struct stream *s = &r->in;
	uint64_t at = stream_pos(s);
	int32_t kind;
	enum err e = rdata_int(r, &kind);

	if (e != ERR_OK)
		return e;
	switch (kind) {
	case TYPE_CODE:
		return push(
		    r, (struct rdata_frame){ .left = 1, .kind = FRAME_CODE });
	case TYPE_CALL:
	case TYPE_LIST:
	case TYPE_CODE_REF:
	case TYPE_CODE_DEF:
	case TYPE_CALL_ATTRIBUTES:
	case TYPE_LIST_ATTRIBUTES:
		stream_seek(s, at); /* the kind is the call's own */
		return language_read(r);
	default:
		return push_items(r, 1, ROLE_ANY);
	}
}

/* The code itself is a vector of numbers; its constants follow. */
static enum err
code_body(struct rdata *r)
{
	size_t below = r->depth;
	int32_t n;
	enum err e = item_read(r, ROLE_ANY);

	if (e != ERR_OK)
		return e;
	if (r->depth != below)
		return ERR_MALFORMED;
	if ((e = rdata_int(r, &n)) != ERR_OK)
		return e;
	return n < 0 ? ERR_MALFORMED
		     : push(r,
			   (struct rdata_frame){
			       .left = (uint64_t)n, .kind = FRAME_CONSTANT });
}

/* One step of the topmost frame, which is gone before its last item begins,
 * so that a list's length is no depth. */
static enum err
frame_step(struct rdata *r)
{
	struct rdata_frame *f = &r->frames[r->depth - 1];
	enum rdata_role role =
	    (enum rdata_role)(f->at < f->count ? f->roles[f->at] : f->role);
	enum rdata_frame_kind kind = (enum rdata_frame_kind)f->kind;

	if (f->at < f->count)
		f->at++;
	if (--f->left == 0)
		r->depth--;
	switch (kind) {
	case FRAME_ITEMS:
		return item_read(r, role);
	case FRAME_CODE:
		return code_body(r);
	case FRAME_CONSTANT:
		return constant_read(r);
	case FRAME_LANGUAGE:
		return language_read(r);
	}
	return ERR_BUG;
}

enum err
rdata_items(struct rdata *r)
{
	enum err e = push_items(r, 1, r->load ? ROLE_TOP : ROLE_ANY);

	while (e == ERR_OK && r->depth > 0)
		if ((e = budget_check(r->in.source.budget)) == ERR_OK)
			e = frame_step(r);
	return e;
}
