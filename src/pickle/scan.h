/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan: what is known of one file while its pickles are walked one after the
 * other, by as many machines as that takes.
 */
#ifndef PICKLE_SCAN_H
#define PICKLE_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/format.h"
#include "model/limits.h"
#include "pickle/names.h"
#include "pickle/texts.h"

enum {
	PROTOCOL_MAX = 5,
	SCAN_DTYPES = 4096,    /* distinct numpy.dtype calls of a file */
	SCAN_EXTENSIONS = 256, /* copyreg codes registered in a stream */
	/* Of strings shown to rules, for one file. */
	SCAN_STRINGS = 64 * 1024,
	/* Of long texts decoded for one file. */
	SCAN_DECODED = 32 * 1024 * 1024,
	/* Nested pickles looked at in one file: each is an own scan. */
	SCAN_CHILDREN = 4096,
};

/* A numpy.dtype that the stream made. */
struct dtype {
	uint64_t size; /* bytes of an item; 0: not known */
	bool objects;  /* items are Python objects: arrays of it are pickles */
};

struct extension {
	uint32_t code;
	uint32_t name; /* index in names */
};

struct storages; /* pickle/torch_legacy.h */

struct scan {
	struct visit *visit;
	const struct source *source;
	struct names names;
	struct texts kept, recent;
	struct buf module, name; /* of the look-up at hand */
	struct dtype *dtypes;
	size_t dtype_count, dtype_room;
	struct extension extensions[SCAN_EXTENSIONS];
	size_t extension_count;
	struct storages *storages; /* of torch's legacy files, or NULL */
	uint64_t ops;              /* opcodes run in the file */
	uint64_t imports;          /* globals looked up */
	uint64_t calls;            /* things called */
	uint64_t past_end; /* where a frame says it ends behind the end */
	uint64_t strings;  /* bytes shown to rules */
	uint64_t children; /* nested pickles looked at */
	uint64_t decoded;  /* bytes of long texts */
	uint64_t buffers;  /* out-of-band buffers taken */
	uint32_t variables; /* of "explain", given out so far */
	struct policy_verdict judged; /* what was said last of a name */
	bool strong; /* a name was looked up that is malicious by itself */
	bool known;  /* a name was looked up that the policy has a rule for */
	bool named;  /* one was that Python could have defined */
	bool persistent; /* PERSID, which takes any line of text */
};

/* ERR_NOMEM, ERR_LIMIT. */
MUST_USE enum err scan_open(
    struct scan *s, struct visit *visit, const struct source *source);
void scan_free(struct scan *s); /* NULL is fine */

/* Remember a dtype: its index, or SCAN_DTYPES when there is no room. */
uint64_t scan_dtype(struct scan *s, const struct dtype *d);

#define SCAN_NOWHERE UINT64_MAX

#endif /* PICKLE_SCAN_H */
