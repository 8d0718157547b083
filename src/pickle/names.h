/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names: every global that a stream names, once, with what the policy makes
 * of it.
 *
 * Each is reported when it is looked up and again when its use rises; the
 * policy is asked as seldom.  Over the bound a name is judged as if it were
 * called, and not remembered.
 */
#ifndef PICKLE_NAMES_H
#define PICKLE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/report.h"
#include "pickle/policy.h"

struct scan;
struct gadget;

enum {
	NAMES_OVERFLOW = 0, /* the index of every name beyond the bound */
	NAMES_RESULT = 1,   /* of what was called without having a name */
	NAMES_FIRST = 2,
};

struct name {
	uint32_t module, name;           /* where in text */
	uint32_t module_size, name_size; /* bytes */
	uint64_t place;                  /* of its first look-up */
	const struct gadget *gadget; /* how its arguments are judged, or NULL */
	enum policy_action action;
	enum verdict verdict; /* the worst so far */
	enum use use;         /* the highest so far */
};

struct names {
	struct name *at;
	size_t count, room;
	uint32_t *slots; /* index by hash; 0: free */
	size_t slot_room;
	struct buf text;
	uint64_t paid; /* of the memory budget */
};

/* ERR_NOMEM, ERR_LIMIT. */
MUST_USE enum err names_open(struct scan *s);
void names_free(struct scan *s);

/* A look-up of this global at place: its index.  Its text must not be that of
 * a name in here, which moves. */
uint32_t names_find(struct scan *s, const struct import *global);

/* Text of a name, not NUL-terminated. */
const char *names_module(const struct scan *s, uint32_t i);
const char *names_name(const struct scan *s, uint32_t i);

/* The name is used so, which the policy judges. */
void names_use(struct scan *s, uint32_t i, enum use use, uint64_t place);

/* The name is used so, and this is what that means. */
void names_say(struct scan *s, uint32_t i, enum use use,
    const struct policy_verdict *verdict, uint64_t place);

/* What the policy says of it in a use, without reporting anything. */
struct policy_verdict names_judge(
    const struct scan *s, uint32_t i, enum use use);

/* May its module be one that is installed: letters, digits and dots? */
bool names_importable(const struct scan *s, uint32_t i);

/* Only the first count names are kept: the others were in no pickle. */
void names_forget(struct scan *s, size_t count);

/* The file is done: what only arguments could have cleared was never called. */
void names_finish(struct scan *s);

#endif /* PICKLE_NAMES_H */
