/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call: what a pickle calls and changes, judged without doing it.
 *
 * A call of a name that the policy knows outright is the policy's business.
 * What it leaves to the arguments (POLICY_ARGS) is judged by the functions of
 * gadget.c: each knows one callable, its honest uses and how it becomes a
 * gadget.
 */
#ifndef PICKLE_CALL_H
#define PICKLE_CALL_H

#include <stdint.h>

#include "model/report.h"
#include "pickle/policy.h"
#include "pickle/value.h"

struct machine;
struct buf;

struct call {
	value callee;
	value args;     /* what stands where the arguments should */
	value keywords; /* the same of NEWOBJ_EX; else KIND_NOTHING */
	enum use use;   /* USE_CALL or USE_CONSTRUCT */
	uint64_t place; /* of the opcode */
};

/* Judge and report a call: the value it would return. */
value call_make(struct machine *m, const struct call *call);

/* target is given state (BUILD). */
void call_build(struct machine *m, value target, value state);

/* Items are put into target, which is no plain container: its methods run. */
void call_store(struct machine *m, value target);

/* persistent_load(id) would be called: what it would return. */
value call_persistent(struct machine *m, value id);

enum when {
	WHEN_LATER, /* by the program, if at all: honest models do so */
	WHEN_NOW    /* by whoever takes items out of the result, in the load */
};

/* How bad is it that v gets called, with arguments that nobody sees here? */
enum verdict call_passed(
    struct machine *m, value v, enum when when, uint64_t place);

/* How bad is it that v is the class of something that is made? */
enum verdict call_class(struct machine *m, value v, uint64_t place);

/* What a partial calls in the end, if v is one; else v. */
value call_unwrap(const struct machine *m, value v);

/* A callable with its arguments, for a gadget. */
struct gadget_call {
	struct machine *m;
	const struct call *call;
	uint32_t name;      /* index in names */
	struct items items; /* the arguments */
	const char *why;    /* out: for people; static storage */
	value result;       /* out: KIND_NOTHING: an ordinary call's */
};

typedef enum verdict (*gadget_fn)(struct gadget_call *g);

/* What a callable returns, as far as that matters for what comes after. */
enum makes {
	MAKES_DATA,
	MAKES_CLASS,  /* a class or function of the pickle's own: may be called
		       */
	MAKES_CODE,   /* a type given by name, perhaps types.CodeType */
	MAKES_IMPORT, /* something that was there before: changing it is
		       * poisoning it */
};

struct gadget {
	const char *module;
	const char *name;
	gadget_fn judge;
	enum makes makes;
};

/* How a global's arguments are judged, or NULL. Names of Python 2 are mapped
 * and private twins (_operator) count as their public modules. */
const struct gadget *gadget_find(const struct import *global);

/* The global i was looked up: of some, calls are judged by more of their
 * arguments than are kept, which are counted from now on. */
void gadget_expect(struct machine *m, uint32_t i);

/* v is an attribute of a global, fetched by getattr(): its name with its
 * class's, as the global that it is (KIND_GLOBAL); else v itself. */
value gadget_method(struct machine *m, value v, uint64_t place);

/* v is getattr(class, "__new__"), as protocols 2 and 3 write what later ones
 * make with NEWOBJ_EX: its class.  That of object makes anything, and that of
 * what is judged by its arguments calls what it is given: they are none. */
bool gadget_new(struct machine *m, value v, value *class);

/* Is the call result v one of the gadget called module.name? */
bool gadget_made(
    const struct machine *m, value v, const char *module, const char *name);

/* A constant string as text. False: it is none, or forgotten; then *verdict
 * says what that makes of a call that depends on it. */
bool gadget_text(
    struct gadget_call *g, value v, struct buf *out, enum verdict *verdict);

/* An attribute that is fetched or set by name, of an object that nobody has
 * seen: harmless names leave it unknown. */
enum verdict gadget_attribute(struct gadget_call *g, const struct buf *name);

/* A look-up of module.name by a function: reported as an import. */
enum verdict gadget_look_up(
    struct gadget_call *g, const struct buf *module, const struct buf *name);

/* The argument that stands at i, or KIND_NOTHING. */
static inline value
gadget_item(const struct gadget_call *g, size_t i)
{
	return i < g->items.n ? g->items.at[i] : KIND_NOTHING;
}

#define GADGET(module, name, judge, makes) \
	enum verdict gadget_##judge(struct gadget_call *g);
#include "pickle/gadgets.def"
#undef GADGET

#endif /* PICKLE_CALL_H */
