/* SPDX-License-Identifier: Apache-2.0 */
/*
 * holes: a source without some of its bytes.
 *
 * A loader that drops the rest of a frame reads on behind it, in the middle of
 * an opcode.  What it reads is the stream with a hole, so that the machine can
 * run over it as over any other.
 */
#ifndef PICKLE_HOLES_H
#define PICKLE_HOLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "byte/source.h"

enum { HOLES_MAX = 256 }; /* one is malicious; more are only followed */

struct hole {
	uint64_t at;   /* where it is, in the stream without holes before it */
	uint64_t lost; /* bytes lost in it and all before it */
};

struct holes {
	struct source inner; /* a view, borrowed */
	struct hole hole[HOLES_MAX];
	size_t count;
};

/* The source of inner without the holes; h must outlive it and not move. */
struct source holes_open(struct holes *h, const struct source *inner);

/* n bytes at at are lost; at is not before the last hole. False: no room. */
bool holes_add(struct holes *h, uint64_t at, uint64_t n);

/* Where the byte at at stands in inner. */
uint64_t holes_place(const struct holes *h, uint64_t at);

#endif /* PICKLE_HOLES_H */
