/* SPDX-License-Identifier: Apache-2.0 */
/* rdata_item: the inside of rdata: reading items one after another. */
#ifndef FORMAT_RDATA_ITEM_H
#define FORMAT_RDATA_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "byte/stream.h"
#include "model/format.h"

enum {
	RDATA_DEPTH = 8192, /* R ends at 5000 nested expressions */
	RDATA_NAME_MAX = 256,
	RDATA_REFS_MAX = 1 << 20,
};

enum rdata_watch {
	WATCH_NONE,
	WATCH_CALL,  /* to call it starts programs or loads code */
	WATCH_SHADOW /* to bind it changes what R does */
};

/* What an item is to the one that holds it. */
enum rdata_role {
	ROLE_ANY,
	ROLE_CALLEE, /* what a call calls */
	ROLE_VALUE,  /* a promise's value */
	ROLE_LAZY,   /* the same, in an environment */
	ROLE_TOP,    /* the list of what load() binds */
	ROLE_NAME,   /* a name that load() binds */
	ROLE_BOUND,  /* what it binds it to */
	ROLE_FRAME,  /* an environment's variables */
	ROLE_HOLD    /* what is bound in an environment */
};

enum rdata_frame_kind {
	FRAME_ITEMS,
	FRAME_CODE,     /* byte code: an item, then constants */
	FRAME_CONSTANT, /* a kind, then what it says */
	FRAME_LANGUAGE  /* the same, in a call of byte code */
};

/* So many are still to be read. */
struct rdata_frame {
	uint64_t left;
	uint8_t kind;
	uint8_t role; /* of each, unless roles has them */
	uint8_t at, count;
	uint8_t roles[4];
};

struct rdata {
	struct visit *visit;
	struct stream in;
	char form; /* 'X', 'A' or 'B' */
	bool load; /* made for load(): a list of bindings */
	bool lazy; /* a promise without a value lies in an environment */
	const char *calls; /* a function that starts programs, or NULL */
	uint64_t call_at;
	uint8_t name;  /* the number of what load() binds now */
	uint8_t *refs; /* of each symbol and environment so far: its number */
	size_t ref_count, ref_room;
	size_t depth;
	struct rdata_frame frames[RDATA_DEPTH];
};

/* The number of a name that is watched; 0: it is none. */
uint8_t rdata_watch(const char *name, size_t n);

/* What it is watched for, and the name. Static storage. */
enum rdata_watch rdata_watch_kind(uint8_t watch);
const char *rdata_watch_name(uint8_t watch);

/* A number. ERR_SHORT, ERR_MALFORMED (text that is none), ERR_SYS. */
MUST_USE enum err rdata_int(struct rdata *r, int32_t *out);

/* n bytes of text, of which at most room go to to. */
MUST_USE enum err rdata_text(
    struct rdata *r, uint64_t n, char *to, size_t room);

/* n numbers of size bytes that nobody needs; as text, so many lines each. */
MUST_USE enum err rdata_numbers_skip(
    struct rdata *r, uint64_t n, unsigned size, unsigned lines);

/* The length of a vector. */
MUST_USE enum err rdata_length(struct rdata *r, uint64_t *out);

/* The outermost item, and all that is in it.
 * ERR_SHORT, ERR_MALFORMED, ERR_LIMIT, ERR_UNSUPPORTED, ERR_NOMEM, ERR_SYS */
MUST_USE enum err rdata_items(struct rdata *r);

#endif /* FORMAT_RDATA_ITEM_H */
