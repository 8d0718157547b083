/* SPDX-License-Identifier: Apache-2.0 */
/*
 * h5_file: the objects, attributes and links of an HDF5 file, and nothing of
 * its data.
 *
 * Why not libhdf5: 1.10.8, the one of Debian, crashes on changed files within
 * seconds of fuzzing (invalid reads and writes, use after free, allocations by
 * lengths read), and a worker that hostile bytes have taken over says "clean".
 * What a model's loader can be led by lies in object headers, in the heaps that
 * long attributes move to, and in links: that is read here, with every offset
 * checked, each object once, in memory of a fixed size.
 *
 * Reference: HDF5 File Format Specification, version 3.0: superblock II.A,
 * B-trees III.A, symbol tables III.B and III.C, heaps III.D, III.E, III.G,
 * object headers IV.A.
 */
#ifndef FORMAT_H5_FILE_H
#define FORMAT_H5_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "byte/cursor.h"
#include "byte/source.h"
#include "model/format.h"

enum {
	/* The longest attribute or header block that is read whole: a
	 * model_config of a thousand layers has a megabyte. */
	H5_BLOCK_MAX = 8 << 20,
};

/* What is still to be looked at. */
enum h5_task_kind { H5_OBJECT, H5_TREE };

struct h5_task {
	enum h5_task_kind kind;
	uint64_t at;
	uint64_t heap; /* of a tree: where its names are */
};

/* What is known of an object's data, if it has any. */
struct h5_set {
	unsigned class; /* of its type */
	uint32_t size;  /* bytes of an element */
	unsigned layout;
	bool known;             /* it has a layout that is read */
	bool deflated, strange; /* how its chunks are packed */
	unsigned dimensions;    /* of chunks, and one for the element */
	unsigned chunks;        /* looked at so far */
	uint64_t at, bytes;     /* where it is: data, or a tree of chunks */
	struct buf compact;     /* data in the header itself */
};

struct h5 {
	struct visit *v;
	struct source s; /* from the superblock on: addresses count there */
	uint64_t base;   /* where that is in what is walked */
	unsigned offset; /* bytes of an address: 2, 4 or 8 */
	unsigned length; /* bytes of a length */
	uint64_t root;
	bool broken;        /* something could not be followed */
	bool unfollowed;    /* something that was referred to is not there */
	bool keras;         /* a model's configuration was found */
	struct buf header;  /* the block of an object header */
	struct buf block;   /* a node of a tree or heap, an attribute */
	struct buf dense;   /* an attribute that came out of a heap */
	struct buf global;  /* the last collection of the global heap, ... */
	uint64_t global_at; /* ... and its address */
	struct h5_set set;  /* of the object at hand */
	struct buf value;   /* what an attribute refers to */
	struct h5_task *tasks;
	size_t task_count, task_room;
	uint64_t *seen; /* addresses + 1, by hash */
	size_t seen_count, seen_room;
};

/* Find the superblock at 0, 512, 1024, ...: its place. ERR_SHORT: none. */
MUST_USE enum err h5_find(const struct source *s, uint64_t *at);

/* Read the superblock. ERR_MALFORMED, ERR_UNSUPPORTED, ERR_SHORT. */
MUST_USE enum err h5_begin(
    struct h5 *h, struct visit *v, const struct source *s, uint64_t at);
void h5_free(struct h5 *h);

/* An address, a length. HDF5's "undefined" is UINT64_MAX. */
uint64_t h5_address(const struct h5 *h, struct cursor *c);
uint64_t h5_size(const struct h5 *h, struct cursor *c);

/* Read n bytes at an address into to. ERR_SHORT outside of the file,
 * ERR_LIMIT above H5_BLOCK_MAX. */
MUST_USE enum err h5_read(
    struct h5 *h, uint64_t at, uint64_t n, struct buf *to);

/* Look at this later, unless it was. ERR_NOMEM, ERR_LIMIT (budget). */
MUST_USE enum err h5_push(struct h5 *h, const struct h5_task *task);
bool h5_pop(struct h5 *h, struct h5_task *task);

/* What a reader of messages is told. */
typedef enum err h5_message_fn(
    struct h5 *h, unsigned type, unsigned flags, struct cursor data);

/* Each message of an object header and its continuations. */
MUST_USE enum err h5_messages(struct h5 *h, uint64_t at, h5_message_fn *each);

/* A symbol table's tree: its names are in the local heap at heap. */
MUST_USE enum err h5_tree(struct h5 *h, const struct h5_task *tree);

/* Each object of a fractal heap that the version 2 B-tree at index names, and
 * each huge one.  id_at: where in its records the heap's id stands. */
typedef enum err h5_dense_fn(struct h5 *h, struct cursor data);
MUST_USE enum err h5_dense(struct h5 *h, uint64_t heap, uint64_t index,
    unsigned id_at, h5_dense_fn *each);

/* An object of the global heap, into h->value. */
MUST_USE enum err h5_global(struct h5 *h, uint64_t heap, uint32_t index);

/* A name in a local heap, into h->value. */
MUST_USE enum err h5_local(struct h5 *h, uint64_t heap, uint64_t offset);

/* Before an object's messages, for some of them, and behind them: what its data
 * is, and whether it is a pickle. ERR_NOMEM, ERR_LIMIT and errors of reading.
 */
void h5_data_begin(struct h5 *h);
void h5_data_type(struct h5 *h, struct cursor c);
void h5_data_filters(struct h5 *h, struct cursor c);
MUST_USE enum err h5_data_layout(struct h5 *h, struct cursor c);
MUST_USE enum err h5_data_judge(struct h5 *h);

/* Could a text or bytes that begin so be what loaders take them for? */
bool h5_text_front(const uint8_t *s, size_t n);

/* Hand a text or bytes to the engine if they matter, under a name; or each of
 * those that elements of variable length refer to. */
MUST_USE enum err h5_text(
    struct h5 *h, const char *name, size_t name_size, struct cursor text);
MUST_USE enum err h5_references(
    struct h5 *h, const char *name, size_t name_size, struct cursor refs);

/* Of what is broken: hand whatever begins like a model's JSON to the engine,
 * the few first times. */
MUST_USE enum err h5_search(struct visit *v, const struct source *s);

#endif /* FORMAT_H5_FILE_H */
